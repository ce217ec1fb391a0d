// SPDX-License-Identifier: GPL-2.0-only
/* The table of keys: kmod/keytab.c */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/string.h>

#include "kmod/keytab.h"
#include "tests/kunit/kunit_thread.h"

#define KEYS_MAX 2100

struct fixture {
	struct mhsm_keytab tab;
	struct mhsm_key *keys[KEYS_MAX]; /* with a reference each */
	unsigned int count;
};

static int keytab_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_EQ(test, mhsm_keytab_init(&f->tab), 0);
	test->priv = f;
	return 0;
}

static void keytab_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key;

	if (!f)
		return;
	while ((key = mhsm_keytab_take(&f->tab)))
		mhsm_key_put(key);
	KUNIT_EXPECT_EQ(test, f->tab.count, 0ULL);
	mhsm_keytab_exit(&f->tab);
	while (f->count)
		mhsm_key_put(f->keys[--f->count]);
}

/* A key of uid 0, active, created at @created; its id and version have @number in them. */
static struct mhsm_key *key_new(struct kunit *test, const char *name, u32 number, u64 created)
{
	struct mhsm_key *key = mhsm_key_new(NULL, name, strlen(name));
	struct fixture *f = test->priv;

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_ASSERT_LT(test, f->count, (unsigned int)KEYS_MAX);
	f->keys[f->count++] = key;
	memcpy(key->id, &number, sizeof(number));
	memcpy(key->version, &number, sizeof(number));
	key->version[15] = 1;
	key->owner_kind = MHSM_PRINCIPAL_UID;
	key->state = MHSM_KEYSTATE_ACTIVE;
	key->flags = MHSM_KEY_ENABLED;
	key->created = created;
	return key;
}

static struct mhsm_key *find(struct fixture *f, const char *name, const u8 *version)
{
	struct mhsm_key *key = mhsm_keytab_find(&f->tab, name, version);

	mhsm_key_put(key); /* the fixture has another */
	return key;
}

static struct mhsm_key *find_id(struct fixture *f, const u8 *id)
{
	struct mhsm_key *key = mhsm_keytab_find_id(&f->tab, id);

	mhsm_key_put(key);
	return key;
}

static unsigned int versions(struct fixture *f, const char *name)
{
	struct mhsm_key *keys[MHSM_VERSIONS_MAX];
	unsigned int n = mhsm_keytab_versions(&f->tab, name, keys, MHSM_VERSIONS_MAX), i;

	for (i = 0; i < n; i++)
		mhsm_key_put(keys[i]);
	return n;
}

static void keytab_reserved_is_hidden(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test, "a", 1, 1), *twin = key_new(test, "a", 2, 1), *got;
	u64 serial = 0;

	KUNIT_ASSERT_EQ(test, mhsm_keytab_reserve(&f->tab, key, false), 0);
	KUNIT_EXPECT_NULL(test, find(f, "a", NULL));
	KUNIT_EXPECT_NULL(test, find(f, "a", key->version));
	KUNIT_EXPECT_NULL(test, find_id(f, key->id));
	KUNIT_EXPECT_EQ(test, versions(f, "a"), 0U);
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next(&f->tab, &serial, false));
	KUNIT_EXPECT_EQ(test, f->tab.count, 0ULL);
	/* Who ends all keys finds it all the same. */
	got = mhsm_keytab_next(&f->tab, &serial, true);
	KUNIT_EXPECT_PTR_EQ(test, got, key);
	mhsm_key_put(got);
	KUNIT_EXPECT_EQ(test, serial, key->serial);
	serial = 0;
	/* But its name is taken, also for a version. */
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, twin, false), -EEXIST);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, twin, true), -EEXIST);

	mhsm_keytab_publish(&f->tab, key);
	mhsm_keytab_publish(&f->tab, key);
	KUNIT_EXPECT_EQ(test, f->tab.count, 1ULL);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "a", NULL), key);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "a", key->version), key);
	KUNIT_EXPECT_PTR_EQ(test, find_id(f, key->id), key);
	KUNIT_EXPECT_NULL(test, find(f, "a", twin->version));
	KUNIT_EXPECT_NULL(test, find(f, "b", NULL));
	KUNIT_EXPECT_NULL(test, find(f, "", NULL));
	got = mhsm_keytab_next(&f->tab, &serial, false);
	KUNIT_EXPECT_PTR_EQ(test, got, key);
	mhsm_key_put(got);
	KUNIT_EXPECT_EQ(test, serial, key->serial);

	mhsm_keytab_remove(&f->tab, key);
	mhsm_keytab_remove(&f->tab, key);
	KUNIT_EXPECT_EQ(test, f->tab.count, 0ULL);
	KUNIT_EXPECT_NULL(test, find(f, "a", NULL));
	KUNIT_EXPECT_NULL(test, find_id(f, key->id));
	/* Published after its removal (its domain was locked meanwhile) it stays away. */
	mhsm_keytab_publish(&f->tab, key);
	KUNIT_EXPECT_EQ(test, f->tab.count, 0ULL);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, twin, false), 0);
}

