// SPDX-License-Identifier: GPL-2.0-only
/* Elliptic-curve keys: ECDSA on P-256 */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/domain.h"
#include "kmod/pk/p256.h"
#include "kmod/prim.h"

#define TRIES 8 /* of drawing a nonce: one in 2^255 fails */

static size_t ec_secret_len(u32 param)
{
	return param == MHSM_CURVE_P256 ? 32 : 0;
}

static int ec_sign(struct mhsm_key *key, u32 alg, const u8 *digest, size_t digest_len, u8 *sig)
{
	u8 k[40], blind[32];
	unsigned int i;
	int ret;

	if (alg != MHSM_ALG_ES256)
		return -EOPNOTSUPP;
	if (digest_len != 32)
		return -EINVAL;
	ret = -EAGAIN;
	for (i = 0; i < TRIES && ret == -EAGAIN; i++) {
		ret = mhsm_prim_random(k, sizeof(k));
		if (!ret)
			ret = mhsm_prim_random(blind, sizeof(blind));
		if (!ret)
			ret = mhsm_p256_sign(sig, key->secret.data, digest, digest_len, k, blind);
	}
	memzero_explicit(k, sizeof(k));
	memzero_explicit(blind, sizeof(blind));
	return ret == -EAGAIN ? -EIO : ret;
}

static int ec_verify(struct mhsm_key *key, u32 alg, const u8 *digest, size_t digest_len, const u8 *sig)
{
	if (alg != MHSM_ALG_ES256)
		return -EOPNOTSUPP;
	if (digest_len != 32)
		return -EINVAL;
	return mhsm_p256_verify(key->public, digest, digest_len, sig);
}

/* FIPS 140-3 IG 10.3.A: a new pair must verify what it signs, or the module is out of order. */
static int pairwise_test(struct mhsm_key *key)
{
	static const u8 digest[32] = { 1 };
	u8 sig[64];
	int ret;

	ret = ec_sign(key, MHSM_ALG_ES256, digest, sizeof(digest), sig);
	if (!ret)
		ret = ec_verify(key, MHSM_ALG_ES256, digest, sizeof(digest), sig);
	if (ret) {
		mhsm_domain_fail(key->domain, "pairwise consistency of P-256");
		ret = -ENOTRECOVERABLE;
	}
	return ret;
}

static int ec_generate(struct mhsm_key *key)
{
	u8 rnd[40];
	int ret;

	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_p256_keygen(key->secret.data, key->public, rnd);
	memzero_explicit(rnd, sizeof(rnd));
	key->public_len = 64;
	return ret ? ret : pairwise_test(key);
}

static int ec_check(struct mhsm_key *key)
{
	u8 public[64];

	if (key->public_len != sizeof(public) || mhsm_p256_public(public, key->secret.data) ||
	    memcmp(public, key->public, sizeof(public)))
		return -EBADMSG;
	return 0;
}

/* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 04 || x || y } }: RFC 5480 section 2 */
static const u8 spki_head[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
	0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};

static int ec_public(const struct mhsm_key *key, u8 *out, u32 *len)
{
	u32 room = *len;

	*len = sizeof(spki_head) + sizeof(key->public);
	if (room < *len)
		return -ERANGE;
	memcpy(out, spki_head, sizeof(spki_head));
	memcpy(out + sizeof(spki_head), key->public, sizeof(key->public));
	return 0;
}

const struct mhsm_mech mhsm_mech_ec = {
	.type = MHSM_KEY_EC,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = ec_secret_len,
	.generate = ec_generate,
	.check = ec_check,
	.public = ec_public,
	.sign = ec_sign,
	.verify = ec_verify,
};
