/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AES key wrap: KW (RFC 3394, SP 800-38F section 6.2) and KWP (RFC 5649, SP 800-38F section 6.3). Input and output may
 * be the same buffer or overlap. A failed unwrap wipes the output, and takes the same time whatever was wrong with the
 * integrity check value, the length in it, or the padding.
 */
#ifndef _MHSM_KW_H
#define _MHSM_KW_H

#include "kmod/env.h"
#include "kmod/prim.h"

#define MHSM_KW_MAX 4096 /* bytes of plaintext, both modes */

/** mhsm_kwp_wrapped_len() - bytes that mhsm_kwp_wrap() makes of @len */
static inline size_t mhsm_kwp_wrapped_len(size_t len)
{
	return ((len + 7) & ~(size_t)7) + 8;
}

/**
 * mhsm_kw_wrap() - KW-AE
 * @out: @len + 8 bytes
 * @len: a multiple of 8, 16 to MHSM_KW_MAX
 *
 * Return: 0, -EINVAL for a bad length, or an error of the cipher.
 */
int mhsm_kw_wrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len);

/**
 * mhsm_kw_unwrap() - KW-AD
 * @out: @len - 8 bytes
 * @len: a multiple of 8, 24 to MHSM_KW_MAX + 8
 *
 * Return: 0, -EINVAL for a bad length, -EBADMSG if the integrity check fails, or an error of the cipher.
 */
int mhsm_kw_unwrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len);

/**
 * mhsm_kwp_wrap() - KWP-AE
 * @out: mhsm_kwp_wrapped_len(@len) bytes
 * @len: 1 to MHSM_KW_MAX
 */
int mhsm_kwp_wrap(struct mhsm_block *b, u8 *out, const u8 *in, size_t len);

/**
 * mhsm_kwp_unwrap() - KWP-AD
 * @out: room for @len - 8 bytes; what follows the plaintext is zero
 * @out_len: bytes of plaintext; set on success only
 * @len: a multiple of 8, 16 to MHSM_KW_MAX + 8
 *
 * Return: as mhsm_kw_unwrap().
 */
int mhsm_kwp_unwrap(struct mhsm_block *b, u8 *out, size_t *out_len, const u8 *in, size_t len);

#endif
