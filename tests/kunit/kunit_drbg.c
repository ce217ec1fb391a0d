// SPDX-License-Identifier: GPL-2.0-only
/* Random bytes: kmod/random.c */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "kmod/random.h"

static void drbg_differs(struct kunit *test)
{
	u8 a[32], b[32];

	KUNIT_ASSERT_EQ(test, mhsm_random_bytes(a, sizeof(a)), 0);
	KUNIT_ASSERT_EQ(test, mhsm_random_bytes(b, sizeof(b)), 0);
	KUNIT_EXPECT_MEMNEQ(test, a, b, sizeof(a));
}

static void drbg_exact_length(struct kunit *test)
{
	u8 buf[64];
	size_t len;

	for (len = 0; len <= 48; len++) {
		unsigned int tries, any = 0;
		size_t i;

		/* Every byte is written (a zero by chance is not one eight times), none beyond. */
		memset(buf, 0, sizeof(buf));
		for (i = 0; i < len; i++) {
			for (tries = 0; tries < 8 && !buf[i]; tries++)
				KUNIT_ASSERT_EQ(test, mhsm_random_bytes(buf, len), 0);
			any += !buf[i];
		}
		KUNIT_EXPECT_EQ(test, any, 0U);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf + len, 0, sizeof(buf) - len));
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* More than one request of the DRBG's: no two blocks are the same, bits are balanced. */
static void drbg_large(struct kunit *test)
{
	size_t len = 3 * 65536 + 16, i, same = 0, ones = 0;
	u8 *buf = kvmalloc(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, mhsm_random_bytes(buf, len), 0);
	for (i = 0; i < len; i++)
		ones += hweight8(buf[i]);
	sort(buf, len / 16, 16, compare, NULL);
	for (i = 16; i < len; i += 16)
		same += !memcmp(buf + i - 16, buf + i, 16);
	kvfree(buf);
	KUNIT_EXPECT_EQ(test, same, 0UL);
	/* 1.57 million bits: ten standard deviations are 6271 */
	KUNIT_EXPECT_GT(test, ones, 4 * len - 6300);
	KUNIT_EXPECT_LT(test, ones, 4 * len + 6300);
}

static int compare_iv(const void *a, const void *b)
{
	return memcmp(a, b, 12);
}

static void drbg_ivs_differ(struct kunit *test)
{
	size_t n = 20000, i, same = 0;
	u8 *iv = kvmalloc(12 * n, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, iv);
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, mhsm_random_iv(iv + 12 * i), 0);
	sort(iv, n, 12, compare_iv, NULL);
	for (i = 1; i < n; i++)
		same += !memcmp(iv + 12 * i, iv + 12 * (i - 1), 12);
	kvfree(iv);
	KUNIT_EXPECT_EQ(test, same, 0UL);
}

/* Instances of the CPUs are seeded apart. */
static void drbg_per_cpu(struct kunit *test)
{
	u8 out[8][32];
	int cpu, n = 0, i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(out))
			break;
		KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		KUNIT_EXPECT_EQ(test, mhsm_random_bytes(out[n], 32), 0);
		for (i = 0; i < n; i++)
			KUNIT_EXPECT_MEMNEQ(test, out[i], out[n], 32);
		n++;
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static struct kunit_case drbg_cases[] = {
	KUNIT_CASE(drbg_differs),    KUNIT_CASE(drbg_exact_length), KUNIT_CASE(drbg_large),
	KUNIT_CASE(drbg_ivs_differ), KUNIT_CASE(drbg_per_cpu),	    {}
};

static struct kunit_suite drbg_suite = {
	.name = "mhsm_drbg",
	.test_cases = drbg_cases,
};
kunit_test_suite(drbg_suite);
