/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scalars of P-256: integers modulo the order n of the base point
 * (SP 800-186 section 3.2.1.3), least significant limb first, always in [0, n).
 *
 * mul() is a Montgomery product, a * b / 2^256 mod n: of two plain scalars it is
 * off by that factor, of one plain scalar and one that went through to_mont() it
 * is their plain product. Constant time; results may overlap operands.
 */
#ifndef MHSM_P256_SC_H
#define MHSM_P256_SC_H

#include "pk_limb.h"

struct p256_sc {
	u64 v[4];
};

#define P256_N { 0xf3b9cac2fc632551ULL, 0xbce6faada7179e84ULL, \
		 0xffffffffffffffffULL, 0xffffffff00000000ULL }

/* r = a * b / 2^256 mod n */
void mhsm_p256_sc_mul(struct p256_sc *r, const struct p256_sc *a,
		      const struct p256_sc *b);
/* r = a + b mod n */
void mhsm_p256_sc_add(struct p256_sc *r, const struct p256_sc *a,
		      const struct p256_sc *b);
/* r = -a mod n */
void mhsm_p256_sc_neg(struct p256_sc *r, const struct p256_sc *a);
/* r = a * 2^256 mod n */
void mhsm_p256_sc_to_mont(struct p256_sc *r, const struct p256_sc *a);
/* r = 1 / a, both in Montgomery form; 0 for a = 0 */
void mhsm_p256_sc_inv(struct p256_sc *r, const struct p256_sc *a);
/*
 * Reads 32 big-endian bytes and reduces them modulo n. Returns all ones if they
 * were already below n.
 */
u64 mhsm_p256_sc_load(struct p256_sc *r, const u8 b[32]);
/*
 * Reads 40 big-endian bytes c and sets r = (c mod (n - 1)) + 1, which is how
 * FIPS 186-5 (A.2.1, A.3.1) makes a key or a nonce in 1..n-1 out of random bits.
 */
void mhsm_p256_sc_load_extra(struct p256_sc *r, const u8 b[40]);
/* Reads a digest: its leftmost 256 bits modulo n (FIPS 186-5, 6.4.1). */
void mhsm_p256_sc_load_digest(struct p256_sc *r, const u8 *digest, size_t len);
/* Writes 32 big-endian bytes. */
void mhsm_p256_sc_store(u8 b[32], const struct p256_sc *a);

static inline u64 sc_is_zero(const struct p256_sc *a)
{
	return limb4_is_zero(a->v);
}

#endif
