/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inversion modulo an odd number of EC_BITS bits, in constant time, by the
 * division steps of D. J. Bernstein and B.-Y. Yang, "Fast constant-time gcd
 * computation and modular inversion" (CHES 2019). See ec_limb.h for the headers of
 * this family.
 *
 * A step takes (delta, f, g), f odd, to
 *
 *	(1 - delta, g, (g - f) / 2)		if delta > 0 and g is odd,
 *	(1 + delta, f, (g + (g mod 2) f) / 2)	otherwise.
 *
 * The steps begin with (1, m, x), and (49 EC_BITS + 57) / 17 of them make g zero
 * (their theorem 11.2, for numbers of EC_BITS >= 46 bits); then f is the greatest
 * common divisor of m and x or its negative. What 62 steps do depends on the
 * lowest 62 bits of f and g alone, and is a matrix of integers, divided by 2^62:
 * it is found on single limbs, and then applied to the whole numbers.
 *
 * Alongside go d and e with d x = f and e x = g modulo m. At the end f is +-1, for
 * a prime m and x not 0, and +-d is the inverse; for x = 0, d stays 0.
 *
 * Numbers are signed and have limbs of 62 bits, all but the last not negative.
 */
#ifndef MHSM_EC_INV_H
#define MHSM_EC_INV_H

#include "ec_limb.h"

#define INV_LIMBS (EC_BITS / 62 + 1)
#define INV_BATCHES (((49 * EC_BITS + 57) / 17 + 61) / 62)
#define LIMB62 0x3fffffffffffffffULL

typedef __int128 inv_wide;

struct inv_num {
	int64_t v[INV_LIMBS];
};

/* f' = (u f + v g) / 2^62, g' = (q f + r g) / 2^62; |u| + |v|, |q| + |r| <= 2^62 */
struct inv_matrix {
	int64_t u, v, q, r;
};

struct inv_state {
	struct inv_num m, f, g, d, e;
	struct inv_matrix t;
};

static void inv_from_num(struct inv_num *r, const u64 a[EC_LIMBS])
{
	unsigned int i, bit;
	u64 x;

	for (i = 0, bit = 0; i < INV_LIMBS; i++, bit += 62) {
		x = bit / 64 < EC_LIMBS ? a[bit / 64] >> bit % 64 : 0;
		if (bit % 64 > 2 && bit / 64 + 1 < EC_LIMBS)
			x |= a[bit / 64 + 1] << (64 - bit % 64);
		r->v[i] = (int64_t)(x & LIMB62);
	}
}

/* Of a number that is not negative and below 2^(64 EC_LIMBS). */
static void inv_to_num(u64 r[EC_LIMBS], const struct inv_num *a)
{
	unsigned int i, bit;

	memset(r, 0, EC_LIMBS * sizeof(*r));
	for (i = 0, bit = 0; i < INV_LIMBS; i++, bit += 62) {
		if (bit / 64 < EC_LIMBS)
			r[bit / 64] |= (u64)a->v[i] << bit % 64;
		if (bit % 64 > 2 && bit / 64 + 1 < EC_LIMBS)
			r[bit / 64 + 1] |= (u64)a->v[i] >> (64 - bit % 64);
	}
}

/*
 * 62 steps on the lowest limbs of f and g. eta is -delta, in two's complement;
 * returns the new one. Matrix entries are shifted up where f and g are not
 * shifted down, and never exceed 2^62.
 */
static noinline u64 inv_steps(struct inv_matrix *t, u64 eta, u64 f, u64 g)
{
	u64 u = 1, v = 0, q = 0, r = 1, negate, odd, swap;
	unsigned int i;

	for (i = 0; i < 62; i++) {
		negate = ct_hide((u64)0 - (eta >> 63));
		odd = ct_hide((u64)0 - (g & 1));
		/* add f, or subtract it where delta > 0, to an odd g */
		g += ((f ^ negate) - negate) & odd;
		q += ((u ^ negate) - negate) & odd;
		r += ((v ^ negate) - negate) & odd;
		/* f + (g - f) is g */
		swap = negate & odd;
		f += g & swap;
		u += q & swap;
		v += r & swap;
		/* -(1 - delta) is ~eta, -(1 + delta) is eta - 1 */
		eta = (eta ^ swap) - 1 - swap;
		g >>= 1;
		u <<= 1;
		v <<= 1;
	}
	t->u = (int64_t)u;
	t->v = (int64_t)v;
	t->q = (int64_t)q;
	t->r = (int64_t)r;
	return eta;
}

