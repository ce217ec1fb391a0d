// SPDX-License-Identifier: GPL-2.0-only
/* The list of inner algorithms: see inner.h */
#include <linux/kernel.h>
#include <linux/string.h>

#include "kmod/crypto_api/inner.h"
#include "uapi/mhsm.h"

static const struct mhsm_inner inners[] = {
	{ "xts(aes)", MHSM_TOKEN_XTS_AES, 64 },
	{ "cbc(aes)", MHSM_TOKEN_CBC_AES, 32 },
	{ "ctr(aes)", MHSM_TOKEN_CTR_AES, 32 },
	{ "gcm(aes)", MHSM_TOKEN_GCM_AES, 32 },
	{ "ccm(aes)", MHSM_TOKEN_CCM_AES, 32 },
	{ "rfc4106(gcm(aes))", MHSM_TOKEN_RFC4106_GCM_AES, 36 },
	{ "hmac(sha256)", MHSM_TOKEN_HMAC_SHA256, 64 },
	{ "hmac(sha384)", MHSM_TOKEN_HMAC_SHA384, 64 },
	{ "hmac(sha512)", MHSM_TOKEN_HMAC_SHA512, 64 },
	{ "cmac(aes)", MHSM_TOKEN_CMAC_AES, 32 },
	{ "adiantum(xchacha12,aes)", MHSM_TOKEN_ADIANTUM_XCHACHA12, 32 },
	{ "adiantum(xchacha20,aes)", MHSM_TOKEN_ADIANTUM_XCHACHA20, 32 },
};

const struct mhsm_inner *mhsm_inner_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(inners); i++)
		if (!strcmp(inners[i].name, name))
			return &inners[i];
	return NULL;
}

const struct mhsm_inner *mhsm_inner_by_token(u32 token_alg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(inners); i++)
		if (inners[i].token_alg == token_alg)
			return &inners[i];
	return NULL;
}
