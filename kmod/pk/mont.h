/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Montgomery arithmetic modulo an odd number of up to 4096 bits.
 *
 * Numbers are little-endian arrays of as many 64-bit limbs as the modulus has;
 * R is 2^(64 * limbs). Time and addresses depend on the number of limbs and on
 * nothing else.
 */
#ifndef MHSM_MONT_H
#define MHSM_MONT_H

#include "pk_limb.h"

#define MHSM_MONT_MAX_LIMBS 64

struct mhsm_mont {
	u64 n[MHSM_MONT_MAX_LIMBS];	/* the modulus: odd, its top limb not 0 */
	u64 rr[MHSM_MONT_MAX_LIMBS];	/* R^2 mod n */
	u64 t[2 * MHSM_MONT_MAX_LIMBS];	/* for the product being reduced */
	u64 n_neg_inv;			/* -1 / n mod 2^64 */
	size_t limbs;
};

/* Reads big-endian bytes into 'limbs' limbs; len <= 8 * limbs. */
void mhsm_mont_load(u64 *r, size_t limbs, const u8 *b, size_t len);
/* Writes the lowest len big-endian bytes; len <= 8 * limbs. */
void mhsm_mont_store(u8 *b, size_t len, const u64 *a, size_t limbs);
/* All ones if a < b. */
u64 mhsm_mont_is_less(const u64 *a, const u64 *b, size_t limbs);
/*
 * Prepares m for the modulus of len big-endian bytes, which must be odd, with
 * its first byte not zero, and of at most 512 bytes.
 */
void mhsm_mont_init(struct mhsm_mont *m, const u8 *n, size_t len);
/* r = a * b / R mod n for a, b < n; r may be a or b. */
void mhsm_mont_mul(struct mhsm_mont *m, u64 *r, const u64 *a, const u64 *b);
/* r = a^2 / R mod n for a < n; r may be a. */
void mhsm_mont_sqr(struct mhsm_mont *m, u64 *r, const u64 *a);

#endif
