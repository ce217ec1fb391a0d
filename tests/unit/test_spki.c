// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/spki.c -lcrypto */
/* SubjectPublicKeyInfo: the same bytes as OpenSSL's, for new keys of every type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "kmod/spki.h"

/* What OpenSSL makes of the key, and the raw public key as mhsm stores it, taken out of it. */
static size_t raw_of(EVP_PKEY *key, u32 type, u8 *raw)
{
	BIGNUM *n = NULL;
	size_t len = MHSM_PUBLIC_MAX;
	u8 point[1 + MHSM_PUBLIC_MAX];

	if (type == MHSM_KEY_RSA) {
		assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
		len = (size_t)BN_num_bytes(n);
		BN_bn2bin(n, raw);
		BN_free(n);
		return len;
	}
	if (type == MHSM_KEY_OKP) {
		assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
		return len;
	}
	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len), 1);
	assert_int_equal(point[0], 4);
	memcpy(raw, point + 1, len - 1);
	return len - 1;
}

static void check(EVP_PKEY *key, u32 type, u32 param)
{
	u8 raw[MHSM_PUBLIC_MAX], out[MHSM_SPKI_MAX], *want = NULL;
	size_t raw_len;
	int want_len;

	assert_non_null(key);
	raw_len = raw_of(key, type, raw);
	want_len = i2d_PUBKEY(key, &want);
	assert_true(want_len > 0);
	assert_int_equal(mhsm_spki_encode(out, type, param, raw, raw_len), want_len);
	assert_memory_equal(out, want, (size_t)want_len);
	OPENSSL_free(want);
	EVP_PKEY_free(key);
}

static void spki_as_openssl(void **state)
{
	(void)state;
	check(EVP_EC_gen("P-256"), MHSM_KEY_EC, MHSM_CURVE_P256);
	check(EVP_EC_gen("P-384"), MHSM_KEY_EC, MHSM_CURVE_P384);
	check(EVP_EC_gen("P-521"), MHSM_KEY_EC, MHSM_CURVE_P521);
	check(EVP_EC_gen("secp256k1"), MHSM_KEY_EC, MHSM_CURVE_P256K);
	check(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), MHSM_KEY_OKP, MHSM_CURVE_ED25519);
	check(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), MHSM_KEY_OKP, MHSM_CURVE_X25519);
	check(EVP_RSA_gen(2048), MHSM_KEY_RSA, 2048);
	check(EVP_RSA_gen(3072), MHSM_KEY_RSA, 3072);
	check(EVP_RSA_gen(4096), MHSM_KEY_RSA, 4096);
}

static void spki_none(void **state)
{
	u8 raw[MHSM_PUBLIC_MAX + 1] = { 0 }, out[MHSM_SPKI_MAX];

	(void)state;
	assert_int_equal(mhsm_spki_encode(out, MHSM_KEY_AES, 256, raw, 0), 0);
	assert_int_equal(mhsm_spki_encode(out, MHSM_KEY_AES, 256, raw, 32), 0);
	assert_int_equal(mhsm_spki_encode(out, MHSM_KEY_EC, 99, raw, 64), 0);
	assert_int_equal(mhsm_spki_encode(out, MHSM_KEY_RSA, 2048, raw, 0), 0);
	assert_int_equal(mhsm_spki_encode(out, MHSM_KEY_RSA, 8192, raw, sizeof(raw)), 0);
	assert_int_equal(mhsm_spki_encode(out, 0, 0, raw, 32), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spki_as_openssl),
		cmocka_unit_test(spki_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
