/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Powers modulo two primes at once with AVX-512 IFMA.
 *
 * Numbers are arrays of limbs of 52 bits, eight to a vector; R is 2^(52 * limbs),
 * which is more than four times the modulus, so that operands and results stay below
 * 2n with nothing to compare. One product leaves the multipliers idle most of the
 * time, waiting for its own quotients; a second one, modulo the other prime, does not
 * slow it down.
 *
 * In the kernel, vector registers are used between kernel_fpu_begin() and
 * kernel_fpu_end(), where nothing else can run on the processor: for the time between
 * two calls of relax, at most. They are cleared before each end.
 */
#ifndef MHSM_MONT52_H
#define MHSM_MONT52_H

#include "mont_pow.h"

#if MHSM_PK_ASM
#define MHSM_MONT52 1
#else
#define MHSM_MONT52 0
#endif

#define MHSM_MONT52_LIMBS 40	/* for 2048 bits */

/*
 * One of the two; numbers are filled up with zeros to whole vectors. Aligned, because a
 * vector that crosses a cache line is read in two goes; it is correct without.
 */
struct mhsm_mont52_side {
	u64 n[MHSM_MONT52_LIMBS];
	u64 acc[MHSM_MONT52_LIMBS];
	u64 factor[MHSM_MONT52_LIMBS];
	u64 wide[MHSM_MONT52_LIMBS];	/* a product with limbs of up to 60 bits */
	u64 table[32 * MHSM_MONT52_LIMBS];
	u64 exp[MHSM_MONT_POW_LIMBS + 1];
	u64 n_neg_inv;
} __attribute__((aligned(64)));

/* Working memory, 23 KiB; the caller wipes it. */
struct mhsm_mont52 {
	struct mhsm_mont52_side side[2];
};

/* Does this processor have what is needed, and does the kernel keep its registers? */
int mhsm_mont52_available(void);

/* ... and may the caller use them now? */
int mhsm_mont52_usable(void);

/*
 * Prepares side 0 or 1 for base^exp, with the modulus of m, of 16, 24 or 32 limbs and
 * with its top bit set. base is in m's Montgomery form; exp has one limb more than m.
 */
void mhsm_mont52_load(struct mhsm_mont52 *w, int side, struct mhsm_mont *m,
		      const u64 *base, const u64 *exp);

/**
 * mhsm_mont52_pow() - the powers of both sides, as plain numbers below the moduli
 * @w: both sides prepared, for moduli of 64 * limbs bits
 * @r0: limbs limbs of 64 bits
 * @r1: likewise
 * @limbs: 16, 24 or 32
 * @relax: called now and then; may be NULL
 *
 * Only where mhsm_mont52_usable(). Constant time in all numbers.
 * Return: 0, or what @relax returned.
 */
int mhsm_mont52_pow(struct mhsm_mont52 *w, u64 *r0, u64 *r1, size_t limbs,
		    const struct mhsm_pk_relax *relax);

#endif
