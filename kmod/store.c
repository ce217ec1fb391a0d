// SPDX-License-Identifier: GPL-2.0-only
/* Changes on their way to the store: see store.h */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "kmod/domain.h"
#include "kmod/key.h"
#include "kmod/mutex.h"
#include "kmod/netlink.h"
#include "kmod/store.h"

#define ABSENCE (10 * HZ) /* how long a waiter waits for a daemon that went away */
#define SILENCE (120 * HZ) /* and for one that is there and does not answer */
#define PENDING_MAX 512 /* transactions at once: what a daemon's socket buffer takes */

struct mhsm_tx {
	struct kref ref;
	struct list_head node; /* in store->pending, under store->lock */
	struct mhsm_domain *domain;
	void (*apply)(struct mhsm_tx *tx, int error);
	void (*after)(struct mhsm_tx *tx);
	u64 id;
	bool sent; /* to the daemon that is attached */
	bool done;
	int error;
	unsigned int count;
	unsigned int max;
	struct mhsm_tx_item items[];
};

struct mhsm_store {
	struct mhsm_domain *domain;
	struct mhsm_mutex lock; /* taken inside domain->lock */
	struct list_head pending;
	unsigned int count;
	u64 next_id;
	bool attached;
	wait_queue_head_t wait; /* for done, and for attached to change */
};

struct mhsm_tx *mhsm_tx_new(struct mhsm_domain *domain, unsigned int max, void (*apply)(struct mhsm_tx *tx, int error))
{
	struct mhsm_tx *tx = kvzalloc(struct_size(tx, items, max), GFP_KERNEL);

	if (!tx)
		return ERR_PTR(-ENOMEM);
	kref_init(&tx->ref);
	INIT_LIST_HEAD(&tx->node);
	tx->domain = domain;
	tx->apply = apply;
	tx->max = max;
	return tx;
}

struct mhsm_tx_item *mhsm_tx_add(struct mhsm_tx *tx, struct mhsm_key *key)
{
	if (WARN_ON(tx->count == tx->max))
		return NULL;
	tx->items[tx->count].key = mhsm_key_get(key);
	return &tx->items[tx->count++];
}

unsigned int mhsm_tx_count(const struct mhsm_tx *tx)
{
	return tx->count;
}

struct mhsm_tx_item *mhsm_tx_item(struct mhsm_tx *tx, unsigned int i)
{
	return &tx->items[i];
}

struct mhsm_domain *mhsm_tx_domain(struct mhsm_tx *tx)
{
	return tx->domain;
}

static void tx_release(struct kref *ref)
{
	struct mhsm_tx *tx = container_of(ref, struct mhsm_tx, ref);
	unsigned int i;

	for (i = 0; i < tx->count; i++) {
		mhsm_key_put(tx->items[i].key);
		kvfree(tx->items[i].record);
	}
	kvfree(tx);
}

void mhsm_tx_put(struct mhsm_tx *tx)
{
	kref_put(&tx->ref, tx_release);
}

void mhsm_tx_set_after(struct mhsm_tx *tx, void (*after)(struct mhsm_tx *tx))
{
	tx->after = after;
}

/* Takes @tx off the list and applies @error. Must hold domain->lock and store->lock; tx_finish() follows. */
static void tx_apply(struct mhsm_store *store, struct mhsm_tx *tx, int error)
{
	list_del_init(&tx->node);
	store->count--;
	tx->apply(tx, error);
	tx->error = error;
}

static void tx_finish(struct mhsm_store *store, struct mhsm_tx *tx)
{
	smp_store_release(&tx->done, true);
	wake_up_all(&store->wait);
	mhsm_tx_put(tx);
}

/* Sends what waits to be sent, as far as the daemon's socket takes it; what it acknowledges makes room for the rest. */
static void send_rest(struct mhsm_store *store)
{
	struct mhsm_tx *tx;

	mhsm_mutex_assert_held(&store->lock);
	list_for_each_entry(tx, &store->pending, node) {
		if (tx->sent)
			continue;
		if (mhsm_netlink_send_tx(tx->id, tx))
			break;
		tx->sent = true;
	}
}