/* Applies t to f and g; the lowest 62 bits of the sums are zero. */
static noinline void inv_update_fg(struct inv_num *f, struct inv_num *g,
				   const struct inv_matrix *t)
{
	inv_wide cf, cg;
	unsigned int i;

	cf = (inv_wide)t->u * f->v[0] + (inv_wide)t->v * g->v[0];
	cg = (inv_wide)t->q * f->v[0] + (inv_wide)t->r * g->v[0];
	EC_UNROLL()
	for (i = 1; i < INV_LIMBS; i++) {
		cf >>= 62;
		cg >>= 62;
		cf += (inv_wide)t->u * f->v[i] + (inv_wide)t->v * g->v[i];
		cg += (inv_wide)t->q * f->v[i] + (inv_wide)t->r * g->v[i];
		f->v[i - 1] = (int64_t)((u64)cf & LIMB62);
		g->v[i - 1] = (int64_t)((u64)cg & LIMB62);
	}
	f->v[INV_LIMBS - 1] = (int64_t)(cf >> 62);
	g->v[INV_LIMBS - 1] = (int64_t)(cg >> 62);
}

/*
 * Applies t to d and e modulo m, where they are in (-2m, m) and stay there: m is
 * added once if one is negative, which makes the products with t sums in
 * (-2^62 m, 2^62 m); then as many m as clear the lowest 62 bits, less than 2^62,
 * are subtracted. m_inv is 1 / m modulo 2^62.
 */
static noinline void inv_update_de(struct inv_num *d, struct inv_num *e,
				   const struct inv_matrix *t, const struct inv_num *m,
				   u64 m_inv)
{
	int64_t d_negative = d->v[INV_LIMBS - 1] >> 63, e_negative = e->v[INV_LIMBS - 1] >> 63;
	int64_t md = (t->u & d_negative) + (t->v & e_negative);
	int64_t me = (t->q & d_negative) + (t->r & e_negative);
	inv_wide cd, ce;
	unsigned int i;

	cd = (inv_wide)t->u * d->v[0] + (inv_wide)t->v * e->v[0];
	ce = (inv_wide)t->q * d->v[0] + (inv_wide)t->r * e->v[0];
	md -= (int64_t)((m_inv * (u64)cd + (u64)md) & LIMB62);
	me -= (int64_t)((m_inv * (u64)ce + (u64)me) & LIMB62);
	cd += (inv_wide)m->v[0] * md;
	ce += (inv_wide)m->v[0] * me;
	EC_UNROLL()
	for (i = 1; i < INV_LIMBS; i++) {
		cd >>= 62;
		ce >>= 62;
		cd += (inv_wide)t->u * d->v[i] + (inv_wide)t->v * e->v[i];
		ce += (inv_wide)t->q * d->v[i] + (inv_wide)t->r * e->v[i];
		cd += (inv_wide)m->v[i] * md;
		ce += (inv_wide)m->v[i] * me;
		d->v[i - 1] = (int64_t)((u64)cd & LIMB62);
		e->v[i - 1] = (int64_t)((u64)ce & LIMB62);
	}
	d->v[INV_LIMBS - 1] = (int64_t)(cd >> 62);
	e->v[INV_LIMBS - 1] = (int64_t)(ce >> 62);
}

/* a = (a ^ negate) - negate + m & add, for masks; the limbs are made proper again. */
static void inv_adjust(struct inv_num *a, int64_t negate, const struct inv_num *m,
		       int64_t add)
{
	int64_t c = 0;
	unsigned int i;

	for (i = 0; i < INV_LIMBS; i++) {
		c += ((a->v[i] ^ negate) - negate) + (m->v[i] & add);
		a->v[i] = c;
		if (i < INV_LIMBS - 1) {
			a->v[i] = (int64_t)((u64)c & LIMB62);
			c >>= 62;
		}
	}
}

/* All ones if a < 0; not for the compiler to see through. */
static int64_t inv_sign(const struct inv_num *a)
{
	return (int64_t)ct_hide((u64)(a->v[INV_LIMBS - 1] >> 63));
}

/*
 * r = 1 / x modulo the prime m, and 0 for x = 0; x < m. m_neg_inv is -1 / m
 * modulo 2^64.
 */
static noinline void num_inv(u64 r[EC_LIMBS], const u64 x[EC_LIMBS],
			     const u64 m[EC_LIMBS], u64 m_neg_inv)
{
	const struct inv_num zero = { { 0 } };
	struct inv_state s = { .e = { { 1 } } };
	u64 eta = (u64)0 - 1;
	unsigned int i;

	inv_from_num(&s.m, m);
	inv_from_num(&s.g, x);
	s.f = s.m;
	for (i = 0; i < INV_BATCHES; i++) {
		eta = inv_steps(&s.t, eta, (u64)s.f.v[0], (u64)s.g.v[0]);
		inv_update_de(&s.d, &s.e, &s.t, &s.m, (u64)0 - m_neg_inv);
		inv_update_fg(&s.f, &s.g, &s.t);
	}
	/* d in (-2m, m), then (-m, m), and with the sign of f, then [0, m) */
	inv_adjust(&s.d, 0, &s.m, inv_sign(&s.d));
	inv_adjust(&s.d, inv_sign(&s.f), &zero, 0);
	inv_adjust(&s.d, 0, &s.m, inv_sign(&s.d));
	inv_to_num(r, &s.d);
	memzero_explicit(&s, sizeof(s));
}

#endif
