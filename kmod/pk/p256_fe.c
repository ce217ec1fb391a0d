// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic modulo the field prime of P-256. See p256_fe.h. */
#include "p256_fe.h"

static const u64 fe_prime[4] = P256_P;

/* 2^512 mod p: brings an integer into Montgomery form. */
static const struct p256_fe fe_r_squared = { {
	0x0000000000000003ULL, 0xfffffffbffffffffULL,
	0xfffffffffffffffeULL, 0x00000004fffffffdULL
} };

/*
 * One step of Montgomery reduction: (a + a0 * p) / 2^64.
 *
 * The multiplier is a0 itself, because p = -1 modulo 2^64. The product
 * a0 * p = a0 * (2^96 - 1) + a0 * p3 * 2^192 clears the lowest limb, adds a0
 * shifted by 32 to the next two, and leaves one multiplication for the top.
 * For any a < 2^256 the result is below 2^192 + p < 2^256: four limbs do.
 */
static __always_inline void fe_reduce_step(u64 a[4])
{
	u64 m = a[0], lo = m << 32, hi = m >> 32;

	a[0] = a[1] + lo;
	hi += a[0] < lo;
	a[1] = a[2] + hi;
	hi = a[1] < hi;
	a[2] = limb_mac(a[3], m, fe_prime[3], &hi);
	a[3] = hi;
}

/*
 * r = t / 2^256 mod p for t < p^2. The four steps leave at most p from the low
 * half, and the high half is below p, so that their sum is below 2p.
 */
static __always_inline void fe_reduce(u64 r[4], const u64 t[8])
{
	u64 a[4] = { t[0], t[1], t[2], t[3] };
	u64 c;

	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	c = limb4_add(a, t + 4);
	limb4_reduce_once(r, a, c, fe_prime);
}

void mhsm_p256_fe_mul(struct p256_fe *r, const struct p256_fe *a,
		      const struct p256_fe *b)
{
	u64 t[8];

	limb4_mul(t, a->v, b->v);
	fe_reduce(r->v, t);
}

void mhsm_p256_fe_sqr(struct p256_fe *r, const struct p256_fe *a)
{
	u64 t[8];

	limb4_sqr(t, a->v);
	fe_reduce(r->v, t);
}

/* r = a^(2^count); the count is public. */
static void fe_sqr_times(struct p256_fe *r, const struct p256_fe *a, unsigned int count)
{
	fe_sqr(r, a);
	while (--count)
		fe_sqr(r, r);
}

/*
 * Fermat: a^(p-2). In binary p-2 is 32 ones, 31 zeros, a one, 96 zeros, 94
 * ones, a zero and a one. xN below is a raised to N ones.
 */
void mhsm_p256_fe_inv(struct p256_fe *r, const struct p256_fe *a)
{
	struct p256_fe x1 = *a, x2, x3, x30, x32, t;

	fe_sqr(&t, &x1);
	fe_mul(&x2, &t, &x1);
	fe_sqr(&t, &x2);
	fe_mul(&x3, &t, &x1);
	fe_sqr_times(&t, &x3, 3);
	fe_mul(&t, &t, &x3);		/* 6 ones */
	fe_sqr_times(&x30, &t, 6);
	fe_mul(&t, &x30, &t);		/* 12 */
	fe_sqr_times(&t, &t, 3);
	fe_mul(&t, &t, &x3);		/* 15 */
	fe_sqr_times(&x30, &t, 15);
	fe_mul(&x30, &x30, &t);
	fe_sqr_times(&t, &x30, 2);
	fe_mul(&x32, &t, &x2);

	fe_sqr_times(&t, &x32, 32);
	fe_mul(&t, &t, &x1);
	fe_sqr_times(&t, &t, 128);
	fe_mul(&t, &t, &x32);
	fe_sqr_times(&t, &t, 32);
	fe_mul(&t, &t, &x32);
	fe_sqr_times(&t, &t, 30);
	fe_mul(&t, &t, &x30);
	fe_sqr_times(&t, &t, 2);
	fe_mul(r, &t, &x1);
}

void mhsm_p256_fe_from_int(struct p256_fe *r, const u64 a[4])
{
	struct p256_fe t = { { a[0], a[1], a[2], a[3] } };

	fe_mul(r, &t, &fe_r_squared);
}

void mhsm_p256_fe_to_int(u64 r[4], const struct p256_fe *a)
{
	u64 t[8] = { a->v[0], a->v[1], a->v[2], a->v[3], 0, 0, 0, 0 };

	fe_reduce(r, t);
}

u64 mhsm_p256_fe_load(struct p256_fe *r, const u8 b[32])
{
	u64 t[4], below;

	limb4_load_be(t, b);
	below = limb4_is_less(t, fe_prime);
	limb4_reduce_once(t, t, 0, fe_prime);
	mhsm_p256_fe_from_int(r, t);
	return below;
}

void mhsm_p256_fe_store(u8 b[32], const struct p256_fe *a)
{
	u64 t[4];

	mhsm_p256_fe_to_int(t, a);
	limb4_store_be(b, t);
}
