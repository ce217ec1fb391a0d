// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/cli.h"

#define COLUMNS_MAX 24

/* One alternative of a path, e.g. "key.kid", of which `len` bytes count. */
static const json_t *descend(const json_t *value, const char *path, size_t len)
{
	while (value && len) {
		size_t part = 0;
		char member[64];

		while (part < len && path[part] != '.')
			part++;
		if (part >= sizeof(member))
			return NULL;
		memcpy(member, path, part);
		member[part] = '\0';
		value = json_object_get(value, member);
		part += part < len;
		path += part;
		len -= part;
	}
	return value;
}

static const json_t *find(const json_t *object, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "|");
		const json_t *value = descend(object, path, len);

		if (value && !json_is_null(value))
			return value;
		path += len + (path[len] == '|');
	}
	return NULL;
}

static char *format_time(const json_t *value)
{
	time_t t = json_integer_value(value);
	char text[32];
	struct tm tm;

	if (!json_is_integer(value) || !t)
		return strdup("");
	if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return strdup("?");
	return strdup(text);
}

/* http://host/keys/NAME/VERSION, or /deletedkeys/NAME */
static char *format_kid(const json_t *value, bool version)
{
	const char *p = json_string_value(value);
	size_t len;

	p = p ? strstr(p, "://") : NULL;
	p = p ? strchr(p + 3, '/') : NULL; /* /keys/... */
	p = p ? strchr(p + 1, '/') : NULL;
	if (!p)
		return strdup("");
	p++;
	len = strcspn(p, "/");
	if (!version)
		return strndup(p, len);
	return strdup(p[len] ? p + len + 1 : "");
}

static char *format_list(const json_t *value)
{
	char *text = strdup("");
	const json_t *item;
	size_t i;

	json_array_foreach(value, i, item) {
		char *longer;

		if (!text || asprintf(&longer, "%s%s%s", text, i ? "," : "", json_string_value(item) ?: "?") < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	return text;
}

static char *format_text(const json_t *value)
{
	char *text = NULL;

	if (!value)
		return strdup("");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value))
		return asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0 ? NULL : text;
	if (json_is_real(value))
		return asprintf(&text, "%.3f", json_real_value(value)) < 0 ? NULL : text;
	if (json_is_array(value))
		return format_list(value);
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* A number that has no name here (any more) stays one. */
static char *format_principal(const json_t *value)
{
	const char *kind = json_string_value(json_object_get(value, "kind")), *name = NULL;
	json_int_t id = json_integer_value(json_object_get(value, "id"));
	char *text = NULL;

	if (!kind)
		return format_text(value);
	if (!strcmp(kind, "user")) {
		const struct passwd *user = getpwuid(id);

		name = user ? user->pw_name : NULL;
	} else if (!strcmp(kind, "group")) {
		const struct group *group = getgrgid(id);

		name = group ? group->gr_name : NULL;
	}
	if (name)
		return asprintf(&text, "%s:%s", kind, name) < 0 ? NULL : text;
	return asprintf(&text, "%s:%" JSON_INTEGER_FORMAT, kind, id) < 0 ? NULL : text;
}

/* A cell without control characters: what others chose as names must not move the cursor or add a line. */
static char *cell(const json_t *object, const struct cli_column *column)
{
	const json_t *value = find(object, column->path);
	char *text;

	switch (column->format) {
	case CLI_TIME:
		text = format_time(value);
		break;
	case CLI_NAME:
	case CLI_VERSION:
		text = format_kid(value, column->format == CLI_VERSION);
		break;
	case CLI_PRINCIPAL:
		text = format_principal(value);
		break;
	default:
		text = format_text(value);
	}
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return text;
}

static int finish(void)
{
	if (fflush(stdout) || ferror(stdout))
		return cli_fail_file(errno, "-");
	return CLI_OK;
}

static int print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
	return finish();
}

static size_t count_columns(const struct cli_column *columns)
{
	size_t n = 0;

	while (columns[n].title)
		n++;
	return n;
}

static void print_cells(char *const *cells, size_t n, const size_t *widths)
{
	size_t end = n;

	while (widths && end > 1 && !*cells[end - 1])
		end--; /* no blanks at the end of a line */
	for (size_t i = 0; i < end; i++) {
		if (!widths)
			printf("%s%c", cells[i], i + 1 < end ? '\t' : '\n');
		else if (i + 1 < end)
			printf("%-*s  ", (int)widths[i], cells[i]);
		else
			printf("%s\n", cells[i]);
	}
}

int cli_print_list(const struct cli *cli, const json_t *array, const struct cli_column *columns)
{
	size_t n = count_columns(columns), rows = json_array_size(array), widths[COLUMNS_MAX] = { 0 };
	char **cells;
	int ret = CLI_OK;

	if (cli_output(cli) == CLI_JSON)
		return print_json(array);
	cells = calloc((rows + 1) * n, sizeof(*cells));
	if (!cells)
		return cli_fail(ENOMEM, "output");
	for (size_t c = 0; c < n; c++) {
		cells[c] = strdup(columns[c].title);
		for (size_t r = 0; r < rows; r++)
			cells[(r + 1) * n + c] = cell(json_array_get(array, r), &columns[c]);
		for (size_t r = 0; r <= rows; r++) {
			char *text = cells[r * n + c];

			if (!text)
				ret = cli_fail(ENOMEM, "output");
			else if (strlen(text) > widths[c])
				widths[c] = strlen(text);
		}
	}
	if (!ret) {
		bool tsv = cli_output(cli) == CLI_TSV;

		for (size_t r = tsv ? 1 : 0; r <= rows; r++)
			print_cells(cells + r * n, n, tsv ? NULL : widths);
		ret = finish();
	}
	for (size_t i = 0; i < (rows + 1) * n; i++)
		free(cells[i]);
	free(cells);
	return ret;
}

int cli_print_row(const json_t *object, const struct cli_column *columns)
{
	for (size_t c = 0; columns[c].title; c++) {
		char *text = cell(object, &columns[c]);

		if (!text)
			return cli_fail(ENOMEM, "output");
		printf("%s%c", text, columns[c + 1].title ? '\t' : '\n');
		free(text);
	}
	return CLI_OK;
}

int cli_print(const struct cli *cli, const json_t *object, const struct cli_column *columns)
{
	size_t n = count_columns(columns), width = 0;
	int ret;

	if (cli_output(cli) == CLI_JSON)
		return print_json(object);
	if (cli_output(cli) == CLI_TSV) {
		ret = cli_print_row(object, columns);
		return ret ? ret : finish();
	}
	for (size_t c = 0; c < n; c++)
		if (strlen(columns[c].title) > width)
			width = strlen(columns[c].title);
	for (size_t c = 0; c < n; c++) {
		char *text = cell(object, &columns[c]);

		if (!text)
			return cli_fail(ENOMEM, "output");
		if (*text)
			printf("%s:%*s%s\n", columns[c].title, (int)(width - strlen(columns[c].title) + 1), "", text);
		free(text);
	}
	return finish();
}

void cli_say(const struct cli *cli, const char *text, ...)
{
	va_list args;

	if (cli_output(cli) != CLI_TABLE)
		return;
	va_start(args, text);
	vprintf(text, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}
