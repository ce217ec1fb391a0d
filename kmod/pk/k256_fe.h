/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of secp256k1: integers modulo p = 2^256 - 2^32 - 977, and the
 * curve's numbers (SEC 2 version 2.0, section 2.4.1), for the ec_*.h headers.
 *
 * An element is an integer in [0, p), least significant limb first. Every
 * function is constant time and allows its result to be one of its operands.
 */
#ifndef MHSM_K256_FE_H
#define MHSM_K256_FE_H

#define EC_BITS 256
#define EC_BYTES 32
#define EC_LIMBS 4
#define EC_A_IS_ZERO 1
#define EC_BASE_GROUPS 2
#define EC_API(name) mhsm_k256_##name

#define EC_P { 0xfffffffefffffc2fULL, 0xffffffffffffffffULL, \
	       0xffffffffffffffffULL, 0xffffffffffffffffULL }
#define EC_N { 0xbfd25e8cd0364141ULL, 0xbaaedce6af48a03bULL, \
	       0xfffffffffffffffeULL, 0xffffffffffffffffULL }
#define EC_P_NEG_INV 0xd838091dd2253531ULL
#define EC_N_NEG_INV 0x4b0dff665588b13fULL
#define EC_N_RR { 0x896cf21467d7d140ULL, 0x741496c20e7cf878ULL, \
		  0xe697f5e45bcd07c6ULL, 0x9d671cd581c69bc5ULL }
#define EC_B { { 7, 0, 0, 0 } }
#define EC_FE_ONE { { 1, 0, 0, 0 } }

#include "ec_limb.h"

struct ec_fe {
	u64 v[EC_LIMBS];
};

static const u64 fe_prime[EC_LIMBS] = EC_P;

/* 2^256 mod p */
#define FOLD 0x1000003d1ULL

/*
 * r = t mod p for any t < 2^512. The high half times FOLD leaves a fifth limb of
 * at most 2^33, and that one folded in turn a carry of at most 1; if it carries,
 * what is left is below 2^67, so that FOLD in the place of the carry ends it, and
 * one subtraction of p is enough.
 */
static __always_inline void fe_reduce(u64 r[4], const u64 t[8])
{
	u64 a[4], c = 0, top[4] = { 0 };

	a[0] = limb_mac0(t[0], t[4], FOLD, &c);
	a[1] = limb_mac(t[1], t[5], FOLD, &c);
	a[2] = limb_mac(t[2], t[6], FOLD, &c);
	a[3] = limb_mac(t[3], t[7], FOLD, &c);
	/* c * FOLD < 2^67 */
	top[0] = limb_mac0(0, c, FOLD, &top[1]);
	c = limb4_add(a, top);
	top[0] = ct_hide((u64)0 - c) & FOLD;
	top[1] = 0;
	limb4_add(a, top);
	limb4_reduce_once(r, a, 0, fe_prime);
}

/* r = a * b */
static noinline void fe_mul(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	u64 t[8];

	limb4_mul(t, a->v, b->v);
	fe_reduce(r->v, t);
}

/* r = a^2 */
static noinline void fe_sqr(struct ec_fe *r, const struct ec_fe *a)
{
	u64 t[8];

	limb4_sqr(t, a->v);
	fe_reduce(r->v, t);
}

static inline void fe_add(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 c = limb4_add(t.v, b->v);

	limb4_reduce_once(r->v, t.v, c, fe_prime);
}

static inline void fe_sub(struct ec_fe *r, const struct ec_fe *a, const struct ec_fe *b)
{
	struct ec_fe t = *a;
	u64 borrow = limb4_sub(t.v, b->v);
	const u64 m[4] = { borrow & fe_prime[0], borrow, borrow, borrow };

	limb4_add(t.v, m);
	*r = t;
}

/* r = a / 2: a or a + p, whichever is even, shifted down. */
static inline void fe_half(struct ec_fe *r, const struct ec_fe *a)
{
	u64 odd = ct_hide((u64)0 - (a->v[0] & 1));
	const u64 m[4] = { odd & fe_prime[0], odd, odd, odd };
	struct ec_fe t = *a;
	u64 c = limb4_add(t.v, m);

	r->v[0] = t.v[0] >> 1 | t.v[1] << 63;
	r->v[1] = t.v[1] >> 1 | t.v[2] << 63;
	r->v[2] = t.v[2] >> 1 | t.v[3] << 63;
	r->v[3] = t.v[3] >> 1 | c << 63;
}

static inline void fe_cmov(struct ec_fe *r, const struct ec_fe *a, u64 mask)
{
	limb4_cmov(r->v, a->v, mask);
}

static inline u64 fe_is_zero(const struct ec_fe *a)
{
	return limb4_is_zero(a->v);
}

/* An element of the integer a, which must be below p. */
static inline void fe_from_int(struct ec_fe *r, const u64 a[4])
{
	memcpy(r->v, a, sizeof(r->v));
}

/* r = the integer in [0, p), as limbs. */
static inline void fe_to_int(u64 r[4], const struct ec_fe *a)
{
	memcpy(r, a->v, sizeof(a->v));
}

#endif
