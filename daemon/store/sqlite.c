// SPDX-License-Identifier: GPL-2.0-only
/* sqlite: the store of one machine, a SQLite database in write-ahead mode; a commit is durable when it returns. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/hex.h"
#include "daemon/log.h"
#include "daemon/record.h"
#include "daemon/store/store.h"

#define FILE_NAME "store.db"
#define APPLICATION_ID "1296585549" /* "MHSM" */

/* What brings schema version i to i + 1. Never edit one that was released: append. */
static const char *const migrations[] = {
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
	"CREATE TABLE record ("
	"  place INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
	"  kind INTEGER NOT NULL CHECK (kind IN (1, 2)),"
	"  generation INTEGER NOT NULL CHECK (generation > 0),"
	"  length INTEGER NOT NULL,"
	"  data BLOB NOT NULL CHECK (length(data) = length)"
	") STRICT;",
};

#define SCHEMA_VERSION ((int)(sizeof(migrations) / sizeof(migrations[0])))

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	PUT,
	REMOVE,
	GET,
	META_GET,
	META_SET,
	META_REMOVE,
	STATEMENTS,
};

static const char *const statement_text[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[PUT] = ("INSERT INTO record (id, kind, generation, length, data) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, generation = excluded.generation,"
		" length = excluded.length, data = excluded.data WHERE excluded.generation >= generation"),
	[REMOVE] = "DELETE FROM record WHERE id = ?1",
	[GET] = "SELECT data, kind, generation FROM record WHERE id = ?1",
	[META_GET] = "SELECT value FROM meta WHERE name = ?1",
	[META_SET] = ("INSERT INTO meta (name, value) VALUES (?1, ?2)"
		     " ON CONFLICT (name) DO UPDATE SET value = excluded.value"),
	[META_REMOVE] = "DELETE FROM meta WHERE name = ?1",
};

struct sqlite_store {
	struct mhsm_store base;
	pthread_mutex_t lock; /* of db and statements */
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	char path[PATH_MAX];
};

static struct sqlite_store *to_sqlite(struct mhsm_store *store)
{
	return (struct sqlite_store *)store;
}

/* The errno of the last failed call on the write-ahead log or the database; SQLite does not keep all of them elsewhere. */
static int last_errno(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int error = sqlite3_system_errno(db);

	if (!error && sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log &&
	    log->pMethods)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
	if (!error)
		sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

/* Logs what SQLite says and gives the errno of it. */
static int failure(sqlite3 *db, const char *what)
{
	/* Taken first: the call in last_errno() leaves its own. */
	char said[256];
	int code = sqlite3_extended_errcode(db), system = 0, ret;

	snprintf(said, sizeof(said), "%s", sqlite3_errmsg(db));
	if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN)
		system = last_errno(db);

	switch (code & 0xff) {
	case SQLITE_FULL:
		ret = -ENOSPC;
		break;
	case SQLITE_NOMEM:
		ret = -ENOMEM;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		ret = -EBADMSG;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		ret = -EBUSY;
		break;
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
		ret = -EINVAL;
		break;
	case SQLITE_READONLY:
		ret = -EROFS;
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		/* A quota and a file size limit come as I/O errors. */
		if (system == ENOSPC || system == EDQUOT || system == EFBIG)
			ret = -ENOSPC;
		else
			ret = system == EACCES ? -EACCES : -EIO;
		break;
	default:
		ret = -EIO;
	}
	mhsm_log_error("store: %s: %s (SQLite code %d, errno %d)", what, said, code, system);
	return ret;
}

static int execute(sqlite3 *db, const char *sql, const char *what)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failure(db, what);
}

/* Runs a statement that gives no row. Bindings are dropped. */
static int run(struct sqlite_store *s, enum statement which, const char *what)
{
	sqlite3_stmt *stmt = s->statements[which];
	int ret = sqlite3_step(stmt) == SQLITE_DONE ? 0 : failure(s->db, what);

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return ret;
}

