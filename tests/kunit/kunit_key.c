// SPDX-License-Identifier: GPL-2.0-only
/* Key objects and their two counts: kmod/key.c */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kmod/key.h"
#include "kmod/mech.h"
#include "tests/kunit/kunit_thread.h"

/* --- a mechanism that counts ---------------------------------------------------------------------------------- */

static struct {
	int prepared;
	int calls;
	int fail;
} mech_state;

static int count_prepare(struct mhsm_key *key)
{
	mech_state.calls++;
	if (mech_state.fail)
		return mech_state.fail;
	mech_state.prepared++;
	return 0;
}

static void count_unprepare(struct mhsm_key *key)
{
	/* What is prepared may need the secret until it is gone. As aes_unprepare(): twice is allowed. */
	if (mech_state.prepared)
		mech_state.prepared--;
}

static const struct mhsm_mech count_mech = {
	.prepare = count_prepare,
	.unprepare = count_unprepare,
};

static struct mhsm_key *key_new(struct kunit *test, const char *name)
{
	struct mhsm_key *key = mhsm_key_new(NULL, name, strlen(name));
	u8 secret[32];

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	memset(secret, 0x5a, sizeof(secret));
	KUNIT_ASSERT_EQ(test, mhsm_secret_set(&key->secret, secret, sizeof(secret)), 0);
	key->mech = &count_mech;
	key->ops = MHSM_OP_ALL;
	key->flags = MHSM_KEY_ENABLED;
	key->state = MHSM_KEYSTATE_ACTIVE;
	mech_state = (typeof(mech_state)){};
	return key;
}

/* --- names, info, check --------------------------------------------------------------------------------------- */

static void key_names(struct kunit *test)
{
	char name[MHSM_NAME_MAX + 2];
	unsigned int c;

	memset(name, 'a', sizeof(name));
	KUNIT_EXPECT_FALSE(test, mhsm_name_valid(name, 0));
	KUNIT_EXPECT_TRUE(test, mhsm_name_valid(name, 1));
	KUNIT_EXPECT_TRUE(test, mhsm_name_valid(name, MHSM_NAME_MAX));
	KUNIT_EXPECT_FALSE(test, mhsm_name_valid(name, MHSM_NAME_MAX + 1));
	for (c = 0; c < 256; c++) {
		bool valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';

		name[2] = c;
		KUNIT_EXPECT_EQ_MSG(test, mhsm_name_valid(name, 3), valid, "character %u", c);
		KUNIT_EXPECT_EQ_MSG(test, mhsm_name_valid(name, 4), valid, "character %u", c);
		KUNIT_EXPECT_TRUE(test, mhsm_name_valid(name, 2));
	}
}

static void key_info(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "info");
	struct mhsm_key_info info;
	u8 public[40];

	memset(key->id, 1, sizeof(key->id));
	memset(key->version, 2, sizeof(key->version));
	memset(public, 3, sizeof(public));
	KUNIT_ASSERT_EQ(test, mhsm_key_set_public(key, public, sizeof(public)), 0);
	key->serial = 4;
	key->type = 5;
	key->param = 6;
	key->owner_kind = 7;
	key->owner = 8;
	key->created = 9;
	key->updated = 10;
	key->not_before = 11;
	key->expires = 12;
	key->deleted = 13;
	key->generation = 14;
	memset(&info, 0xff, sizeof(info));
	mhsm_key_info(key, &info);
	KUNIT_EXPECT_EQ(test, info.serial, 4ULL);
	KUNIT_EXPECT_MEMEQ(test, info.id, key->id, sizeof(info.id));
	KUNIT_EXPECT_MEMEQ(test, info.version, key->version, sizeof(info.version));
	KUNIT_EXPECT_EQ(test, info.type, 5U);
	KUNIT_EXPECT_EQ(test, info.param, 6U);
	KUNIT_EXPECT_EQ(test, info.ops, (u32)MHSM_OP_ALL);
	KUNIT_EXPECT_EQ(test, info.flags, (u32)MHSM_KEY_ENABLED);
	KUNIT_EXPECT_EQ(test, info.state, (u32)MHSM_KEYSTATE_ACTIVE);
	KUNIT_EXPECT_EQ(test, info.rights, 0U);
	KUNIT_EXPECT_EQ(test, info.owner_kind, 7U);
	KUNIT_EXPECT_EQ(test, info.owner, 8U);
	KUNIT_EXPECT_EQ(test, info.created, 9ULL);
	KUNIT_EXPECT_EQ(test, info.updated, 10ULL);
	KUNIT_EXPECT_EQ(test, info.not_before, 11ULL);
	KUNIT_EXPECT_EQ(test, info.expires, 12ULL);
	KUNIT_EXPECT_EQ(test, info.deleted, 13ULL);
	KUNIT_EXPECT_EQ(test, info.generation, 14ULL);
	KUNIT_EXPECT_EQ(test, info.public_len, 40U);
	KUNIT_EXPECT_EQ(test, info.pad, 0U);
	KUNIT_EXPECT_MEMEQ(test, info.pub, key->public, 40);
	KUNIT_EXPECT_NULL(test, memchr_inv(info.pub + 40, 0, 24));
	KUNIT_EXPECT_STREQ(test, info.name, "info");
	KUNIT_EXPECT_NULL(test, memchr_inv(info.name + 4, 0, sizeof(info.name) - 4));
	mhsm_key_put(key);
}

