// SPDX-License-Identifier: GPL-2.0-only
/* The audit rings and their chain: see audit.h */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "kmod/audit.h"
#include "kmod/auditpack.h"
#include "kmod/prim.h"
#include "kmod/secret.h"

/* Records per CPU, a power of two; all CPUs together have RING_TOTAL, while that leaves each RING_MIN. */
#define RING_MAX 8192U
#define RING_MIN 1024U
#define RING_TOTAL 65536U
#define MAC 32
#define BATCH_BYTES MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX)

struct ring {
	/* the CPU's own, written with preemption off */
	u64 head; /* seq of the next record */
	/* the drain's */
	u64 taken ____cacheline_aligned_in_smp; /* in the outstanding batch, or acknowledged */
	u64 tail; /* acknowledged: its place is free */
	struct mhsm_audit_rec *recs; /* audit->ring of them */
	u64 *done; /* seq + 1 once the record at this place is complete */
};

struct mhsm_audit {
	struct ring __percpu *rings;
	u32 ring; /* records in each */
	struct mutex drain_lock; /* who holds it makes batches, and may read a finished one without `lock` */
	struct mutex lock; /* the chain: what follows. Nobody waits for user memory with it */
	struct mhsm_secret key; /* empty: stopped */
	u8 domain[MHSM_ID_LEN];
	u8 boot[16];
	u64 number; /* of the next batch */
	u8 prev[MAC];
	bool begun; /* a batch of this chain was made this boot */
	u8 *batch; /* BATCH_BYTES */
	u32 batch_len; /* of the outstanding batch, 0: none */

	wait_queue_head_t drain_wait;
	wait_queue_head_t ack_wait;
	bool urgent; /* somebody waits for a record */
	bool attached;
	bool running; /* there is a key: batches can be made */
	atomic64_t lost;
};

static_assert(sizeof(struct mhsm_audit_rec) == 128);
static_assert(sizeof(struct mhsm_audit_again) == 32);
static_assert(sizeof(struct mhsm_audit_batch) == 88);

/* Sixteen words; the string instructions that memset() of this length becomes take longer. */
static void clear(struct mhsm_audit_rec *rec)
{
	u64 *word = (u64 *)rec, *end = word + sizeof(*rec) / sizeof(*word);

	for (; word < end; word += 4) {
		word[0] = 0;
		word[1] = 0;
		word[2] = 0;
		word[3] = 0;
		barrier_data(word); /* or it is made memset() again */
	}
}

struct mhsm_audit_rec *mhsm_audit_reserve(struct mhsm_audit *audit)
{
	struct mhsm_audit_rec *rec = NULL;
	struct ring *ring;
	ktime_t now;
	u64 used;

	ring = get_cpu_ptr(audit->rings);
	used = ring->head - smp_load_acquire(&ring->tail);
	if (used < audit->ring) {
		rec = &ring->recs[ring->head & (audit->ring - 1)];
		clear(rec);
		rec->seq = ring->head;
		rec->cpu = smp_processor_id();
		/* One look at the clock serves both: the time of day, and where the duration begins. */
		now = ktime_get();
		rec->time = ktime_to_ns(ktime_mono_to_real(now));
		rec->duration = ktime_to_ns(now);
		/* The drain sees the place only as far as head says, and reads it only once done says so. */
		smp_store_release(&ring->head, ring->head + 1);
	}
	put_cpu_ptr(audit->rings);
	if (used == audit->ring / 4)
		wake_up_interruptible(&audit->drain_wait);
	return rec;
}

void mhsm_audit_commit(struct mhsm_audit *audit, struct mhsm_audit_rec *rec, bool urgent)
{
	struct ring *ring = per_cpu_ptr(audit->rings, rec->cpu);
	u64 seq = rec->seq;

	rec->duration = ktime_get_ns() - rec->duration;
	smp_store_release(&ring->done[seq & (audit->ring - 1)], seq + 1);
	if (urgent) {
		WRITE_ONCE(audit->urgent, true);
		wake_up_interruptible(&audit->drain_wait);
	}
}

