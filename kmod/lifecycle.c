// SPDX-License-Identifier: GPL-2.0-only
/* The life of keys: see lifecycle.h */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "kmod/domain.h"
#include "kmod/lifecycle.h"
#include "kmod/mech.h"
#include "kmod/prim.h"
#include "kmod/seal.h"
#include "kmod/store.h"

#define STORED_FLAGS                                                                                                   \
	(MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS | MHSM_KEY_IMPORTED | MHSM_KEY_RELEASE | MHSM_KEY_REVOKE_LIVE)

/* The key as a record, to be changed and sealed */
static void key_to_record(struct mhsm_key *key, struct mhsm_record *r)
{
	*r = (struct mhsm_record){
		.kind = MHSM_RECORD_KEY,
		.state = key->state,
		.generation = key->generation,
		.created = key->created,
		.updated = key->updated,
		.not_before = key->not_before,
		.expires = key->expires,
		.deleted = key->deleted,
		.type = key->type,
		.param = key->param,
		.ops = key->ops,
		.flags = key->flags & STORED_FLAGS,
		.owner_kind = key->owner_kind,
		.owner = key->owner,
		.secret_len = key->secret.len,
		.public_len = key->public_len,
		.name_len = key->name_len,
		.use_limit = key->quota.use_limit,
		.uses = mhsm_quota_reserved(&key->quota, MHSM_QUOTA_USES),
		.gcm_uses = mhsm_quota_reserved(&key->quota, MHSM_QUOTA_GCM),
		.name = key->name,
		.public = key->public,
	};
	memcpy(r->id, key->id, MHSM_ID_LEN);
	memcpy(r->version, key->version, MHSM_VERSION_LEN);
}

/* The part of a key that a change can change. Must hold domain->lock. */
static void key_take_changes(struct mhsm_key *key, const struct mhsm_record *r)
{
	mhsm_mutex_assert_held(&key->domain->lock);
	WRITE_ONCE(key->flags, (key->flags & ~STORED_FLAGS) | r->flags);
	WRITE_ONCE(key->state, r->state);
	WRITE_ONCE(key->generation, r->generation);
	WRITE_ONCE(key->updated, r->updated);
	WRITE_ONCE(key->not_before, r->not_before);
	WRITE_ONCE(key->expires, r->expires);
	WRITE_ONCE(key->deleted, r->deleted);
}

