// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * Well-formed calls at the wrong time, or by the wrong one: every state of the HSM, of a key, of the daemon and of its
 * store, and users who own nothing. The table says what each call answers there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "uapi/mhsm.h"

#define STRANGER 1000

static struct hsm *hsm;
static int device;
static uint8_t buffer[8192];

static long call(int fd, unsigned long cmd, void *arg)
{
	long ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

/* --- calls of the device ------------------------------------------------------------------------------------------ */

static long create_with(int fd, const char *name, uint32_t flags)
{
	struct mhsm_ioc_key_create c = { .size = sizeof(c), .type = MHSM_KEY_AES, .param = 256, .flags = flags };

	strcpy(c.name, name);
	return call(fd, MHSM_IOC_KEY_CREATE, &c);
}

static long closed(long fd)
{
	if (fd <= 0)
		return fd;
	close((int)fd);
	return 0;
}

static long do_create(int fd)
{
	return closed(create_with(fd, "fresh", MHSM_KEY_ENABLED));
}

static long do_session_key(int fd)
{
	return closed(create_with(fd, "", MHSM_KEY_ENABLED | MHSM_KEY_SESSION));
}

static long open_key(int fd, const char *name, uint32_t rights)
{
	struct mhsm_ioc_key_open o = { .size = sizeof(o), .rights = rights };

	strcpy(o.name, name);
	return call(fd, MHSM_IOC_KEY_OPEN, &o);
}

static long do_open(int fd)
{
	return closed(open_key(fd, "key", MHSM_OP_ENCRYPT));
}

static long do_open_nothing(int fd)
{
	return closed(open_key(fd, "key", 0));
}

static long change(int fd, unsigned long cmd, const char *name)
{
	struct mhsm_ioc_key_name n = { .size = sizeof(n) };

	strcpy(n.name, name);
	return call(fd, cmd, &n);
}

static long do_delete(int fd)
{
	return change(fd, MHSM_IOC_KEY_DELETE, "key");
}

static long do_recover(int fd)
{
	return change(fd, MHSM_IOC_KEY_RECOVER, "key");
}

static long do_update(int fd)
{
	struct mhsm_ioc_key_update u = { .size = sizeof(u), .what = MHSM_UPDATE_EXPIRES, .name = "key" };

	return call(fd, MHSM_IOC_KEY_UPDATE, &u);
}

static long do_purge(int fd)
{
	return change(fd, MHSM_IOC_KEY_PURGE, "key");
}

/* The number of keys that can be seen, or an errno */
static long list(int fd, uint32_t flags)
{
	struct mhsm_ioc_key_list l = {
		.size = sizeof(l),
		.count = 16,
		.infos = (uintptr_t)buffer,
		.info_size = sizeof(struct mhsm_key_info),
		.flags = flags,
	};
	long ret = call(fd, MHSM_IOC_KEY_LIST, &l);

	return ret ? ret : (long)l.count;
}

static long do_list(int fd)
{
	long n = list(fd, 0);

	return n < 0 ? n : 0;
}

static long do_random(int fd)
{
	struct mhsm_ioc_random r = { .size = sizeof(r), .len = 16, .out = (uintptr_t)buffer };

	return call(fd, MHSM_IOC_RANDOM, &r);
}

static long do_release(int fd)
{
	struct mhsm_ioc_release r = { .size = sizeof(r), .form = MHSM_RELEASE_LOGON, .keyring = -2, .description = "mhsm:x" };

	return call(fd, MHSM_IOC_RELEASE, &r);
}

static long do_transfer(int fd)
{
	struct mhsm_ioc_transfer_key t = { .size = sizeof(t) };

	return call(fd, MHSM_IOC_TRANSFER_KEY, &t);
}

static long do_audit_verify(int fd)
{
	struct mhsm_ioc_audit_verify v = { .size = sizeof(v), .len = 300, .batch = (uintptr_t)buffer };

	memset(buffer, 0, 300);
	return call(fd, MHSM_IOC_AUDIT_VERIFY, &v);
}

static long do_info(int fd)
{
	struct mhsm_ioc_info i = { .size = sizeof(i) };

	return call(fd, MHSM_IOC_INFO, &i);
}

static uint32_t state(void)
{
	struct mhsm_ioc_info i = { .size = sizeof(i) };

	return call(device, MHSM_IOC_INFO, &i) ? UINT32_MAX : i.state;
}

/* --- calls of a key ----------------------------------------------------------------------------------------------- */

static long key_crypt(int fd, unsigned long cmd)
{
	struct mhsm_ioc_crypt c = {
		.size = sizeof(c),
		.alg = MHSM_ALG_AES_GCM,
		.iv_len = 12,
		.tag_len = 16,
		.in_len = 16,
		.out_len = 16,
		.iv = (uintptr_t)buffer,
		.tag = (uintptr_t)buffer + 100,
		.in = (uintptr_t)buffer + 200,
		.out = (uintptr_t)buffer + 200,
	};

	return call(fd, cmd, &c);
}

static long key_encrypt(int fd)
{
	return key_crypt(fd, MHSM_IOC_ENCRYPT);
}

/* What was encrypted just before, so that it opens */
static long key_decrypt(int fd)
{
	return key_crypt(fd, MHSM_IOC_DECRYPT);
}

static long key_wrap(int fd)
{
	struct mhsm_ioc_crypt c = {
		.size = sizeof(c),
		.alg = MHSM_ALG_AES_KW,
		.in_len = 32,
		.out_len = 40,
		.in = (uintptr_t)buffer + 1000,
		.out = (uintptr_t)buffer + 2000,
	};

	return call(fd, MHSM_IOC_WRAP, &c);
}

static long key_unwrap(int fd)
{
	struct mhsm_ioc_crypt c = {
		.size = sizeof(c),
		.alg = MHSM_ALG_AES_KW,
		.in_len = 40,
		.out_len = 32,
		.in = (uintptr_t)buffer + 2000,
		.out = (uintptr_t)buffer + 3000,
	};

	return call(fd, MHSM_IOC_UNWRAP, &c);
}

static long key_token(int fd)
{
	struct mhsm_ioc_token t = { .size = sizeof(t), .alg = MHSM_TOKEN_XTS_AES, .key_len = 64 };

	return call(fd, MHSM_IOC_TOKEN, &t);
}

static long key_info(int fd)
{
	struct mhsm_ioc_key_info i = { .size = sizeof(i) };

	return call(fd, MHSM_IOC_KEY_INFO, &i);
}

/* Every operation of @fd answers @want (INFO, which is never refused, aside). */
static void key_answers(int fd, int want, const char *when)
{
	cases_begin();
	cases_is(key_encrypt(fd), want, "ENCRYPT");
	cases_is(key_decrypt(fd), want, "DECRYPT");
	cases_is(key_wrap(fd), want, "WRAP");
	cases_is(key_unwrap(fd), want, "UNWRAP");
	cases_is(key_token(fd), want, "TOKEN");
	cases_is(key_info(fd), 0, "INFO");
	cases_end("an open key, %s", when);
}

/* --- the device in every state ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	long (*run)(int fd);
	int unprovisioned, active, locked, zeroized;
} calls[] = {
	{ "INFO", do_info, 0, 0, 0, 0 },
	{ "KEY_OPEN", do_open, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "KEY_OPEN without rights", do_open_nothing, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "session key", do_session_key, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "KEY_LIST", do_list, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "RANDOM", do_random, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "RELEASE", do_release, -ENODATA, -EKEYREJECTED, -ENOKEY, -ESHUTDOWN },
	{ "TRANSFER_KEY", do_transfer, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN },
	{ "KEY_RECOVER", do_recover, -ENODATA, -ENOENT, -ENOKEY, -ESHUTDOWN },
	{ "KEY_PURGE", do_purge, -ENODATA, -ENOENT, -ENOKEY, -ESHUTDOWN },
	{ "KEY_CREATE", do_create, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "KEY_CREATE again", do_create, -ENODATA, -EEXIST, -ENOKEY, -ESHUTDOWN },
	{ "KEY_UPDATE", do_update, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	/* Without a policy nobody administers. */
	{ "AUDIT_VERIFY", do_audit_verify, -EACCES, -EINVAL, -EACCES, -EACCES },
	{ "KEY_DELETE", do_delete, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
	{ "KEY_DELETE again", do_delete, -ENODATA, -ENOENT, -ENOKEY, -ESHUTDOWN },
	{ "KEY_RECOVER", do_recover, -ENODATA, 0, -ENOKEY, -ESHUTDOWN },
};

enum { UNPROVISIONED, ACTIVE, LOCKED, ZEROIZED };

static void device_answers(int which, const char *when)
{
	size_t i;
	int want;

	cases_begin();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		want = which == UNPROVISIONED ? calls[i].unprovisioned :
		       which == ACTIVE	      ? calls[i].active :
		       which == LOCKED	      ? calls[i].locked :
						calls[i].zeroized;
		cases_is(calls[i].run(device), want, "%s", calls[i].name);
	}
	cases_end("the device, %s", when);
}

