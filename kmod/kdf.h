/* SPDX-License-Identifier: GPL-2.0-only */
/* Key derivation with HMAC: SP 800-108 in counter mode, and HKDF (RFC 5869). */
#ifndef _MHSM_KDF_H
#define _MHSM_KDF_H

#include "kmod/env.h"
#include "kmod/prim.h"

#define MHSM_KDF_BLOCKS 255 /* most blocks, of mhsm_prim_hash_len() bytes each, that one call gives */
#define MHSM_KDF_MAX (MHSM_KDF_BLOCKS * MHSM_HASH_MAX) /* bytes, with SHA-512 */

/**
 * mhsm_kdf_sp800108() - SP 800-108r1 section 4.1, r = 32, counter first, L = 8 * @out_len last, HMAC with @hash
 * @out: @out_len bytes, 1 to MHSM_KDF_BLOCKS digests; wiped on error
 * @label: purpose of the derived key, without the zero byte that follows it
 * @context: may be empty
 *
 * Return: 0, -EINVAL for a length out of range, or an error of the primitives.
 */
int mhsm_kdf_sp800108(enum mhsm_hash hash, u8 *out, size_t out_len, const u8 *key, size_t key_len, const void *label,
		      size_t label_len, const void *context, size_t context_len);

#define MHSM_HKDF_PARTS 6 /* most parts of the info of one expand */

/**
 * mhsm_hkdf_extract() - RFC 5869 section 2.2; ikm is @count parts
 * @prk: mhsm_prim_hash_len(@hash) bytes
 * @salt: an empty one stands for as many zero bytes
 */
int mhsm_hkdf_extract(enum mhsm_hash hash, u8 *prk, const u8 *salt, size_t salt_len, const struct mhsm_part *ikm,
		      unsigned int count);

/**
 * mhsm_hkdf_expand() - RFC 5869 section 2.3
 * @out: @out_len bytes, 1 to MHSM_KDF_BLOCKS digests; wiped on error
 * @prk: mhsm_prim_hash_len(@hash) bytes
 * @info: @count parts, at most MHSM_HKDF_PARTS
 */
int mhsm_hkdf_expand(enum mhsm_hash hash, u8 *out, size_t out_len, const u8 *prk, const struct mhsm_part *info,
		     unsigned int count);

#endif
