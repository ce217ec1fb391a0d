/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of NIST P-521: integers modulo p = 2^521 - 1, and the curve's numbers
 * (SP 800-186 section 3.2.1.5), for the ec_*.h headers.
 *
 * An element is nine limbs of 58 bits, least significant first, each allowed to
 * exceed 58 bits by a little: every function takes and leaves limbs below
 * 2^58 + 2^6 ("tight"). An element is known modulo p only, and 2^522 = 2.
 * fe_to_int() makes it unique. Every function is constant time and allows its
 * result to be one of its operands.
 */
#ifndef MHSM_P521_FE_H
#define MHSM_P521_FE_H

#define EC_BITS 521
#define EC_BYTES 66
#define EC_LIMBS 9
#define EC_A_IS_ZERO 0
#define EC_BASE_GROUPS 3
#define EC_API(name) mhsm_p521_##name

#define EC_P { 0xffffffffffffffffULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL, \
	       0x00000000000001ffULL }
#define EC_N { 0xbb6fb71e91386409ULL, 0x3bb5c9b8899c47aeULL, \
	       0x7fcc0148f709a5d0ULL, 0x51868783bf2f966bULL, \
	       0xfffffffffffffffaULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL, \
	       0x00000000000001ffULL }
#define EC_P_NEG_INV 1
#define EC_N_NEG_INV 0x1d2f5ccd79a995c7ULL
#define EC_N_RR { 0x137cd04dcf15dd04ULL, 0xf707badce5547ea3ULL, \
		  0x12a78d38794573ffULL, 0xd3721ef557f75e06ULL, \
		  0xdd6e23d82e49c7dbULL, 0xcff3d142b7756e3eULL, \
		  0x5bcc6d61a8e567bcULL, 0x2d8e03d1492d0d45ULL, \
		  0x000000000000003dULL }
#define EC_B { { 0x03451fd46b503f00ULL, 0x00f7e20f4b0d3c7bULL, \
		 0x000bd3bb1bf07357ULL, 0x0147b1fa4dec594bULL, \
		 0x018ef109e1561939ULL, 0x026cc57cee2d2264ULL, \
		 0x00540eea2da725b9ULL, 0x02687e4a688682daULL, \
		 0x0051953eb9618e1cULL } }
#define EC_FE_ONE { { 1, 0, 0, 0, 0, 0, 0, 0, 0 } }

#include "ec_limb.h"

struct ec_fe {
	u64 v[EC_LIMBS];
};

#define LIMB58 0x03ffffffffffffffULL

static const u64 fe_prime[EC_LIMBS] = EC_P;

/*
 * Makes limbs below 2^63 tight: each passes what exceeds 58 bits, less than 2^5,
 * to the next, and the highest twice that to the lowest.
 */
static __always_inline void fe_carry(u64 a[9])
{
	u64 c = a[8] >> 58;
	unsigned int i;

	EC_UNROLL()
	for (i = 8; i > 0; i--)
		a[i] = (a[i] & LIMB58) + (a[i - 1] >> 58);
	a[0] = (a[0] & LIMB58) + 2 * c;
}

/*
 * r = the sum of t[i] * 2^(58 i), made tight. Every t[i] is below 2^124, and so
 * is its sum with a carry (2^66); the last carry, below 2^66, comes back doubled,
 * leaves t[0] below 2^68, and what that passes on is below 2^10: too much for
 * tight, and so t[1] passes it on once more.
 */
static __always_inline void fe_reduce(u64 r[9], mhsm_u128 t[9])
{
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < 8; i++) {
		t[i + 1] += t[i] >> 58;
		r[i] = (u64)t[i] & LIMB58;
	}
	r[8] = (u64)t[8] & LIMB58;
	t[0] = r[0] + ((t[8] >> 58) << 1);
	r[0] = (u64)t[0] & LIMB58;
	r[1] += (u64)(t[0] >> 58);
	r[2] += r[1] >> 58;
	r[1] &= LIMB58;
}

/*
 * r = a * b. A product of two limbs is below 2^116.1, a sum of nine below 2^119.3;
 * those at 2^522 and above count twice, 2^58 a limb below.
 */
static noinline void fe_mul(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	mhsm_u128 t[9];
	u64 twice[9];
	unsigned int i, j;

	EC_UNROLL()
	for (i = 0; i < 9; i++)
		twice[i] = 2 * b->v[i];
	EC_UNROLL()
	for (i = 0; i < 9; i++) {
		t[i] = 0;
		EC_UNROLL()
		for (j = 0; j < 9; j++)
			t[i] += (mhsm_u128)a->v[j] *
				(j <= i ? b->v[i - j] : twice[9 + i - j]);
	}
	fe_reduce(r->v, t);
}

