// SPDX-License-Identifier: GPL-2.0-only
/* Changes on their way to the store: kmod/store.c, kmod/lifecycle.c, with a daemon on a netlink socket of its own */
#include <kunit/test.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/lifecycle.h"
#include "kmod/store.h"
#include "tests/kunit/kunit_daemon.h"
#include "tests/kunit/kunit_hsm.h"
#include "tests/kunit/kunit_thread.h"

static const struct mhsm_subject root = { .kind = MHSM_PRINCIPAL_UID, .via = MHSM_VIA_IOCTL };

struct fixture {
	struct mhsm_domain *domain;
	struct kunit_daemon daemon;
	u64 ack; /* the transaction that ack_run() answers */
};

static int store_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->domain = kunit_hsm_start(test);
	kunit_daemon_open(test, &f->daemon);
	KUNIT_ASSERT_EQ(test, kunit_daemon_attach(test, &f->daemon), 0);
	return 0;
}

static void store_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	kunit_daemon_close(&f->daemon);
	kunit_hsm_stop(f->domain);
}

/* --- what waits for the daemon -------------------------------------------------------------------------------- */

struct call {
	struct mhsm_domain *domain;
	const char *name;
	u32 flags;
	int change; /* -1: create */
	struct mhsm_key *key; /* created */
};

static int call_run(void *arg)
{
	struct call *c = arg;
	struct mhsm_key_spec spec = {
		.name = c->name,
		.name_len = strlen(c->name),
		.type = MHSM_KEY_AES,
		.param = 256,
		.flags = MHSM_KEY_ENABLED | c->flags,
	};

	return c->change < 0 ? mhsm_lifecycle_create(c->domain, &root, &spec, &c->key) :
			       mhsm_lifecycle_change(c->domain, c->name, c->change);
}

static struct call creation(struct fixture *f, const char *name)
{
	return (struct call){ .domain = f->domain, .name = name, .change = -1 };
}

static struct call changing(struct fixture *f, const char *name, enum mhsm_change change)
{
	return (struct call){ .domain = f->domain, .name = name, .change = change };
}

/* Runs it with a daemon that answers @error at once; returns its result. */
static int call_answered(struct kunit *test, struct call *c, int error, struct kunit_daemon_store *store)
{
	struct fixture *f = test->priv;
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, c);
	if (kunit_daemon_receive(test, &f->daemon, store, 5000))
		KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store->txid, error), 0);
	else
		KUNIT_FAIL(test, "no STORE came");
	return kunit_thread_join(test, &t);
}

static bool there(struct fixture *f, const char *name)
{
	struct mhsm_key *key = mhsm_keytab_find(&f->domain->keys, name, NULL);

	mhsm_key_put(key);
	return key;
}

/* A key that exists, durably */
static struct mhsm_key *have_key(struct kunit *test, const char *name, u32 flags)
{
	struct fixture *f = test->priv;
	struct call c = creation(f, name);
	struct kunit_daemon_store store;

	c.flags = flags;
	KUNIT_ASSERT_EQ(test, call_answered(test, &c, 0, &store), 0);
	KUNIT_ASSERT_NOT_NULL(test, c.key);
	mhsm_key_put(c.key); /* the table's stays */
	return c.key;
}

/* --- creation ------------------------------------------------------------------------------------------------- */

static void store_create(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct call c = creation(f, "created");
	struct kunit_daemon_store store;
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	KUNIT_EXPECT_EQ(test, store.records, 1U);
	KUNIT_EXPECT_EQ(test, store.removes, 0U);
	KUNIT_EXPECT_EQ(test, store.last_generation, 1ULL);
	KUNIT_EXPECT_EQ(test, store.last_state, MHSM_KEYSTATE_ACTIVE);
	/* Not before it is durable */
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 50));
	KUNIT_EXPECT_FALSE(test, there(f, "created"));
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid + 1, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 5), -EINVAL);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, -4096), -EINVAL);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 20));
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	KUNIT_ASSERT_EQ(test, kunit_thread_join(test, &t), 0);
	KUNIT_EXPECT_TRUE(test, there(f, "created"));
	KUNIT_EXPECT_MEMEQ(test, store.last_id, c.key->id, MHSM_ID_LEN);
	/* An answer counts once. */
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, -EIO), -ENOENT);
	KUNIT_EXPECT_TRUE(test, there(f, "created"));
	mhsm_key_put(c.key);
}

