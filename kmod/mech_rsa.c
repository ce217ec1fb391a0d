// SPDX-License-Identifier: GPL-2.0-only
/* RSA keys (RFC 8017): made, imported, loaded. What they do is in mech_rsa_sign.c and mech_rsa_crypt.c. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/mech_rsa.h"
#include "kmod/pk/rsa_key.h"
#include "kmod/pkcs8.h"
#include "kmod/prim.h"

static size_t rsa_secret_len(u32 param)
{
	return param == 2048 || param == 3072 || param == 4096 ? MHSM_RSA_SECRET_LEN(param / 8) : 0;
}

static size_t rsa_sig_len(const struct mhsm_key *key, const struct mhsm_sigalg *alg)
{
	return key->param / 8;
}

static struct mhsm_rsa_ref rsa_ref(const struct mhsm_key *key)
{
	return (struct mhsm_rsa_ref){ .n = key->public, .n_len = key->public_len, .secret = key->secret.data };
}

static int rsa_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig)
{
	const struct mhsm_rsa_ref ref = rsa_ref(key);

	return mhsm_rsa_sign(&ref, alg, in, in_len, sig);
}

static int rsa_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, const u8 *sig)
{
	const struct mhsm_rsa_ref ref = rsa_ref(key);

	return mhsm_rsa_verify(&ref, alg, in, in_len, sig);
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
	ret = mhsm_rsa_generate(&work->numbers, n_len, &mhsm_rsa_random, &mhsm_rsa_relax, &work->scratch);
	if (!ret)
		ret = take_numbers(key, &work->numbers, n_len);
	kvfree_sensitive(work, sizeof(*work));
	return ret ? ret : mhsm_mech_pairwise_test(key, MHSM_ALG_PS256);
}

/* Takes a number of at most @len bytes, to @len. */
static void take_padded(u8 *to, size_t len, const struct mhsm_pkcs8_part *from)
{
	memset(to, 0, len - from->len);
	memcpy(to + len - from->len, from->p, from->len);
}

static int check_imported(const struct mhsm_rsa_numbers *k, size_t n_len, const struct mhsm_pkcs8_part *d,
			  struct mhsm_rsa_key_scratch *scratch)
{
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(k, n_len);
	int ret;

	ret = mhsm_rsa_key_check_exponent(&key, d->p, d->len, scratch);
	if (!ret)
		ret = mhsm_rsa_key_check(&key, MHSM_RSA_CHECK_ROUNDS, &mhsm_rsa_random, &mhsm_rsa_relax, scratch);
	return ret == -EINVAL ? -EKEYREJECTED : ret;
}

static int rsa_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	size_t n_len = key->param / 8, half = n_len / 2;
	struct {
		struct mhsm_rsa_key_scratch scratch;
		struct mhsm_rsa_numbers numbers;
	} *work;
	struct mhsm_pkcs8 k;
	int ret;

	ret = mhsm_mech_pkcs8(key, &k, material, len);
	if (ret)
		return ret;
	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	take_padded(work->numbers.n, n_len, &k.public);
	take_padded(work->numbers.p, half, &k.p);
	take_padded(work->numbers.q, half, &k.q);
	take_padded(work->numbers.dp, half, &k.dp);
	take_padded(work->numbers.dq, half, &k.dq);
	take_padded(work->numbers.qinv, half, &k.qinv);
	ret = check_imported(&work->numbers, n_len, &k.d, &work->scratch);
	if (!ret)
		ret = take_numbers(key, &work->numbers, n_len);
	kvfree_sensitive(work, sizeof(*work));
	return ret ? ret : mhsm_mech_pairwise_test(key, MHSM_ALG_PS256);
}

/*
 * That all follows from p and q. Not that these are primes, which takes longer than loading may: the seal says that this
 * module made or tested them.
 */
static int rsa_check(struct mhsm_key *key)
{
	size_t n_len = key->param / 8;
	const struct mhsm_rsa_key k = mhsm_rsa_key_of(key->public, n_len, key->secret.data);
	struct mhsm_rsa_key_scratch *scratch;
	int ret;

	if (key->public_len != n_len)
		return -EBADMSG;
	scratch = kvmalloc(sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	ret = mhsm_rsa_key_fits(&k, scratch);
	kvfree(scratch); /* it is left wiped */
	return ret ? -EBADMSG : 0;
}

#define OPS (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_SIGN | MHSM_OP_VERIFY | MHSM_OP_WRAP | MHSM_OP_UNWRAP)

const struct mhsm_mech mhsm_mech_rsa = {
	.type = MHSM_KEY_RSA,
	.ops = OPS,
	.default_ops = OPS,
	.secret_len = rsa_secret_len,
	.generate = rsa_generate,
	.import = rsa_import,
	.check = rsa_check,
	.sig_len = rsa_sig_len,
	.sign = rsa_sign,
	.verify = rsa_verify,
};
