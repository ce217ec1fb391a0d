// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 900
 *
 * BATCH: each entry is what the call by itself is, whatever the others are; and keys, descriptors, memory and the process
 * go away while it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/datacall.h"
#include "tests/kselftest/hsm/hsm.h"

#define PAGE 4096
#define MAX MHSM_BATCH_OPS_MAX

static struct hsm *hsm;
static int device, keys[KEYS];
static struct datacall calls[MAX];
static struct mhsm_batch_op ops[MAX];

static void entry(unsigned int i, int fd)
{
	ops[i] = (struct mhsm_batch_op){
		.fd = fd,
		.call = MHSM_CALL_NR(calls[i].code),
		.arg = (uintptr_t)&calls[i].io,
		.result = 1,
		.user_data = 0x0123456789abcdefu * (i + 1),
	};
}

/* The number of entries that were tried, or a negative errno */
static long batch(struct mhsm_batch_op *from, unsigned int count)
{
	struct mhsm_ioc_batch b = { .size = sizeof(b), .count = count, .ops = (uintptr_t)from };

	return ioctl(device, MHSM_IOC_BATCH, &b) ? -errno : (long)b.done;
}

/* All of them, though the audit is full now and then: what was refused for that is done again. */
static void batch_all(unsigned int count)
{
	static struct mhsm_batch_op again[MAX];
	static unsigned int at[MAX];
	unsigned int i, n = count;

	cases_is(batch(ops, count), count, "all are tried");
	while (n) {
		for (i = n = 0; i < count; i++)
			if (ops[i].result == -ENOBUFS) {
				again[n] = ops[i];
				at[n++] = i;
			}
		if (n && batch(again, n) != n)
			abort();
		for (i = 0; i < n; i++)
			ops[at[i]].result = again[i].result;
	}
}

/* --- results ------------------------------------------------------------------------------------------------------ */

static void right_results(void)
{
	struct datacall alone;
	unsigned int i;

	cases_begin();
	for (i = 0; i < MAX; i++) {
		datacall_mixed(&calls[i], i);
		entry(i, keys[calls[i].key]);
	}
	batch_all(MAX);
	for (i = 0; i < MAX; i++) {
		cases_is(ops[i].result, 0, "entry %u", i);
		cases_is(ops[i].user_data == 0x0123456789abcdefu * (i + 1), 1, "user_data of entry %u", i);
		if (i % 16)
			continue;
		datacall_mixed(&alone, i);
		cases_is(datacall_ioctl(&alone, keys[alone.key]), 0, "call %u alone", i);
		cases_is(memcmp(alone.out, calls[i].out, sizeof(alone.out)) || memcmp(alone.tag, calls[i].tag, 16), 0,
			 "the same output, %u", i);
	}
	for (i = 0; i < MAX; i++) {
		datacall_reverse(&calls[i]);
		entry(i, keys[calls[i].key]);
	}
	batch_all(MAX);
	for (i = 0; i < MAX; i++) {
		cases_is(ops[i].result, 0, "reverse of entry %u", i);
		cases_is(datacall_restored(&calls[i], i), 1, "input of entry %u", i);
	}
	cases_end("1024 calls of all kinds on four keys, and their reverse");
}

/* One that fails is alone in it, and has the errno and the needed length that its call has. */
static void own_results(void)
{
	unsigned int i;

	cases_begin();
	for (i = 0; i < 9; i++) {
		datacall_encrypt(&calls[i], i);
		entry(i, keys[K_AES]);
	}
	calls[1].io.crypt.out_len = 63;
	calls[2].io.crypt.alg = MHSM_ALG_ES256;
	calls[3].io.crypt.flags = 1u << 31;
	calls[4].io.crypt.in = 0;
	calls[5].io.crypt.size = 8;
	calls[6].code = MHSM_IOC_DECRYPT;
	entry(6, keys[K_AES]);
	calls[7].io.crypt.size = PAGE + 8;
	cases_is(batch(ops, 9), 9, "tried");
	cases_is(ops[0].result, 0, "before");
	cases_is(ops[1].result, -ERANGE, "room");
	cases_is(calls[1].io.crypt.out_len, 64, "needed");
	cases_is(ops[2].result, -EOPNOTSUPP, "algorithm");
	cases_is(ops[3].result, -EINVAL, "flag");
	cases_is(ops[4].result, -EFAULT, "input");
	cases_is(ops[5].result, -EINVAL, "short struct");
	cases_is(ops[6].result, -EBADMSG, "tag");
	cases_is(ops[7].result, -E2BIG, "long struct");
	cases_is(ops[8].result, 0, "after");
	cases_end("each entry has its own result");
}