static void key_check(struct kunit *test)
{
	static const u32 outside = MHSM_OP_DECRYPT | MHSM_OP_UNWRAP | MHSM_OP_VERIFY;
	struct mhsm_key *key = key_new(test, "check");
	u64 now = ktime_get_real_seconds();
	u32 bit, other;

	for (bit = 1; bit <= MHSM_OP_DERIVE_BITS; bit <<= 1) {
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), 0);
		key->ops = bit;
		for (other = 1; other <= MHSM_OP_DERIVE_BITS; other <<= 1)
			KUNIT_EXPECT_EQ(test, mhsm_key_check(key, other), other == bit ? 0 : -EPERM);
		key->ops = MHSM_OP_ALL;

		key->flags = 0;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), -EKEYREVOKED);
		key->flags = MHSM_KEY_ENABLED;
		key->state = MHSM_KEYSTATE_DELETED;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), -EKEYREVOKED);
		key->state = MHSM_KEYSTATE_ACTIVE;

		key->not_before = now + 1000;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), bit & outside ? 0 : -EKEYEXPIRED);
		key->not_before = now - 1000;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), 0);
		key->expires = now + 1000;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), 0);
		key->expires = now;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), bit & outside ? 0 : -EKEYEXPIRED);
		key->expires = 1;
		key->not_before = 0;
		KUNIT_EXPECT_EQ(test, mhsm_key_check(key, bit), bit & outside ? 0 : -EKEYEXPIRED);
		key->expires = 0;
	}
	mhsm_key_put(key);
}

/* --- the counts ----------------------------------------------------------------------------------------------- */

static void key_never_killed(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "quiet");

	KUNIT_EXPECT_TRUE(test, mhsm_key_use(key));
	mhsm_key_unuse(key);
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), 0);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 1);
	mhsm_key_close(key);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 0);
	mhsm_key_put(mhsm_key_get(key));
	mhsm_key_put(key);
	mhsm_key_put(NULL);
}

static void key_killed(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "dead");

	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), 0);
	mhsm_key_kill(key);
	KUNIT_EXPECT_NULL(test, key->secret.data);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 0);
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(key));
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), -EKEYREVOKED);
	mhsm_key_kill(key); /* once more */
	mhsm_key_kill_start(key);
	mhsm_key_close(key);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 0);
	mhsm_key_put(key);
}

static int kill_it(void *key)
{
	mhsm_key_kill(key);
	return ((struct mhsm_key *)key)->secret.data ? -EINVAL : 0;
}

