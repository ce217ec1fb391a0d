/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of NIST P-384: integers modulo p = 2^384 - 2^128 - 2^96 + 2^32 - 1,
 * and the curve's numbers (SP 800-186 section 3.2.1.4), for the ec_*.h headers.
 *
 * An element is kept in Montgomery form (a * 2^384 mod p), always fully reduced
 * to [0, p), least significant limb first. Every function is constant time and
 * allows its result to be one of its operands.
 */
#ifndef MHSM_P384_FE_H
#define MHSM_P384_FE_H

#define EC_BITS 384
#define EC_BYTES 48
#define EC_LIMBS 6
#define EC_A_IS_ZERO 0
#define EC_BASE_GROUPS 2
#define EC_API(name) mhsm_p384_##name

#define EC_P { 0x00000000ffffffffULL, 0xffffffff00000000ULL, \
	       0xfffffffffffffffeULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL }
#define EC_N { 0xecec196accc52973ULL, 0x581a0db248b0a77aULL, \
	       0xc7634d81f4372ddfULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL }
#define EC_N_NEG_INV 0x6ed46089e88fdc45ULL
#define EC_N_RR { 0x2d319b2419b409a9ULL, 0xff3d81e5df1aa419ULL, \
		  0xbc3e483afcb82947ULL, 0xd40d49174aab1cc5ULL, \
		  0x3fb05b7a28266895ULL, 0x0c84ee012b39bf21ULL }
#define EC_B { { 0x081188719d412dccULL, 0xf729add87a4c32ecULL, \
		 0x77f2209b1920022eULL, 0xe3374bee94938ae2ULL, \
		 0xb62b21f41f022094ULL, 0xcd08114b604fbff9ULL } }
/* 1 in Montgomery form: 2^384 mod p. */
#define EC_FE_ONE { { 0xffffffff00000001ULL, 0x00000000ffffffffULL, \
		      0x0000000000000001ULL, 0, 0, 0 } }

#include "ec_limb.h"

struct ec_fe {
	u64 v[EC_LIMBS];
};

static const u64 fe_prime[EC_LIMBS] = EC_P;

/* 2^768 mod p: brings an integer into Montgomery form. */
static const struct ec_fe fe_r_squared = { {
	0xfffffffe00000001ULL, 0x0000000200000000ULL, 0xfffffffe00000000ULL,
	0x0000000200000000ULL, 0x0000000000000001ULL, 0
} };

/*
 * One step of Montgomery reduction: a = (a + m * p) / 2^64.
 *
 * -1 / p mod 2^64 is 2^32 + 1, so that m is a0 + a0 * 2^32. As p is 2^384 less
 * 2^128 + 2^96 - 2^32 + 1, m * p is m * 2^384 less
 *	q = m - (m << 32) + (m << 96) + (m << 128),
 * whose lowest limb is a0: it cancels, and does not borrow. The result is
 * positive because m * p is, and less than a / 2^64 + p.
 */
static __always_inline void fe_reduce_step(u64 a[6])
{
	u64 m = a[0] + (a[0] << 32), lo = m << 32, hi = m >> 32;
	u64 q1, q2, q3, c;

	/* q = (m - lo) + ((lo - hi) << 64) + ((m + hi) << 128), limb by limb */
	c = m < lo;
	q1 = limb_sbb(lo, hi, &c);
	q2 = m + hi;
	q3 = q2 < hi;
	q3 -= q2 < c;
	q2 -= c;

	c = 0;
	a[0] = limb_sbb(a[1], q1, &c);
	a[1] = limb_sbb(a[2], q2, &c);
	a[2] = limb_sbb(a[3], q3, &c);
	a[3] = limb_sbb(a[4], 0, &c);
	a[4] = limb_sbb(a[5], 0, &c);
	a[5] = m - c;
}

/*
 * r = t / 2^384 mod p for t < p^2. The six steps leave at most p from the low
 * half, and the high half is below p, so that their sum is below 2p.
 */
