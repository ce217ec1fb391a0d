// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm -luring */
/*
 * AES-256-GCM through a key fd, by ioctl, BATCH and io_uring, beside AF_ALG, the kernel's own way to use a key from user space. In a guest, with an
 * active HSM, as an administrator:
 *
 * usage: gcm [ROUNDS [MILLISECONDS [BYTES]...]]
 *
 * BATCH and io_uring are given GROUP messages at a time, each with buffers of its own; io_uring has the key fd registered.
 *
 * Both sides are given the same key, IVs that count up, no AAD, and write to a buffer of their own. Ours is one ioctl
 * for each message. AF_ALG's is what a careful program does: the socket is set up once, then one sendmsg with the
 * operation, the IV and the message, and one read that takes ciphertext and tag. Before they are timed, both must give
 * the same bytes. Rates are by the clock on the wall, on one CPU to which the program is bound; the work of mhsmd, which
 * drains the audit records that only our side leaves, falls where it falls.
 */
#include <errno.h>
#include <liburing.h>
#include <linux/if_alg.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"

#ifndef SOL_ALG
#define SOL_ALG 279
#endif

#define KEY 32
#define GROUP 64 /* messages between two looks at the clock, and in one batch */
#define SHORT_MAX 64 /* bytes of the longest message that is grouped */

static int key_fd, alg_fd, session;
static struct mhsm_batch *batch;
static struct io_uring ring;
static uint8_t group_out[GROUP][SHORT_MAX + MHSM_GCM_TAG_LEN], group_iv[GROUP][MHSM_GCM_IV_LEN];
static struct mhsm_ioc_crypt group_io[GROUP];
static uint64_t counter;
static unsigned long ring_full;
static uint8_t in[65536], out[65536 + MHSM_GCM_TAG_LEN];

static void next_iv(uint8_t iv[MHSM_GCM_IV_LEN])
{
	memset(iv, 0, MHSM_GCM_IV_LEN);
	counter++;
	memcpy(iv + 4, &counter, sizeof(counter));
}

static void ours(const uint8_t *iv, size_t len)
{
	int ret;

	/* A full audit ring refuses work until mhsmd has drained it; the wait is part of the time. */
	while ((ret = mhsm_encrypt_iv(key_fd, iv, NULL, 0, in, len, out, out + len)) == -ENOBUFS) {
		ring_full++;
		sched_yield();
	}
	bench_check(ret, "encrypting with the key fd");
}

