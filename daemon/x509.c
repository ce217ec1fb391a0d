// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/x509.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/b64url.h"

#define DER_MAX 16384

/* The one certificate in @text, or NULL; the SHA-256 of its DER goes to @x5t. */
static X509 *read_certificate(const char *text, uint8_t x5t[32])
{
	size_t room = DER_MAX, len;
	uint8_t *der = malloc(room);
	const uint8_t *at = der;
	X509 *cert = NULL;

	if (der && !mhsm_b64_decode(der, room, &len, text, strlen(text)) && len <= LONG_MAX) {
		cert = d2i_X509(NULL, &at, (long)len);
		if (cert && (at != der + len || !EVP_Digest(der, len, x5t, NULL, EVP_sha256(), NULL))) {
			X509_free(cert);
			cert = NULL;
		}
	}
	free(der);
	ERR_clear_error();
	return cert;
}

static bool take_number(EVP_PKEY *key, const char *name, uint8_t *out, size_t room, size_t *len)
{
	BIGNUM *n = NULL;
	bool ok = false;

	if (EVP_PKEY_get_bn_param(key, name, &n) && BN_num_bytes(n) > 0 && (size_t)BN_num_bytes(n) <= room &&
	    BN_is_odd(n) && !BN_is_one(n)) {
		*len = (size_t)BN_bn2bin(n, out);
		ok = true;
	}
	BN_free(n);
	return ok;
}

static const char *take_key(X509 *cert, struct mhsm_custodian *out)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	const char *why = NULL;

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		why = "the certificate's key is not RSA";
	else if (EVP_PKEY_get_bits(key) < MHSM_RSA_BITS_MIN || EVP_PKEY_get_bits(key) > MHSM_RSA_BITS_MAX)
		why = "the certificate's RSA key has not 2048 to 4096 bits";
	else if (!take_number(key, OSSL_PKEY_PARAM_RSA_N, out->n, sizeof(out->n), &out->n_len) ||
		 !take_number(key, OSSL_PKEY_PARAM_RSA_E, out->e, sizeof(out->e), &out->e_len))
		why = "the certificate's RSA key has an impossible modulus or exponent";
	ERR_clear_error();
	return why;
}

/* Member @name, if there, must be base64url of @len bytes at @want. */
static bool agrees(const json_t *jwk, const char *name, const uint8_t *want, size_t len)
{
	const json_t *member = json_object_get(jwk, name);
	const char *text = json_string_value(member);
	uint8_t have[513];
	size_t have_len;

	if (!member || json_is_null(member))
		return true;
	return text && !mhsm_b64url_decode(have, sizeof(have), &have_len, text, strlen(text)) && have_len == len &&
	       !memcmp(have, want, len);
}

static const char *check_members(const json_t *jwk, const struct mhsm_custodian *c)
{
	const json_t *kty = json_object_get(jwk, "kty");

	if (kty && (!json_is_string(kty) || strcmp(json_string_value(kty), "RSA")))
		return "\"kty\" is not RSA";
	if (!agrees(jwk, "x5t#S256", c->x5t, sizeof(c->x5t)))
		return "\"x5t#S256\" is not the SHA-256 of the certificate";
	if (!agrees(jwk, "n", c->n, c->n_len) || !agrees(jwk, "e", c->e, c->e_len))
		return "\"n\" and \"e\" are not the certificate's key";
	return NULL;
}

bool mhsm_x509_custodian(const json_t *jwk, struct mhsm_custodian *out, const char **why)
{
	const json_t *x5c = json_object_get(jwk, "x5c");
	const char *text = json_string_value(json_array_get(x5c, 0));
	X509 *cert;

	memset(out, 0, sizeof(*out));
	if (!json_is_object(jwk)) {
		*why = "it is not an object";
		return false;
	}
	if (!text) {
		*why = "\"x5c\" is not an array whose first element is a certificate";
		return false;
	}
	cert = read_certificate(text, out->x5t);
	if (!cert) {
		*why = "\"x5c\" does not hold an X.509 certificate in base64";
		return false;
	}
	*why = take_key(cert, out);
	X509_free(cert);
	if (!*why)
		*why = check_members(jwk, out);
	return !*why;
}
