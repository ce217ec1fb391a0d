// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto -luring
 * kernels: 6.1 6.12
 * timeout: 900
 *
 * io_uring commands on key fds: the same results as the calls, short ones at once, long ones by workers; and keys,
 * descriptors and the process go away meanwhile.
 */
#include <dirent.h>
#include <sched.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/datacall.h"
#include "tests/kselftest/hsm/hsm.h"

#define MAX 1024

static struct hsm *hsm;
static int device, keys[KEYS];
static struct datacall calls[MAX];
static long results[MAX];
static struct io_uring ring;

/* liburing 2.3 has no function for this */
static struct io_uring_sqe *sqe_next(struct io_uring *r, int fd, unsigned int i, uint32_t nr, const void *arg)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(r);
	struct mhsm_uring_cmd cmd = { .arg = (uintptr_t)arg };

	if (!sqe)
		abort();
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = nr;
	sqe->user_data = i;
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
	return sqe;
}

static void push(struct io_uring *r, unsigned int i, int fd)
{
	results[i] = 1;
	sqe_next(r, fd, i, MHSM_CALL_NR(calls[i].code), &calls[i].io);
}

static void reap(struct io_uring *r, unsigned int count)
{
	struct io_uring_cqe *cqe;

	while (count--) {
		if (io_uring_wait_cqe(r, &cqe))
			abort();
		results[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(r, cqe);
	}
}

/* Calls 0 to count - 1 at once; those that a full audit refused again */
static void run_all(struct io_uring *r, unsigned int count)
{
	unsigned int i, n;

	for (i = 0; i < count; i++)
		push(r, i, keys[calls[i].key]);
	for (n = count; n;) {
		cases_is(io_uring_submit(r), n, "submitted");
		reap(r, n);
		for (i = n = 0; i < count; i++)
			if (results[i] == -ENOBUFS) {
				push(r, i, keys[calls[i].key]);
				n++;
			}
	}
}

/* The result of one command, which is made wrong by @spoil */
static long one(struct datacall *d, int fd, void (*spoil)(struct io_uring_sqe *sqe))
{
	struct io_uring_sqe *sqe = sqe_next(&ring, fd, 0, MHSM_CALL_NR(d->code), &d->io);

	if (spoil)
		spoil(sqe);
	if (io_uring_submit(&ring) != 1)
		abort();
	reap(&ring, 1);
	return results[0];
}

/* --- results ------------------------------------------------------------------------------------------------------ */

static void right_results(struct io_uring *r, const char *what)
{
	struct datacall alone;
	unsigned int i;

	cases_begin();
	for (i = 0; i < MAX; i++)
		datacall_mixed(&calls[i], i);
	run_all(r, MAX);
	for (i = 0; i < MAX; i++) {
		cases_is(results[i], 0, "call %u", i);
		if (i % 16)
			continue;
		datacall_mixed(&alone, i);
		cases_is(datacall_ioctl(&alone, keys[alone.key]), 0, "call %u alone", i);
		cases_is(memcmp(alone.out, calls[i].out, sizeof(alone.out)) || memcmp(alone.tag, calls[i].tag, 16), 0,
			 "the same output, %u", i);
	}
	for (i = 0; i < MAX; i++)
		datacall_reverse(&calls[i]);
	run_all(r, MAX);
	for (i = 0; i < MAX; i++) {
		cases_is(results[i], 0, "reverse of call %u", i);
		cases_is(datacall_restored(&calls[i], i), 1, "input of call %u", i);
	}
	cases_end("1024 calls of all kinds on four keys, and their reverse, %s", what);
}

static unsigned int workers(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned int n = 0;
	struct dirent *e;
	char path[300], name[32];
	FILE *f;

	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		n += fgets(name, sizeof(name), f) && !strncmp(name, "iou-wrk", 7);
		fclose(f);
	}
	closedir(dir);
	return n;
}

