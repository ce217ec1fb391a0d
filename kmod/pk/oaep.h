/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EME-OAEP of RFC 8017 sections 7.1.1 and 7.1.2. The hashes are the caller's.
 *
 * Common parameters:
 * @em: the encoded message, em_len bytes, a secret
 * @em_len: the length of the modulus in bytes: 2 * hash->len + 2 to 512
 * @label_hash: the digest of the label; NULL for that of the empty one
 * @hash: the hash of the scheme, of 20 to 64 bytes
 * @mgf: the hash of MGF1, most often the same
 *
 * Both use about 700 bytes of stack. Time depends on lengths only, as far as that is
 * true of the hashes.
 */
#ifndef MHSM_OAEP_H
#define MHSM_OAEP_H

#include "pk_hash.h"

#define MHSM_OAEP_MAX_BYTES	512
/* The longest message for a modulus of n_len bytes and a hash of h_len. */
#define MHSM_OAEP_MAX_MESSAGE(n_len, h_len) ((n_len) - 2 * (h_len) - 2)

/**
 * mhsm_oaep_encode() - pad a message for mhsm_rsa_public()
 * @em: must not overlap @msg
 * @msg: the message
 * @msg_len: its length in bytes: 0 to MHSM_OAEP_MAX_MESSAGE(em_len, hash->len)
 * @seed: hash->len random bytes, fresh for each message
 *
 * Return: 0; -EINVAL if em_len or a hash's length is out of range; -EMSGSIZE if the
 * message is too long; an error of a hash, after which @em is all zeros.
 */
int mhsm_oaep_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
		     const u8 *seed, const u8 *label_hash,
		     const struct mhsm_pk_hash *hash, const struct mhsm_pk_hash *mgf);

/**
 * mhsm_oaep_decode() - take the message out of what mhsm_rsa_private() has given
 * @msg: room for MHSM_OAEP_MAX_MESSAGE(em_len, hash->len) bytes; not @em
 * @msg_len: the message's length
 * @em: wiped
 *
 * That the encoding is wrong is public (the caller has to be told), and if it is
 * right, the message's length; what is wrong with it is not.
 *
 * Return: 0; -EBADMSG if the encoding is wrong, in whatever way; -EINVAL if em_len or a
 * hash's length is out of range; an error of a hash. @msg and @msg_len are written on
 * success only.
 */
int mhsm_oaep_decode(u8 *msg, size_t *msg_len, u8 *em, size_t em_len,
		     const u8 *label_hash, const struct mhsm_pk_hash *hash,
		     const struct mhsm_pk_hash *mgf);

#endif
