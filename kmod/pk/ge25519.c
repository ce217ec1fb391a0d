// SPDX-License-Identifier: GPL-2.0-only
/* Point addition and doubling, encodings. See ge25519.h. */
#include "ge25519.h"

/* d = -121665 / 121666 and 2d */
static const struct fe25519 curve_d = { {
	0x34dca135978a3ULL, 0x1a8283b156ebdULL, 0x5e7a26001c029ULL,
	0x739c663a03cbbULL, 0x52036cee2b6ffULL
} };
static const struct fe25519 curve_2d = { {
	0x69b9426b2f159ULL, 0x35050762add7aULL, 0x3cf44c0038052ULL,
	0x6738cc7407977ULL, 0x2406d9dc56dffULL
} };

/* A square root of -1. */
static const struct fe25519 root_minus_1 = { {
	0x61b274a0ea0b0ULL, 0x0d5a5fc8f189dULL, 0x7ef5e9cbd0c60ULL,
	0x78595a6804c9eULL, 0x2b8324804fc1dULL
} };

/* The common end: X = E F, Y = G H, Z = F G, T = E H. */
static __always_inline void finish(struct ge25519 *r, const struct fe25519 *e,
				   const struct fe25519 *f, const struct fe25519 *g,
				   const struct fe25519 *h, int with_t)
{
	fe_mul(&r->x, e, f);
	fe_mul(&r->y, g, h);
	fe_mul(&r->z, f, g);
	if (with_t)
		fe_mul(&r->t, e, h);
}

/*
 * With a = -1, all signs turned: H = X^2 + Y^2, E = H - (X + Y)^2, G = X^2 - Y^2,
 * F = 2 Z^2 + G. What is subtracted is a square, so tight; F is below 2^53.4.
 */
void mhsm_ge25519_double(struct ge25519 *r, const struct ge25519 *a, int with_t)
{
	struct fe25519 e, f, g, h, xx, yy;

	fe_sqr(&xx, &a->x);
	fe_sqr(&yy, &a->y);
	fe_sqr(&f, &a->z);
	fe_add(&e, &a->x, &a->y);
	fe_sqr(&e, &e);
	fe_add(&h, &xx, &yy);
	fe_sub(&g, &xx, &yy);
	fe_sub(&e, &h, &e);
	fe_add(&f, &f, &f);
	fe_add(&f, &f, &g);
	finish(r, &e, &f, &g, &h, with_t);
}

/*
 * A = (Y1 - X1)(Y2 - X2), B = (Y1 + X1)(Y2 + X2), C = 2d T1 T2, D = 2 Z1 Z2;
 * E = B - A, F = D - C, G = D + C, H = B + A. zz is Z1 Z2.
 */
static __always_inline void add(struct ge25519 *r, const struct ge25519 *a,
				const struct fe25519 *ypx, const struct fe25519 *ymx,
				const struct fe25519 *t2d, const struct fe25519 *zz, int with_t)
{
	struct fe25519 e, f, g, h, c, d;

	fe_sub(&e, &a->y, &a->x);
	fe_mul(&e, &e, ymx);
	fe_add(&h, &a->y, &a->x);
	fe_mul(&h, &h, ypx);
	fe_mul(&c, &a->t, t2d);
	fe_add(&d, zz, zz);
	fe_sub(&f, &d, &c);
	fe_add(&g, &d, &c);
	fe_add(&d, &h, &e);
	fe_sub(&e, &h, &e);
	finish(r, &e, &f, &g, &d, with_t);
}

void mhsm_ge25519_add(struct ge25519 *r, const struct ge25519 *a,
		      const struct ge25519_cached *b, int with_t)
{
	struct fe25519 zz;

	fe_mul(&zz, &a->z, &b->z);
	add(r, a, &b->ypx, &b->ymx, &b->t2d, &zz, with_t);
}

