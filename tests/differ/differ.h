/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the differential tests share: operations on random operands, ours beside
 * OpenSSL's, every result compared. By themselves the programs do a few, for make
 * check; with MHSM_LONG=1 in the environment, as make check-long has it, many. The seed
 * is new each time, and printed; MHSM_SEED=N takes it again.
 */
#ifndef TESTS_DIFFER_H
#define TESTS_DIFFER_H

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t differ_state;
static unsigned int differ_test;

static void differ_must(int ok, const char *what)
{
	if (ok)
		return;
	printf("not ok %u - %s\n", differ_test + 1, what);
	exit(1);
}

static void differ_begin(unsigned int tests)
{
	const char *seed = getenv("MHSM_SEED");

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (seed)
		differ_state = strtoull(seed, NULL, 0);
	else
		differ_must(RAND_bytes((unsigned char *)&differ_state, sizeof(differ_state)) == 1,
			    "RAND_bytes");
	differ_state |= 1;
	printf("1..%u\n# MHSM_SEED=0x%llx\n", tests, (unsigned long long)differ_state);
}

static unsigned long differ_count(unsigned long few, unsigned long many)
{
	const char *s = getenv("MHSM_LONG");

	return s && *s == '1' ? many : few;
}

static void differ_done(unsigned long count, const char *what)
{
	printf("ok %u - %lu %s\n", ++differ_test, count, what);
}

/* Marsaglia's xorshift, multiplied */
static uint64_t differ_next(void)
{
	differ_state ^= differ_state >> 12;
	differ_state ^= differ_state << 25;
	differ_state ^= differ_state >> 27;
	return differ_state * 0x2545f4914f6cdd1d;
}

static void differ_fill(void *out, size_t len)
{
	uint8_t *p = out;
	uint64_t x = 0;
	size_t i;

	for (i = 0; i < len; i++, x >>= 8) {
		if (i % 8 == 0)
			x = differ_next();
		p[i] = (uint8_t)x;
	}
}

/* Random bytes, or runs of ones and zeros, where carries go far. */
static void differ_operand(void *out, size_t len)
{
	uint8_t *p = out, fill;
	size_t i, end;

	if (differ_next() >> 62) {
		differ_fill(out, len);
		return;
	}
	for (i = 0; i < len; i = end) {
		end = i + 1 + (differ_next() >> 58) % len;
		if (end > len)
			end = len;
		fill = differ_next() >> 63 ? 0xff : 0;
		memset(p + i, fill, end - i);
		p[i] ^= (uint8_t)(fill >> (differ_next() >> 61));
	}
}

#endif