static void store_create_refused(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	static const int errors[] = { -ENOSPC, -EIO, -1, -4095 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		struct call c = creation(f, "refused");

		KUNIT_EXPECT_EQ(test, call_answered(test, &c, errors[i], &store), errors[i]);
		KUNIT_EXPECT_NULL(test, c.key);
		KUNIT_EXPECT_FALSE(test, there(f, "refused"));
		KUNIT_EXPECT_EQ(test, f->domain->keys.count, 0ULL);
	}
	/* The name is free again. */
	have_key(test, "refused", 0);
}

static void store_versions(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct call c = creation(f, "v");
	struct kunit_daemon_store store;

	have_key(test, "v", 0);
	KUNIT_EXPECT_EQ(test, call_run(&c), -EEXIST);
	have_key(test, "v", MHSM_KEY_NEW_VERSION);
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 2ULL);
	/* A change is one transaction over all versions. */
	c = changing(f, "v", MHSM_CHANGE_DELETE);
	KUNIT_EXPECT_EQ(test, call_answered(test, &c, 0, &store), 0);
	KUNIT_EXPECT_EQ(test, store.records, 2U);
	KUNIT_EXPECT_EQ(test, store.last_state, MHSM_KEYSTATE_DELETED);
	KUNIT_EXPECT_EQ(test, store.last_generation, 2ULL);
	c = creation(f, "v");
	c.flags = MHSM_KEY_NEW_VERSION;
	KUNIT_EXPECT_EQ(test, call_run(&c), -EEXIST);
	c = changing(f, "v", MHSM_CHANGE_PURGE);
	KUNIT_EXPECT_EQ(test, call_answered(test, &c, 0, &store), 0);
	KUNIT_EXPECT_EQ(test, store.removes, 2U);
	KUNIT_EXPECT_EQ(test, store.records, 0U);
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 0ULL);
}

static void store_session_key(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct call c = creation(f, "");
	struct kunit_daemon_store store;

	KUNIT_EXPECT_EQ(test, call_run(&c), -EINVAL);
	c.flags = MHSM_KEY_SESSION | MHSM_KEY_NEW_VERSION;
	KUNIT_EXPECT_EQ(test, call_run(&c), -EINVAL);
	c.flags = MHSM_KEY_SESSION;
	KUNIT_ASSERT_EQ(test, call_run(&c), 0);
	KUNIT_EXPECT_FALSE(test, kunit_daemon_receive(test, &f->daemon, &store, 50));
	KUNIT_EXPECT_TRUE(test, mhsm_key_use(c.key));
	mhsm_key_unuse(c.key);
	KUNIT_ASSERT_EQ(test, mhsm_domain_lock(f->domain), 0);
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(c.key));
	KUNIT_EXPECT_NULL(test, c.key->secret.data);
	mhsm_key_put(c.key);
	c.key = NULL;
	KUNIT_EXPECT_EQ(test, call_run(&c), -ENOKEY);
}

/* --- changes -------------------------------------------------------------------------------------------------- */

