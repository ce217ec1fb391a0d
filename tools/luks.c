// SPDX-License-Identifier: GPL-2.0-only
/*
 * LUKS2 with a volume token for a key, by way of the stock cryptsetup, which knows ciphers named "paes" as ones whose
 * key is a wrapped one and leaves it alone. The token is stored a second time in a LUKS2 token of type "mhsm", and is
 * the passphrase of the one keyslot: formats.md, "LUKS2 header".
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"
#include "tools/luks.h"

#define HEADER_JSON_MAX (4u << 20) /* the largest JSON area of LUKS2 */
#define TOKEN_BITS "1024" /* 8 * MHSM_TOKEN_LEN */
#define HEADER_SIZE (16 << 20) /* of LUKS2, as cryptsetup makes it by default */

_Static_assert(MHSM_TOKEN_LEN == 128, "TOKEN_BITS");

static int fail_run(const char *program, const char *device, int status)
{
	if (status == -ENOENT)
		return cli_error(CLI_FAIL, "%s: cannot run %s: install it", device, program);
	if (status < 0)
		return cli_error(CLI_FAIL, "%s: cannot run %s: %s", device, program, strerror(-status));
	return cli_error(CLI_FAIL, "%s: %s failed with status %d", device, program, status);
}

/* The line "KEY=value" of blkid's export form. */
static bool export_value(const char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, key, len) && line[len] == '=') {
			snprintf(value, size, "%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
			return true;
		}
	return false;
}

int luks_probe(const char *device, char *found, size_t size)
{
	const char *const argv[] = { "blkid", "--probe", "--output", "export", "--", device, NULL };
	char type[64] = "", uuid[64] = "";
	struct buffer out;
	int status;

	*found = '\0';
	if (access(device, R_OK) < 0)
		return cli_fail_file(errno, device);
	if (buffer_alloc(&out, 4096))
		return cli_fail(ENOMEM, "%s", device);
	out.size--; /* room for the NUL */
	status = run_program(&(struct run){ .argv = argv, .keep_fd = -1, .out = &out });
	out.data[out.len] = '\0';
	out.size++;
	if (status == 0) {
		if (!export_value((char *)out.data, "TYPE", type, sizeof(type)) &&
		    !export_value((char *)out.data, "PTTYPE", type, sizeof(type)))
			strcpy(type, "something that blkid does not name");
		export_value((char *)out.data, "UUID", uuid, sizeof(uuid));
		snprintf(found, size, "%s%s%s", type, *uuid ? ", UUID " : "", uuid);
	}
	buffer_free(&out);
	if (status == 8) { /* several signatures contradict each other */
		snprintf(found, size, "several signatures");
		return CLI_OK;
	}
	return status == 0 || status == 2 ? CLI_OK : fail_run("blkid", device, status);
}

