// SPDX-License-Identifier: GPL-2.0-only
/* The audit rings and their chain: kmod/audit.c */
#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kmod/audit.h"
#include "kmod/auditpack.h"
#include "tests/kunit/kunit_thread.h"

#define RING 8192 /* as in audit.c, with as few CPUs as here */
#define MAC 32
#define BATCH_BYTES MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX)

static const u8 domain_a[MHSM_ID_LEN] = { 0xa }, domain_b[MHSM_ID_LEN] = { 0xb };

struct fixture {
	struct mhsm_audit *audit;
	void __user *user;
	u8 *batch; /* BATCH_BYTES: the last drained */
	struct mhsm_audit_rec *recs; /* its records */
	u32 len;
	u8 key[32];
	u8 mac[MAC]; /* of the last acknowledged batch */
	u64 number; /* of the next */
};

static int audit_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->user = kunit_thread_user(test, BATCH_BYTES);
	f->batch = kunit_kmalloc(test, BATCH_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->batch);
	f->recs = kunit_kmalloc_array(test, MHSM_AUDIT_BATCH_MAX, sizeof(*f->recs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->recs);
	memset(f->key, 0x77, sizeof(f->key));
	f->audit = mhsm_audit_new();
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->audit));
	test->priv = f;
	KUNIT_ASSERT_EQ(test, mhsm_audit_start(f->audit, domain_a, f->key), 0);
	mhsm_audit_attach(f->audit);
	return 0;
}

static void audit_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (f)
		mhsm_audit_free(f->audit);
}

/* One record with @action; returns its seq. */
static u64 record(struct kunit *test, u32 action)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *rec = mhsm_audit_reserve(f->audit);
	u64 seq;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	rec->action = action;
	seq = rec->seq;
	mhsm_audit_commit(f->audit, rec, false);
	return seq;
}

static int drain(struct fixture *f, u32 wait_ms)
{
	int ret;

	f->len = BATCH_BYTES;
	ret = mhsm_audit_drain(f->audit, wait_ms, f->user, &f->len);
	if (!ret && copy_from_user(f->batch, f->user, f->len))
		ret = -EFAULT;
	return ret;
}

static struct mhsm_audit_batch *head(struct fixture *f)
{
	return (void *)f->batch;
}

/* The records of the batch, and the bytes that they take */
static u32 unpack(struct fixture *f)
{
	return mhsm_audit_unpack_all(head(f), f->recs);
}

/* HMAC-SHA-256 by the crypto API's own */
static void mac_of(struct kunit *test, const u8 *key, const void *data, size_t len, u8 mac[MAC])
{
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha256)", 0, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	KUNIT_EXPECT_EQ(test, crypto_shash_setkey(tfm, key, 32), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_tfm_digest(tfm, data, len, mac), 0);
	crypto_free_shash(tfm);
}

/* Drains a batch, checks all that is in it, and acknowledges it; returns the number of records. */
static u32 take(struct kunit *test, const u8 *domain)
{
	static const u8 zero[MAC];
	struct fixture *f = test->priv;
	u8 mac[MAC];

	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	if (!f->len)
		return 0;
	KUNIT_EXPECT_MEMEQ(test, head(f)->magic, "MHSMAUD3", 8);
	KUNIT_EXPECT_EQ(test, head(f)->number, f->number);
	KUNIT_EXPECT_MEMEQ(test, head(f)->domain, domain, MHSM_ID_LEN);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(head(f)->boot, 0, 16));
	KUNIT_EXPECT_EQ(test, f->len, (u32)(sizeof(struct mhsm_audit_batch) + unpack(f) + MAC));
	KUNIT_EXPECT_MEMEQ(test, head(f)->prev, f->number ? f->mac : zero, MAC);
	mac_of(test, f->key, f->batch, f->len - MAC, mac);
	KUNIT_EXPECT_MEMEQ(test, mac, f->batch + f->len - MAC, MAC);
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, f->len, false), 0);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->audit, f->number), 0);
	memcpy(f->mac, mac, MAC);
	f->number++;
	return head(f)->count;
}

