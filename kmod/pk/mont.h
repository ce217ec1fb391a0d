/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Montgomery arithmetic modulo an odd number of up to 4096 bits.
 *
 * Numbers are little-endian arrays of 64-bit limbs, as many as the modulus has,
 * rounded up to a multiple of eight; R is 2^(64 * limbs). Time and addresses
 * depend on the number of limbs and on nothing else.
 *
 * Operands and results need only be below R, not below the modulus: that costs one
 * comparison less in every product. mhsm_mont_canon() makes a number unique.
 */
#ifndef MHSM_MONT_H
#define MHSM_MONT_H

#include "pk_limb.h"

#define MHSM_MONT_MAX_LIMBS 64

/* For a reduction; its assembler knows the offsets. */
struct mhsm_mont_work {
	u64 q[8];			/* the multiples of n that are being added */
	u64 n_neg_inv;			/* -1 / n mod 2^64 */
	u64 carry;			/* out of the limbs above R, 0 or 1 */
};

struct mhsm_mont {
	u64 n[MHSM_MONT_MAX_LIMBS];	/* the modulus: odd */
	u64 rr[MHSM_MONT_MAX_LIMBS];	/* congruent to R^2 */
	u64 t[2 * MHSM_MONT_MAX_LIMBS];	/* for the product being reduced */
	struct mhsm_mont_work work;
	size_t limbs;			/* a multiple of eight */
	int has_adx;			/* the processor has BMI2 and ADX */
};

/* Reads big-endian bytes into 'limbs' limbs; len <= 8 * limbs. */
void mhsm_mont_load(u64 *r, size_t limbs, const u8 *b, size_t len);
/* Writes the lowest len big-endian bytes; len <= 8 * limbs. */
void mhsm_mont_store(u8 *b, size_t len, const u64 *a, size_t limbs);
/* All ones if a < b. */
u64 mhsm_mont_is_less(const u64 *a, const u64 *b, size_t limbs);
/* All ones if a == b. */
u64 mhsm_mont_is_equal(const u64 *a, const u64 *b, size_t limbs);

/*
 * Prepares m for the modulus of len big-endian bytes, which must be odd, and of at
 * most 512 bytes. That its top bit is set, and len a multiple of 64, is not secret.
 */
void mhsm_mont_init(struct mhsm_mont *m, const u8 *n, size_t len);
/* The same for a modulus of whole limbs, a multiple of eight, with its top bit set. */
void mhsm_mont_init_limbs(struct mhsm_mont *m, const u64 *n, size_t limbs);
/* r = a * b / R mod n; r may be a or b. */
void mhsm_mont_mul(struct mhsm_mont *m, u64 *r, const u64 *a, const u64 *b);
/* r = a^2 / R mod n; r may be a. */
void mhsm_mont_sqr(struct mhsm_mont *m, u64 *r, const u64 *a);
/* r = a / R mod n, that is, out of Montgomery form; below n. */
void mhsm_mont_leave(struct mhsm_mont *m, u64 *r, const u64 *a);
/* a = a mod n for a < 2n, which is any a < R if the top bit of n is set. */
void mhsm_mont_canon(const struct mhsm_mont *m, u64 *a);
/* The plain product of two numbers of m->limbs limbs; t, of twice that, is neither. */
void mhsm_mont_product(struct mhsm_mont *m, u64 *t, const u64 *a, const u64 *b);

#endif