/* A file in memory with the token, which cryptsetup is to open as /dev/fd/N. */
static int token_fd(const struct luks_token *token, char *path, size_t size)
{
	int fd = memfd_create("mhsm-token", MFD_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = file_write_fd(fd, token->token, sizeof(token->token));
	if (ret) {
		close(fd);
		return ret;
	}
	snprintf(path, size, "/dev/fd/%d", fd);
	return fd;
}

/*
 * The passphrase is the token: it is public, and the plugin of cryptsetup (cryptsetup/token.c) has it from the header.
 * So its PBKDF may be cheap.
 */
static int format_header(const char *device, const char *cipher, const struct luks_token *token, const char *label)
{
	char key_file[32];
	const char *const argv[] = { "cryptsetup", "luksFormat", "--batch-mode", "--type", "luks2", "--cipher", cipher,
				     "--key-size", TOKEN_BITS, "--volume-key-file", key_file, "--key-slot", "0",
				     "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--key-file", "-",
				     "--label", label, "--", device, NULL };
	int fd, status;

	fd = token_fd(token, key_file, sizeof(key_file));
	if (fd < 0)
		return fd;
	status = run_program(&(struct run){ .argv = argv, .in = token->token, .in_len = sizeof(token->token),
					    .keep_fd = fd });
	close(fd);
	return status;
}

json_t *luks_token_json(const struct luks_token *token)
{
	char *base64 = encode_base64(token->token, sizeof(token->token));
	json_t *object = base64 ? json_pack("{s:s, s:[s], s:s, s:s, s:s}", "type", "mhsm", "keyslots", "0", "kek",
					    token->kek, "version", token->version, "token", base64) : NULL;

	free(base64);
	return object;
}

static int import_token(const char *device, const struct luks_token *token)
{
	const char *const argv[] = { "cryptsetup", "token", "import", "--token-id", "0", "--json-file", "-", "--",
				     device, NULL };
	json_t *object = luks_token_json(token);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	int status = -ENOMEM;

	if (text)
		status = run_program(&(struct run){ .argv = argv, .in = text, .in_len = strlen(text), .keep_fd = -1 });
	free(text);
	json_decref(object);
	return status;
}

/* cryptsetup writes a header to what has no room for data, and only warns. */
static int check_size(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	off_t size;

	if (fd < 0)
		return cli_fail_file(errno, device);
	size = lseek(fd, 0, SEEK_END);
	close(fd);
	if (size <= HEADER_SIZE)
		return cli_error(CLI_FAIL, "%s: too small: the header alone takes %d MiB", device, HEADER_SIZE >> 20);
	return CLI_OK;
}

int luks_format(const char *device, const char *cipher, const struct luks_token *token, const char *label)
{
	int status;

	status = check_size(device);
	if (status)
		return status;
	status = format_header(device, cipher, token, label ? label : "");
	if (status)
		return fail_run("cryptsetup luksFormat", device, status);
	status = import_token(device, token);
	return status ? fail_run("cryptsetup token import", device, status) : CLI_OK;
}

bool luks_token_parse(const json_t *object, struct luks_token *token)
{
	const char *kek = json_string_value(json_object_get(object, "kek"));
	const char *version = json_string_value(json_object_get(object, "version"));
	const char *text = json_string_value(json_object_get(object, "token"));
	size_t len = sizeof(token->token);

	if (!kek || !text || strlen(kek) >= sizeof(token->kek) ||
	    (version && strlen(version) >= sizeof(token->version)))
		return false;
	strcpy(token->kek, kek);
	strcpy(token->version, version ? version : "");
	return !decode_base64(text, token->token, &len) && len == sizeof(token->token);
}

/*
 * The header is not authenticated, and the token in it is no secret. So an attacker could write a header with another
 * cipher, for which the token would be an ordinary and known key; the name of ours is checked.
 */
static bool has_our_cipher(const json_t *header)
{
	const json_t *segments = json_object_get(header, "segments"), *segment;
	const char *id;
	bool ours = json_object_size(segments) > 0;

	json_object_foreach((json_t *)segments, id, segment) {
		const char *cipher = json_string_value(json_object_get(segment, "encryption"));

		ours = ours && cipher && !strcmp(cipher, LUKS_CIPHER);
	}
	return ours;
}

static int parse_header(const char *device, const struct buffer *text, struct luks_token *token)
{
	json_t *header = json_loadb((char *)text->data, text->len, JSON_REJECT_DUPLICATES, NULL);
	json_t *tokens = json_object_get(header, "tokens"), *object, *ours = NULL;
	const char *id, *type;
	int ret = CLI_OK;

	json_object_foreach(tokens, id, object) {
		type = json_string_value(json_object_get(object, "type"));
		if (type && !strcmp(type, "mhsm"))
			ours = object;
	}
	if (!ours)
		ret = cli_error(CLI_FAIL, "%s: not a volume of \"mhsm volume format\": its header has no token of "
				"type mhsm", device);
	else if (!luks_token_parse(ours, token))
		ret = cli_error(CLI_INVALID, "%s: the mhsm token in its header is damaged: restore the header from a "
				"copy (cryptsetup luksHeaderRestore)", device);
	else if (!has_our_cipher(header))
		ret = cli_error(CLI_INVALID, "%s: its header names a cipher that is not the HSM's: it was tampered "
				"with, and is not opened", device);
	json_decref(header);
	return ret;
}

int luks_token_read(const char *device, struct luks_token *token)
{
	const char *const is_luks[] = { "cryptsetup", "isLuks", "--type", "luks2", "--", device, NULL };
	const char *const dump[] = { "cryptsetup", "luksDump", "--dump-json-metadata", "--", device, NULL };
	struct buffer out;
	int status;

	memset(token, 0, sizeof(*token));
	if (access(device, R_OK) < 0)
		return cli_fail_file(errno, device);
	status = run_program(&(struct run){ .argv = is_luks, .keep_fd = -1, .silent = true });
	if (status == 1)
		return cli_error(CLI_FAIL, "%s: not a LUKS2 volume: make one with \"mhsm volume format\"", device);
	if (status)
		return fail_run("cryptsetup isLuks", device, status);
	if (buffer_alloc(&out, HEADER_JSON_MAX))
		return cli_fail(ENOMEM, "%s", device);
	status = run_program(&(struct run){ .argv = dump, .keep_fd = -1, .out = &out });
	if (status)
		status = fail_run("cryptsetup luksDump", device, status);
	else
		status = parse_header(device, &out, token);
	buffer_free(&out);
	return status;
}

int luks_open(const char *device, const char *name, const struct luks_token *token, bool readonly, bool discards)
{
	char key_file[32];
	const char *argv[16] = { "cryptsetup", "open", "--type", "luks2", "--key-size", TOKEN_BITS,
				 "--volume-key-file", key_file };
	int n = 8, fd, status;

	if (readonly)
		argv[n++] = "--readonly";
	if (discards)
		argv[n++] = "--allow-discards";
	argv[n++] = "--";
	argv[n++] = device;
	argv[n] = name;
	fd = token_fd(token, key_file, sizeof(key_file));
	if (fd < 0)
		return fd;
	status = run_program(&(struct run){ .argv = argv, .keep_fd = fd });
	close(fd);
	return status;
}

int luks_close(const char *name)
{
	const char *const argv[] = { "cryptsetup", "close", "--", name, NULL };

	return run_program(&(struct run){ .argv = argv, .keep_fd = -1 });
}
