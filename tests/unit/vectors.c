// SPDX-License-Identifier: GPL-2.0-only
/* The reader of tests/vectors: see vectors.h */
#include "tests/unit/vectors.h"

#include "tests/unit/vectors_env.h"

#define FIELDS_MAX 16

struct vectors {
	char *path;
	const char *text, *end; /* of the file */
	const char *next; /* the line to come */
	unsigned int line, count, fields;
	char *names; /* the line of the names, cut */
	const char *name[FIELDS_MAX];
	char *present; /* the line of the case, cut */
	const char *word[FIELDS_MAX]; /* [0] is NULL: there is no case */
	uint8_t *bytes; /* decoded, each field at half of its place in the line */
};

__attribute__((format(printf, 2, 3), noreturn)) static void die(const struct vectors *v, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vectors_env_die(v->path, v->line, format, ap);
}

/* A copy of @len characters */
static char *copy(const char *s, size_t len)
{
	char *p = vectors_env_alloc(len + 1);

	memcpy(p, s, len);
	return p;
}

/* Cuts a line into words; returns how many. */
static unsigned int cut(const struct vectors *v, char *line, const char *word[FIELDS_MAX])
{
	unsigned int n = 0;

	for (;;) {
		while (*line == ' ')
			*line++ = 0;
		if (!*line)
			return n;
		if (n == FIELDS_MAX)
			die(v, "more than %d fields", FIELDS_MAX);
		word[n++] = line;
		while (*line && *line != ' ')
			line++;
	}
}

/* Where the line at @p ends */
static const char *line_end(const struct vectors *v, const char *p)
{
	const char *end = memchr(p, '\n', (size_t)(v->end - p));

	return end ? end : v->end;
}

static const char *line_next(const struct vectors *v, const char *p)
{
	const char *end = line_end(v, p);

	return end < v->end ? end + 1 : end;
}

/* Goes before the first case. */
static void rewind_cases(struct vectors *v)
{
	v->line = 0;
	for (v->next = v->text; v->next < v->end && *v->next == '#'; v->next = line_next(v, v->next))
		v->line++;
}

/* The names are in the comment before the first case. */
static void read_names(struct vectors *v)
{
	const char *p, *last = NULL;

	for (p = v->text; p < v->end && *p == '#'; p = line_next(v, p))
		last = p + 1;
	if (!last)
		die(v, "no names of fields");
	v->names = copy(last, (size_t)(line_end(v, last) - last));
	v->fields = cut(v, v->names, v->name);
}

/* Room for the longest line */
static void make_room(struct vectors *v)
{
	size_t len, longest = 0;
	const char *p;

	for (p = v->next; p < v->end; p = line_next(v, p)) {
		len = (size_t)(line_end(v, p) - p);
		longest = len > longest ? len : longest;
	}
	v->present = vectors_env_alloc(longest + 1);
	v->bytes = vectors_env_alloc(longest + 1);
}

struct vectors *vectors_open(const char *path)
{
	struct vectors *v = vectors_env_alloc(sizeof(*v));
	size_t len;

	v->path = copy(path, strlen(path));
	v->text = vectors_env_load(path, &len);
	v->end = v->text + len;
	read_names(v);
	rewind_cases(v);
	make_room(v);
	return v;
}

void vectors_close(struct vectors *v)
{
	vectors_env_unload(v->text);
	vectors_env_free(v->path);
	vectors_env_free(v->names);
	vectors_env_free(v->present);
	vectors_env_free(v->bytes);
	vectors_env_free(v);
}

bool vectors_next(struct vectors *v)
{
	size_t len;

	memset(v->word, 0, sizeof(v->word));
	if (v->next == v->end) {
		rewind_cases(v);
		return false;
	}
	v->line++;
	len = (size_t)(line_end(v, v->next) - v->next);
	memcpy(v->present, v->next, len);
	v->present[len] = 0;
	v->next = line_next(v, v->next);
	if (cut(v, v->present, v->word) != v->fields)
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
	uint8_t *out = v->bytes + (word - v->present) / 2;
	size_t i, n = strcmp(word, "-") ? strlen(word) / 2 : 0;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(digit(v, word[2 * i]) << 4 | digit(v, word[2 * i + 1]));
	if (n && word[2 * n])
		die(v, "half a byte in \"%s\"", field);
	return (struct vectors_bytes){ out, n };
}

unsigned int vectors_number(const struct vectors *v, const char *field)
{
	const char *word = word_of(v, field), *p = word;
	uint64_t n = 0;

	while (*p >= '0' && *p <= '9' && n <= 0xffffffff)
		n = 10 * n + (uint64_t)(*p++ - '0');
	if (*p || p == word || n > 0xffffffff)
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