/* --- the life of a key -------------------------------------------------------------------------------------------- */

static void key_states(void)
{
	int fd = (int)create_with(device, "mortal", MHSM_KEY_ENABLED), disabled, session;
	struct mhsm_ioc_key_create c = { .size = sizeof(c), .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED };

	tap_ok(fd > 0, "a key");
	key_answers(fd, 0, "as it should be");
	disabled = (int)create_with(device, "disabled", 0);
	tap_ok(disabled > 0, "a disabled key");
	key_answers(disabled, -EKEYREVOKED, "disabled");
	tap_is(closed(open_key(device, "disabled", 0)), -EKEYREVOKED, "a disabled key cannot be opened");
	close(disabled);

	tap_is(change(device, MHSM_IOC_KEY_DELETE, "mortal"), 0, "KEY_DELETE");
	key_answers(fd, -EKEYREVOKED, "soft-deleted");
	tap_is(closed(open_key(device, "mortal", 0)), -EKEYREVOKED, "a soft-deleted key cannot be opened");
	tap_is(closed(create_with(device, "mortal", MHSM_KEY_ENABLED)), -EEXIST, "its name is taken");
	tap_is(closed(create_with(device, "mortal", MHSM_KEY_ENABLED | MHSM_KEY_NEW_VERSION)), -EEXIST,
	       "also for a new version");
	tap_is(list(device, MHSM_LIST_DELETED), 1, "it is listed with the deleted");
	tap_is(change(device, MHSM_IOC_KEY_RECOVER, "mortal"), 0, "KEY_RECOVER");
	key_answers(fd, 0, "recovered");
	tap_is(change(device, MHSM_IOC_KEY_PURGE, "mortal"), -ENOENT, "only a soft-deleted key is purged");
	tap_is(change(device, MHSM_IOC_KEY_DELETE, "mortal"), 0, "KEY_DELETE");
	tap_is(change(device, MHSM_IOC_KEY_PURGE, "mortal"), 0, "KEY_PURGE");
	key_answers(fd, -EKEYREVOKED, "purged");
	tap_is(closed(open_key(device, "mortal", 0)), -ENOENT, "a purged key is not there");
	close(fd);

	/* Outside its time only what was protected before is opened. */
	strcpy(c.name, "expired");
	c.expires = 1000;
	fd = (int)call(device, MHSM_IOC_KEY_CREATE, &c);
	tap_ok(fd > 0, "an expired key");
	cases_begin();
	cases_is(key_encrypt(fd), -EKEYEXPIRED, "ENCRYPT");
	cases_is(key_decrypt(fd), -EBADMSG, "DECRYPT of nothing of its");
	cases_is(key_wrap(fd), -EKEYEXPIRED, "WRAP");
	cases_is(key_unwrap(fd), -EBADMSG, "UNWRAP");
	cases_is(key_token(fd), -EKEYEXPIRED, "TOKEN");
	cases_end("an expired key");
	close(fd);
	memset(c.id, 0, sizeof(c.id));
	memset(c.version, 0, sizeof(c.version));
	strcpy(c.name, "backwards");
	c.not_before = 1000;
	tap_is(closed(call(device, MHSM_IOC_KEY_CREATE, &c)), -EINVAL, "a key that expires when it begins");

	/* Rights are those of the descriptor. */
	fd = (int)open_key(device, "key", MHSM_OP_WRAP);
	cases_begin();
	cases_is(fd > 0 ? 0 : fd, 0, "opened");
	cases_is(key_encrypt(fd), -EPERM, "ENCRYPT");
	cases_is(key_decrypt(fd), -EPERM, "DECRYPT");
	cases_is(key_wrap(fd), 0, "WRAP");
	cases_is(key_unwrap(fd), -EPERM, "UNWRAP");
	cases_is(key_token(fd), 0, "TOKEN");
	cases_is(closed(open_key(device, "key", MHSM_OP_SIGN)), -EPERM, "a right that it cannot have");
	cases_end("a descriptor with one right");
	close(fd);

	session = (int)create_with(device, "", MHSM_KEY_ENABLED | MHSM_KEY_SESSION);
	key_answers(session, 0, "of a session");
	tap_is((long)hsm_records(hsm), 5, "the store has the domain, key, fresh, disabled and expired");
	close(session);
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void versions(void)
{
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c),
		.type = MHSM_KEY_AES,
		.param = 128,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_NEW_VERSION,
	};
	struct mhsm_ioc_key_open o = { .size = sizeof(o) };
	uint8_t version[MHSM_VERSIONS_MAX][MHSM_VERSION_LEN];
	struct mhsm_ioc_key_info info = { .size = sizeof(info) };
	long fd;
	int i;

	cases_begin();
	strcpy(c.name, "versioned");
	strcpy(o.name, "versioned");
	for (i = 0; i < MHSM_VERSIONS_MAX; i++) {
		memset(c.id, 0, sizeof(c.id));
		memset(c.version, 0, sizeof(c.version));
		cases_is(closed(call(device, MHSM_IOC_KEY_CREATE, &c)), 0, "version %d", i);
		memcpy(version[i], c.version, MHSM_VERSION_LEN);
	}
	memset(c.id, 0, sizeof(c.id));
	memset(c.version, 0, sizeof(c.version));
	cases_is(closed(call(device, MHSM_IOC_KEY_CREATE, &c)), -ENOSPC, "one more");
	for (i = 0; i < MHSM_VERSIONS_MAX; i++) {
		memcpy(o.version, version[i], MHSM_VERSION_LEN);
		fd = call(device, MHSM_IOC_KEY_OPEN, &o);
		cases_is(fd > 0 ? 0 : fd, 0, "opening version %d", i);
		cases_is(call((int)fd, MHSM_IOC_KEY_INFO, &info), 0, "INFO of %d", i);
		cases_is(memcmp(info.info.version, version[i], MHSM_VERSION_LEN), 0, "is version %d", i);
		closed(fd);
	}
	memset(o.version, 0, MHSM_VERSION_LEN);
	fd = call(device, MHSM_IOC_KEY_OPEN, &o);
	cases_is(call((int)fd, MHSM_IOC_KEY_INFO, &info), 0, "INFO of the latest");
	cases_is(memcmp(info.info.version, version[MHSM_VERSIONS_MAX - 1], MHSM_VERSION_LEN), 0, "the latest is the last");
	closed(fd);
	memset(o.version, 0xff, MHSM_VERSION_LEN);
	cases_is(closed(call(device, MHSM_IOC_KEY_OPEN, &o)), -ENOENT, "a version that there is not");
	cases_is(change(device, MHSM_IOC_KEY_DELETE, "versioned"), 0, "KEY_DELETE");
	cases_is(change(device, MHSM_IOC_KEY_PURGE, "versioned"), 0, "KEY_PURGE");
	cases_is((long)hsm_records(hsm), 5, "all versions are gone from the store");
	cases_end("%d versions", MHSM_VERSIONS_MAX);
}

