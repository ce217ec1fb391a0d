// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/k256.c kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* secp256k1: Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/k256.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_k256_table.c"

#define CURVE_NID NID_secp256k1
#define TABLE "kmod/pk/k256_table.h"
#define POINT_ROUNDS 200
#include "tests/unit/ec_tests.h"

static void test_wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof_sigs("p256k_ecdsa_p1363", "sha256", false, 252, 200);
	wycheproof_sigs("p256k_ecdsa_der", "sha256", true, 476, 200);
	wycheproof_sigs("p256k_ecdsa_bitcoin_der", "sha256", true, 463, 200);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p256k_ecdh.txt", 5, each_ecdh), 492);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof_ecdsa),
		cmocka_unit_test(test_wycheproof_ecdh),
		EC_COMMON_TESTS,
	};

	return cmocka_run_group_tests_name("k256", tests, setup, teardown);
}
