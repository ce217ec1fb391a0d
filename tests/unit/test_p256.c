// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p256.c kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-256: RFC 6979, Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p256.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_p256_table.c"

#define CURVE_NID NID_X9_62_prime256v1
#define TABLE "kmod/pk/p256_table.h"
#define POINT_ROUNDS 300
#include "tests/unit/ec_tests.h"

static void test_wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof_sigs("p256_ecdsa_p1363", "sha256", false, 262, 200);
	wycheproof_sigs("p256_ecdsa_der", "sha256", true, 484, 200);
	wycheproof_sigs("p256_ecdsa_sha512_der", "sha512", true, 554, 270);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p256_ecdh.txt", 5, each_ecdh), 695);
}

static void test_rfc6979(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p256_ecdsa_rfc6979.txt", 8, each_rfc6979), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_wycheproof_ecdsa),
		cmocka_unit_test(test_wycheproof_ecdh),
		EC_COMMON_TESTS,
	};

	return cmocka_run_group_tests_name("p256", tests, setup, teardown);
}