static int read_integer(sqlite3 *db, const char *sql, int *value)
{
	sqlite3_stmt *stmt;
	int ret = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return failure(db, sql);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*value = sqlite3_column_int(stmt, 0);
	else
		ret = failure(db, sql);
	sqlite3_finalize(stmt);
	return ret;
}

static int migrate_one(sqlite3 *db, int version)
{
	char sql[64];
	int ret;

	ret = execute(db, "BEGIN IMMEDIATE", "begin migration");
	if (ret)
		return ret;
	ret = execute(db, migrations[version], "migrate");
	/* The version is part of the transaction: a migration is done whole or not at all. */
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version + 1);
	if (!ret)
		ret = execute(db, sql, "set schema version");
	if (!ret)
		ret = execute(db, "COMMIT", "commit migration");
	if (ret)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return ret;
}

static int migrate(struct sqlite_store *s)
{
	int version = 0, ret;

	ret = read_integer(s->db, "PRAGMA user_version", &version);
	if (ret)
		return ret;
	if (version > SCHEMA_VERSION || version < 0) {
		mhsm_log_error("%s: schema version %d was written by a newer mhsmd; this one knows up to version %d: "
			       "install the newer mhsmd",
			       s->path, version, SCHEMA_VERSION);
		return -EPROTONOSUPPORT;
	}
	if (version < SCHEMA_VERSION)
		mhsm_log_info("%s: bringing the schema from version %d to %d", s->path, version, SCHEMA_VERSION);
	for (; version < SCHEMA_VERSION; version++) {
		ret = migrate_one(s->db, version);
		if (ret)
			return ret;
	}
	return 0;
}

static int set_up(struct sqlite_store *s)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA foreign_keys = ON",
		"PRAGMA secure_delete = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]) && !ret; i++)
		ret = execute(s->db, pragmas[i], pragmas[i]);
	if (!ret)
		ret = migrate(s);
	if (!ret)
		ret = execute(s->db, "PRAGMA application_id = " APPLICATION_ID, "set application id");
	for (int i = 0; i < STATEMENTS && !ret; i++)
		if (sqlite3_prepare_v3(s->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i],
				       NULL) != SQLITE_OK)
			ret = failure(s->db, statement_text[i]);
	return ret;
}

static void sqlite_close(struct mhsm_store *store)
{
	struct sqlite_store *s = to_sqlite(store);

	if (!s)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int open_database(const char *path, int flags, sqlite3 **db)
{
	if (sqlite3_open_v2(path, db, flags | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK) {
		int ret = *db ? failure(*db, path) : -ENOMEM;

		sqlite3_close(*db);
		*db = NULL;
		return ret;
	}
	sqlite3_extended_result_codes(*db, 1);
	sqlite3_busy_timeout(*db, 5000);
	return 0;
}

static int sqlite_open(const char *dir, struct mhsm_store **out)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));
	mode_t mask;
	int ret;

	if (!s)
		return -ENOMEM;
	s->base.ops = &mhsm_store_sqlite;
	pthread_mutex_init(&s->lock, NULL);
	if (snprintf(s->path, sizeof(s->path), "%s/" FILE_NAME, dir) >= (int)sizeof(s->path)) {
		ret = -ENAMETOOLONG;
		goto fail;
	}
	mask = umask(0077);
	ret = open_database(s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s->db);
	if (!ret)
		ret = set_up(s);
	umask(mask);
	if (ret)
		goto fail;
	*out = &s->base;
	return 0;
fail:
	sqlite_close(&s->base);
	return ret;
}

