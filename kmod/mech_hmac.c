// SPDX-License-Identifier: GPL-2.0-only
/*
 * HMAC keys: a generic secret, FIPS 198-1, that keys are derived from too (kdf.h). The key is nowhere but in its pages, and
 * on the stack while it is used.
 */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/prim.h"

#define BITS_MIN 160
#define BITS_MAX 512

static size_t hmac_secret_len(u32 param)
{
	return param >= BITS_MIN && param <= BITS_MAX && param % 8 == 0 ? param / 8 : 0;
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

const struct mhsm_mech mhsm_mech_hmac = {
	.type = MHSM_KEY_HMAC,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY | MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS,
	.raw = true,
	.default_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = hmac_secret_len,
	.generate = mhsm_mech_raw_generate,
	.import = mhsm_mech_raw_import,
	.check = mhsm_mech_raw_check,
	.sig_len = hmac_sig_len,
	.sign = hmac_sign,
	.verify = mhsm_mech_mac_verify,
};
