// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: daemon/store/sqlite.c daemon/record.c daemon/hex.c daemon/log.c daemon/segment.c tests/unit/fake_kernel.c
 * -lsqlite3 -lcrypto
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/record.h"
#include "daemon/store/store.h"
#include "tests/unit/fake_kernel.h"

static const uint8_t domain[MHSM_ID_LEN] = { 0xd0, 1, 2 };

struct state {
	char dir[64];
	struct mhsm_store *store;
};

static int set_up(void **context)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	strcpy(s->dir, "/tmp/mhsm-store-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(mhsm_store_sqlite.open(s->dir, &s->store), 0);
	*context = s;
	return 0;
}

static void reopen(struct state *s)
{
	if (s->store)
		s->store->ops->close(s->store);
	s->store = NULL;
	assert_int_equal(mhsm_store_sqlite.open(s->dir, &s->store), 0);
}

static int tear_down(void **context)
{
	struct state *s = *context;
	char command[128];

	if (s->store)
		s->store->ops->close(s->store);
	snprintf(command, sizeof(command), "rm -rf %s", s->dir);
	assert_int_equal(system(command), 0);
	free(s);
	return 0;
}

static void make_id(uint8_t id[MHSM_ID_LEN], uint32_t n)
{
	memset(id, 0x11, MHSM_ID_LEN);
	memcpy(id, &n, sizeof(n));
}

static int put(struct mhsm_store *store, uint32_t n, uint64_t generation)
{
	uint8_t record[MHSM_RECORD_MAX], id[MHSM_ID_LEN];
	struct mhsm_store_change change = { .record = record };

	make_id(id, n);
	change.len = fake_record(record, 1, domain, id, generation, "key");
	return store->ops->apply(store, &change, 1);
}

/* The generation stored for key @n, or a negative errno. */
static int generation_of(struct mhsm_store *store, uint32_t n)
{
	uint8_t record[MHSM_RECORD_MAX], id[MHSM_ID_LEN];
	struct mhsm_record header;
	size_t len;
	int ret;

	make_id(id, n);
	ret = store->ops->get(store, id, record, sizeof(record), &len);
	if (ret)
		return ret;
	assert_int_equal(mhsm_record_parse(record, len, &header), 0);
	return (int)header.generation;
}

static void test_put_get_remove(void **context)
{
	struct state *s = *context;
	struct mhsm_store_change remove = { .record = NULL };
	uint8_t record[8];
	size_t len;

	assert_int_equal(generation_of(s->store, 1), -ENOENT);
	assert_int_equal(put(s->store, 1, 1), 0);
	assert_int_equal(put(s->store, 1, 2), 0);
	assert_int_equal(generation_of(s->store, 1), 2);
	/* Again, and an older one that comes late: no change. */
	assert_int_equal(put(s->store, 1, 2), 0);
	assert_int_equal(put(s->store, 1, 1), 0);
	assert_int_equal(generation_of(s->store, 1), 2);
	reopen(s);
	assert_int_equal(generation_of(s->store, 1), 2);
	make_id(remove.id, 1);
	assert_int_equal(s->store->ops->get(s->store, remove.id, record, sizeof(record), &len), -ERANGE);
	assert_int_equal(s->store->ops->apply(s->store, &remove, 1), 0);
	assert_int_equal(s->store->ops->apply(s->store, &remove, 1), 0);
	assert_int_equal(generation_of(s->store, 1), -ENOENT);
}

static void test_all_or_nothing(void **context)
{
	struct state *s = *context;
	uint8_t good[MHSM_RECORD_MAX], bad[64] = "not a record", id[MHSM_ID_LEN];
	struct mhsm_store_change changes[2] = { { .record = good }, { .record = bad, .len = sizeof(bad) } };

	make_id(id, 5);
	changes[0].len = fake_record(good, 1, domain, id, 1, "five");
	assert_int_equal(s->store->ops->apply(s->store, changes, 2), -EINVAL);
	assert_int_equal(generation_of(s->store, 5), -ENOENT);
	/* The store is not stuck in the failed transaction. */
	assert_int_equal(s->store->ops->apply(s->store, changes, 1), 0);
	assert_int_equal(generation_of(s->store, 5), 1);
}

/* Each field of the header that the store relies on. */
static void test_bad_records(void **context)
{
	struct state *s = *context;
	static const int offsets[] = { 0, 8, 10, 12, 136, 138, 140 };
	uint8_t record[MHSM_RECORD_MAX], id[MHSM_ID_LEN];
	struct mhsm_store_change change = { .record = record };

	make_id(id, 1);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		change.len = fake_record(record, 1, domain, id, 1, "k");
		record[offsets[i]] ^= 0x41;
		assert_int_equal(s->store->ops->apply(s->store, &change, 1), -EINVAL);
	}
	change.len = fake_record(record, 1, domain, id, 0, "k");
	assert_int_equal(s->store->ops->apply(s->store, &change, 1), -EINVAL);
	for (size_t len = 0, whole = fake_record(record, 1, domain, id, 1, "k"); len < whole; len++) {
		change.len = len;
		assert_int_equal(s->store->ops->apply(s->store, &change, 1), -EINVAL);
	}
}

