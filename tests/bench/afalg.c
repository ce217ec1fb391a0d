// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm */
/*
 * The template over authenticated encryption and over a keyed hash, beside the plain algorithms with the same data key,
 * all by AF_ALG. In a guest, with an active HSM, as an administrator:
 *
 * usage: afalg KEK [ROUNDS [MILLISECONDS]]
 *
 * KEK is the name of a key that serves the kernel's consumers. A request is one sendmsg with a message of 4 KiB, and one
 * read of what comes of it; a round does as many as fit into MILLISECONDS. Both sides must give the same bytes.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"
#include "tests/kselftest/hsm/alg.h"

#define MESSAGE 4096
#define DATA_KEY 32
#define TAG 16
#define GROUP 16 /* requests between two looks at the clock */

static uint8_t in[MESSAGE], out[MESSAGE + TAG];
static double seconds;

static void encrypt(int fd)
{
	static const uint8_t iv[12];
	const struct alg_request r = {
		.op = ALG_OP_ENCRYPT, .iv = iv, .iv_len = sizeof(iv),
		.in = in, .in_len = MESSAGE, .out = out, .out_len = MESSAGE + TAG,
	};

	bench_check(alg_run(fd, &r), "encrypting");
}

static void digest(int fd)
{
	ssize_t n = send(fd, in, MESSAGE, 0);

	bench_check(n == MESSAGE ? 0 : n < 0 ? -errno : -EIO, "sending what is to be hashed");
	n = read(fd, out, 32);
	bench_check(n == 32 ? 0 : n < 0 ? -errno : -EIO, "reading the hash");
}

static const struct kind {
	const char *figure, *type, *ours, *theirs;
	uint32_t token_alg;
	size_t tag_len;
	void (*request)(int fd);
} kinds[] = {
	{ "guest/hmac-sha256-4k/afalg", "hash", "mhsm(hmac(sha256))", "hmac(sha256)", MHSM_TOKEN_HMAC_SHA256, 0, digest },
	{ "guest/gcm-4k/afalg", "aead", "mhsm(gcm(aes))", "gcm(aes)", MHSM_TOKEN_GCM_AES, TAG, encrypt },
};

struct sides {
	const struct kind *kind;
	int fds[2];
};

static double run(int side, void *context)
{
	const struct sides *s = context;
	double start = bench_now(), passed;
	long count = 0;

	do {
		for (int i = 0; i < GROUP; i++)
			s->kind->request(s->fds[side]);
		count += GROUP;
		passed = bench_now() - start;
	} while (passed < seconds);
	return (double)count / passed;
}

static void compare_sides(const struct sides *s)
{
	uint8_t first[sizeof(out)];

	memset(out, 0, sizeof(out));
	s->kind->request(s->fds[0]);
	memcpy(first, out, sizeof(out));
	memset(out, 0, sizeof(out));
	s->kind->request(s->fds[1]);
	bench_check(memcmp(first, out, sizeof(out)) ? -EILSEQ : 0, "comparing the two sides' output");
}

static void measure(int kek, const struct kind *kind, int rounds)
{
	uint8_t key[DATA_KEY], token[MHSM_TOKEN_LEN];
	struct sides s = { .kind = kind };

	bench_check(getrandom(key, sizeof(key), 0) == sizeof(key) ? 0 : -EIO, "getrandom");
	bench_check(mhsm_token_import(kek, kind->token_alg, key, sizeof(key), token), "making a token");
	s.fds[0] = bench_check(alg_keyed(kind->type, kind->ours, token, sizeof(token), kind->tag_len), kind->ours);
	s.fds[1] = bench_check(alg_keyed(kind->type, kind->theirs, key, sizeof(key), kind->tag_len), kind->theirs);
	compare_sides(&s);
	bench_versus(kind->figure, "op/s", kind->theirs, rounds, run, &s);
	close(s.fds[0]);
	close(s.fds[1]);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 61, session, kek;

	seconds = (argc > 3 ? atoi(argv[3]) : 60) / 1000.0;
	if (argc < 2 || rounds < 1 || rounds > BENCH_ROUNDS_MAX || seconds <= 0) {
		fprintf(stderr, "usage: afalg KEK [ROUNDS [MILLISECONDS]], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	bench_bind(0);
	bench_check(getrandom(in, sizeof(in), 0) == sizeof(in) ? 0 : -EIO, "getrandom");
	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	kek = bench_check(mhsm_key_open(session, argv[1], NULL, MHSM_OP_WRAP), argv[1]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		measure(kek, &kinds[i], rounds);
	return 0;
}