void mhsm_ge25519_add_affine(struct ge25519 *r, const struct ge25519 *a,
			     const struct ge25519_affine *b, int with_t)
{
	add(r, a, &b->ypx, &b->ymx, &b->t2d, &a->z, with_t);
}

void mhsm_ge25519_to_cached(struct ge25519_cached *r, const struct ge25519 *a)
{
	fe_add(&r->ypx, &a->y, &a->x);
	fe_sub(&r->ymx, &a->y, &a->x);
	r->z = a->z;
	fe_mul(&r->t2d, &a->t, &curve_2d);
}

void mhsm_ge25519_neg(struct ge25519 *r, const struct ge25519 *a)
{
	const struct fe25519 one = FE25519_ONE;

	*r = *a;
	fe_neg(&r->x, &a->x);
	fe_neg(&r->t, &a->t);
	/* a may be a negative already, whose limbs are too large for another */
	fe_mul(&r->x, &r->x, &one);
	fe_mul(&r->t, &r->t, &one);
}

/*
 * x^2 = u / v with u = y^2 - 1, v = d y^2 + 1 (never 0). The candidate
 * x = u v^3 (u v^7)^((p-5)/8) has v x^2 = u, -u, or neither; in the second case it
 * lacks a root of -1.
 */
u64 mhsm_ge25519_load(struct ge25519 *r, const u8 b[32])
{
	const struct fe25519 one = FE25519_ONE;
	struct fe25519 u, v, v3, t;
	u64 ok, plus, minus, sign;
	u8 x[32];

	ok = mhsm_fe25519_load(&r->y, b);
	r->z = one;
	fe_sqr(&u, &r->y);
	fe_mul(&v, &u, &curve_d);
	fe_sub(&u, &u, &one);
	fe_add(&v, &v, &one);

	fe_sqr(&v3, &v);
	fe_mul(&v3, &v3, &v);
	fe_sqr(&t, &v3);
	fe_mul(&t, &t, &v);
	fe_mul(&t, &t, &u);
	mhsm_fe25519_pow_p58(&t, &t);
	fe_mul(&t, &t, &v3);
	fe_mul(&r->x, &t, &u);

	fe_sqr(&t, &r->x);
	fe_mul(&v, &t, &v);
	fe_sub(&t, &u, &v);
	plus = mhsm_fe25519_is_zero(&t);
	fe_add(&t, &u, &v);
	minus = mhsm_fe25519_is_zero(&t);
	fe_mul(&t, &r->x, &root_minus_1);
	fe_cmov(&r->x, &t, minus);
	ok &= plus | minus;

	mhsm_fe25519_store(x, &r->x);
	sign = b[31] >> 7;
	ok &= ~(mhsm_fe25519_is_zero(&r->x) & ct_eq(sign, 1));
	fe_neg(&t, &r->x);
	fe_cmov(&r->x, &t, ~ct_eq(x[0] & 1, sign));
	fe_mul(&r->t, &r->x, &r->y);
	return ok;
}

void mhsm_ge25519_store(u8 b[32], const struct ge25519 *a)
{
	struct fe25519 i, t;
	u8 x[32];

	mhsm_fe25519_inv(&i, &a->z);
	fe_mul(&t, &a->x, &i);
	mhsm_fe25519_store(x, &t);
	fe_mul(&t, &a->y, &i);
	mhsm_fe25519_store(b, &t);
	b[31] |= (u8)((x[0] & 1) << 7);
	memzero_explicit(&i, sizeof(i));
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(x, sizeof(x));
}

/* 8a is in the subgroup of odd order, where x = 0 for the neutral point only. */
u64 mhsm_ge25519_is_small(const struct ge25519 *a)
{
	struct ge25519 t;

	mhsm_ge25519_double(&t, a, 0);
	mhsm_ge25519_double(&t, &t, 0);
	mhsm_ge25519_double(&t, &t, 0);
	return mhsm_fe25519_is_zero(&t.x);
}
