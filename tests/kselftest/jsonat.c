// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: -ljansson
 * kernels: none
 *
 * usage: jsonat PATH... <JSON
 *
 * Prints what the document on standard input has at each PATH, on one line. A PATH is names with dots between, as in
 * "key.kty". In an array a name is an index, or MEMBER=GLOB: the first element whose MEMBER is a string that GLOB matches,
 * as in "value.name=k*.version". "#" is the length of an array or an object, "." the whole document. A string is printed
 * as it is, an object or array on one line, and what is not there as "null". Fails if the document is not JSON.
 *
 * In an emulated guest this starts ten times as fast as jq, which compiles a library of its own each time.
 */
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *element(const json_t *array, char *name)
{
	char *glob = strchr(name, '=');
	const char *has;
	size_t i;

	if (!glob)
		return json_array_get(array, strtoul(name, NULL, 10));
	*glob++ = 0;
	for (i = 0; i < json_array_size(array); i++) {
		has = json_string_value(json_object_get(json_array_get(array, i), name));
		if (has && !fnmatch(glob, has, 0))
			return json_array_get(array, i);
	}
	return NULL;
}

static void print(const json_t *at)
{
	if (!at)
		fputs("null", stdout);
	else if (json_is_string(at))
		fputs(json_string_value(at), stdout);
	else
		json_dumpf(at, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* @path is cut up. */
static void print_at(const json_t *at, char *path)
{
	char *name;

	for (name = strtok(path, "."); name; name = strtok(NULL, ".")) {
		if (!strcmp(name, "#")) {
			printf("%zu", json_is_array(at) ? json_array_size(at) : json_object_size(at));
			return;
		}
		at = json_is_array(at) ? element(at, name) : json_object_get(at, name);
	}
	print(at);
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *document = json_loadf(stdin, 0, &error);

	if (!document) {
		fprintf(stderr, "jsonat: line %d: %s\n", error.line, error.text);
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		print_at(document, argv[i]);
		putchar(i + 1 < argc ? ' ' : '\n');
	}
	json_decref(document);
	return 0;
}
