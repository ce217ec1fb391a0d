/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scalar multiplication. See ec_limb.h for the headers of this family.
 *
 * Secret scalars are written with odd digits only. For an odd k < 2^(wN) and
 * digits of w bits, N of them,
 *
 *	k = 2K - 2^(wN) + 1, with K = (k - 1) / 2 + 2^(wN - 1),
 *
 * and if c_i are the w-bit digits of K then d_i = 2 c_i - (2^w - 1), odd and in
 * -(2^w - 1)..2^w - 1, are digits of k: the sum of d_i 2^(wi) is k. No digit is
 * zero, and so there is nothing to skip and nothing to mask. An even k is replaced
 * by n - k, which is odd, and the result is negated.
 *
 * Additions are exceptional if a summand is infinity or the summands are equal or
 * opposite: if, for a sum of A and D times the point, A, A + D or A - D is a
 * multiple of n. Below it is shown that this does not happen, but for one k at
 * the last addition.
 *
 * The last one: there A + D = k, which is not a multiple of n, with D = d_0. As k
 * is odd and A even, A - D = k - 2 d_0 is odd; its size is below 2n, and so it can
 * only be n, if d_0 is negative and k = n - 2 |d_0|. Then the last addition is a
 * doubling of d_0: the addition gives z = 0, which it never does otherwise, and
 * the doubling, computed always, is put in its place.
 */
#ifndef MHSM_EC_MUL_H
#define MHSM_EC_MUL_H

#include "ec_pt.h"

/*
 * Clears more stack than an addition, an inversion, and what they call leave
 * behind, in two frames, so that neither is large.
 */
static noinline void burn_stack(void)
{
	u8 stale[960];

	mhsm_pk_burn_stack();
	memzero_explicit(stale, sizeof(stale));
}

/* k made odd: k or n - k. Returns all ones if it was negated. */
static inline u64 make_odd(struct ec_sc *r, const struct ec_sc *k)
{
	struct ec_sc negated;
	u64 even = ct_hide((k->v[0] & 1) - 1);

	sc_neg(&negated, k);
	*r = *k;
	num_cmov(r->v, negated.v, even);
	memzero_explicit(&negated, sizeof(negated));
	return even;
}

/* The w bits of k starting at 'bit'; reads zeros above the limbs. w, bit are public. */
static inline u64 get_bits(const struct ec_sc *k, unsigned int bit, unsigned int w)
{
	unsigned int i = bit / 64;
	u64 x;

	if (i >= EC_LIMBS)
		return 0;
	x = k->v[i] >> (bit % 64);
	if (bit % 64 + w > 64 && i + 1 < EC_LIMBS)
		x |= k->v[i + 1] << (64 - bit % 64);
	return x & ((1U << w) - 1);
}

/*
 * Splits the digit c of K into the index of its odd multiple (|d| = 2 index + 1)
 * and its sign: the upper half of the digits is positive and counts up, the
 * lower half negative and counts down.
 */
static inline u64 digit_index(u64 c, unsigned int w, u64 *negative)
{
	*negative = ct_hide((c >> (w - 1)) - 1);
	return (c ^ *negative) & ((1U << (w - 1)) - 1);
}

/* r = a + d, or 2d if they are equal, for the last addition; d is overwritten. */
static noinline void add_last(struct ec_jacobian *r, struct ec_jacobian *d)
{
	struct ec_jacobian sum;
	u64 same;

	pt_add(&sum, r, d);
	pt_double(d, d);
	same = fe_is_zero(&sum.z);
	pt_cmov(&sum, d, same);
	*r = sum;
	memzero_explicit(&sum, sizeof(sum));
}

static inline void neg_if(struct ec_jacobian *p, u64 mask)
{
	struct ec_fe neg;

	fe_neg(&neg, &p->y);
	fe_cmov(&p->y, &neg, mask);
}

/* Another representative of a point whose z is 1: z = blind, which is not zero. */
static inline void pt_scale(struct ec_jacobian *p, const struct ec_fe *blind)
{
	struct ec_fe b;

	p->z = *blind;
	fe_sqr(&b, blind);
	fe_mul(&p->x, &p->x, &b);
	fe_mul(&b, &b, blind);
	fe_mul(&p->y, &p->y, &b);
	memzero_explicit(&b, sizeof(b));
}

/* ---- the base point, constant time ------------------------------------------------ */

