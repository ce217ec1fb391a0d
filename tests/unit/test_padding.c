// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/padding.c */
/* PKCS #7 padding beside a plain model of it: every last byte, every place where it can be wrong. */
#include "tests/unit/vec.h"
#include "kmod/padding.h"

static u32 model(const u8 block[16])
{
	u32 n = block[15], i;

	if (n < 1 || n > 16)
		return 0;
	for (i = 16 - n; i < 16; i++)
		if (block[i] != n)
			return 0;
	return n;
}

static void test_add(void **state)
{
	u8 block[17], want[17];
	size_t len, i;

	(void)state;
	for (len = 0; len < 16; len++) {
		for (i = 0; i < sizeof(block); i++)
			block[i] = want[i] = (u8)(0xa0 + i);
		for (i = len; i < 16; i++)
			want[i] = (u8)(16 - len);
		mhsm_padding_add(block, len);
		assert_memory_equal(block, want, sizeof(block));
		assert_int_equal(mhsm_padding_len(block), 16 - len);
	}
}

/* Blocks that end in any number of any byte */
static void test_runs(void **state)
{
	u32 byte, run, filler;
	u8 block[16];

	(void)state;
	for (byte = 0; byte < 256; byte++)
		for (run = 0; run <= 16; run++)
			for (filler = 0; filler < 256; filler++) {
				memset(block, (int)filler, 16);
				memset(block + 16 - run, (int)byte, run);
				assert_int_equal(mhsm_padding_len(block), model(block));
			}
}

/* A right padding with one bit that is not */
static void test_bits(void **state)
{
	u8 block[16];
	u32 len, bit;

	(void)state;
	for (len = 0; len < 16; len++)
		for (bit = 0; bit < 128; bit++) {
			memset(block, 0x77, 16);
			mhsm_padding_add(block, len);
			block[bit / 8] ^= (u8)(1u << bit % 8);
			assert_int_equal(mhsm_padding_len(block), model(block));
			assert_true(bit / 8 < len || mhsm_padding_len(block) != 16 - len);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