static void keytab_versions(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key[4];
	u8 zero[MHSM_VERSION_LEN] = {}, none[MHSM_VERSION_LEN] = { 0xff };
	int i;

	/* The newest is that created last; among equals the one that came last. */
	for (i = 0; i < 4; i++) {
		key[i] = key_new(test, "v", 10 + i, i == 1 ? 500 : 100);
		KUNIT_ASSERT_EQ(test, mhsm_keytab_reserve(&f->tab, key[i], i > 0), 0);
		mhsm_keytab_publish(&f->tab, key[i]);
	}
	KUNIT_EXPECT_EQ(test, versions(f, "v"), 4U);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_PTR_EQ(test, find(f, "v", key[i]->version), key[i]);
	KUNIT_EXPECT_NULL(test, find(f, "v", none));
	KUNIT_EXPECT_PTR_EQ(test, find(f, "v", NULL), key[1]);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "v", zero), key[1]);
	mhsm_keytab_remove(&f->tab, key[1]);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "v", NULL), key[3]);
	mhsm_keytab_remove(&f->tab, key[0]);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "v", NULL), key[3]);
	mhsm_keytab_remove(&f->tab, key[3]);
	KUNIT_EXPECT_PTR_EQ(test, find(f, "v", NULL), key[2]);
	KUNIT_EXPECT_EQ(test, versions(f, "v"), 1U);
	mhsm_keytab_remove(&f->tab, key[2]);
	KUNIT_EXPECT_NULL(test, find(f, "v", NULL));
	KUNIT_EXPECT_EQ(test, versions(f, "v"), 0U);
}

static void keytab_refuses(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test, "n", 1, 1), *other = key_new(test, "n", 2, 1);

	KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, key), 0);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, false), -EEXIST);
	/* A version of somebody else's key */
	other->owner = 1000;
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, true), -EACCES);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, false), -EEXIST);
	other->owner = 0;
	other->owner_kind = MHSM_PRINCIPAL_GID;
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, true), -EACCES);
	other->owner_kind = MHSM_PRINCIPAL_UID;
	/* A version of a soft-deleted key */
	key->state = MHSM_KEYSTATE_DELETED;
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, true), -EEXIST);
	key->state = MHSM_KEYSTATE_ACTIVE;
	KUNIT_EXPECT_EQ(test, versions(f, "n"), 1U);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, other, true), 0);
}

static void keytab_same_id(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test, "one", 7, 1), *same = key_new(test, "one", 7, 1);
	struct mhsm_key *renamed = key_new(test, "two", 7, 1);

	KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, key), 0);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_load(&f->tab, same), -EEXIST);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_load(&f->tab, renamed), -EEXIST);
	KUNIT_EXPECT_EQ(test, f->tab.count, 1ULL);
	KUNIT_EXPECT_EQ(test, versions(f, "one"), 1U);
	KUNIT_EXPECT_NULL(test, find(f, "two", NULL));
	KUNIT_EXPECT_PTR_EQ(test, find_id(f, key->id), key);
}

static void keytab_versions_max(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < MHSM_VERSIONS_MAX; i++)
		KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, key_new(test, "many", i, i)), 0);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, key_new(test, "many", i, i), true), -ENOSPC);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_load(&f->tab, f->keys[i]), -ENOSPC);
	KUNIT_EXPECT_EQ(test, versions(f, "many"), (unsigned int)MHSM_VERSIONS_MAX);
	mhsm_keytab_remove(&f->tab, f->keys[5]);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, f->keys[i], true), 0);
	KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&f->tab, f->keys[5], true), -EEXIST); /* the one before is not published */
}

/* Two thousand names: in the order in which they came, each found, some removed while the listing goes on */
static void keytab_many(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key;
	u64 serial = 0, before;
	unsigned int i, n = 2000, wrong = 0;
	char name[16];

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "key-%u", i);
		KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, key_new(test, name, i, 1)), 0);
	}
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "key-%u", i);
		wrong += find(f, name, NULL) != f->keys[i] || find_id(f, f->keys[i]->id) != f->keys[i];
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	for (i = 0; i < n; i++) {
		before = serial;
		key = mhsm_keytab_next(&f->tab, &serial, false);
		wrong += key != f->keys[i] || serial <= before;
		mhsm_key_put(key);
		if (i % 2)
			mhsm_keytab_remove(&f->tab, f->keys[i]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next(&f->tab, &serial, false));
	KUNIT_EXPECT_EQ(test, f->tab.count, (u64)n / 2);
	serial = U64_MAX;
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next(&f->tab, &serial, false));
	for (serial = 0, i = 0; (key = mhsm_keytab_next(&f->tab, &serial, false)); i++) {
		wrong += key != f->keys[2 * i];
		mhsm_key_put(key);
	}
	KUNIT_EXPECT_EQ(test, i, n / 2);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* A name's versions in order of serial, from any place on, and nothing else */