/* Puts @tx on the list and sends it; if that fails, takes it back. */
static int tx_start(struct mhsm_store *store, struct mhsm_tx *tx)
{
	int ret = mhsm_domain_state_errno(store->domain);

	mhsm_mutex_assert_held(&store->lock);
	if (ret)
		return ret;
	if (!store->attached)
		return -EUNATCH;
	if (store->count >= PENDING_MAX)
		return -EAGAIN;
	tx->id = store->next_id++;
	kref_get(&tx->ref);
	list_add_tail(&tx->node, &store->pending);
	store->count++;
	ret = mhsm_netlink_send_tx(tx->id, tx);
	tx->sent = !ret;
	if (ret) {
		list_del_init(&tx->node);
		store->count--;
		mhsm_tx_put(tx);
	}
	return ret;
}

int mhsm_store_wait(struct mhsm_store *store, const bool *flag, bool want)
{
	long left;

	for (;;) {
		left = wait_event_killable_timeout(store->wait,
						   smp_load_acquire(flag) == want || !READ_ONCE(store->attached), SILENCE);
		if (left < 0)
			return -EINTR;
		if (smp_load_acquire(flag) == want)
			return 0;
		if (!left)
			return -ETIMEDOUT;
		left = wait_event_killable_timeout(store->wait, smp_load_acquire(flag) == want || READ_ONCE(store->attached),
						   ABSENCE);
		if (left < 0)
			return -EINTR;
		if (smp_load_acquire(flag) == want)
			return 0;
		if (!left)
			return -ETIMEDOUT;
	}
}

int mhsm_tx_commit(struct mhsm_tx *tx)
{
	struct mhsm_store *store = tx->domain->store;
	int ret;

	mhsm_mutex_lock(&tx->domain->lock);
	mhsm_mutex_lock(&store->lock);
	ret = tx_start(store, tx);
	if (ret)
		tx->apply(tx, ret);
	mhsm_mutex_unlock(&store->lock);
	mhsm_mutex_unlock(&tx->domain->lock);
	if (ret)
		return ret;
	ret = mhsm_store_wait(store, &tx->done, true);
	return ret ? ret : tx->error;
}

int mhsm_store_ack(struct mhsm_store *store, u64 id, int error)
{
	struct mhsm_tx *tx, *found = NULL;

	mhsm_mutex_lock(&store->domain->lock);
	mhsm_mutex_lock(&store->lock);
	list_for_each_entry(tx, &store->pending, node)
		if (tx->id == id) {
			found = tx;
			break;
		}
	if (found) {
		tx_apply(store, found, error);
		send_rest(store);
	}
	mhsm_mutex_unlock(&store->lock);
	mhsm_mutex_unlock(&store->domain->lock);
	if (!found)
		return -ENOENT;
	if (!error && found->after)
		found->after(found);
	tx_finish(store, found);
	return 0;
}

void mhsm_store_resend(struct mhsm_store *store)
{
	struct mhsm_tx *tx;

	mhsm_mutex_lock(&store->lock);
	WRITE_ONCE(store->attached, true);
	list_for_each_entry(tx, &store->pending, node)
		tx->sent = false;
	send_rest(store);
	mhsm_mutex_unlock(&store->lock);
	wake_up_all(&store->wait);
}

void mhsm_store_detached(struct mhsm_store *store)
{
	WRITE_ONCE(store->attached, false);
	wake_up_all(&store->wait);
}

void mhsm_store_abandon(struct mhsm_store *store)
{
	struct mhsm_tx *tx, *next;

	mhsm_mutex_assert_held(&store->domain->lock);
	mhsm_mutex_lock(&store->lock);
	list_for_each_entry_safe(tx, next, &store->pending, node) {
		tx_apply(store, tx, -ETIMEDOUT);
		tx_finish(store, tx);
	}
	mhsm_mutex_unlock(&store->lock);
}

struct mhsm_store *mhsm_store_new(struct mhsm_domain *domain)
{
	struct mhsm_store *store = kzalloc(sizeof(*store), GFP_KERNEL);

	if (!store)
		return ERR_PTR(-ENOMEM);
	store->domain = domain;
	mhsm_mutex_init(&store->lock);
	INIT_LIST_HEAD(&store->pending);
	init_waitqueue_head(&store->wait);
	store->next_id = 1;
	return store;
}

void mhsm_store_free(struct mhsm_store *store)
{
	WARN_ON(!list_empty(&store->pending));
	kfree(store);
}
