// SPDX-License-Identifier: GPL-2.0-only
/* The table of keys: see keytab.h */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/keytab.h"

static u32 name_hash(const void *data, u32 len, u32 seed)
{
	const char *name = data;

	return jhash(name, strlen(name), seed);
}

static u32 key_hash(const void *data, u32 len, u32 seed)
{
	const struct mhsm_key *key = data;

	return jhash(key->name, key->name_len, seed);
}

static int name_compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	return strcmp(arg->key, ((const struct mhsm_key *)obj)->name);
}

static const struct rhashtable_params name_params = {
	.head_offset = offsetof(struct mhsm_key, by_name),
	.key_offset = offsetof(struct mhsm_key, name), /* by which an insertion finds the other versions */
	.hashfn = name_hash,
	.obj_hashfn = key_hash,
	.obj_cmpfn = name_compare,
	.automatic_shrinking = true,
};

static int id_compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	return memcmp(arg->key, ((const struct mhsm_key *)obj)->id, MHSM_ID_LEN);
}

static const struct rhashtable_params id_params = {
	.head_offset = offsetof(struct mhsm_key, by_id),
	.key_offset = offsetof(struct mhsm_key, id),
	.key_len = MHSM_ID_LEN,
	.obj_cmpfn = id_compare,
	.automatic_shrinking = true,
};

int mhsm_keytab_init(struct mhsm_keytab *tab)
{
	int ret = rhltable_init(&tab->by_name, &name_params);

	if (ret)
		return ret;
	ret = rhashtable_init(&tab->by_id, &id_params);
	if (ret) {
		rhltable_destroy(&tab->by_name);
		return ret;
	}
	xa_init(&tab->by_serial);
	mhsm_mutex_init(&tab->lock);
	tab->next_serial = 1;
	return 0;
}

void mhsm_keytab_exit(struct mhsm_keytab *tab)
{
	WARN_ON(!xa_empty(&tab->by_serial));
	xa_destroy(&tab->by_serial);
	rhashtable_destroy(&tab->by_id);
	rhltable_destroy(&tab->by_name);
}

/* How many there are of a name, visible or not. Must hold tab->lock. */
static unsigned int name_versions(struct mhsm_keytab *tab, const char *name)
{
	struct rhlist_head *pos;
	unsigned int n = 0;

	rcu_read_lock();
	for (pos = rhltable_lookup(&tab->by_name, name, name_params); pos; pos = rcu_dereference(pos->next))
		n++;
	rcu_read_unlock();
	return n;
}

/* Is the name free for one more version? Must hold tab->lock. */
static int name_admits(struct mhsm_keytab *tab, const struct mhsm_key *new, bool new_version)
{
	struct rhlist_head *list, *pos;
	unsigned int versions = 0;
	struct mhsm_key *key;
	int ret = 0;

	rcu_read_lock();
	list = rhltable_lookup(&tab->by_name, new->name, name_params);
	rhl_for_each_entry_rcu(key, pos, list, by_name) {
		versions++;
		if (key->owner_kind != new->owner_kind || key->owner != new->owner)
			ret = -EACCES; /* whose name it is decides on its versions */
		if (!new_version || key->state != MHSM_KEYSTATE_ACTIVE || !key->published)
			ret = -EEXIST;
		else if (READ_ONCE(key->changing) && !ret)
			ret = -EBUSY;
	}
	rcu_read_unlock();
	if (!ret && versions >= MHSM_VERSIONS_MAX)
		ret = -ENOSPC;
	return ret;
}

/* Links @key, not yet visible. Must hold tab->lock. */
static int link_key(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	int ret;

	mhsm_mutex_assert_held(&tab->lock);
	key->published = false;
	key->serial = tab->next_serial++;
	/* The plain insertion would not look for another key with this id. */
	ret = rhashtable_lookup_insert_fast(&tab->by_id, &key->by_id, id_params);
	if (ret)
		return ret;
	ret = rhltable_insert(&tab->by_name, &key->by_name, name_params);
	if (ret)
		goto remove_id;
	ret = xa_err(xa_store(&tab->by_serial, key->serial, key, GFP_KERNEL));
	if (ret)
		goto remove_name;
	key->in_table = true;
	mhsm_key_get(key);
	return 0;
remove_name:
	rhltable_remove(&tab->by_name, &key->by_name, name_params);
remove_id:
	rhashtable_remove_fast(&tab->by_id, &key->by_id, id_params);
	return ret;
}

int mhsm_keytab_reserve(struct mhsm_keytab *tab, struct mhsm_key *key, bool new_version)
{
	int ret;

	mhsm_mutex_lock(&tab->lock);
	ret = name_admits(tab, key, new_version);
	if (!ret)
		ret = link_key(tab, key);
	mhsm_mutex_unlock(&tab->lock);
	return ret;
}

/* Must hold tab->lock. */
static void publish(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	WRITE_ONCE(tab->count, tab->count + 1);
	/* Pairs with the acquire in found(): who sees the key sees it whole. */
	smp_store_release(&key->published, true);
}

int mhsm_keytab_load(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	int ret;

	mhsm_mutex_lock(&tab->lock);
	ret = name_versions(tab, key->name) < MHSM_VERSIONS_MAX ? link_key(tab, key) : -ENOSPC;
	if (!ret)
		publish(tab, key);
	mhsm_mutex_unlock(&tab->lock);
	return ret;
}