static __always_inline void fe_reduce(u64 r[6], const u64 t[12])
{
	u64 a[6] = { t[0], t[1], t[2], t[3], t[4], t[5] };
	u64 c;

	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	fe_reduce_step(a);
	c = num_add(a, t + 6);
	num_reduce_once(r, a, c, fe_prime);
}

/* r = a * b */
static noinline void fe_mul(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	u64 t[12], c;
	unsigned int i, j;

	c = 0;
	EC_UNROLL
	for (j = 0; j < 6; j++)
		t[j] = limb_mac0(c, a->v[j], b->v[0], &c);
	t[6] = c;
	EC_UNROLL
	for (i = 1; i < 6; i++) {
		c = 0;
		EC_UNROLL
		for (j = 0; j < 6; j++)
			t[i + j] = limb_mac(t[i + j], a->v[j], b->v[i], &c);
		t[i + 6] = c;
	}
	fe_reduce(r->v, t);
}

/* r = a^2: the mixed products once, doubled, then the squares. */
static noinline void fe_sqr(struct ec_fe *r, const struct ec_fe *a)
{
	u64 t[12] = { 0 }, c, lo, hi;
	unsigned int i, j;

	EC_UNROLL
	for (i = 0; i < 5; i++) {
		c = 0;
		EC_UNROLL
		for (j = i + 1; j < 6; j++)
			t[i + j] = limb_mac(t[i + j], a->v[i], a->v[j], &c);
		t[i + 6] = c;
	}
	EC_UNROLL
	for (i = 11; i > 1; i--)
		t[i] = t[i] << 1 | t[i - 1] >> 63;
	t[1] <<= 1;
	c = 0;
	EC_UNROLL
	for (i = 0; i < 6; i++) {
		lo = limb_mac0(0, a->v[i], a->v[i], &hi);
		t[2 * i] = limb_adc(t[2 * i], lo, &c);
		t[2 * i + 1] = limb_adc(t[2 * i + 1], hi, &c);
	}
	fe_reduce(r->v, t);
}

static inline void fe_add(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 c = num_add(t.v, b->v);

	num_reduce_once(r->v, t.v, c, fe_prime);
}

static inline void fe_sub(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 m[6], borrow = num_sub(t.v, b->v);
	unsigned int i;

	for (i = 0; i < 6; i++)
		m[i] = borrow & fe_prime[i];
	num_add(t.v, m);
	*r = t;
}

/* r = a / 2: a or a + p, whichever is even, shifted down. */
static inline void fe_half(struct ec_fe *r, const struct ec_fe *a)
{
	u64 odd = ct_hide((u64)0 - (a->v[0] & 1)), m[6], c;
	struct ec_fe t = *a;
	unsigned int i;

	for (i = 0; i < 6; i++)
		m[i] = odd & fe_prime[i];
	c = num_add(t.v, m);
	for (i = 0; i < 5; i++)
		r->v[i] = t.v[i] >> 1 | t.v[i + 1] << 63;
	r->v[5] = t.v[5] >> 1 | c << 63;
}

static inline void fe_cmov(struct ec_fe *r, const struct ec_fe *a, u64 mask)
{
	num_cmov(r->v, a->v, mask);
}

static inline u64 fe_is_zero(const struct ec_fe *a)
{
	return num_is_zero(a->v);
}

/* Enters Montgomery form; a must be below p. */
static inline void fe_from_int(struct ec_fe *r, const u64 a[6])
{
	struct ec_fe t;

	memcpy(t.v, a, sizeof(t.v));
	fe_mul(r, &t, &fe_r_squared);
}

/* Leaves Montgomery form: r = the integer in [0, p), as limbs. */
static inline void fe_to_int(u64 r[6], const struct ec_fe *a)
{
	u64 t[12] = { 0 };

	memcpy(t, a->v, sizeof(a->v));
	fe_reduce(r, t);
}

#endif