int mhsm_audit_wait(struct mhsm_audit *audit, u32 cpu, u64 seq)
{
	struct ring *ring = per_cpu_ptr(audit->rings, cpu);
	int ret;

	ret = wait_event_killable(audit->ack_wait, smp_load_acquire(&ring->tail) > seq ||
							   !READ_ONCE(audit->attached) || !READ_ONCE(audit->running));
	if (ret)
		return -EINTR;
	return smp_load_acquire(&ring->tail) > seq ? 0 : -EUNATCH;
}

/* The oldest record that @ring still has, if it is complete, or NULL */
static struct mhsm_audit_rec *ring_peek(struct mhsm_audit *audit, struct ring *ring)
{
	u64 seq = ring->taken, at = seq & (audit->ring - 1);

	if (seq == smp_load_acquire(&ring->head) || smp_load_acquire(&ring->done[at]) != seq + 1)
		return NULL;
	return &ring->recs[at];
}

/* The ring with the oldest complete record, or NULL; and the time of the oldest in the other rings, U64_MAX: none */
static struct ring *oldest_ring(struct mhsm_audit *audit, u64 *next)
{
	struct ring *ring, *from = NULL;
	struct mhsm_audit_rec *rec;
	u64 best = U64_MAX;
	int cpu;

	*next = U64_MAX;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(audit->rings, cpu);
		rec = ring_peek(audit, ring);
		if (!rec)
			continue;
		if (from && rec->time >= best) {
			*next = min(*next, rec->time);
		} else {
			*next = best;
			best = rec->time;
			from = ring;
		}
	}
	return from;
}

/* A batch in the making */
struct packing {
	u8 *at; /* where the next record goes */
	u32 count; /* records so far */
	const struct mhsm_audit_rec *last; /* of them, in its ring; NULL: none */
};

/* Takes @ring's oldest record, and those behind it that are complete and not younger than @until, while there is room. */
static void take_run(struct mhsm_audit *audit, struct ring *ring, u64 until, struct packing *p)
{
	const struct mhsm_audit_rec *rec = ring_peek(audit, ring);

	do {
		p->at += mhsm_audit_pack(p->at, rec, p->last);
		p->last = rec;
		p->count++;
		ring->taken++;
		rec = ring_peek(audit, ring);
	} while (rec && rec->time <= until && p->count < MHSM_AUDIT_BATCH_MAX);
}

/* Fills audit->batch with the oldest complete records of all CPUs, in order of time. */
static int batch_build(struct mhsm_audit *audit)
{
	struct mhsm_audit_batch *head = (void *)audit->batch;
	struct packing p = { .at = audit->batch + sizeof(*head) };
	struct mhsm_part part;
	struct ring *ring;
	u64 next;
	int cpu, ret;

	memset(head, 0, sizeof(*head));
	memcpy(head->magic, MHSM_AUDIT_MAGIC, sizeof(head->magic));
	head->number = audit->number;
	memcpy(head->domain, audit->domain, sizeof(head->domain));
	memcpy(head->boot, audit->boot, sizeof(head->boot));
	memcpy(head->prev, audit->prev, MAC);
	while (p.count < MHSM_AUDIT_BATCH_MAX && (ring = oldest_ring(audit, &next)))
		take_run(audit, ring, next, &p);
	if (!p.count)
		return 0;
	for_each_possible_cpu(cpu)
		head->cpus += !!per_cpu_ptr(audit->rings, cpu)->taken;
	head->count = p.count;
	part = (struct mhsm_part){ audit->batch, p.at - audit->batch };
	ret = mhsm_prim_hmac(MHSM_SHA256, audit->key.data, audit->key.len, &part, 1, p.at);
	if (ret) {
		for_each_possible_cpu(cpu) {
			ring = per_cpu_ptr(audit->rings, cpu);
			ring->taken = ring->tail;
		}
		return ret;
	}
	audit->batch_len = part.n + MAC;
	audit->begun = true;
	return 0;
}

