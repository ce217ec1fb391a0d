// SPDX-License-Identifier: GPL-2.0-only
/* Secret memory: kmod/secret.c */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/string.h>

#include "kmod/secret.h"

/* The room that a secret of this length gets: the power of two from 32 on */
static size_t room(size_t len)
{
	size_t size = 32;

	while (size < len)
		size *= 2;
	return size;
}

static bool all(const u8 *p, u8 value, size_t len)
{
	return !memchr_inv(p, value, len);
}

static void secret_lengths(struct kunit *test)
{
	struct mhsm_secret s;
	size_t len;

	for (len = 1; len <= MHSM_SECRET_MAX; len++) {
		KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&s, len), 0);
		KUNIT_EXPECT_EQ(test, s.len, len);
		KUNIT_EXPECT_TRUE(test, all(s.data, 0, len));
		/* Within one page, and not over a neighbour's start */
		KUNIT_EXPECT_EQ(test, offset_in_page(s.data) % room(len), 0UL);
		memset(s.data, 0xff, len);
		mhsm_secret_free(&s);
		KUNIT_EXPECT_NULL(test, s.data);
		KUNIT_EXPECT_EQ(test, s.len, 0UL);
	}
	KUNIT_EXPECT_EQ(test, mhsm_secret_alloc(&s, 0), -EINVAL);
	KUNIT_EXPECT_NULL(test, s.data);
	KUNIT_EXPECT_EQ(test, mhsm_secret_alloc(&s, MHSM_SECRET_MAX + 1), -EINVAL);
	KUNIT_EXPECT_NULL(test, s.data);
	KUNIT_EXPECT_EQ(test, mhsm_secret_alloc(&s, SIZE_MAX), -EINVAL);
	mhsm_secret_free(&s); /* an empty one */
}

static void secret_set_and_move(struct kunit *test)
{
	struct mhsm_secret a, b;
	u8 from[33], *at;

	memset(from, 7, sizeof(from));
	KUNIT_ASSERT_EQ(test, mhsm_secret_set(&a, from, sizeof(from)), 0);
	KUNIT_EXPECT_MEMEQ(test, a.data, from, sizeof(from));
	at = a.data;
	mhsm_secret_move(&b, &a);
	KUNIT_EXPECT_NULL(test, a.data);
	KUNIT_EXPECT_EQ(test, a.len, 0UL);
	KUNIT_EXPECT_PTR_EQ(test, b.data, at);
	KUNIT_EXPECT_EQ(test, b.len, sizeof(from));
	mhsm_secret_free(&b);
}

/* A neighbour keeps the page, so that what was freed can be looked at. */
static void secret_wiped_on_free(struct kunit *test)
{
	static const size_t lens[] = { 1, 31, 32, 33, 64, 72, 128, 255, 256, 257, 512, 513, 2048 };
	struct mhsm_secret keep, s;
	size_t i;
	u8 *at;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&keep, lens[i]), 0);
		memset(keep.data, 0x55, lens[i]);
		KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&s, lens[i]), 0);
		KUNIT_ASSERT_PTR_EQ(test, virt_to_page(s.data), virt_to_page(keep.data));
		at = s.data;
		memset(at, 0xaa, lens[i]);
		mhsm_secret_free(&s);
		KUNIT_EXPECT_TRUE(test, all(at, 0, room(lens[i])));
		KUNIT_EXPECT_TRUE(test, all(keep.data, 0x55, lens[i]));
		mhsm_secret_free(&keep);
	}
}

/* Kept from core dumps and the like by its mark, alone in its page but for other secrets, and no slab's */
static void secret_pages_marked(struct kunit *test)
{
	struct mhsm_secret s;
	struct page *page;
	size_t len;

	for (len = 32; len <= MHSM_SECRET_MAX; len *= 2) {
		KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&s, len), 0);
		page = virt_to_page(s.data);
		KUNIT_EXPECT_TRUE(test, PageOffline(page));
		KUNIT_EXPECT_FALSE(test, PageSlab(page));
		KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
		mhsm_secret_free(&s);
		KUNIT_EXPECT_FALSE(test, PageOffline(page));
	}
}

#define MANY 600

static void secret_slots_apart(struct kunit *test)
{
	struct mhsm_secret *s = kunit_kcalloc(test, MANY, sizeof(*s), GFP_KERNEL);
	size_t i, round, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < MANY; i++) {
			if (s[i].data)
				continue;
			KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&s[i], 1 + (i * 37 + round * 101) % MHSM_SECRET_MAX), 0);
			wrong += !all(s[i].data, 0, s[i].len);
			memset(s[i].data, i, s[i].len);
		}
		for (i = 0; i < MANY; i++)
			wrong += !all(s[i].data, i, s[i].len);
		/* Every third, or what is left, goes. */
		for (i = round % 3; i < MANY; i += round == 3 ? 1 : 3)
			mhsm_secret_free(&s[i]);
	}
	for (i = 0; i < MANY; i++)
		mhsm_secret_free(&s[i]);
	KUNIT_EXPECT_EQ(test, wrong, 0UL);
}

/* Last of the suite's: it overwrites what other parts of the module hold, which must be nothing. */
static void secret_wipe_all(struct kunit *test)
{
	struct mhsm_secret s[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(s); i++) {
		KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&s[i], 1 + i * 13 % MHSM_SECRET_MAX), 0);
		memset(s[i].data, 0xee, s[i].len);
	}
	mhsm_secret_wipe_all();
	for (i = 0; i < ARRAY_SIZE(s); i++) {
		KUNIT_EXPECT_TRUE(test, all(s[i].data, 0, s[i].len));
		mhsm_secret_free(&s[i]);
	}
	mhsm_secret_exit(); /* warns if a page is left */
}

static struct kunit_case secret_cases[] = {
	KUNIT_CASE(secret_lengths),	 KUNIT_CASE(secret_set_and_move), KUNIT_CASE(secret_wiped_on_free),
	KUNIT_CASE(secret_pages_marked), KUNIT_CASE(secret_slots_apart),  KUNIT_CASE(secret_wipe_all),
	{}
};

static struct kunit_suite secret_suite = {
	.name = "mhsm_secret",
	.test_cases = secret_cases,
};
kunit_test_suite(secret_suite);
