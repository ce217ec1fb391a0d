// SPDX-License-Identifier: GPL-2.0-only
/* Counting uses: kmod/quota.c by itself, and with a store that answers, refuses and goes away */
#include <kunit/test.h>
#include <linux/string.h>

#include "kmod/lifecycle.h"
#include "kmod/op.h"
#include "kmod/quota.h"
#include "tests/kunit/kunit_daemon.h"
#include "tests/kunit/kunit_hsm.h"
#include "tests/kunit/kunit_thread.h"

#define USES BIT(MHSM_QUOTA_USES)
#define GCM BIT(MHSM_QUOTA_GCM)

static const struct mhsm_subject root = { .kind = MHSM_PRINCIPAL_UID, .via = MHSM_VIA_IOCTL };

/* --- by itself ------------------------------------------------------------------------------------------------ */

/* A restart: what is reserved counts as used */
static void restart(struct mhsm_quota *q)
{
	struct mhsm_quota now;

	mhsm_quota_init(&now);
	mhsm_quota_load(&now, q->use_limit, q->kinds & GCM, q->reserved[MHSM_QUOTA_USES], q->reserved[MHSM_QUOTA_GCM]);
	mhsm_quota_free(q);
	*q = now;
	spin_lock_init(&q->lock);
}

/* Takes one of @kinds, as mhsm_lifecycle_count() does with a store that answers. @blocks counts those reserved. */
static int take(struct mhsm_quota *q, u32 kinds, unsigned int *blocks)
{
	u64 reserved[MHSM_QUOTA_KINDS];
	int ret;

	while ((kinds = mhsm_quota_take(q, kinds))) {
		ret = mhsm_quota_plan(q, kinds, reserved);
		if (ret)
			return ret;
		mhsm_quota_grant(q, reserved);
		++*blocks;
	}
	return 0;
}

static void quota_exact(struct kunit *test)
{
	static const u64 limits[] = { 1, 2, 3, 15, 16, 17, 31, 32, 33, 100, 1000, 65535, 1000000 };
	u64 reserved[MHSM_QUOTA_KINDS];
	struct mhsm_quota q;
	unsigned int blocks;
	bool open;
	u64 n;
	int i;

	for (i = 0; i < 2 * ARRAY_SIZE(limits); i++) {
		u64 limit = limits[i / 2];

		open = i % 2;
		blocks = 0;
		mhsm_quota_init(&q);
		mhsm_quota_create(&q, limit, false, true);
		if (open)
			KUNIT_ASSERT_EQ(test, mhsm_quota_open(&q), 0);
		KUNIT_EXPECT_EQ(test, q.reserved[0], 0ULL); /* a key that is never used loses none */
		for (n = 0; !take(&q, USES, &blocks); n++)
			if (n % 1000 == 0)
				KUNIT_EXPECT_EQ(test, mhsm_quota_used(&q, MHSM_QUOTA_USES), n + 1);
		KUNIT_EXPECT_EQ(test, n, limit);
		KUNIT_EXPECT_EQ(test, mhsm_quota_used(&q, MHSM_QUOTA_USES), limit);
		KUNIT_EXPECT_EQ(test, mhsm_quota_reserved(&q, MHSM_QUOTA_USES), limit);
		KUNIT_EXPECT_EQ(test, mhsm_quota_plan(&q, USES, reserved), -EDQUOT);
		/* Not one write to the store for each use, unless there are few */
		KUNIT_EXPECT_LE(test, blocks, limit < 32 ? limit : 16 * (unsigned int)ilog2(limit) + 32);
		mhsm_quota_free(&q);
	}
}

/* Whatever was used, a restart refunds nothing, and costs at most 1/16 of what was left. */
static void quota_restarts(struct kunit *test)
{
	unsigned int blocks = 0, step, n;
	struct mhsm_quota q;
	u64 used, before, all = 0;

	mhsm_quota_init(&q);
	mhsm_quota_create(&q, 100000, false, true);
	for (step = 0;; step++) {
		before = mhsm_quota_used(&q, MHSM_QUOTA_USES);
		KUNIT_ASSERT_EQ(test, mhsm_quota_open(&q), 0);
		for (n = 0; n < step % 97 && !take(&q, USES, &blocks); n++)
			all++;
		used = mhsm_quota_used(&q, MHSM_QUOTA_USES);
		KUNIT_EXPECT_EQ(test, used, before + n);
		restart(&q);
		KUNIT_EXPECT_GE(test, mhsm_quota_used(&q, MHSM_QUOTA_USES), used);
		KUNIT_EXPECT_LE(test, mhsm_quota_used(&q, MHSM_QUOTA_USES) - used, (100000 - before) / 16);
		if (step % 97 && !n)
			break;
	}
	KUNIT_EXPECT_LE(test, all, 100000ULL);
	KUNIT_EXPECT_GT(test, all, 1000ULL);
	mhsm_quota_free(&q);
}

