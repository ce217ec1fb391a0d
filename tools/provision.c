// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli.h"

static int parse_id(const char *text, long long *id)
{
	char *end;

	errno = 0;
	*id = strtoll(text, &end, 10);
	return errno || *end || end == text || *id < 0 || *id > UINT32_MAX - 1 ? -EINVAL : 0;
}

/* "root", "user:root", "user:0", "group:wheel" -> {"kind":"user","id":0} */
static json_t *parse_administrator(const char *text)
{
	const char *name = strchr(text, ':');
	bool group = name && !strncmp(text, "group:", 6);
	long long id;

	if (name && !group && strncmp(text, "user:", 5))
		return NULL;
	name = name ? name + 1 : text;
	if (!*name)
		return NULL;
	if (parse_id(name, &id)) {
		const struct passwd *user = group ? NULL : getpwnam(name);
		const struct group *entry = group ? getgrnam(name) : NULL;

		if (!user && !entry)
			return NULL;
		id = group ? entry->gr_gid : user->pw_uid;
	}
	return json_pack("{s:s, s:I}", "kind", group ? "group" : "user", "id", (json_int_t)id);
}

static int run(struct cli *cli)
{
	static const struct cli_column columns[] = { { "Domain", "domain", CLI_TEXT }, { 0 } };
	json_t *list = json_array(), *body, *reply;
	int ret;

	for (const char *const *p = cli_values(cli, "administrators"); *p; p++) {
		json_t *administrator = parse_administrator(*p);

		if (!administrator) {
			json_decref(list);
			return cli_error(CLI_USAGE,
					 "provision: \"%s\" is no user or group of this machine: "
					 "give user:NAME, group:NAME or a number", *p);
		}
		json_array_append_new(list, administrator);
	}
	body = json_pack("{s:o}", "administrators", list);
	ret = http_call(cli, "provision", "POST", "/provision", body, &reply);
	json_decref(body);
	if (ret)
		return ret;
	ret = cli_print(cli, reply, columns);
	json_decref(reply);
	cli_say(cli, "Next: mhsm security-domain download, which activates the HSM.");
	return ret;
}

static const struct cli_option options[] = {
	{ "administrators", 0, CLI_REQUIRED | CLI_LIST, "PRINCIPAL",
	  "users (NAME, user:NAME, user:UID) and groups (group:NAME,\ngroup:GID) who administer the HSM" },
	{ 0 },
};

const struct cli_command provision_commands[] = {
	{ "", "Make a new domain and name its administrators", NULL, options,
	  "The kernel draws the master of a new security domain. root provisions; afterwards root\n"
	  "has no rights unless it is named here. The HSM is ready for use after its security domain\n"
	  "was downloaded.\n\n"
	  "  $ mhsm provision --administrators root group:hsm-admins",
	  run },
	{ 0 },
};
