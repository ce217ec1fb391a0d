/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store: where sealed records are kept. One const struct of operations per backend; the records are opaque but for
 * their clear header (daemon/record.h). Every function returns 0 or a negative errno; -ENOSPC means that the medium is
 * full, -EIO that it failed, -EBADMSG that what it holds is damaged. May be called from any thread.
 */
#ifndef MHSM_DAEMON_STORE_STORE_H
#define MHSM_DAEMON_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi/mhsm.h"

struct mhsm_store;

/* One change: a record to put under its own object id, or (record NULL) an id to remove. */
struct mhsm_store_change {
	const void *record;
	size_t len;
	uint8_t id[MHSM_ID_LEN]; /* of a removal */
};

/* Called for each record; a negative return ends the walk and is its result. */
typedef int (*mhsm_store_each_fn)(void *context, const uint8_t id[MHSM_ID_LEN], const void *record, size_t len);

#define MHSM_STORE_META_MAX 4096

struct mhsm_store_ops {
	const char *name;
	/*
	 * Opens the store in the directory @dir, makes it if there is none, brings an older schema up to date. -EPROTONOSUPPORT
	 * if a newer mhsmd wrote it (both versions are logged).
	 */
	int (*open)(const char *dir, struct mhsm_store **out);
	void (*close)(struct mhsm_store *store);
	/*
	 * Applies all changes in order, durably, or none. A put replaces a record of the same id unless that one has a
	 * higher generation: then it is not changed, so that a change may be repeated. -EINVAL if a record's header is
	 * wrong.
	 */
	int (*apply)(struct mhsm_store *store, const struct mhsm_store_change *changes, size_t count);
	/* Copies the record of @id to @record; -ENOENT, or -ERANGE if longer than @room. */
	int (*get)(struct mhsm_store *store, const uint8_t id[MHSM_ID_LEN], void *record, size_t room, size_t *len);
	/*
	 * Walks all records, the domain record first, then keys in the order in which they were first stored. A record whose
	 * header does not match what it is stored under ends the walk with -EBADMSG.
	 */
	int (*each)(struct mhsm_store *store, mhsm_store_each_fn fn, void *context);
	/* Small named values. get: -ENOENT, -ERANGE. set: durable; @len 0 removes. */
	int (*meta_get)(struct mhsm_store *store, const char *name, void *value, size_t room, size_t *len);
	int (*meta_set)(struct mhsm_store *store, const char *name, const void *value, size_t len);
	/* Puts @record and sets @name durably, both or neither. */
	int (*put_with_meta)(struct mhsm_store *store, const void *record, size_t record_len, const char *name,
			     const void *value, size_t len);
	/* Overwrites and forgets every record and value, durably. */
	int (*destroy)(struct mhsm_store *store);
};

extern const struct mhsm_store_ops mhsm_store_sqlite;

/* Every backend's struct mhsm_store begins with its operations. */
struct mhsm_store {
	const struct mhsm_store_ops *ops;
};

/* Names of values */
#define MHSM_STORE_DOMAIN "domain" /* the domain id, 16 bytes: what this store is of */
#define MHSM_STORE_ZEROIZING "zeroizing" /* the domain id: a zeroize was granted and is to be completed */

#endif
