// SPDX-License-Identifier: GPL-2.0-only
/* See kdf.h. */
#include "kmod/kdf.h"

static bool out_len_valid(enum mhsm_hash hash, size_t out_len)
{
	return out_len && out_len <= MHSM_KDF_BLOCKS * mhsm_prim_hash_len(hash);
}

int mhsm_kdf_sp800108(enum mhsm_hash hash, u8 *out, size_t out_len, const u8 *key, size_t key_len, const void *label,
		      size_t label_len, const void *context, size_t context_len)
{
	u8 block[MHSM_HASH_MAX], counter[4], bits[4], zero = 0;
	const struct mhsm_part parts[] = {
		{ counter, sizeof(counter) }, { label, label_len }, { &zero, 1 },
		{ context, context_len },     { bits, sizeof(bits) },
	};
	size_t done, n;
	u32 i = 1;
	int ret;

	if (!out_len_valid(hash, out_len))
		return -EINVAL;
	mhsm_env_put_be32(bits, (u32)out_len * 8);
	for (done = 0; done < out_len; done += n) {
		n = out_len - done;
		if (n > mhsm_prim_hash_len(hash))
			n = mhsm_prim_hash_len(hash);
		mhsm_env_put_be32(counter, i++);
		ret = mhsm_prim_hmac(hash, key, key_len, parts, 5, block);
		if (ret)
			goto out_wipe;
		memcpy(out + done, block, n);
	}
	ret = 0;
out_wipe:
	memzero_explicit(block, sizeof(block));
	if (ret)
		memzero_explicit(out, out_len);
	return ret;
}

int mhsm_hkdf_extract(enum mhsm_hash hash, u8 *prk, const u8 *salt, size_t salt_len, const struct mhsm_part *ikm,
		      unsigned int count)
{
	static const u8 zero[MHSM_HASH_MAX];

	if (salt_len == 0) {
		salt = zero;
		salt_len = mhsm_prim_hash_len(hash);
	}
	return mhsm_prim_hmac(hash, salt, salt_len, ikm, count, prk);
}

int mhsm_hkdf_expand(enum mhsm_hash hash, u8 *out, size_t out_len, const u8 *prk, const struct mhsm_part *info,
		     unsigned int count)
{
	struct mhsm_part parts[MHSM_HKDF_PARTS + 2];
	u8 t[MHSM_HASH_MAX], counter;
	size_t len = mhsm_prim_hash_len(hash), done, n;
	unsigned int i;
	int ret;

	if (!out_len_valid(hash, out_len) || count > MHSM_HKDF_PARTS)
		return -EINVAL;
	parts[0].p = t;
	parts[0].n = 0; /* T(0) is empty */
	for (i = 0; i < count; i++)
		parts[i + 1] = info[i];
	parts[count + 1].p = &counter;
	parts[count + 1].n = 1;
	counter = 1;
	for (done = 0; done < out_len; done += n) {
		n = out_len - done;
		if (n > len)
			n = len;
		ret = mhsm_prim_hmac(hash, prk, len, parts, count + 2, t);
		if (ret)
			goto out_wipe;
		memcpy(out + done, t, n);
		parts[0].n = len;
		counter++;
	}
	ret = 0;
out_wipe:
	memzero_explicit(t, sizeof(t));
	if (ret)
		memzero_explicit(out, out_len);
	return ret;
}
