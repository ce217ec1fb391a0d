// SPDX-License-Identifier: GPL-2.0-only
/* HMAC keys: a generic secret, FIPS 198-1, that keys are derived from too (kdf.h). The key is nowhere but in its pages, and on the stack while it is used. */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/prim.h"

#define BITS_MIN 160
#define BITS_MAX 512

static size_t hmac_secret_len(u32 param)
{
	return param >= BITS_MIN && param <= BITS_MAX && param % 8 == 0 ? param / 8 : 0;
}

static int hmac_generate(struct mhsm_key *key)
{
	return mhsm_prim_random(key->secret.data, key->secret.len);
}

static int hmac_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	if (len != key->secret.len)
		return -EINVAL;
	memcpy(key->secret.data, material, len);
	return 0;
}

static int hmac_check(struct mhsm_key *key)
{
	return key->public_len ? -EBADMSG : 0;
}

static size_t hmac_sig_len(const struct mhsm_key *key, const struct mhsm_sigalg *alg)
{
	return mhsm_prim_hash_len(alg->hash);
}

static int hmac_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len, u8 *mac)
{
	const struct mhsm_part part = { message, len };

	return mhsm_prim_hmac(alg->hash, key->secret.data, key->secret.len, &part, 1, mac);
}

static int hmac_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len,
		       const u8 *mac)
{
	u8 right[MHSM_HASH_MAX];
	int ret = hmac_sign(key, alg, message, len, right);

	if (!ret && mhsm_prim_differ(right, mac, mhsm_prim_hash_len(alg->hash)))
		ret = -EBADMSG;
	memzero_explicit(right, sizeof(right));
	return ret;
}

const struct mhsm_mech mhsm_mech_hmac = {
	.type = MHSM_KEY_HMAC,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY | MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS,
	.raw = true,
	.default_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = hmac_secret_len,
	.generate = hmac_generate,
	.import = hmac_import,
	.check = hmac_check,
	.sig_len = hmac_sig_len,
	.sign = hmac_sign,
	.verify = hmac_verify,
};
