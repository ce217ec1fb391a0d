// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm -lm */
/*
 * Does the time of a refusal tell whether a token is genuine? In a guest, with an active HSM, as root:
 *
 * usage: tokens KEK [SAMPLES]
 *
 * KEK is the name of a key that serves the kernel's consumers, and root's. Users without a right to it set keys on
 * mhsm(xts(aes)) by AF_ALG: a genuine token, or one altered in a certain way; which is next is drawn at random. Refused
 * they are either with a record in the audit (/denied: then each comes from another user, so that none fails too often),
 * or without one, as one who failed too often already (/limited: as often as he likes). The figure is the |t| of welch.h
 * beside its limit, of SAMPLES measurements.
 *
 * The last is a control: what has not the form of a token, which anybody can see, is refused sooner.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"
#include "tests/bench/welch.h"
#include "tests/kselftest/hsm/alg.h"

#define USER_FIRST 20000
#define USERS 4096

/* formats.md, section 5 */
#define AT_MAGIC 0
#define AT_DOMAIN 8
#define AT_KEK 24
#define AT_WRAPPED 40
#define AT_MAC 112

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ "mac", AT_MAC }, { "wrapped", AT_WRAPPED }, { "domain", AT_DOMAIN }, { "kek", AT_KEK }, { "control", AT_MAGIC },
};

static int sock;

/* Leaves the root user's ids where they can be taken back. */
static void become(uid_t uid)
{
	bench_check(seteuid(0) || (uid && seteuid(uid)) ? -errno : 0, "changing the user");
}

static int64_t try_token(const uint8_t *token, int *result)
{
	unsigned int aux;
	uint64_t begin;

	_mm_lfence();
	begin = __rdtsc();
	_mm_lfence();
	*result = alg_setkey(sock, token, MHSM_TOKEN_LEN);
	return (int64_t)(__rdtscp(&aux) - begin);
}

/* Fails until his failures are only counted. */
static void exhaust(uid_t uid, const uint8_t *token)
{
	int result;

	become(uid);
	do
		try_token(token, &result);
	while (result != -EAGAIN);
}

/* Is this how it should be refused? Not so many come out otherwise that it matters: of a limited user, 16 in a second. */
static int expected(int result, int limited, int control)
{
	return limited ? result == -EAGAIN : result == -EACCES || (control && result == -EKEYREJECTED);
}

/* Of measurements in order, those of the second class negative; for people */
static void say_medians(const char *name, const int64_t *cycles, size_t samples)
{
	size_t count[2] = { 0 }, seen[2] = { 0 };
	int64_t median[2] = { 0 };

	for (size_t i = 0; i < samples; i++)
		count[cycles[i] < 0]++;
	for (size_t i = 0; i < samples; i++) {
		int class = cycles[i] < 0;

		if (seen[class]++ == count[class] / 2)
			median[class] = llabs(cycles[i]);
	}
	fprintf(stderr, "%s: %lld cycles if genuine, %lld if altered\n", name, (long long)median[0], (long long)median[1]);
}

static void measure(const char *name, const uint8_t *genuine, size_t at, int limited, size_t samples)
{
	int64_t *cycles = malloc(samples * sizeof(*cycles)), took;
	static uid_t next;
	uint8_t token[MHSM_TOKEN_LEN], coin;
	size_t n = 0, other = 0;
	int result;
	double t;

	bench_check(cycles ? 0 : -ENOMEM, name);
	if (limited)
		exhaust(USER_FIRST + USERS, genuine);
	while (n < samples) {
		bench_check(getrandom(&coin, 1, 0) == 1 ? 0 : -EIO, "getrandom");
		memcpy(token, genuine, sizeof(token));
		token[at] ^= coin & 1;
		if (!limited)
			become(USER_FIRST + next++ % USERS);
		took = try_token(token, &result);
		if (expected(result, limited, at == AT_MAGIC))
			cycles[n++] = coin & 1 ? -took : took;
		else
			bench_check(++other > samples + 1000 ? result : 0, name);
	}
	become(0);
	t = welch_largest(cycles, samples);
	say_medians(name, cycles, samples);
	free(cycles);
	printf("{\"name\": \"%s\", \"unit\": \"|t|\", \"ours\": %.2f, \"peer\": \"limit\", \"theirs\": %.1f, "
	       "\"ratio\": %.3f, \"samples\": %zu}\n",
	       name, t, WELCH_LIMIT, t / WELCH_LIMIT, samples);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	size_t samples = argc > 2 ? (size_t)atoi(argv[2]) : 20000;
	uint8_t token[MHSM_TOKEN_LEN];
	int session, kek;
	char name[64];

	if (argc < 2 || samples < 4 * WELCH_LEAST || samples > 10000000) {
		fprintf(stderr, "usage: tokens KEK [SAMPLES], at least %d samples\n", 4 * WELCH_LEAST);
		return 2;
	}
	bench_bind(0);
	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	kek = bench_check(mhsm_key_open(session, argv[1], NULL, MHSM_OP_WRAP), argv[1]);
	bench_check(mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token), "making a token");
	sock = bench_check(alg_bind("skcipher", "mhsm(xts(aes))"), "mhsm(xts(aes))");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		for (int limited = 0; limited < 2; limited++) {
			snprintf(name, sizeof(name), "guest/token-%s/%s", fields[i].name, limited ? "limited" : "denied");
			measure(name, token, fields[i].at, limited, samples);
		}
	return 0;
}
