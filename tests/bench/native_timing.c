// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/p384.c kmod/pk/p521.c kmod/pk/k256.c kmod/pk/pk_env.c
 *	kmod/pk/ed25519.c kmod/pk/x25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c
 *	kmod/pk/fe25519.c kmod/pk/sc25519.c kmod/pk/rsa.c kmod/pk/rsa_private.c
 *	kmod/pk/rsa_ifma.c kmod/pk/mont.c kmod/pk/mont52.c kmod/pk/mont_pow.c
 *	kmod/pk/pkcs1.c -lcrypto -lm
 */
/*
 * Does the time of a private operation depend on its secrets? A statistical test.
 *
 * usage: native_timing [--json] [--samples N] [--seconds N] [NAME]...
 *
 * Each operation is measured, in cycles, on inputs of two classes: in one all secrets
 * are the same every time, in the other they are random; which class is next is drawn
 * at random. What the two are compared by is in welch.h.
 *
 * The last figure is a control: signature verification, which takes varying time by
 * design. It has to be beyond the limit, or the test would not see a thing.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <getopt.h>
#include <openssl/rand.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#include "kmod/pk/pk_env.h"
#include "tests/bench/welch.h"

#define BATCH 500
#define INPUT_MAX 1024

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "native_timing: %s failed\n", what);
	exit(1);
}

static void draw(void *out, size_t len)
{
	check(RAND_bytes(out, (int)len) == 1, "RAND_bytes");
}

#include "tests/bench/native_timing_ops.h"

/* ---- measuring ------------------------------------------------------------------ */

static u8 input[BATCH][INPUT_MAX];
static u8 class[BATCH];

/* One batch; cycles are negative where the secrets were random. */
static void measure_batch(const struct operation *op, const u8 *fixed, int64_t *cycles)
{
	static u8 work[INPUT_MAX];
	unsigned int aux;
	uint64_t begin;
	bool ok;
	size_t i;

	draw(class, sizeof(class));
	for (i = 0; i < BATCH; i++) {
		class[i] &= 1;
		op->draw(input[i]);
		if (!class[i])
			memcpy(input[i], fixed, op->len);
	}
	for (i = 0; i < BATCH; i++) {
		memcpy(work, input[i], op->len);
		_mm_lfence();
		begin = __rdtsc();
		_mm_lfence();
		ok = op->run(work);
		cycles[i] = (int64_t)(__rdtscp(&aux) - begin);
		_mm_lfence();
		check(ok, op->name);
		if (class[i])
			cycles[i] = -cycles[i];
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void test(const struct operation *op, size_t samples, double seconds, bool json)
{
	int64_t *cycles = malloc((samples + BATCH) * sizeof(*cycles));
	u8 fixed[INPUT_MAX];
	double end, t;
	size_t n;

	check(cycles, "malloc");
	if (op->prepare)
		op->prepare();
	op->draw(fixed);
	/* once for the caches */
	measure_batch(op, fixed, cycles);
	end = now() + seconds;
	for (n = 0; n < samples && now() < end; n += BATCH)
		measure_batch(op, fixed, cycles + n);
	t = welch_largest(cycles, n);
	check(t > 0, "too few measurements: the test");
	free(cycles);
	if (json)
		printf("{\"name\": \"timing/%s\", \"unit\": \"|t|\", \"ours\": %.2f, \"peer\": \"limit\", "
		       "\"theirs\": %.1f, \"ratio\": %.3f, \"samples\": %zu}\n",
		       op->name, t, WELCH_LIMIT, t / WELCH_LIMIT, n);
	else
		printf("%-24s %10zu %8.2f%s\n", op->name, n, t,
		       t >= WELCH_LIMIT ? "  depends on its input" : "");
	fflush(stdout);
}

static long number_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > 1000000000) {
		fprintf(stderr, "native_timing: %s: not a number in 1..10^9\n", text);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "samples", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	long samples = 1000000, seconds = 300;
	const struct operation *op;
	bool json = false, chosen;
	cpu_set_t cpu;
	int opt, i;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = true;
			break;
		case 'n':
			samples = number_of(optarg);
			break;
		case 's':
			seconds = number_of(optarg);
			break;
		default:
			fprintf(stderr, "usage: native_timing [--json] [--samples N] [--seconds N] "
				"[NAME]...\n");
			return 2;
		}
	}
	/* cycles of one core */
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	check(sched_setaffinity(0, sizeof(cpu), &cpu) == 0, "sched_setaffinity");
	if (!json)
		printf("%-24s %10s %8s\n", "operation", "samples", "|t|");
	for (op = operations; op < operations + sizeof(operations) / sizeof(*operations); op++) {
		chosen = optind == argc;
		for (i = optind; i < argc; i++)
			chosen |= !strncmp(op->name, argv[i], strlen(argv[i]));
		if (chosen && (op->run != rsa2048_ifma || mhsm_mont52_available()))
			test(op, (size_t)samples, (double)seconds, json);
	}
	return 0;
}
