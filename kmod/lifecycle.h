/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of keys: creation, import, soft-delete, recovery, purge, and loading from the store. */
#ifndef _MHSM_LIFECYCLE_H
#define _MHSM_LIFECYCLE_H

#include "kmod/access.h"
#include "kmod/key.h"
#include "kmod/record.h"

/* What a new key shall be; checked by mhsm_lifecycle_create() */
struct mhsm_key_spec {
	const char *name; /* may be empty for a session key */
	size_t name_len;
	u32 type;
	u32 param;
	u32 ops; /* 0: all that the type can */
	u32 flags;
	u64 not_before;
	u64 expires;
	u64 use_limit; /* 0: none */
	/*
	 * What else the key needs (its fd): called, with @context, before the key is stored, because a call that fails must
	 * leave none. NULL: nothing. A negative errno ends the creation; whoever made it undoes it when a later step fails.
	 */
	int (*made)(struct mhsm_key *key, void *context);
	void *context;
	const u8 *material; /* NULL: generate */
	size_t material_len;
	bool derived; /* the material was made in the HSM, out of another key */
};

/**
 * mhsm_lifecycle_create() - makes a key for @who, the operation having begun (op.h). *@ret: a reference.
 * Return: 0; -EINVAL, -EOPNOTSUPP (type, param), -EEXIST, -ENOSPC, -ENOMEM, -EIO; those of mhsm_tx_commit()
 */
int mhsm_lifecycle_create(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key_spec *spec,
			  struct mhsm_key **ret);

enum mhsm_change { MHSM_CHANGE_DELETE, MHSM_CHANGE_RECOVER, MHSM_CHANGE_PURGE };

/**
 * mhsm_lifecycle_change() - changes all versions of @name. -ENOENT if there is none in the state that it is for;
 * -EBUSY while an earlier change of one, whose caller was killed or gave up, has no answer yet; those of mhsm_tx_commit().
 */
int mhsm_lifecycle_change(struct mhsm_domain *domain, const char *name, enum mhsm_change change);

/** mhsm_lifecycle_update_valid() - can KEY_UPDATE do what @u says, as far as that does not depend on the key? */
bool mhsm_lifecycle_update_valid(const struct mhsm_ioc_key_update *u);

/**
 * mhsm_lifecycle_update() - KEY_UPDATE (uapi/mhsm.h) of @key, @u being valid. -ENOENT, -EINVAL; -EBUSY as above;
 * -EKEYREVOKED when the HSM is being locked; those of mhsm_tx_commit()
 */
int mhsm_lifecycle_update(struct mhsm_key *key, const struct mhsm_ioc_key_update *u);

/* The one below, once there is none of @kinds left in the blocks reserved */
int mhsm_lifecycle_count_waiting(struct mhsm_key *key, u32 kinds);

/**
 * mhsm_lifecycle_count() - counts one use of each of @kinds (masks of quota.h) before it is made. When a block is used
 * up, it sleeps until the next is durable in the key's record: the caller must not be in the key's use.
 * Return: 0; -EDQUOT (a limit is reached), -EKEYREVOKED, -ENOMEM; those of mhsm_tx_commit()
 */
static inline int mhsm_lifecycle_count(struct mhsm_key *key, u32 kinds)
{
	kinds = mhsm_quota_take(&key->quota, kinds);
	return unlikely(kinds) ? mhsm_lifecycle_count_waiting(key, kinds) : 0;
}

/** mhsm_lifecycle_load() - a key from the store, opened by the caller. Must hold domain->lock. -EBADMSG, -EEXIST */
int mhsm_lifecycle_load(struct mhsm_domain *domain, const struct mhsm_record *r, const u8 *secret);

#endif