/* r = a^2: a mixed product counts twice, and twice again from 2^522 on. */
static noinline void fe_sqr(struct ec_fe *r, const struct ec_fe *a)
{
	mhsm_u128 t[9];
	u64 twice[9], four[9];
	unsigned int i, j;

	EC_UNROLL()
	for (i = 0; i < 9; i++) {
		twice[i] = 2 * a->v[i];
		four[i] = 4 * a->v[i];
	}
	EC_UNROLL()
	for (i = 0; i < 9; i++) {
		t[i] = 0;
		/* the pairs j < k with j + k = i, or j + k = 9 + i */
		EC_UNROLL()
		for (j = 0; j < 9; j++) {
			if (2 * j < i)
				t[i] += (mhsm_u128)a->v[j] * twice[i - j];
			if (j > i && 2 * j < 9 + i)
				t[i] += (mhsm_u128)a->v[j] * four[9 + i - j];
		}
		if (i % 2 == 0)
			t[i] += (mhsm_u128)a->v[i / 2] * a->v[i / 2];
		else
			t[i] += (mhsm_u128)a->v[(9 + i) / 2] * twice[(9 + i) / 2];
	}
	fe_reduce(r->v, t);
}

static inline void fe_add(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < 9; i++)
		r->v[i] = a->v[i] + b->v[i];
	fe_carry(r->v);
}

/* a + 4p - b, where no limb of 4p = 4 * 2^521 - 4 is below a tight one */
static inline void fe_sub(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	unsigned int i;

	r->v[0] = a->v[0] + 2 * LIMB58 - 2 - b->v[0];
	EC_UNROLL()
	for (i = 1; i < 9; i++)
		r->v[i] = a->v[i] + 2 * LIMB58 - b->v[i];
	fe_carry(r->v);
}

/* r = a / 2: 1/2 is 2^520, so that the lowest bit becomes the 520th. */
static inline void fe_half(struct ec_fe *r, const struct ec_fe *a)
{
	u64 low = a->v[0] & 1;
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < 8; i++)
		r->v[i] = (a->v[i] >> 1) + ((a->v[i + 1] & 1) << 57);
	r->v[8] = (a->v[8] >> 1) + (low << 56);
}

static inline void fe_cmov(struct ec_fe *r, const struct ec_fe *a, u64 mask)
{
	num_cmov(r->v, a->v, mask);
}

/* An element of the integer a, which must be below p. */
static inline void fe_from_int(struct ec_fe *r, const u64 a[9])
{
	struct ec_fe t;
	unsigned int i, bit;

	for (i = 0, bit = 0; i < 9; i++, bit += 58) {
		t.v[i] = a[bit / 64] >> bit % 64;
		if (bit % 64 > 6)
			t.v[i] |= a[bit / 64 + 1] << (64 - bit % 64);
		t.v[i] &= LIMB58;
	}
	*r = t;
}

/*
 * r = the integer in [0, p), as limbs of 64 bits. A tight element is below
 * 2^522 + 2^471. Its bits from 521 on, which are at most 2, go to the bottom; the
 * sum, at most 2^521 + 1, is written modulo 2^576, and p is subtracted once.
 */
static noinline void fe_to_int(u64 r[9], const struct ec_fe *a)
{
	u64 t[9], top, c, x, spread[9] = { 0 };
	unsigned int i, bit;

	memcpy(t, a->v, sizeof(t));
	for (i = 0; i < 8; i++) {
		t[i + 1] += t[i] >> 58;
		t[i] &= LIMB58;
	}
	top = t[8] >> 57;
	t[8] &= LIMB58 >> 1;
	/* the limbs no longer overlap */
	for (i = 0, bit = 0; i < 9; i++, bit += 58) {
		spread[bit / 64] |= t[i] << bit % 64;
		if (bit % 64 > 6)
			spread[bit / 64 + 1] |= t[i] >> (64 - bit % 64);
	}
	c = top;
	for (i = 0; i < 9; i++) {
		x = spread[i] + c;
		c = x < c;
		spread[i] = x;
	}
	num_reduce_once(r, spread, 0, fe_prime);
	memzero_explicit(t, sizeof(t));
	memzero_explicit(spread, sizeof(spread));
}

static inline u64 fe_is_zero(const struct ec_fe *a)
{
	u64 t[9];

	fe_to_int(t, a);
	return num_is_zero(t);
}

#endif