static int put(struct sqlite_store *s, const void *record, size_t len)
{
	sqlite3_stmt *stmt = s->statements[PUT];
	struct mhsm_record header;
	int ret = mhsm_record_parse(record, len, &header);

	if (ret) {
		mhsm_log_error("store: what was to be stored (%zu bytes) is not a sealed record", len);
		return ret;
	}
	if (sqlite3_bind_blob(stmt, 1, header.id, MHSM_ID_LEN, SQLITE_TRANSIENT) != SQLITE_OK ||
	    sqlite3_bind_int(stmt, 2, header.kind) != SQLITE_OK ||
	    sqlite3_bind_int64(stmt, 3, (sqlite3_int64)header.generation) != SQLITE_OK ||
	    sqlite3_bind_int64(stmt, 4, (sqlite3_int64)len) != SQLITE_OK ||
	    sqlite3_bind_blob(stmt, 5, record, (int)len, SQLITE_STATIC) != SQLITE_OK)
		return failure(s->db, "bind record");
	return run(s, PUT, "put record");
}

static int remove_record(struct sqlite_store *s, const uint8_t id[MHSM_ID_LEN])
{
	if (sqlite3_bind_blob(s->statements[REMOVE], 1, id, MHSM_ID_LEN, SQLITE_STATIC) != SQLITE_OK)
		return failure(s->db, "bind id");
	return run(s, REMOVE, "remove record");
}

/* Ends a transaction: COMMIT if @ret is 0, else ROLLBACK. */
static int finish(struct sqlite_store *s, int ret)
{
	if (!ret)
		ret = run(s, COMMIT, "commit");
	/* Some failures have rolled back already. */
	if (ret && !sqlite3_get_autocommit(s->db))
		run(s, ROLLBACK, "roll back");
	return ret;
}

