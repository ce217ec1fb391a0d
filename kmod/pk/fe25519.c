// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic modulo 2^255 - 19. See fe25519.h. */
#include "fe25519.h"

static __always_inline mhsm_u128 mul64(u64 a, u64 b)
{
	return (mhsm_u128)a * b;
}

/*
 * Carries five sums of products down to tight limbs. The sums are below 2^114.3, so
 * that what a limb hands on is below 2^63.3. The top sum has no factor of 19: it is
 * below 5 * 2^108 + 2^64, and what leaves it comes back at the bottom, as 2^255 = 19,
 * below 19 * 2^59.4 < 2^63.7; the second carry out of there is below 2^13.
 */
static __always_inline void carry(struct fe25519 *r, mhsm_u128 t0, mhsm_u128 t1,
				  mhsm_u128 t2, mhsm_u128 t3, mhsm_u128 t4)
{
	u64 r0, r1, r2, r3, r4;

	t1 += (u64)(t0 >> 51);
	r0 = (u64)t0 & FE25519_MASK;
	t2 += (u64)(t1 >> 51);
	r1 = (u64)t1 & FE25519_MASK;
	t3 += (u64)(t2 >> 51);
	r2 = (u64)t2 & FE25519_MASK;
	t4 += (u64)(t3 >> 51);
	r3 = (u64)t3 & FE25519_MASK;
	r0 += (u64)(t4 >> 51) * 19;
	r4 = (u64)t4 & FE25519_MASK;
	r->v[0] = r0 & FE25519_MASK;
	r->v[1] = r1 + (r0 >> 51);
	r->v[2] = r2;
	r->v[3] = r3;
	r->v[4] = r4;
}

void mhsm_fe25519_mul(struct fe25519 *r, const struct fe25519 *a, const struct fe25519 *b)
{
	u64 a0 = a->v[0], a1 = a->v[1], a2 = a->v[2], a3 = a->v[3], a4 = a->v[4];
	u64 b0 = b->v[0], b1 = b->v[1], b2 = b->v[2], b3 = b->v[3], b4 = b->v[4];
	u64 b1x = b1 * 19, b2x = b2 * 19, b3x = b3 * 19, b4x = b4 * 19;

	carry(r,
	      mul64(a0, b0) + mul64(a1, b4x) + mul64(a2, b3x) + mul64(a3, b2x) + mul64(a4, b1x),
	      mul64(a0, b1) + mul64(a1, b0) + mul64(a2, b4x) + mul64(a3, b3x) + mul64(a4, b2x),
	      mul64(a0, b2) + mul64(a1, b1) + mul64(a2, b0) + mul64(a3, b4x) + mul64(a4, b3x),
	      mul64(a0, b3) + mul64(a1, b2) + mul64(a2, b1) + mul64(a3, b0) + mul64(a4, b4x),
	      mul64(a0, b4) + mul64(a1, b3) + mul64(a2, b2) + mul64(a3, b1) + mul64(a4, b0));
}

static __always_inline void square(struct fe25519 *r, const struct fe25519 *a)
{
	u64 a0 = a->v[0], a1 = a->v[1], a2 = a->v[2], a3 = a->v[3], a4 = a->v[4];
	u64 a0d = a0 * 2, a1d = a1 * 2, a3x = a3 * 19, a4x = a4 * 19, a4xd = a4x * 2;

	carry(r,
	      mul64(a0, a0) + mul64(a1, a4xd) + mul64(a2 * 2, a3x),
	      mul64(a0d, a1) + mul64(a2, a4xd) + mul64(a3, a3x),
	      mul64(a0d, a2) + mul64(a1, a1) + mul64(a3, a4xd),
	      mul64(a0d, a3) + mul64(a1d, a2) + mul64(a4, a4x),
	      mul64(a0d, a4) + mul64(a1d, a3) + mul64(a2, a2));
}

void mhsm_fe25519_sqr(struct fe25519 *r, const struct fe25519 *a)
{
	square(r, a);
}

void mhsm_fe25519_sqr_times(struct fe25519 *r, const struct fe25519 *a, unsigned int count)
{
	struct fe25519 x = *a;

	while (count--)
		square(&x, &x);
	*r = x;
}

void mhsm_fe25519_mul_small(struct fe25519 *r, const struct fe25519 *a, u32 c)
{
	carry(r, mul64(a->v[0], c), mul64(a->v[1], c), mul64(a->v[2], c), mul64(a->v[3], c),
	      mul64(a->v[4], c));
}