/* r = (x, +-y) of table entry 'index'; reads all entries. */
static noinline void select_base(struct ec_affine *r,
				 const u64 row[EC_BASE_ENTRIES][2 * EC_LIMBS],
				 u64 index, u64 negative)
{
	struct ec_fe neg;
	u64 t[2 * EC_LIMBS] = { 0 };
	unsigned int i, j;

	for (i = 0; i < EC_BASE_ENTRIES; i++) {
		u64 mask = ct_eq(i, index);

		EC_UNROLL()
		for (j = 0; j < 2 * EC_LIMBS; j++)
			t[j] |= row[i][j] & mask;
	}
	memcpy(r->x.v, t, sizeof(r->x.v));
	memcpy(r->y.v, t + EC_LIMBS, sizeof(r->y.v));
	fe_neg(&neg, &r->y);
	fe_cmov(&r->y, &neg, negative);
}

/* Digit i of k, as a point of row i / EC_BASE_GROUPS. */
static inline void base_digit(struct ec_affine *r, const struct ec_sc *k, unsigned int i)
{
	u64 negative, index;

	/* bit j of K is bit j + 1 of k, but for the topmost */
	index = digit_index(get_bits(k, i * EC_BASE_WINDOW + 1, EC_BASE_WINDOW),
			    EC_BASE_WINDOW, &negative);
	select_base(r, ec_base_table[i / EC_BASE_GROUPS], index, negative);
}

/*
 * r = k * G. Constant time in k, which must be in 1..n-1, and in 'blind', a
 * non-zero field element by which the projective coordinates are scaled.
 *
 * With w = EC_BASE_WINDOW, N = EC_BASE_DIGITS and E = EC_BASE_GROUPS, row j and
 * group g stand for digit i = E j + g. The groups are summed from the highest to
 * the lowest, each from its highest row to row 0: A' = 2^w A when a new group
 * begins, A' = A + d_i 2^(wEj) otherwise. The top digit d_(N-1) is 1, as bits
 * from w(N-1) + 1 on of k are zero, and is where the sum starts.
 *
 * No addition is exceptional. The integers A, A + D and A - D are sums of +-d_i
 * times powers of two; with d_(N-1) = 1 they are below 2^(w(N-1) + 1) <= 2^w n in
 * size, and below 2^(w(N-1) + 1 - w) <= n before the last group. Let v(x) be the
 * exponent of two in x. All digits are odd, so v(D) = wEj, and
 *  - in the first group, which may be the only one, v(A) is wE(j + 1);
 *  - in others v(A) = w: the group before ended with an odd number, became an odd
 *    multiple of 2^w, and what was added since is a multiple of 2^(wE), E > 1.
 * So v(A) is not v(D), and v(A +- D) is the lesser: none of A, A + D, A - D is 0.
 * Before the last group that is all, as they are below n. In the last group but
 * before row 0, all three are w or more times even; a multiple of n, which is odd,
 * that is so is at least 2^w n. Row 0 of the last group is the last addition.
 */
static noinline void pt_mul_base(struct ec_jacobian *r, const struct ec_sc *k,
				 const struct ec_fe *blind)
{
	struct ec_jacobian last;
	struct ec_affine t;
	struct ec_sc odd;
	u64 negated;
	int i, j, g;

	_Static_assert(EC_BASE_WINDOW * (EC_BASE_DIGITS - 1) + 1 >= EC_BITS, "top digit");
	_Static_assert(EC_BASE_WINDOW * (EC_BASE_DIGITS - 2) + 1 < EC_BITS, "size of sums");

	negated = make_odd(&odd, k);

	/* the top digit, scaled to a random representative */
	memcpy(r->x.v, ec_base_table[EC_BASE_ROWS - 1][0], sizeof(r->x.v));
	memcpy(r->y.v, ec_base_table[EC_BASE_ROWS - 1][0] + EC_LIMBS, sizeof(r->y.v));
	pt_scale(r, blind);

	for (g = EC_BASE_GROUPS - 1; g >= 0; g--) {
		j = EC_BASE_ROWS - 1;
		if (g == EC_BASE_GROUPS - 1)
			j--;
		else
			for (i = 0; i < EC_BASE_WINDOW; i++)
				pt_double(r, r);
		for (; j >= 0; j--) {
			base_digit(&t, &odd, (unsigned int)(j * EC_BASE_GROUPS + g));
			if (j || g)
				pt_add_affine(r, r, &t);
		}
	}
	pt_from_affine(&last, &t);
	add_last(r, &last);
	neg_if(r, negated);

	memzero_explicit(&last, sizeof(last));
	memzero_explicit(&odd, sizeof(odd));
	memzero_explicit(&t, sizeof(t));
	burn_stack();
}

