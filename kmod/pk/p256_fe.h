/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of NIST P-256: integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1
 * (FIPS 186-5, SP 800-186 section 3.2.1.3).
 *
 * An element is kept in Montgomery form (a * 2^256 mod p), always fully reduced
 * to [0, p), least significant limb first. Every function is constant time and
 * allows its result to be one of its operands.
 */
#ifndef MHSM_P256_FE_H
#define MHSM_P256_FE_H

#include "pk_limb.h"

struct p256_fe {
	u64 v[4];
};

#define P256_P { 0xffffffffffffffffULL, 0x00000000ffffffffULL, \
		 0x0000000000000000ULL, 0xffffffff00000001ULL }

/* 1 in Montgomery form: 2^256 mod p. */
#define P256_FE_ONE { { 0x0000000000000001ULL, 0xffffffff00000000ULL, \
			0xffffffffffffffffULL, 0x00000000fffffffeULL } }

/* r = a * b */
void mhsm_p256_fe_mul(struct p256_fe *r, const struct p256_fe *a,
		      const struct p256_fe *b);
/* r = a^2 */
void mhsm_p256_fe_sqr(struct p256_fe *r, const struct p256_fe *a);
/* r = 1 / a, and 0 for a = 0 */
void mhsm_p256_fe_inv(struct p256_fe *r, const struct p256_fe *a);
/*
 * Reads 32 big-endian bytes. Returns all ones if they were below p; otherwise 0,
 * and r is the value minus p.
 */
u64 mhsm_p256_fe_load(struct p256_fe *r, const u8 b[32]);
/* Writes a (leaving Montgomery form) as 32 big-endian bytes. */
void mhsm_p256_fe_store(u8 b[32], const struct p256_fe *a);
/* Leaves Montgomery form: r = the integer in [0, p), as limbs. */
void mhsm_p256_fe_to_int(u64 r[4], const struct p256_fe *a);
/* Enters Montgomery form; a must be below p. */
void mhsm_p256_fe_from_int(struct p256_fe *r, const u64 a[4]);

/* Short names for the point formulas. */
static inline void fe_mul(struct p256_fe *r, const struct p256_fe *a,
			  const struct p256_fe *b)
{
	mhsm_p256_fe_mul(r, a, b);
}

static inline void fe_sqr(struct p256_fe *r, const struct p256_fe *a)
{
	mhsm_p256_fe_sqr(r, a);
}

static inline void fe_add(struct p256_fe *r, const struct p256_fe *a,
			  const struct p256_fe *b)
{
	const u64 p[4] = P256_P;
	u64 t[4] = { a->v[0], a->v[1], a->v[2], a->v[3] };
	u64 c = limb4_add(t, b->v);

	limb4_reduce_once(r->v, t, c, p);
}

static inline void fe_sub(struct p256_fe *r, const struct p256_fe *a,
			  const struct p256_fe *b)
{
	u64 t[4] = { a->v[0], a->v[1], a->v[2], a->v[3] };
	u64 borrow = limb4_sub(t, b->v);
	const u64 p[4] = P256_P;
	u64 m[4] = { borrow, borrow & p[1], 0, borrow & p[3] };

	limb4_add(t, m);
	r->v[0] = t[0];
	r->v[1] = t[1];
	r->v[2] = t[2];
	r->v[3] = t[3];
}

static inline void fe_neg(struct p256_fe *r, const struct p256_fe *a)
{
	const struct p256_fe zero = { { 0, 0, 0, 0 } };

	fe_sub(r, &zero, a);
}

static inline void fe_cmov(struct p256_fe *r, const struct p256_fe *a, u64 mask)
{
	limb4_cmov(r->v, a->v, mask);
}

static inline u64 fe_is_zero(const struct p256_fe *a)
{
	return limb4_is_zero(a->v);
}

static inline u64 fe_eq(const struct p256_fe *a, const struct p256_fe *b)
{
	return limb4_eq(a->v, b->v);
}

#endif
