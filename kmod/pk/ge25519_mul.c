// SPDX-License-Identifier: GPL-2.0-only
/* Scalar multiplication on edwards25519. See ge25519.h. */
#include "ge25519.h"
#include "ge25519_table.h"

static void unpack(struct ge25519_affine *r, const u64 t[12])
{
	fe_unpack(&r->ypx, t);
	fe_unpack(&r->ymx, t + 4);
	fe_unpack(&r->t2d, t + 8);
}

/* The negative of an affine point: Y + X and Y - X trade places. */
static void negate(struct ge25519_affine *r, u64 mask)
{
	struct fe25519 t;

	fe_cswap(&r->ypx, &r->ymx, mask);
	fe_neg(&t, &r->t2d);
	fe_cmov(&r->t2d, &t, mask);
}

/*
 * r = (digit - 8) times the row's point, digit in 0..15, reading the whole row. The
 * neutral point, for digit 8, has Y + X = Y - X = 1 and T = 0, and is in no table.
 */
static void select_base(struct ge25519_affine *r, const u64 row[GE25519_BASE_ENTRIES][12],
			u64 digit)
{
	u64 negative = ct_hide((digit >> 3) - 1);
	u64 index = ((digit - 8) ^ negative) - negative;
	u64 t[12] = { 0 }, mask;
	unsigned int i, j;

	for (i = 0; i < GE25519_BASE_ENTRIES; i++) {
		mask = ct_eq(i + 1, index);
		for (j = 0; j < 12; j++)
			t[j] |= row[i][j] & mask;
	}
	mask = ct_is_zero(index);
	t[0] |= mask & 1;
	t[4] |= mask & 1;
	unpack(r, t);
	negate(r, negative);
	memzero_explicit(t, sizeof(t));
}

/*
 * k is below 2^253. Written to base 16 with digits in -8..7 it is
 * k = (k + 8 * (16^0 + .. + 16^63)) - 8 * (16^0 + .. + 16^63): the digits are those of
 * the sum, which is below 2^256, less 8. The table's row i has the multiples 1..8 of
 * 256^i B. Digits at odd places come first, then everything times 16, then those at
 * even places.
 *
 * The formulas are complete, so that the sum may start from the neutral point, in the
 * coordinates (0 : b : b : 0).
 */
void mhsm_ge25519_mul_base(struct ge25519 *r, const struct sc25519 *k,
			   const struct fe25519 *blind)
{
	static const u64 eights[4] = {
		0x8888888888888888ULL, 0x8888888888888888ULL,
		0x8888888888888888ULL, 0x8888888888888888ULL
	};
	const struct fe25519 zero = FE25519_ZERO;
	u64 sum[4] = { k->v[0], k->v[1], k->v[2], k->v[3] };
	struct ge25519_affine t;
	unsigned int i;

	limb4_add(sum, eights);
	r->x = zero;
	r->y = *blind;
	r->z = *blind;
	r->t = zero;
	for (i = 1; i < 64; i += 2) {
		select_base(&t, ge25519_base_table[i / 2], sum[i / 16] >> (i % 16 * 4) & 15);
		mhsm_ge25519_add_affine(r, r, &t, i < 63);
	}
	mhsm_ge25519_double(r, r, 0);
	mhsm_ge25519_double(r, r, 0);
	mhsm_ge25519_double(r, r, 0);
	mhsm_ge25519_double(r, r, 1);
	for (i = 0; i < 64; i += 2) {
		select_base(&t, ge25519_base_table[i / 2], sum[i / 16] >> (i % 16 * 4) & 15);
		mhsm_ge25519_add_affine(r, r, &t, i < 62);
	}
	memzero_explicit(sum, sizeof(sum));
	memzero_explicit(&t, sizeof(t));
	mhsm_pk_burn_stack();
}

/* ---- public scalars ------------------------------------------------------- */