/* What is there when io_uring_submit() returns was done by it; a worker is another thread. */
static void where_done(void)
{
	static uint8_t big[MHSM_URING_INLINE + 1];
	struct io_uring_cqe *cqe;
	struct datacall d;
	unsigned int n;
	unsigned int i;

	cases_begin();
	for (i = 0; i < 64; i++) {
		datacall_encrypt(&calls[i], i);
		push(&ring, i, keys[K_AES]);
	}
	cases_is(io_uring_submit(&ring), 64, "submitted");
	cases_is(io_uring_cq_ready(&ring), 64, "64 short calls are done at once");
	reap(&ring, 64);
	datacall_encrypt(&d, 1);
	d.io.crypt.in = d.io.crypt.out = (uintptr_t)big;
	d.io.crypt.in_len = d.io.crypt.out_len = MHSM_URING_INLINE;
	sqe_next(&ring, keys[K_AES], 0, MHSM_CALL_NR(d.code), &d.io);
	cases_is(io_uring_submit(&ring), 1, "submitted");
	cases_is(io_uring_cq_ready(&ring), 1, "and one of MHSM_URING_INLINE bytes");
	cases_is(!io_uring_peek_cqe(&ring, &cqe) && !cqe->res, 1, "which succeeds");
	reap(&ring, 1);
	cases_end("short calls are done inline");

	cases_begin();
	for (i = 0; i < 32; i++) {
		datacall_sign(&calls[i], K_RSA, i);
		sqe_next(&ring, keys[K_RSA], i, MHSM_CALL_NR(MHSM_IOC_SIGN), &calls[i].io)->flags = IOSQE_ASYNC;
	}
	cases_is(io_uring_submit(&ring), 32, "submitted");
	cases_is(io_uring_cq_ready(&ring) < 32, 1, "32 signatures with RSA are not");
	/* How many is the ring's affair. A worker has its name when it first runs. */
	while (!(n = workers()) && io_uring_cq_ready(&ring) < 32)
		sched_yield();
	cases_is(n > 0, 1, "workers do them");
	reap(&ring, 32);
	for (i = 0; i < 32; i++)
		cases_is(results[i], 0, "signature %u", i);
	d.io.crypt.in_len = d.io.crypt.out_len = MHSM_URING_INLINE + 1;
	cases_is(one(&d, keys[K_AES], NULL), 0, "a longer message");
	cases_end("long calls are done by workers");
}

/* --- wrong fields ------------------------------------------------------------------------------------------------- */

static void bad_flags(struct io_uring_sqe *sqe)
{
	sqe->rw_flags = 1; /* uring_cmd_flags: IORING_URING_CMD_FIXED */
}

static void bad_pad(struct io_uring_sqe *sqe)
{
	sqe->cmd[15] = 1;
}

static void no_struct(struct io_uring_sqe *sqe)
{
	memset(sqe->cmd, 0, 8);
}

static void kernel_struct(struct io_uring_sqe *sqe)
{
	const uint64_t at = 0xffff888000000000u;

	memcpy(sqe->cmd, &at, 8);
}

static void wrong_fields(void)
{
	static const uint32_t numbers[] = { 0, 1, 0x0a, 0x7f, 0x80, 0x81, 0x88, 0xff, 0x182, 0x80000082, UINT32_MAX };
	const struct iovec buffer = { calls, sizeof(calls[0]) };
	struct datacall d, s;
	size_t i;

	cases_begin();
	datacall_encrypt(&d, 1);
	datacall_sign(&s, K_EC, 1);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sqe_next(&ring, keys[i % KEYS], 0, numbers[i], &d.io);
		cases_is(io_uring_submit(&ring), 1, "submitted");
		reap(&ring, 1);
		cases_is(results[0], -ENOTTY, "cmd_op %#x", numbers[i]);
	}
	cases_is(io_uring_register_buffers(&ring, &buffer, 1), 0, "a buffer that is registered");
	cases_is(one(&d, keys[K_AES], bad_flags), -EINVAL, "uring_cmd_flags");
	cases_is(io_uring_unregister_buffers(&ring), 0, "which is not any more");
	cases_is(one(&d, keys[K_AES], bad_pad), -EINVAL, "pad");
	cases_is(one(&d, keys[K_AES], no_struct), -EFAULT, "NULL");
	cases_is(one(&d, keys[K_AES], kernel_struct), -EFAULT, "the kernel's memory");
	cases_is(one(&s, keys[K_EC], no_struct), -EFAULT, "NULL, by a worker");
	cases_is(one(&d, device, NULL), -EOPNOTSUPP, "the device");
	cases_is(one(&d, -1, NULL), -EBADF, "no descriptor");
	cases_is(one(&d, keys[K_EC], NULL), -EOPNOTSUPP, "another key's algorithm");
	d.io.crypt.out_len = 1;
	cases_is(one(&d, keys[K_AES], NULL), -ERANGE, "room");
	cases_is(d.io.crypt.out_len, 64, "needed");
	s.io.sign.sig_len = 1;
	cases_is(one(&s, keys[K_EC], NULL), -ERANGE, "room, by a worker");
	cases_is(s.io.sign.sig_len, 64, "needed");
	s.io.sign.pad = 1;
	cases_is(one(&s, keys[K_EC], NULL), -EINVAL, "a field of the struct");
	d.io.crypt.size = 8;
	cases_is(one(&d, keys[K_AES], NULL), -EINVAL, "the size of the struct");
	cases_end("wrong fields");
}

