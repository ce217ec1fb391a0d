// SPDX-License-Identifier: GPL-2.0-only
/* RSA keys: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017), see mech_rsa.h */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/mech_rsa.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"
#include "kmod/pk/rsa_key.h"
#include "kmod/pk/rsa_private.h"
#include "kmod/prim.h"

#define MODULUS_MAX 512

static const u8 exponent[] = { 1, 0, 1 };

static int hash_bytes(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	const struct mhsm_part part = { in, in_len };

	return mhsm_prim_hash(*(const enum mhsm_hash *)ctx, &part, 1, out);
}

static struct mhsm_pk_hash pk_hash(enum mhsm_hash *hash)
{
	return (struct mhsm_pk_hash){ .len = mhsm_prim_hash_len(*hash), .digest = hash_bytes, .ctx = hash };
}

/* Between the steps of what takes milliseconds */
static int relax_step(void *ctx)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static const struct mhsm_pk_relax relax = { .step = relax_step };

static int random_bytes(void *ctx, u8 *out, size_t len)
{
	return mhsm_prim_random(out, len);
}

static const struct mhsm_pk_random random = { .bytes = random_bytes };

/* --- signatures ----------------------------------------------------------------------------------------------- */

static int encode(u8 *em, size_t em_len, enum mhsm_scheme scheme, enum mhsm_hash hash, const u8 *digest)
{
	size_t len = mhsm_prim_hash_len(hash), info_len;
	u8 salt[MHSM_HASH_MAX], info[MHSM_PKCS1_INFO_MAX];
	struct mhsm_pk_hash h = pk_hash(&hash);
	int ret;

	if (scheme == MHSM_SCHEME_PKCS1) {
		ret = mhsm_pkcs1_info(info, &info_len, digest, len);
		return ret ? ret : mhsm_pkcs1_sign_encode(em, em_len, info, info_len);
	}
	ret = mhsm_prim_random(salt, len);
	return ret ? ret : mhsm_pss_encode(em, em_len, digest, salt, len, &h, &h);
}

int mhsm_rsa_sign(const u8 *n, size_t n_len, const u8 *secret, enum mhsm_scheme scheme, enum mhsm_hash hash,
		  const u8 *digest, u8 *sig)
{
	size_t half = n_len / 2;
	const struct mhsm_rsa_key key = {
		.n_len = n_len,
		.n = n,
		.p = secret,
		.q = secret + half,
		.dp = secret + 2 * half,
		.dq = secret + 3 * half,
		.qinv = secret + 4 * half,
	};
	struct {
		struct mhsm_rsa_private_scratch scratch;
		u8 em[MODULUS_MAX];
		u8 rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];
	} *work;
	int ret;

	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	ret = encode(work->em, n_len, scheme, hash, digest);
	if (!ret)
		ret = mhsm_prim_random(work->rnd, sizeof(work->rnd));
	if (!ret)
		ret = mhsm_rsa_private(sig, &key, work->em, work->rnd, &relax, &work->scratch);
	kvfree_sensitive(work, sizeof(*work));
	return ret;
}

int mhsm_rsa_verify(const u8 *n, size_t n_len, enum mhsm_scheme scheme, enum mhsm_hash hash, const u8 *digest,
		    const u8 *sig)
{
	struct mhsm_pk_hash h = pk_hash(&hash);
	u8 info[MHSM_PKCS1_INFO_MAX];
	size_t info_len;
	struct {
		struct mhsm_rsa_scratch scratch;
		u8 em[MODULUS_MAX];
	} *work;
	int ret;

	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	ret = mhsm_rsa_public(work->em, n, n_len, exponent, sizeof(exponent), sig, &work->scratch);
	if (ret == -EINVAL)
		ret = -EBADMSG; /* not below n */
	if (!ret && scheme == MHSM_SCHEME_PSS) {
		ret = mhsm_pss_verify(work->em, n_len, digest, h.len, &h, &h);
	} else if (!ret) {
		ret = mhsm_pkcs1_info(info, &info_len, digest, h.len);
		if (!ret)
			ret = mhsm_pkcs1_sign_check(work->em, n_len, info, info_len);
	}
	kvfree(work);
	return ret;
}

/* --- the mechanism -------------------------------------------------------------------------------------------- */

static size_t rsa_secret_len(u32 param)
{
	return param == 2048 || param == 3072 || param == 4096 ? MHSM_RSA_SECRET_LEN(param / 8) : 0;
}

static size_t rsa_sig_len(const struct mhsm_key *key)
{
	return key->param / 8;
}

static int rsa_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *digest, size_t digest_len, u8 *sig)
{
	return mhsm_rsa_sign(key->public, key->public_len, key->secret.data, alg->scheme, alg->hash, digest, sig);
}

static int rsa_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *digest, size_t digest_len,
		      const u8 *sig)
{
	return mhsm_rsa_verify(key->public, key->public_len, alg->scheme, alg->hash, digest, sig);
}

/* The secret is put together of what the arithmetic gives apart. */
static int take_numbers(struct mhsm_key *key, const struct mhsm_rsa_numbers *k, size_t n_len)
{
	const u8 *const parts[] = { k->p, k->q, k->dp, k->dq, k->qinv };
	size_t half = n_len / 2, i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		memcpy(key->secret.data + i * half, parts[i], half);
	return mhsm_key_set_public(key, k->n, n_len);
}

static int rsa_generate(struct mhsm_key *key)
{
	size_t n_len = key->param / 8;
	struct {
		struct mhsm_rsa_key_scratch scratch;
		struct mhsm_rsa_numbers numbers;
	} *work;
	int ret;

	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	ret = mhsm_rsa_generate(&work->numbers, n_len, &random, &relax, &work->scratch);
	if (!ret)
		ret = take_numbers(key, &work->numbers, n_len);
	kvfree_sensitive(work, sizeof(*work));
	return ret ? ret : mhsm_mech_pairwise_test(key, MHSM_ALG_PS256);
}

/* Is @k what the key holds? */
static bool same_numbers(const struct mhsm_key *key, const struct mhsm_rsa_numbers *k, size_t n_len)
{
	const u8 *const parts[] = { k->p, k->q, k->dp, k->dq, k->qinv };
	size_t half = n_len / 2, i;
	bool differ;

	differ = mhsm_prim_differ(key->public, k->n, n_len);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		differ |= mhsm_prim_differ(key->secret.data + i * half, parts[i], half);
	return !differ;
}

/*
 * That all follows from p and q. Not that these are primes, which takes longer than loading may: the seal says that this
 * module made them.
 */
static int rsa_check(struct mhsm_key *key)
{
	size_t n_len = key->param / 8;
	struct {
		struct mhsm_rsa_key_scratch scratch;
		struct mhsm_rsa_numbers numbers;
	} *work;
	int ret;

	if (key->public_len != n_len)
		return -EBADMSG;
	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	ret = mhsm_rsa_key_complete(&work->numbers, n_len, key->secret.data, key->secret.data + n_len / 2,
				    &work->scratch);
	if (!ret && !same_numbers(key, &work->numbers, n_len))
		ret = -EINVAL;
	kvfree_sensitive(work, sizeof(*work));
	return ret ? -EBADMSG : 0;
}

const struct mhsm_mech mhsm_mech_rsa = {
	.type = MHSM_KEY_RSA,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.default_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = rsa_secret_len,
	.generate = rsa_generate,
	.check = rsa_check,
	.sig_len = rsa_sig_len,
	.sign = rsa_sign,
	.verify = rsa_verify,
};
