/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the programs that derive: the curves and functions that there are, OpenSSL as the peer, and keys of the session.
 * -lcrypto. `device`, a session, is the program's.
 */
#ifndef TESTS_DERIVE_H
#define TESTS_DERIVE_H

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/retry.h"

#define SHARED_MAX 66
#define PEER_MAX 132
#define UNTOUCHED 0xa5

static int device;

/* What only OpenSSL can get wrong ends the program. */
#define must(condition)                                                                                              \
	do {                                                                                                         \
		if (!(condition)) {                                                                                  \
			printf("Bail out! line %d: %s\n", __LINE__, #condition);                                     \
			exit(1);                                                                                     \
		}                                                                                                    \
	} while (0)

static const struct curve {
	const char *name; /* OpenSSL's */
	const char *vectors; /* tests/vectors/..., of peers */
	uint32_t type, param;
	size_t len; /* bytes of the shared secret */
	unsigned int count; /* cases in the file */
} curves[] = {
	{ "P-256", "p256_ecdh", MHSM_KEY_EC, MHSM_CURVE_P256, 32, 695 },
	{ "P-384", "p384_ecdh", MHSM_KEY_EC, MHSM_CURVE_P384, 48, 1577 },
	{ "P-521", "p521_ecdh", MHSM_KEY_EC, MHSM_CURVE_P521, 66, 1299 },
	{ "secp256k1", "p256k_ecdh", MHSM_KEY_EC, MHSM_CURVE_P256K, 32, 492 },
	{ "X25519", "x25519", MHSM_KEY_OKP, MHSM_CURVE_X25519, 32, 518 },
};
#define CURVES (sizeof(curves) / sizeof(curves[0]))

static const struct kdf {
	uint32_t alg;
	const char *name, *digest; /* OpenSSL's */
} kdfs[] = {
	{ MHSM_ALG_HKDF_SHA256, "HKDF", "SHA256" },	{ MHSM_ALG_HKDF_SHA384, "HKDF", "SHA384" },
	{ MHSM_ALG_HKDF_SHA512, "HKDF", "SHA512" },	{ MHSM_ALG_KDF_CTR_SHA256, "KBKDF", "SHA256" },
	{ MHSM_ALG_KDF_CTR_SHA384, "KBKDF", "SHA384" }, { MHSM_ALG_KDF_CTR_SHA512, "KBKDF", "SHA512" },
};
#define KDFS (sizeof(kdfs) / sizeof(kdfs[0]))

__attribute__((unused)) static EVP_PKEY *peer_make(const struct curve *c)
{
	EVP_PKEY *key = c->type == MHSM_KEY_OKP ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
						  EVP_PKEY_Q_keygen(NULL, NULL, "EC", c->name);

	must(key);
	return key;
}

/* Its public key in the HSM's form */
__attribute__((unused)) static size_t peer_public(EVP_PKEY *key, const struct curve *c, uint8_t public[PEER_MAX])
{
	uint8_t point[1 + PEER_MAX];
	size_t len = PEER_MAX;

	if (c->type == MHSM_KEY_OKP) {
		must(EVP_PKEY_get_raw_public_key(key, public, &len));
		return len;
	}
	must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len));
	must(point[0] == 4 && len == 1 + 2 * c->len);
	memcpy(public, point + 1, len - 1);
	return len - 1;
}

/* The secret by the peer's private key and the public one of the HSM's key @fd, as it is exported */
__attribute__((unused)) static void peer_agree(EVP_PKEY *key, int fd, const struct curve *c, uint8_t shared[SHARED_MAX])
{
	uint8_t der[512];
	const uint8_t *p = der;
	size_t len = sizeof(der);
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *ours;

	must(!mhsm_public_key(fd, der, &len));
	ours = d2i_PUBKEY(NULL, &p, (long)len);
	must(ours && p == der + len);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	len = SHARED_MAX;
	must(ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, ours) == 1 &&
	     EVP_PKEY_derive(ctx, shared, &len) == 1 && len == c->len);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(ours);
}

__attribute__((unused)) static void kdf_openssl(const struct kdf *k, const uint8_t *secret, size_t secret_len,
			const struct mhsm_derivation *how, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, k->name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[7], *q = p;

	if (!strcmp(k->name, "KBKDF")) {
		*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"counter", 0);
		*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)"HMAC", 0);
	}
	*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)k->digest, 0);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(how->salt ? how->salt : ""), how->salt_len);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(how->info ? how->info : ""), how->info_len);
	*q = OSSL_PARAM_construct_end();
	must(ctx && EVP_KDF_derive(ctx, out, len, p) == 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

__attribute__((unused)) static long bits(int fd, const struct mhsm_derivation *how, void *out, size_t *len)
{
	size_t room = *len;
	long ret;

	RETRY(ret, (*len = room, mhsm_derive_bits(fd, how, out, len)));
	return ret;
}

__attribute__((unused)) static int session_key(const struct curve *c, uint32_t ops)
{
	struct mhsm_key_spec spec = { .type = c->type, .param = c->param, .ops = ops,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	int fd;

	RETRY(fd, mhsm_key_create(device, &spec));
	return fd;
}

#define BOTH (MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS)

/* A session key; its fd, or a negative errno */
__attribute__((unused)) static int import(uint32_t type, uint32_t param, const void *material, size_t len)
{
	struct mhsm_key_spec spec = { .type = type, .param = param, .ops = BOTH, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	int fd;

	RETRY(fd, mhsm_key_import(device, &spec, material, len));
	return fd;
}

#endif
