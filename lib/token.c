// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

static int make(int key, uint32_t alg, uint32_t flags, const void *material, size_t len, uint8_t *token)
{
	struct mhsm_ioc_token io = {
		.size = sizeof(io),
		.alg = alg,
		.flags = flags,
		.key_len = len,
		.material = mhsm_ptr(material),
	};
	int ret;

	if (!token || len > UINT32_MAX)
		return -EINVAL;
	ret = mhsm_call(key, MHSM_IOC_TOKEN, &io);
	if (ret < 0)
		return ret;
	memcpy(token, io.token, sizeof(io.token));
	return 0;
}

int mhsm_token_create(int key, uint32_t alg, size_t len, uint8_t token[MHSM_TOKEN_LEN])
{
	return make(key, alg, 0, NULL, len, token);
}

int mhsm_token_import(int key, uint32_t alg, const void *material, size_t len, uint8_t token[MHSM_TOKEN_LEN])
{
	if (!material)
		return -EINVAL;
	return make(key, alg, 0, material, len, token);
}

/* formats.md, "Volume token" */
enum { AT_VERSION = 4, AT_ALG = 5, AT_LEN = 6, AT_DOMAIN = 8, AT_KEK = 24 };

int mhsm_token_info(const uint8_t token[MHSM_TOKEN_LEN], struct mhsm_token_info *info)
{
	if (!token || !info)
		return -EINVAL;
	if (memcmp(token, "mhT1", AT_VERSION) || token[AT_VERSION] != 1)
		return -EBADMSG;
	info->alg = token[AT_ALG];
	info->key_len = token[AT_LEN];
	memcpy(info->domain, token + AT_DOMAIN, MHSM_ID_LEN);
	memcpy(info->kek, token + AT_KEK, MHSM_ID_LEN);
	return 0;
}

int mhsm_token_rewrap(int key, const uint8_t old[MHSM_TOKEN_LEN], uint8_t token[MHSM_TOKEN_LEN])
{
	struct mhsm_token_info info;
	int ret = mhsm_token_info(old, &info);

	return ret ? ret : make(key, info.alg, MHSM_TOKEN_REWRAP, old, MHSM_TOKEN_LEN, token);
}
