// SPDX-License-Identifier: GPL-2.0-only
/* The frame around every operation: kmod/op.c. What is begun leaves one record, and the record says what happened. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "kmod/audit.h"
#include "kmod/auditpack.h"
#include "kmod/mech.h"
#include "kmod/op.h"
#include "tests/kunit/kunit_hsm.h"
#include "tests/kunit/kunit_thread.h"

#define BATCH_BYTES MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX)

static const struct mhsm_subject root = { .kind = MHSM_PRINCIPAL_UID, .uid = 5, .pid = 6, .via = MHSM_VIA_KERNEL };
static const struct mhsm_subject stranger = {
	.kind = MHSM_PRINCIPAL_UID,
	.principal = 999,
	.uid = 999,
	.pid = 7,
	.via = MHSM_VIA_IOCTL,
};

struct fixture {
	struct mhsm_domain *domain;
	void __user *user;
	u8 *batch;
	struct mhsm_audit_rec *recs; /* of `batch` */
};

static int op_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->user = kunit_thread_user(test, BATCH_BYTES);
	f->batch = kunit_kzalloc(test, BATCH_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->batch);
	f->recs = kunit_kmalloc_array(test, MHSM_AUDIT_BATCH_MAX, sizeof(*f->recs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->recs);
	/* Rings without the records of other suites */
	mhsm_domain_exit();
	KUNIT_ASSERT_EQ(test, mhsm_domain_init(), 0);
	test->priv = f;
	f->domain = kunit_hsm_start(test);
	return 0;
}

static void op_exit(struct kunit *test)
{
	kunit_hsm_stop(mhsm_domain_default());
}

/* Drains and acknowledges: the records since the last call, and how many. */
static struct mhsm_audit_rec *drained(struct kunit *test, u32 *count)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_batch *head = (void *)f->batch;
	u32 len = BATCH_BYTES;

	*count = 0;
	KUNIT_ASSERT_EQ(test, mhsm_audit_drain(f->domain->audit, 0, f->user, &len), 0);
	if (!len)
		return NULL;
	KUNIT_ASSERT_EQ(test, copy_from_user(f->batch, f->user, len), 0UL);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->domain->audit, head->number), 0);
	*count = head->count;
	mhsm_audit_unpack_all(head, f->recs);
	return f->recs;
}

/* Exactly one record came */
static struct mhsm_audit_rec *one(struct kunit *test)
{
	u32 count;
	struct mhsm_audit_rec *rec = drained(test, &count);

	KUNIT_ASSERT_EQ(test, count, 1U);
	return rec;
}

static void none(struct kunit *test)
{
	u32 count;

	drained(test, &count);
	KUNIT_EXPECT_EQ(test, count, 0U);
}

static u64 lost(struct fixture *f)
{
	u64 lost, batches;

	mhsm_audit_stats(f->domain->audit, &lost, &batches);
	return lost;
}

static struct mhsm_key *key_new(struct kunit *test)
{
	u8 material[32] = { 1 };

	return kunit_hsm_key(test, material, sizeof(material), 0);
}

static void op_record(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	u64 before = ktime_get_real_ns();
	struct mhsm_audit_rec *rec;
	struct mhsm_op op;

	KUNIT_ASSERT_EQ(test,
			mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, "not used", MHSM_OP_ENCRYPT,
				      MHSM_ALG_AES_GCM),
			0);
	none(test); /* not before the end */
	KUNIT_EXPECT_EQ(test, mhsm_op_end(&op, -EBADMSG, 1234), -EBADMSG);
	rec = one(test);
	KUNIT_EXPECT_GE(test, rec->time, before);
	KUNIT_EXPECT_LT(test, rec->duration, 60ULL * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, rec->action, (u32)MHSM_ACT_ENCRYPT);
	KUNIT_EXPECT_EQ(test, rec->via, (u32)MHSM_VIA_KERNEL);
	KUNIT_EXPECT_EQ(test, rec->alg, (u32)MHSM_ALG_AES_GCM);
	KUNIT_EXPECT_EQ(test, rec->principal_kind, (u32)MHSM_PRINCIPAL_UID);
	KUNIT_EXPECT_EQ(test, rec->principal, 0U);
	KUNIT_EXPECT_EQ(test, rec->uid, 5U);
	KUNIT_EXPECT_EQ(test, rec->pid, 6U);
	KUNIT_EXPECT_EQ(test, rec->result, -EBADMSG);
	KUNIT_EXPECT_EQ(test, rec->pad, 0U);
	KUNIT_EXPECT_EQ(test, rec->bytes, 1234ULL);
	KUNIT_EXPECT_MEMEQ(test, rec->key, key->id, MHSM_ID_LEN);
	KUNIT_EXPECT_STREQ(test, rec->name, key->name);
	KUNIT_EXPECT_NULL(test, memchr_inv(rec->name + key->name_len, 0, 40 - key->name_len));
}

