/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RSA private operation: RSADP and RSASP1 of RFC 8017 sections 5.1.2 and 5.2.1,
 * second form (with the primes), for moduli of 2048, 3072 and 4096 bits and the
 * public exponent 65537.
 */
#ifndef MHSM_RSA_PRIVATE_H
#define MHSM_RSA_PRIVATE_H

#include "mont_pow.h"
#include "rsa.h"

#define MHSM_RSA_PRIVATE_RANDOM_BYTES	32

/*
 * A private key. All numbers are big-endian: n of n_len bytes, the others of half as
 * many, which p and q fill to the top bit.
 */
struct mhsm_rsa_key {
	size_t n_len;		/* 256, 384 or 512 */
	const u8 *n;		/* p * q */
	const u8 *p, *q;
	const u8 *dp, *dq;	/* 1 / 65537 mod p - 1, and mod q - 1 */
	const u8 *qinv;		/* 1 / q mod p */
};

/* Working memory of one operation, about 14 KiB. */
struct mhsm_rsa_private_scratch {
	struct mhsm_mont mont;
	struct mhsm_mont_pow pow;
	u64 in[MHSM_MONT_MAX_LIMBS];
	u64 out[MHSM_MONT_MAX_LIMBS];
	u64 n[MHSM_MONT_MAX_LIMBS];
	u64 blind[MHSM_MONT_POW_LIMBS];
	u64 q[MHSM_MONT_POW_LIMBS];
	u64 mod_p[MHSM_MONT_POW_LIMBS];
	u64 mod_q[MHSM_MONT_POW_LIMBS];
	u64 tmp[MHSM_MONT_POW_LIMBS];
	u64 exp[MHSM_MONT_POW_LIMBS + 1];
};

/**
 * mhsm_rsa_private() - out = in^d mod n
 * @out: n_len bytes, big-endian; may be @in
 * @key: the private key
 * @in: n_len bytes, big-endian, below n
 * @rnd: 32 random bytes, fresh for each call. They have no effect on the result: the
 *	input is multiplied by the 65537th power of a number of 126 bits (16 bytes of
 *	rnd), and 64-bit multiples of p - 1 and q - 1 (8 bytes each) are added to the
 *	exponents. Any value works.
 * @relax: called about every 60 products modulo p; may be NULL
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * Constant time in all numbers; n_len is public, and so is what kind of error there
 * is. The result is verified with the public operation before it is written, so that
 * a fault in the computation, or a key whose parts do not fit, does not give p away.
 *
 * Return: 0; -EINVAL if n_len, the top or lowest bits of n, p or q, or @in are not as
 * described; -EIO if the result does not verify; what @relax returned. On an error
 * @out is not written.
 */
int mhsm_rsa_private(u8 *out, const struct mhsm_rsa_key *key, const u8 *in,
		     const u8 rnd[32], const struct mhsm_pk_relax *relax,
		     struct mhsm_rsa_private_scratch *scratch);

/*
 * What computes the two powers together, in the place of one after the other: see
 * mhsm_rsa_private_ifma(), which is made of this.
 */
struct mhsm_rsa_pair {
	/* prepares side 0 (q) or 1 (p), as mhsm_mont52_load() */
	void (*load)(void *work, int side, struct mhsm_mont *m, const u64 *base,
		     const u64 *exp);
	/* the powers, plain, as mhsm_mont52_pow() */
	int (*pow)(void *work, u64 *mod_q, u64 *mod_p, size_t limbs,
		   const struct mhsm_pk_relax *relax);
	void *work;
};

/* mhsm_rsa_private() with the powers computed by @pair, if that is not NULL. */
int mhsm_rsa_private_by(const struct mhsm_rsa_pair *pair, u8 *out,
			const struct mhsm_rsa_key *key, const u8 *in, const u8 rnd[32],
			const struct mhsm_pk_relax *relax,
			struct mhsm_rsa_private_scratch *scratch);

#endif