static void store_changes(struct kunit *test)
{
	static const struct {
		enum mhsm_change change;
		int answer; /* 1: must not be asked */
		int result;
		u32 state; /* afterwards; 0: gone */
		u64 generation;
	} steps[] = {
		{ MHSM_CHANGE_RECOVER, 1, -ENOENT, MHSM_KEYSTATE_ACTIVE, 1 },
		{ MHSM_CHANGE_PURGE, 1, -ENOENT, MHSM_KEYSTATE_ACTIVE, 1 },
		{ MHSM_CHANGE_DELETE, -ENOSPC, -ENOSPC, MHSM_KEYSTATE_ACTIVE, 1 },
		{ MHSM_CHANGE_DELETE, 0, 0, MHSM_KEYSTATE_DELETED, 2 },
		{ MHSM_CHANGE_DELETE, 1, -ENOENT, MHSM_KEYSTATE_DELETED, 2 },
		{ MHSM_CHANGE_RECOVER, -EIO, -EIO, MHSM_KEYSTATE_DELETED, 2 },
		{ MHSM_CHANGE_RECOVER, 0, 0, MHSM_KEYSTATE_ACTIVE, 3 },
		{ MHSM_CHANGE_DELETE, 0, 0, MHSM_KEYSTATE_DELETED, 4 },
		{ MHSM_CHANGE_PURGE, -EIO, -EIO, MHSM_KEYSTATE_DELETED, 4 },
		{ MHSM_CHANGE_PURGE, 0, 0, 0, 4 },
		{ MHSM_CHANGE_PURGE, 1, -ENOENT, 0, 4 },
		{ MHSM_CHANGE_RECOVER, 1, -ENOENT, 0, 4 },
	};
	struct fixture *f = test->priv;
	struct mhsm_key *key = mhsm_key_get(have_key(test, "changed", 0));
	struct kunit_daemon_store store;
	struct call c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		c = changing(f, "changed", steps[i].change);
		KUNIT_EXPECT_EQ_MSG(test,
				    steps[i].answer > 0 ? call_run(&c) :
							  call_answered(test, &c, steps[i].answer, &store),
				    steps[i].result, "step %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, there(f, "changed"), steps[i].state != 0, "step %zu", i);
		if (steps[i].state) {
			KUNIT_EXPECT_EQ_MSG(test, key->state, steps[i].state, "step %zu", i);
			KUNIT_EXPECT_EQ_MSG(test, key->deleted != 0, steps[i].state == MHSM_KEYSTATE_DELETED,
					    "step %zu", i);
			KUNIT_EXPECT_NOT_NULL(test, key->secret.data);
		}
		KUNIT_EXPECT_EQ_MSG(test, key->generation, steps[i].generation, "step %zu", i);
	}
	/* Purged: the secret is gone when the caller is told. */
	KUNIT_EXPECT_NULL(test, key->secret.data);
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(key));
	mhsm_key_put(key);
}

static int ack_run(void *arg)
{
	struct fixture *f = arg;

	return mhsm_store_ack(f->domain->store, f->ack, 0);
}

/* Who uses the key may go on, and the purge is not done before. Others go on too. */
static void store_purge_waits_for_uses(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = mhsm_key_get(have_key(test, "used", 0));
	struct call c = changing(f, "used", MHSM_CHANGE_DELETE);
	struct kunit_daemon_store store;
	struct kunit_thread t, ack;

	KUNIT_ASSERT_EQ(test, call_answered(test, &c, 0, &store), 0);
	KUNIT_ASSERT_TRUE(test, mhsm_key_use(key));
	c.change = MHSM_CHANGE_PURGE;
	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	f->ack = store.txid;
	kunit_thread_start(test, &ack, ack_run, f);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&ack, 100));
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 1));
	KUNIT_EXPECT_NOT_NULL(test, key->secret.data);
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(key));
	KUNIT_EXPECT_FALSE(test, there(f, "used"));
	have_key(test, "meanwhile", 0);
	mhsm_key_unuse(key);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &ack), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
	KUNIT_EXPECT_NULL(test, key->secret.data);
	mhsm_key_put(key);
}

/* --- the daemon's absence ------------------------------------------------------------------------------------- */

static void store_no_daemon(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct call c = creation(f, "orphan");

	have_key(test, "kept", 0);
	kunit_daemon_close(&f->daemon);
	KUNIT_EXPECT_EQ(test, call_run(&c), -EUNATCH);
	KUNIT_EXPECT_FALSE(test, there(f, "orphan"));
	c = changing(f, "kept", MHSM_CHANGE_DELETE);
	KUNIT_EXPECT_EQ(test, call_run(&c), -EUNATCH);
	KUNIT_EXPECT_TRUE(test, there(f, "kept"));
	/* Leaves nothing behind: the name is free when there is one again. */
	kunit_daemon_open(test, &f->daemon);
	KUNIT_ASSERT_EQ(test, kunit_daemon_attach(test, &f->daemon), 0);
	have_key(test, "orphan", 0);
}