struct walked {
	size_t count;
	uint32_t last;
	bool domain_first;
};

static int count_one(void *context, const uint8_t id[MHSM_ID_LEN], const void *record, size_t len)
{
	struct walked *w = context;
	struct mhsm_record header;
	uint32_t n;

	assert_int_equal(mhsm_record_parse(record, len, &header), 0);
	if (w->count++ == 0) {
		w->domain_first = header.kind == MHSM_RECORD_DOMAIN;
		return 0;
	}
	memcpy(&n, id, sizeof(n));
	assert_true(n > w->last);
	w->last = n;
	return 0;
}

static void test_walk_order(void **context)
{
	struct state *s = *context;
	uint8_t record[MHSM_RECORD_MAX];
	struct walked w = { .count = 0 };
	size_t len;

	for (uint32_t n = 1; n <= 300; n++)
		assert_int_equal(put(s->store, n, 1), 0);
	len = fake_record(record, 2, domain, domain, 1, "");
	assert_int_equal(s->store->ops->put_with_meta(s->store, record, len, MHSM_STORE_DOMAIN, domain, sizeof(domain)),
			 0);
	/* A change does not move a key to the end. */
	assert_int_equal(put(s->store, 7, 2), 0);
	assert_int_equal(s->store->ops->each(s->store, count_one, &w), 0);
	assert_int_equal(w.count, 301);
	assert_true(w.domain_first);
}

static void test_meta_and_destroy(void **context)
{
	struct state *s = *context;
	uint8_t value[MHSM_ID_LEN];
	struct walked w = { .count = 0 };
	char path[128], *data;
	size_t len;
	FILE *f;

	assert_int_equal(s->store->ops->meta_get(s->store, "domain", value, sizeof(value), &len), -ENOENT);
	assert_int_equal(s->store->ops->meta_set(s->store, "domain", domain, sizeof(domain)), 0);
	assert_int_equal(put(s->store, 0x5ec4e7aa, 1), 0);
	reopen(s);
	assert_int_equal(s->store->ops->meta_get(s->store, "domain", value, sizeof(value), &len), 0);
	assert_memory_equal(value, domain, sizeof(domain));
	assert_int_equal(s->store->ops->meta_get(s->store, "domain", value, 3, &len), -ERANGE);
	assert_int_equal(s->store->ops->destroy(s->store), 0);
	assert_int_equal(s->store->ops->meta_get(s->store, "domain", value, sizeof(value), &len), -ENOENT);
	assert_int_equal(s->store->ops->each(s->store, count_one, &w), 0);
	assert_int_equal(w.count, 0);
	/* Nothing of the record is left in the files. */
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/store.db%s", s->dir, i ? "-wal" : "");
		f = fopen(path, "r");
		if (!f)
			continue;
		data = calloc(1, 1 << 20);
		assert_non_null(data);
		len = fread(data, 1, 1 << 20, f);
		assert_null(memmem(data, len, "MHSMREC1", 8));
		free(data);
		fclose(f);
	}
}

static void sql(const char *dir, const char *text)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/store.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_migrate_from_zero(void **context)
{
	struct state *s = *context;

	s->store->ops->close(s->store);
	s->store = NULL;
	sql(s->dir, "DROP TABLE record; DROP TABLE meta; PRAGMA user_version = 0");
	reopen(s);
	assert_int_equal(put(s->store, 1, 1), 0);
	assert_int_equal(generation_of(s->store, 1), 1);
}

/* A migration that fails leaves version 0 and all that was there. */
static void test_migration_fails_whole(void **context)
{
	struct state *s = *context;

	s->store->ops->close(s->store);
	s->store = NULL;
	sql(s->dir, "DROP TABLE record; DROP TABLE meta; CREATE TABLE record (other); PRAGMA user_version = 0");
	assert_true(mhsm_store_sqlite.open(s->dir, &s->store) < 0);
	s->store = NULL;
	sql(s->dir, "DROP TABLE record");
	reopen(s);
	assert_int_equal(put(s->store, 1, 1), 0);
}

static void test_newer_refused(void **context)
{
	struct state *s = *context;

	assert_int_equal(put(s->store, 1, 1), 0);
	s->store->ops->close(s->store);
	s->store = NULL;
	sql(s->dir, "PRAGMA user_version = 999");
	assert_int_equal(mhsm_store_sqlite.open(s->dir, &s->store), -EPROTONOSUPPORT);
	s->store = NULL;
	sql(s->dir, "PRAGMA user_version = 1");
	reopen(s);
	assert_int_equal(generation_of(s->store, 1), 1);
}

