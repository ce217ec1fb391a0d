// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm */
/*
 * Many keys, for the figures of loading them. As an administrator, in a guest:
 *
 * usage: keys create COUNT   makes COUNT stored AES-256 keys, many at a time: mhsmd commits together what comes together
 *        keys open COUNT     opens all of them, and holds them until its standard input ends
 *        keys active COUNT   waits, up to two minutes, until the HSM is active; there must then be COUNT keys or more
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"

#define THREADS 128

static int session, total;
static atomic_int next;

static void *create_thread(void *unused)
{
	char name[32];
	struct mhsm_key_spec spec = {
		.name = name, .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED,
	};
	int i, ret;

	(void)unused;
	while ((i = atomic_fetch_add(&next, 1)) < total) {
		snprintf(name, sizeof(name), "bench-%06d", i);
		do
			ret = mhsm_key_create(session, &spec);
		while (ret == -EAGAIN || ret == -ENOBUFS);
		close(bench_check(ret, name));
	}
	return NULL;
}

static int create(void)
{
	pthread_t threads[THREADS];
	double start = bench_now();

	for (int i = 0; i < THREADS; i++)
		bench_check(-pthread_create(&threads[i], NULL, create_thread, NULL), "pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	fprintf(stderr, "keys: %d created in %.1f s\n", total, bench_now() - start);
	return 0;
}

static int open_all(void)
{
	char name[32], end;

	for (int i = 0; i < total; i++) {
		snprintf(name, sizeof(name), "bench-%06d", i);
		bench_check(mhsm_key_open(session, name, NULL, MHSM_OP_ENCRYPT), name);
	}
	puts("open");
	fflush(stdout);
	while (read(0, &end, 1) > 0)
		;
	return 0;
}

static int active(void)
{
	struct timespec pause = { .tv_nsec = 5000000 };
	double start = bench_now();
	struct mhsm_ioc_info info;

	/* There is nothing to wait on: the state is announced to processes with CAP_NET_ADMIN only. */
	for (;;) {
		bench_check(mhsm_info(session, &info), "the HSM's state");
		if (info.state == MHSM_STATE_ACTIVE)
			break;
		bench_check(bench_now() - start > 120 ? -ETIMEDOUT : 0, "waiting for the HSM");
		nanosleep(&pause, NULL);
	}
	bench_check(info.keys < (unsigned int)total ? -ENODATA : 0, "counting the loaded keys");
	return 0;
}

int main(int argc, char **argv)
{
	total = argc == 3 ? atoi(argv[2]) : 0;
	if (total < 1) {
		fprintf(stderr, "usage: keys create|open|active COUNT\n");
		return 2;
	}
	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	if (!strcmp(argv[1], "create"))
		return create();
	if (!strcmp(argv[1], "open"))
		return open_all();
	if (!strcmp(argv[1], "active"))
		return active();
	fprintf(stderr, "keys: \"%s\" is not one of create, open, active\n", argv[1]);
	return 2;
}
