// SPDX-License-Identifier: GPL-2.0-only
/* The reader of tests/vectors: see vectors.h */
#include "tests/unit/vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 16

struct vectors {
	FILE *file;
	char *path;
	unsigned int line, count, fields;
	char *names; /* the line of the names, cut */
	const char *name[FIELDS_MAX];
	char *text; /* the line of the case, cut; NULL: there is none */
	size_t room;
	const char *word[FIELDS_MAX];
	uint8_t *bytes; /* decoded, each field at half of its place in the line */
	size_t bytes_room;
};

__attribute__((format(printf, 2, 3), noreturn)) static void die(const struct vectors *v, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u: ", v->path, v->line);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void *checked(void *p)
{
	if (p)
		return p;
	perror("vectors");
	exit(1);
}

/* Cuts a line into words; returns how many. */
static unsigned int cut(const struct vectors *v, char *line, const char *word[FIELDS_MAX])
{
	unsigned int n = 0;
	char *save, *w;

	for (w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save)) {
		if (n == FIELDS_MAX)
			die(v, "more than %d fields", FIELDS_MAX);
		word[n++] = w;
	}
	return n;
}

/* Leaves the file before the first case. */
static void read_names(struct vectors *v)
{
	long start = 0;

	while (getline(&v->text, &v->room, v->file) > 0 && v->text[0] == '#') {
		v->line++;
		free(v->names);
		v->names = checked(strdup(v->text + 1));
		start = ftell(v->file);
	}
	if (!v->names || fseek(v->file, start, SEEK_SET))
		die(v, "no names of fields");
	v->fields = cut(v, v->names, v->name);
}

struct vectors *vectors_open(const char *path)
{
	struct vectors *v = checked(calloc(1, sizeof(*v)));

	v->path = checked(strdup(path));
	v->file = fopen(v->path, "r");
	if (!v->file)
		die(v, "not found; run the tests at the top of the tree");
	read_names(v);
	return v;
}

void vectors_close(struct vectors *v)
{
	fclose(v->file);
	free(v->path);
	free(v->names);
	free(v->text);
	free(v->bytes);
	free(v);
}

bool vectors_next(struct vectors *v)
{
	ssize_t n = getline(&v->text, &v->room, v->file);

	memset(v->word, 0, sizeof(v->word));
	if (n <= 0) {
		rewind(v->file);
		v->line = 0;
		read_names(v);
		return false;
	}
	v->line++;
	if ((size_t)n > v->bytes_room) {
		v->bytes_room = (size_t)n;
		v->bytes = checked(realloc(v->bytes, v->bytes_room));
	}
	if (cut(v, v->text, v->word) != v->fields)
		die(v, "not %u fields", v->fields);
	v->count++;
	return true;
}

bool vectors_find(struct vectors *v, const char *field, const char *word)
{
	int rounds;

	if (v->word[0] && !strcmp(vectors_word(v, field), word))
		return true;
	for (rounds = 0; rounds < 2; rounds++)
		while (vectors_next(v))
			if (!strcmp(vectors_word(v, field), word))
				return true;
	return false;
}

unsigned int vectors_count(const struct vectors *v)
{
	return v->count;
}

static unsigned int field_of(const struct vectors *v, const char *field)
{
	unsigned int i;

	for (i = 0; i < v->fields; i++)
		if (!strcmp(v->name[i], field))
			return i;
	return FIELDS_MAX;
}

bool vectors_has(const struct vectors *v, const char *field)
{
	return field_of(v, field) < FIELDS_MAX;
}

static const char *word_of(const struct vectors *v, const char *field)
{
	unsigned int i = field_of(v, field);

	if (i == FIELDS_MAX)
		die(v, "no field \"%s\"", field);
	if (!v->word[i])
		die(v, "no case");
	return v->word[i];
}

const char *vectors_word(const struct vectors *v, const char *field)
{
	const char *word = word_of(v, field);

	return strcmp(word, "-") ? word : "";
}

static uint8_t digit(const struct vectors *v, char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	if (!p)
		die(v, "not hexadecimal");
	return (uint8_t)(p - digits);
}

struct vectors_bytes vectors_bytes(struct vectors *v, const char *field)
{
	const char *word = word_of(v, field);
	uint8_t *out = v->bytes + (word - v->text) / 2;
	size_t i, n = strcmp(word, "-") ? strlen(word) / 2 : 0;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(digit(v, word[2 * i]) << 4 | digit(v, word[2 * i + 1]));
	if (n && word[2 * n])
		die(v, "half a byte in \"%s\"", field);
	return (struct vectors_bytes){ out, n };
}

unsigned int vectors_number(const struct vectors *v, const char *field)
{
	const char *word = word_of(v, field);
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*end || end == word || n > UINT32_MAX)
		die(v, "not a number: \"%s\"", field);
	return (unsigned int)n;
}

bool vectors_valid(const struct vectors *v)
{
	const char *word = vectors_word(v, "result");

	if (!strcmp(word, "valid"))
		return true;
	if (strcmp(word, "invalid"))
		die(v, "result \"%s\"", word);
	return false;
}

bool vectors_flag(const struct vectors *v, const char *word)
{
	const char *p = vectors_word(v, "flags");
	size_t len = strlen(word);

	while (*p) {
		size_t n = strcspn(p, ",");

		if (n == len && !memcmp(p, word, len))
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

const char *vectors_where(const struct vectors *v)
{
	static char where[300];
	const char *slash = strrchr(v->path, '/');

	snprintf(where, sizeof(where), "%s: case %s", slash ? slash + 1 : v->path, v->word[0] ? v->word[0] : "none");
	return where;
}
