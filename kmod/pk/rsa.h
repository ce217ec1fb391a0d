/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RSA public operation, RSAEP of RFC 8017 section 5.1.1, for moduli of 2048
 * to 4096 bits.
 */
#ifndef MHSM_RSA_H
#define MHSM_RSA_H

#include "mont.h"

#define MHSM_RSA_MIN_BYTES	256
#define MHSM_RSA_MAX_BYTES	512
#define MHSM_RSA_MAX_E_BYTES	32

/* Working memory of one operation, about 3 KiB: too much for a kernel stack. */
struct mhsm_rsa_scratch {
	struct mhsm_mont mont;
	u64 in[MHSM_MONT_MAX_LIMBS];
	u64 acc[MHSM_MONT_MAX_LIMBS];
};

/**
 * mhsm_rsa_public() - out = in^e mod n
 * @out: n_len bytes, big-endian; may be @in
 * @n: the modulus, big-endian, n_len bytes, odd, with its top bit set
 * @n_len: its length in bytes: 256 to 512
 * @e: the exponent, big-endian, odd and at least 3; leading zeros allowed
 * @e_len: its length in bytes: 1 to 32
 * @in: n_len bytes, big-endian, below n
 * @scratch: memory of the caller's; wiped before the function returns
 *
 * Constant time in @in, which may be a padded secret; that it is not below n is
 * public. Time does depend on n_len and e. The modulus is not checked for being
 * a product of primes.
 *
 * Return: 0, or -EINVAL for an operand out of the ranges above; @out is then not
 * written.
 */
int mhsm_rsa_public(u8 *out, const u8 *n, size_t n_len, const u8 *e, size_t e_len,
		    const u8 *in, struct mhsm_rsa_scratch *scratch);

#endif
