/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points of y^2 = x^3 + ax + b with a = -3 or a = 0, of prime order n, and the
 * functions of the field that are alike for all. See ec_limb.h for the headers of
 * this family.
 *
 * Jacobian coordinates: (X, Y, Z) stands for (X / Z^2, Y / Z^3), and Z = 0 for
 * the point at infinity. As n is an odd prime there is no point with Y = 0, and
 * doubling has no exception.
 */
#ifndef MHSM_EC_PT_H
#define MHSM_EC_PT_H

#include "ec_sc.h"

struct ec_affine {
	struct ec_fe x, y;
};

struct ec_jacobian {
	struct ec_fe x, y, z;
};

/* ---- the field -------------------------------------------------------------- */

static const struct ec_fe fe_one = EC_FE_ONE;

static inline void fe_neg(struct ec_fe *r, const struct ec_fe *a)
{
	const struct ec_fe zero = { { 0 } };

	fe_sub(r, &zero, a);
}

/* All ones if a = b. */
static inline u64 fe_eq(const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t;

	fe_sub(&t, a, b);
	return fe_is_zero(&t);
}

/*
 * Reads EC_BYTES big-endian bytes. Returns all ones if they were below p; else 0,
 * and r is some element that depends on them.
 */
static inline u64 fe_load(struct ec_fe *r, const u8 b[EC_BYTES])
{
	u64 t[EC_LIMBS], below;

	num_load(t, b);
	below = num_is_less(t, fe_prime);
#if EC_BITS % 64
	t[EC_LIMBS - 1] &= ((u64)1 << (EC_BITS % 64)) - 1;
#endif
	num_reduce_once(t, t, 0, fe_prime);
	fe_from_int(r, t);
	memzero_explicit(t, sizeof(t));
	return below;
}

static inline void fe_store(u8 b[EC_BYTES], const struct ec_fe *a)
{
	u64 t[EC_LIMBS];

	fe_to_int(t, a);
	num_store(b, t);
	memzero_explicit(t, sizeof(t));
}

/* r = 1 / a, and 0 for a = 0 */
static inline void fe_inv(struct ec_fe *r, const struct ec_fe *a)
{
	u64 t[EC_LIMBS];

	fe_to_int(t, a);
	num_inv(t, t, fe_prime, EC_P_NEG_INV);
	fe_from_int(r, t);
	memzero_explicit(t, sizeof(t));
}

/* ---- points ------------------------------------------------------------------ */

/*
 * r = 2a, for every a; r may be a. M = 3X^2 + aZ^4, S = 4XY^2, X' = M^2 - 2S,
 * Y' = M(S - X') - 8Y^4, Z' = 2YZ; for a = -3, M = 3(X - Z^2)(X + Z^2).
 */
static noinline void pt_double(struct ec_jacobian *r, const struct ec_jacobian *a)
{
	struct ec_fe s, m, y2, t;

	fe_add(&y2, &a->y, &a->y);
#if EC_A_IS_ZERO
	fe_sqr(&m, &a->x);
#else
	fe_sqr(&t, &a->z);
	fe_sub(&m, &a->x, &t);
	fe_add(&t, &a->x, &t);
	fe_mul(&m, &m, &t);
#endif
	fe_add(&t, &m, &m);
	fe_add(&m, &m, &t);
	fe_mul(&r->z, &y2, &a->z);
	fe_sqr(&y2, &y2);		/* 4Y^2 */
	fe_mul(&s, &y2, &a->x);
	fe_sqr(&y2, &y2);
	fe_half(&y2, &y2);		/* 8Y^4 */
	fe_sqr(&r->x, &m);
	fe_sub(&r->x, &r->x, &s);
	fe_sub(&r->x, &r->x, &s);
	fe_sub(&s, &s, &r->x);
	fe_mul(&s, &s, &m);
	fe_sub(&r->y, &s, &y2);
}

/*
 * The common end of both additions: with U1 = X1 * Z2^2, S1 = Y1 * Z2^3, H the
 * difference of the U and R that of the S, X' = R^2 - H^3 - 2 U1 H^2 and
 * Y' = R(U1 H^2 - X') - S1 H^3. The caller sets Z' = Z1 Z2 H.
 */
static noinline void finish_add(struct ec_jacobian *r, const struct ec_fe *u1,
				const struct ec_fe *s1, const struct ec_fe *h,
				const struct ec_fe *rr)
{
	struct ec_fe hhh, v, t;

	fe_sqr(&v, h);
	fe_mul(&hhh, &v, h);
	fe_mul(&v, u1, &v);
	fe_mul(&t, s1, &hhh);
	fe_sqr(&r->x, rr);
	fe_sub(&r->x, &r->x, &hhh);
	fe_sub(&r->x, &r->x, &v);
	fe_sub(&r->x, &r->x, &v);
	fe_sub(&v, &v, &r->x);
	fe_mul(&v, &v, rr);
	fe_sub(&r->y, &v, &t);
}

