/* SPDX-License-Identifier: GPL-2.0-only */
/* Powers modulo an odd number of up to 2048 bits with a secret exponent. */
#ifndef MHSM_MONT_POW_H
#define MHSM_MONT_POW_H

#include "mont.h"
#include "pk_call.h"

#define MHSM_MONT_POW_WINDOW	5
#define MHSM_MONT_POW_LIMBS	(MHSM_MONT_MAX_LIMBS / 2)

/* Working memory, 8.5 KiB; the caller wipes it. */
struct mhsm_mont_pow {
	u64 table[MHSM_MONT_POW_LIMBS << MHSM_MONT_POW_WINDOW];
	u64 factor[MHSM_MONT_POW_LIMBS];
	u64 acc[MHSM_MONT_POW_LIMBS];
};

/**
 * mhsm_mont_pow() - r = base^exp mod n, in Montgomery form
 * @m: the modulus, of at most 32 limbs
 * @r: m->limbs limbs; may be @base
 * @base: m->limbs limbs, in Montgomery form
 * @exp: the exponent, little-endian
 * @exp_limbs: its length in limbs, at least 1; all its bits are gone through
 * @w: working memory
 * @relax: called now and then; may be NULL
 *
 * Fixed windows of five bits; the table is read as a whole for each. Constant time
 * in all numbers. Return: 0, or what @relax returned.
 */
int mhsm_mont_pow(struct mhsm_mont *m, u64 *r, const u64 *base, const u64 *exp,
		  size_t exp_limbs, struct mhsm_mont_pow *w,
		  const struct mhsm_pk_relax *relax);

#endif