/* Seals item->after for item->key. */
static int item_seal(struct mhsm_domain *domain, struct mhsm_tx_item *item)
{
	struct mhsm_key *key = item->key;
	int ret;

	item->record_len = mhsm_record_len(&item->after);
	item->record = kvmalloc(item->record_len, GFP_KERNEL);
	if (!item->record)
		return -ENOMEM;
	mhsm_mutex_lock(&domain->lock);
	ret = mhsm_domain_state_errno(domain);
	if (!ret && !mhsm_key_use(key))
		ret = -EKEYREVOKED;
	if (!ret) {
		/* The id that belongs to the root which seals: the domain may have changed since. */
		memcpy(item->after.domain, domain->id, MHSM_ID_LEN);
		ret = mhsm_seal_make(domain->seal.data, &item->after, key->secret.data, item->record);
		mhsm_key_unuse(key);
	}
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

/* Does the key encrypt with AES-GCM? */
static bool does_gcm(const struct mhsm_key *key)
{
	return key->type == MHSM_KEY_AES && key->ops & MHSM_OP_ENCRYPT;
}

/* --- creation ------------------------------------------------------------------------------------------------- */

static int spec_check(const struct mhsm_key_spec *spec, const struct mhsm_mech **mech)
{
	u32 known = MHSM_KEY_ENABLED | MHSM_KEY_SESSION | MHSM_KEY_CONSUMERS | MHSM_KEY_NEW_VERSION |
		    MHSM_KEY_RELEASE | MHSM_KEY_REVOKE_LIVE;

	if (spec->flags & ~known || (spec->flags & MHSM_KEY_SESSION && spec->flags & MHSM_KEY_NEW_VERSION))
		return -EINVAL;
	if (spec->name_len ? !mhsm_name_valid(spec->name, spec->name_len) : !(spec->flags & MHSM_KEY_SESSION))
		return -EINVAL;
	if (spec->expires && spec->expires <= spec->not_before)
		return -EINVAL;
	/* What redeems tokens cannot wait for the store, which a limit's next block needs. */
	if (spec->use_limit > S64_MAX || (spec->use_limit && spec->flags & MHSM_KEY_CONSUMERS))
		return -EINVAL;
	*mech = mhsm_mech_find(spec->type, spec->param);
	if (!*mech)
		return -EOPNOTSUPP;
	if (spec->ops & ~(*mech)->ops)
		return -EINVAL;
	if (spec->material && !(*mech)->import)
		return -EOPNOTSUPP;
	return 0;
}

static struct mhsm_key *key_make(struct mhsm_domain *domain, const struct mhsm_subject *who,
				 const struct mhsm_key_spec *spec, const struct mhsm_mech *mech)
{
	struct mhsm_key *key = mhsm_key_new(domain, spec->name, spec->name_len);
	int ret;

	if (IS_ERR(key))
		return key;
	key->mech = mech;
	key->type = spec->type;
	key->param = spec->param;
	key->ops = spec->ops ? spec->ops : mech->default_ops;
	key->flags = spec->flags & ~MHSM_KEY_NEW_VERSION;
	key->state = MHSM_KEYSTATE_ACTIVE;
	key->owner_kind = who->kind;
	key->owner = who->principal;
	key->generation = 1;
	key->created = ktime_get_real_seconds();
	key->updated = key->created;
	key->not_before = spec->not_before;
	key->expires = spec->expires;
	mhsm_quota_create(&key->quota, spec->use_limit, does_gcm(key), !(spec->flags & MHSM_KEY_SESSION));
	ret = mhsm_prim_random(key->id, sizeof(key->id));
	if (!ret)
		ret = mhsm_prim_random(key->version, sizeof(key->version));
	if (!ret)
		ret = mhsm_secret_alloc(&key->secret, mech->secret_len(spec->param));
	if (!ret && spec->material && !spec->derived)
		key->flags |= MHSM_KEY_IMPORTED;
	if (!ret)
		ret = spec->material ? mech->import(key, spec->material, spec->material_len) : mech->generate(key);
	if (!ret)
		return key;
	mhsm_key_put(key);
	return ERR_PTR(ret);
}

static void create_apply(struct mhsm_tx *tx, int error)
{
	struct mhsm_key *key = mhsm_tx_item(tx, 0)->key;

	if (error)
		mhsm_keytab_remove(&key->domain->keys, key);
	else
		mhsm_keytab_publish(&key->domain->keys, key);
}

static int key_store(struct mhsm_domain *domain, struct mhsm_key *key, bool new_version)
{
	struct mhsm_tx_item *item;
	struct mhsm_tx *tx;
	int ret;

	tx = mhsm_tx_new(domain, 1, create_apply);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	item = mhsm_tx_add(tx, key);
	key_to_record(key, &item->after);
	ret = mhsm_keytab_reserve(&domain->keys, key, new_version);
	if (ret)
		goto put_tx;
	ret = item_seal(domain, item);
	if (ret) {
		mhsm_keytab_remove(&domain->keys, key);
		goto put_tx;
	}
	ret = mhsm_tx_commit(tx);
put_tx:
	mhsm_tx_put(tx);
	return ret;
}

/* A name's newest version is the one created last, also within one second and after a restart. */
static void created_after(struct mhsm_domain *domain, struct mhsm_key *key)
{
	struct mhsm_key *newest = mhsm_keytab_find(&domain->keys, key->name, NULL);

	if (newest && key->created <= newest->created) {
		key->created = newest->created + 1;
		key->updated = key->created;
	}
	mhsm_key_put(newest);
}

static int session_add(struct mhsm_domain *domain, struct mhsm_key *key)
{
	int ret;

	mhsm_mutex_lock(&domain->lock);
	/* Under the lock, so that an HSM that is being locked finds the key and kills it. */
	ret = mhsm_domain_state_errno(domain);
	if (!ret)
		ret = mhsm_keytab_add_session(&domain->keys, key);
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

int mhsm_lifecycle_create(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key_spec *spec,
			  struct mhsm_key **ret)
{
	const struct mhsm_mech *mech;
	struct mhsm_key *key;
	int err;

	err = spec_check(spec, &mech);
	if (err)
		return err;
	key = key_make(domain, who, spec, mech);
	if (IS_ERR(key))
		return PTR_ERR(key);
	err = spec->made ? spec->made(key, spec->context) : 0;
	if (err) {
		mhsm_key_put(key);
		return err;
	}
	if (spec->flags & MHSM_KEY_SESSION) {
		err = session_add(domain, key);
	} else if (spec->flags & MHSM_KEY_NEW_VERSION) {
		err = mutex_lock_killable(&domain->change_lock);
		if (!err) {
			created_after(domain, key);
			err = key_store(domain, key, true);
			mutex_unlock(&domain->change_lock);
		}
	} else {
		err = key_store(domain, key, false);
	}
	if (err)
		mhsm_key_put(key);
	else
		*ret = key;
	return err;
}

/* --- changes -------------------------------------------------------------------------------------------------- */

static void set_changing(struct mhsm_tx *tx, bool changing)
{
	unsigned int i;

	for (i = 0; i < mhsm_tx_count(tx); i++)
		smp_store_release(&mhsm_tx_item(tx, i)->key->changing, changing);
}

/* Commits @tx, unless preparing it failed with @ret, and puts it; the result of both */
static int tx_end(struct mhsm_tx *tx, int ret)
{
	if (!ret) {
		set_changing(tx, true);
		ret = mhsm_tx_commit(tx);
	}
	mhsm_tx_put(tx);
	return ret;
}

static void change_apply(struct mhsm_tx *tx, int error)
{
	unsigned int i;

	set_changing(tx, false);
	for (i = 0; !error && i < mhsm_tx_count(tx); i++)
		key_take_changes(mhsm_tx_item(tx, i)->key, &mhsm_tx_item(tx, i)->after);
}

/* A change that ended a key's service ends its live ciphers, where the key says so. */
static void change_after(struct mhsm_tx *tx)
{
	struct mhsm_key *key;
	unsigned int i;

	for (i = 0; i < mhsm_tx_count(tx); i++) {
		key = mhsm_tx_item(tx, i)->key;
		if (mhsm_key_live(key))
			mhsm_key_revoke_live(key);
		else
			mhsm_key_tell_changed(key);
	}
}

static void purge_apply(struct mhsm_tx *tx, int error)
{
	unsigned int i;

	set_changing(tx, false);
	for (i = 0; !error && i < mhsm_tx_count(tx); i++)
		mhsm_keytab_remove(&mhsm_tx_domain(tx)->keys, mhsm_tx_item(tx, i)->key);
}

static void purge_after(struct mhsm_tx *tx)
{
	unsigned int i;

	for (i = 0; i < mhsm_tx_count(tx); i++)
		mhsm_key_kill_start(mhsm_tx_item(tx, i)->key);
	for (i = 0; i < mhsm_tx_count(tx); i++)
		mhsm_key_kill(mhsm_tx_item(tx, i)->key);
}

static int change_add(struct mhsm_tx *tx, struct mhsm_key *key, enum mhsm_change change)
{
	struct mhsm_tx_item *item;
	u64 now = ktime_get_real_seconds();

	/* A change that starts from a state that another is about to end would undo it in the store. */
	if (READ_ONCE(key->changing))
		return -EBUSY;
	item = mhsm_tx_add(tx, key);
	if (change == MHSM_CHANGE_PURGE)
		return 0;
	key_to_record(key, &item->after);
	item->after.generation++;
	item->after.updated = now;
	item->after.state = change == MHSM_CHANGE_DELETE ? MHSM_KEYSTATE_DELETED : MHSM_KEYSTATE_ACTIVE;
	item->after.deleted = change == MHSM_CHANGE_DELETE ? now : 0;
	return item_seal(mhsm_tx_domain(tx), item);
}

static int change_versions(struct mhsm_domain *domain, struct mhsm_key **keys, unsigned int n, enum mhsm_change change)
{
	u32 from = change == MHSM_CHANGE_DELETE ? MHSM_KEYSTATE_ACTIVE : MHSM_KEYSTATE_DELETED;
	bool purge = change == MHSM_CHANGE_PURGE;
	struct mhsm_tx *tx;
	unsigned int i;
	int ret = 0;

	tx = mhsm_tx_new(domain, n, purge ? purge_apply : change_apply);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	mhsm_tx_set_after(tx, purge ? purge_after : change_after);
	for (i = 0; !ret && i < n; i++)
		if (keys[i]->state == from)
			ret = change_add(tx, keys[i], change);
	if (!ret && !mhsm_tx_count(tx))
		ret = -ENOENT;
	return tx_end(tx, ret);
}

int mhsm_lifecycle_change(struct mhsm_domain *domain, const char *name, enum mhsm_change change)
{
	struct mhsm_key **keys;
	unsigned int n, i;
	int ret;

	keys = kcalloc(MHSM_VERSIONS_MAX, sizeof(*keys), GFP_KERNEL);
	if (!keys)
		return -ENOMEM;
	ret = mutex_lock_killable(&domain->change_lock);
	if (ret)
		goto free;
	n = mhsm_keytab_versions(&domain->keys, name, keys, MHSM_VERSIONS_MAX);
	ret = n ? change_versions(domain, keys, n, change) : -ENOENT;
	for (i = 0; i < n; i++)
		mhsm_key_put(keys[i]);
	mutex_unlock(&domain->change_lock);
free:
	kfree(keys);
	return ret;
}

/* What MHSM_UPDATE_* bits change of the flags */
static u32 flags_named(u32 what)
{
	return (what & MHSM_UPDATE_ENABLED ? MHSM_KEY_ENABLED : 0) |
	       (what & MHSM_UPDATE_CONSUMERS ? MHSM_KEY_CONSUMERS : 0) |
	       (what & MHSM_UPDATE_REVOKE_LIVE ? MHSM_KEY_REVOKE_LIVE : 0);
}

bool mhsm_lifecycle_update_valid(const struct mhsm_ioc_key_update *u)
{
	return !u->pad && u->what && !(u->what & ~MHSM_UPDATE_ALL) && !(u->flags & ~flags_named(u->what)) &&
	       (!u->not_before || u->what & MHSM_UPDATE_NOT_BEFORE) && (!u->expires || u->what & MHSM_UPDATE_EXPIRES);
}

static int update_record(struct mhsm_record *r, const struct mhsm_ioc_key_update *u)
{
	r->flags = (r->flags & ~flags_named(u->what)) | u->flags;
	if (u->what & MHSM_UPDATE_NOT_BEFORE)
		r->not_before = u->not_before;
	if (u->what & MHSM_UPDATE_EXPIRES)
		r->expires = u->expires;
	r->generation++;
	r->updated = ktime_get_real_seconds();
	if (r->expires && r->expires <= r->not_before)
		return -EINVAL;
	return r->use_limit && u->flags & MHSM_KEY_CONSUMERS ? -EINVAL : 0;
}

static int update_store(struct mhsm_key *key, const struct mhsm_ioc_key_update *u)
{
	struct mhsm_tx_item *item;
	struct mhsm_tx *tx;
	int ret;

	/* As in change_add(): it would undo what is on its way. */
	if (READ_ONCE(key->changing))
		return -EBUSY;
	if (key->state != MHSM_KEYSTATE_ACTIVE)
		return -ENOENT;
	tx = mhsm_tx_new(key->domain, 1, change_apply);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	mhsm_tx_set_after(tx, change_after);
	item = mhsm_tx_add(tx, key);
	key_to_record(key, &item->after);
	ret = update_record(&item->after, u);
	if (!ret)
		ret = item_seal(key->domain, item);
	return tx_end(tx, ret);
}

int mhsm_lifecycle_update(struct mhsm_key *key, const struct mhsm_ioc_key_update *u)
{
	struct mhsm_domain *domain = key->domain;
	struct mhsm_key *found;
	int ret;

	ret = mutex_lock_killable(&domain->change_lock);
	if (ret)
		return ret;
	/* It may have been purged since it was found; what is in the table under the lock was not. */
	found = mhsm_keytab_find(&domain->keys, key->name, key->version);
	ret = found == key ? update_store(key, u) : -ENOENT;
	mhsm_key_put(found);
	mutex_unlock(&domain->change_lock);
	return ret;
}

/* --- counting uses -------------------------------------------------------------------------------------------- */

static void reserve_apply(struct mhsm_tx *tx, int error)
{
	struct mhsm_tx_item *item = mhsm_tx_item(tx, 0);
	const u64 reserved[MHSM_QUOTA_KINDS] = {
		[MHSM_QUOTA_USES] = item->after.uses,
		[MHSM_QUOTA_GCM] = item->after.gcm_uses,
	};

	if (!error) {
		key_take_changes(item->key, &item->after);
		mhsm_quota_grant(&item->key->quota, reserved);
	}
	set_changing(tx, false);
}

/* Stores the key's record with @reserved in it. Must hold domain->change_lock. */
static int reserve_store(struct mhsm_key *key, const u64 reserved[MHSM_QUOTA_KINDS])
{
	struct mhsm_tx_item *item;
	struct mhsm_tx *tx;
	int ret;

	tx = mhsm_tx_new(key->domain, 1, reserve_apply);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	item = mhsm_tx_add(tx, key);
	key_to_record(key, &item->after);
	item->after.generation++;
	item->after.uses = reserved[MHSM_QUOTA_USES];
	item->after.gcm_uses = reserved[MHSM_QUOTA_GCM];
	ret = item_seal(key->domain, item);
	return tx_end(tx, ret);
}

/* The next block of each of @kinds. 0: look again, there may be some. */
static int reserve(struct mhsm_key *key, u32 kinds)
{
	struct mhsm_domain *domain = key->domain;
	u64 reserved[MHSM_QUOTA_KINDS];
	int ret;

	ret = mutex_lock_killable(&domain->change_lock);
	if (ret)
		return ret;
	/* A change whose caller did not wait may be the very block; one may also have ended the key. */
	ret = mhsm_store_wait(domain->store, &key->changing, false);
	if (!ret)
		ret = mhsm_quota_plan(&key->quota, kinds, reserved);
	if (!ret)
		ret = key->state == MHSM_KEYSTATE_ACTIVE ? reserve_store(key, reserved) : -EKEYREVOKED;
	mutex_unlock(&domain->change_lock);
	return ret == -EALREADY ? 0 : ret;
}

int mhsm_lifecycle_count_waiting(struct mhsm_key *key, u32 kinds)
{
	int ret = 0;

	while (kinds && !ret) {
		ret = reserve(key, kinds);
		if (!ret)
			kinds = mhsm_quota_take(&key->quota, kinds);
	}
	return ret;
}

/* --- loading -------------------------------------------------------------------------------------------------- */

int mhsm_lifecycle_load(struct mhsm_domain *domain, const struct mhsm_record *r, const u8 *secret)
{
	const struct mhsm_mech *mech = mhsm_mech_find(r->type, r->param);
	struct mhsm_key *key;
	int ret;

	mhsm_mutex_assert_held(&domain->lock);
	if (!mech || mech->secret_len(r->param) != r->secret_len ||
	    r->ops & ~mech->ops || r->flags & ~STORED_FLAGS || (r->use_limit && r->flags & MHSM_KEY_CONSUMERS))
		return -EBADMSG;
	key = mhsm_key_new(domain, r->name, r->name_len);
	if (IS_ERR(key))
		return PTR_ERR(key);
	key->mech = mech;
	memcpy(key->id, r->id, sizeof(key->id));
	memcpy(key->version, r->version, sizeof(key->version));
	key->type = r->type;
	key->param = r->param;
	key->ops = r->ops;
	key->owner_kind = r->owner_kind;
	key->owner = r->owner;
	key->created = r->created;
	key_take_changes(key, r);
	mhsm_quota_load(&key->quota, r->use_limit, does_gcm(key), r->uses, r->gcm_uses);
	ret = mhsm_key_set_public(key, r->public, r->public_len);
	if (ret == -EINVAL)
		ret = -EBADMSG;
	if (!ret)
		ret = mhsm_secret_set(&key->secret, secret, r->secret_len);
	if (!ret)
		ret = mech->check(key);
	if (!ret)
		ret = mhsm_keytab_load(&domain->keys, key);
	mhsm_key_put(key);
	return ret;
}
