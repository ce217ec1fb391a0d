// SPDX-License-Identifier: GPL-2.0-only
/* mhsm volume info, list: what headers say, and sysfs, and the HSM */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

/* First line of a file in sysfs; "" if there is none. */
static void sysfs_line(const char *folder, const char *file, char *line, size_t size)
{
	char path[512];
	FILE *f;

	*line = '\0';
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(line, (int)size, f))
		*line = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
}

/* Under what name is a device open, and is it suspended? False: it is not open. */
static bool mapping(const char *device, char *name, size_t size, bool *suspended)
{
	char folder[384], holder[512], text[160];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir;

	if (stat(device, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u/holders", major(st.st_rdev), minor(st.st_rdev));
	dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(holder, sizeof(holder), "/sys/class/block/%.64s/dm", entry->d_name);
		sysfs_line(holder, "uuid", text, sizeof(text));
		found = !strncmp(text, "CRYPT-LUKS2-", 12);
		if (found) {
			sysfs_line(holder, "name", name, size);
			sysfs_line(holder, "suspended", text, sizeof(text));
			*suspended = !strcmp(text, "1");
		}
	}
	if (dir)
		closedir(dir);
	return found;
}

/* What the header says: NULL without memory. */
static json_t *describe(const char *device, const struct lukshdr *hdr, const struct luks_token *token)
{
	struct mhsm_token_info info = { 0 };
	char name[160] = "";
	bool suspended = false, live = mapping(device, name, sizeof(name), &suspended);
	json_t *object;
	char *domain;

	mhsm_token_info(token->token, &info);
	domain = encode_hex(info.domain, sizeof(info.domain));
	object = domain ? json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:b}", "device", device, "name", name,
				    "state", !live ? "closed" : suspended ? "suspended" : "open", "uuid",
				    lukshdr_uuid(hdr), "label", lukshdr_label(hdr), "key", token->kek, "version",
				    token->version, "bits", 8 * (int)info.key_len, "hsm", domain, "converting",
				    json_object_get(lukshdr_token(hdr), "converting") != NULL) : NULL;
	free(domain);
	return object;
}

/* A volume of the HSM on a device, or NULL; *ret: an exit code */
static json_t *look(const char *device, bool quiet, struct luks_token *token, int *ret)
{
	struct lukshdr hdr;
	json_t *object = NULL;

	*ret = lukshdr_open(device, false, quiet, &hdr);
	if (*ret)
		return NULL;
	if (luks_token_parse(lukshdr_token(&hdr), token)) {
		object = describe(device, &hdr, token);
		*ret = object ? CLI_OK : cli_fail(ENOMEM, "%s", device);
	} else {
		*ret = CLI_FAIL;
		if (!quiet)
			cli_error(CLI_FAIL, "%s: not a volume of the HSM: its header has no token of type mhsm", device);
	}
	lukshdr_close(&hdr);
	return object;
}

/* What the HSM says of the key: it is the newest version, there is a newer one, or why there is no answer. */
static const char *key_status(const struct cli *cli, const struct luks_token *token)
{
	struct mhsm_token_info info;
	struct mhsm_key_info key_info;
	int session, key, ret;

	session = mhsm_open(cli_device(cli));
	if (session < 0)
		return mhsm_strerror(session);
	key = mhsm_key_open(session, token->kek, NULL, 0);
	ret = key < 0 ? key : mhsm_key_info(key, &key_info);
	if (key >= 0)
		close(key);
	close(session);
	if (ret < 0)
		return mhsm_strerror(ret);
	return !mhsm_token_info(token->token, &info) && !memcmp(info.kek, key_info.id, MHSM_ID_LEN) ?
		       "newest version" : "there is a newer version: mhsm volume rotate";
}

int volume_info(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "Device", "device", CLI_TEXT },      { "Name", "name", CLI_TEXT },	    { "State", "state", CLI_TEXT },
		{ "UUID", "uuid", CLI_TEXT },	       { "Label", "label", CLI_TEXT },	    { "Key", "key", CLI_TEXT },
		{ "Version", "version", CLI_TEXT },    { "KeyStatus", "keyStatus", CLI_TEXT }, { "Bits", "bits", CLI_TEXT },
		{ "HSM", "hsm", CLI_TEXT },	       { "Converting", "converting", CLI_TEXT }, { 0 },
	};
	struct luks_token token;
	json_t *object;
	int ret;

	object = look(cli_operand(cli, 0), false, &token, &ret);
	if (!object)
		return ret;
	json_object_set_new(object, "keyStatus", json_string(key_status(cli, &token)));
	ret = cli_print(cli, object, columns);
	json_decref(object);
	return ret;
}

int volume_list(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "Device", "device", CLI_TEXT }, { "Name", "name", CLI_TEXT }, { "State", "state", CLI_TEXT },
		{ "Key", "key", CLI_TEXT },	  { "Version", "version", CLI_TEXT }, { "UUID", "uuid", CLI_TEXT }, { 0 },
	};
	json_t *list = json_array(), *object;
	char line[256], name[128], device[160];
	struct luks_token token;
	FILE *f;
	int ret;

	f = fopen("/proc/partitions", "re");
	if (!f || !list) {
		json_decref(list);
		return f ? (fclose(f), cli_fail(ENOMEM, "list")) : cli_fail_file(errno, "/proc/partitions");
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*u %*u %*u %127s", name) != 1)
			continue;
		snprintf(device, sizeof(device), "/dev/%s", name);
		object = look(device, true, &token, &ret);
		if (object)
			json_array_append_new(list, object);
	}
	fclose(f);
	ret = cli_print_list(cli, list, columns);
	json_decref(list);
	return ret;
}