static void store_daemon_returns(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store first, again;
	struct call c = creation(f, "resent");
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &first, 5000));
	kunit_daemon_close(&f->daemon);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 100));
	kunit_daemon_open(test, &f->daemon);
	KUNIT_ASSERT_EQ(test, kunit_daemon_attach(test, &f->daemon), 0);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &again, 5000));
	KUNIT_EXPECT_EQ(test, first.txid, again.txid);
	KUNIT_EXPECT_MEMEQ(test, first.last_id, again.last_id, MHSM_ID_LEN);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, again.txid, 0), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
	KUNIT_EXPECT_TRUE(test, there(f, "resent"));
	mhsm_key_put(c.key);
}

/* Nobody comes back in 10 s: the caller learns that the outcome is unknown, and may find out later. */
static void store_timeout(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct call c = creation(f, "late");
	unsigned long began;
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	kunit_daemon_close(&f->daemon);
	began = jiffies;
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, jiffies - began, 9UL * HZ);
	KUNIT_EXPECT_NULL(test, c.key);
	KUNIT_EXPECT_FALSE(test, there(f, "late"));
	c = creation(f, "late");
	KUNIT_EXPECT_EQ(test, call_run(&c), -EEXIST); /* the name is still asked for */
	KUNIT_EXPECT_EQ(test, mhsm_store_ack(f->domain->store, store.txid, 0), 0);
	KUNIT_EXPECT_TRUE(test, there(f, "late"));
}

static void store_killed_waiter(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct call c = creation(f, "killed");
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	kunit_thread_kill(&t);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EINTR);
	KUNIT_EXPECT_FALSE(test, there(f, "killed"));
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	KUNIT_EXPECT_TRUE(test, there(f, "killed"));
}

static void store_locked_meanwhile(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct call c = creation(f, "abandoned");
	struct kunit_thread t;

	kunit_thread_start(test, &t, call_run, &c);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	KUNIT_ASSERT_EQ(test, mhsm_domain_lock(f->domain), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -ETIMEDOUT);
	KUNIT_EXPECT_NULL(test, c.key);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 0ULL);
	KUNIT_EXPECT_FALSE(test, there(f, "abandoned"));
}

/*
 * A purge that its caller did not wait for is still to come: a recovery of the same key must not pass, or the store
 * would bring back after a reboot what was purged here.
 */
static void store_changes_in_order(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct call purge = changing(f, "ordered", MHSM_CHANGE_PURGE);
	struct call recover = changing(f, "ordered", MHSM_CHANGE_RECOVER);
	struct call delete = changing(f, "ordered", MHSM_CHANGE_DELETE);
	struct kunit_daemon_store store, second;
	struct kunit_thread t, u;

	have_key(test, "ordered", 0);
	KUNIT_ASSERT_EQ(test, call_answered(test, &delete, 0, &store), 0);
	kunit_thread_start(test, &t, call_run, &purge);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	kunit_thread_kill(&t);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EINTR);

	kunit_thread_start(test, &u, call_run, &recover);
	KUNIT_EXPECT_FALSE(test, kunit_daemon_receive(test, &f->daemon, &second, 100));
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	if (second.txid)
		kunit_daemon_ack(test, &f->daemon, second.txid, 0);
	KUNIT_EXPECT_NE(test, kunit_thread_join(test, &u), 0);
	KUNIT_EXPECT_FALSE(test, there(f, "ordered"));
}

static struct kunit_case store_cases[] = {
	KUNIT_CASE(store_create),
	KUNIT_CASE(store_create_refused),
	KUNIT_CASE(store_versions),
	KUNIT_CASE(store_session_key),
	KUNIT_CASE(store_changes),
	KUNIT_CASE(store_purge_waits_for_uses),
	KUNIT_CASE(store_no_daemon),
	KUNIT_CASE(store_daemon_returns),
	KUNIT_CASE_SLOW(store_timeout),
	KUNIT_CASE(store_killed_waiter),
	KUNIT_CASE(store_locked_meanwhile),
	KUNIT_CASE(store_changes_in_order),
	{}
};

static struct kunit_suite store_suite = {
	.name = "mhsm_store",
	.init = store_init,
	.exit = store_exit,
	.test_cases = store_cases,
};
kunit_test_suite(store_suite);
