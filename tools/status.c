// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

static const struct cli_column columns[] = {
	{ "State", "state", CLI_TEXT },
	{ "Domain", "domain", CLI_TEXT },
	{ "Keys", "keys", CLI_TEXT },
	{ "Daemon", "version", CLI_TEXT },
	{ "Module ABI", "module.abi", CLI_TEXT },
	{ "Memory kept from root", "module.lockdown", CLI_TEXT },
	{ "Audit batches", "audit.batches", CLI_TEXT },
	{ "Audit records lost", "audit.lost", CLI_TEXT },
	{ "Ceremony", "ceremony.status", CLI_TEXT },
	{ "Custodians approved", "ceremony.approved", CLI_TEXT },
	{ "Custodians required", "ceremony.required", CLI_TEXT },
	{ 0 },
};

/* What only the kernel knows, or what is still known without mhsmd. */
static json_t *from_kernel(const struct mhsm_ioc_info *info)
{
	static const uint8_t none[MHSM_ID_LEN];
	char *domain = encode_hex(info->domain, sizeof(info->domain));
	json_t *object;

	object = json_pack("{s:s, s:o, s:I, s:s, s:{s:i, s:b}, s:{s:I, s:I}, s:n}",
			   "state", mhsm_state_name(info->state),
			   "domain", domain && memcmp(info->domain, none, sizeof(none)) ? json_string(domain) :
											  json_null(),
			   "keys", (json_int_t)info->keys, "version", "no answer",
			   "module", "abi", (int)info->abi, "lockdown", (int)(info->lockdown != 0),
			   "audit", "batches", (json_int_t)info->audit_batch, "lost", (json_int_t)info->audit_lost,
			   "ceremony");
	free(domain);
	return object;
}

static int run(struct cli *cli)
{
	struct http_reply reply;
	struct mhsm_ioc_info info;
	json_t *status = NULL;
	int session, ret;

	ret = http_request(cli_socket(cli), "GET", "/status", NULL, &reply);
	if (!ret && reply.status == 200) {
		status = reply.body;
	} else {
		/* Say more than "mhsmd does not answer" where the kernel can. */
		json_decref(reply.body);
		session = cli_session(cli);
		if (session < 0)
			return -session;
		ret = mhsm_info(session, &info);
		close(session);
		if (ret < 0)
			return cli_fail(ret, "HSM");
		status = from_kernel(&info);
	}
	if (!status)
		return cli_fail(ENOMEM, "status");
	ret = cli_print(cli, status, columns);
	json_decref(status);
	return ret;
}

const struct cli_command status_commands[] = {
	{ "", "Show the state of the HSM", NULL, NULL,
	  "Without mhsmd, what the kernel alone knows is shown.\n\n"
	  "  $ mhsm status\n"
	  "  $ mhsm status --output json | jq -r .state",
	  run },
	{ 0 },
};

static int version(struct cli *cli)
{
	static const struct cli_column version_columns[] = { { "mhsm", "version", CLI_TEXT }, { 0 } };
	json_t *object = json_pack("{s:s, s:i}", "version", MHSM_VERSION, "abi", MHSM_ABI);
	int ret = cli_print(cli, object, version_columns);

	json_decref(object);
	return ret;
}

const struct cli_command version_commands[] = {
	{ "", "Print the version of this program", NULL, NULL,
	  "The versions of mhsmd and of the module are in \"mhsm status\".\n\n"
	  "  $ mhsm version",
	  version },
	{ 0 },
};
