/* SPDX-License-Identifier: GPL-2.0-only */
/* The Test Anything Protocol for the programs of this folder */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned int tap_count, tap_failed;

/* One check, described by a format; returns @passed. */
__attribute__((format(printf, 2, 3), unused)) static int tap_ok(int passed, const char *format, ...)
{
	va_list ap;

	printf("%sok %u - ", passed ? "" : "not ", ++tap_count);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	tap_failed += !passed;
	return passed;
}

/* Is a result (0 or a negative errno) the one wanted? */
__attribute__((unused)) static int tap_is(long got, long want, const char *what)
{
	int passed = tap_ok(got == want, "%s", what);

	if (!passed) {
		printf("#   got  %ld%s%s\n", got, got < 0 ? " " : "", got < 0 ? strerror((int)-got) : "");
		printf("#   want %ld%s%s\n", want, want < 0 ? " " : "", want < 0 ? strerror((int)-want) : "");
	}
	return passed;
}

/* Ends the test without going on. */
__attribute__((unused)) static int tap_bail(const char *why, long error)
{
	printf("Bail out! %s: %s\n", why, strerror((int)-error));
	return 1;
}

/* The plan, and main's return value */
__attribute__((unused)) static int tap_end(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed != 0;
}

#endif
