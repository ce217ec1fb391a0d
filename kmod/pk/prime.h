/* SPDX-License-Identifier: GPL-2.0-only */
/* Probable primes of up to 2048 bits: a sieve, and the test of Miller and Rabin. */
#ifndef MHSM_PRIME_H
#define MHSM_PRIME_H

#include "mont_pow.h"

/* The odd primes below 8192. */
#define MHSM_PRIME_SIEVE_END	8192
#define MHSM_PRIME_SIEVE_COUNT	1027

struct mhsm_prime_sieve {
	u64 inverse[MHSM_PRIME_SIEVE_COUNT];	/* mod 2^64 */
	u64 limit[MHSM_PRIME_SIEVE_COUNT];	/* the largest multiple, divided */
	u32 prime[MHSM_PRIME_SIEVE_COUNT];
};

/* Working memory, 12 KiB; the caller wipes it. */
struct mhsm_prime_scratch {
	struct mhsm_mont mont;
	struct mhsm_mont_pow pow;
	u64 less_one[MHSM_MONT_POW_LIMBS];	/* the number less one */
	u64 base[MHSM_MONT_POW_LIMBS];
	u64 x[MHSM_MONT_POW_LIMBS];
	u64 y[MHSM_MONT_POW_LIMBS];
	u64 exp[MHSM_MONT_POW_LIMBS];
	u8 bytes[8 * MHSM_MONT_POW_LIMBS];
};

/* Fills the table. */
void mhsm_prime_sieve_init(struct mhsm_prime_sieve *s);

/*
 * All ones if none of the table's primes divides a. Ends at the first that are found
 * to: time tells about numbers that are thrown away, and of others only that they
 * were not.
 */
u64 mhsm_prime_sieve(const struct mhsm_prime_sieve *s, const u64 *a, size_t limbs);

/**
 * mhsm_prime_test() - Miller-Rabin, FIPS 186-5 appendix B.3.1
 * @a: the number, big-endian, odd, at least 5; its first byte not 0
 * @len: its length in bytes, 1 to 256
 * @rounds: how many random bases to try
 * @random: where they come from
 * @relax: called now and then; may be NULL
 * @s: working memory
 *
 * Time does not depend on a number that passes, unless it less one is a multiple of
 * 2^64, where it tells of which power of 2^64.
 *
 * Return: 1 if it is probably prime, 0 if it is not; an error of @random; what @relax
 * returned.
 */
int mhsm_prime_test(const u8 *a, size_t len, unsigned int rounds,
		    const struct mhsm_pk_random *random,
		    const struct mhsm_pk_relax *relax, struct mhsm_prime_scratch *s);

#endif
