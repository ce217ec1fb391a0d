/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's fault injection, for the programs failnth*.c: every allocation of a call fails, one at a time.
 *
 * Whoever includes it calls faults_prepare(), and then faults_each() between cases_begin() and cases_end().
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"

#define FAULTS_MAX 2000 /* more allocations than any call makes */

static struct hsm *faults_hsm;
static int faults_device = -1, faults_fd = -1;
static unsigned int faults_injected;

/* Which of a call's allocations fail: the first of them, and how far it is to the next */
static unsigned int faults_first = 1, faults_step = 1;

/* A result without the descriptor that it may be */
static inline int faults_ok(int ret)
{
	return ret < 0 ? ret : 0;
}

static inline int faults_closed(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static inline int faults_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Also what may sleep fails, and single pages do; quietly, because there is much of it. */
static inline int faults_prepare(struct hsm *hsm, int device)
{
	static const char *const settings[][2] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/failslab/verbose", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
		{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(settings) / sizeof(settings[0]); i++)
		ret = faults_write(settings[i][0], settings[i][1]);
	faults_hsm = hsm;
	faults_device = device;
	faults_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return ret ? ret : faults_ok(faults_fd < 0 ? -errno : 0);
}

/* The @nth allocation from now on that this thread makes in the kernel fails; 0: none */
static inline void faults_set(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(faults_fd, text, (size_t)len, 0) != len)
		abort();
}

/* Did it come so far? And from now on none fails. */
static inline int faults_end(void)
{
	char text[16] = "";

	if (pread(faults_fd, text, sizeof(text) - 1, 0) <= 0)
		abort();
	faults_set(0);
	return atoi(text) == 0;
}

struct faults_state {
	unsigned long long keys; /* loaded */
	size_t records; /* stored */
	unsigned int fds;
	uint32_t hsm;
};

static inline unsigned int faults_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static inline struct faults_state faults_look(void)
{
	struct mhsm_ioc_info info;
	struct faults_state s = { .records = hsm_records(faults_hsm), .fds = faults_fds() };

	if (!mhsm_info(faults_device, &info)) {
		s.keys = info.keys;
		s.hsm = info.state;
	}
	return s;
}

static inline void faults_same(const struct faults_state *before, const char *name, unsigned int nth)
{
	struct faults_state now = faults_look();

	cases_is((long)now.keys, (long)before->keys, "%s, allocation %u: keys", name, nth);
	cases_is((long)now.records, (long)before->records, "%s, allocation %u: records", name, nth);
	cases_is(now.fds, before->fds, "%s, allocation %u: descriptors", name, nth);
	cases_is(now.hsm, before->hsm, "%s, allocation %u: the HSM's state", name, nth);
}

/*
 * Runs @call again and again, with the first allocation failing, the second, and so on until none is left (but see
 * faults_step). @undo takes back what a call that works did (NULL: there is nothing). @other is an error that it may also
 * say instead of ENOMEM.
 */
static inline void faults_each(const char *name, int (*call)(int arg), int (*undo)(void), int arg, int other)
{
	unsigned int nth, failed = 0;
	struct timespec start, end;
	struct faults_state before;
	int ret, hit;

	clock_gettime(CLOCK_MONOTONIC, &start);
	cases_is(call(arg), 0, "%s, as it is", name);
	if (undo)
		cases_is(undo(), 0, "%s: undone", name);
	before = faults_look();
	for (nth = faults_first; nth < FAULTS_MAX; nth += faults_step) {
		faults_set(nth);
		ret = call(arg);
		hit = faults_end();
		if (ret && ret != other)
			cases_is(ret, hit ? -ENOMEM : 0, "%s, allocation %u", name, nth);
		failed += !!ret;
		if (!ret && undo)
			cases_is(undo(), 0, "%s, allocation %u: undone", name, nth);
		faults_same(&before, name, nth);
		if (!hit)
			break;
		faults_injected++;
	}
	cases_is(nth < FAULTS_MAX, 1, "%s: an end", name);
	cases_is(call(arg), 0, "%s, afterwards", name);
	if (undo)
		cases_is(undo(), 0, "%s: undone", name);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# %-32s %3u allocations, %3u failures, %.1f s\n", name, nth - 1, failed,
	       (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
}

#endif
