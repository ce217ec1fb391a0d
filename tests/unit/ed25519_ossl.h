/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of Ed25519: SHA-512 as a mhsm_ed25519_hash, and the operations by OpenSSL. */
#ifndef TESTS_ED25519_OSSL_H
#define TESTS_ED25519_OSSL_H

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "kmod/pk/ed25519.h"

static inline int ossl_sha512(void *ctx, const struct mhsm_part *parts, unsigned int count,
			      u8 out[64])
{
	SHA512_CTX c;

	(void)ctx;
	SHA512_Init(&c);
	for (; count--; parts++)
		SHA512_Update(&c, parts->p, parts->n);
	SHA512_Final(out, &c);
	return 0;
}

static inline void ossl_must(int ok)
{
	if (!ok)
		abort();
}

static inline void ossl_sign(u8 sig[64], u8 pub[32], const u8 priv[32], const u8 *msg,
			     size_t len)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, priv, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 32;

	ossl_must(EVP_PKEY_get_raw_public_key(key, pub, &n) == 1);
	ossl_must(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1);
	n = 64;
	ossl_must(EVP_DigestSign(ctx, sig, &n, msg, len) == 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* 1, or 0 if it is not valid */
static inline int ossl_verify(const u8 pub[32], const u8 *msg, size_t len, const u8 sig[64])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok;

	ossl_must(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1);
	ok = EVP_DigestVerify(ctx, sig, 64, msg, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

#endif
