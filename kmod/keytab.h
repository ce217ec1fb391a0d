/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of a domain's keys: by name (all versions), by id, and in order of serial for listings. */
#ifndef _MHSM_KEYTAB_H
#define _MHSM_KEYTAB_H

#include <linux/rhashtable.h>
#include <linux/xarray.h>

#include "kmod/key.h"

struct mhsm_keytab {
	struct rhltable by_name;
	struct rhashtable by_id;
	struct xarray by_serial;
	struct mhsm_mutex lock; /* writers */
	u64 next_serial;
	u64 count; /* of published keys; under lock, read with READ_ONCE */
};

int mhsm_keytab_init(struct mhsm_keytab *tab);
void mhsm_keytab_exit(struct mhsm_keytab *tab);

/**
 * mhsm_keytab_reserve() - puts a key in without lookups finding it, so that its name is taken. @new_version allows the
 * name to exist, active. -EEXIST (name in use, or soft-deleted), -ENOSPC (MHSM_VERSIONS_MAX), -ENOMEM. Takes a
 * reference of its own.
 */
int mhsm_keytab_reserve(struct mhsm_keytab *tab, struct mhsm_key *key, bool new_version);

/**
 * mhsm_keytab_load() - a key from the store, visible at once; -EEXIST (id), -ENOSPC (MHSM_VERSIONS_MAX), -ENOMEM. Takes
 * a reference of its own.
 */
int mhsm_keytab_load(struct mhsm_keytab *tab, struct mhsm_key *key);

/**
 * mhsm_keytab_add_session() - a session key, which no lookup finds, but which the table kills with the others. -ENOMEM.
 * Takes a reference of its own.
 */
int mhsm_keytab_add_session(struct mhsm_keytab *tab, struct mhsm_key *key);

/** mhsm_keytab_publish() - a reserved key becomes visible */
void mhsm_keytab_publish(struct mhsm_keytab *tab, struct mhsm_key *key);

/** mhsm_keytab_remove() - takes a key out, published or not, and drops the table's reference; twice is allowed */
void mhsm_keytab_remove(struct mhsm_keytab *tab, struct mhsm_key *key);

/** mhsm_keytab_find() - by name and version (NULL or zero: the newest); a reference, or NULL */
struct mhsm_key *mhsm_keytab_find(struct mhsm_keytab *tab, const char *name, const u8 *version);

/** mhsm_keytab_find_id() - by object id; a reference, or NULL */
struct mhsm_key *mhsm_keytab_find_id(struct mhsm_keytab *tab, const u8 id[MHSM_ID_LEN]);

/** mhsm_keytab_versions() - references to all published versions of a name, at most @max, in no order; the number */
unsigned int mhsm_keytab_versions(struct mhsm_keytab *tab, const char *name, struct mhsm_key **keys, unsigned int max);

/**
 * mhsm_keytab_next() - the key with the lowest serial above *@serial, which becomes its; a reference, or NULL. Without
 * @hidden only published keys, with it also those reserved and those of sessions.
 */
struct mhsm_key *mhsm_keytab_next(struct mhsm_keytab *tab, u64 *serial, bool hidden);

/**
 * mhsm_keytab_next_version() - the same among the published versions of @name, without looking at other keys
 */
struct mhsm_key *mhsm_keytab_next_version(struct mhsm_keytab *tab, const char *name, u64 *serial);

/** mhsm_keytab_take() - takes any one key out, handing the table's reference over; NULL when empty */
struct mhsm_key *mhsm_keytab_take(struct mhsm_keytab *tab);

#endif