static bool worth_draining(struct mhsm_audit *audit)
{
	struct ring *ring;
	int cpu;

	if (READ_ONCE(audit->urgent))
		return true;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(audit->rings, cpu);
		if (smp_load_acquire(&ring->head) - READ_ONCE(ring->tail) > audit->ring / 4)
			return true;
	}
	return false;
}

/* The outstanding batch, or a new one, is in audit->batch. Must hold audit->drain_lock. */
static int batch_get(struct mhsm_audit *audit, u32 *len)
{
	int ret = 0;

	mutex_lock(&audit->lock);
	if (!audit->key.data) {
		ret = -ENOKEY;
	} else if (!audit->batch_len) {
		/* Whoever asks from here on finds its record in a later batch, or in this one. */
		WRITE_ONCE(audit->urgent, false);
		smp_mb();
		ret = batch_build(audit);
	}
	if (!ret)
		*len = audit->batch_len;
	mutex_unlock(&audit->lock);
	return ret;
}

int mhsm_audit_drain(struct mhsm_audit *audit, u32 wait_ms, void __user *out, u32 *len)
{
	u32 room = *len;
	int ret = 0;

	*len = BATCH_BYTES;
	if (room < BATCH_BYTES)
		return -ERANGE;
	*len = 0;
	if (wait_event_interruptible_timeout(audit->drain_wait, worth_draining(audit),
					     msecs_to_jiffies(min(wait_ms, 10000U))) < 0)
		return -EINTR;
	if (mutex_lock_interruptible(&audit->drain_lock))
		return -EINTR;
	ret = batch_get(audit, len);
	if (!ret && *len && copy_to_user(out, audit->batch, *len))
		ret = -EFAULT;
	mutex_unlock(&audit->drain_lock);
	return ret;
}

int mhsm_audit_ack(struct mhsm_audit *audit, u64 number)
{
	struct ring *ring;
	int cpu, ret = -EINVAL;

	mutex_lock(&audit->lock);
	if (!audit->batch_len || number != audit->number)
		goto unlock;
	ret = 0;
	memcpy(audit->prev, audit->batch + audit->batch_len - MAC, MAC);
	audit->number++;
	audit->batch_len = 0;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(audit->rings, cpu);
		smp_store_release(&ring->tail, ring->taken);
	}
unlock:
	mutex_unlock(&audit->lock);
	wake_up_all(&audit->ack_wait);
	return ret;
}

/* Whether @len bytes are a batch as a whole, as far as its MAC does not tell */
static bool batch_whole(const u8 *batch, size_t len)
{
	const struct mhsm_audit_batch *head = (const void *)batch;
	size_t records = len - sizeof(*head) - MAC;
	unsigned int version;

	if (len < sizeof(*head) + MAC)
		return false;
	version = mhsm_audit_version(head->magic);
	return version && head->count && head->count <= MHSM_AUDIT_BATCH_MAX &&
	       mhsm_audit_records_len(version, batch + sizeof(*head), records, head->count) == records;
}

int mhsm_audit_verify(struct mhsm_audit *audit, const u8 *batch, size_t len, bool resume)
{
	const struct mhsm_audit_batch *head = (const void *)batch;
	struct mhsm_part part = { batch, len - MAC };
	u8 mac[MAC];
	int ret = -EINVAL;

	if (!batch_whole(batch, len))
		return ret;
	mutex_lock(&audit->lock);
	ret = -ENOKEY;
	if (!audit->key.data)
		goto unlock;
	ret = mhsm_prim_hmac(MHSM_SHA256, audit->key.data, audit->key.len, &part, 1, mac);
	if (ret)
		goto unlock;
	if (mhsm_prim_differ(mac, batch + part.n, MAC) || memcmp(head->domain, audit->domain, sizeof(head->domain))) {
		ret = -EBADMSG;
		goto unlock;
	}
	if (!resume)
		goto unlock;
	if (audit->begun) {
		if (head->number + 1 != audit->number || memcmp(audit->prev, mac, MAC))
			ret = -EALREADY;
		goto unlock;
	}
	audit->number = head->number + 1;
	memcpy(audit->prev, mac, MAC);
unlock:
	mutex_unlock(&audit->lock);
	return ret;
}

