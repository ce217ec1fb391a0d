/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scalars: integers modulo the order n of the base point, least significant limb
 * first, always in [0, n). See ec_limb.h for the headers of this family.
 *
 * With R = 2^(64 * EC_LIMBS), sc_mul() is a Montgomery product, a * b / R mod n:
 * of two plain scalars it is off by that factor, of one plain scalar and one that
 * went through sc_to_mont() it is their plain product. Results may overlap
 * operands.
 */
#ifndef MHSM_EC_SC_H
#define MHSM_EC_SC_H

#include "ec_inv.h"

struct ec_sc {
	u64 v[EC_LIMBS];
};

static const u64 sc_order[EC_LIMBS] = EC_N;

/*
 * r = a * b / R mod n. For each limb of b the sum t, below 2n, takes a multiple of
 * a, then the multiple of n that clears its lowest limb, and loses that limb:
 * (2n + (2^64 - 1) (a + n)) / 2^64 < 2n.
 */
static noinline void sc_mul(struct ec_sc *r, const struct ec_sc *a, const struct ec_sc *b)
{
	u64 t[EC_LIMBS] = { 0 };
	u64 top = 0, high, m, c, d;
	unsigned int i, j;

	for (i = 0; i < EC_LIMBS; i++) {
		c = 0;
		EC_UNROLL()
		for (j = 0; j < EC_LIMBS; j++)
			t[j] = limb_mac(t[j], a->v[j], b->v[i], &c);
		top += c;
		high = top < c;

		m = t[0] * EC_N_NEG_INV;
		limb_mac0(t[0], m, sc_order[0], &d);
		EC_UNROLL()
		for (j = 1; j < EC_LIMBS; j++)
			t[j - 1] = limb_mac(t[j], m, sc_order[j], &d);
		t[EC_LIMBS - 1] = top + d;
		top = high + (t[EC_LIMBS - 1] < d);
	}
	num_reduce_once(r->v, t, top, sc_order);
}

static inline void sc_add(struct ec_sc *r, const struct ec_sc *a, const struct ec_sc *b)
{
	struct ec_sc t = *a;
	u64 c = num_add(t.v, b->v);

	num_reduce_once(r->v, t.v, c, sc_order);
}

static inline u64 sc_is_zero(const struct ec_sc *a)
{
	return num_is_zero(a->v);
}

/* r = -a mod n: n - a, and n itself, for a = 0, is reduced to 0. */
static inline void sc_neg(struct ec_sc *r, const struct ec_sc *a)
{
	u64 t[EC_LIMBS] = EC_N;

	num_sub(t, a->v);
	num_reduce_once(r->v, t, 0, sc_order);
}

/* r = a * R mod n */
static inline void sc_to_mont(struct ec_sc *r, const struct ec_sc *a)
{
	static const struct ec_sc rr = { EC_N_RR };

	sc_mul(r, a, &rr);
}

/* r = 1 / a, both plain; 0 for a = 0 */
static inline void sc_inv(struct ec_sc *r, const struct ec_sc *a)
{
	num_inv(r->v, a->v, sc_order, EC_N_NEG_INV);
}

/* Reads a scalar, reduced modulo n. Returns all ones if it was below n already. */
static noinline u64 sc_load(struct ec_sc *r, const u8 b[EC_BYTES])
{
	u64 t[EC_LIMBS], below;

	num_load(t, b);
	below = num_is_less(t, sc_order);
#if EC_BITS % 64
	/* not below 2n in general: only the lowest EC_BITS are */
	t[EC_LIMBS - 1] &= ((u64)1 << (EC_BITS % 64)) - 1;
#endif
	num_reduce_once(r->v, t, 0, sc_order);
	memzero_explicit(t, sizeof(t));
	return below;
}

static inline void sc_store(u8 b[EC_BYTES], const struct ec_sc *a)
{
	num_store(b, a->v);
}

/*
 * Reads a digest: its leftmost EC_BITS bits, modulo n (FIPS 186-5, 6.4.1). Where
 * EC_BITS is no whole number of bytes, that can end within a byte.
 */
static noinline void sc_load_digest(struct ec_sc *r, const u8 *digest, size_t len)
{
	u8 b[EC_BYTES] = { 0 };
	u64 t[EC_LIMBS];

	if (len < EC_BYTES) {
		memcpy(b + EC_BYTES - len, digest, len);
		num_load(t, b);
	} else {
		num_load(t, digest);
#if EC_BITS % 8
		unsigned int i, drop = 8 - EC_BITS % 8;

		for (i = 0; i < EC_LIMBS - 1; i++)
			t[i] = t[i] >> drop | t[i + 1] << (64 - drop);
		t[EC_LIMBS - 1] >>= drop;
#endif
	}
	num_reduce_once(r->v, t, 0, sc_order);
}

#define EC_RANDOM_BYTES (EC_BYTES + 8)

/*
 * Reads EC_BYTES + 8 big-endian bytes c and sets r = (c mod (n - 1)) + 1, which is
 * how FIPS 186-5 (A.2.1, A.3.1) makes a key or a nonce in 1..n-1 out of random
 * bits. The topmost EC_BITS bits of c are below 2 (n - 1); the rest follow one by
 * one, each doubling what there is.
 */
static noinline void sc_load_extra(struct ec_sc *r, const u8 c[EC_RANDOM_BYTES])
{
	const unsigned int rest = 8 * EC_RANDOM_BYTES - EC_BITS;
	u64 m[EC_LIMBS] = EC_N, t[EC_LIMBS], carry;
	unsigned int i, bit;

	m[0] -= 1;
	num_load(t, c);
#if EC_BITS % 8
	for (i = 0; i < EC_LIMBS - 1; i++)
		t[i] = t[i] >> (8 - EC_BITS % 8) | t[i + 1] << (56 + EC_BITS % 8);
	t[EC_LIMBS - 1] >>= 8 - EC_BITS % 8;
#endif
	num_reduce_once(t, t, 0, m);
	for (bit = rest; bit-- > 0;) {
		carry = t[EC_LIMBS - 1] >> 63;
		EC_UNROLL()
		for (i = EC_LIMBS - 1; i > 0; i--)
			t[i] = t[i] << 1 | t[i - 1] >> 63;
		t[0] = t[0] << 1 | (c[EC_RANDOM_BYTES - 1 - bit / 8] >> (bit % 8) & 1);
		num_reduce_once(t, t, carry, m);
	}
	/* below n - 1: no carry out of the limbs */
	memset(m, 0, sizeof(m));
	m[0] = 1;
	num_add(t, m);
	memcpy(r->v, t, sizeof(r->v));
	memzero_explicit(t, sizeof(t));
}

#endif
