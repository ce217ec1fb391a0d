// SPDX-License-Identifier: GPL-2.0-only
/* Counting uses in blocks: see quota.h */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "kmod/quota.h"

/*
 * Blocks double from the first to the largest, so that a restart loses about what was used since the one before, or
 * BLOCK_FIRST; and none is more than 1/BLOCK_PART of what is left of the limit, so that restarts cannot eat up a limit.
 */
#define BLOCK_FIRST (1U << 12)
#define BLOCK_MAX (1U << 20)
#define BLOCK_PART 16

#define SHARE_MAX 1024 /* uses that a CPU takes at once */

struct mhsm_quota_share {
	atomic_t left[MHSM_QUOTA_KINDS]; /* taken from by its CPU; by others only when a block is nearly used up */
};

static u64 limit_of(const struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	return kind == MHSM_QUOTA_USES ? q->use_limit : MHSM_GCM_INVOCATIONS;
}

static u64 next_block(const struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	u64 rest = limit_of(q, kind) - q->reserved[kind];

	return rest ? clamp_t(u64, rest / BLOCK_PART, 1, q->block[kind]) : 0;
}

void mhsm_quota_init(struct mhsm_quota *q)
{
	unsigned int kind;

	memset(q, 0, sizeof(*q));
	spin_lock_init(&q->lock);
	for (kind = 0; kind < MHSM_QUOTA_KINDS; kind++)
		q->block[kind] = BLOCK_FIRST;
}

void mhsm_quota_load(struct mhsm_quota *q, u64 use_limit, bool gcm, u64 uses, u64 gcm_uses)
{
	q->kinds = (use_limit ? BIT(MHSM_QUOTA_USES) : 0) | (gcm ? BIT(MHSM_QUOTA_GCM) : 0);
	q->use_limit = use_limit;
	q->reserved[MHSM_QUOTA_USES] = uses;
	q->reserved[MHSM_QUOTA_GCM] = gcm_uses;
}

void mhsm_quota_create(struct mhsm_quota *q, u64 use_limit, bool gcm, bool stored)
{
	mhsm_quota_load(q, use_limit, gcm, 0, 0);
	if (gcm)
		q->left[MHSM_QUOTA_GCM] = stored ? next_block(q, MHSM_QUOTA_GCM) : MHSM_GCM_INVOCATIONS;
	if (!stored)
		q->left[MHSM_QUOTA_USES] = use_limit;
	q->reserved[MHSM_QUOTA_USES] = q->left[MHSM_QUOTA_USES];
	q->reserved[MHSM_QUOTA_GCM] = q->left[MHSM_QUOTA_GCM];
}

int mhsm_quota_open(struct mhsm_quota *q)
{
	struct mhsm_quota_share __percpu *shares;

	if (!q->kinds || q->shares)
		return 0;
	shares = alloc_percpu(struct mhsm_quota_share);
	if (!shares)
		return -ENOMEM;
	WRITE_ONCE(q->shares, shares);
	return 0;
}

void mhsm_quota_free(struct mhsm_quota *q)
{
	free_percpu(q->shares);
	q->shares = NULL;
}

/* What CPUs have of a kind. Must hold q->lock, without which shares do not grow. */
static u64 with_cpus(struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	u64 sum = 0;
	int cpu;

	lockdep_assert_held(&q->lock);
	if (q->shares)
		for_each_possible_cpu(cpu)
			sum += atomic_read(&per_cpu_ptr(q->shares, cpu)->left[kind]);
	return sum;
}

/* Takes back what CPUs have. Must hold q->lock. */
static void collect(struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	int cpu;

	lockdep_assert_held(&q->lock);
	if (q->shares)
		for_each_possible_cpu(cpu)
			q->left[kind] += atomic_xchg(&per_cpu_ptr(q->shares, cpu)->left[kind], 0);
}

/* Takes one, and a share for this CPU besides. */
static bool take_share(struct mhsm_quota *q, struct mhsm_quota_share __percpu *shares, enum mhsm_quota_kind kind)
{
	u64 share;

	spin_lock(&q->lock);
	if (!q->left[kind])
		collect(q, kind);
	share = q->left[kind] / (2 * num_online_cpus());
	share = min(q->left[kind], shares ? clamp_t(u64, share, 1, SHARE_MAX) : 1);
	if (share > 1)
		atomic_add(share - 1, &raw_cpu_ptr(shares)->left[kind]);
	q->left[kind] -= share;
	spin_unlock(&q->lock);
	return share;
}

u32 mhsm_quota_take(struct mhsm_quota *q, u32 kinds)
{
	struct mhsm_quota_share __percpu *shares;
	enum mhsm_quota_kind kind;

	kinds &= q->kinds;
	if (!kinds)
		return 0;
	shares = READ_ONCE(q->shares);
	for (kind = 0; kinds >> kind; kind++) {
		if (!(kinds & BIT(kind)))
			continue;
		/* Who is moved to another CPU meanwhile takes from the one it was on: the count is the same. */
		if ((!shares || atomic_dec_if_positive(&raw_cpu_ptr(shares)->left[kind]) < 0) &&
		    !take_share(q, shares, kind))
			break; /* What a limit refuses does not count for what comes after it. */
		kinds &= ~BIT(kind);
	}
	return kinds;
}

int mhsm_quota_plan(struct mhsm_quota *q, u32 kinds, u64 reserved[MHSM_QUOTA_KINDS])
{
	enum mhsm_quota_kind kind;
	int ret = -EALREADY;
	u64 block;

	spin_lock(&q->lock);
	for (kind = 0; kind < MHSM_QUOTA_KINDS; kind++) {
		reserved[kind] = q->reserved[kind];
		if (!(kinds & BIT(kind)) || q->left[kind] || with_cpus(q, kind) || ret == -EDQUOT)
			continue;
		block = next_block(q, kind);
		reserved[kind] += block;
		ret = block ? 0 : -EDQUOT;
	}
	spin_unlock(&q->lock);
	return ret;
}

void mhsm_quota_grant(struct mhsm_quota *q, const u64 reserved[MHSM_QUOTA_KINDS])
{
	enum mhsm_quota_kind kind;

	spin_lock(&q->lock);
	for (kind = 0; kind < MHSM_QUOTA_KINDS; kind++) {
		if (reserved[kind] == q->reserved[kind])
			continue;
		q->left[kind] += reserved[kind] - q->reserved[kind];
		q->reserved[kind] = reserved[kind];
		q->block[kind] = min(2 * q->block[kind], BLOCK_MAX);
	}
	spin_unlock(&q->lock);
}

u64 mhsm_quota_reserved(struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	u64 reserved;

	spin_lock(&q->lock);
	reserved = q->reserved[kind];
	spin_unlock(&q->lock);
	return reserved;
}

u64 mhsm_quota_used(struct mhsm_quota *q, enum mhsm_quota_kind kind)
{
	u64 used;

	spin_lock(&q->lock);
	used = q->reserved[kind] - q->left[kind] - with_cpus(q, kind);
	spin_unlock(&q->lock);
	return used;
}
