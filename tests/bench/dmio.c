// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O on two block devices that should be equally fast, past the page cache.
 *
 * usage: dmio NAME OURS THEIRS MIB [ROUNDS]
 *
 * A round reads, or writes, MIB mebibytes of one device: from its start in pieces of 1 MiB, one at a time; or in pieces of
 * 4 KiB, DEPTH at a time by kernel AIO, anywhere in its first SPAN bytes. Figures are NAME/read, /write, /randread-4k, /randwrite-4k.
 * Both devices lie over the same memory: what was written through one must be read through the other.
 */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define PIECE (1 << 20)
#define SMALL 4096
#define DEPTH 16
#define SPAN (32 << 20)

static int fds[2];
static int pieces;
static uint8_t *buf;
static aio_context_t aio;
static struct iocb requests[DEPTH];
static uint32_t place = 1;

static double sequential(int side, void *context)
{
	int writing = *(int *)context;
	double start = bench_now();

	for (int i = 0; i < pieces; i++) {
		off_t at = (off_t)i * PIECE;
		ssize_t n = writing ? pwrite(fds[side], buf, PIECE, at) : pread(fds[side], buf, PIECE, at);

		bench_check(n == PIECE ? 0 : n < 0 ? -errno : -EIO, writing ? "writing" : "reading");
	}
	return pieces / (bench_now() - start);
}

/* Which 4 KiB are next (Marsaglia's xorshift) */
static uint64_t next_place(void)
{
	place ^= place << 13;
	place ^= place >> 17;
	place ^= place << 5;
	return (uint64_t)(place % (SPAN / SMALL)) * SMALL;
}

static void submit(int side, int writing, struct iocb *request)
{
	*request = (struct iocb){
		.aio_lio_opcode = writing ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)fds[side],
		.aio_buf = (uintptr_t)buf + (uintptr_t)(request - requests) * SMALL,
		.aio_nbytes = SMALL,
		.aio_offset = next_place(),
	};
	bench_check(syscall(SYS_io_submit, aio, 1, &request) == 1 ? 0 : -errno, "submitting");
}

static double scattered(int side, void *context)
{
	int writing = *(int *)context, begun = 0, ended = 0, count = pieces * (PIECE / SMALL);
	double start = bench_now();

	for (; begun < DEPTH; begun++)
		submit(side, writing, &requests[begun]);
	while (ended < count) {
		struct io_event events[DEPTH];
		long n = syscall(SYS_io_getevents, aio, 1, DEPTH, events, NULL);

		bench_check(n < 0 ? -errno : 0, "waiting");
		for (long i = 0; i < n; i++) {
			bench_check(events[i].res == SMALL ? 0 : -EIO, writing ? "writing 4 KiB" : "reading 4 KiB");
			if (begun < count) {
				submit(side, writing, (struct iocb *)(uintptr_t)events[i].obj);
				begun++;
			}
		}
		ended += (int)n;
	}
	return count / (bench_now() - start);
}

static void compare_sides(void)
{
	uint8_t *want = malloc(PIECE);

	bench_check(!want || getrandom(buf, PIECE, 0) != PIECE ? -EIO : 0, "getrandom");
	memcpy(want, buf, PIECE);
	bench_check(pwrite(fds[0], buf, PIECE, 0) == PIECE ? 0 : -EIO, "writing");
	memset(buf, 0, PIECE);
	bench_check(pread(fds[1], buf, PIECE, 0) == PIECE ? 0 : -EIO, "reading");
	bench_check(memcmp(buf, want, PIECE) ? -EILSEQ : 0, "reading on one device what was written on the other");
	free(want);
}

static const struct {
	const char *name, *unit;
	double (*run)(int side, void *context);
	int writing;
} kinds[] = {
	{ "read", "MiB/s", sequential, 0 },
	{ "write", "MiB/s", sequential, 1 },
	{ "randread-4k", "op/s", scattered, 0 },
	{ "randwrite-4k", "op/s", scattered, 1 },
};

int main(int argc, char **argv)
{
	int rounds = argc > 5 ? atoi(argv[5]) : 21;
	char name[64];

	pieces = argc > 4 ? atoi(argv[4]) : 0;
	if (argc < 5 || pieces < 1 || rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: dmio NAME OURS THEIRS MIB [ROUNDS], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		fds[i] = open(argv[2 + i], O_RDWR | O_DIRECT | O_CLOEXEC);
		bench_check(fds[i] < 0 ? -errno : 0, argv[2 + i]);
	}
	buf = aligned_alloc(4096, PIECE);
	bench_check(buf ? 0 : -ENOMEM, "memory");
	bench_check(syscall(SYS_io_setup, DEPTH, &aio) ? -errno : 0, "setting up AIO");
	compare_sides();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int writing = kinds[i].writing;

		snprintf(name, sizeof(name), "%s/%s", argv[1], kinds[i].name);
		bench_versus(name, kinds[i].unit, "aes-xts-plain64", rounds, kinds[i].run, &writing);
	}
	return 0;
}
