// SPDX-License-Identifier: GPL-2.0-only
/* The padding of block ciphers: see padding.h */
#include "kmod/padding.h"

void mhsm_padding_add(u8 block[MHSM_PADDING_BLOCK], size_t len)
{
	memset(block + len, (int)(MHSM_PADDING_BLOCK - len), MHSM_PADDING_BLOCK - len);
}

u32 mhsm_padding_len(const u8 block[MHSM_PADDING_BLOCK])
{
	u32 n = block[MHSM_PADDING_BLOCK - 1], wrong, i;

	/* 0, or more than a block */
	wrong = mhsm_env_mask(n - 1) | mhsm_env_mask(MHSM_PADDING_BLOCK - n);
	/* Of the last n bytes, each is n. */
	for (i = 0; i < MHSM_PADDING_BLOCK; i++)
		wrong |= mhsm_env_mask(i - n) & (block[MHSM_PADDING_BLOCK - 1 - i] ^ n);
	return n & ~mhsm_env_mask(wrong | (0 - wrong));
}
