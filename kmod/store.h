/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes on their way to the store: a transaction holds sealed records, goes to mhsmd, and takes effect in the kernel
 * when mhsmd says that it is durable. It outlives the caller that waits for it, and a daemon that dies: it is sent again
 * when one attaches.
 */
#ifndef _MHSM_STORE_H
#define _MHSM_STORE_H

#include <linux/types.h>

#include "kmod/record.h"

struct mhsm_domain;
struct mhsm_store;
struct mhsm_key;
struct sk_buff;

struct mhsm_tx_item {
	struct mhsm_key *key; /* a reference */
	struct mhsm_record after; /* attributes to take effect; name and public are not used */
	u8 *record; /* sealed, kvmalloc'ed; NULL: remove the object */
	size_t record_len;
};

struct mhsm_tx;

/**
 * mhsm_tx_new() - a transaction of up to @max items. @apply takes effect in process context once the store answered:
 * @error 0 (durable) or a negative errno (refused: undo). Called exactly once, with domain->lock held, also when the
 * transaction is given up (@error -ETIMEDOUT: unknown).
 */
struct mhsm_tx *mhsm_tx_new(struct mhsm_domain *domain, unsigned int max, void (*apply)(struct mhsm_tx *tx, int error));
/** mhsm_tx_set_after() - called after a successful apply, without locks, before the waiter is told; may sleep */
void mhsm_tx_set_after(struct mhsm_tx *tx, void (*after)(struct mhsm_tx *tx));
struct mhsm_tx_item *mhsm_tx_add(struct mhsm_tx *tx, struct mhsm_key *key); /* takes a reference of its own */
unsigned int mhsm_tx_count(const struct mhsm_tx *tx);
struct mhsm_tx_item *mhsm_tx_item(struct mhsm_tx *tx, unsigned int i);
struct mhsm_domain *mhsm_tx_domain(struct mhsm_tx *tx);
/** mhsm_tx_put() - drops the caller's reference */
void mhsm_tx_put(struct mhsm_tx *tx);

/**
 * mhsm_tx_commit() - sends it and waits for the answer. Must not hold domain->lock.
 * Return: 0, -EUNATCH (no daemon: nothing was sent, apply(-EUNATCH) was called), the store's errno, -ETIMEDOUT (the daemon
 * went away and did not come back within 10 s, or does not answer for two minutes), -EINTR (fatal signal); after the last two it may still take effect.
 */
int mhsm_tx_commit(struct mhsm_tx *tx);

/**
 * mhsm_store_wait() - until *@flag, which a transaction's apply() sets (with release), is @want. Must not hold
 * domain->lock. Return: 0, -ETIMEDOUT, -EINTR as mhsm_tx_commit()
 */
int mhsm_store_wait(struct mhsm_store *store, const bool *flag, bool want);

struct mhsm_store *mhsm_store_new(struct mhsm_domain *domain); /* ERR_PTR */
void mhsm_store_free(struct mhsm_store *store);

/** mhsm_store_ack() - the daemon's answer to transaction @id; -ENOENT if there is none such */
int mhsm_store_ack(struct mhsm_store *store, u64 id, int error);

/** mhsm_store_resend() - a daemon attached: sends everything that waits again */
void mhsm_store_resend(struct mhsm_store *store);

/** mhsm_store_detached() - the daemon is gone: those who wait begin to count their 10 s */
void mhsm_store_detached(struct mhsm_store *store);

/** mhsm_store_abandon() - the domain is being locked: gives up all. Must hold domain->lock. */
void mhsm_store_abandon(struct mhsm_store *store);

/** mhsm_netlink_send_tx() - netlink.c: unicasts a STORE; -EUNATCH without a daemon, -EAGAIN, -ENOMEM */
int mhsm_netlink_send_tx(u64 id, struct mhsm_tx *tx);

#endif
