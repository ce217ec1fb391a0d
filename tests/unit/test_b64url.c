// SPDX-License-Identifier: GPL-2.0-only
/* link: daemon/b64url.c daemon/hex.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/b64url.h"
#include "daemon/hex.h"

/* RFC 4648 section 10, without the padding, and section 5's two characters */
static void test_known(void **context)
{
	static const struct {
		const char *plain, *text;
	} all[] = {
		{ "", "" },	    { "f", "Zg" },	    { "fo", "Zm8" },	    { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "-_-_" },
	};
	uint8_t bytes[16];
	char text[32];
	size_t len;

	(void)context;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t n = strlen(all[i].plain);

		mhsm_b64url_encode(text, (const uint8_t *)all[i].plain, n);
		assert_string_equal(text, all[i].text);
		assert_int_equal(strlen(text), MHSM_B64URL_LEN(n));
		assert_int_equal(mhsm_b64url_decode(bytes, sizeof(bytes), &len, text, strlen(text)), 0);
		assert_int_equal(len, n);
		assert_memory_equal(bytes, all[i].plain, n);
		if (n)
			assert_int_equal(mhsm_b64url_decode(bytes, n - 1, &len, text, strlen(text)), -ERANGE);
	}
}

/* Every character in every place decodes to what encodes back to it, or is refused. */
static void test_every_character(void **context)
{
	uint8_t bytes[3];
	char text[5] = "AAAA", back[5];
	size_t len, good = 0;

	(void)context;
	for (int place = 0; place < 4; place++) {
		for (int c = 1; c < 256; c++) {
			memcpy(text, "AAAA", 5);
			text[place] = (char)c;
			if (mhsm_b64url_decode(bytes, sizeof(bytes), &len, text, 4)) {
				assert_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c));
				continue;
			}
			good++;
			mhsm_b64url_encode(back, bytes, len);
			assert_string_equal(back, text);
		}
	}
	assert_int_equal(good, 4 * 64);
}

static void test_refused(void **context)
{
	static const char *const url[] = { "A", "AAAAA", "Zh", "Zm9", "Zg==", "Zm8=", "+/+/", "Zm 9v", "Zm9v\n" };
	static const char *const standard[] = { "Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "-_-_", "Zm9v=", "Zg==Zg==" };
	uint8_t bytes[16];
	size_t len;

	(void)context;
	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++)
		assert_int_equal(mhsm_b64url_decode(bytes, sizeof(bytes), &len, url[i], strlen(url[i])), -EBADMSG);
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		assert_int_equal(mhsm_b64_decode(bytes, sizeof(bytes), &len, standard[i], strlen(standard[i])), -EBADMSG);
	assert_int_equal(mhsm_b64_decode(bytes, sizeof(bytes), &len, "+/+/Zg==", 8), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "\xfb\xff\xbf" "f", 4);
}

static void test_hex(void **context)
{
	uint8_t bytes[3] = { 0x00, 0x9a, 0xff }, back[3];
	char text[7];

	(void)context;
	mhsm_hex_encode(bytes, 3, text);
	assert_string_equal(text, "009aff");
	assert_int_equal(mhsm_hex_decode("009AfF", back, 3), 0);
	assert_memory_equal(back, bytes, 3);
	assert_int_equal(mhsm_hex_decode("009af", back, 3), -EINVAL);
	assert_int_equal(mhsm_hex_decode("009aff0", back, 3), -EINVAL);
	assert_int_equal(mhsm_hex_decode("009afg", back, 3), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
