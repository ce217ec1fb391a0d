// SPDX-License-Identifier: GPL-2.0-only
#include "tools/cli.h"

static const struct cli_column columns[] = { { "State", "state", CLI_TEXT }, { 0 } };

static int post(struct cli *cli, const char *what, const char *path, json_t *body)
{
	json_t *reply;
	int ret;

	ret = http_call(cli, what, "POST", path, body, &reply);
	json_decref(body);
	if (ret)
		return ret;
	ret = cli_print(cli, reply, columns);
	json_decref(reply);
	return ret;
}

static int lock(struct cli *cli)
{
	return post(cli, "lock", "/lock", json_object());
}

static int zeroize(struct cli *cli)
{
	return post(cli, "zeroize", "/zeroize", json_pack("{s:s}", "confirm", cli_value(cli, "confirm")));
}

const struct cli_command lock_commands[] = {
	{ "", "Wipe all keys from memory until custodians unlock the HSM", NULL, NULL,
	  "Open keys stop working, and open volumes return errors. Nothing stored is lost: the quorum\n"
	  "of custodians brings the keys back with \"mhsm security-domain approve\".\n\n"
	  "  $ mhsm lock",
	  lock },
	{ 0 },
};

static const struct cli_option zeroize_options[] = {
	{ "confirm", 0, CLI_REQUIRED, "DOMAIN", "the domain that is to end, as \"mhsm status\" shows it" },
	{ 0 },
};

const struct cli_command zeroize_commands[] = {
	{ "", "Destroy the domain and all its keys", NULL, zeroize_options,
	  "Every key is wiped from memory and the store is destroyed. This cannot be undone: volumes\n"
	  "whose keys were wrapped here are lost.\n\n"
	  "  $ mhsm zeroize --confirm \"$(mhsm status -o json | jq -r .domain)\"",
	  zeroize },
	{ 0 },
};