/* --- other users -------------------------------------------------------------------------------------------------- */

/* Runs @body as the stranger, in a process of its own. Its checks are counted there: 0 if none failed. */
static void as_stranger(void (*body)(int key), int key, const char *what)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setresgid(STRANGER, STRANGER, STRANGER) || setresuid(STRANGER, STRANGER, STRANGER))
			_exit(99);
		cases_begin();
		body(key);
		fflush(stdout);
		_exit(cases_wrong ? 1 : cases_count ? 0 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	tap_ok(status == 0, "%s", what);
}

static void stranger_calls(int key)
{
	int fd = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);

	cases_is(fd > 0 ? 0 : -errno, 0, "opening the device");
	cases_is(open(MHSM_DAEMON_DEVICE, O_RDWR) < 0 ? -errno : 0, -EACCES, "the daemon's device");
	cases_is(do_info(fd), 0, "INFO");
	cases_is(do_random(fd), 0, "RANDOM");
	cases_is(list(fd, 0), 0, "KEY_LIST shows nothing");
	cases_is(list(fd, MHSM_LIST_DELETED), 0, "nor what was deleted");
	cases_is(do_open(fd), -ENOENT, "KEY_OPEN");
	cases_is(do_open_nothing(fd), -ENOENT, "KEY_OPEN without rights");
	cases_is(closed(open_key(fd, "absent", 0)), -ENOENT, "KEY_OPEN of nothing: the same");
	cases_is(do_create(fd), -EACCES, "KEY_CREATE");
	cases_is(do_session_key(fd), -EACCES, "a session key");
	cases_is(do_delete(fd), -ENOENT, "KEY_DELETE");
	cases_is(do_recover(fd), -ENOENT, "KEY_RECOVER");
	cases_is(do_purge(fd), -ENOENT, "KEY_PURGE");
	cases_is(change(fd, MHSM_IOC_KEY_PURGE, "absent"), -ENOENT, "KEY_PURGE of nothing: the same");
	cases_is(do_audit_verify(fd), -EACCES, "AUDIT_VERIFY");
	/* What was opened by who may, and given to him, he may use: rights are the descriptor's. */
	cases_is(key_encrypt(key), 0, "an inherited key");
	cases_is(key_decrypt(key), 0, "an inherited key");
	cases_is(do_open(device), 0, "an inherited session");
	close(fd);
}

