/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash that encodings are given by their caller, and MGF1, which is made of it. */
#ifndef MHSM_PK_HASH_H
#define MHSM_PK_HASH_H

#include "pk_env.h"

#define MHSM_PK_HASH_MAX 64

/*
 * 'digest' writes the len bytes of the digest of in_len bytes (0 included) and returns
 * 0 or a negative errno. The length also says which hash of the SHA family it is: 20,
 * 32, 48 or 64 bytes.
 */
struct mhsm_pk_hash {
	size_t len;
	int (*digest)(void *ctx, const u8 *in, size_t in_len, u8 *out);
	void *ctx;
};

static inline int mhsm_pk_hash(const struct mhsm_pk_hash *hash, const u8 *in,
			       size_t in_len, u8 *out)
{
	return hash->digest(hash->ctx, in, in_len, out);
}

/*
 * MGF1 (RFC 8017 appendix B.2.1), added to what it masks: target ^= mask. 'seed'
 * has room for four bytes more, the counter.
 */
static inline int mhsm_pk_mgf1(u8 *target, size_t target_len, u8 *seed, size_t seed_len,
			       const struct mhsm_pk_hash *hash)
{
	u8 block[MHSM_PK_HASH_MAX];
	size_t done, i;
	u32 counter = 0;
	int ret = 0;

	for (done = 0; done < target_len; done += hash->len, counter++) {
		seed[seed_len] = (u8)(counter >> 24);
		seed[seed_len + 1] = (u8)(counter >> 16);
		seed[seed_len + 2] = (u8)(counter >> 8);
		seed[seed_len + 3] = (u8)counter;
		ret = mhsm_pk_hash(hash, seed, seed_len + 4, block);
		if (ret)
			break;
		for (i = 0; i < hash->len && i < target_len - done; i++)
			target[done + i] ^= block[i];
	}
	memzero_explicit(block, sizeof(block));
	return ret;
}

#endif
