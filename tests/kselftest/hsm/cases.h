/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many cases in one check: each mismatch is a comment, and the check that closes the group says how many there were.
 *
 *	cases_begin();
 *	cases_is(call(...), -EINVAL, "pad byte %d", i);
 *	cases_end("KEY_OPEN: padding");
 */
#ifndef TESTS_CASES_H
#define TESTS_CASES_H

#include "tests/kselftest/hsm/tap.h"

static unsigned int cases_count, cases_wrong;

__attribute__((unused)) static void cases_begin(void)
{
	cases_count = cases_wrong = 0;
}

/* Is a result (0 or a negative errno) the one wanted? */
__attribute__((format(printf, 3, 4), unused)) static int cases_is(long got, long want, const char *format, ...)
{
	va_list ap;

	cases_count++;
	if (got == want)
		return 1;
	/* A whole table that is off by one line is not printed whole. */
	if (++cases_wrong > 20)
		return 0;
	printf("# got %ld (%s), want %ld (%s): ", got, got < 0 ? strerror((int)-got) : "", want,
	       want < 0 ? strerror((int)-want) : "");
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	return 0;
}

__attribute__((format(printf, 1, 2), unused)) static void cases_end(const char *format, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	tap_ok(cases_count && !cases_wrong, "%s (%u cases)", what, cases_count);
}

#endif