static int sqlite_apply(struct mhsm_store *store, const struct mhsm_store_change *changes, size_t count)
{
	struct sqlite_store *s = to_sqlite(store);
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = run(s, BEGIN, "begin");
	if (!ret) {
		for (size_t i = 0; i < count && !ret; i++)
			ret = changes[i].record ? put(s, changes[i].record, changes[i].len) :
						  remove_record(s, changes[i].id);
		ret = finish(s, ret);
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static int copy_blob(sqlite3_stmt *stmt, int column, void *out, size_t room, size_t *len)
{
	size_t n = (size_t)sqlite3_column_bytes(stmt, column);

	if (n > room)
		return -ERANGE;
	if (n)
		memcpy(out, sqlite3_column_blob(stmt, column), n);
	*len = n;
	return 0;
}

static int check_header(const uint8_t *id, int id_len, int kind, sqlite3_int64 generation, const void *data, size_t len)
{
	char name[2 * MHSM_ID_LEN + 1] = "?";
	struct mhsm_record header;

	if (id_len == MHSM_ID_LEN)
		mhsm_hex_encode(id, MHSM_ID_LEN, name);
	if (id_len != MHSM_ID_LEN || mhsm_record_parse(data, len, &header) || memcmp(header.id, id, MHSM_ID_LEN) ||
	    header.kind != kind || (sqlite3_int64)header.generation != generation) {
		mhsm_log_error("store: the record stored under id %s is damaged or another's: restore the store", name);
		return -EBADMSG;
	}
	return 0;
}

static int sqlite_get(struct mhsm_store *store, const uint8_t id[MHSM_ID_LEN], void *record, size_t room, size_t *len)
{
	struct sqlite_store *s = to_sqlite(store);
	sqlite3_stmt *stmt = s->statements[GET];
	int ret;

	pthread_mutex_lock(&s->lock);
	sqlite3_bind_blob(stmt, 1, id, MHSM_ID_LEN, SQLITE_STATIC);
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		ret = copy_blob(stmt, 0, record, room, len);
		if (!ret)
			ret = check_header(id, MHSM_ID_LEN, sqlite3_column_int(stmt, 1),
					   sqlite3_column_int64(stmt, 2), record, *len);
		break;
	case SQLITE_DONE:
		ret = -ENOENT;
		break;
	default:
		ret = failure(s->db, "get record");
	}
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static int walk(sqlite3 *db, mhsm_store_each_fn fn, void *context)
{
	sqlite3_stmt *stmt;
	int ret = 0, code;

	if (sqlite3_prepare_v2(db,
			       "SELECT id, kind, generation, data FROM record ORDER BY kind != 2, place", -1, &stmt,
			       NULL) != SQLITE_OK)
		return failure(db, "walk records");
	while (!ret && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const uint8_t *id = sqlite3_column_blob(stmt, 0);
		const void *data = sqlite3_column_blob(stmt, 3);
		size_t len = (size_t)sqlite3_column_bytes(stmt, 3);

		ret = check_header(id, sqlite3_column_bytes(stmt, 0), sqlite3_column_int(stmt, 1),
				   sqlite3_column_int64(stmt, 2), data, len);
		if (!ret)
			ret = fn(context, id, data, len);
	}
	if (!ret && code != SQLITE_DONE)
		ret = failure(db, "walk records");
	sqlite3_finalize(stmt);
	return ret < 0 ? ret : 0;
}

static int sqlite_each(struct mhsm_store *store, mhsm_store_each_fn fn, void *context)
{
	sqlite3 *db;
	int ret;

	/* A connection of its own: a long walk must not keep the store thread waiting. */
	ret = open_database(to_sqlite(store)->path, SQLITE_OPEN_READONLY, &db);
	if (ret)
		return ret;
	ret = walk(db, fn, context);
	sqlite3_close(db);
	return ret;
}

static int sqlite_meta_get(struct mhsm_store *store, const char *name, void *value, size_t room, size_t *len)
{
	struct sqlite_store *s = to_sqlite(store);
	sqlite3_stmt *stmt = s->statements[META_GET];
	int ret;

	pthread_mutex_lock(&s->lock);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		ret = copy_blob(stmt, 0, value, room, len);
		break;
	case SQLITE_DONE:
		ret = -ENOENT;
		break;
	default:
		ret = failure(s->db, "get value");
	}
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static int meta_change(struct sqlite_store *s, const char *name, const void *value, size_t len)
{
	enum statement which = len ? META_SET : META_REMOVE;

	if (len > MHSM_STORE_META_MAX)
		return -EINVAL;
	if (sqlite3_bind_text(s->statements[which], 1, name, -1, SQLITE_STATIC) != SQLITE_OK ||
	    (len && sqlite3_bind_blob(s->statements[which], 2, value, (int)len, SQLITE_STATIC) != SQLITE_OK))
		return failure(s->db, "bind value");
	return run(s, which, "set value");
}

static int sqlite_meta_set(struct mhsm_store *store, const char *name, const void *value, size_t len)
{
	struct sqlite_store *s = to_sqlite(store);
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = meta_change(s, name, value, len);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static int sqlite_put_with_meta(struct mhsm_store *store, const void *record, size_t record_len, const char *name,
				const void *value, size_t len)
{
	struct sqlite_store *s = to_sqlite(store);
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = run(s, BEGIN, "begin");
	if (!ret) {
		ret = put(s, record, record_len);
		if (!ret)
			ret = meta_change(s, name, value, len);
		ret = finish(s, ret);
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

static int sqlite_destroy(struct mhsm_store *store)
{
	struct sqlite_store *s = to_sqlite(store);
	int ret;

	pthread_mutex_lock(&s->lock);
	/*
	 * secure_delete writes zeros over the rows; emptying the write-ahead log takes away their older copies. The
	 * values go last: while "zeroizing" is there, an interrupted destruction is taken up again.
	 */
	ret = execute(s->db, "DELETE FROM record", "destroy records");
	if (!ret)
		ret = execute(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", "truncate log");
	if (!ret)
		ret = execute(s->db, "DELETE FROM meta", "destroy values");
	if (!ret)
		ret = execute(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", "truncate log");
	pthread_mutex_unlock(&s->lock);
	return ret;
}

const struct mhsm_store_ops mhsm_store_sqlite = {
	.name = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.apply = sqlite_apply,
	.get = sqlite_get,
	.each = sqlite_each,
	.meta_get = sqlite_meta_get,
	.meta_set = sqlite_meta_set,
	.put_with_meta = sqlite_put_with_meta,
	.destroy = sqlite_destroy,
};
