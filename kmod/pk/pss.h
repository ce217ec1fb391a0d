/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EMSA-PSS of RFC 8017 section 9.1, for moduli whose top bit is set: emBits is
 * 8 * em_len - 1. The hashes are the caller's.
 *
 * Common parameters:
 * @em: the encoded message, em_len bytes
 * @em_len: the length of the modulus in bytes: hash->len + salt_len + 2 to 512
 * @digest: the digest of the message, hash->len bytes
 * @salt_len: the salt's length in bytes; hash->len where a standard fixes it
 * @hash: the hash that made the digest, of at most 64 bytes
 * @mgf: the hash of MGF1, most often the same
 *
 * Both use about 800 bytes of stack.
 */
#ifndef MHSM_PSS_H
#define MHSM_PSS_H

#include "pk_hash.h"

#define MHSM_PSS_MAX_BYTES 512

/**
 * mhsm_pss_encode() - encode a digest for mhsm_rsa_private()
 * @em: must overlap no input
 * @salt: salt_len random bytes, fresh for each signature
 *
 * Return: 0; -EINVAL if a length is out of range; an error of a hash, after which @em
 * is all zeros.
 */
int mhsm_pss_encode(u8 *em, size_t em_len, const u8 *digest, const u8 *salt,
		    size_t salt_len, const struct mhsm_pk_hash *hash,
		    const struct mhsm_pk_hash *mgf);

/**
 * mhsm_pss_verify() - does what mhsm_rsa_public() has given encode the digest?
 * @em: overwritten
 *
 * Variable time: all operands are public. A salt of another length than salt_len is
 * refused.
 *
 * Return: 0 if it does; -EBADMSG if not; -EINVAL if a length is out of range; an error
 * of a hash.
 */
int mhsm_pss_verify(u8 *em, size_t em_len, const u8 *digest, size_t salt_len,
		    const struct mhsm_pk_hash *hash, const struct mhsm_pk_hash *mgf);

#endif
