// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/shamir.c daemon/quorum/prim.c -lcrypto */
/* Secret sharing: printed words, every quorum of every size, and what must be refused. */
#include "tests/unit/vec.h"
#include "kmod/shamir.h"

/* Words that Azure's client computes for these polynomials */
static void test_words(void **state)
{
	static const u16 line[] = { 42, 200 }, curve[] = { 255, 17, 256 };
	static const u16 line_words[] = { 0x2f2, 0x4b9, 0x680 };
	static const u16 curve_words[] = { 0x20e, 0x41c, 0x628, 0x832, 0xa3a };
	unsigned int x;

	(void)state;
	for (x = 1; x <= 3; x++)
		assert_int_equal(mhsm_shamir_word(line, 2, x), line_words[x - 1]);
	for (x = 1; x <= 5; x++)
		assert_int_equal(mhsm_shamir_word(curve, 3, x), curve_words[x - 1]);
}

/* All values and all x against the definition */
static void test_arithmetic(void **state)
{
	unsigned int a, b, x;
	u16 coeff[2];

	(void)state;
	for (a = 0; a <= 256; a++)
		for (b = 0; b <= 256; b++)
			for (x = 1; x <= MHSM_SHAMIR_X_MAX; x += 25) {
				coeff[0] = (u16)a;
				coeff[1] = (u16)b;
				assert_int_equal(mhsm_shamir_word(coeff, 2, x), x << 9 | (a + b * x) % 257);
			}
}

static void test_every_quorum(void **state)
{
	u8 secret[32], shares[10 * MHSM_SHAMIR_SHARE], some[10 * MHSM_SHAMIR_SHARE], got[32];
	unsigned int n, m, set, i, k;

	(void)state;
	for (n = 2; n <= 10; n++) {
		for (m = 2; m <= n; m++) {
			vec_noise(secret, sizeof(secret));
			secret[0] = 0;
			secret[1] = 255;
			assert_int_equal(mhsm_shamir_split(shares, n, m, secret), 0);
			for (i = 0; i < n; i++)
				assert_int_equal(mhsm_shamir_x(shares + i * MHSM_SHAMIR_SHARE), i + 1);
			for (set = 0; set < 1u << n; set++) {
				if ((unsigned int)__builtin_popcount(set) != m)
					continue;
				/* in falling order of x: the order must not matter */
				for (i = n, k = 0; i-- > 0;)
					if (set >> i & 1)
						memcpy(some + k++ * MHSM_SHAMIR_SHARE,
						       shares + i * MHSM_SHAMIR_SHARE, MHSM_SHAMIR_SHARE);
				assert_int_equal(mhsm_shamir_combine(got, some, m), 0);
				assert_memory_equal(got, secret, 32);
			}
		}
	}
}

/*
 * One share short tells nothing: over many splits of one secret, the value of a share takes every residue. (A bias in
 * the coefficients would show here; 257 * 200 draws, so each is expected 200 times.)
 */
static void test_uniform(void **state)
{
	u8 secret[32] = { 0 }, shares[2 * MHSM_SHAMIR_SHARE];
	unsigned int count[257] = { 0 }, i, round;
	double chi = 0;

	(void)state;
	for (round = 0; round < 257 * 200 / 32; round++) {
		assert_int_equal(mhsm_shamir_split(shares, 2, 2, secret), 0);
		for (i = 0; i < 32; i++)
			count[mhsm_env_get_le16(shares + 2 * i) & 0x1ff]++;
	}
	for (i = 0; i < 257; i++)
		chi += (count[i] - 199.9) * (count[i] - 199.9) / 199.9;
	assert_true(chi < 400); /* 256 degrees of freedom: by chance less than once in 10^7 runs */
}

static void test_fresh(void **state)
{
	u8 secret[32], shares[3 * MHSM_SHAMIR_SHARE];
	unsigned int i, same = 0;

	(void)state;
	memset(secret, 0x5a, sizeof(secret));
	assert_int_equal(mhsm_shamir_split(shares, 3, 2, secret), 0);
	for (i = 1; i < 32; i++)
		same += !memcmp(shares, shares + 2 * i, 2);
	assert_true(same < 8); /* equal bytes do not get equal coefficients */
}

static void test_refused(void **state)
{
	u8 secret[32] = { 1 }, got[32], s[4 * MHSM_SHAMIR_SHARE], bad[4 * MHSM_SHAMIR_SHARE];
	static const u8 zero[32];

	(void)state;
	assert_int_equal(mhsm_shamir_split(s, 3, 1, secret), -EINVAL);
	assert_int_equal(mhsm_shamir_split(s, 3, 4, secret), -EINVAL);
	assert_int_equal(mhsm_shamir_split(s, 11, 2, secret), -EINVAL);
	assert_int_equal(mhsm_shamir_split(s, 3, 3, secret), 0);
	assert_int_equal(mhsm_shamir_combine(got, s, 1), -EINVAL);
	assert_int_equal(mhsm_shamir_combine(got, s, 11), -EINVAL);

	memcpy(bad, s, sizeof(bad)); /* the same share twice */
	memcpy(bad + MHSM_SHAMIR_SHARE, s, MHSM_SHAMIR_SHARE);
	assert_int_equal(mhsm_shamir_combine(got, bad, 3), -EINVAL);

	memcpy(bad, s, sizeof(bad)); /* words that do not agree on x */
	bad[7] ^= 2;
	assert_int_equal(mhsm_shamir_x(bad), 0);
	assert_int_equal(mhsm_shamir_combine(got, bad, 3), -EINVAL);

	memcpy(bad, s, sizeof(bad)); /* a value of 257 */
	mhsm_env_put_le16(bad, 1 << 9 | 257);
	assert_int_equal(mhsm_shamir_x(bad), 0);

	memset(bad, 0, MHSM_SHAMIR_SHARE); /* x = 0 would be the secret itself */
	assert_int_equal(mhsm_shamir_x(bad), 0);
	memset(bad, 0xfe, MHSM_SHAMIR_SHARE); /* x = 127 */
	assert_int_equal(mhsm_shamir_x(bad), 0);

	/* shares on a line through 256 at x = 0: no byte */
	mhsm_shamir_split(bad, 2, 2, secret);
	mhsm_env_put_le16(bad, 1 << 9 | 256);
	mhsm_env_put_le16(bad + MHSM_SHAMIR_SHARE, 2 << 9 | 256);
	assert_int_equal(mhsm_shamir_combine(got, bad, 2), -EBADMSG);
	assert_memory_equal(got, zero, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_every_quorum), cmocka_unit_test(test_uniform),
		cmocka_unit_test(test_fresh),	cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
