/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of security domains: custodians with RSA keys and self-signed certificates, made by OpenSSL. */
#ifndef _TESTS_UNIT_CUSTODIAN_H
#define _TESTS_UNIT_CUSTODIAN_H

#include "tests/unit/vec.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include "daemon/quorum/sdfile.h"
#include "kmod/sdexport.h"

struct custodian {
	EVP_PKEY *key;
	X509 *cert;
	uint8_t n[512], e[8], x5t[32];
	size_t n_len, e_len;
};

static inline void custodian_make(struct custodian *c, unsigned int bits)
{
	BIGNUM *n = NULL, *e = NULL;
	unsigned char *der = NULL;
	int len;

	memset(c, 0, sizeof(*c));
	c->key = EVP_RSA_gen(bits);
	assert_non_null(c->key);
	EVP_PKEY_get_bn_param(c->key, OSSL_PKEY_PARAM_RSA_N, &n);
	EVP_PKEY_get_bn_param(c->key, OSSL_PKEY_PARAM_RSA_E, &e);
	c->n_len = (size_t)BN_bn2bin(n, c->n);
	c->e_len = (size_t)BN_bn2bin(e, c->e);
	BN_free(n);
	BN_free(e);
	c->cert = X509_new();
	ASN1_INTEGER_set(X509_get_serialNumber(c->cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(c->cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(c->cert), 86400);
	X509_set_pubkey(c->cert, c->key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(c->cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)"custodian", -1, -1, 0);
	X509_set_issuer_name(c->cert, X509_get_subject_name(c->cert));
	assert_true(X509_sign(c->cert, c->key, EVP_sha256()) > 0);
	len = i2d_X509(c->cert, &der);
	SHA256(der, (size_t)len, c->x5t);
	OPENSSL_free(der);
}

static inline void custodian_free(struct custodian *c)
{
	X509_free(c->cert);
	EVP_PKEY_free(c->key);
}

/* A domain datum in the layout of doc/formats.md section 3 */
static inline void custodian_datum(uint8_t datum[MHSM_SD_DATUM])
{
	memset(datum, 0, MHSM_SD_DATUM);
	memcpy(datum, "MHSMDOM1", 8);
	vec_noise(datum + 8, 16);
	datum[24] = 1;
	vec_noise(datum + 40, 32);
}

/* The security domain file for them; the caller frees */
static inline char *custodian_sdfile(const struct custodian *c, unsigned int count,
				     unsigned int required, const uint8_t datum[MHSM_SD_DATUM])
{
	struct mhsm_sdexport *out = calloc(1, sizeof(*out));
	struct mhsm_sd_custodian keys[MHSM_SD_CUSTODIANS_MAX];
	const char *share[MHSM_SD_CUSTODIANS_MAX];
	uint8_t x5t[MHSM_SD_CUSTODIANS_MAX][32];
	unsigned int i;
	char *json;

	for (i = 0; i < count; i++) {
		keys[i] = (struct mhsm_sd_custodian){ c[i].n, c[i].n_len, c[i].e, c[i].e_len };
		share[i] = out->share[i];
		memcpy(x5t[i], c[i].x5t, 32);
	}
	assert_int_equal(mhsm_sdexport_make(out, datum, "mhsm_domain", required, keys, count), 0);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, count, required, out->datum, "mhsm_domain"), 0);
	free(out);
	return json;
}

#endif