static void audited(void)
{
	size_t good = hsm_audit_count(hsm, MHSM_ACT_WRAP, 0), bad = hsm_audit_count(hsm, MHSM_ACT_UNWRAP, -EBADMSG);
	unsigned int i;

	for (i = 0; i < 64; i++) {
		datacall_wrap(&calls[i], i);
		if (i % 2)
			calls[i].code = MHSM_IOC_UNWRAP;
		entry(i, keys[K_AES]);
	}
	tap_is(batch(ops, 64), 64, "64 entries, half of which fail");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_WRAP, 0, good + 32, 30), 0, "a record for each that succeeded");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_UNWRAP, -EBADMSG, bad + 32, 30), 0, "and for each that failed");
	tap_ok(hsm_audit_count(hsm, MHSM_ACT_WRAP, 0) == good + 32 &&
		       hsm_audit_count(hsm, MHSM_ACT_UNWRAP, -EBADMSG) == bad + 32,
	       "and no more");
}

/* --- wrong fields ------------------------------------------------------------------------------------------------- */

static void wrong_struct(void)
{
	struct mhsm_ioc_batch good = { .size = sizeof(good), .count = 1, .ops = (uintptr_t)ops }, b;
	static const uint32_t counts[] = { 0, MAX + 1, UINT32_MAX };
	size_t i;

	datacall_encrypt(&calls[0], 0);
	entry(0, keys[K_AES]);
	cases_begin();
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		b = good;
		b.count = counts[i];
		cases_is(ioctl(device, MHSM_IOC_BATCH, &b) ? -errno : 0, -EINVAL, "count %u", counts[i]);
	}
	for (i = 0; i < 32; i++) {
		b = good;
		b.flags = 1u << i;
		cases_is(ioctl(device, MHSM_IOC_BATCH, &b) ? -errno : 0, -EINVAL, "flag %zu", i);
	}
	b = good;
	b.ops = 0;
	cases_is(ioctl(device, MHSM_IOC_BATCH, &b) ? -errno : 0, -EFAULT, "ops NULL");
	b.ops = 0xffff888000000000u;
	cases_is(ioctl(device, MHSM_IOC_BATCH, &b) ? -errno : 0, -EFAULT, "ops in the kernel");
	cases_is(ops[0].result, 1, "nothing was done");
	cases_is(ioctl(keys[K_AES], MHSM_IOC_BATCH, &good) ? -errno : 0, -ENOTTY, "on a key fd");
	cases_end("wrong fields of the struct");
}

static void wrong_entries(void)
{
	static const uint32_t numbers[] = { 0, 1, 0x0a, 0x7f, 0x80, 0x81, 0x88, 0xff, 0x182, 0x80000082, UINT32_MAX };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int i, n = 0;
	int want[64];

	cases_begin();
	for (i = 0; i < 64; i++) {
		datacall_encrypt(&calls[i], i);
		entry(i, keys[K_AES]);
		want[i] = 0;
	}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++, n += 2) {
		ops[n].call = numbers[i];
		want[n] = -ENOTTY;
	}
	ops[n].fd = -1, want[n] = -EBADF, n += 2;
	ops[n].fd = INT32_MIN, want[n] = -EBADF, n += 2;
	ops[n].fd = 1000000, want[n] = -EBADF, n += 2;
	ops[n].fd = device, want[n] = -ENOTTY, n += 2;
	ops[n].fd = null, want[n] = -ENOTTY, n += 2;
	ops[n].pad = 1, want[n] = -EINVAL, n += 2;
	ops[n].pad = 1u << 31, want[n] = -EINVAL, n += 2;
	ops[n].arg = 0, want[n] = -EFAULT, n += 2;
	ops[n].arg = 0xffff888000000000u, want[n] = -EFAULT, n += 2;
	ops[n].fd = keys[K_EC], want[n] = -EOPNOTSUPP, n += 2;
	cases_is(batch(ops, n), n, "all are tried");
	for (i = 0; i < n; i++)
		cases_is(ops[i].result, want[i], "entry %u", i);
	cases_end("wrong fields of entries, each between right ones");
	close(null);
}

