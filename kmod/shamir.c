// SPDX-License-Identifier: GPL-2.0-only
/* See shamir.h. x, and all that is computed of x alone, is public; no branch and no address depends on anything else. */
#include "kmod/shamir.h"

/* @v mod 257 for v < 2^17; 256 = -1 and 65536 = 1 (mod 257) */
static u32 mod257(u32 v)
{
	u32 r = 257 + (v & 0xff) - (v >> 8 & 0xff) + (v >> 16);

	/* 2 <= r <= 513: subtract 257 once if that leaves no borrow */
	r -= 257;
	r += 257 & mhsm_env_mask(r);
	return r;
}

u16 mhsm_shamir_word(const u16 *coeff, unsigned int required, unsigned int x)
{
	u32 y = 0;
	unsigned int k;

	for (k = required; k-- > 0;)
		y = mod257(y * x + coeff[k]);
	return (u16)(x << 9 | y);
}

/*
 * @count numbers, uniform in 0 to 256: of the 65,536 values of two random bytes, the last is drawn again, and the 65,535
 * others are 255 times each residue. That one was rejected says nothing about the one that replaces it.
 */
static int draw_coefficients(u16 *coeff, unsigned int count)
{
	unsigned int i;
	u32 again;
	int ret;

	ret = mhsm_prim_random(coeff, count * sizeof(*coeff));
	for (i = 0; !ret && i < count; i++) {
		again = coeff[i] == 0xffff;
		mhsm_pk_declassify(&again, sizeof(again));
		while (!ret && again) {
			ret = mhsm_prim_random(&coeff[i], sizeof(*coeff));
			again = coeff[i] == 0xffff;
			mhsm_pk_declassify(&again, sizeof(again));
		}
		coeff[i] = (u16)mod257(coeff[i]);
	}
	return ret;
}

int mhsm_shamir_split(u8 *shares, unsigned int count, unsigned int required,
		      const u8 secret[MHSM_SHAMIR_SECRET])
{
	u16 coeff[MHSM_SHAMIR_SHARES];
	unsigned int i, x;
	int ret = 0;

	if (required < 2 || required > count || count > MHSM_SHAMIR_SHARES)
		return -EINVAL;
	for (i = 0; i < MHSM_SHAMIR_SECRET; i++) {
		ret = draw_coefficients(coeff + 1, required - 1);
		if (ret)
			break;
		coeff[0] = secret[i];
		for (x = 1; x <= count; x++)
			mhsm_env_put_le16(shares + (x - 1) * MHSM_SHAMIR_SHARE + 2 * i,
					  mhsm_shamir_word(coeff, required, x));
	}
	memzero_explicit(coeff, sizeof(coeff));
	if (ret)
		memzero_explicit(shares, count * MHSM_SHAMIR_SHARE);
	return ret;
}

unsigned int mhsm_shamir_x(const u8 share[MHSM_SHAMIR_SHARE])
{
	unsigned int i, x = share[1] >> 1;
	u32 word, bad = 0;

	for (i = 0; i < MHSM_SHAMIR_SECRET; i++) {
		word = mhsm_env_get_le16(share + 2 * i);
		bad |= (word >> 9) ^ x;
		bad |= mhsm_env_mask(256 - (word & 0x1ff));
	}
	mhsm_pk_declassify(&bad, sizeof(bad));
	mhsm_pk_declassify(&x, sizeof(x));
	return bad || x > MHSM_SHAMIR_X_MAX ? 0 : x;
}

/* @a^255 = 1/@a mod 257, of public numbers */
static u32 inverse257(u32 a)
{
	u32 r = 1;
	unsigned int i;

	for (i = 0; i < 255; i++)
		r = r * a % 257;
	return r;
}

/* The weight of share @j at x = 0: the product over the others k of x_k / (x_k - x_j) */
static u32 weight(const u8 *x, unsigned int count, unsigned int j)
{
	u32 num = 1, den = 1;
	unsigned int k;

	for (k = 0; k < count; k++) {
		if (k == j)
			continue;
		num = num * x[k] % 257;
		den = den * (257u + x[k] - x[j]) % 257;
	}
	return num * inverse257(den) % 257;
}

int mhsm_shamir_combine(u8 secret[MHSM_SHAMIR_SECRET], const u8 *shares, unsigned int required)
{
	u32 w[MHSM_SHAMIR_SHARES], word, sum, bad = 0;
	u8 x[MHSM_SHAMIR_SHARES];
	unsigned int i, j, k;

	if (required < 2 || required > MHSM_SHAMIR_SHARES)
		return -EINVAL;
	for (j = 0; j < required; j++) {
		x[j] = (u8)mhsm_shamir_x(shares + j * MHSM_SHAMIR_SHARE);
		if (!x[j])
			return -EINVAL;
		for (k = 0; k < j; k++)
			if (x[k] == x[j])
				return -EINVAL;
	}
	for (j = 0; j < required; j++)
		w[j] = weight(x, required, j);
	for (i = 0; i < MHSM_SHAMIR_SECRET; i++) {
		sum = 0;
		for (j = 0; j < required; j++) {
			word = mhsm_env_get_le16(shares + j * MHSM_SHAMIR_SHARE + 2 * i);
			sum = mod257(sum + mod257(w[j] * (word & 0x1ff)));
		}
		bad |= sum >> 8;
		secret[i] = (u8)sum;
	}
	mhsm_pk_declassify(&bad, sizeof(bad));
	if (bad) {
		memzero_explicit(secret, MHSM_SHAMIR_SECRET);
		return -EBADMSG;
	}
	return 0;
}
