// SPDX-License-Identifier: GPL-2.0-only
/* Key objects: see key.h */
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kmod/key.h"
#include "kmod/mech.h"

bool mhsm_name_valid(const char *name, size_t len)
{
	size_t i;

	if (!len || len > MHSM_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!((name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'z') ||
		      (name[i] >= 'A' && name[i] <= 'Z') || name[i] == '-'))
			return false;
	return true;
}

static void key_unused(struct percpu_ref *usable)
{
	complete_all(&container_of(usable, struct mhsm_key, usable)->unused);
}

struct mhsm_key *mhsm_key_new(struct mhsm_domain *domain, const char *name, size_t name_len)
{
	struct mhsm_key *key = kzalloc(struct_size(key, name, name_len + 1), GFP_KERNEL);
	int ret;

	if (!key)
		return ERR_PTR(-ENOMEM);
	ret = percpu_ref_init(&key->usable, key_unused, 0, GFP_KERNEL);
	if (ret) {
		kfree(key);
		return ERR_PTR(ret);
	}
	kref_init(&key->ref);
	init_completion(&key->unused);
	mhsm_mutex_init(&key->lock);
	INIT_LIST_HEAD(&key->consumers);
	mhsm_quota_init(&key->quota);
	key->domain = domain;
	key->name_len = name_len;
	memcpy(key->name, name, name_len);
	return key;
}

/* What is left once nobody uses the secret any more */
static void key_wipe(struct mhsm_key *key)
{
	mhsm_mutex_lock(&key->lock);
	if (key->secret.data && key->mech && key->mech->unprepare)
		key->mech->unprepare(key);
	mhsm_secret_free(&key->secret);
	mhsm_mutex_unlock(&key->lock);
}

static void key_release(struct kref *ref)
{
	struct mhsm_key *key = container_of(ref, struct mhsm_key, ref);

	/* Every user and every consumer has a reference: there is none. */
	WARN_ON(!list_empty(&key->consumers));
	key_wipe(key);
	percpu_ref_exit(&key->usable);
	mhsm_quota_free(&key->quota);
	kfree(key->public);
	/* The name table is walked under RCU. */
	kfree_rcu(key, rcu);
}

void mhsm_key_put(struct mhsm_key *key)
{
	if (key)
		kref_put(&key->ref, key_release);
}

/* Must hold key->lock */
static void key_stop_consumers(struct mhsm_key *key)
{
	struct mhsm_consumer *consumer;

	mhsm_mutex_assert_held(&key->lock);
	list_for_each_entry(consumer, &key->consumers, node)
		if (consumer->stop && !consumer->revoked)
			consumer->stop(consumer);
}

void mhsm_key_kill_start(struct mhsm_key *key)
{
	mhsm_mutex_lock(&key->lock);
	if (key->dead)
		goto unlock;
	key->dead = true;
	percpu_ref_kill(&key->usable);
	/* Consumers do not come back: dead is set. */
	key_stop_consumers(key);
unlock:
	mhsm_mutex_unlock(&key->lock);
}

/* Must hold key->lock; those concerned were stopped. One that leaves meanwhile waits for the lock in detach. */
static void key_revoke_consumers(struct mhsm_key *key)
{
	struct mhsm_consumer *consumer;

	mhsm_mutex_assert_held(&key->lock);
	list_for_each_entry(consumer, &key->consumers, node) {
		if (consumer->revoked)
			continue;
		consumer->revoked = true;
		consumer->revoke(consumer);
	}
}

void mhsm_key_kill(struct mhsm_key *key)
{
	mhsm_key_kill_start(key);
	mhsm_mutex_lock(&key->lock);
	key_revoke_consumers(key);
	mhsm_mutex_unlock(&key->lock);
	wait_for_completion(&key->unused);
	key_wipe(key);
}

void mhsm_key_revoke_live(struct mhsm_key *key)
{
	mhsm_mutex_lock(&key->lock);
	key_stop_consumers(key);
	key_revoke_consumers(key);
	mhsm_mutex_unlock(&key->lock);
}