static void key_kill_waits_for_uses(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "waits");
	struct kunit_thread first, second;

	KUNIT_ASSERT_TRUE(test, mhsm_key_use(key));
	KUNIT_ASSERT_TRUE(test, mhsm_key_use(key));
	kunit_thread_start(test, &first, kill_it, key);
	kunit_thread_start(test, &second, kill_it, key);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&first, 100));
	/* No new use, but the secret is there for those that run. */
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(key));
	KUNIT_EXPECT_NOT_NULL(test, key->secret.data);
	KUNIT_EXPECT_NOT_NULL(test, memchr(key->secret.data, 0x5a, 32));
	mhsm_key_unuse(key);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&first, 50));
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&second, 1));
	mhsm_key_unuse(key);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &first), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &second), 0);
	mhsm_key_put(key);
}

struct key_user {
	struct mhsm_key *key;
	unsigned long uses;
	bool bad;
};

/* Uses the key until it is killed; whoever has it in use sees the whole secret. */
static int use_it(void *arg)
{
	struct key_user *u = arg;

	while (mhsm_key_use(u->key)) {
		if (memchr_inv(u->key->secret.data, 0x5a, 32))
			u->bad = true;
		if (!(++u->uses % 16))
			cond_resched();
		if (memchr_inv(u->key->secret.data, 0x5a, 32))
			u->bad = true;
		mhsm_key_unuse(u->key);
		if (!(u->uses % 64))
			usleep_range(10, 50);
	}
	mhsm_key_put(u->key);
	return 0;
}

static void key_use_against_kill(struct kunit *test)
{
	struct kunit_thread threads[6];
	struct key_user users[5];
	struct mhsm_key *key;
	int round, i;

	for (round = 0; round < 20; round++) {
		key = key_new(test, "busy");
		for (i = 0; i < 5; i++) {
			users[i] = (struct key_user){ .key = mhsm_key_get(key) };
			kunit_thread_start(test, &threads[i], use_it, &users[i]);
		}
		usleep_range(500, 3000);
		kunit_thread_start(test, &threads[5], kill_it, key);
		mhsm_key_kill(key);
		KUNIT_EXPECT_NULL(test, key->secret.data);
		for (i = 0; i < 6; i++)
			KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &threads[i]), 0);
		for (i = 0; i < 5; i++)
			KUNIT_EXPECT_FALSE(test, users[i].bad);
		mhsm_key_put(key);
	}
}

/* --- opening -------------------------------------------------------------------------------------------------- */

static void key_prepares_once(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "open");

	mech_state.fail = -ENOMEM;
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), -ENOMEM);
	KUNIT_EXPECT_EQ(test, key->opens, 0U);
	mech_state.fail = 0;
	mech_state.calls = 0;
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), 0);
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), 0);
	KUNIT_EXPECT_EQ(test, mech_state.calls, 1);
	mhsm_key_close(key);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 1);
	mhsm_key_close(key);
	KUNIT_EXPECT_EQ(test, mech_state.prepared, 0);
	KUNIT_EXPECT_EQ(test, mhsm_key_open(key), 0);
	KUNIT_EXPECT_EQ(test, mech_state.calls, 2);
	mhsm_key_close(key);
	mhsm_key_put(key);
}

static int open_and_close(void *arg)
{
	struct mhsm_key *key = arg;
	int i, ret = 0;

	for (i = 0; i < 2000 && !ret; i++) {
		ret = mhsm_key_open(key);
		if (!ret)
			mhsm_key_close(key);
		cond_resched();
	}
	return ret;
}

/* Real AES keys, prepared and killed at the same time */
static void key_open_against_kill(struct kunit *test)
{
	struct kunit_thread threads[4];
	struct mhsm_key *key;
	int round, i, ret;

	for (round = 0; round < 10; round++) {
		key = key_new(test, "aes");
		key->mech = &mhsm_mech_aes;
		key->type = MHSM_KEY_AES;
		key->param = 256;
		for (i = 0; i < 4; i++)
			kunit_thread_start(test, &threads[i], open_and_close, key);
		usleep_range(200, 2000);
		mhsm_key_kill(key);
		for (i = 0; i < 4; i++) {
			ret = kunit_thread_join(test, &threads[i]);
			KUNIT_EXPECT_TRUE(test, !ret || ret == -EKEYREVOKED);
		}
		KUNIT_EXPECT_NULL(test, key->aes);
		mhsm_key_put(key);
	}
}

