// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p384.c kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-384: RFC 6979, Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p384.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_p384_table.c"

#define CURVE_NID NID_secp384r1
#define TABLE "kmod/pk/p384_table.h"
#define POINT_ROUNDS 60
#include "tests/unit/ec_tests.h"

static void test_wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof_sigs("p384_ecdsa_p1363", "sha384", false, 280, 200);
	wycheproof_sigs("p384_ecdsa_der", "sha384", true, 504, 200);
	wycheproof_sigs("p384_ecdsa_sha512_der", "sha512", true, 542, 270);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p384_ecdh.txt", 5, each_ecdh), 1577);
}

static void test_rfc6979(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p384_ecdsa_rfc6979.txt", 8, each_rfc6979), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_wycheproof_ecdsa),
		cmocka_unit_test(test_wycheproof_ecdh),
		EC_COMMON_TESTS,
	};

	return cmocka_run_group_tests_name("p384", tests, setup, teardown);
}