/* The name of a key that there is not; cut to 40 bytes, which need no NUL */
static void op_names(struct kunit *test)
{
	struct fixture *f = test->priv;
	char name[MHSM_NAME_MAX + 1] = {};
	struct mhsm_audit_rec *rec;
	struct mhsm_op op;
	size_t len;

	for (len = 0; len <= MHSM_NAME_MAX; len++) {
		KUNIT_ASSERT_EQ(test, mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_KEY_LIST, NULL, name, 0, 0), 0);
		KUNIT_EXPECT_EQ(test, mhsm_op_end(&op, 0, 0), 0);
		rec = one(test);
		KUNIT_EXPECT_MEMEQ(test, rec->name, name, 40);
		KUNIT_EXPECT_NULL(test, memchr_inv(rec->key, 0, MHSM_ID_LEN));
		name[len] = 'x';
	}
	KUNIT_ASSERT_EQ(test, mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_RANDOM, NULL, NULL, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, mhsm_op_end(&op, 0, 0), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(one(test)->name, 0, 40));
}

static void op_denied(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	struct mhsm_audit_rec *rec;
	struct mhsm_op op;

	KUNIT_EXPECT_EQ(test,
			mhsm_op_begin(&op, f->domain, &stranger, MHSM_ACT_ENCRYPT, key, NULL, MHSM_OP_ENCRYPT, 1),
			-EACCES);
	rec = one(test);
	KUNIT_EXPECT_EQ(test, rec->result, -EACCES);
	KUNIT_EXPECT_EQ(test, rec->principal, 999U);
	KUNIT_EXPECT_MEMEQ(test, rec->key, key->id, MHSM_ID_LEN);
	KUNIT_EXPECT_FALSE(test, mhsm_op_visible(f->domain, &stranger, key));
	KUNIT_EXPECT_TRUE(test, mhsm_op_visible(f->domain, &root, key));
	KUNIT_EXPECT_EQ(test, mhsm_op_rights(f->domain, &stranger, key, U32_MAX), 0U);
	KUNIT_EXPECT_EQ(test, mhsm_op_rights(f->domain, &root, key, U32_MAX), (u32)MHSM_OP_ALL);
	KUNIT_EXPECT_EQ(test, mhsm_op_rights(f->domain, &root, key, MHSM_OP_WRAP), (u32)MHSM_OP_WRAP);
	none(test);

	KUNIT_EXPECT_EQ(test,
			mhsm_op_begin_granted(&op, f->domain, &stranger, MHSM_ACT_WRAP, key, MHSM_OP_WRAP, false, 2),
			-EPERM);
	KUNIT_EXPECT_EQ(test, one(test)->result, -EPERM);
}

/* A key that may not be used: refused and recorded, and not left in use. */
static void op_unusable_key(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	struct mhsm_op op;

#define REFUSED(want)                                                                                                \
	do {                                                                                                         \
		KUNIT_EXPECT_EQ(test,                                                                                \
				mhsm_op_begin_granted(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, MHSM_OP_ENCRYPT, \
						      true, 0),                                                      \
				want);                                                                               \
		KUNIT_EXPECT_EQ(test, one(test)->result, want);                                                      \
		KUNIT_EXPECT_EQ(test,                                                                                \
				mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, NULL, MHSM_OP_ENCRYPT,   \
					      0),                                                                    \
				want);                                                                               \
		KUNIT_EXPECT_EQ(test, one(test)->result, want);                                                      \
	} while (0)
	key->flags &= ~MHSM_KEY_ENABLED;
	REFUSED(-EKEYREVOKED);
	key->flags |= MHSM_KEY_ENABLED;
	key->expires = 1;
	REFUSED(-EKEYEXPIRED);
	key->expires = 0;
	key->ops = MHSM_OP_WRAP;
	REFUSED(-EPERM);
	key->ops = key->mech->ops;
	kunit_hsm_key_purge(key); /* would wait for ever for a use that was left */
	REFUSED(-EKEYREVOKED);
}

static void op_use_ends(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	struct mhsm_op op;
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test,
				mhsm_op_begin_granted(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, MHSM_OP_ENCRYPT,
						      true, 0),
				0);
		mhsm_op_end(&op, i ? -EIO : 0, 0);
	}
	kunit_hsm_key_purge(key);
	KUNIT_EXPECT_NULL(test, key->secret.data);
}

