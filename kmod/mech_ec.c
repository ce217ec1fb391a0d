// SPDX-License-Identifier: GPL-2.0-only
/* Elliptic-curve keys: ECDSA and ECDH on the NIST curves and secp256k1 */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/pk/k256.h"
#include "kmod/pk/p256.h"
#include "kmod/pk/p384.h"
#include "kmod/pk/p521.h"
#include "kmod/pkcs8.h"
#include "kmod/prim.h"

#define TRIES 8 /* of drawing a nonce: one in 2^255 fails */
#define LEN_MAX 66 /* bytes of a coordinate or scalar */
#define RANDOM_MAX 80

/* What differs between curves; the functions are those of p256.h, under other names. */
static const struct curve {
	u32 param;
	u32 alg; /* of the pairwise test */
	size_t len; /* bytes of a scalar, a coordinate, the blinding value */
	size_t random; /* bytes that make a uniform scalar */
	int (*keygen)(u8 *priv, u8 *pub, const u8 *rnd);
	int (*public)(u8 *pub, const u8 *priv);
	int (*sign)(u8 *sig, const u8 *priv, const u8 *digest, size_t digest_len, const u8 *k, const u8 *blind);
	int (*verify)(const u8 *pub, const u8 *digest, size_t digest_len, const u8 *sig);
	int (*ecdh)(u8 *x, const u8 *priv, const u8 *pub, const u8 *blind);
} curves[] = {
	{ MHSM_CURVE_P256, MHSM_ALG_ES256, 32, MHSM_P256_RANDOM_BYTES, mhsm_p256_keygen, mhsm_p256_public,
	  mhsm_p256_sign, mhsm_p256_verify, mhsm_p256_ecdh },
	{ MHSM_CURVE_P384, MHSM_ALG_ES384, 48, MHSM_P384_RANDOM_BYTES, mhsm_p384_keygen, mhsm_p384_public,
	  mhsm_p384_sign, mhsm_p384_verify, mhsm_p384_ecdh },
	{ MHSM_CURVE_P521, MHSM_ALG_ES512, 66, MHSM_P521_RANDOM_BYTES, mhsm_p521_keygen, mhsm_p521_public,
	  mhsm_p521_sign, mhsm_p521_verify, mhsm_p521_ecdh },
	{ MHSM_CURVE_P256K, MHSM_ALG_ES256K, 32, MHSM_K256_RANDOM_BYTES, mhsm_k256_keygen, mhsm_k256_public,
	  mhsm_k256_sign, mhsm_k256_verify, mhsm_k256_ecdh },
};

static_assert(MHSM_P521_RANDOM_BYTES <= RANDOM_MAX);

static const struct curve *curve_find(u32 param)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(curves); i++)
		if (curves[i].param == param)
			return &curves[i];
	return NULL;
}

static size_t ec_secret_len(u32 param)
{
	const struct curve *c = curve_find(param);

	return c ? c->len : 0;
}

static size_t ec_sig_len(const struct mhsm_key *key, const struct mhsm_sigalg *alg)
{
	return 2 * curve_find(key->param)->len;
}

static int ec_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *digest, size_t digest_len, u8 *sig)
{
	const struct curve *c = curve_find(key->param);
	u8 k[RANDOM_MAX], blind[LEN_MAX];
	unsigned int i;
	int ret = -EAGAIN;

	for (i = 0; i < TRIES && ret == -EAGAIN; i++) {
		ret = mhsm_prim_random(k, c->random);
		if (!ret)
			ret = mhsm_prim_random(blind, c->len);
		if (!ret)
			ret = c->sign(sig, key->secret.data, digest, digest_len, k, blind);
	}
	memzero_explicit(k, sizeof(k));
	memzero_explicit(blind, sizeof(blind));
	return ret == -EAGAIN ? -EIO : ret;
}

static int ec_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *digest, size_t digest_len,
		     const u8 *sig)
{
	return curve_find(key->param)->verify(key->public, digest, digest_len, sig);
}

/* ecdh() checks the peer's point before anything else; our own scalar was checked when the key was made or loaded. */
static int ec_agree(struct mhsm_key *key, const u8 *peer, u8 *shared)
{
	const struct curve *c = curve_find(key->param);
	u8 blind[LEN_MAX];
	int ret;

	ret = mhsm_prim_random(blind, c->len);
	if (!ret && c->ecdh(shared, key->secret.data, peer, blind))
		ret = -EBADMSG;
	memzero_explicit(blind, sizeof(blind));
	return ret;
}

static int ec_generate(struct mhsm_key *key)
{
	const struct curve *c = curve_find(key->param);
	u8 rnd[RANDOM_MAX], public[2 * LEN_MAX];
	int ret;

	ret = mhsm_prim_random(rnd, c->random);
	if (!ret)
		ret = c->keygen(key->secret.data, public, rnd);
	memzero_explicit(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_key_set_public(key, public, 2 * c->len);
	return ret ? ret : mhsm_mech_pairwise_test(key, c->alg);
}

static int ec_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	const struct curve *c = curve_find(key->param);
	u8 public[2 * LEN_MAX];
	struct mhsm_pkcs8 k;
	int ret;

	ret = mhsm_mech_pkcs8(key, &k, material, len);
	if (ret)
		return ret;
	memcpy(key->secret.data, k.private.p, c->len);
	/* What belongs to the private key is on the curve. */
	if (c->public(public, key->secret.data) || (k.public.len && memcmp(public, k.public.p, 2 * c->len)))
		return -EKEYREJECTED;
	ret = mhsm_key_set_public(key, public, 2 * c->len);
	return ret ? ret : mhsm_mech_pairwise_test(key, c->alg);
}

static int ec_check(struct mhsm_key *key)
{
	const struct curve *c = curve_find(key->param);
	u8 public[2 * LEN_MAX];

	if (key->public_len != 2 * c->len || c->public(public, key->secret.data) ||
	    memcmp(public, key->public, 2 * c->len))
		return -EBADMSG;
	return 0;
}

const struct mhsm_mech mhsm_mech_ec = {
	.type = MHSM_KEY_EC,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY | MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS,
	.default_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = ec_secret_len,
	.generate = ec_generate,
	.import = ec_import,
	.check = ec_check,
	.sig_len = ec_sig_len,
	.sign = ec_sign,
	.verify = ec_verify,
	.agree = ec_agree,
};