static void quota_gcm(struct kunit *test)
{
	unsigned int blocks = 0, i;
	u64 reserved[MHSM_QUOTA_KINDS], size = 4096;
	struct mhsm_quota q;

	mhsm_quota_init(&q);
	mhsm_quota_create(&q, 0, true, true);
	KUNIT_ASSERT_EQ(test, mhsm_quota_open(&q), 0);
	KUNIT_EXPECT_EQ(test, q.reserved[MHSM_QUOTA_GCM], 4096ULL); /* with the key itself */
	KUNIT_EXPECT_EQ(test, mhsm_quota_take(&q, USES), 0U); /* without a limit, not counted */
	for (i = 0; i < 4096; i++)
		KUNIT_ASSERT_EQ(test, mhsm_quota_take(&q, GCM), 0U);
	KUNIT_EXPECT_EQ(test, mhsm_quota_take(&q, GCM), (u32)GCM);
	/* Blocks double, to 2^20. */
	for (; blocks < 10; size = min_t(u64, 2 * size, 1 << 20)) {
		KUNIT_ASSERT_EQ(test, mhsm_quota_plan(&q, GCM, reserved), 0);
		KUNIT_EXPECT_EQ(test, reserved[MHSM_QUOTA_GCM] - q.reserved[MHSM_QUOTA_GCM], size);
		KUNIT_EXPECT_EQ(test, reserved[MHSM_QUOTA_USES], 0ULL);
		mhsm_quota_grant(&q, reserved);
		KUNIT_EXPECT_EQ(test, mhsm_quota_plan(&q, GCM, reserved), -EALREADY);
		for (i = 0; i < size; i++)
			if (mhsm_quota_take(&q, GCM))
				break;
		KUNIT_EXPECT_EQ(test, (u64)i, size);
		blocks++;
	}
	mhsm_quota_free(&q);
	/* SP 800-38D section 8.3 */
	mhsm_quota_init(&q);
	mhsm_quota_load(&q, 0, true, 0, (1ULL << 32) - 100);
	for (i = 0; !take(&q, GCM, &blocks); i++)
		;
	KUNIT_EXPECT_EQ(test, i, 100U);
	KUNIT_EXPECT_EQ(test, mhsm_quota_plan(&q, GCM, reserved), -EDQUOT);
	KUNIT_EXPECT_EQ(test, mhsm_quota_used(&q, MHSM_QUOTA_GCM), 1ULL << 32);
}

/* Both counts of one key, and a key that is not stored */
static void quota_both(struct kunit *test)
{
	unsigned int blocks = 0, i;
	struct mhsm_quota q;

	mhsm_quota_init(&q);
	mhsm_quota_create(&q, 50, true, true);
	for (i = 0; !take(&q, i % 2 ? USES | GCM : USES, &blocks); i++)
		;
	KUNIT_EXPECT_EQ(test, i, 50U);
	KUNIT_EXPECT_EQ(test, mhsm_quota_used(&q, MHSM_QUOTA_GCM), 25ULL);
	KUNIT_EXPECT_EQ(test, take(&q, GCM, &blocks), 0);
	mhsm_quota_init(&q);
	mhsm_quota_create(&q, 50, true, false);
	for (i = 0, blocks = 0; !take(&q, USES | GCM, &blocks); i++)
		;
	KUNIT_EXPECT_EQ(test, i, 50U);
	KUNIT_EXPECT_EQ(test, blocks, 0U);
}

/* --- with a store --------------------------------------------------------------------------------------------- */

struct fixture {
	struct mhsm_domain *domain;
	struct kunit_daemon daemon;
	struct mhsm_key *key;
	u64 limit;
};

static int quota_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->domain = kunit_hsm_start(test);
	kunit_daemon_open(test, &f->daemon);
	KUNIT_ASSERT_EQ(test, kunit_daemon_attach(test, &f->daemon), 0);
	return 0;
}

