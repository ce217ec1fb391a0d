/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shamir's secret sharing over GF(257), in the encoding of Azure Managed HSM's security domain: each of the 32 bytes
 * of the secret is the constant term of a polynomial of its own, of degree required - 1 with fresh coefficients; the
 * share of x holds for each byte the 16-bit little-endian word x << 9 | value, the value being 0 to 256.
 */
#ifndef _MHSM_SHAMIR_H
#define _MHSM_SHAMIR_H

#include "kmod/env.h"
#include "kmod/prim.h"

#define MHSM_SHAMIR_SECRET 32
#define MHSM_SHAMIR_SHARE (2 * MHSM_SHAMIR_SECRET)
#define MHSM_SHAMIR_SHARES 10 /* most shares of a secret */
#define MHSM_SHAMIR_X_MAX 126 /* as the readers of the format have it */

/** mhsm_shamir_word() - the word of @x for the polynomial with coefficients @coeff[0..@required), each 0 to 256 */
u16 mhsm_shamir_word(const u16 *coeff, unsigned int required, unsigned int x);

/**
 * mhsm_shamir_split() - makes shares of x = 1 to @count
 * @shares: @count shares, one after the other; wiped on error
 * @required: 2 to @count
 * @count: to MHSM_SHAMIR_SHARES
 *
 * Return: 0, -EINVAL for numbers out of range, or an error of the random generator.
 */
int mhsm_shamir_split(u8 *shares, unsigned int count, unsigned int required,
		      const u8 secret[MHSM_SHAMIR_SECRET]);

/** mhsm_shamir_x() - which share this is, 1 to 126, or 0 if its words do not agree on one or hold a bad value */
unsigned int mhsm_shamir_x(const u8 share[MHSM_SHAMIR_SHARE]);

/**
 * mhsm_shamir_combine() - rebuilds the secret from @required shares
 *
 * Return: 0; -EINVAL if a share is malformed or two are of one x; -EBADMSG if no secret of bytes fits them. On error
 * @secret is wiped. Shares of different secrets are not noticed here.
 */
int mhsm_shamir_combine(u8 secret[MHSM_SHAMIR_SECRET], const u8 *shares, unsigned int required);

#endif
