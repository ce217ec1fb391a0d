// SPDX-License-Identifier: GPL-2.0-only
/* Signature algorithms by the names of RFC 7518, 8037 and 8812, or PKCS #11. */
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

/* The first that fits a key is its usual one. */
static const struct sigalg algs[] = {
	{ "ES256", MHSM_ALG_ES256, MHSM_KEY_EC, MHSM_CURVE_P256, "SHA256", 64 },
	{ "ES384", MHSM_ALG_ES384, MHSM_KEY_EC, MHSM_CURVE_P384, "SHA384", 96 },
	{ "ES512", MHSM_ALG_ES512, MHSM_KEY_EC, MHSM_CURVE_P521, "SHA512", 132 },
	{ "ES256K", MHSM_ALG_ES256K, MHSM_KEY_EC, MHSM_CURVE_P256K, "SHA256", 64 },
	{ "EdDSA", MHSM_ALG_EDDSA, MHSM_KEY_OKP, MHSM_CURVE_ED25519, NULL, 64 },
	{ "PS256", MHSM_ALG_PS256, MHSM_KEY_RSA, 0, "SHA256", 0 },
	{ "PS384", MHSM_ALG_PS384, MHSM_KEY_RSA, 0, "SHA384", 0 },
	{ "PS512", MHSM_ALG_PS512, MHSM_KEY_RSA, 0, "SHA512", 0 },
	{ "RS256", MHSM_ALG_RS256, MHSM_KEY_RSA, 0, "SHA256", 0 },
	{ "RS384", MHSM_ALG_RS384, MHSM_KEY_RSA, 0, "SHA384", 0 },
	{ "RS512", MHSM_ALG_RS512, MHSM_KEY_RSA, 0, "SHA512", 0 },
	{ "RSNULL", MHSM_ALG_RSNULL, MHSM_KEY_RSA, 0, NULL, 0 }, /* as they are */
	{ "HS256", MHSM_ALG_HS256, MHSM_KEY_HMAC, 0, NULL, 32 },
	{ "HS384", MHSM_ALG_HS384, MHSM_KEY_HMAC, 0, NULL, 48 },
	{ "HS512", MHSM_ALG_HS512, MHSM_KEY_HMAC, 0, NULL, 64 },
	{ "CKM_AES_CMAC", MHSM_ALG_AES_CMAC, MHSM_KEY_AES, 0, NULL, 16 },
};

const struct sigalg *sigalg_find(const char *name, uint32_t type, uint32_t param)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (algs[i].type == type && (!algs[i].param || algs[i].param == param) &&
		    (!name || !strcmp(name, algs[i].name)))
			return &algs[i];
	return NULL;
}
