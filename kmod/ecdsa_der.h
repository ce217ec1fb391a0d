/* SPDX-License-Identifier: GPL-2.0-only */
/* ECDSA signatures in DER: Ecdsa-Sig-Value, SEQUENCE { r INTEGER, s INTEGER } (X9.62, RFC 3279 section 2.2.3). Pure. */
#ifndef _MHSM_ECDSA_DER_H
#define _MHSM_ECDSA_DER_H

#include "kmod/env.h"

#define MHSM_ECDSA_HALF_MAX 66 /* bytes of r, and of s, of the largest curve, P-521 */
/* Bytes of the longest: SEQUENCE of more than 127, two INTEGERs with a zero byte before the top bit */
#define MHSM_ECDSA_DER_MAX (3 + 2 * (2 + 1 + MHSM_ECDSA_HALF_MAX))

/** mhsm_ecdsa_der_max() - bytes of the longest signature whose r and s have @half bytes each */
size_t mhsm_ecdsa_der_max(size_t half);

/** mhsm_ecdsa_der_encode() - r||s of @half bytes each; the length of what is in @out */
size_t mhsm_ecdsa_der_encode(u8 out[MHSM_ECDSA_DER_MAX], const u8 *rs, size_t half);

/**
 * mhsm_ecdsa_der_decode() - the inverse; -EBADMSG unless @der begins with a signature in DER, of numbers that are
 * positive and have at most @half bytes. @len is how far one may read: what follows the signature is not looked at.
 */
int mhsm_ecdsa_der_decode(u8 *rs, size_t half, const u8 *der, size_t len);

#endif
