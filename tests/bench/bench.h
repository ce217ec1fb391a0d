/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that measure in a guest share: time, medians, and the form of a figure. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_ROUNDS_MAX 201

static inline double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double bench_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), bench_compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Ends the program unless @ret is not negative; returns it. */
static inline int bench_check(int ret, const char *what)
{
	if (ret < 0) {
		fprintf(stderr, "bench: %s: %s\n", what, strerror(-ret));
		exit(1);
	}
	return ret;
}

/* The calling thread runs on @cpu only. */
static inline void bench_bind(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	bench_check(sched_setaffinity(0, sizeof(set), &set) ? -errno : 0, "binding to a CPU");
}

/* A figure goes to standard output. */
static inline void bench_figure(const char *name, const char *unit, double ours, const char *peer, double theirs)
{
	printf("{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.4g, \"peer\": \"%s\", \"theirs\": %.4g, \"ratio\": %.3f}\n",
	       name, unit, ours, peer, theirs, ours / theirs);
	fflush(stdout);
}

/*
 * Compares two sides: @run does a round of side 0 (ours) or 1 (theirs) and returns its rate. The sides take turns, each
 * is as often first as second, so what one leaves to be done falls on both alike; one pair is run before those that
 * count. The ratio is the median of the pairs' ratios: the two rounds of a pair are neighbours, and what the machine's
 * speed does over minutes is not in it.
 */
static inline void bench_versus(const char *name, const char *unit, const char *peer, int rounds,
				double (*run)(int side, void *context), void *context)
{
	double rates[2][BENCH_ROUNDS_MAX], ratios[BENCH_ROUNDS_MAX], mine, theirs;
	int i, first;

	for (i = -1; i < rounds; i++) {
		int at = i < 0 ? 0 : i;

		first = i & 1;
		rates[first][at] = run(first, context);
		rates[!first][at] = run(!first, context);
		ratios[at] = rates[0][at] / rates[1][at];
	}
	mine = bench_median(rates[0], rounds);
	theirs = bench_median(rates[1], rounds);
	printf("{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.4g, \"peer\": \"%s\", \"theirs\": %.4g, "
	       "\"ratio\": %.3f, \"pairs\": %d}\n",
	       name, unit, mine, peer, theirs, bench_median(ratios, rounds), rounds);
	fflush(stdout);
}

#endif