/* --- consumers ------------------------------------------------------------------------------------------------ */

struct counted {
	struct mhsm_consumer consumer;
	struct mhsm_key *key;
	int stopped, revoked;
	bool secret_there;
};

static void count_stop(struct mhsm_consumer *consumer)
{
	container_of(consumer, struct counted, consumer)->stopped++;
}

static void count_revoke(struct mhsm_consumer *consumer)
{
	struct counted *c = container_of(consumer, struct counted, consumer);

	c->revoked++;
	c->secret_there = c->key->secret.data;
}

static void key_consumers(struct kunit *test)
{
	struct mhsm_key *key = key_new(test, "consumed");
	struct counted c[4];
	int i;

	for (i = 0; i < 4; i++)
		c[i] = (struct counted){ .consumer = { .stop = count_stop, .revoke = count_revoke }, .key = key };
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, mhsm_key_attach(key, &c[i].consumer), 0);
	mhsm_key_detach(key, &c[1].consumer);
	mhsm_key_kill_start(key);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, c[i].stopped, i == 0 || i == 2);
		KUNIT_EXPECT_EQ(test, c[i].revoked, 0);
	}
	mhsm_key_kill(key);
	mhsm_key_kill(key);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, c[i].stopped, i == 0 || i == 2);
		KUNIT_EXPECT_EQ(test, c[i].revoked, i == 0 || i == 2);
	}
	KUNIT_EXPECT_TRUE(test, c[0].consumer.revoked);
	KUNIT_EXPECT_FALSE(test, c[1].consumer.revoked);
	KUNIT_EXPECT_EQ(test, mhsm_key_attach(key, &c[3].consumer), -EKEYREVOKED);
	mhsm_key_detach(key, &c[0].consumer);
	mhsm_key_detach(key, &c[2].consumer);
	mhsm_key_put(key);
}

static int come_and_go(void *arg)
{
	struct counted *c = arg;
	int i, before;

	for (i = 0; i < 3000; i++) {
		before = c->revoked;
		c->consumer.revoked = false;
		if (mhsm_key_attach(c->key, &c->consumer))
			break;
		cond_resched();
		mhsm_key_detach(c->key, &c->consumer);
		/* After detach the flag is ours: it tells the truth, and nobody revokes any more. */
		if (c->revoked - before != c->consumer.revoked)
			return -EINVAL;
	}
	return 0;
}

static void key_consumers_against_kill(struct kunit *test)
{
	struct kunit_thread threads[4];
	struct counted c[4];
	struct mhsm_key *key;
	int round, i;

	for (round = 0; round < 20; round++) {
		key = key_new(test, "contended");
		for (i = 0; i < 4; i++) {
			c[i] = (struct counted){ .consumer = { .stop = count_stop, .revoke = count_revoke }, .key = key };
			kunit_thread_start(test, &threads[i], come_and_go, &c[i]);
		}
		usleep_range(100, 2000);
		mhsm_key_kill(key);
		for (i = 0; i < 4; i++) {
			KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &threads[i]), 0);
			KUNIT_EXPECT_LE(test, c[i].revoked, 1);
		}
		mhsm_key_put(key);
	}
}

static struct kunit_case key_cases[] = {
	KUNIT_CASE(key_names),
	KUNIT_CASE(key_info),
	KUNIT_CASE(key_check),
	KUNIT_CASE(key_never_killed),
	KUNIT_CASE(key_killed),
	KUNIT_CASE(key_kill_waits_for_uses),
	KUNIT_CASE(key_use_against_kill),
	KUNIT_CASE(key_prepares_once),
	KUNIT_CASE(key_open_against_kill),
	KUNIT_CASE(key_consumers),
	KUNIT_CASE(key_consumers_against_kill),
	{}
};

static struct kunit_suite key_suite = {
	.name = "mhsm_key",
	.test_cases = key_cases,
};
kunit_test_suite(key_suite);
