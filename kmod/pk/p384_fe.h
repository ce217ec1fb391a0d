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
#define EC_P_NEG_INV 0x0000000100000001ULL
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
#include "ec_limb6.h"

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
	u64 q1 = lo, q2 = m, q3;

	/* q = (m - lo) + ((lo - hi) << 64) + ((m + hi) << 128), limb by limb */
#if MHSM_PK_ASM
	u64 a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5], top = m;

	__asm__("cmpq	%[lo], %[top]\n\t"
		"sbbq	%[hi], %[q1]\n\t"
		"sbbq	$0, %[q2]\n\t"
		"sbbq	%[q3], %[q3]\n\t"
		"addq	%[hi], %[q2]\n\t"
		"adcq	$0, %[q3]\n\t"
		"subq	%[q1], %[a1]\n\t"
		"sbbq	%[q2], %[a2]\n\t"
		"sbbq	%[q3], %[a3]\n\t"
		"sbbq	$0, %[a4]\n\t"
		"sbbq	$0, %[a5]\n\t"
		"sbbq	$0, %[top]"
		: [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3), [a4] "+&r"(a4),
		  [a5] "+&r"(a5), [top] "+&r"(top), [q1] "+&r"(q1), [q2] "+&r"(q2),
		  [q3] "=&r"(q3)
		: [lo] "r"(lo), [hi] "r"(hi)
		: "cc");
	a[0] = a1;
	a[1] = a2;
	a[2] = a3;
	a[3] = a4;
	a[4] = a5;
	a[5] = top;
#else
	u64 c = m < lo;

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
#endif
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
	c = limb6_add(a, t + 6);
	limb6_reduce_once(r, a, c, fe_prime);
}

/* r = a * b; the product column by column. */
static noinline void fe_mul(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	u64 t[12], c0 = 0, c1 = 0, c2;
	unsigned int i, j;

	EC_UNROLL()
	for (i = 0; i < 11; i++) {
		c2 = 0;
		EC_UNROLL()
		for (j = 0; j < 6; j++)
			if (j <= i && i - j < 6)
				limb_acc3(&c0, &c1, &c2, a->v[j], b->v[i - j]);
		t[i] = c0;
		c0 = c1;
		c1 = c2;
	}
	t[11] = c0;
	fe_reduce(r->v, t);
}

/* r = a^2: the mixed products once, doubled, then the squares. */
static noinline void fe_sqr(struct ec_fe *r, const struct ec_fe *a)
{
	u64 t[12], s[12], c0 = 0, c1 = 0, c2;
	unsigned int i, j;

	EC_UNROLL()
	for (i = 1; i < 10; i++) {
		c2 = 0;
		EC_UNROLL()
		for (j = 0; j < 5; j++)
			if (2 * j < i && i - j < 6)
				limb_acc3(&c0, &c1, &c2, a->v[j], a->v[i - j]);
		t[i] = c0;
		c0 = c1;
		c1 = c2;
	}
	t[10] = c0;
	t[11] = t[10] >> 63;
	EC_UNROLL()
	for (i = 10; i > 1; i--)
		t[i] = t[i] << 1 | t[i - 1] >> 63;
	t[1] <<= 1;
	t[0] = 0;
	EC_UNROLL()
	for (i = 0; i < 6; i++)
		s[2 * i] = limb_mac0(0, a->v[i], a->v[i], &s[2 * i + 1]);
	c0 = limb6_add(t, s);
	limb6_add_carry(t + 6, s + 6, c0);
	fe_reduce(r->v, t);
}

static noinline void fe_add(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 c = limb6_add(t.v, b->v);

	limb6_reduce_once(r->v, t.v, c, fe_prime);
}

/* m = mask & p */
static __always_inline void fe_masked_prime(u64 m[6], u64 mask)
{
	m[0] = mask & fe_prime[0];
	m[1] = mask & fe_prime[1];
	m[2] = mask & fe_prime[2];
	m[3] = mask;
	m[4] = mask;
	m[5] = mask;
}

static noinline void fe_sub(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 m[6];

	fe_masked_prime(m, limb6_sub(t.v, b->v));
	limb6_add(t.v, m);
	*r = t;
}

/* r = a / 2: a or a + p, whichever is even, shifted down. */
static noinline void fe_half(struct ec_fe *r, const struct ec_fe *a)
{
	struct ec_fe t = *a;
	u64 m[6], c;

	fe_masked_prime(m, ct_hide((u64)0 - (a->v[0] & 1)));
	c = limb6_add(t.v, m);
	r->v[0] = t.v[0] >> 1 | t.v[1] << 63;
	r->v[1] = t.v[1] >> 1 | t.v[2] << 63;
	r->v[2] = t.v[2] >> 1 | t.v[3] << 63;
	r->v[3] = t.v[3] >> 1 | t.v[4] << 63;
	r->v[4] = t.v[4] >> 1 | t.v[5] << 63;
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