/* r = a^(2^250 - 1); also a^11, which inversion needs */
static void pow_250(struct fe25519 *r, struct fe25519 *a11, const struct fe25519 *a)
{
	struct fe25519 t, u;

	mhsm_fe25519_sqr(r, a);				/* 2 */
	mhsm_fe25519_sqr_times(&t, r, 2);		/* 8 */
	mhsm_fe25519_mul(&t, &t, a);			/* 9 */
	mhsm_fe25519_mul(a11, &t, r);			/* 11 */
	mhsm_fe25519_sqr(&u, a11);			/* 22 */
	mhsm_fe25519_mul(&t, &t, &u);			/* 31 = 2^5 - 1 */
	mhsm_fe25519_sqr_times(&u, &t, 5);
	mhsm_fe25519_mul(&t, &t, &u);			/* 2^10 - 1 */
	mhsm_fe25519_sqr_times(&u, &t, 10);
	mhsm_fe25519_mul(&u, &u, &t);			/* 2^20 - 1 */
	mhsm_fe25519_sqr_times(r, &u, 20);
	mhsm_fe25519_mul(&u, &u, r);			/* 2^40 - 1 */
	mhsm_fe25519_sqr_times(&u, &u, 10);
	mhsm_fe25519_mul(&t, &t, &u);			/* 2^50 - 1 */
	mhsm_fe25519_sqr_times(&u, &t, 50);
	mhsm_fe25519_mul(&u, &u, &t);			/* 2^100 - 1 */
	mhsm_fe25519_sqr_times(r, &u, 100);
	mhsm_fe25519_mul(&u, &u, r);			/* 2^200 - 1 */
	mhsm_fe25519_sqr_times(&u, &u, 50);
	mhsm_fe25519_mul(r, &u, &t);
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(&u, sizeof(u));
}

/* Fermat: a^(p-2), p - 2 = 2^5 (2^250 - 1) + 11 */
void mhsm_fe25519_inv(struct fe25519 *r, const struct fe25519 *a)
{
	struct fe25519 t, a11;

	pow_250(&t, &a11, a);
	mhsm_fe25519_sqr_times(&t, &t, 5);
	mhsm_fe25519_mul(r, &t, &a11);
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(&a11, sizeof(a11));
}

/* (p - 5) / 8 = 2^252 - 3 = 2^2 (2^250 - 1) + 1 */
void mhsm_fe25519_pow_p58(struct fe25519 *r, const struct fe25519 *a)
{
	struct fe25519 t, a11;

	pow_250(&t, &a11, a);
	mhsm_fe25519_sqr_times(&t, &t, 2);
	mhsm_fe25519_mul(r, &t, a);
}

u64 mhsm_fe25519_load(struct fe25519 *r, const u8 b[32])
{
	static const u64 p[4] = {
		0xffffffffffffffedULL, 0xffffffffffffffffULL,
		0xffffffffffffffffULL, 0x7fffffffffffffffULL
	};
	u64 t[4];

	limb4_load_le(t, b);
	t[3] &= 0x7fffffffffffffffULL;
	fe_unpack(r, t);
	return limb4_is_less(t, p);
}

/* The four 64-bit limbs of the representative below p. */
static void reduce(u64 r[4], const struct fe25519 *a)
{
	u64 t[5], c = 0;
	unsigned int i;

	/* limbs of 51 bits, but for the lowest, to which at most 19 * 8 comes back */
	for (i = 0; i < 5; i++) {
		t[i] = a->v[i] + c;
		c = t[i] >> 51;
		t[i] &= FE25519_MASK;
	}
	t[0] += c * 19;

	/*
	 * The value is below 2p, so its quotient by p is 0 or 1: 1 if adding 19 carries
	 * out of bit 255. Subtracting p is adding 19 and dropping that bit.
	 */
	c = 19;
	for (i = 0; i < 5; i++)
		c = (t[i] + c) >> 51;
	c *= 19;
	for (i = 0; i < 5; i++) {
		t[i] += c;
		c = t[i] >> 51;
		t[i] &= FE25519_MASK;
	}
	r[0] = t[0] | t[1] << 51;
	r[1] = t[1] >> 13 | t[2] << 38;
	r[2] = t[2] >> 26 | t[3] << 25;
	r[3] = t[3] >> 39 | t[4] << 12;
	memzero_explicit(t, sizeof(t));
}

void mhsm_fe25519_store(u8 b[32], const struct fe25519 *a)
{
	u64 t[4];

	reduce(t, a);
	limb4_store_le(b, t);
	memzero_explicit(t, sizeof(t));
}

u64 mhsm_fe25519_is_zero(const struct fe25519 *a)
{
	u64 t[4], zero;

	reduce(t, a);
	zero = limb4_is_zero(t);
	memzero_explicit(t, sizeof(t));
	return zero;
}
