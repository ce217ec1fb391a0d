// SPDX-License-Identifier: GPL-2.0-only
/* The tables of algorithms: see alg.h */
#include <linux/kernel.h>

#include "kmod/alg.h"

#define EC(alg, curve, hash) { alg, MHSM_KEY_EC, curve, MHSM_SCHEME_ECDSA, hash }
#define RSA(alg, scheme, hash) { alg, MHSM_KEY_RSA, 0, scheme, hash }
#define HMAC(alg, hash) { alg, MHSM_KEY_HMAC, 0, MHSM_SCHEME_MAC, hash }

static const struct mhsm_sigalg algs[] = {
	EC(MHSM_ALG_ES256, MHSM_CURVE_P256, MHSM_SHA256),
	EC(MHSM_ALG_ES384, MHSM_CURVE_P384, MHSM_SHA384),
	EC(MHSM_ALG_ES512, MHSM_CURVE_P521, MHSM_SHA512),
	EC(MHSM_ALG_ES256K, MHSM_CURVE_P256K, MHSM_SHA256),
	{ MHSM_ALG_EDDSA, MHSM_KEY_OKP, MHSM_CURVE_ED25519, MHSM_SCHEME_EDDSA, MHSM_SHA512 },
	RSA(MHSM_ALG_RS256, MHSM_SCHEME_PKCS1, MHSM_SHA256),
	RSA(MHSM_ALG_RS384, MHSM_SCHEME_PKCS1, MHSM_SHA384),
	RSA(MHSM_ALG_RS512, MHSM_SCHEME_PKCS1, MHSM_SHA512),
	RSA(MHSM_ALG_PS256, MHSM_SCHEME_PSS, MHSM_SHA256),
	RSA(MHSM_ALG_PS384, MHSM_SCHEME_PSS, MHSM_SHA384),
	RSA(MHSM_ALG_PS512, MHSM_SCHEME_PSS, MHSM_SHA512),
	RSA(MHSM_ALG_RSNULL, MHSM_SCHEME_RAW, MHSM_SHA256),
	{ MHSM_ALG_AES_CMAC, MHSM_KEY_AES, 0, MHSM_SCHEME_MAC },
	HMAC(MHSM_ALG_HS256, MHSM_SHA256),
	HMAC(MHSM_ALG_HS384, MHSM_SHA384),
	HMAC(MHSM_ALG_HS512, MHSM_SHA512),
};

const struct mhsm_sigalg *mhsm_sigalg_find(u32 alg, u32 type, u32 param)
{
	const struct mhsm_sigalg *a;

	for (a = algs; a < algs + ARRAY_SIZE(algs); a++)
		if (a->alg == alg)
			return a->type == type && (!a->param || a->param == param) ? a : NULL;
	return NULL;
}

static const struct mhsm_kdfalg kdfs[] = {
	{ MHSM_ALG_HKDF_SHA256, false, MHSM_SHA256 },	{ MHSM_ALG_HKDF_SHA384, false, MHSM_SHA384 },
	{ MHSM_ALG_HKDF_SHA512, false, MHSM_SHA512 },	{ MHSM_ALG_KDF_CTR_SHA256, true, MHSM_SHA256 },
	{ MHSM_ALG_KDF_CTR_SHA384, true, MHSM_SHA384 }, { MHSM_ALG_KDF_CTR_SHA512, true, MHSM_SHA512 },
};

const struct mhsm_kdfalg *mhsm_kdfalg_find(u32 alg)
{
	const struct mhsm_kdfalg *k;

	for (k = kdfs; k < kdfs + ARRAY_SIZE(kdfs); k++)
		if (k->alg == alg)
			return k;
	return NULL;
}
