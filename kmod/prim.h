/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symmetric primitives, one call each. Two implementations: kmod/prim.c over the kernel's crypto API, and
 * daemon/quorum/prim.c over OpenSSL for mhsm-quorum and the user-space tests of the code built on this (kdf, kw, hpke,
 * shamir, jwe, seal). They may sleep; none is on the path of a data operation. All return 0 or a negative errno.
 */
#ifndef _MHSM_PRIM_H
#define _MHSM_PRIM_H

#include "kmod/pk/pk_env.h"

enum mhsm_hash { MHSM_SHA1, MHSM_SHA256, MHSM_SHA384, MHSM_SHA512 };
#define MHSM_HASH_MAX 64 /* bytes of the longest digest */

/** mhsm_prim_hash_len() - bytes of the digest of @hash */
static inline size_t mhsm_prim_hash_len(enum mhsm_hash hash)
{
	return hash == MHSM_SHA1 ? 20 : hash == MHSM_SHA256 ? 32 : hash == MHSM_SHA384 ? 48 : 64;
}

/** mhsm_prim_hash() - digest of the concatenation of @count parts (FIPS 180-4) into @out */
int mhsm_prim_hash(enum mhsm_hash hash, const struct mhsm_part *parts, unsigned int count, u8 *out);

/** mhsm_prim_hmac() - HMAC (FIPS 198-1) of the concatenation of @count parts; @key_len any length */
int mhsm_prim_hmac(enum mhsm_hash hash, const u8 *key, size_t key_len, const struct mhsm_part *parts,
		   unsigned int count, u8 *out);

/** mhsm_prim_gcm_seal() - AES-GCM (SP 800-38D): encrypts @len bytes of @buf in place; @key_len 16 or 32 */
int mhsm_prim_gcm_seal(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, u8 tag[16]);

/** mhsm_prim_gcm_open() - the inverse; -EBADMSG if the tag is wrong, @buf then holds no plaintext */
int mhsm_prim_gcm_open(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, const u8 tag[16]);

/** mhsm_prim_cbc_encrypt() - AES-CBC (SP 800-38A) in place, @len a multiple of 16, no padding */
int mhsm_prim_cbc_encrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len);

/** mhsm_prim_cbc_decrypt() - the inverse */
int mhsm_prim_cbc_decrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len);

/* AES on single blocks, for key wrap */
struct mhsm_block;

/** mhsm_prim_block_new() - AES with this key, 16, 24 or 32 bytes, into *ret */
int mhsm_prim_block_new(struct mhsm_block **ret, const u8 *key, size_t key_len);
/** mhsm_prim_block_free() - wipes and frees; NULL is allowed */
void mhsm_prim_block_free(struct mhsm_block *b);
/** mhsm_prim_block_encrypt(), _decrypt() - @block, in place; it has its own memory (mhsm_env_alloc()), not a stack's */
int mhsm_prim_block_encrypt(struct mhsm_block *b, u8 block[16]);
int mhsm_prim_block_decrypt(struct mhsm_block *b, u8 block[16]);

/** mhsm_prim_random() - bytes from the SP 800-90A DRBG */
int mhsm_prim_random(void *out, size_t len);

/** mhsm_prim_differ() - true unless equal, in time that depends on @len only */
bool mhsm_prim_differ(const void *a, const void *b, size_t len);

#endif