void mhsm_key_tell_changed(struct mhsm_key *key)
{
	struct mhsm_consumer *consumer;

	mhsm_mutex_lock(&key->lock);
	list_for_each_entry(consumer, &key->consumers, node)
		if (!consumer->revoked && consumer->changed)
			consumer->changed(consumer);
	mhsm_mutex_unlock(&key->lock);
}

int mhsm_key_live(const struct mhsm_key *key)
{
	if (!(READ_ONCE(key->flags) & MHSM_KEY_REVOKE_LIVE))
		return 0;
	if (!mhsm_key_in_service(key))
		return -EKEYREVOKED;
	return mhsm_key_in_window(key) ? 0 : -EKEYEXPIRED;
}

int mhsm_key_open(struct mhsm_key *key)
{
	int ret;

	mhsm_mutex_lock(&key->lock);
	ret = key->dead ? -EKEYREVOKED : mhsm_quota_open(&key->quota);
	if (!ret && !key->opens && key->mech->prepare)
		ret = key->mech->prepare(key);
	if (!ret)
		key->opens++;
	mhsm_mutex_unlock(&key->lock);
	return ret;
}

void mhsm_key_close(struct mhsm_key *key)
{
	mhsm_mutex_lock(&key->lock);
	/* A killed key was unprepared by its killer. */
	if (!--key->opens && !key->dead && key->mech->unprepare)
		key->mech->unprepare(key);
	mhsm_mutex_unlock(&key->lock);
}

int mhsm_key_set_public(struct mhsm_key *key, const u8 *public, size_t len)
{
	u8 *copy = NULL;

	if (len > MHSM_PUBLIC_MAX)
		return -EINVAL;
	if (len) {
		copy = kmemdup(public, len, GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	kfree(key->public);
	key->public = copy;
	key->public_len = len;
	return 0;
}

void mhsm_key_info(struct mhsm_key *key, struct mhsm_key_info *info)
{
	memset(info, 0, sizeof(*info));
	info->serial = key->serial;
	memcpy(info->id, key->id, sizeof(info->id));
	memcpy(info->version, key->version, sizeof(info->version));
	info->type = key->type;
	info->param = key->param;
	info->ops = key->ops;
	info->flags = READ_ONCE(key->flags);
	info->state = READ_ONCE(key->state);
	info->owner_kind = key->owner_kind;
	info->owner = key->owner;
	info->generation = READ_ONCE(key->generation);
	info->created = key->created;
	info->updated = READ_ONCE(key->updated);
	info->not_before = READ_ONCE(key->not_before);
	info->expires = READ_ONCE(key->expires);
	info->deleted = READ_ONCE(key->deleted);
	info->public_len = key->public_len;
	if (key->public_len)
		memcpy(info->pub, key->public, key->public_len);
	memcpy(info->name, key->name, key->name_len);
	info->use_limit = key->quota.use_limit;
	info->uses = mhsm_quota_used(&key->quota, MHSM_QUOTA_USES);
	info->gcm_uses = mhsm_quota_used(&key->quota, MHSM_QUOTA_GCM);
}

int mhsm_key_attach(struct mhsm_key *key, struct mhsm_consumer *consumer)
{
	int ret;

	mhsm_mutex_lock(&key->lock);
	consumer->revoked = false;
	/* Looked at under the lock: a change that is made meanwhile finds the consumer, or is found here. */
	ret = key->dead ? -EKEYREVOKED : mhsm_key_live(key);
	if (!ret)
		list_add(&consumer->node, &key->consumers);
	mhsm_mutex_unlock(&key->lock);
	return ret;
}

void mhsm_key_detach(struct mhsm_key *key, struct mhsm_consumer *consumer)
{
	mhsm_mutex_lock(&key->lock);
	list_del(&consumer->node);
	mhsm_mutex_unlock(&key->lock);
}
