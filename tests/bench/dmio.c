// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequential I/O on two block devices that should be equally fast, past the page cache.
 *
 * usage: dmio OURS THEIRS MIB [ROUNDS]
 *
 * A round reads, or writes, the first MIB mebibytes of one device in pieces of 1 MiB, one at a time. Both devices lie
 * over the same memory: what was written through one must be read through the other.
 */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define PIECE (1 << 20)

static int fds[2];
static int pieces;
static uint8_t *buf;

static double run(int side, void *context)
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

int main(int argc, char **argv)
{
	int rounds = argc > 4 ? atoi(argv[4]) : 21, writing;

	pieces = argc > 3 ? atoi(argv[3]) : 0;
	if (argc < 4 || pieces < 1 || rounds < 1 || rounds > BENCH_ROUNDS_MAX) {
		fprintf(stderr, "usage: dmio OURS THEIRS MIB [ROUNDS], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		fds[i] = open(argv[1 + i], O_RDWR | O_DIRECT | O_CLOEXEC);
		bench_check(fds[i] < 0 ? -errno : 0, argv[1 + i]);
	}
	buf = aligned_alloc(4096, PIECE);
	bench_check(buf ? 0 : -ENOMEM, "memory");
	compare_sides();
	writing = 0;
	bench_versus("guest/dm-crypt/read", "MiB/s", "aes-xts-plain64", rounds, run, &writing);
	writing = 1;
	bench_versus("guest/dm-crypt/write", "MiB/s", "aes-xts-plain64", rounds, run, &writing);
	return 0;
}
