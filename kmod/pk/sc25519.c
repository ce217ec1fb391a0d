// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic modulo the order of edwards25519's base point. See sc25519.h. */
#include "sc25519.h"
#include "fe25519.h"

static const u64 order[4] = {
	0x5812631a5cf5d3edULL, 0x14def9dea2f79cd6ULL,
	0x0000000000000000ULL, 0x1000000000000000ULL
};

/* -1 / L mod 2^64 */
#define ORDER_NEG_INV 0xd2b51da312547e1bULL

/* 2^256 and 2^512 modulo L */
static const u64 two_256[4] = {
	0xd6ec31748d98951dULL, 0xc6ef5bf4737dcf70ULL,
	0xfffffffffffffffeULL, 0x0fffffffffffffffULL
};
static const u64 two_512[4] = {
	0xa40611e3449c0f01ULL, 0xd00e1ba768859347ULL,
	0xceec73d217f5be65ULL, 0x0399411b7c309a3dULL
};

/* (a + m * L) / 2^64 with m chosen to clear the lowest limb; the third of L is 0. */
static __always_inline void reduce_step(u64 a[4])
{
	u64 m = a[0] * ORDER_NEG_INV, c;

	limb_mac0(a[0], m, order[0], &c);
	a[0] = limb_mac(a[1], m, order[1], &c);
	a[1] = limb_mac0(a[2], 1, c, &c);
	a[2] = limb_mac(a[3], m, order[3], &c);
	a[3] = c;
}

/*
 * r = a * b / 2^256 modulo L (Montgomery), for any a below 2^256 and b below L: the
 * sum before the subtraction is below b + L <= 2L < 2^254.
 */
static void mont_mul(u64 r[4], const u64 a[4], const u64 b[4])
{
	u64 t[8];

	limb4_mul(t, a, b);
	reduce_step(t);
	reduce_step(t);
	reduce_step(t);
	reduce_step(t);
	limb4_add(t, t + 4);
	limb4_reduce_once(r, t, 0, order);
	memzero_explicit(t, sizeof(t));
}

u64 mhsm_sc25519_load(struct sc25519 *r, const u8 b[32])
{
	u64 t[4], below;

	limb4_load_le(t, b);
	below = limb4_is_less(t, order);
	mont_mul(r->v, t, two_256);
	memzero_explicit(t, sizeof(t));
	return below;
}

/* low + 2^256 high: the factors 2^256 and 2^512 lose one 2^256 in mont_mul. */
void mhsm_sc25519_load_wide(struct sc25519 *r, const u8 b[64])
{
	struct sc25519 low;
	u64 t[4];

	limb4_load_le(t, b);
	mont_mul(low.v, t, two_256);
	limb4_load_le(t, b + 32);
	mont_mul(r->v, t, two_512);
	mhsm_sc25519_add(r, r, &low);
	memzero_explicit(&low, sizeof(low));
	memzero_explicit(t, sizeof(t));
}

void mhsm_sc25519_store(u8 b[32], const struct sc25519 *a)
{
	limb4_store_le(b, a->v);
}

void mhsm_sc25519_mul(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b)
{
	mont_mul(r->v, a->v, b->v);
	mont_mul(r->v, r->v, two_512);
}

void mhsm_sc25519_add(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b)
{
	u64 t[4] = { a->v[0], a->v[1], a->v[2], a->v[3] };

	limb4_add(t, b->v);
	limb4_reduce_once(r->v, t, 0, order);
}

void mhsm_sc25519_sub(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b)
{
	u64 t[4] = { order[0], order[1], order[2], order[3] };

	/* L - b, and L itself, for b = 0, with a reduced below L again */
	limb4_sub(t, b->v);
	limb4_add(t, a->v);
	limb4_reduce_once(r->v, t, 0, order);
}
