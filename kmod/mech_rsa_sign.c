// SPDX-License-Identifier: GPL-2.0-only
/* RSA signatures, and the public operation (RFC 8017 sections 5.1.1, 5.2.2): see mech_rsa.h */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech_rsa.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"
#include "kmod/pk/rsa.h"
#include "kmod/prim.h"

const u8 mhsm_rsa_exponent[3] = { 1, 0, 1 };

/* Between the steps of what takes milliseconds */
static int relax_step(void *ctx)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

const struct mhsm_pk_relax mhsm_rsa_relax = { .step = relax_step };

static int random_bytes(void *ctx, u8 *out, size_t len)
{
	return mhsm_prim_random(out, len);
}

const struct mhsm_pk_random mhsm_rsa_random = { .bytes = random_bytes };

static int hash_bytes(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	const struct mhsm_part part = { in, in_len };

	return mhsm_prim_hash(*(const enum mhsm_hash *)ctx, &part, 1, out);
}

struct mhsm_pk_hash mhsm_rsa_hash(enum mhsm_hash *hash)
{
	return (struct mhsm_pk_hash){ .len = mhsm_prim_hash_len(*hash), .digest = hash_bytes, .ctx = hash };
}

int mhsm_rsa_public_power(const struct mhsm_rsa_ref *ref, u8 *io)
{
	struct mhsm_rsa_scratch *scratch;
	int ret;

	scratch = kvmalloc(sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	ret = mhsm_rsa_public(io, ref->n, ref->n_len, mhsm_rsa_exponent, sizeof(mhsm_rsa_exponent), io, scratch);
	kvfree(scratch);
	return ret;
}

/* What PKCS#1 v1.5 pads: of a digest the DigestInfo, which needs the room at @info; of RSNULL the bytes themselves */
static int pkcs1_content(const struct mhsm_sigalg *alg, const u8 **in, size_t *in_len, u8 info[MHSM_PKCS1_INFO_MAX])
{
	int ret;

	if (alg->scheme == MHSM_SCHEME_RAW)
		return 0;
	ret = mhsm_pkcs1_info(info, in_len, *in, *in_len);
	*in = info;
	return ret;
}

static int encode(u8 *em, size_t em_len, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len)
{
	u8 salt[MHSM_HASH_MAX], info[MHSM_PKCS1_INFO_MAX];
	enum mhsm_hash hash = alg->hash;
	struct mhsm_pk_hash h = mhsm_rsa_hash(&hash);
	int ret;

	if (alg->scheme != MHSM_SCHEME_PSS) {
		ret = pkcs1_content(alg, &in, &in_len, info);
		return ret ? ret : mhsm_pkcs1_sign_encode(em, em_len, in, in_len);
	}
	ret = mhsm_prim_random(salt, h.len);
	return ret ? ret : mhsm_pss_encode(em, em_len, in, salt, h.len, &h, &h);
}

int mhsm_rsa_sign(const struct mhsm_rsa_ref *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig)
{
	u8 *em = kmalloc(MHSM_RSA_MAX, GFP_KERNEL);
	int ret;

	if (!em)
		return -ENOMEM;
	ret = encode(em, key->n_len, alg, in, in_len);
	if (!ret)
		ret = mhsm_rsa_power(key, em);
	if (!ret)
		memcpy(sig, em, key->n_len);
	kfree_sensitive(em);
	return ret;
}

int mhsm_rsa_verify(const struct mhsm_rsa_ref *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len,
		    const u8 *sig)
{
	u8 info[MHSM_PKCS1_INFO_MAX], *em;
	enum mhsm_hash hash = alg->hash;
	struct mhsm_pk_hash h = mhsm_rsa_hash(&hash);
	int ret;

	em = kmemdup(sig, key->n_len, GFP_KERNEL);
	if (!em)
		return -ENOMEM;
	ret = mhsm_rsa_public_power(key, em);
	if (ret == -EINVAL)
		ret = -EBADMSG; /* not below n */
	if (!ret && alg->scheme == MHSM_SCHEME_PSS) {
		ret = mhsm_pss_verify(em, key->n_len, in, h.len, &h, &h);
	} else if (!ret) {
		ret = pkcs1_content(alg, &in, &in_len, info);
		if (!ret)
			ret = mhsm_pkcs1_sign_check(em, key->n_len, in, in_len);
	}
	kfree(em);
	return ret;
}
