// SPDX-License-Identifier: GPL-2.0-only
/* Sealing: see seal.h */
#include "kmod/kdf.h"
#include "kmod/prim.h"
#include "kmod/seal.h"

#define LABEL "mhsm record v1"
#define TAG 16

/* One record, one key: the salt is fresh, so the IV may be constant. */
static const u8 zero_iv[12];

static int record_key(u8 key[32], const u8 *root, const u8 salt[16])
{
	return mhsm_kdf_sp800108(MHSM_SHA512, key, 32, root, MHSM_SEAL_ROOT_LEN, LABEL, sizeof(LABEL) - 1, salt, 16);
}

int mhsm_seal_make(const u8 root[MHSM_SEAL_ROOT_LEN], struct mhsm_record *r, const u8 *secret, u8 *out)
{
	u8 key[32];
	size_t h;
	int ret;

	ret = mhsm_prim_random(r->salt, sizeof(r->salt));
	if (ret)
		return ret;
	h = mhsm_record_encode(r, out);
	ret = record_key(key, root, r->salt);
	if (ret)
		goto wipe;
	if (r->secret_len)
		memcpy(out + h, secret, r->secret_len);
	ret = mhsm_prim_gcm_seal(key, sizeof(key), zero_iv, out, h, out + h, r->secret_len, out + h + r->secret_len);
	if (ret)
		memzero_explicit(out + h, r->secret_len);
wipe:
	memzero_explicit(key, sizeof(key));
	return ret;
}

int mhsm_seal_open(const u8 root[MHSM_SEAL_ROOT_LEN], const u8 *in, size_t len, struct mhsm_record *r, u8 *secret)
{
	u8 key[32], *buf = NULL;
	const u8 *ct;
	int ret;

	ret = mhsm_record_decode(r, in, len);
	if (ret)
		return ret;
	ct = in + r->header_len;
	ret = record_key(key, root, r->salt);
	if (ret)
		goto wipe;
	buf = mhsm_env_alloc(r->secret_len + 1);
	ret = buf ? 0 : -ENOMEM;
	if (ret)
		goto wipe;
	memcpy(buf, ct, r->secret_len);
	ret = mhsm_prim_gcm_open(key, sizeof(key), zero_iv, in, r->header_len, buf, r->secret_len, ct + r->secret_len);
	if (!ret && secret)
		memcpy(secret, buf, r->secret_len);
wipe:
	mhsm_env_free(buf, r->secret_len + 1);
	memzero_explicit(key, sizeof(key));
	return ret;
}
