// SPDX-License-Identifier: GPL-2.0-only
/* See kw.h. W and W^-1 are the functions of SP 800-38F section 6.1, with the first semiblock held apart. */
#include "kmod/kw.h"

static const u8 icv1[8] = { 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6 };
#define ICV2 0xa65959a6u

static void xor_counter(u8 a[8], u64 t)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		a[i] ^= (u8)(t >> (56 - 8 * i));
}

/* W: @a is the first semiblock, @r the @n semiblocks after it; both are replaced. n >= 2. */
static int w_forward(struct mhsm_block *b, u8 a[8], u8 *r, size_t n)
{
	u8 *block = mhsm_env_alloc(16);
	size_t i;
	u64 t = 1;
	int j, ret = 0;

	if (!block)
		return -ENOMEM;
	memcpy(block, a, 8);
	for (j = 0; j < 6; j++) {
		for (i = 0; i < n; i++) {
			memcpy(block + 8, r + 8 * i, 8);
			ret = mhsm_prim_block_encrypt(b, block);
			if (ret)
				goto out_free;
			xor_counter(block, t++);
			memcpy(r + 8 * i, block + 8, 8);
		}
	}
	memcpy(a, block, 8);
out_free:
	mhsm_env_free(block, 16);
	return ret;
}

/* W^-1 */
static int w_inverse(struct mhsm_block *b, u8 a[8], u8 *r, size_t n)
{
	u8 *block = mhsm_env_alloc(16);
	size_t i;
	u64 t = 6 * (u64)n;
	int j, ret = 0;

	if (!block)
		return -ENOMEM;
	memcpy(block, a, 8);
	for (j = 0; j < 6; j++) {
		for (i = n; i-- > 0;) {
			xor_counter(block, t--);
			memcpy(block + 8, r + 8 * i, 8);
			ret = mhsm_prim_block_decrypt(b, block);
			if (ret)
				goto out_free;
			memcpy(r + 8 * i, block + 8, 8);
		}
	}
	memcpy(a, block, 8);
out_free:
	mhsm_env_free(block, 16);
	return ret;
}

/* AES of the one block in which a short key is wrapped or unwrapped, SP 800-38F section 6.3 */
static int one_block(struct mhsm_block *b, bool wrap, u8 out[16])
{
	u8 *block = mhsm_env_alloc(16);
	int ret;

	if (!block)
		return -ENOMEM;
	memcpy(block, out, 16);
	ret = wrap ? mhsm_prim_block_encrypt(b, block) : mhsm_prim_block_decrypt(b, block);
	memcpy(out, block, 16);
	mhsm_env_free(block, 16);
	return ret;
}

int mhsm_kw_wrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len)
{
	int ret;

	if (len < 16 || len > MHSM_KW_MAX || len % 8)
		return -EINVAL;
	memmove(out + 8, in, len);
	memcpy(out, icv1, 8);
	ret = w_forward(b, out, out + 8, len / 8);
	if (ret)
		memzero_explicit(out, len + 8);
	return ret;
}

int mhsm_kw_unwrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len)
{
	u8 a[8];
	int ret;

	if (len < 24 || len > MHSM_KW_MAX + 8 || len % 8)
		return -EINVAL;
	memcpy(a, in, 8);
	memmove(out, in + 8, len - 8);
	ret = w_inverse(b, a, out, len / 8 - 1);
	if (!ret && mhsm_prim_differ(a, icv1, 8))
		ret = -EBADMSG;
	if (ret)
		memzero_explicit(out, len - 8);
	memzero_explicit(a, sizeof(a));
	return ret;
}

int mhsm_kwp_wrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len)
{
	size_t padded = (len + 7) & ~(size_t)7;
	int ret;

	if (len == 0 || len > MHSM_KW_MAX)
		return -EINVAL;
	memmove(out + 8, in, len);
	memset(out + 8 + len, 0, padded - len);
	mhsm_env_put_be32(out, ICV2);
	mhsm_env_put_be32(out + 4, (u32)len);
	if (padded == 8)
		ret = one_block(b, true, out);
	else
		ret = w_forward(b, out, out + 8, padded / 8);
	if (ret)
		memzero_explicit(out, padded + 8);
	return ret;
}

/*
 * Nonzero unless @a is the ICV2 and a length that belongs to @padded bytes at @r whose padding is zero. The length is
 * not known to be right while the padding is looked at, so that no branch depends on either. @padded is small, so that
 * a length with its top bit set is wrong, and the differences of others cannot overflow.
 */
static u32 kwp_bad(const u8 a[8], const u8 *r, u32 padded)
{
	u32 len = mhsm_env_get_be32(a + 4);
	u32 bad = mhsm_env_get_be32(a) ^ ICV2;
	u32 i;

	bad |= mhsm_env_mask(len);
	bad |= mhsm_env_mask(padded - len); /* too long */
	bad |= mhsm_env_mask(len - (padded - 7)); /* too short */
	for (i = padded - 8; i < padded; i++) /* nonzero at or after len */
		bad |= r[i] & ~mhsm_env_mask(i - len);
	return bad;
}

int mhsm_kwp_unwrap(struct mhsm_block *b, u8 *out, size_t *out_len, const u8 *in, size_t len)
{
	u8 block[16];
	u32 bad;
	int ret;

	if (len < 16 || len > MHSM_KW_MAX + 8 || len % 8)
		return -EINVAL;
	memcpy(block, in, 16);
	if (len == 16) {
		ret = one_block(b, false, block);
		memcpy(out, block + 8, 8);
	} else {
		memmove(out, in + 8, len - 8);
		ret = w_inverse(b, block, out, len / 8 - 1);
	}
	if (!ret) {
		bad = kwp_bad(block, out, (u32)len - 8);
		mhsm_pk_declassify(&bad, sizeof(bad)); /* the caller learns it */
		if (bad)
			ret = -EBADMSG;
		else
			*out_len = mhsm_env_get_be32(block + 4);
	}
	if (ret)
		memzero_explicit(out, len - 8);
	memzero_explicit(block, sizeof(block));
	return ret;
}
