// SPDX-License-Identifier: GPL-2.0-only
/* EME-OAEP encoding. See oaep.h. */
#include "oaep.h"

#define HASH_BYTES MHSM_OAEP_HASH_BYTES

/*
 * MGF1 (RFC 8017 appendix B.2.1), added to what it masks: target ^= mask. 'seed'
 * has room for four bytes more, the counter.
 */
static int mask_mgf1(u8 *target, size_t target_len, u8 *seed, size_t seed_len,
		     mhsm_hash_fn hash, void *ctx)
{
	u8 block[HASH_BYTES];
	size_t done, i;
	u32 counter = 0;
	int ret = 0;

	for (done = 0; done < target_len; done += HASH_BYTES, counter++) {
		seed[seed_len] = (u8)(counter >> 24);
		seed[seed_len + 1] = (u8)(counter >> 16);
		seed[seed_len + 2] = (u8)(counter >> 8);
		seed[seed_len + 3] = (u8)counter;
		ret = hash(ctx, seed, seed_len + 4, block);
		if (ret)
			break;
		for (i = 0; i < HASH_BYTES && i < target_len - done; i++)
			target[done + i] ^= block[i];
	}
	memzero_explicit(block, sizeof(block));
	return ret;
}

int mhsm_oaep_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
		     const u8 seed[32], mhsm_hash_fn hash, void *ctx)
{
	/* the seed, later the masked data block, and a counter */
	u8 mgf_in[MHSM_OAEP_MAX_BYTES - HASH_BYTES - 1 + 4];
	u8 *masked_seed, *db;
	size_t db_len;
	int ret;

	if (em_len < 2 * HASH_BYTES + 2 || em_len > MHSM_OAEP_MAX_BYTES)
		return -EINVAL;
	if (msg_len > em_len - 2 * HASH_BYTES - 2)
		return -EMSGSIZE;
	masked_seed = em + 1;
	db = em + 1 + HASH_BYTES;
	db_len = em_len - 1 - HASH_BYTES;

	/* EM = 00 || seed || DB, DB = Hash("") || 00 .. 00 01 || msg */
	memset(em, 0, em_len);
	memcpy(masked_seed, seed, HASH_BYTES);
	memcpy(mgf_in, seed, HASH_BYTES);
	ret = hash(ctx, mgf_in, 0, db);
	if (ret)
		goto out_wipe;
	em[em_len - msg_len - 1] = 1;
	if (msg_len)
		memcpy(em + em_len - msg_len, msg, msg_len);

	ret = mask_mgf1(db, db_len, mgf_in, HASH_BYTES, hash, ctx);
	if (ret)
		goto out_wipe;
	memcpy(mgf_in, db, db_len);
	ret = mask_mgf1(masked_seed, HASH_BYTES, mgf_in, db_len, hash, ctx);
out_wipe:
	memzero_explicit(mgf_in, sizeof(mgf_in));
	if (ret)
		memzero_explicit(em, em_len);
	return ret;
}
