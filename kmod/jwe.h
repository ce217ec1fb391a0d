/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON Web Encryption (RFC 7516), compact serialization, content encryption A256CBC-HS512 (RFC 7518 section 5.2.5): as
 * far as a security domain needs it, the writing half. The reading half is daemon/quorum/jwe_open.h.
 */
#ifndef _MHSM_JWE_H
#define _MHSM_JWE_H

#include "kmod/env.h"
#include "kmod/prim.h"

#define MHSM_JWE_CEK 64 /* content encryption key: MAC key, then AES key, 32 bytes each */
#define MHSM_JWE_IV 16
#define MHSM_JWE_TAG 32
#define MHSM_JWE_CONTENT_MAX 4096
#define MHSM_JWE_KID_MAX 64

/* Protected headers; RFC 7516 leaves their form free, readers of security domains expect this order and no spaces */
#define MHSM_JWE_HEADER_DIR_BEGIN "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\",\"kid\":\""
#define MHSM_JWE_HEADER_END "\"}"
#define MHSM_JWE_HEADER_RSA \
	"{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\",\"kid\":\"not used\"}"

/* Characters of @n bytes in unpadded base64url */
#define MHSM_B64URL_LEN(n) (((n) * 4 + 2) / 3)
/* Bytes of content with the padding of PKCS#7 */
#define MHSM_JWE_PADDED(len) (((len) / 16 + 1) * 16)
/* Characters of a JWE, with its NUL: @header, @key (encrypted key) and @len (content) in bytes */
#define MHSM_JWE_SIZE(header, key, len) \
	(MHSM_B64URL_LEN(header) + 1 + MHSM_B64URL_LEN(key) + 1 + MHSM_B64URL_LEN(MHSM_JWE_IV) + \
	 1 + MHSM_B64URL_LEN(MHSM_JWE_PADDED(len)) + 1 + MHSM_B64URL_LEN(MHSM_JWE_TAG) + 1)
#define MHSM_JWE_DIR_SIZE(kid_len, len) \
	MHSM_JWE_SIZE(sizeof(MHSM_JWE_HEADER_DIR_BEGIN MHSM_JWE_HEADER_END) - 1 + (kid_len), 0, len)
#define MHSM_JWE_RSA_SIZE(n_len, len) MHSM_JWE_SIZE(sizeof(MHSM_JWE_HEADER_RSA) - 1, n_len, len)

/** mhsm_b64url_encode() - MHSM_B64URL_LEN(@len) characters and a NUL; time depends on @len only */
void mhsm_b64url_encode(char *out, const u8 *in, size_t len);

/**
 * mhsm_jwe_seal_content() - A256CBC-HS512 with a given IV
 * @buf: @len bytes in, MHSM_JWE_PADDED(@len) out; wiped on error
 */
int mhsm_jwe_seal_content(const u8 cek[MHSM_JWE_CEK], const u8 iv[MHSM_JWE_IV], const void *aad,
			  size_t aad_len, u8 *buf, size_t len, u8 tag[MHSM_JWE_TAG]);

/** mhsm_jwe_content_tag() - the tag over @len bytes of ciphertext, for whoever checks one */
int mhsm_jwe_content_tag(const u8 cek[MHSM_JWE_CEK], const u8 iv[MHSM_JWE_IV], const void *aad,
			 size_t aad_len, const u8 *ct, size_t len, u8 tag[MHSM_JWE_TAG]);

/**
 * mhsm_jwe_dir() - encrypts @content directly with @cek
 * @out: a string of MHSM_JWE_DIR_SIZE(strlen(kid), len)
 * @kid: 1 to MHSM_JWE_KID_MAX printable characters of ASCII without quote and backslash
 *
 * Return: 0; -EINVAL for a bad kid or length; -ERANGE if @room is too small; or an error of the primitives.
 */
int mhsm_jwe_dir(char *out, size_t room, const char *kid, const u8 cek[MHSM_JWE_CEK],
		 const void *content, size_t len);

/**
 * mhsm_jwe_rsa_oaep() - encrypts @content with a fresh key, and that with RSA-OAEP-256 to the RSA key @n, @e
 * @out: a string of MHSM_JWE_RSA_SIZE(n_len, len)
 * @n: modulus, big-endian, its top bit set, 256 to 512 bytes
 * @e: public exponent, big-endian
 *
 * Return: as mhsm_jwe_dir(); -EINVAL for a key that is none.
 */
int mhsm_jwe_rsa_oaep(char *out, size_t room, const u8 *n, size_t n_len, const u8 *e, size_t e_len,
		      const void *content, size_t len);

#endif
