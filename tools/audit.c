// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/cli.h"

#define PAGE 200 /* records of one request */

static const struct cli_column record_columns[] = {
	{ "TIME", "time", CLI_TEXT },	      { "OPERATION", "operationName", CLI_TEXT },
	{ "RESULT", "resultType", CLI_TEXT }, { "ERROR", "resultSignature", CLI_TEXT },
	{ "IDENTITY", "identity", CLI_TEXT },
	{ "PID", "pid", CLI_TEXT },	      { "VIA", "via", CLI_TEXT },
	{ "KEY", "name|keyId", CLI_TEXT },    { "BYTES", "bytes", CLI_TEXT },
	{ "MS", "durationMs", CLI_TEXT },     { 0 },
};

static int verify(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "Verified", "verified", CLI_TEXT },
		{ "Batches", "batches", CLI_TEXT },
		{ "Records", "records", CLI_TEXT },
		{ "Last batch", "last", CLI_TEXT },
		{ "Boots", "boots", CLI_TEXT },
		{ "Fails at batch", "failure.batch", CLI_TEXT },
		{ "Fails at record", "failure.record", CLI_TEXT },
		{ "Reason", "failure.reason", CLI_TEXT },
		{ 0 },
	};
	json_t *reply;
	int ret;

	ret = http_call(cli, "audit verify", "GET", "/audit/verify", NULL, &reply);
	if (ret)
		return ret;
	ret = cli_print(cli, reply, columns);
	if (!ret && !json_is_true(json_object_get(reply, "verified")))
		ret = CLI_INVALID;
	json_decref(reply);
	return ret;
}

static int fetch(const struct cli *cli, json_int_t after, int max, json_t **page)
{
	char path[96];

	snprintf(path, sizeof(path), "/audit/records?after=%" JSON_INTEGER_FORMAT "&max=%d", after, max);
	return http_call(cli, "audit", "GET", path, NULL, page);
}

/* Reads from batch `*after` to the end, keeping the newest `keep` records. */
static int read_to_end(const struct cli *cli, json_int_t *after, size_t keep, json_t *records)
{
	for (;;) {
		const json_t *value, *next;
		json_t *page;
		size_t n;
		int ret;

		ret = fetch(cli, *after, PAGE, &page);
		if (ret)
			return ret;
		value = json_object_get(page, "value");
		next = json_object_get(page, "next");
		if (!json_is_array(value) || !json_is_integer(next)) {
			json_decref(page);
			return cli_error(CLI_FAIL, "audit: mhsmd's records have not the form of any");
		}
		n = json_array_size(value);
		json_array_extend(records, (json_t *)value);
		while (json_array_size(records) > keep)
			json_array_remove(records, 0);
		*after = json_integer_value(next);
		json_decref(page);
		/* Reading is recorded too: to go on until there is nothing would be to go on for ever. */
		if (n < PAGE)
			return CLI_OK;
	}
}

/* Where the last `count` records can begin: every batch has one record or more. */
static int find_start(const struct cli *cli, size_t count, json_int_t *after)
{
	json_int_t batches;
	json_t *status;
	int ret;

	ret = http_call(cli, "audit", "GET", "/status", NULL, &status);
	if (ret)
		return ret;
	batches = json_integer_value(json_object_get(json_object_get(status, "audit"), "batches"));
	json_decref(status);
	*after = batches > (json_int_t)count ? batches - (json_int_t)count - 1 : -1;
	return CLI_OK;
}

static int follow(struct cli *cli, json_int_t after)
{
	const struct timespec pause = { .tv_sec = 2 };

	for (;;) {
		json_t *records = json_array();
		int ret = read_to_end(cli, &after, SIZE_MAX, records);

		/* One object a line, or a row: what is read as it comes must not be one growing array. */
		for (size_t i = 0; !ret && i < json_array_size(records); i++) {
			json_t *record = json_array_get(records, i);

			if (cli_output(cli) == CLI_JSON) {
				json_dumpf(record, stdout, JSON_COMPACT);
				putchar('\n');
			} else {
				ret = cli_print_row(record, record_columns);
			}
		}
		json_decref(records);
		if (!ret && fflush(stdout))
			ret = cli_fail_file(errno, "-");
		if (ret)
			return ret;
		nanosleep(&pause, NULL);
	}
}

static int tail(struct cli *cli)
{
	const char *text = cli_value(cli, "count");
	unsigned long count = 20;
	json_int_t after;
	json_t *records;
	char *end;
	int ret;

	if (text) {
		count = strtoul(text, &end, 10);
		if (*end || *text == '-' || !*text || count > 1000000)
			return cli_error(CLI_USAGE, "audit tail: --count is 0 to 1000000, not \"%s\"", text);
	}
	ret = find_start(cli, count, &after);
	if (ret)
		return ret;
	records = json_array();
	ret = read_to_end(cli, &after, count, records);
	if (!ret)
		ret = cli_print_list(cli, records, record_columns);
	json_decref(records);
	if (!ret && cli_given(cli, "follow"))
		ret = follow(cli, after);
	return ret;
}

static const struct cli_option tail_options[] = {
	{ "count", 0, 0, "N", "how many records (default: 20)" },
	{ "follow", 0, 0, NULL, "go on printing records as they come; with --output json, one\nobject a line" },
	{ 0 },
};

const struct cli_command audit_commands[] = {
	{ "verify", "Prove the audit log complete and unaltered", NULL, NULL,
	  "The kernel checks the chain from the first batch to the last. Exits with 7, and says at\n"
	  "which record, if it is broken.\n\n"
	  "  $ mhsm audit verify",
	  verify },
	{ "tail", "Show the newest audit records", NULL, tail_options,
	  "  $ mhsm audit tail --count 50\n"
	  "  $ mhsm audit tail --follow --output json | jq 'select(.resultType != \"Success\")'",
	  tail },
	{ 0 },
};
