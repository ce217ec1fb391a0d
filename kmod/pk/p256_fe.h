/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of NIST P-256: integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1,
 * and the curve's numbers (SP 800-186 section 3.2.1.3), for the ec_*.h headers.
 *
 * An element is kept in Montgomery form (a * 2^256 mod p), always fully reduced
 * to [0, p), least significant limb first. Every function is constant time and
 * allows its result to be one of its operands.
 */
#ifndef MHSM_P256_FE_H
#define MHSM_P256_FE_H

#define EC_BITS 256
#define EC_BYTES 32
#define EC_LIMBS 4
#define EC_A_IS_ZERO 0
#define EC_BASE_GROUPS 1
#define EC_API(name) mhsm_p256_##name

#define EC_P { 0xffffffffffffffffULL, 0x00000000ffffffffULL, \
	       0x0000000000000000ULL, 0xffffffff00000001ULL }
#define EC_N { 0xf3b9cac2fc632551ULL, 0xbce6faada7179e84ULL, \
	       0xffffffffffffffffULL, 0xffffffff00000000ULL }
#define EC_P_NEG_INV 1
#define EC_N_NEG_INV 0xccd1c8aaee00bc4fULL
#define EC_N_RR { 0x83244c95be79eea2ULL, 0x4699799c49bd6fa6ULL, \
		  0x2845b2392b6bec59ULL, 0x66e12d94f3d95620ULL }
#define EC_B { { 0xd89cdf6229c4bddfULL, 0xacf005cd78843090ULL, \
		 0xe5a220abf7212ed6ULL, 0xdc30061d04874834ULL } }
/* 1 in Montgomery form: 2^256 mod p. */
#define EC_FE_ONE { { 0x0000000000000001ULL, 0xffffffff00000000ULL, \
		      0xffffffffffffffffULL, 0x00000000fffffffeULL } }

#include "ec_limb.h"

struct ec_fe {
	u64 v[EC_LIMBS];
};

static const u64 fe_prime[EC_LIMBS] = EC_P;

/* 2^512 mod p: brings an integer into Montgomery form. */
static const struct ec_fe fe_r_squared = { {
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
	const u64 m[4] = { borrow, borrow & fe_prime[1], 0, borrow & fe_prime[3] };

	limb4_add(t.v, m);
	*r = t;
}

/* r = a / 2: a or a + p, whichever is even, shifted down. */
static inline void fe_half(struct ec_fe *r, const struct ec_fe *a)
{
	u64 odd = ct_hide((u64)0 - (a->v[0] & 1));
	const u64 m[4] = { odd, odd & fe_prime[1], 0, odd & fe_prime[3] };
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

/* Enters Montgomery form; a must be below p. */
static inline void fe_from_int(struct ec_fe *r, const u64 a[4])
{
	struct ec_fe t;

	memcpy(t.v, a, sizeof(t.v));
	fe_mul(r, &t, &fe_r_squared);
}

/* Leaves Montgomery form: r = the integer in [0, p), as limbs. */
static inline void fe_to_int(u64 r[4], const struct ec_fe *a)
{
	u64 t[8] = { 0 };

	memcpy(t, a->v, sizeof(a->v));
	fe_reduce(r, t);
}

#endif
