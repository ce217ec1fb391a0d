/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reading half of JSON Web Encryption (RFC 7516), compact serialization: alg dir, RSA-OAEP-256 and RSA-OAEP, enc
 * A256CBC-HS512. Input is not trusted. kmod/jwe.h writes.
 */
#ifndef _MHSM_JWE_OPEN_H
#define _MHSM_JWE_OPEN_H

#include <openssl/evp.h>

#include "kmod/jwe.h"

enum mhsm_jwe_alg {
	MHSM_JWE_DIR, /* the content key is agreed on; the second part is empty */
	MHSM_JWE_RSA_OAEP_256, /* OAEP with SHA-256 and MGF1-SHA-256 */
	MHSM_JWE_RSA_OAEP, /* with SHA-1; read, never written */
};

#define MHSM_JWE_HEADER_MAX 512 /* bytes of a protected header */
#define MHSM_JWE_KEY_MAX 512 /* bytes of an encrypted key: RSA-4096 */

/* One JWE, taken apart; its content is still encrypted */
struct mhsm_jwe {
	enum mhsm_jwe_alg alg;
	char kid[MHSM_JWE_KID_MAX + 1]; /* empty: none */
	const char *aad; /* the encoded header, in the caller's string */
	size_t aad_len;
	u8 key[MHSM_JWE_KEY_MAX];
	size_t key_len;
	u8 iv[MHSM_JWE_IV];
	u8 ct[MHSM_JWE_PADDED(MHSM_JWE_CONTENT_MAX)];
	size_t ct_len;
	u8 tag[MHSM_JWE_TAG];
};

/**
 * mhsm_b64url_decode() - unpadded base64url, RFC 4648 section 5
 * @out_len: set on success
 *
 * Return: 0; -EBADMSG for a character, length or unused bits that no encoder makes; -ERANGE if @room is too small.
 */
int mhsm_b64url_decode(u8 *out, size_t room, size_t *out_len, const char *in, size_t len);

/**
 * mhsm_jwe_parse() - takes @text apart, which must live as long as @jwe
 *
 * Return: 0; -EBADMSG if it is no JWE within the limits above; -EOPNOTSUPP if its header asks for something else.
 */
int mhsm_jwe_parse(struct mhsm_jwe *jwe, const char *text, size_t len);

/** mhsm_jwe_open_key() - the content key, by the recipient's RSA key; -EBADMSG if it is not for this key */
int mhsm_jwe_open_key(const struct mhsm_jwe *jwe, EVP_PKEY *key, u8 cek[MHSM_JWE_CEK]);

/**
 * mhsm_jwe_open_content() - checks the tag, then decrypts
 * @out: room for @jwe->ct_len bytes; wiped on error
 *
 * Return: 0; -EBADMSG if the tag or the padding is wrong, which cannot be told apart.
 */
int mhsm_jwe_open_content(const struct mhsm_jwe *jwe, const u8 cek[MHSM_JWE_CEK], u8 *out,
			  size_t *out_len);

#endif
