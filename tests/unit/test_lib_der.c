// SPDX-License-Identifier: GPL-2.0-only
/* link: lib/der.c -lcrypto */
/* Signatures between r||s and DER: against OpenSSL, and everything that is not DER. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/rand.h>

#include "lib/mhsm.h"

static void compare(const unsigned char *raw, size_t raw_len)
{
	unsigned char der[MHSM_DER_SIGNATURE_MAX], back[132], *expected = NULL;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	size_t len = sizeof(der), small;
	int expected_len;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw, raw_len / 2, NULL), BN_bin2bn(raw + raw_len / 2, raw_len / 2, NULL));
	expected_len = i2d_ECDSA_SIG(sig, &expected);
	ECDSA_SIG_free(sig);
	assert_int_equal(mhsm_signature_to_der(raw, raw_len, der, &len), 0);
	assert_int_equal(len, expected_len);
	assert_memory_equal(der, expected, len);
	assert_int_equal(mhsm_signature_from_der(der, len, back, raw_len), 0);
	assert_memory_equal(back, raw, raw_len);

	small = len - 1;
	assert_int_equal(mhsm_signature_to_der(raw, raw_len, der, &small), -ERANGE);
	assert_int_equal(small, len);
	for (size_t cut = 0; cut < len; cut++) { /* no prefix is a signature; exact-size copies let ASan watch */
		unsigned char *copy = malloc(cut ? cut : 1);

		memcpy(copy, expected, cut);
		assert_int_equal(mhsm_signature_from_der(copy, cut, back, raw_len), -EBADMSG);
		free(copy);
	}
	OPENSSL_free(expected);
}

static void test_random(void **state)
{
	unsigned char raw[132];

	(void)state;
	for (int i = 0; i < 300; i++) {
		size_t half = i % 3 == 0 ? 32 : i % 3 == 1 ? 48 : 66, zeros = i % 7;

		RAND_bytes(raw, sizeof(raw));
		memset(raw, 0, zeros);
		memset(raw + half, 0, 6 - zeros);
		raw[half - 1] |= 1;
		raw[2 * half - 1] |= 1;
		compare(raw, 2 * half);
	}
}

static void test_edges(void **state)
{
	unsigned char raw[132] = { 0 };

	(void)state;
	raw[31] = 1; /* the shortest */
	raw[63] = 0x7f;
	compare(raw, 64);
	memset(raw, 0xff, sizeof(raw)); /* the longest: 141 bytes */
	compare(raw, 64);
	compare(raw, 132);
}

static void test_arguments(void **state)
{
	unsigned char raw[134] = { 1 }, der[200];
	size_t len = sizeof(der);

	(void)state;
	assert_int_equal(mhsm_signature_to_der(raw, 63, der, &len), -EINVAL);
	assert_int_equal(mhsm_signature_to_der(raw, 0, der, &len), -EINVAL);
	assert_int_equal(mhsm_signature_to_der(raw, 134, der, &len), -EINVAL);
	assert_int_equal(mhsm_signature_to_der(NULL, 64, der, &len), -EINVAL);
	assert_int_equal(mhsm_signature_to_der(raw, 64, der, NULL), -EINVAL);
	assert_int_equal(mhsm_signature_from_der(der, 10, raw, 134), -EINVAL);
	assert_int_equal(mhsm_signature_from_der(NULL, 10, raw, 64), -EINVAL);
}

#define BAD(...) { sizeof((unsigned char[]){ __VA_ARGS__ }), { __VA_ARGS__ } }

static void test_malformed(void **state)
{
	static const struct {
		size_t len;
		unsigned char der[40];
	} bad[] = {
		BAD(0x31, 6, 2, 1, 1, 2, 1, 1), /* a SET */
		BAD(0x30, 6, 2, 1, 1, 2, 1, 1, 0), /* something after it */
		BAD(0x30, 7, 2, 1, 1, 2, 1, 1, 0), /* something after s, inside */
		BAD(0x30, 5, 2, 1, 1, 2, 1, 1), /* too short a length */
		BAD(0x30, 0x81, 6, 2, 1, 1, 2, 1, 1), /* long form where the short one does */
		BAD(0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0), /* indefinite */
		BAD(0x30, 0x82, 0, 6, 2, 1, 1, 2, 1, 1),
		BAD(0x30, 6, 3, 1, 1, 2, 1, 1), /* not an INTEGER */
		BAD(0x30, 6, 2, 1, 0, 2, 1, 1), /* r = 0 */
		BAD(0x30, 6, 2, 1, 1, 2, 1, 0), /* s = 0 */
		BAD(0x30, 6, 2, 1, 0x80, 2, 1, 1), /* negative */
		BAD(0x30, 7, 2, 2, 0, 1, 2, 1, 1), /* not the shortest */
		BAD(0x30, 5, 2, 0, 2, 1, 1), /* an empty one */
		BAD(0x30, 3, 2, 1, 1), /* no s */
		BAD(0x30, 6, 2, 0x7f, 1, 2, 1, 1), /* r is longer than all of it */
		BAD(0x30, 6, 2, 1, 1, 2, 2, 1), /* s is */
		BAD(0x30, 10, 2, 5, 1, 0, 0, 0, 0, 2, 1, 1), /* too large for 4 bytes */
	};
	unsigned char raw[8] = "intact!";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mhsm_signature_from_der(bad[i].der, bad[i].len, raw, 8), -EBADMSG);
	assert_string_equal(raw, "intact!"); /* outputs stay as they were on failure */
	assert_int_equal(mhsm_signature_from_der((unsigned char[]){ 0x30, 6, 2, 1, 1, 2, 1, 1 }, 8, raw, 8), 0);
	assert_memory_equal(raw, "\0\0\0\1\0\0\0\1", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
