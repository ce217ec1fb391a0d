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
 * at random. Where time does not depend on the secrets, both classes are samples of one
 * distribution. Welch's t says how far apart their means are, in units of what chance
 * would make of it: beyond 4.5 is a suspicion, beyond 10 a leak.
 *
 * Interrupts and other guests make some measurements much too long, and would hide a
 * small difference in their noise. So t is computed again and again with all
 * measurements left out that are above a limit, the same for both classes: limits at
 * CROPS percentiles of all measurements, ever closer to the fastest. The largest |t| of
 * these is the figure. This is the method of O. Reparaz, J. Balasch and I. Verbauwhede,
 * "Dude, is my code constant time?" (DATE 2017).
 *
 * The last figure is a control: signature verification, which takes varying time by
 * design. It has to be beyond the limit, or the test would not see a thing.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <getopt.h>
#include <math.h>
#include <openssl/rand.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#include "kmod/pk/pk_env.h"

#define LIMIT 10.0
#define CROPS 100
#define CROP_LEAST 1000		/* measurements of each class, for t to mean something */
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

static int compare(const void *a, const void *b)
{
	int64_t x = llabs(*(const int64_t *)a), y = llabs(*(const int64_t *)b);

	return (x > y) - (x < y);
}

/* Sums over the measurements so far, of which each is less a common offset. */
struct moments {
	double n, sum, squares;
};

static double welch(const struct moments m[2])
{
	double mean[2], var[2];
	int i;

	for (i = 0; i < 2; i++) {
		mean[i] = m[i].sum / m[i].n;
		var[i] = (m[i].squares - m[i].sum * mean[i]) / (m[i].n - 1);
	}
	return (mean[0] - mean[1]) / sqrt(var[0] / m[0].n + var[1] / m[1].n);
}

/*
 * The largest |t| of all crops. The measurements are put in order, and the sums go
 * from the fastest up: at each limit they are those of all that are below it.
 */
static double largest_t(int64_t *cycles, size_t count)
{
	struct moments m[2] = { { 0 } };
	double offset, x, t, largest = 0;
	size_t i = 0, limit;
	int c, crop;

	qsort(cycles, count, sizeof(*cycles), compare);
	offset = (double)llabs(cycles[count / 2]);
	for (crop = 1; crop <= CROPS + 1; crop++) {
		/* half, a quarter, .. of what is left above; at last nothing is left out */
		limit = count;
		if (crop <= CROPS)
			limit = (size_t)((double)count * (1 - pow(0.5, 10.0 * crop / CROPS)));
		for (; i < count && (i < limit || (i && llabs(cycles[i]) == llabs(cycles[i - 1]))); i++) {
			c = cycles[i] < 0;
			x = (double)llabs(cycles[i]) - offset;
			m[c].n++;
			m[c].sum += x;
			m[c].squares += x * x;
		}
		if (m[0].n < CROP_LEAST || m[1].n < CROP_LEAST)
			continue;
		t = fabs(welch(m));
		if (t > largest)
			largest = t;
	}
	return largest;
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
	t = largest_t(cycles, n);
	check(t > 0, "too few measurements: the test");
	free(cycles);
	if (json)
		printf("{\"name\": \"timing/%s\", \"unit\": \"|t|\", \"ours\": %.2f, \"peer\": \"limit\", "
		       "\"theirs\": %.1f, \"ratio\": %.3f, \"samples\": %zu}\n",
		       op->name, t, LIMIT, t / LIMIT, n);
	else
		printf("%-24s %10zu %8.2f%s\n", op->name, n, t,
		       t >= LIMIT ? "  depends on its input" : "");
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
