// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define COUNT_MAX (1u << 20)

static int print_hex(const struct cli *cli, const struct buffer *bytes)
{
	char *hex = encode_hex(bytes->data, bytes->len);

	if (!hex)
		return cli_fail(ENOMEM, "random");
	if (cli_output(cli) == CLI_JSON)
		printf("{\n  \"value\": \"%s\"\n}\n", hex);
	else
		printf("%s\n", hex);
	fflush(stdout);
	explicit_bzero(hex, 2 * bytes->len);
	free(hex);
	return CLI_OK;
}

static int run(struct cli *cli)
{
	const char *text = cli_value(cli, "count"), *path = cli_value(cli, "out");
	struct buffer bytes;
	unsigned long count;
	int session, ret;
	char *end;

	count = text ? strtoul(text, &end, 10) : 32;
	if (text && (*end || *text == '-' || !count || count > COUNT_MAX))
		return cli_error(CLI_USAGE, "random: --count is 1 to %u, not \"%s\"", COUNT_MAX, text);
	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	ret = buffer_alloc(&bytes, count);
	if (!ret) {
		bytes.len = count;
		ret = mhsm_random(session, bytes.data, count);
	}
	close(session);
	if (ret) {
		ret = cli_fail(ret, "random");
	} else if (path) {
		ret = file_write(path, 0600, bytes.data, bytes.len);
		if (ret)
			ret = cli_fail_file(ret, path);
	} else {
		ret = print_hex(cli, &bytes);
	}
	buffer_free(&bytes);
	return ret;
}

static const struct cli_option options[] = {
	{ "count", 0, 0, "BYTES", "how many, 1 to 1048576 (default: 32)" },
	{ "out", 0, 0, "FILE", "write them raw to FILE (- for standard output), mode 0600;\n"
			       "without it they are printed in hexadecimal" },
	{ 0 },
};

const struct cli_command random_commands[] = {
	{ "", "Get random bytes from the HSM", NULL, options,
	  "The bytes come from the SP 800-90A generator of the kernel HSM.\n\n"
	  "  $ mhsm random --count 16\n"
	  "  $ mhsm random --count 64 --out keyfile",
	  run },
	{ 0 },
};
