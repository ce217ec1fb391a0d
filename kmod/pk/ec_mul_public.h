/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiplication of public points by public scalars, for verification: in
 * variable time. See ec_limb.h for the headers of this family.
 */
#ifndef MHSM_EC_MUL_PUBLIC_H
#define MHSM_EC_MUL_PUBLIC_H

#include "ec_mul.h"

/* a + b for any a, and any b but infinity. */
static noinline void add_public(struct ec_jacobian *r, const struct ec_jacobian *a,
				const struct ec_jacobian *b)
{
	struct ec_jacobian sum;
	struct ec_fe za, zb;

	if (fe_is_zero(&a->z)) {
		*r = *b;
		return;
	}
	pt_add(&sum, a, b);
	if (fe_is_zero(&sum.z)) {
		/* the same x: the same point, or opposite ones */
		fe_sqr(&za, &a->z);
		fe_mul(&za, &za, &a->z);
		fe_mul(&za, &za, &b->y);
		fe_sqr(&zb, &b->z);
		fe_mul(&zb, &zb, &b->z);
		fe_mul(&zb, &zb, &a->y);
		if (fe_eq(&za, &zb))
			pt_double(&sum, a);
	}
	*r = sum;
}

/* The same for an affine b, x || y. */
static noinline void add_affine_public(struct ec_jacobian *r, const struct ec_jacobian *a,
				       const u64 b[2 * EC_LIMBS], int negative)
{
	struct ec_jacobian sum;
	struct ec_affine t;

	memcpy(t.x.v, b, sizeof(t.x.v));
	memcpy(t.y.v, b + EC_LIMBS, sizeof(t.y.v));
	if (negative)
		fe_neg(&t.y, &t.y);
	if (!fe_is_zero(&a->z)) {
		pt_add_affine(&sum, a, &t);
		if (!fe_is_zero(&sum.z)) {
			*r = sum;
			return;
		}
	}
	pt_from_affine(&sum, &t);
	add_public(r, a, &sum);
}

/* A scalar as a sum of digit[i] * 2^at[i], i below count, at[] ascending. */
struct naf {
	unsigned int count;
	unsigned short at[EC_BITS / 5 + 2];
	s8 digit[EC_BITS / 5 + 2];
};

/*
 * The width-w non-adjacent form of k, w at least 5: digits are odd and below
 * 2^(w-1) in size, and any two at least w bits apart.
 */
static void recode_naf(struct naf *naf, const struct ec_sc *k, unsigned int w)
{
	unsigned int bit = 0;
	int carry = 0, digit;

	naf->count = 0;
	while (bit < EC_BITS) {
		if ((int)get_bits(k, bit, 1) == carry) {
			bit++;
			continue;
		}
		digit = (int)get_bits(k, bit, w) + carry;
		carry = digit >> (w - 1);
		naf->at[naf->count] = (unsigned short)bit;
		naf->digit[naf->count++] = (s8)(digit - (carry << w));
		bit += w;
	}
	if (carry) {
		naf->at[naf->count] = (unsigned short)bit;
		naf->digit[naf->count++] = 1;
	}
}

static inline int naf_takes(const struct naf *naf, int bit)
{
	return naf->count && naf->at[naf->count - 1] == bit;
}

static noinline void sum_of_nafs(struct ec_jacobian *r, const struct ec_sc *u1,
				 const struct ec_sc *u2, const struct half_window *low,
				 const struct half_window *high)
{
	struct ec_jacobian t;
	struct naf naf1, naf2;
	unsigned int size;
	int bit, digit;

	/* row 0 of the base table has 1, 3, .. 31: digits of six bits */
	recode_naf(&naf1, u1, EC_BASE_WINDOW + 1);
	recode_naf(&naf2, u2, WINDOW + 1);

	memset(r, 0, sizeof(*r));
	/* the last digit may be a carry beyond the scalar, by less than six bits */
	for (bit = EC_BITS + EC_BASE_WINDOW; bit >= 0; bit--) {
		pt_double(r, r);
		if (naf_takes(&naf2, bit)) {
			digit = naf2.digit[--naf2.count];
			size = (unsigned int)(digit < 0 ? -digit : digit) / 2;
			t = size < WINDOW_HALF ? low->p[size] : high->p[size - WINDOW_HALF];
			if (digit < 0)
				fe_neg(&t.y, &t.y);
			add_public(r, r, &t);
		}
		if (naf_takes(&naf1, bit)) {
			digit = naf1.digit[--naf1.count];
			size = (unsigned int)(digit < 0 ? -digit : digit) / 2;
			add_affine_public(r, r, ec_base_table[0][size], digit < 0);
		}
	}
}

static noinline void mul_public_from_half(struct ec_jacobian *r, const struct ec_sc *u1,
					  const struct ec_sc *u2,
					  const struct half_window *low)
{
	struct half_window high;

	second_half(&high, low, r);
	sum_of_nafs(r, u1, u2, low, &high);
}

/*
 * r = u1 * G + u2 * p in variable time: for public values only. Correct for all
 * values, with r->z = 0 if the sum is infinity.
 */
static noinline void pt_mul_public(struct ec_jacobian *r, const struct ec_sc *u1,
				   const struct ec_sc *u2, const struct ec_affine *p)
{
	struct half_window low;

	pt_from_affine(&low.p[0], p);
	first_half(&low, r);
	mul_public_from_half(r, u1, u2, &low);
}

#endif
