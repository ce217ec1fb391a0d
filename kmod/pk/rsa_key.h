/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making and checking RSA keys of 2048, 3072 and 4096 bits with e = 65537
 * (FIPS 186-5 appendix A.1).
 */
#ifndef MHSM_RSA_KEY_H
#define MHSM_RSA_KEY_H

#include "prime.h"
#include "rsa_private.h"

/* A base that is no witness is found with a probability below 1/4: 2^-100 is left. */
#define MHSM_RSA_CHECK_ROUNDS 50

/*
 * The numbers of a key, big-endian, each at the beginning of its room: n in n_len
 * bytes, the others in half of that.
 */
struct mhsm_rsa_numbers {
	u8 n[MHSM_RSA_MAX_BYTES];
	u8 p[MHSM_RSA_MAX_BYTES / 2], q[MHSM_RSA_MAX_BYTES / 2];
	u8 dp[MHSM_RSA_MAX_BYTES / 2], dq[MHSM_RSA_MAX_BYTES / 2];
	u8 qinv[MHSM_RSA_MAX_BYTES / 2];
};

/* Working memory, about 36 KiB. */
struct mhsm_rsa_key_scratch {
	struct mhsm_prime_scratch prime;
	struct mhsm_prime_sieve sieve;
	u64 p[MHSM_MONT_POW_LIMBS];
	u64 q[MHSM_MONT_POW_LIMBS];
	u64 dp[MHSM_MONT_POW_LIMBS];
	u64 dq[MHSM_MONT_POW_LIMBS];
	u64 tmp[MHSM_MONT_POW_LIMBS];
	u64 n[MHSM_MONT_MAX_LIMBS + 1];
	u64 wide[MHSM_MONT_MAX_LIMBS + 1];
	u8 bytes[MHSM_RSA_MAX_BYTES / 2];
};

/* The numbers as mhsm_rsa_private() takes them. */
static inline struct mhsm_rsa_key mhsm_rsa_numbers_key(const struct mhsm_rsa_numbers *k,
						       size_t n_len)
{
	return (struct mhsm_rsa_key){
		.n_len = n_len, .n = k->n, .p = k->p, .q = k->q,
		.dp = k->dp, .dq = k->dq, .qinv = k->qinv,
	};
}

/**
 * mhsm_rsa_generate() - make a key
 * @key: the key; p is the larger prime
 * @n_len: 256, 384 or 512
 * @random: an approved generator; asked for about 50 to 200 KiB
 * @relax: called often; may be NULL. What it returns, if not 0, ends the operation.
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * Probable primes, FIPS 186-5 appendix A.1.3: each candidate is random as a whole;
 * rounds of Miller-Rabin by table B.1 (5, 4, 4). Time depends on the candidates that
 * are thrown away, not on those that are kept. The caller does the pairwise test.
 *
 * Return: 0; -EINVAL if n_len is another; an error of @random; what @relax returned;
 * -EIO if as many candidates as the standard allows were none (probability 2^-40 with
 * a generator that works). On an error @key is not written.
 */
int mhsm_rsa_generate(struct mhsm_rsa_numbers *key, size_t n_len,
		      const struct mhsm_pk_random *random,
		      const struct mhsm_pk_relax *relax,
		      struct mhsm_rsa_key_scratch *scratch);

/**
 * mhsm_rsa_key_check() - is this a private key?
 * @key: the key
 * @rounds: of Miller-Rabin for each prime; MHSM_RSA_CHECK_ROUNDS if whoever made the
 *	key is not trusted
 * @random: where the bases come from
 * @relax: called often; may be NULL
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * That n = pq with p and q of half of its length, probably prime and further than
 * 2^(bits / 2 - 100) apart, and that dp, dq and qinv are the least that invert 65537
 * and q. Constant time for a key that passes, as far as mhsm_prime_test() is.
 *
 * Return: 0; -EINVAL if it is not; an error of @random; what @relax returned.
 */
int mhsm_rsa_key_check(const struct mhsm_rsa_key *key, unsigned int rounds,
		       const struct mhsm_pk_random *random,
		       const struct mhsm_pk_relax *relax,
		       struct mhsm_rsa_key_scratch *scratch);

/**
 * mhsm_rsa_key_fits() - do the numbers of a key belong together?
 * @key: the key
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * As mhsm_rsa_key_check(), but without the tests for primes, and without one power: for
 * keys that were checked when they came, and are read again. Constant time; the answer is
 * public.
 *
 * Return: 0; -EINVAL if they do not.
 */
int mhsm_rsa_key_fits(const struct mhsm_rsa_key *key,
		      struct mhsm_rsa_key_scratch *scratch);

/**
 * mhsm_rsa_key_complete() - compute n, dp, dq and qinv
 * @out: the key
 * @n_len: 256, 384 or 512
 * @p: n_len / 2 bytes, big-endian, odd, its top bit set
 * @q: likewise
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * What comes of numbers that are not different primes is no key: mhsm_rsa_key_check()
 * tells. Constant time. p and q are not exchanged.
 *
 * Return: 0; -EINVAL if n_len, the top or lowest bit of p, q or p * q are not as
 * described. On an error @out is not written.
 */
int mhsm_rsa_key_complete(struct mhsm_rsa_numbers *out, size_t n_len, const u8 *p,
			  const u8 *q, struct mhsm_rsa_key_scratch *scratch);

/**
 * mhsm_rsa_key_exponent() - the private exponent: 1 / 65537 mod (p - 1)(q - 1)
 * @d: n_len bytes, big-endian
 * @key: a key that has been generated or checked
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * For encodings that have it; nothing here uses it. FIPS 186-5 takes the least common
 * multiple in the place of the product: the two exponents are congruent by that and do
 * the same, and RFC 8017 section 3.2 allows both. Constant time.
 *
 * Return: 0, or -EINVAL if n_len is out of range.
 */
int mhsm_rsa_key_exponent(u8 *d, const struct mhsm_rsa_key *key,
			  struct mhsm_rsa_key_scratch *scratch);

/**
 * mhsm_rsa_key_check_exponent() - is @d a private exponent of the key?
 * @key: a key, of which p, q, dp and dq are looked at
 * @d: big-endian
 * @d_len: 1 to n_len bytes
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * That d is congruent to dp modulo p - 1 and to dq modulo q - 1, as both of RFC 8017
 * section 3.2's are. Constant time in all numbers; the answer is public.
 *
 * Return: 0; -EINVAL if it is not, or a length, or the top or lowest bit of p or q is
 * not as it should be.
 */
int mhsm_rsa_key_check_exponent(const struct mhsm_rsa_key *key, const u8 *d, size_t d_len,
				struct mhsm_rsa_key_scratch *scratch);

#endif
