// SPDX-License-Identifier: GPL-2.0-only
/* Point addition and doubling, affine form, curve membership. See p256_pt.h. */
#include "p256_pt.h"

/* The curve's b in Montgomery form. */
static const struct p256_fe curve_b = { {
	0xd89cdf6229c4bddfULL, 0xacf005cd78843090ULL,
	0xe5a220abf7212ed6ULL, 0xdc30061d04874834ULL
} };

/* r = a / 2: a or a + p, whichever is even, shifted down. */
static inline void fe_half(struct p256_fe *r, const struct p256_fe *a)
{
	const u64 p[4] = P256_P;
	u64 odd = ct_hide((u64)0 - (a->v[0] & 1));
	u64 m[4] = { odd, odd & p[1], 0, odd & p[3] };
	u64 t[4] = { a->v[0], a->v[1], a->v[2], a->v[3] };
	u64 c = limb4_add(t, m);

	r->v[0] = t[0] >> 1 | t[1] << 63;
	r->v[1] = t[1] >> 1 | t[2] << 63;
	r->v[2] = t[2] >> 1 | t[3] << 63;
	r->v[3] = t[3] >> 1 | c << 63;
}

/*
 * With a = -3: M = 3(X - Z^2)(X + Z^2), S = 4XY^2, X' = M^2 - 2S,
 * Y' = M(S - X') - 8Y^4, Z' = 2YZ.
 */
void mhsm_p256_pt_double(struct p256_jacobian *r, const struct p256_jacobian *a)
{
	struct p256_fe s, m, y2, t;

	fe_add(&y2, &a->y, &a->y);
	fe_sqr(&t, &a->z);
	fe_sub(&m, &a->x, &t);
	fe_add(&t, &a->x, &t);
	fe_mul(&m, &m, &t);
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
static inline void finish_add(struct p256_jacobian *r, const struct p256_fe *u1,
			      const struct p256_fe *s1, const struct p256_fe *h,
			      const struct p256_fe *rr)
{
	struct p256_fe hh, hhh, v, t;

	fe_sqr(&hh, h);
	fe_mul(&hhh, &hh, h);
	fe_mul(&v, u1, &hh);
	fe_mul(&t, s1, &hhh);
	fe_sqr(&r->x, rr);
	fe_sub(&r->x, &r->x, &hhh);
	fe_sub(&r->x, &r->x, &v);
	fe_sub(&r->x, &r->x, &v);
	fe_sub(&v, &v, &r->x);
	fe_mul(&v, &v, rr);
	fe_sub(&r->y, &v, &t);
}

void mhsm_p256_pt_add(struct p256_jacobian *r, const struct p256_jacobian *a,
		      const struct p256_jacobian *b)
{
	struct p256_fe zz, u1, s1, h, rr;

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

void mhsm_p256_pt_add_affine(struct p256_jacobian *r, const struct p256_jacobian *a,
			     const struct p256_affine *b)
{
	struct p256_fe x1 = a->x, y1 = a->y, zz, h, rr;

	fe_sqr(&zz, &a->z);
	fe_mul(&h, &b->x, &zz);
	fe_mul(&zz, &zz, &a->z);
	fe_mul(&rr, &b->y, &zz);
	fe_sub(&h, &h, &x1);
	fe_sub(&rr, &rr, &y1);
	fe_mul(&r->z, &a->z, &h);
	finish_add(r, &x1, &y1, &h, &rr);
}

void mhsm_p256_pt_to_affine(struct p256_fe *x, struct p256_fe *y,
			    const struct p256_jacobian *a)
{
	struct p256_fe i, ii;

	mhsm_p256_fe_inv(&i, &a->z);
	fe_sqr(&ii, &i);
	fe_mul(x, &a->x, &ii);
	if (y) {
		fe_mul(&ii, &ii, &i);
		fe_mul(y, &a->y, &ii);
	}
}

u64 mhsm_p256_pt_load(struct p256_affine *r, const u8 b[64])
{
	struct p256_fe left, right, t;
	u64 ok;

	ok = mhsm_p256_fe_load(&r->x, b);
	ok &= mhsm_p256_fe_load(&r->y, b + 32);

	fe_sqr(&left, &r->y);
	fe_sqr(&right, &r->x);
	fe_mul(&right, &right, &r->x);
	fe_add(&t, &r->x, &r->x);
	fe_add(&t, &t, &r->x);
	fe_sub(&right, &right, &t);
	fe_add(&right, &right, &curve_b);
	return ok & fe_eq(&left, &right);
}