#define NAF_DIGITS 256
#define BASE_WIDTH 7	/* odd multiples of B up to 63: GE25519_ODD_ENTRIES of them */
#define POINT_WIDTH 4
#define POINT_ENTRIES 4

/*
 * The width-w non-adjacent form of k: digits zero or odd and below 2^(w-1) in size, of
 * any w in a row at most one not zero. k is below 2^253, so that the carry ends there.
 */
static void recode_naf(s8 naf[NAF_DIGITS], const struct sc25519 *k, unsigned int w)
{
	unsigned int bit, carry = 0, digit;
	u64 window;

	memset(naf, 0, NAF_DIGITS);
	for (bit = 0; bit < NAF_DIGITS - 1;) {
		window = k->v[bit / 64] >> (bit % 64);
		if (bit % 64 && bit / 64 < 3)
			window |= k->v[bit / 64 + 1] << (64 - bit % 64);
		if ((window & 1) == carry) {
			bit++;
			continue;
		}
		digit = (unsigned int)(window & ((1U << w) - 1)) + carry;
		carry = digit >> (w - 1);
		naf[bit] = (s8)((int)digit - (int)(carry << w));
		bit += w;
	}
}

/* Adds digit * B to r. */
static void add_base(struct ge25519 *r, int digit)
{
	struct ge25519_affine t;

	unpack(&t, ge25519_odd_table[(digit < 0 ? -digit : digit) / 2]);
	if (digit < 0)
		negate(&t, ~(u64)0);
	mhsm_ge25519_add_affine(r, r, &t, 0);
}

/* Adds digit times the point of the table to r, with T if B is added after it. */
static void add_point(struct ge25519 *r, const struct ge25519_cached table[POINT_ENTRIES],
		      int digit, int with_t)
{
	struct ge25519_cached t = table[(digit < 0 ? -digit : digit) / 2];
	struct fe25519 swap;

	if (digit < 0) {
		swap = t.ypx;
		t.ypx = t.ymx;
		t.ymx = swap;
		fe_neg(&t.t2d, &t.t2d);
	}
	mhsm_ge25519_add(r, r, &t, with_t);
}

/* The sum itself: a doubling for each bit, shared, and additions where digits are. */
static noinline void mul_interleaved(struct ge25519 *r, const struct sc25519 *s,
				     const struct sc25519 *k,
				     const struct ge25519_cached table[POINT_ENTRIES])
{
	const struct fe25519 zero = FE25519_ZERO, one = FE25519_ONE;
	s8 naf_s[NAF_DIGITS], naf_k[NAF_DIGITS];
	int i;

	recode_naf(naf_s, s, BASE_WIDTH);
	recode_naf(naf_k, k, POINT_WIDTH);
	r->x = zero;
	r->y = one;
	r->z = one;
	r->t = zero;
	for (i = NAF_DIGITS - 1; i >= 0 && !naf_s[i] && !naf_k[i]; i--)
		;
	for (; i >= 0; i--) {
		mhsm_ge25519_double(r, r, naf_s[i] || naf_k[i]);
		if (naf_k[i])
			add_point(r, table, naf_k[i], naf_s[i]);
		if (naf_s[i])
			add_base(r, naf_s[i]);
	}
}

void mhsm_ge25519_mul_public(struct ge25519 *r, const struct sc25519 *s,
			     const struct sc25519 *k, const struct ge25519 *p)
{
	struct ge25519_cached table[POINT_ENTRIES];
	struct ge25519 t;
	int i;

	/* 2p, and p again and again: table[i] = (2i + 1) p */
	mhsm_ge25519_to_cached(&table[0], p);
	mhsm_ge25519_double(&t, p, 1);
	for (i = 1; i < POINT_ENTRIES; i++) {
		mhsm_ge25519_add(&t, &t, &table[0], 1);
		mhsm_ge25519_to_cached(&table[i], &t);
		if (i + 1 < POINT_ENTRIES)
			mhsm_ge25519_add(&t, &t, &table[0], 1);
	}
	mul_interleaved(r, s, k, table);
}