/* Entries that end with the memory, or that cannot be written */
static void half_memory(void)
{
	uint8_t *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mhsm_batch_op *last;
	unsigned int i;

	cases_begin();
	if (two == MAP_FAILED || munmap(two + PAGE, PAGE))
		abort();
	last = (struct mhsm_batch_op *)(two + PAGE) - 40;
	for (i = 0; i < 40; i++) {
		datacall_encrypt(&calls[i], i);
		entry(i, keys[K_AES]);
		last[i] = ops[i];
	}
	/* Read 16 at a time, and the third 16 are not all there. */
	cases_is(batch(last, 41), 32, "41 entries of which 40 are there");
	cases_is(last[0].result, 0, "the first");
	cases_is(last[31].result, 0, "the last that was read");
	cases_is(last[32].result, 1, "the one after");
	cases_is(calls[32].out[0], 0, "which was not begun");
	cases_is(batch((struct mhsm_batch_op *)(two + PAGE) - 1, 2), -EFAULT, "the first cannot be read");
	mprotect(two, PAGE, PROT_READ);
	memset(calls[0].out, 0, sizeof(calls[0].out));
	cases_is(batch(last, 1), -EFAULT, "the result cannot be written");
	cases_is(calls[0].out[0], 0, "which was not begun");
	munmap(two, PAGE);
	cases_end("memory that ends");
}

/* --- what goes away meanwhile ------------------------------------------------------------------------------------- */

struct run {
	unsigned int count;
	long ret;
};

static void *run_thread(void *context)
{
	struct run *run = context;

	run->ret = batch(ops, run->count);
	return NULL;
}

/* The batch in a thread; returns once its first results are there */
static pthread_t start(struct run *run)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_thread, run))
		abort();
	while (__atomic_load_n(&ops[0].result, __ATOMIC_ACQUIRE) == 1)
		sched_yield();
	return thread;
}

static void all_signing(unsigned int count, int fd)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		datacall_sign(&calls[i], K_EC, i);
		entry(i, fd);
	}
}

static void revoked(void)
{
	struct run run = { MAX, 0 };
	unsigned int i, good = 0;
	pthread_t thread;
	int fd;

	cases_begin();
	fd = datakey_new(device, K_EC, "batch-revoked");
	cases_is(fd < 0 ? fd : 0, 0, "KEY_CREATE");
	all_signing(MAX, fd);
	thread = start(&run);
	cases_is(mhsm_key_delete(device, "batch-revoked"), 0, "KEY_DELETE");
	cases_is(mhsm_key_purge(device, "batch-revoked"), 0, "KEY_PURGE");
	pthread_join(thread, NULL);
	cases_is(run.ret, MAX, "all are tried");
	while (good < MAX && ops[good].result != -EKEYREVOKED)
		good++;
	for (i = 0; i < good; i++)
		cases_is(ops[i].result == 0 || ops[i].result == -ENOBUFS, 1, "entry %u", i);
	for (; i < MAX; i++)
		cases_is(ops[i].result == -EKEYREVOKED || ops[i].result == -ENOBUFS, 1, "entry %u, revoked", i);
	cases_is(good >= 16 && good < MAX, 1, "%u signatures before", good);
	datacall_sign(&calls[0], K_EC, 0);
	entry(0, fd);
	cases_is(batch(ops, 1), 1, "afterwards");
	cases_is(ops[0].result, -EKEYREVOKED, "afterwards");
	close(fd);
	cases_end("a key that is purged while a batch runs");
}

static void closed(void)
{
	struct run run = { MAX, 0 };
	pthread_t thread;
	unsigned int i;
	int fd, wrong = 0, bad = 0;

	cases_begin();
	fd = datakey_new(device, K_EC, NULL);
	all_signing(MAX, fd);
	thread = start(&run);
	close(fd);
	pthread_join(thread, NULL);
	cases_is(run.ret, MAX, "all are tried");
	for (i = 0; i < MAX; i++)
		wrong += ops[i].result && ops[i].result != -ENOBUFS;
	cases_is(wrong, 0, "a batch goes on with the file that it has");

	/* Looked up again after another descriptor */
	fd = datakey_new(device, K_EC, NULL);
	all_signing(MAX, fd);
	for (i = 1; i < MAX; i += 2)
		ops[i].fd = keys[K_EC];
	thread = start(&run);
	close(fd);
	pthread_join(thread, NULL);
	for (i = wrong = 0; i < MAX; i++) {
		bad += ops[i].result == -EBADF;
		wrong += ops[i].result && ops[i].result != -ENOBUFS && (i % 2 || ops[i].result != -EBADF);
	}
	cases_is(wrong, 0, "only the closed one fails");
	cases_is(bad > 0, 1, "and does (%d)", bad);
	cases_is(ops[MAX - 2].result, -EBADF, "to the end");
	cases_end("descriptors that are closed while a batch runs");
}

