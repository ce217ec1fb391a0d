// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/k256.c kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* secp256k1: Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/k256.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_k256_table.c"

#define CURVE_NID NID_secp256k1
#define VECTORS "p256k"
#define TABLE "kmod/pk/k256_table.h"
#define POINT_ROUNDS 200
#include "tests/unit/ec_tests.h"

static void test_wycheproof_ecdsa(void **state)
{
	(void)state;
	wycheproof_sigs("p1363", "sha256", false, 252, 200);
	wycheproof_sigs("der", "sha256", true, 476, 200);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p256k_ecdh.txt", 5, each_ecdh), 492);
}

/*
 * Bitcoin refuses s > n / 2. ECDSA does not, and neither do we: whether such a
 * signature is valid, OpenSSL says.
 */
static void each_bitcoin(char *const field[])
{
	static u8 der[8192], message[4096];
	u8 sig[64], pub[64], digest[64];
	size_t len = vec_hex(der, sizeof(der), field[4]);
	BIGNUM *s = BN_new();

	if (!decode_der(sig, der, len)) {
		assert_string_equal(field[1], "invalid");
		BN_free(s);
		return;
	}
	BN_bin2bn(sig + 32, 32, s);
	assert_true(BN_lshift1(s, s));
	if (BN_cmp(s, order) < 0) {
		check_verify(field, sig);
	} else {
		assert_int_equal(vec_hex(pub, sizeof(pub), field[2]), 64);
		len = vec_hex(message, sizeof(message), field[3]);
		len = digest_of("sha256", message, len, digest);
		assert_int_equal(mhsm_k256_verify(pub, digest, len, sig),
				 ossl_verify(pub, digest, len, sig) ? 0 : -EBADMSG);
		checked++;
	}
	BN_free(s);
}

static void test_wycheproof_bitcoin(void **state)
{
	(void)state;
	checked = 0;
	hash_name = "sha256";
	assert_int_equal(vec_each("tests/vectors/p256k_ecdsa_bitcoin_der.txt", 5,
				  each_bitcoin), 463);
	assert_in_range(checked, 200, 463);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof_bitcoin),
		cmocka_unit_test(test_wycheproof_ecdsa),
		cmocka_unit_test(test_wycheproof_ecdh),
		EC_COMMON_TESTS,
	};

	return cmocka_run_group_tests_name("k256", tests, setup, teardown);
}
