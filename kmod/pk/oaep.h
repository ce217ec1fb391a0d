/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EME-OAEP of RFC 8017 section 7.1.1 with SHA-256, MGF1 with SHA-256 and the
 * empty label. The hash is the caller's.
 */
#ifndef MHSM_OAEP_H
#define MHSM_OAEP_H

#include "pk_env.h"

#define MHSM_OAEP_HASH_BYTES	32
#define MHSM_OAEP_MAX_BYTES	512
/* The longest message for a modulus of n_len bytes. */
#define MHSM_OAEP_MAX_MESSAGE(n_len) ((n_len) - 2 * MHSM_OAEP_HASH_BYTES - 2)

/* SHA-256 of in_len bytes (0 included); 0 or a negative errno. */
typedef int (*mhsm_hash_fn)(void *ctx, const u8 *in, size_t in_len, u8 out[32]);

/**
 * mhsm_oaep_encode() - pad a message for mhsm_rsa_public()
 * @em: the encoded message, em_len bytes; a secret; must not overlap @msg
 * @em_len: the length of the modulus in bytes: 66 to 512
 * @msg: the message
 * @msg_len: its length in bytes: 0 to em_len - 66
 * @seed: 32 random bytes, fresh for each message
 * @hash: SHA-256; called with @ctx
 * @ctx: passed to @hash
 *
 * Uses about 600 bytes of stack. Time depends on the lengths only, as far as that
 * is true of @hash.
 *
 * Return: 0; -EINVAL if em_len is out of range; -EMSGSIZE if the message is too
 * long; an error of @hash, after which @em is all zeros.
 */
int mhsm_oaep_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
		     const u8 seed[32], mhsm_hash_fn hash, void *ctx);

#endif