static void audit_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	u64 lost, batches;
	u32 len = BATCH_BYTES - 1;

	KUNIT_EXPECT_EQ(test, drain(f, 0), 0);
	KUNIT_EXPECT_EQ(test, f->len, 0U);
	KUNIT_EXPECT_EQ(test, drain(f, 1), 0);
	KUNIT_EXPECT_EQ(test, f->len, 0U);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->audit, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_audit_drain(f->audit, 0, f->user, &len), -ERANGE);
	KUNIT_EXPECT_EQ(test, len, (u32)BATCH_BYTES); /* what is needed */
	mhsm_audit_lose(f->audit);
	mhsm_audit_lose(f->audit);
	mhsm_audit_stats(f->audit, &lost, &batches);
	KUNIT_EXPECT_EQ(test, lost, 2ULL);
	KUNIT_EXPECT_EQ(test, batches, 0ULL);
}

static void audit_record_fields(struct kunit *test)
{
	struct fixture *f = test->priv;
	u64 before = ktime_get_real_ns();
	struct mhsm_audit_rec *rec = mhsm_audit_reserve(f->audit);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	KUNIT_EXPECT_EQ(test, rec->seq, 0ULL);
	KUNIT_EXPECT_LT(test, rec->cpu, nr_cpu_ids);
	KUNIT_EXPECT_GE(test, rec->time, before);
	KUNIT_EXPECT_LE(test, rec->time, ktime_get_real_ns());
	KUNIT_EXPECT_NULL(test, memchr_inv(&rec->action, 0, sizeof(*rec) - offsetof(struct mhsm_audit_rec, action)));
	memset(&rec->action, 0x11, sizeof(*rec) - offsetof(struct mhsm_audit_rec, action));
	mhsm_audit_commit(f->audit, rec, false);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 1U);
	KUNIT_EXPECT_LE(test, f->recs[0].duration, ktime_get_real_ns() - before);
	KUNIT_EXPECT_EQ(test, f->recs[0].action, 0x11111111U);
	KUNIT_EXPECT_EQ(test, f->recs[0].name[39], 0x11);
	KUNIT_EXPECT_EQ(test, head(f)->cpus, 1U);
}

static void audit_chain(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 i, n = 1200, at = 0, count;
	u64 lost, batches;

	/* All on one CPU, so that their numbers follow one another. */
	migrate_disable();
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, record(test, i), (u64)i);
	migrate_enable();
	while ((count = take(test, domain_a))) {
		KUNIT_EXPECT_EQ(test, count, min(n - at, (u32)MHSM_AUDIT_BATCH_MAX));
		for (i = 0; i < count; i++, at++) {
			KUNIT_EXPECT_EQ(test, f->recs[i].seq, (u64)at);
			KUNIT_EXPECT_EQ(test, f->recs[i].action, at);
		}
	}
	KUNIT_EXPECT_EQ(test, at, n);
	mhsm_audit_stats(f->audit, &lost, &batches);
	KUNIT_EXPECT_EQ(test, batches, 3ULL);
}

static void audit_full(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 i, drained = 0, count;
	u64 next = RING;

	migrate_disable();
	for (i = 0; i < RING; i++)
		record(test, i);
	KUNIT_EXPECT_NULL(test, mhsm_audit_reserve(f->audit));
	KUNIT_EXPECT_NULL(test, mhsm_audit_reserve(f->audit));
	/* Drained is not acknowledged. */
	KUNIT_EXPECT_EQ(test, drain(f, 0), 0);
	KUNIT_EXPECT_NULL(test, mhsm_audit_reserve(f->audit));
	/* A batch makes room for as many; what was refused has left no gap. Once around the ring, and more. */
	while (drained < 3 * RING) {
		count = take(test, domain_a);
		KUNIT_ASSERT_EQ(test, count, (u32)MHSM_AUDIT_BATCH_MAX);
		for (i = 0; i < count; i++)
			KUNIT_EXPECT_EQ(test, f->recs[i].seq, (u64)drained++);
		for (i = 0; i < count; i++)
			KUNIT_EXPECT_EQ(test, record(test, i), next++);
		KUNIT_EXPECT_NULL(test, mhsm_audit_reserve(f->audit));
	}
	migrate_enable();
}

