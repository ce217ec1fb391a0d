// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known-answer tests: kmod/selftest.c. Compiled a second time, with a variable in place of the name of the test to
 * break, so that each can be seen to fail.
 */
#include <kunit/test.h>

#include "kmod/selftest.h"

static const char *broken = "";

#define break_selftest broken
int selftest_run_breakable(void);
#define mhsm_selftest_run selftest_run_breakable
#include "kmod/selftest.c"
#undef mhsm_selftest_run

static void selftest_passes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mhsm_selftest_run(), 0);
	broken = "";
	KUNIT_EXPECT_EQ(test, selftest_run_breakable(), 0);
	broken = "no such test";
	KUNIT_EXPECT_EQ(test, selftest_run_breakable(), 0);
}

static void selftest_each_fails(struct kunit *test)
{
	size_t i, j;

	KUNIT_EXPECT_GE(test, ARRAY_SIZE(tests), 5UL);
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		broken = tests[i].name;
		KUNIT_EXPECT_EQ_MSG(test, selftest_run_breakable(), -ELIBBAD, "%s", broken);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, tests[j].name, tests[i].name);
	}
	broken = "";
}

static struct kunit_case selftest_cases[] = {
	KUNIT_CASE(selftest_passes),
	KUNIT_CASE(selftest_each_fails),
	{}
};

static struct kunit_suite selftest_suite = {
	.name = "mhsm_selftest",
	.test_cases = selftest_cases,
};
kunit_test_suite(selftest_suite);