static void killed(void)
{
	size_t before = hsm_audit_count(hsm, MHSM_ACT_SIGN, 0), after;
	unsigned int i;
	pid_t child;
	int status;

	for (i = 0; i < MAX; i++) {
		datacall_sign(&calls[i], K_RSA, i);
		entry(i, keys[K_RSA]);
	}
	child = fork();
	if (!child) {
		batch(ops, MAX);
		_exit(0);
	}
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_SIGN, 0, before + 1, 60), 0, "a child signs 1024 times with RSA");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a fatal signal ends it");
	/* What comes after it in the audit is there only once all before it is. */
	datacall_encrypt(&calls[0], 0);
	after = hsm_audit_count(hsm, MHSM_ACT_ENCRYPT, 0);
	datacall_ioctl(&calls[0], keys[K_AES]);
	hsm_audit_wait(hsm, MHSM_ACT_ENCRYPT, 0, after + 1, 30);
	after = hsm_audit_count(hsm, MHSM_ACT_SIGN, 0) - before;
	tap_ok(after < MAX, "after %zu of them", after);
}

static void library(void)
{
	struct mhsm_batch *b;
	struct datacall d[3];
	size_t len = 0;

	cases_begin();
	cases_is(mhsm_batch_new(0, &b), -EINVAL, "no room");
	cases_is(mhsm_batch_new(MAX + 1, &b), -EINVAL, "too much room");
	cases_is(mhsm_batch_new(2, &b), 0, "mhsm_batch_new");
	cases_is(mhsm_batch_run(b, device), 0, "empty");
	datacall_encrypt(&d[0], 0);
	datacall_sign(&d[1], K_EC, 1);
	d[0].io.crypt.size = d[1].io.sign.size = 0;
	d[1].io.sign.sig_len = 10;
	cases_is(mhsm_batch_crypt(b, keys[K_AES], MHSM_IOC_SIGN, &d[0].io.crypt), -EINVAL, "not crypt");
	cases_is(mhsm_batch_sign(b, keys[K_EC], MHSM_IOC_ENCRYPT, &d[1].io.sign), -EINVAL, "not sign");
	cases_is(mhsm_batch_crypt(b, keys[K_AES], MHSM_IOC_ENCRYPT, &d[0].io.crypt), 0, "first");
	cases_is(mhsm_batch_sign(b, keys[K_EC], MHSM_IOC_SIGN, &d[1].io.sign), 1, "second");
	cases_is(mhsm_batch_crypt(b, keys[K_AES], MHSM_IOC_ENCRYPT, &d[0].io.crypt), -ENOSPC, "full");
	cases_is(mhsm_batch_result(b, 0, &len), -EINVAL, "not run");
	cases_is(mhsm_batch_run(b, device), 2, "run");
	cases_is(mhsm_batch_result(b, 0, &len), 0, "result");
	cases_is((long)len, 64, "length");
	cases_is(mhsm_batch_result(b, 1, &len), -ERANGE, "result");
	cases_is((long)len, 64, "needed");
	cases_is(mhsm_batch_result(b, 2, NULL), -EINVAL, "none");
	mhsm_batch_clear(b);
	cases_is(mhsm_batch_run(b, device), 0, "empty again");
	mhsm_batch_free(b);
	mhsm_batch_free(NULL);
	datacall_encrypt(&d[2], 0);
	cases_is(datacall_ioctl(&d[2], keys[K_AES]), 0, "alone");
	cases_is(memcmp(d[0].out, d[2].out, 64) || memcmp(d[0].tag, d[2].tag, 16), 0, "the same");
	cases_end("libmhsm");
}

int main(void)
{
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
	right_results();
	own_results();
	audited();
	wrong_struct();
	wrong_entries();
	half_memory();
	revoked();
	closed();
	killed();
	library();
	for (i = 0; i < KEYS; i++)
		close(keys[i]);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
