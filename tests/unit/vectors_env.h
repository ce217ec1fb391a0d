/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the reader of tests/vectors needs of where it runs: text, memory, and an end when a file is wrong. In a
 * program, text is read from the file and the end is the program's; in the kernel, text is in the image and the end is
 * that of the KUnit case (tests/kunit/kunit_vectors_text.c). For vectors.c only.
 */
#ifndef _TESTS_UNIT_VECTORS_ENV_H
#define _TESTS_UNIT_VECTORS_ENV_H

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/stdarg.h>
#include <linux/string.h>

/* The text of the file at @path from the top of the tree, @len bytes, to be given back by _unload() */
const char *vectors_env_load(const char *path, size_t *len);
void vectors_env_unload(const char *text);
/* Zeroed; what a case that ends early does not free is freed for it. */
void *vectors_env_alloc(size_t len);
void vectors_env_free(void *p);
void vectors_env_die(const char *path, unsigned int line, const char *format, va_list ap) __noreturn;
#else
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noreturn, format(printf, 3, 0)))
static void vectors_env_die(const char *path, unsigned int line, const char *format, va_list ap)
{
	fprintf(stderr, "%s:%u: ", path, line);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	exit(1);
}

static void *vectors_env_alloc(size_t len)
{
	void *p = calloc(1, len);

	if (p)
		return p;
	perror("vectors");
	exit(1);
}

static void vectors_env_free(void *p)
{
	free(p);
}

static const char *vectors_env_load(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) {
		fprintf(stderr, "%s: %s; run the tests at the top of the tree\n", path, strerror(errno));
		exit(1);
	}
	rewind(file);
	text = vectors_env_alloc((size_t)size + 1);
	*len = fread(text, 1, (size_t)size, file);
	if (*len != (size_t)size) {
		fprintf(stderr, "%s: it cannot be read\n", path);
		exit(1);
	}
	fclose(file);
	return text;
}

static void vectors_env_unload(const char *text)
{
	free((char *)text);
}
#endif

#endif
