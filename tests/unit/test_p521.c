// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p521.c kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-521: RFC 6979, Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p521.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_p521_table.c"

#define CURVE_NID NID_secp521r1
#define TABLE "kmod/pk/p521_table.h"
#define POINT_ROUNDS 48
#include "tests/unit/ec_tests.h"

static void test_wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof_sigs("p521_ecdsa_p1363", "sha512", false, 318, 200);
	wycheproof_sigs("p521_ecdsa_der", "sha512", true, 542, 200);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p521_ecdh.txt", 5, each_ecdh), 1299);
}

static void test_rfc6979(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p521_ecdsa_rfc6979.txt", 8, each_rfc6979), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_wycheproof_ecdsa),
		cmocka_unit_test(test_wycheproof_ecdh),
		EC_COMMON_TESTS,
	};

	return cmocka_run_group_tests_name("p521", tests, setup, teardown);
}