/* --- the daemon and its store ------------------------------------------------------------------------------------- */

static void without_store(void)
{
	struct rlimit files;
	rlim_t saved;
	long before = list(device, 0);

	hsm_fail_store(hsm, -ENOSPC);
	cases_begin();
	cases_is(closed(create_with(device, "unlucky", MHSM_KEY_ENABLED)), -ENOSPC, "KEY_CREATE");
	cases_is(do_delete(device), -ENOSPC, "KEY_DELETE");
	cases_is(do_open(device), 0, "the key is still there");
	cases_is(closed(open_key(device, "unlucky", 0)), -ENOENT, "the new one is not");
	cases_is(list(device, 0), before, "KEY_LIST");
	hsm_fail_store(hsm, 0);
	cases_is(closed(create_with(device, "unlucky", MHSM_KEY_ENABLED)), 0, "KEY_CREATE when it works again");
	cases_is(change(device, MHSM_IOC_KEY_DELETE, "unlucky"), 0, "KEY_DELETE");
	cases_is(change(device, MHSM_IOC_KEY_PURGE, "unlucky"), 0, "KEY_PURGE");
	cases_end("a store that is full");

	hsm_drop(hsm);
	cases_begin();
	cases_is(closed(create_with(device, "orphan", MHSM_KEY_ENABLED)), -EUNATCH, "KEY_CREATE");
	cases_is(closed(open_key(device, "orphan", 0)), -ENOENT, "nothing is left of it");
	cases_is(do_delete(device), -EUNATCH, "KEY_DELETE");
	cases_is(do_open(device), 0, "KEY_OPEN");
	cases_is(do_session_key(device), 0, "a session key");
	cases_is(list(device, 0), before, "KEY_LIST");
	cases_end("no daemon");
	tap_is(hsm_return(hsm), 0, "the daemon returns");

	/* A key whose descriptor cannot be given must not exist: it was refused. */
	getrlimit(RLIMIT_NOFILE, &files);
	saved = files.rlim_cur;
	files.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &files);
	tap_is(closed(create_with(device, "no-room", MHSM_KEY_ENABLED)), -EMFILE, "no descriptor is left");
	files.rlim_cur = saved;
	setrlimit(RLIMIT_NOFILE, &files);
	tap_is(list(device, 0), before, "and no key was made");
}