/*
 * r = a + b, constant time. Wrong if a or b is infinity or a = b (then r->z is 0,
 * as it is, rightly, for a = -b): the callers prove that this does not happen or
 * handle it. r may be an operand.
 */
static noinline void pt_add(struct ec_jacobian *r, const struct ec_jacobian *a,
			    const struct ec_jacobian *b)
{
	struct ec_fe zz, u1, s1, h, rr;

	fe_sqr(&zz, &b->z);
	fe_mul(&u1, &a->x, &zz);
	fe_mul(&zz, &zz, &b->z);
	fe_mul(&s1, &a->y, &zz);
	fe_sqr(&zz, &a->z);
	fe_mul(&h, &b->x, &zz);
	fe_mul(&zz, &zz, &a->z);
	fe_mul(&rr, &b->y, &zz);
	fe_sub(&h, &h, &u1);
	fe_sub(&rr, &rr, &s1);
	fe_mul(&zz, &a->z, &b->z);
	fe_mul(&r->z, &zz, &h);
	finish_add(r, &u1, &s1, &h, &rr);
}

/* The same for an affine b. */
static noinline void pt_add_affine(struct ec_jacobian *r, const struct ec_jacobian *a,
				   const struct ec_affine *b)
{
	struct ec_fe x1 = a->x, y1 = a->y, zz, h, rr;

	fe_sqr(&zz, &a->z);
	fe_mul(&h, &b->x, &zz);
	fe_mul(&zz, &zz, &a->z);
	fe_mul(&rr, &b->y, &zz);
	fe_sub(&h, &h, &x1);
	fe_sub(&rr, &rr, &y1);
	fe_mul(&r->z, &a->z, &h);
	finish_add(r, &x1, &y1, &h, &rr);
}

static inline void pt_cmov(struct ec_jacobian *r, const struct ec_jacobian *a, u64 mask)
{
	fe_cmov(&r->x, &a->x, mask);
	fe_cmov(&r->y, &a->y, mask);
	fe_cmov(&r->z, &a->z, mask);
}

static inline void pt_from_affine(struct ec_jacobian *r, const struct ec_affine *a)
{
	r->x = a->x;
	r->y = a->y;
	r->z = fe_one;
}

/* Leaves Jacobian form; y may be NULL. a must not be infinity. */
static noinline void pt_to_affine(struct ec_fe *x, struct ec_fe *y,
				  const struct ec_jacobian *a)
{
	struct ec_fe i, ii;

	fe_inv(&i, &a->z);
	fe_sqr(&ii, &i);
	fe_mul(x, &a->x, &ii);
	if (y) {
		fe_mul(&ii, &ii, &i);
		fe_mul(y, &a->y, &ii);
	}
	memzero_explicit(&i, sizeof(i));
	memzero_explicit(&ii, sizeof(ii));
}

/*
 * Reads x || y, big-endian. Returns all ones if both are below p and the point is
 * on the curve, else 0.
 */
static noinline u64 pt_load(struct ec_affine *r, const u8 b[2 * EC_BYTES])
{
	static const struct ec_fe curve_b = EC_B;
	struct ec_fe left, right;
	u64 ok;

	ok = fe_load(&r->x, b);
	ok &= fe_load(&r->y, b + EC_BYTES);

	fe_sqr(&right, &r->x);
	fe_mul(&right, &right, &r->x);
	fe_add(&right, &right, &curve_b);
#if !EC_A_IS_ZERO
	fe_add(&left, &r->x, &r->x);
	fe_add(&left, &left, &r->x);
	fe_sub(&right, &right, &left);
#endif
	fe_sqr(&left, &r->y);
	return ok & fe_eq(&left, &right);
}

/* ---- the table of the base point ------------------------------------------------ */

/*
 * Multiples of the base point G are sums of digits of EC_BASE_WINDOW bits, as many
 * as make the topmost one constant (see ec_mul.h). Of EC_BASE_GROUPS consecutive
 * ones only the lowest has a row in the table: the digits fall into that many
 * groups, summed one after the other with EC_BASE_WINDOW doublings in between.
 *
 *	ec_base_table[i][j] = (2j + 1) * 2^(EC_BASE_WINDOW * EC_BASE_GROUPS * i) * G
 */
#define EC_BASE_WINDOW 5
#define EC_BASE_ENTRIES (1 << (EC_BASE_WINDOW - 1))
#define EC_BASE_ROWS (((EC_BITS + EC_BASE_WINDOW - 2) / EC_BASE_WINDOW + 1 + \
		       EC_BASE_GROUPS - 1) / EC_BASE_GROUPS)
#define EC_BASE_DIGITS (EC_BASE_ROWS * EC_BASE_GROUPS)

#endif
