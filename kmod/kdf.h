/* SPDX-License-Identifier: GPL-2.0-only */
/* Key derivation: SP 800-108 in counter mode with HMAC-SHA-512, and HKDF-SHA-256 (RFC 5869). */
#ifndef _MHSM_KDF_H
#define _MHSM_KDF_H

#include "kmod/env.h"
#include "kmod/prim.h"

#define MHSM_KDF_BLOCK 64 /* bytes of one HMAC-SHA-512 */
#define MHSM_KDF_MAX (255 * MHSM_KDF_BLOCK)

/**
 * mhsm_kdf_sp800108() - SP 800-108r1 section 4.1, r = 32, counter first, L = 8 * @out_len last
 * @out: @out_len bytes, 1 to MHSM_KDF_MAX; wiped on error
 * @label: purpose of the derived key, without the zero byte that follows it
 * @context: may be empty
 *
 * Return: 0, -EINVAL for a length out of range, or an error of the primitives.
 */
int mhsm_kdf_sp800108(u8 *out, size_t out_len, const u8 *key, size_t key_len, const void *label,
		      size_t label_len, const void *context, size_t context_len);

#define MHSM_HKDF_PRK 32
#define MHSM_HKDF_MAX (255 * MHSM_HKDF_PRK)
#define MHSM_HKDF_PARTS 6 /* most parts of the info of one expand */

/** mhsm_hkdf_extract() - RFC 5869 section 2.2; an empty @salt stands for 32 zero bytes; ikm is @count parts */
int mhsm_hkdf_extract(u8 prk[MHSM_HKDF_PRK], const u8 *salt, size_t salt_len,
		      const struct mhsm_part *ikm, unsigned int count);

/**
 * mhsm_hkdf_expand() - RFC 5869 section 2.3
 * @out: @out_len bytes, 1 to MHSM_HKDF_MAX; wiped on error
 * @info: @count parts, at most MHSM_HKDF_PARTS
 */
int mhsm_hkdf_expand(u8 *out, size_t out_len, const u8 prk[MHSM_HKDF_PRK],
		     const struct mhsm_part *info, unsigned int count);

#endif
