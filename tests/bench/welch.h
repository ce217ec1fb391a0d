/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Are two classes of measurements from one distribution? Welch's t says how far apart
 * their means are, in units of what chance would make of it: beyond 4.5 is a suspicion,
 * beyond WELCH_LIMIT a leak.
 *
 * Interrupts and other guests make some measurements much too long, and would hide a
 * small difference in their noise. So t is computed again and again with all
 * measurements left out that are above a limit, the same for both classes: limits at
 * WELCH_CROPS percentiles of all measurements, ever closer to the fastest. The largest
 * |t| of these counts. This is the method of O. Reparaz, J. Balasch and I. Verbauwhede,
 * "Dude, is my code constant time?" (DATE 2017).
 */
#ifndef TESTS_WELCH_H
#define TESTS_WELCH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define WELCH_LIMIT 10.0
#define WELCH_CROPS 100
#define WELCH_LEAST 1000 /* measurements of each class, for t to mean something */

static inline int welch_compare(const void *a, const void *b)
{
	int64_t x = llabs(*(const int64_t *)a), y = llabs(*(const int64_t *)b);

	return (x > y) - (x < y);
}

/* Sums over the measurements so far, of which each is less a common offset. */
struct welch_moments {
	double n, sum, squares;
};

static inline double welch_t(const struct welch_moments m[2])
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
 * The largest |t| of all crops; measurements of the second class are negative. They are
 * put in order, and the sums go from the fastest up: at each limit they are those of all
 * that are below it.
 */
static inline double welch_largest(int64_t *cycles, size_t count)
{
	struct welch_moments m[2] = { { 0 } };
	double offset, x, t, largest = 0;
	size_t i = 0, limit;
	int c, crop;

	qsort(cycles, count, sizeof(*cycles), welch_compare);
	offset = (double)llabs(cycles[count / 2]);
	for (crop = 1; crop <= WELCH_CROPS + 1; crop++) {
		/* half, a quarter, .. of what is left above; at last nothing is left out */
		limit = count;
		if (crop <= WELCH_CROPS)
			limit = (size_t)((double)count * (1 - pow(0.5, 10.0 * crop / WELCH_CROPS)));
		for (; i < count && (i < limit || (i && llabs(cycles[i]) == llabs(cycles[i - 1]))); i++) {
			c = cycles[i] < 0;
			x = (double)llabs(cycles[i]) - offset;
			m[c].n++;
			m[c].sum += x;
			m[c].squares += x * x;
		}
		if (m[0].n < WELCH_LEAST || m[1].n < WELCH_LEAST)
			continue;
		t = fabs(welch_t(m));
		if (t > largest)
			largest = t;
	}
	return largest;
}

#endif
