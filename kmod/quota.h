/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a key may still be used for: its use limit, and the invocations of AES-GCM, of which one key stands at most 2^32
 * with random IVs (SP 800-38D section 8.3).
 *
 * A count is durable before it is used: a block of uses is written into the key's sealed record (reserved), and then
 * given out, to each CPU a share at a time, so that a use touches only its CPU's share. A crash loses what was reserved
 * and not used, and refunds nothing (architecture.md, "Counting uses").
 */
#ifndef _MHSM_QUOTA_H
#define _MHSM_QUOTA_H

#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define MHSM_GCM_INVOCATIONS (1ULL << 32)

/* What is counted; sets of them are masks of BIT(kind) */
enum mhsm_quota_kind { MHSM_QUOTA_USES, MHSM_QUOTA_GCM, MHSM_QUOTA_KINDS };

struct mhsm_quota_share;

struct mhsm_quota {
	spinlock_t lock; /* reserved, left */
	u32 kinds; /* fixed: which are counted for this key */
	u64 use_limit; /* fixed; 0: none */
	u64 reserved[MHSM_QUOTA_KINDS]; /* in the sealed record; of a key that is not stored: the limit */
	u64 left[MHSM_QUOTA_KINDS]; /* of reserved, with no CPU */
	u32 block[MHSM_QUOTA_KINDS]; /* the size of the next block, before what is left of the limit bounds it */
	struct mhsm_quota_share __percpu *shares; /* NULL until the key is opened first; then fixed */
};

/** mhsm_quota_init() - counts nothing */
void mhsm_quota_init(struct mhsm_quota *q);

/**
 * mhsm_quota_create() - of a new key: @gcm, whether it encrypts with AES-GCM; @stored, whether it has a sealed record.
 * A stored key's first block of GCM invocations goes into its first record; a use limit's does not, because a key that is
 * never used must not lose uses.
 */
void mhsm_quota_create(struct mhsm_quota *q, u64 use_limit, bool gcm, bool stored);

/** mhsm_quota_load() - of a key whose record says that these numbers are reserved: all of them count as used */
void mhsm_quota_load(struct mhsm_quota *q, u64 use_limit, bool gcm, u64 uses, u64 gcm_uses);

/** mhsm_quota_open() - when the key is opened, under key->lock: makes the CPUs' shares; -ENOMEM */
int mhsm_quota_open(struct mhsm_quota *q);
void mhsm_quota_free(struct mhsm_quota *q);

/**
 * mhsm_quota_take() - counts one of each of @kinds, as far as they are counted for the key. Never sleeps.
 * Return: those that were not counted, because there is none left of the first of them in the blocks reserved; 0: all
 */
u32 mhsm_quota_take(struct mhsm_quota *q, u32 kinds);

/**
 * mhsm_quota_plan() - the numbers to be reserved next, in @reserved, so that @kinds can be taken
 * Return: 0; -EDQUOT (a limit is reached); -EALREADY (there is some left again: nothing to reserve)
 */
int mhsm_quota_plan(struct mhsm_quota *q, u32 kinds, u64 reserved[MHSM_QUOTA_KINDS]);

/** mhsm_quota_grant() - the numbers in @reserved are durable: they may be taken */
void mhsm_quota_grant(struct mhsm_quota *q, const u64 reserved[MHSM_QUOTA_KINDS]);

/** mhsm_quota_reserved() - what the key's record is to say */
u64 mhsm_quota_reserved(struct mhsm_quota *q, enum mhsm_quota_kind kind);

/** mhsm_quota_used() - how many were taken; those of a block that a restart lost are among them */
u64 mhsm_quota_used(struct mhsm_quota *q, enum mhsm_quota_kind kind);

#endif