static void audit_same_batch_again(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 *first = kunit_kmalloc(test, BATCH_BYTES, GFP_KERNEL);
	u32 len;

	KUNIT_ASSERT_NOT_NULL(test, first);
	record(test, 1);
	record(test, 2);
	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	len = f->len;
	memcpy(first, f->batch, len);
	record(test, 3);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->audit, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->audit, U64_MAX), -EINVAL);
	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	KUNIT_EXPECT_EQ(test, f->len, len);
	KUNIT_EXPECT_MEMEQ(test, first, f->batch, len);
	/* Locked and unlocked in between */
	mhsm_audit_stop(f->audit);
	KUNIT_EXPECT_EQ(test, drain(f, 0), -ENOKEY);
	KUNIT_ASSERT_EQ(test, mhsm_audit_start(f->audit, domain_a, f->key), 0);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 2U);
	KUNIT_EXPECT_EQ(test, mhsm_audit_ack(f->audit, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 1U);
	KUNIT_EXPECT_EQ(test, f->recs[0].action, 3U);
}

/* A batch that the user cannot be given stays outstanding. */
static void audit_bad_pointer(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 len = BATCH_BYTES;

	record(test, 1);
	KUNIT_EXPECT_EQ(test, mhsm_audit_drain(f->audit, 0, (void __user *)(TASK_SIZE - PAGE_SIZE), &len), -EFAULT);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 1U);
}

/* Whether a record of the batch begins there */
static bool is_tag(struct fixture *f, u32 at)
{
	u32 i, tag = sizeof(struct mhsm_audit_batch);

	for (i = 0; i < head(f)->count && tag < at; i++)
		tag += mhsm_audit_packed_len(3, f->batch + tag);
	return i < head(f)->count && tag == at;
}

static void audit_altered(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 bit;

	migrate_disable();
	record(test, 1);
	record(test, 1);
	record(test, 2);
	migrate_enable();
	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	for (bit = 0; bit < 8 * f->len; bit++) {
		int ret;

		f->batch[bit / 8] ^= 1 << bit % 8;
		ret = mhsm_audit_verify(f->audit, f->batch, f->len, false);
		KUNIT_EXPECT_TRUE_MSG(test, ret == -EBADMSG || ret == -EINVAL, "bit %u: %d", bit, ret);
		/* Only magic, count and the first byte of each record decide whether it is a batch at all. */
		if (bit >= 64 && bit / 32 * 4 != offsetof(struct mhsm_audit_batch, count) && !is_tag(f, bit / 8))
			KUNIT_EXPECT_EQ_MSG(test, ret, -EBADMSG, "bit %u", bit);
		f->batch[bit / 8] ^= 1 << bit % 8;
	}
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, f->len, false), 0);
	for (bit = 0; bit < f->len; bit++)
		KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, bit, false), -EINVAL);
	/* The count of a longer batch, whose records are not there */
	head(f)->count = U32_MAX;
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, f->len, false), -EINVAL);
}

/* A record that repeats the one before is packed; one that differs in anything but its numbers is not. */
static void audit_packed(struct kunit *test)
{
	const size_t whole = 1 + sizeof(struct mhsm_audit_rec), second = sizeof(struct mhsm_audit_batch) + whole;
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *rec;
	u32 byte;

	for (byte = offsetof(struct mhsm_audit_rec, action); byte < sizeof(*rec); byte++) {
		bool number = byte - offsetof(struct mhsm_audit_rec, bytes) < sizeof(rec->bytes);

		migrate_disable();
		record(test, 1);
		rec = mhsm_audit_reserve(f->audit);
		KUNIT_ASSERT_NOT_NULL(test, rec);
		rec->action = 1;
		((u8 *)rec)[byte] ^= 0x80;
		mhsm_audit_commit(f->audit, rec, false);
		migrate_enable();
		KUNIT_EXPECT_EQ(test, take(test, domain_a), 2U);
		KUNIT_EXPECT_EQ_MSG(test, mhsm_audit_repeats(3, f->batch + second), number, "byte %u", byte);
		KUNIT_EXPECT_EQ(test, unpack(f), whole + mhsm_audit_packed_len(3, f->batch + second));
		KUNIT_EXPECT_LE(test, mhsm_audit_packed_len(3, f->batch + second), number ? 25 : whole);
		KUNIT_EXPECT_EQ(test, ((u8 *)&f->recs[1])[byte] ^ ((u8 *)&f->recs[0])[byte], 0x80);
		KUNIT_EXPECT_EQ(test, f->recs[1].seq, f->recs[0].seq + 1);
		KUNIT_EXPECT_GE(test, f->recs[1].time, f->recs[0].time);
	}
}