static void keytab_next_version(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i, wrong = 0;
	struct mhsm_key *key;
	u64 serial = 0;

	/* Every second one is another name's; the last is not published. */
	for (i = 0; i < 20; i++)
		KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, key_new(test, i % 2 ? "b" : "a", i, 100 - i)), 0);
	KUNIT_ASSERT_EQ(test, mhsm_keytab_reserve(&f->tab, key_new(test, "a", 20, 1), true), 0);
	mhsm_keytab_remove(&f->tab, f->keys[4]);
	for (i = 0; (key = mhsm_keytab_next_version(&f->tab, "a", &serial)); i++) {
		wrong += key != f->keys[i < 2 ? 2 * i : 2 * i + 2] || serial != key->serial;
		mhsm_key_put(key);
	}
	KUNIT_EXPECT_EQ(test, i, 9U);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	serial = f->keys[17]->serial;
	key = mhsm_keytab_next_version(&f->tab, "a", &serial);
	KUNIT_EXPECT_PTR_EQ(test, key, f->keys[18]);
	mhsm_key_put(key);
	serial = 0;
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next_version(&f->tab, "c", &serial));
	serial = U64_MAX;
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next_version(&f->tab, "a", &serial));
}

/* Found by nothing, but taken with the others; without a name, two do not collide. */
static void keytab_session_keys(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *a = key_new(test, "", 0, 1), *b = key_new(test, "", 0, 1), *c = key_new(test, "c", 3, 1);
	u64 serial = 0;

	a->flags |= MHSM_KEY_SESSION;
	b->flags |= MHSM_KEY_SESSION;
	KUNIT_ASSERT_EQ(test, mhsm_keytab_add_session(&f->tab, a), 0);
	KUNIT_ASSERT_EQ(test, mhsm_keytab_add_session(&f->tab, b), 0);
	KUNIT_EXPECT_NULL(test, find_id(f, a->id));
	KUNIT_EXPECT_NULL(test, find(f, "", NULL));
	KUNIT_EXPECT_NULL(test, mhsm_keytab_next(&f->tab, &serial, false));
	KUNIT_EXPECT_EQ(test, f->tab.count, 0ULL);
	KUNIT_ASSERT_EQ(test, mhsm_keytab_load(&f->tab, c), 0);
	mhsm_keytab_remove(&f->tab, a);
	KUNIT_EXPECT_PTR_EQ(test, mhsm_keytab_take(&f->tab), b);
	mhsm_key_put(b);
	KUNIT_EXPECT_PTR_EQ(test, mhsm_keytab_take(&f->tab), c);
	mhsm_key_put(c);
	KUNIT_EXPECT_NULL(test, mhsm_keytab_take(&f->tab));
}

struct churn {
	struct fixture *f;
	bool stop;
	unsigned long found;
};

static int search(void *arg)
{
	struct churn *c = arg;
	struct mhsm_key *key;
	u64 serial = 0;

	while (!READ_ONCE(c->stop)) {
		key = mhsm_keytab_find(&c->f->tab, "churn", NULL);
		if (key) {
			if (strcmp(key->name, "churn"))
				return -EINVAL;
			c->found++;
		}
		mhsm_key_put(key);
		key = mhsm_keytab_next(&c->f->tab, &serial, false);
		if (!key)
			serial = 0;
		mhsm_key_put(key);
		cond_resched();
	}
	return 0;
}

/* Lookups while the same name comes and goes, its last reference with it */
static void keytab_churn(struct kunit *test)
{
	struct churn c = { .f = test->priv };
	struct kunit_thread threads[2];
	struct mhsm_key *key;
	int i;

	for (i = 0; i < 2; i++)
		kunit_thread_start(test, &threads[i], search, &c);
	for (i = 0; i < 3000; i++) {
		key = mhsm_key_new(NULL, "churn", 5);
		KUNIT_ASSERT_FALSE(test, IS_ERR(key));
		memcpy(key->id, &i, sizeof(i));
		key->state = MHSM_KEYSTATE_ACTIVE;
		KUNIT_EXPECT_EQ(test, mhsm_keytab_reserve(&c.f->tab, key, false), 0);
		mhsm_keytab_publish(&c.f->tab, key);
		if (i % 16 == 0)
			usleep_range(10, 20);
		cond_resched();
		mhsm_keytab_remove(&c.f->tab, key);
		mhsm_key_put(key);
	}
	WRITE_ONCE(c.stop, true);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &threads[i]), 0);
	KUNIT_EXPECT_GT(test, c.found, 0UL);
}

static struct kunit_case keytab_cases[] = {
	KUNIT_CASE(keytab_reserved_is_hidden),
	KUNIT_CASE(keytab_versions),
	KUNIT_CASE(keytab_refuses),
	KUNIT_CASE(keytab_same_id),
	KUNIT_CASE(keytab_versions_max),
	KUNIT_CASE(keytab_many),
	KUNIT_CASE(keytab_next_version),
	KUNIT_CASE(keytab_session_keys),
	KUNIT_CASE_SLOW(keytab_churn),
	{}
};

static struct kunit_suite keytab_suite = {
	.name = "mhsm_keytab",
	.init = keytab_init,
	.exit = keytab_exit,
	.test_cases = keytab_cases,
};
kunit_test_suite(keytab_suite);
