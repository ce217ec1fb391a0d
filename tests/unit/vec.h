/* SPDX-License-Identifier: GPL-2.0-only */
/* For unit tests: hexadecimal, and files of test vectors with one case a line. Tests run at the top of the tree. */
#ifndef _TESTS_UNIT_VEC_H
#define _TESTS_UNIT_VEC_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The value of a digit; fails the test on anything else */
static inline uint8_t vec_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	assert_non_null(p);
	return (uint8_t)(p - digits);
}

/* Digits to bytes, "-" is none; fails the test if there are more than @room bytes */
static inline size_t vec_hex(void *out, size_t room, const char *s)
{
	size_t n = 0;

	if (!strcmp(s, "-"))
		return 0;
	for (; *s; s += 2) {
		assert_true(n < room);
		((uint8_t *)out)[n++] = (uint8_t)(vec_digit(s[0]) << 4 | vec_digit(s[1]));
	}
	return n;
}

/* Bytes that are the same in every run */
static inline void vec_noise(void *out, size_t len)
{
	static uint64_t state = 0x9e3779b97f4a7c15;
	size_t i;

	for (i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		((uint8_t *)out)[i] = (uint8_t)(state >> 32);
	}
}

#define VEC_FIELDS 8

/* Calls @each with the fields of every line of @path that is no comment; returns the number of lines */
static inline unsigned int vec_each(const char *path, unsigned int fields,
				    void (*each)(char *const field[]))
{
	char *line = NULL, *field[VEC_FIELDS], *save;
	unsigned int i, count = 0;
	size_t room = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s: not found; run the tests at the top of the tree", path);
	assert_true(fields <= VEC_FIELDS);
	while (getline(&line, &room, f) > 0) {
		if (line[0] == '#')
			continue;
		for (i = 0; i < fields; i++) {
			field[i] = strtok_r(i ? NULL : line, "\n ", &save);
			assert_non_null(field[i]);
		}
		each(field);
		count++;
	}
	free(line);
	fclose(f);
	return count;
}

#endif