/* What an earlier version wrote is a batch, too: its records have no byte before them. */
static void audit_earlier_version(struct kunit *test)
{
	const size_t whole = sizeof(struct mhsm_audit_rec);
	struct fixture *f = test->priv;
	u8 *packed = f->batch + sizeof(struct mhsm_audit_batch);
	char version;

	record(test, 1);
	record(test, 2);
	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	f->len -= 2;
	memmove(packed, packed + 1, whole);
	memmove(packed + whole, packed + whole + 2, whole);
	for (version = '0'; version <= '4'; version++) {
		head(f)->magic[7] = version;
		mac_of(test, f->key, f->batch, f->len - MAC, f->batch + f->len - MAC);
		KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, f->len, false),
				version == '1' || version == '2' ? 0 : -EINVAL);
		f->batch[f->len - 1] ^= 1;
		KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, f->batch, f->len, false),
				version == '1' || version == '2' ? -EBADMSG : -EINVAL);
	}
}

/* After a reboot the chain goes on from the last batch that the daemon has. */
static void audit_resume(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 *stored = kunit_kmalloc(test, BATCH_BYTES, GFP_KERNEL);
	u32 len;

	KUNIT_ASSERT_NOT_NULL(test, stored);
	record(test, 1);
	take(test, domain_a);
	record(test, 2);
	take(test, domain_a);
	len = f->len;
	memcpy(stored, f->batch, len);
	/* This boot has begun: only the batch that it stands at */
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), 0);
	record(test, 3);
	take(test, domain_a);
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), -EALREADY);

	mhsm_audit_free(f->audit);
	f->audit = mhsm_audit_new();
	KUNIT_ASSERT_FALSE(test, IS_ERR(f->audit));
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), -ENOKEY);
	KUNIT_ASSERT_EQ(test, mhsm_audit_start(f->audit, domain_b, f->key), 0);
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), -EBADMSG); /* another domain's */
	KUNIT_ASSERT_EQ(test, mhsm_audit_start(f->audit, domain_a, f->key), 0);
	stored[100] ^= 1;
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), -EBADMSG);
	stored[100] ^= 1;
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), 0);
	f->number = 2;
	memcpy(f->mac, stored + len - MAC, MAC);
	record(test, 4);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 1U);
	KUNIT_EXPECT_EQ(test, mhsm_audit_verify(f->audit, stored, len, true), -EALREADY);
}

/* The chain of another domain is another chain, also with a batch of the old one outstanding. */
static void audit_other_domain(struct kunit *test)
{
	struct fixture *f = test->priv;

	record(test, 1);
	take(test, domain_a);
	record(test, 2);
	KUNIT_ASSERT_EQ(test, drain(f, 0), 0);
	mhsm_audit_stop(f->audit);
	f->number = 0;
	memset(f->key, 0x99, sizeof(f->key));
	KUNIT_ASSERT_EQ(test, mhsm_audit_start(f->audit, domain_b, f->key), 0);
	record(test, 3);
	/* Nothing is lost: what was not acknowledged there is in the chain here. */
	KUNIT_EXPECT_EQ(test, take(test, domain_b), 2U);
	KUNIT_EXPECT_EQ(test, f->recs[0].action, 2U);
	KUNIT_EXPECT_EQ(test, f->recs[0].seq, 1ULL);
	KUNIT_EXPECT_EQ(test, f->recs[1].action, 3U);
}

static void audit_pending_blocks(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *pending;

	migrate_disable();
	record(test, 1);
	pending = mhsm_audit_reserve(f->audit);
	KUNIT_ASSERT_NOT_NULL(test, pending);
	pending->action = 2;
	record(test, 3);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 1U);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 0U);
	mhsm_audit_commit(f->audit, pending, false);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 2U);
	KUNIT_EXPECT_EQ(test, f->recs[0].action, 2U);
	KUNIT_EXPECT_EQ(test, f->recs[1].action, 3U);
}

/* A pending record of one CPU does not hold up another's. */
static void audit_pending_blocks_one_cpu(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *pending;
	int cpu, n = 0;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	cpu = cpumask_first(cpu_online_mask);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
	pending = mhsm_audit_reserve(f->audit);
	KUNIT_ASSERT_NOT_NULL(test, pending);
	for_each_online_cpu(cpu) {
		KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		record(test, 1);
		n++;
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), (u32)n - 1);
	mhsm_audit_commit(f->audit, pending, false);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 2U);
}

/* --- waiting -------------------------------------------------------------------------------------------------- */

