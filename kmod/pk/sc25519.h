/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scalars of edwards25519: integers modulo the prime order of the base point,
 * L = 2^252 + 27742317777372353535851937790883648493 (RFC 8032 section 5.1).
 *
 * A scalar is four limbs of 64 bits, the least significant first, always below L.
 * Every function is constant time and allows its result to be one of its operands.
 */
#ifndef MHSM_SC25519_H
#define MHSM_SC25519_H

#include "pk_env.h"

struct sc25519 {
	u64 v[4];
};

/* Reads 32 little-endian bytes, modulo L. Returns all ones if they were below L. */
u64 mhsm_sc25519_load(struct sc25519 *r, const u8 b[32]);
/* Reads 64 little-endian bytes, modulo L. */
void mhsm_sc25519_load_wide(struct sc25519 *r, const u8 b[64]);
/* Writes 32 little-endian bytes. */
void mhsm_sc25519_store(u8 b[32], const struct sc25519 *a);
/* r = a * b, a + b, a - b */
void mhsm_sc25519_mul(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b);
void mhsm_sc25519_add(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b);
void mhsm_sc25519_sub(struct sc25519 *r, const struct sc25519 *a, const struct sc25519 *b);

#endif
