/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The field of Curve25519 and edwards25519: integers modulo p = 2^255 - 19
 * (RFC 7748 section 4.1).
 *
 * An element is five limbs of 51 bits with room to spare, the least significant
 * first: v[0] + 2^51 v[1] + ... Its value is any representative modulo p. How far
 * the limbs may grow between two multiplications is what has to be watched:
 *
 *	"tight": every limb below 2^51 + 2^14. Results of mul, sqr, mul_small, inv,
 *	pow_p58, load and unpack, and the constants.
 *	fe_add of two tight elements: below 2^52.1.
 *	fe_sub(a, b), fe_neg(b): b must be tight; below a's bound + 2^52.
 *	Factors of a product: any limbs below 2^54. Five products of 108 bits, four of
 *	them times 19, stay below 2^115; their carries below 2^64.
 *
 * Everything is constant time, and a result may be one of the operands.
 */
#ifndef MHSM_FE25519_H
#define MHSM_FE25519_H

#include "pk_limb.h"

struct fe25519 {
	u64 v[5];
};

#define FE25519_MASK 0x7ffffffffffffULL
#define FE25519_ZERO { { 0, 0, 0, 0, 0 } }
#define FE25519_ONE { { 1, 0, 0, 0, 0 } }

/* r = a * b, a^2; tight */
void mhsm_fe25519_mul(struct fe25519 *r, const struct fe25519 *a, const struct fe25519 *b);
void mhsm_fe25519_sqr(struct fe25519 *r, const struct fe25519 *a);
/* r = a^(2^count), count at least 1 */
void mhsm_fe25519_sqr_times(struct fe25519 *r, const struct fe25519 *a, unsigned int count);
/* r = a * c for a c below 2^32; tight */
void mhsm_fe25519_mul_small(struct fe25519 *r, const struct fe25519 *a, u32 c);
/* r = 1 / a, and 0 for a = 0 */
void mhsm_fe25519_inv(struct fe25519 *r, const struct fe25519 *a);
/* r = a^((p - 5) / 8), the heart of a square root */
void mhsm_fe25519_pow_p58(struct fe25519 *r, const struct fe25519 *a);
/*
 * Reads 32 little-endian bytes without their top bit. Returns all ones if they were
 * below p; r is the value in either case.
 */
u64 mhsm_fe25519_load(struct fe25519 *r, const u8 b[32]);
/* Writes the representative below p as 32 little-endian bytes. Limbs below 2^54. */
void mhsm_fe25519_store(u8 b[32], const struct fe25519 *a);
/* All ones if a = 0 modulo p. Limbs below 2^54. */
u64 mhsm_fe25519_is_zero(const struct fe25519 *a);

/* Little-endian bytes to a limb and back; b need not be aligned. */
static __always_inline u64 limb_load_le(const u8 *b)
{
	return (u64)b[7] << 56 | (u64)b[6] << 48 | (u64)b[5] << 40 | (u64)b[4] << 32 |
	       (u64)b[3] << 24 | (u64)b[2] << 16 | (u64)b[1] << 8 | b[0];
}

static __always_inline void limb4_load_le(u64 r[4], const u8 b[32])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		r[i] = limb_load_le(b + 8 * i);
}

static __always_inline void limb4_store_le(u8 b[32], const u64 a[4])
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		b[i] = (u8)(a[i / 8] >> (i % 8 * 8));
}

/* Short names for the formulas. */
static inline void fe_mul(struct fe25519 *r, const struct fe25519 *a, const struct fe25519 *b)
{
	mhsm_fe25519_mul(r, a, b);
}

static inline void fe_sqr(struct fe25519 *r, const struct fe25519 *a)
{
	mhsm_fe25519_sqr(r, a);
}

static inline void fe_add(struct fe25519 *r, const struct fe25519 *a, const struct fe25519 *b)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		r->v[i] = a->v[i] + b->v[i];
}

/* r = a + 2p - b: no limb goes below zero, b being tight. */
static inline void fe_sub(struct fe25519 *r, const struct fe25519 *a, const struct fe25519 *b)
{
	r->v[0] = a->v[0] + 2 * (FE25519_MASK - 18) - b->v[0];
	r->v[1] = a->v[1] + 2 * FE25519_MASK - b->v[1];
	r->v[2] = a->v[2] + 2 * FE25519_MASK - b->v[2];
	r->v[3] = a->v[3] + 2 * FE25519_MASK - b->v[3];
	r->v[4] = a->v[4] + 2 * FE25519_MASK - b->v[4];
}

static inline void fe_neg(struct fe25519 *r, const struct fe25519 *a)
{
	const struct fe25519 zero = FE25519_ZERO;

	fe_sub(r, &zero, a);
}

/* r = mask ? a : r */
static inline void fe_cmov(struct fe25519 *r, const struct fe25519 *a, u64 mask)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		r->v[i] = ct_select(mask, a->v[i], r->v[i]);
}

/* Swaps a and b where mask is all ones. */
static inline void fe_cswap(struct fe25519 *a, struct fe25519 *b, u64 mask)
{
	unsigned int i;
	u64 x;

	for (i = 0; i < 5; i++) {
		x = mask & (a->v[i] ^ b->v[i]);
		a->v[i] ^= x;
		b->v[i] ^= x;
	}
}

/* From four limbs of 64 bits, the form of tables; t below 2^255. */
static inline void fe_unpack(struct fe25519 *r, const u64 t[4])
{
	r->v[0] = t[0] & FE25519_MASK;
	r->v[1] = (t[0] >> 51 | t[1] << 13) & FE25519_MASK;
	r->v[2] = (t[1] >> 38 | t[2] << 26) & FE25519_MASK;
	r->v[3] = (t[2] >> 25 | t[3] << 39) & FE25519_MASK;
	r->v[4] = t[3] >> 12 & FE25519_MASK;
}

#endif