static int drain_long(void *arg)
{
	return drain(arg, 10000);
}

static void audit_urgent_wakes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *rec;
	struct kunit_thread t;

	kunit_thread_start(test, &t, drain_long, f);
	record(test, 1);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 100));
	rec = mhsm_audit_reserve(f->audit);
	KUNIT_ASSERT_NOT_NULL(test, rec);
	mhsm_audit_commit(f->audit, rec, true);
	KUNIT_EXPECT_TRUE(test, kunit_thread_ended(&t, 5000));
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
	KUNIT_EXPECT_EQ(test, head(f)->count, 2U);
	KUNIT_EXPECT_EQ(test, take(test, domain_a), 2U);
	/* Nobody waits any more: the next drain does. */
	kunit_thread_start(test, &t, drain_long, f);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 100));
	kunit_thread_kill(&t);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EINTR);
}

static void audit_quarter_wakes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kunit_thread t;
	u32 i;

	kunit_thread_start(test, &t, drain_long, f);
	for (i = 0; i < RING / 4; i++)
		record(test, i);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 100));
	record(test, i);
	KUNIT_EXPECT_TRUE(test, kunit_thread_ended(&t, 5000));
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
	KUNIT_EXPECT_EQ(test, head(f)->count, (u32)MHSM_AUDIT_BATCH_MAX);
}

struct waiter {
	struct mhsm_audit *audit;
	u32 cpu;
	u64 seq;
};

static int wait_for_record(void *arg)
{
	struct waiter *w = arg;

	return mhsm_audit_wait(w->audit, w->cpu, w->seq);
}

static struct waiter waiter_new(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct mhsm_audit_rec *rec = mhsm_audit_reserve(f->audit);
	struct waiter w;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	w = (struct waiter){ f->audit, rec->cpu, rec->seq };
	mhsm_audit_commit(f->audit, rec, true);
	return w;
}

static void audit_wait_for_ack(struct kunit *test)
{
	struct waiter w = waiter_new(test);
	struct kunit_thread t;

	kunit_thread_start(test, &t, wait_for_record, &w);
	KUNIT_ASSERT_EQ(test, drain(test->priv, 0), 0);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 100));
	take(test, domain_a);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), 0);
}

static void audit_wait_ends(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct waiter w = waiter_new(test);
	struct kunit_thread t;

	/* The daemon goes. */
	kunit_thread_start(test, &t, wait_for_record, &w);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 50));
	mhsm_audit_detach(f->audit);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EUNATCH);
	KUNIT_EXPECT_EQ(test, wait_for_record(&w), -EUNATCH);
	mhsm_audit_attach(f->audit);
	/* The waiter is killed. */
	kunit_thread_start(test, &t, wait_for_record, &w);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 50));
	kunit_thread_kill(&t);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EINTR);
	/* The HSM is locked: nobody drains until it is unlocked, which may be never. */
	kunit_thread_start(test, &t, wait_for_record, &w);
	KUNIT_EXPECT_FALSE(test, kunit_thread_ended(&t, 50));
	mhsm_audit_stop(f->audit);
	KUNIT_EXPECT_EQ(test, kunit_thread_join(test, &t), -EUNATCH);
}

static struct kunit_case audit_cases[] = {
	KUNIT_CASE(audit_nothing),
	KUNIT_CASE(audit_record_fields),
	KUNIT_CASE(audit_chain),
	KUNIT_CASE(audit_full),
	KUNIT_CASE(audit_same_batch_again),
	KUNIT_CASE(audit_bad_pointer),
	KUNIT_CASE(audit_altered),
	KUNIT_CASE(audit_packed),
	KUNIT_CASE(audit_earlier_version),
	KUNIT_CASE(audit_resume),
	KUNIT_CASE(audit_other_domain),
	KUNIT_CASE(audit_pending_blocks),
	KUNIT_CASE(audit_pending_blocks_one_cpu),
	KUNIT_CASE(audit_urgent_wakes),
	KUNIT_CASE(audit_quarter_wakes),
	KUNIT_CASE(audit_wait_for_ack),
	KUNIT_CASE(audit_wait_ends),
	{}
};

static struct kunit_suite audit_suite = {
	.name = "mhsm_audit",
	.init = audit_init,
	.exit = audit_exit,
	.test_cases = audit_cases,
};
kunit_test_suite(audit_suite);
