/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key objects. Two counts: `usable` (percpu) counts those who are using the secret at this moment; when a key is killed
 * it ends, and the secret is wiped then. `ref` counts who may look at the object; the memory goes after the last one.
 */
#ifndef _MHSM_KEY_H
#define _MHSM_KEY_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/percpu-refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/timekeeping.h>

#include "kmod/mutex.h"
#include "kmod/quota.h"
#include "kmod/secret.h"
#include "uapi/mhsm.h"

struct mhsm_domain;
struct mhsm_mech;
struct mhsm_aes;

/* One who holds something derived from a key for long (a live cipher), to be told when the key is revoked. */
struct mhsm_consumer {
	struct list_head node; /* in key->consumers, under key->lock */
	/*
	 * Both are called in process context under key->lock, at most once per attach. stop (NULL: nothing to stop): no
	 * request with the derived key begins any more; does not wait, so that many consumers can share a grace period.
	 * revoke, after it, may sleep: no such request runs when it returns, and the derived key is overwritten. The
	 * consumer stays in the list until it removes itself.
	 */
	void (*stop)(struct mhsm_consumer *consumer);
	void (*revoke)(struct mhsm_consumer *consumer);
	/* The key's time window or flags are others now: called under key->lock, does not wait. NULL: no matter */
	void (*changed)(struct mhsm_consumer *consumer);
	bool revoked; /* under key->lock */
};

struct mhsm_key {
	struct kref ref;
	struct rcu_head rcu;
	struct percpu_ref usable;
	struct completion unused; /* `usable` has ended */
	struct mhsm_domain *domain;
	const struct mhsm_mech *mech;

	/* keytab's, under its lock */
	struct rhlist_head by_name;
	struct rhash_head by_id;
	u64 serial; /* place in listings, fixed once in the table */
	bool in_table;
	bool published; /* found by lookups; read with acquire */

	/* fixed before the key is published */
	u8 id[MHSM_ID_LEN];
	u8 version[MHSM_VERSION_LEN];
	u32 type;
	u32 param;
	u32 ops;
	u32 owner_kind;
	u32 owner;
	u64 created;
	u8 *public; /* as in struct mhsm_key_info */
	u32 public_len;

	/* changed under domain->change_lock, read with READ_ONCE */
	u32 flags;
	u32 state;
	u64 generation;
	u64 updated;
	u64 not_before;
	u64 expires;
	u64 deleted;
	bool changing; /* a change is on its way to the store, perhaps without a caller that waits for it */

	struct mhsm_quota quota; /* reserving: under domain->change_lock */

	struct mhsm_secret secret; /* while `usable` lives */

	struct mhsm_mutex lock; /* what follows */
	unsigned int opens;
	struct mhsm_aes *aes; /* expanded AES key, while somebody has the key open */
	struct list_head consumers;
	bool dead;

	u8 name_len;
	char name[]; /* NUL-terminated */
};

/** mhsm_key_new() - an empty key, one reference, usable. @name_len 0..MHSM_NAME_MAX. ERR_PTR(-ENOMEM) */
struct mhsm_key *mhsm_key_new(struct mhsm_domain *domain, const char *name, size_t name_len);

static inline struct mhsm_key *mhsm_key_get(struct mhsm_key *key)
{
	kref_get(&key->ref);
	return key;
}

/** mhsm_key_put() - NULL allowed. May sleep. The last put wipes a key that was never killed. */
void mhsm_key_put(struct mhsm_key *key);

/**
 * mhsm_key_use() - begins a use of the secret; false if the key was killed. Ends with mhsm_key_unuse(). A use is short:
 * one operation, never a user's think time.
 */
static inline bool mhsm_key_use(struct mhsm_key *key)
{
	return percpu_ref_tryget_live(&key->usable);
}

static inline void mhsm_key_unuse(struct mhsm_key *key)
{
	percpu_ref_put(&key->usable);
}