static void theirs(const uint8_t *iv, size_t len)
{
	union {
		char room[CMSG_SPACE(4) + CMSG_SPACE(4 + MHSM_GCM_IV_LEN) + CMSG_SPACE(4)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { in, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	struct af_alg_iv *alg_iv;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	*c = (struct cmsghdr){ CMSG_LEN(4), SOL_ALG, ALG_SET_OP };
	*(uint32_t *)CMSG_DATA(c) = ALG_OP_ENCRYPT;
	c = CMSG_NXTHDR(&msg, c);
	*c = (struct cmsghdr){ CMSG_LEN(4 + MHSM_GCM_IV_LEN), SOL_ALG, ALG_SET_IV };
	alg_iv = (void *)CMSG_DATA(c);
	alg_iv->ivlen = MHSM_GCM_IV_LEN;
	memcpy(alg_iv->iv, iv, MHSM_GCM_IV_LEN);
	c = CMSG_NXTHDR(&msg, c);
	*c = (struct cmsghdr){ CMSG_LEN(4), SOL_ALG, ALG_SET_AEAD_ASSOCLEN };
	*(uint32_t *)CMSG_DATA(c) = 0;
	n = sendmsg(alg_fd, &msg, 0);
	bench_check(n < 0 ? -errno : 0, "sendmsg to AF_ALG");
	n = read(alg_fd, out, len + MHSM_GCM_TAG_LEN);
	bench_check(n < 0 ? -errno : n == (ssize_t)(len + MHSM_GCM_TAG_LEN) ? 0 : -EIO, "reading from AF_ALG");
}

/* Message @i of a group, with an IV of its own */
static void fill(int i, size_t len)
{
	uint8_t *to = group_out[i];

	next_iv(group_iv[i]);
	group_io[i] = (struct mhsm_ioc_crypt){
		.size = sizeof(group_io[i]),
		.alg = MHSM_ALG_AES_GCM,
		.iv_len = MHSM_GCM_IV_LEN,
		.tag_len = MHSM_GCM_TAG_LEN,
		.in_len = (uint32_t)len,
		.out_len = (uint32_t)len,
		.iv = (uintptr_t)group_iv[i],
		.in = (uintptr_t)in,
		.out = (uintptr_t)to,
		.tag = (uintptr_t)(to + len),
	};
}

static void finish(int i, int ret)
{
	if (ret == -ENOBUFS)
		ours(group_iv[i], group_io[i].in_len);
	else
		bench_check(ret, "encrypting in a group");
}

static void ours_batch(size_t len)
{
	mhsm_batch_clear(batch);
	for (int i = 0; i < GROUP; i++) {
		fill(i, len);
		bench_check(mhsm_batch_crypt(batch, key_fd, MHSM_IOC_ENCRYPT, &group_io[i]), "adding to the batch");
	}
	bench_check(mhsm_batch_run(batch, session) == GROUP ? 0 : -EIO, "running the batch");
	for (int i = 0; i < GROUP; i++)
		finish(i, mhsm_batch_result(batch, (size_t)i, NULL));
}

static void ours_uring(size_t len)
{
	struct io_uring_cqe *cqes[GROUP];
	unsigned int n;

	for (int i = 0; i < GROUP; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		const struct mhsm_uring_cmd cmd = { .arg = (uintptr_t)&group_io[i] };

		fill(i, len);
		memset(sqe, 0, sizeof(*sqe));
		sqe->opcode = IORING_OP_URING_CMD;
		sqe->fd = 0; /* of the files that the ring has */
		sqe->flags = IOSQE_FIXED_FILE;
		sqe->cmd_op = MHSM_CALL_NR(MHSM_IOC_ENCRYPT);
		sqe->user_data = (unsigned int)i;
		memcpy(sqe->cmd, &cmd, sizeof(cmd));
	}
	bench_check(io_uring_submit_and_wait(&ring, GROUP) == GROUP ? 0 : -EIO, "submitting to io_uring");
	n = io_uring_peek_batch_cqe(&ring, cqes, GROUP);
	bench_check(n == GROUP ? 0 : -EIO, "completions");
	for (unsigned int i = 0; i < n; i++)
		finish((int)cqes[i]->user_data, cqes[i]->res);
	io_uring_cq_advance(&ring, n);
}

enum path { BY_IOCTL, BY_BATCH, BY_URING };

struct round {
	size_t len;
	double seconds;
	enum path path;
};

static void one_by_one(int side, size_t len)
{
	uint8_t iv[MHSM_GCM_IV_LEN];

	for (int i = 0; i < GROUP; i++) {
		next_iv(iv);
		if (side)
			theirs(iv, len);
		else
			ours(iv, len);
	}
}

static double run(int side, void *context)
{
	struct round *r = context;
	double start = bench_now(), passed;
	long count = 0;

	do {
		if (side || r->path == BY_IOCTL)
			one_by_one(side, r->len);
		else if (r->path == BY_BATCH)
			ours_batch(r->len);
		else
			ours_uring(r->len);
		count += GROUP;
		passed = bench_now() - start;
	} while (passed < r->seconds);
	return (double)count / passed;
}

static void compare_one(const uint8_t *iv, const uint8_t *first, size_t len)
{
	memset(out, 0, sizeof(out));
	theirs(iv, len);
	bench_check(memcmp(first, out, len + MHSM_GCM_TAG_LEN) ? -EILSEQ : 0, "comparing the two sides' output");
}

static void compare_sides(size_t len, enum path path)
{
	static uint8_t first[sizeof(out)];
	uint8_t iv[MHSM_GCM_IV_LEN];

	if (path == BY_IOCTL) {
		next_iv(iv);
		ours(iv, len);
		memcpy(first, out, len + MHSM_GCM_TAG_LEN);
		compare_one(iv, first, len);
		return;
	}
	if (path == BY_BATCH)
		ours_batch(len);
	else
		ours_uring(len);
	for (int i = 0; i < GROUP; i++)
		compare_one(group_iv[i], group_out[i], len);
}

static void set_up(void)
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG, .salg_type = "aead", .salg_name = "gcm(aes)" };
	struct mhsm_key_spec spec = {
		.type = MHSM_KEY_AES,
		.param = 8 * KEY,
		.ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	uint8_t key[KEY];
	int sock;

	bench_bind(0);
	bench_check(getrandom(key, sizeof(key), 0) == sizeof(key) &&
		    getrandom(in, sizeof(in), 0) == sizeof(in) ? 0 : -EIO, "getrandom");

	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	key_fd = bench_check(mhsm_key_import(session, &spec, key, sizeof(key)), "importing a session key");
	bench_check(mhsm_batch_new(GROUP, &batch), "making a batch");
	bench_check(io_uring_queue_init(GROUP, &ring, 0), "making a ring");
	bench_check(io_uring_register_files(&ring, &key_fd, 1), "giving it the key fd");

	sock = socket(AF_ALG, SOCK_SEQPACKET, 0);
	bench_check(sock < 0 || bind(sock, (void *)&addr, sizeof(addr)) ||
		    setsockopt(sock, SOL_ALG, ALG_SET_KEY, key, sizeof(key)) ||
		    setsockopt(sock, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, MHSM_GCM_TAG_LEN) ? -errno : 0,
		    "setting up AF_ALG (modprobe algif_aead)");
	alg_fd = accept(sock, NULL, NULL);
	bench_check(alg_fd < 0 ? -errno : 0, "accept on AF_ALG");
	close(sock);
}

/* A figure's name has the length in bytes, or in KiB. */
static void measure(size_t len, int rounds, double seconds, enum path path)
{
	static const char *const names[] = { "ioctl", "batch", "uring" };
	struct round round = { len, seconds, path };
	char name[64];

	if (len % 1024 || !len)
		snprintf(name, sizeof(name), "guest/aes256gcm-%zu/%s", len, names[path]);
	else
		snprintf(name, sizeof(name), "guest/aes256gcm-%zuk/%s", len / 1024, names[path]);
	compare_sides(len, path);
	bench_versus(name, "op/s", "AF_ALG", rounds, run, &round);
}

static void measure_all(size_t len, int rounds, double seconds)
{
	measure(len, rounds, seconds, BY_IOCTL);
	if (len <= SHORT_MAX) {
		measure(len, rounds, seconds, BY_BATCH);
		measure(len, rounds, seconds, BY_URING);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 31;
	double seconds = (argc > 2 ? atoi(argv[2]) : 150) / 1000.0;

	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX || seconds <= 0) {
		fprintf(stderr, "usage: gcm [ROUNDS [MILLISECONDS [BYTES]...]], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	set_up();
	for (int i = 3; i < argc; i++) {
		if (atoi(argv[i]) < 0 || (size_t)atoi(argv[i]) > sizeof(in)) {
			fprintf(stderr, "gcm: %s: at most %zu bytes\n", argv[i], sizeof(in));
			return 2;
		}
		measure_all((size_t)atoi(argv[i]), rounds, seconds);
	}
	if (argc <= 3) {
		measure_all(64, rounds, seconds);
		measure_all(4096, rounds, seconds);
		measure_all(65536, rounds, seconds);
	}
	fprintf(stderr, "gcm: %lu times the audit ring was full\n", ring_full);
	return 0;
}