int main(void)
{
	int err, fd;

	device = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, -errno);
	chmod(MHSM_DEVICE, 0666);
	device_answers(UNPROVISIONED, "not provisioned");

	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	tap_is(closed(create_with(device, "key", MHSM_KEY_ENABLED)), 0, "a key");
	fd = (int)open_key(device, "key", MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP);
	device_answers(ACTIVE, "active");
	key_answers(fd, 0, "in an active HSM");
	key_states();
	versions();
	as_stranger(stranger_calls, fd, "a user who owns nothing");
	without_store();

	tap_is(hsm_lock(hsm), 0, "locked");
	tap_is(state(), MHSM_STATE_LOCKED, "it says so");
	device_answers(LOCKED, "locked");
	key_answers(fd, -ENOKEY, "in a locked HSM");
	tap_is(hsm_lock(hsm), -EACCES, "nobody may lock it again");
	tap_is(hsm_unlock(hsm), 0, "unlocked");
	tap_is(state(), MHSM_STATE_ACTIVE, "it is active");
	key_answers(fd, -EKEYREVOKED, "from before the lock");
	tap_is(do_open(device), 0, "opened anew it works");
	close(fd);

	fd = (int)open_key(device, "key", MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP);
	key_answers(fd, 0, "after the unlock");
	tap_is(hsm_zeroize(hsm), 0, "zeroized");
	device_answers(ZEROIZED, "zeroized");
	key_answers(fd, -ESHUTDOWN, "in a zeroized HSM");
	close(fd);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
