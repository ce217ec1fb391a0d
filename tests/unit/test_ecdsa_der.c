// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/ecdsa_der.c lib/der.c */
/* The module's ECDSA signatures in DER, against those of libmhsm, which OpenSSL checks (test_lib_der.c). */
#include "tests/unit/vec.h"
#include <stdlib.h>
#include "kmod/ecdsa_der.h"
#include "lib/mhsm.h"

static const size_t halves[] = { 32, 48, 66 };

/* Numbers of every length, with and without a top bit */
static void some_numbers(u8 *rs, size_t half)
{
	size_t i, zeros[] = { (size_t)rand() % 4 ? 0 : (size_t)rand() % half, (size_t)rand() % 4 ? 0 : (size_t)rand() % half };

	for (i = 0; i < 2 * half; i++)
		rs[i] = i % half < zeros[i / half] ? 0 : (u8)(rand() >> 7);
	rs[half - 1] |= 1;
	rs[2 * half - 1] |= 1;
}

static void test_round(void **state)
{
	u8 rs[2 * MHSM_ECDSA_HALF_MAX], back[sizeof(rs)], der[MHSM_ECDSA_DER_MAX], other[160];
	size_t h, i, len, other_len;

	(void)state;
	srand(1);
	for (h = 0; h < sizeof(halves) / sizeof(halves[0]); h++)
		for (i = 0; i < 20000; i++) {
			some_numbers(rs, halves[h]);
			len = mhsm_ecdsa_der_encode(der, rs, halves[h]);
			assert_true(len <= mhsm_ecdsa_der_max(halves[h]));
			other_len = sizeof(other);
			assert_int_equal(mhsm_signature_to_der(rs, 2 * halves[h], other, &other_len), 0);
			assert_int_equal(len, other_len);
			assert_memory_equal(der, other, len);
			assert_int_equal(mhsm_ecdsa_der_decode(back, halves[h], der, len), 0);
			assert_memory_equal(back, rs, 2 * halves[h]);
		}
}

static void test_max(void **state)
{
	u8 rs[2 * MHSM_ECDSA_HALF_MAX], der[MHSM_ECDSA_DER_MAX];
	size_t h;

	(void)state;
	memset(rs, 0xff, sizeof(rs));
	for (h = 0; h < sizeof(halves) / sizeof(halves[0]); h++)
		assert_int_equal(mhsm_ecdsa_der_encode(der, rs, halves[h]), mhsm_ecdsa_der_max(halves[h]));
	assert_int_equal(mhsm_ecdsa_der_max(MHSM_ECDSA_HALF_MAX), MHSM_ECDSA_DER_MAX);
}

/* What is not strict DER; with `half` 1 */
static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"", "30", "3000", "300602", "3006020101", "30060201010201", /* cut off */
		"310602010102 0101", "300602010103 0101", "300604010102 0101", /* tags */
		"300702010102 0101", "300502010102 0101", "308106020101020101", "30820006020101020101", /* length */
		"3006020181020101", "3006020101020181", /* negative */
		"300702020001020101", "300702010102020001", /* not the shortest */
		"3007020202 01020101", "300702 0101 02020201", /* too long for the curve */
		"30050200020101", "30050201010200", /* empty */
		"3006020100020101", "3006020101020100", /* zero */
		"3007020101020101 00", /* something behind s, in the SEQUENCE */
		"3006020201020101", /* the first takes from the second */
	};
	u8 der[64], rs[2], *copy;
	size_t i, len;
	const char *p;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (len = 0, p = wrong[i]; *p;) {
			if (*p == ' ') {
				p++;
				continue;
			}
			assert_int_equal(sscanf(p, "%2hhx", &der[len++]), 1);
			p += 2;
		}
		/* As long as it is, for the address sanitizer */
		copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, der, len);
		if (mhsm_ecdsa_der_decode(rs, 1, copy, len) != -EBADMSG)
			fail_msg("%s was taken", wrong[i]);
		free(copy);
	}
}

/* What follows is not looked at: keyctl does not say where a signature ends. */
static void test_tail(void **state)
{
	static const u8 der[] = { 0x30, 6, 2, 1, 5, 2, 1, 7, 0xaa, 0xbb };
	u8 rs[2];

	(void)state;
	assert_int_equal(mhsm_ecdsa_der_decode(rs, 1, der, sizeof(der)), 0);
	assert_int_equal(rs[0], 5);
	assert_int_equal(rs[1], 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_max),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