/* Begins the chain of another domain. A batch of the old one that was not acknowledged goes back to the rings. */
static void chain_reset(struct mhsm_audit *audit, const u8 domain[MHSM_ID_LEN])
{
	struct ring *ring;
	int cpu;

	memcpy(audit->domain, domain, MHSM_ID_LEN);
	audit->number = 0;
	memset(audit->prev, 0, MAC);
	audit->begun = false;
	audit->batch_len = 0;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(audit->rings, cpu);
		ring->taken = ring->tail;
	}
}

int mhsm_audit_start(struct mhsm_audit *audit, const u8 domain[MHSM_ID_LEN], const u8 *key)
{
	int ret;

	mutex_lock(&audit->lock);
	mhsm_secret_free(&audit->key);
	ret = mhsm_secret_set(&audit->key, key, 32);
	if (!ret && memcmp(audit->domain, domain, MHSM_ID_LEN))
		chain_reset(audit, domain);
	WRITE_ONCE(audit->running, !ret);
	mutex_unlock(&audit->lock);
	return ret;
}

void mhsm_audit_stop(struct mhsm_audit *audit)
{
	mutex_lock(&audit->lock);
	mhsm_secret_free(&audit->key);
	WRITE_ONCE(audit->running, false);
	mutex_unlock(&audit->lock);
	wake_up_all(&audit->ack_wait);
}

void mhsm_audit_attach(struct mhsm_audit *audit)
{
	WRITE_ONCE(audit->attached, true);
}

void mhsm_audit_detach(struct mhsm_audit *audit)
{
	WRITE_ONCE(audit->attached, false);
	wake_up_all(&audit->ack_wait);
}

void mhsm_audit_lose(struct mhsm_audit *audit)
{
	atomic64_inc(&audit->lost);
}

void mhsm_audit_stats(struct mhsm_audit *audit, u64 *lost, u64 *batches)
{
	*lost = atomic64_read(&audit->lost);
	mutex_lock(&audit->lock);
	*batches = audit->number;
	mutex_unlock(&audit->lock);
}

void mhsm_audit_free(struct mhsm_audit *audit)
{
	struct ring *ring;
	int cpu;

	if (audit->rings) {
		for_each_possible_cpu(cpu) {
			ring = per_cpu_ptr(audit->rings, cpu);
			vfree(ring->recs);
			vfree(ring->done);
		}
		free_percpu(audit->rings);
	}
	mhsm_secret_free(&audit->key);
	kvfree(audit->batch);
	kfree(audit);
}

struct mhsm_audit *mhsm_audit_new(void)
{
	struct mhsm_audit *audit = kzalloc(sizeof(*audit), GFP_KERNEL);
	struct ring *ring;
	int cpu, ret;

	if (!audit)
		return ERR_PTR(-ENOMEM);
	mutex_init(&audit->drain_lock);
	mutex_init(&audit->lock);
	audit->ring = rounddown_pow_of_two(clamp(RING_TOTAL / num_possible_cpus(), RING_MIN, RING_MAX));
	init_waitqueue_head(&audit->drain_wait);
	init_waitqueue_head(&audit->ack_wait);
	ret = mhsm_prim_random(audit->boot, sizeof(audit->boot));
	if (ret)
		goto free;
	ret = -ENOMEM;
	audit->batch = kvzalloc(BATCH_BYTES, GFP_KERNEL);
	audit->rings = alloc_percpu(struct ring);
	if (!audit->batch || !audit->rings)
		goto free;
	for_each_possible_cpu(cpu) {
		ring = per_cpu_ptr(audit->rings, cpu);
		ring->recs = vzalloc_node(array_size(audit->ring, sizeof(*ring->recs)), cpu_to_node(cpu));
		ring->done = vzalloc_node(array_size(audit->ring, sizeof(*ring->done)), cpu_to_node(cpu));
		if (!ring->recs || !ring->done)
			goto free;
	}
	return audit;
free:
	mhsm_audit_free(audit);
	return ERR_PTR(ret);
}