static void quota_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	mhsm_key_put(f->key);
	kunit_daemon_close(&f->daemon);
	kunit_hsm_stop(f->domain);
}

static int create_run(void *arg)
{
	struct fixture *f = arg;
	struct mhsm_key_spec spec = {
		.name = "counted",
		.name_len = 7,
		.type = MHSM_KEY_AES,
		.param = 256,
		.flags = MHSM_KEY_ENABLED,
		.use_limit = f->limit,
	};

	return mhsm_lifecycle_create(f->domain, &root, &spec, &f->key);
}

static int delete_run(void *arg)
{
	struct fixture *f = arg;

	return mhsm_lifecycle_change(f->domain, "counted", MHSM_CHANGE_DELETE);
}

/* One operation with the right @use */
static int use_key(struct fixture *f, u32 use, u32 alg)
{
	struct mhsm_op op;
	int ret = mhsm_op_begin_granted(&op, f->domain, &root, MHSM_ACT_ENCRYPT, f->key, use, true, alg);

	return ret ? ret : mhsm_op_end(&op, 0, 0);
}

static int wrap_run(void *arg)
{
	return use_key(arg, MHSM_OP_WRAP, MHSM_ALG_AES_KW);
}

static int encrypt_run(void *arg)
{
	return use_key(arg, MHSM_OP_ENCRYPT, MHSM_ALG_AES_GCM);
}

/* Runs it with a daemon that answers @error at once; its result. */
static int answered(struct kunit *test, int (*run)(void *arg), int error, struct kunit_daemon_store *store)
{
	struct fixture *f = test->priv;
	struct kunit_thread t;

	kunit_thread_start(test, &t, run, f);
	if (kunit_daemon_receive(test, &f->daemon, store, 5000))
		KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store->txid, error), 0);
	else
		KUNIT_FAIL(test, "no STORE came");
	return kunit_thread_join(test, &t);
}

static void have_key(struct kunit *test, u64 limit)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;

	f->limit = limit;
	KUNIT_ASSERT_EQ(test, answered(test, create_run, 0, &store), 0);
	KUNIT_EXPECT_EQ(test, store.last_uses, 0ULL);
	KUNIT_EXPECT_EQ(test, store.last_gcm_uses, 4096ULL);
}

static void quota_stored(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct mhsm_key_info *info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	struct kunit_thread t;
	u64 n;

	KUNIT_ASSERT_NOT_NULL(test, info);
	have_key(test, 3);
	/* Not before the block is durable */
	kunit_thread_start(test, &t, wrap_run, f);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 50));
	KUNIT_EXPECT_EQ(test, store.records, 1U);
	KUNIT_EXPECT_EQ(test, store.last_uses, 1ULL);
	KUNIT_EXPECT_EQ(test, store.last_generation, 2ULL);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
	/* A store that refuses: the use is refused, and nothing has changed. */
	KUNIT_EXPECT_EQ(test, answered(test, encrypt_run, -EIO, &store), -EIO);
	KUNIT_EXPECT_EQ(test, f->key->generation, 2ULL);
	for (n = 2; n <= 3; n++) {
		KUNIT_EXPECT_EQ(test, answered(test, n == 2 ? encrypt_run : wrap_run, 0, &store), 0);
		KUNIT_EXPECT_EQ(test, store.last_uses, n);
		KUNIT_EXPECT_EQ(test, store.last_gcm_uses, 4096ULL);
		KUNIT_EXPECT_EQ(test, store.last_generation, n + 1);
	}
	KUNIT_EXPECT_EQ(test, wrap_run(f), -EDQUOT);
	KUNIT_EXPECT_EQ(test, encrypt_run(f), -EDQUOT);
	KUNIT_EXPECT_EQ(test, use_key(f, 0, 0), 0); /* management is no use */
	mhsm_key_info(f->key, info);
	KUNIT_EXPECT_EQ(test, info->use_limit, 3ULL);
	KUNIT_EXPECT_EQ(test, info->uses, 3ULL);
	KUNIT_EXPECT_EQ(test, info->gcm_uses, 1ULL);
	/* A change writes the counts that there are. */
	KUNIT_EXPECT_EQ(test, answered(test, delete_run, 0, &store), 0);
	KUNIT_EXPECT_EQ(test, store.last_uses, 3ULL);
	KUNIT_EXPECT_EQ(test, store.last_gcm_uses, 4096ULL);
	KUNIT_EXPECT_EQ(test, store.last_state, MHSM_KEYSTATE_DELETED);
}