/* ---- another point, constant time --------------------------------------------------- */

/*
 * Odd multiples 1, 3, .. 15 of a point, for digits of four bits, are kept in two
 * halves, which stand in the frames of two functions: frames are to stay below
 * 1 KiB.
 */
#define WINDOW 4
#define WINDOW_HALF 4

struct half_window {
	struct ec_jacobian p[WINDOW_HALF];
};

/* Multiples below 16 of a point of order n, low->p[0]: no exception. twice = 2p. */
static void first_half(struct half_window *low, struct ec_jacobian *twice)
{
	unsigned int i;

	pt_double(twice, &low->p[0]);
	for (i = 1; i < WINDOW_HALF; i++)
		pt_add(&low->p[i], &low->p[i - 1], twice);
}

static void second_half(struct half_window *high, const struct half_window *low,
			const struct ec_jacobian *twice)
{
	unsigned int i;

	pt_add(&high->p[0], &low->p[WINDOW_HALF - 1], twice);
	for (i = 1; i < WINDOW_HALF; i++)
		pt_add(&high->p[i], &high->p[i - 1], twice);
}

/* r = +-(2 index + 1) times the point; reads all entries. */
static noinline void select_window(struct ec_jacobian *r, const struct half_window *low,
				   const struct half_window *high, u64 index, u64 negative)
{
	unsigned int i;

	*r = low->p[0];
	for (i = 1; i < WINDOW_HALF; i++)
		pt_cmov(r, &low->p[i], ct_eq(i, index));
	for (i = 0; i < WINDOW_HALF; i++)
		pt_cmov(r, &high->p[i], ct_eq(i + WINDOW_HALF, index));
	neg_if(r, negative);
}

/*
 * With w = WINDOW, and N the least with wN >= EC_BITS, the sum runs from the top:
 * A' = 2^w A + d_i. The top digit of K is in its upper half, so d_(N-1) > 0.
 *
 * Every A is odd and positive, so 2^w A > |d_i|, and neither 2^w A + d_i nor
 * 2^w A - d_i is 0; for i > 0 both are below k / 2^w + 2^(w + 1) < n. For i = 0
 * it is the last addition.
 */
static noinline void mul_by_window(struct ec_jacobian *r, const struct ec_sc *k,
				   const struct half_window *low,
				   const struct half_window *high)
{
	const int top = (EC_BITS + WINDOW - 1) / WINDOW - 1;
	struct ec_jacobian t;
	struct ec_sc odd;
	u64 negated, negative, index;
	int i, j;

	negated = make_odd(&odd, k);
	index = get_bits(&odd, (unsigned int)top * WINDOW + 1, WINDOW - 1);
	select_window(r, low, high, index, 0);
	for (i = top - 1; i >= 0; i--) {
		for (j = 0; j < WINDOW; j++)
			pt_double(r, r);
		index = digit_index(get_bits(&odd, (unsigned int)i * WINDOW + 1, WINDOW),
				    WINDOW, &negative);
		select_window(&t, low, high, index, negative);
		if (i > 0)
			pt_add(r, r, &t);
	}
	add_last(r, &t);
	neg_if(r, negated);
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(&odd, sizeof(odd));
	burn_stack();
}

static noinline void mul_from_half(struct ec_jacobian *r, const struct ec_sc *k,
				   const struct half_window *low)
{
	struct half_window high;

	second_half(&high, low, r);
	mul_by_window(r, k, low, &high);
	memzero_explicit(&high, sizeof(high));
}

/*
 * r = k * p. Constant time in k, which must be in 1..n-1, and in 'blind', a non-zero
 * field element by which the projective coordinates are scaled.
 */
static noinline void pt_mul(struct ec_jacobian *r, const struct ec_sc *k,
			    const struct ec_affine *p, const struct ec_fe *blind)
{
	struct half_window low;

	/* All that is computed from a random representative is one. */
	pt_from_affine(&low.p[0], p);
	pt_scale(&low.p[0], blind);
	first_half(&low, r);
	mul_from_half(r, k, &low);
	memzero_explicit(&low, sizeof(low));
}

#endif