static void op_full_ring(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	struct mhsm_audit_rec *rec;
	struct mhsm_op op;
	u64 before = lost(f);
	u32 count;

	migrate_disable();
	while ((rec = mhsm_audit_reserve(f->domain->audit)))
		mhsm_audit_commit(f->domain->audit, rec, false);
	KUNIT_EXPECT_EQ(test, mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_RANDOM, NULL, NULL, 0, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test,
			mhsm_op_begin_granted(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, MHSM_OP_ENCRYPT, true, 0),
			-ENOBUFS);
	/* Nothing that could be recorded is done without: also not what is denied anyway. */
	KUNIT_EXPECT_EQ(test, mhsm_op_begin(&op, f->domain, &stranger, MHSM_ACT_LOCK, NULL, NULL, 0, 0), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, lost(f), before);
	KUNIT_EXPECT_NOT_NULL(test, drained(test, &count));
	KUNIT_EXPECT_EQ(test, mhsm_op_begin(&op, f->domain, &root, MHSM_ACT_RANDOM, NULL, NULL, 0, 0), 0);
	mhsm_op_end(&op, 0, 0);
	migrate_enable();
	kunit_hsm_key_purge(key);
}

/* --- states ------------------------------------------------------------------------------------------------------- */

static bool any_state(u32 action)
{
	return action == MHSM_ACT_PROVISION || action == MHSM_ACT_DOMAIN_DOWNLOAD || action == MHSM_ACT_DOMAIN_UPLOAD ||
	       action == MHSM_ACT_LOCK || action == MHSM_ACT_ZEROIZE || action == MHSM_ACT_AUDIT_READ ||
	       action == MHSM_ACT_AUDIT_VERIFY || action == MHSM_ACT_DAEMON_ATTACH;
}

/* Every action by root in the present state: @want unless it is one of those for any state */
static void actions(struct kunit *test, int want)
{
	struct fixture *f = test->priv;
	u32 action, fallen;
	struct mhsm_op op;
	u64 before;
	int ret, decided;

	for (action = 1; action <= MHSM_ACT_MAX; action++) {
		before = lost(f);
		decided = mhsm_access_check(f->domain, &root, action, NULL);
		ret = mhsm_op_begin(&op, f->domain, &root, action, NULL, NULL, 0, 0);
		if (!ret)
			mhsm_op_end(&op, 0, 0);
		fallen = lost(f) - before;
		if (any_state(action) && want != -ENOTRECOVERABLE) {
			KUNIT_EXPECT_EQ_MSG(test, ret, decided, "action %u", action);
			KUNIT_EXPECT_EQ_MSG(test, fallen, decided ? 1U : 0U, "action %u", action);
		} else {
			/* The state comes before the right: nobody learns from it who may. */
			KUNIT_EXPECT_TRUE_MSG(test, ret == want || (any_state(action) && ret == decided),
					      "action %u: %d", action, ret);
			KUNIT_EXPECT_EQ_MSG(test, fallen, 1U, "action %u", action);
		}
	}
}

static void op_states(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_key *key = key_new(test);
	struct mhsm_op op;
	u64 before;

	KUNIT_ASSERT_EQ(test, mhsm_domain_lock(f->domain), 0);
	actions(test, -ENOKEY);
	/* A key that was open */
	before = lost(f);
	KUNIT_EXPECT_EQ(test,
			mhsm_op_begin_granted(&op, f->domain, &root, MHSM_ACT_ENCRYPT, key, MHSM_OP_ENCRYPT, true, 0),
			-ENOKEY);
	KUNIT_EXPECT_EQ(test, lost(f), before + 1);
	KUNIT_ASSERT_EQ(test, mhsm_domain_zeroize(f->domain), 0);
	actions(test, -ESHUTDOWN);
	mhsm_domain_exit();
	KUNIT_ASSERT_EQ(test, mhsm_domain_init(), 0);
	f->domain = mhsm_domain_default();
	actions(test, -ENODATA);
	mhsm_domain_fail(f->domain, "a test of KUnit's");
	actions(test, -ENOTRECOVERABLE);
	mhsm_domain_exit();
	KUNIT_ASSERT_EQ(test, mhsm_domain_init(), 0);
	f->domain = mhsm_domain_default();
}

static struct kunit_case op_cases[] = {
	KUNIT_CASE(op_record),	     KUNIT_CASE(op_names),    KUNIT_CASE(op_denied), KUNIT_CASE(op_unusable_key),
	KUNIT_CASE(op_use_ends),     KUNIT_CASE(op_full_ring), KUNIT_CASE(op_states), {}
};

static struct kunit_suite op_suite = {
	.name = "mhsm_op",
	.init = op_init,
	.exit = op_exit,
	.test_cases = op_cases,
};
kunit_test_suite(op_suite);