static void test_damage_is_seen(void **context)
{
	struct state *s = *context;
	uint8_t record[MHSM_RECORD_MAX], id[MHSM_ID_LEN];
	struct walked w = { .count = 0 };
	size_t len;

	assert_int_equal(put(s->store, 1, 1), 0);
	assert_int_equal(put(s->store, 2, 1), 0);
	/* The record of one under the id of the other. */
	sql(s->dir, "UPDATE record SET data = (SELECT data FROM record WHERE place = 1) WHERE place = 2");
	make_id(id, 2);
	assert_int_equal(s->store->ops->get(s->store, id, record, sizeof(record), &len), -EBADMSG);
	assert_int_equal(s->store->ops->each(s->store, count_one, &w), -EBADMSG);
	make_id(id, 1);
	assert_int_equal(s->store->ops->get(s->store, id, record, sizeof(record), &len), 0);
	sql(s->dir, "UPDATE record SET data = zeroblob(length) WHERE place = 1");
	assert_int_equal(s->store->ops->get(s->store, id, record, sizeof(record), &len), -EBADMSG);
}

/* Writes keys in groups until it is killed; says each number on @fd when its commit has returned. */
static void write_until_killed(const char *dir, int fd)
{
	uint8_t records[4][MHSM_RECORD_MAX], id[MHSM_ID_LEN];
	struct mhsm_store_change changes[4];
	struct mhsm_store *store;

	if (mhsm_store_sqlite.open(dir, &store))
		_exit(1);
	for (uint32_t n = 1;; n += 4) {
		for (uint32_t i = 0; i < 4; i++) {
			make_id(id, n + i);
			changes[i].record = records[i];
			changes[i].len = fake_record(records[i], 1, domain, id, 1, "killed");
		}
		if (store->ops->apply(store, changes, 4))
			_exit(2);
		if (write(fd, &n, sizeof(n)) != sizeof(n))
			_exit(3);
	}
}

static void test_kill_loses_nothing_acknowledged(void **context)
{
	struct state *s = *context;

	srand((unsigned)getpid());
	for (int round = 0; round < 15; round++) {
		uint32_t n, last = 0, wanted = 1 + (uint32_t)rand() % 20;
		int fds[2], status;
		pid_t pid;

		s->store->ops->destroy(s->store);
		s->store->ops->close(s->store);
		s->store = NULL;
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_until_killed(s->dir, fds[1]);
		close(fds[1]);
		for (uint32_t i = 0; i < wanted && read(fds[0], &n, sizeof(n)) == sizeof(n); i++)
			last = n;
		usleep((useconds_t)(rand() % 3000)); /* where in a commit it dies is to be chance */
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(fds[0], &n, sizeof(n)) == sizeof(n))
			last = n;
		close(fds[0]);
		assert_true(last > 0);
		reopen(s);
		for (n = 1; n < last + 4; n++)
			assert_int_equal(generation_of(s->store, n), 1);
		/* What follows was not acknowledged: there whole, or not at all. */
		status = generation_of(s->store, n);
		for (uint32_t i = 1; i < 4; i++)
			assert_int_equal(generation_of(s->store, n + i), status);
	}
}

static void test_full_disk(void **context)
{
	struct state *s = *context;
	struct rlimit limit, old;
	uint32_t n, stored = 20;
	int ret = 0;

	signal(SIGXFSZ, SIG_IGN);
	for (n = 1; n <= 20; n++)
		assert_int_equal(put(s->store, n, 1), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 600 << 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (n = 21; n < 5000 && !ret; n++) {
		ret = put(s->store, n, 1);
		if (!ret)
			stored = n;
	}
	assert_int_equal(ret, -ENOSPC);
	assert_true(stored > 20);
	assert_int_equal(put(s->store, n, 1), -ENOSPC);
	/* Still readable, and whole. */
	assert_int_equal(generation_of(s->store, 1), 1);
	assert_int_equal(generation_of(s->store, stored), 1);
	assert_int_equal(generation_of(s->store, stored + 1), -ENOENT);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	/* With room again it goes on, without reopening too. */
	assert_int_equal(put(s->store, stored + 1, 1), 0);
	reopen(s);
	for (n = 1; n <= stored + 1; n++)
		assert_int_equal(generation_of(s->store, n), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_put_get_remove),
		T(test_all_or_nothing),
		T(test_bad_records),
		T(test_walk_order),
		T(test_meta_and_destroy),
		T(test_migrate_from_zero),
		T(test_migration_fails_whole),
		T(test_newer_refused),
		T(test_damage_is_seen),
		T(test_kill_loses_nothing_acknowledged),
		T(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