int mhsm_keytab_add_session(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	int ret;

	mhsm_mutex_lock(&tab->lock);
	key->serial = tab->next_serial++;
	ret = xa_err(xa_store(&tab->by_serial, key->serial, key, GFP_KERNEL));
	if (!ret) {
		key->in_table = true;
		mhsm_key_get(key);
	}
	mhsm_mutex_unlock(&tab->lock);
	return ret;
}

void mhsm_keytab_publish(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	mhsm_mutex_lock(&tab->lock);
	if (key->in_table && !key->published)
		publish(tab, key);
	mhsm_mutex_unlock(&tab->lock);
}

/* Must hold tab->lock. The caller inherits the table's reference. */
static void unlink_key(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	mhsm_mutex_assert_held(&tab->lock);
	xa_erase(&tab->by_serial, key->serial);
	if (!(key->flags & MHSM_KEY_SESSION)) {
		rhltable_remove(&tab->by_name, &key->by_name, name_params);
		rhashtable_remove_fast(&tab->by_id, &key->by_id, id_params);
	}
	key->in_table = false;
	if (key->published)
		WRITE_ONCE(tab->count, tab->count - 1);
	WRITE_ONCE(key->published, false);
}

void mhsm_keytab_remove(struct mhsm_keytab *tab, struct mhsm_key *key)
{
	bool was;

	mhsm_mutex_lock(&tab->lock);
	was = key->in_table;
	if (was)
		unlink_key(tab, key);
	mhsm_mutex_unlock(&tab->lock);
	if (was)
		mhsm_key_put(key);
}

struct mhsm_key *mhsm_keytab_take(struct mhsm_keytab *tab)
{
	unsigned long index = 0;
	struct mhsm_key *key;

	mhsm_mutex_lock(&tab->lock);
	key = xa_find(&tab->by_serial, &index, ULONG_MAX, XA_PRESENT);
	if (key)
		unlink_key(tab, key);
	mhsm_mutex_unlock(&tab->lock);
	return key;
}

/* Under RCU: a key that lookups may return, with a reference, or NULL */
static struct mhsm_key *found(struct mhsm_key *key)
{
	return key && smp_load_acquire(&key->published) && kref_get_unless_zero(&key->ref) ? key : NULL;
}

struct mhsm_key *mhsm_keytab_find(struct mhsm_keytab *tab, const char *name, const u8 *version)
{
	static const u8 zero[MHSM_VERSION_LEN];
	bool latest = !version || !memcmp(version, zero, sizeof(zero));
	struct mhsm_key *key, *best = NULL;
	struct rhlist_head *list, *pos;

	rcu_read_lock();
	list = rhltable_lookup(&tab->by_name, name, name_params);
	rhl_for_each_entry_rcu(key, pos, list, by_name) {
		if (!smp_load_acquire(&key->published))
			continue;
		/* Keys are loaded in the order of the store, so the newest is that created last, and then last seen. */
		if (latest ? !best || key->created > best->created ||
				     (key->created == best->created && key->serial > best->serial) :
			     !memcmp(key->version, version, MHSM_VERSION_LEN))
			best = key;
	}
	best = found(best);
	rcu_read_unlock();
	return best;
}

struct mhsm_key *mhsm_keytab_find_id(struct mhsm_keytab *tab, const u8 id[MHSM_ID_LEN])
{
	struct mhsm_key *key;

	rcu_read_lock();
	key = found(rhashtable_lookup(&tab->by_id, id, id_params));
	rcu_read_unlock();
	return key;
}

unsigned int mhsm_keytab_versions(struct mhsm_keytab *tab, const char *name, struct mhsm_key **keys, unsigned int max)
{
	struct rhlist_head *list, *pos;
	unsigned int n = 0;
	struct mhsm_key *key;

	rcu_read_lock();
	list = rhltable_lookup(&tab->by_name, name, name_params);
	rhl_for_each_entry_rcu(key, pos, list, by_name)
		if (n < max && found(key))
			keys[n++] = key;
	rcu_read_unlock();
	return n;
}

struct mhsm_key *mhsm_keytab_next_version(struct mhsm_keytab *tab, const char *name, u64 *serial)
{
	struct rhlist_head *list, *pos;
	struct mhsm_key *key, *next;

	rcu_read_lock();
	list = rhltable_lookup(&tab->by_name, name, name_params);
	do {
		next = NULL;
		rhl_for_each_entry_rcu(key, pos, list, by_name)
			if (key->serial > *serial && (!next || key->serial < next->serial))
				next = key;
		if (next)
			*serial = next->serial;
	} while (next && !found(next));
	rcu_read_unlock();
	return next;
}

struct mhsm_key *mhsm_keytab_next(struct mhsm_keytab *tab, u64 *serial, bool hidden)
{
	unsigned long index = *serial;
	struct mhsm_key *key;

	rcu_read_lock();
	while ((key = xa_find_after(&tab->by_serial, &index, ULONG_MAX, XA_PRESENT)))
		if (hidden ? kref_get_unless_zero(&key->ref) : !!found(key))
			break;
	rcu_read_unlock();
	if (key)
		*serial = index;
	return key;
}