static void quota_without_daemon(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	unsigned int i;

	have_key(test, 1000);
	KUNIT_EXPECT_EQ(test, answered(test, wrap_run, 0, &store), 0);
	KUNIT_EXPECT_EQ(test, store.last_uses, 62ULL); /* 1/16 */
	kunit_daemon_close(&f->daemon);
	/* What is reserved can be used, and no more. */
	for (i = 1; i < 62; i++)
		KUNIT_EXPECT_EQ(test, wrap_run(f), 0);
	KUNIT_EXPECT_EQ(test, wrap_run(f), -EUNATCH);
	KUNIT_EXPECT_EQ(test, wrap_run(f), -EUNATCH);
	KUNIT_EXPECT_EQ(test, mhsm_quota_used(&f->key->quota, MHSM_QUOTA_USES), 62ULL);
	KUNIT_EXPECT_FALSE(test, f->key->changing);
}

/* Who waits for a block is killed: the block comes none the less, and the next user has it. */
static void quota_killed(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct kunit_thread t, next;

	have_key(test, 1000);
	kunit_thread_start(test, &t, wrap_run, f);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	kunit_thread_kill(&t);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EINTR);
	kunit_thread_start(test, &next, wrap_run, f);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&next, 50));
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &next), 0);
	KUNIT_EXPECT_FALSE(test, kunit_daemon_receive(test, &f->daemon, &store, 50));
	KUNIT_EXPECT_EQ(test, mhsm_quota_used(&f->key->quota, MHSM_QUOTA_USES), 1ULL);
	KUNIT_EXPECT_EQ(test, mhsm_quota_reserved(&f->key->quota, MHSM_QUOTA_USES), 62ULL);
}

/* A purge waits for the uses of a key, and the daemon for the purge: a use that waits for the daemon is none yet. */
static void quota_ended(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_daemon_store store;
	struct kunit_thread t;

	have_key(test, 10);
	kunit_thread_start(test, &t, wrap_run, f);
	KUNIT_ASSERT_TRUE(test, kunit_daemon_receive(test, &f->daemon, &store, 5000));
	mhsm_key_kill(f->key);
	KUNIT_EXPECT_EQ(test, kunit_daemon_ack(test, &f->daemon, store.txid, 0), 0);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EKEYREVOKED);
	/* What has ended reserves nothing. */
	kunit_thread_start(test, &t, wrap_run, f);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EKEYREVOKED);
}

static void quota_refused(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key_spec spec = {
		.name = "refused", .name_len = 7, .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED,
	};
	struct mhsm_key *key;

	spec.use_limit = S64_MAX + 1ULL;
	KUNIT_EXPECT_EQ(test, mhsm_lifecycle_create(f->domain, &root, &spec, &key), -EINVAL);
	spec.use_limit = 1;
	spec.flags |= MHSM_KEY_CONSUMERS;
	KUNIT_EXPECT_EQ(test, mhsm_lifecycle_create(f->domain, &root, &spec, &key), -EINVAL);
	/* A session key: nothing is stored. */
	spec.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION;
	KUNIT_ASSERT_EQ(test, mhsm_lifecycle_create(f->domain, &root, &spec, &f->key), 0);
	KUNIT_EXPECT_EQ(test, wrap_run(f), 0);
	KUNIT_EXPECT_EQ(test, wrap_run(f), -EDQUOT);
	mhsm_keytab_remove(&f->domain->keys, f->key);
}

static struct kunit_case quota_cases[] = {
	KUNIT_CASE(quota_exact),
	KUNIT_CASE(quota_restarts),
	KUNIT_CASE(quota_gcm),
	KUNIT_CASE(quota_both),
	KUNIT_CASE(quota_stored),
	KUNIT_CASE(quota_without_daemon),
	KUNIT_CASE(quota_killed),
	KUNIT_CASE(quota_ended),
	KUNIT_CASE(quota_refused),
	{}
};

static struct kunit_suite quota_suite = {
	.name = "mhsm_quota",
	.init = quota_init,
	.exit = quota_exit,
	.test_cases = quota_cases,
};
kunit_test_suite(quota_suite);
