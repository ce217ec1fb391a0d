/* SPDX-License-Identifier: GPL-2.0-only */
/* SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in DER. Pure; also built in user space. */
#ifndef _MHSM_SPKI_H
#define _MHSM_SPKI_H

#include "kmod/env.h"
#include "uapi/mhsm.h"

#define MHSM_SPKI_MAX 560 /* bytes of the longest, RSA-4096: 550 */

/**
 * mhsm_spki_encode() - the public key @public (as in struct mhsm_key_info) of a key of @type and @param
 *
 * EC: RFC 5480, uncompressed point. RSA: RFC 8017 appendix A.1, exponent 65537. OKP: RFC 8410.
 *
 * Return: the length of what is in @out, or 0 if such a key has no public half
 */
size_t mhsm_spki_encode(u8 out[MHSM_SPKI_MAX], u32 type, u32 param, const u8 *public, size_t public_len);

/**
 * mhsm_spki_algorithm() - the key type and parameter (RSA: 0) that an AlgorithmIdentifier is of; @alg is the content of
 * its SEQUENCE. Return: 0, -EOPNOTSUPP
 */
int mhsm_spki_algorithm(const u8 *alg, size_t len, u32 *type, u32 *param);

#endif