/**
 * mhsm_key_kill() - ends the key for ever: revokes its consumers, waits for uses to end, wipes the secret. Idempotent;
 * every caller returns only when it is done. May sleep.
 */
void mhsm_key_kill(struct mhsm_key *key);

/**
 * mhsm_key_kill_start() - its first half, so that many keys can share the wait: no use and no request of a consumer begins
 * any more. mhsm_key_kill() must follow.
 */
void mhsm_key_kill_start(struct mhsm_key *key);

/** mhsm_key_in_service() - it is neither disabled nor deleted */
static inline bool mhsm_key_in_service(const struct mhsm_key *key)
{
	return READ_ONCE(key->state) == MHSM_KEYSTATE_ACTIVE && READ_ONCE(key->flags) & MHSM_KEY_ENABLED;
}

/** mhsm_key_in_window() - its not-before date has come, and its expiry has not */
static inline bool mhsm_key_in_window(const struct mhsm_key *key)
{
	u64 not_before = READ_ONCE(key->not_before), expires = READ_ONCE(key->expires), now;

	if (!not_before && !expires)
		return true;
	now = ktime_get_real_seconds();
	return now >= not_before && (!expires || now < expires);
}

/* Operations that stay possible outside the key's time window */
#define MHSM_KEY_OPS_ANYTIME (MHSM_OP_DECRYPT | MHSM_OP_UNWRAP | MHSM_OP_VERIFY)

/**
 * mhsm_key_check() - may this key do @op (one MHSM_OP_* bit) now? 0, -EKEYREVOKED (disabled, deleted), -EKEYEXPIRED
 * (outside the window, where only decrypt, unwrap and verify are allowed), -EPERM (not among its operations)
 */
static inline int mhsm_key_check(const struct mhsm_key *key, u32 op)
{
	if (!mhsm_key_in_service(key))
		return -EKEYREVOKED;
	if (!(key->ops & op))
		return -EPERM;
	return op & MHSM_KEY_OPS_ANYTIME || mhsm_key_in_window(key) ? 0 : -EKEYEXPIRED;
}

/**
 * mhsm_key_live() - may ciphers live that were made with this key? 0; of a key with MHSM_KEY_REVOKE_LIVE -EKEYREVOKED when it
 * is disabled or deleted, -EKEYEXPIRED outside its window
 */
int mhsm_key_live(const struct mhsm_key *key);

/** mhsm_key_revoke_live() - revokes the consumers there are; the key stays, and can have others. May sleep. */
void mhsm_key_revoke_live(struct mhsm_key *key);

/** mhsm_key_open() - counts an opener and prepares the key's mechanism; -EKEYREVOKED, -ENOMEM. Ends with _close(). */
int mhsm_key_open(struct mhsm_key *key);
void mhsm_key_close(struct mhsm_key *key);

/** mhsm_key_set_public() - gives a key that is not published yet a copy of its public half; -EINVAL, -ENOMEM */
int mhsm_key_set_public(struct mhsm_key *key, const u8 *public, size_t len);

/** mhsm_key_info() - what is public of @key, for INFO and listings */
void mhsm_key_info(struct mhsm_key *key, struct mhsm_key_info *info);

/** mhsm_key_tell_changed() - tells the consumers that are not revoked */
void mhsm_key_tell_changed(struct mhsm_key *key);

/** mhsm_key_attach() - adds a consumer; -EKEYREVOKED if the key was killed, mhsm_key_live(). It must hold a reference. */
int mhsm_key_attach(struct mhsm_key *key, struct mhsm_consumer *consumer);
/** mhsm_key_detach() - removes it; when this returns, none of its functions is running nor will be called */
void mhsm_key_detach(struct mhsm_key *key, struct mhsm_consumer *consumer);

/** mhsm_name_valid() - ^[0-9a-zA-Z-]{1,127}$ */
bool mhsm_name_valid(const char *name, size_t len);

#endif