/* --- what goes away meanwhile ------------------------------------------------------------------------------------- */

static void signing(unsigned int count, int fd)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		datacall_sign(&calls[i], K_EC, i);
		push(&ring, i, fd);
	}
	cases_is(io_uring_submit(&ring), count, "submitted");
}

static void revoked(void)
{
	unsigned int i, good = 0, bad = 0;
	int fd;

	cases_begin();
	fd = datakey_new(device, K_EC, "uring-revoked");
	cases_is(fd < 0 ? fd : 0, 0, "KEY_CREATE");
	signing(MAX, fd);
	reap(&ring, 1);
	cases_is(mhsm_key_delete(device, "uring-revoked"), 0, "KEY_DELETE");
	cases_is(mhsm_key_purge(device, "uring-revoked"), 0, "KEY_PURGE");
	reap(&ring, MAX - 1);
	for (i = 0; i < MAX; i++) {
		good += !results[i];
		bad += results[i] == -EKEYREVOKED;
		cases_is(!results[i] || results[i] == -EKEYREVOKED || results[i] == -ENOBUFS, 1, "call %u: %ld", i,
			 results[i]);
	}
	cases_is(good && bad, 1, "%u before, %u after", good, bad);
	datacall_sign(&calls[0], K_EC, 0);
	cases_is(one(&calls[0], fd, NULL), -EKEYREVOKED, "afterwards");
	close(fd);
	cases_end("a key that is purged while calls wait");
}

static void closed(void)
{
	unsigned int i, wrong = 0;
	int fd = datakey_new(device, K_EC, NULL);

	cases_begin();
	signing(256, fd);
	close(fd);
	reap(&ring, 256);
	for (i = 0; i < 256; i++)
		wrong += results[i] && results[i] != -ENOBUFS;
	cases_is(wrong, 0, "the ring has the file");
	cases_end("a descriptor that is closed while calls wait");
}

/* A child that ends, or is killed, with calls in its ring */
static void ended(int sig)
{
	size_t before = hsm_audit_count(hsm, MHSM_ACT_SIGN, 0);
	struct io_uring own;
	unsigned int i;
	pid_t child;
	int status;

	child = fork();
	if (!child) {
		if (io_uring_queue_init(MAX, &own, 0))
			_exit(1);
		for (i = 0; i < MAX; i++) {
			datacall_sign(&calls[i], K_RSA, i);
			push(&own, i, keys[K_RSA]);
		}
		if (io_uring_submit(&own) != MAX)
			_exit(1);
		reap(&own, 1);
		if (!sig)
			_exit(0);
		reap(&own, MAX);
	}
	if (sig) {
		hsm_audit_wait(hsm, MHSM_ACT_SIGN, 0, before + 1, 120);
		kill(child, sig);
	}
	waitpid(child, &status, 0);
	tap_ok(sig ? WIFSIGNALED(status) && WTERMSIG(status) == sig : WIFEXITED(status) && !WEXITSTATUS(status),
	       "a child %s with 1024 signatures in its ring", sig ? "is killed" : "exits");
}

int main(void)
{
	struct io_uring polled;
	int err, i;

	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, device);
	for (i = 0; i < KEYS; i++) {
		keys[i] = datakey_new(device, i, NULL);
		if (keys[i] < 0)
			return tap_bail("a key", keys[i]);
	}
	err = io_uring_queue_init(MAX, &ring, 0);
	if (err)
		return tap_bail("io_uring_queue_init", err);
	right_results(&ring, "by io_uring");
	where_done();
	wrong_fields();
	revoked();
	closed();
	ended(0);
	ended(SIGKILL);
	io_uring_queue_exit(&ring);
	err = io_uring_queue_init(MAX, &polled, IORING_SETUP_SQPOLL);
	if (err)
		return tap_bail("io_uring_queue_init with SQPOLL", err);
	right_results(&polled, "by a ring that the kernel polls");
	io_uring_queue_exit(&polled);
	for (i = 0; i < KEYS; i++)
		close(keys[i]);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
