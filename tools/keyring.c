// SPDX-License-Identifier: GPL-2.0-only
/* mhsm keyring: keys of the HSM in the kernel's keyrings (keyrings(7)). */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define TOKEN_ALG 5 /* offset of the algorithm in a token (formats.md, "Volume token") */

/* --keyring, in keyctl's words */
static int parse_keyring(const struct cli *cli, int32_t *keyring)
{
	static const struct {
		const char *name;
		int32_t id;
	} names[] = {
		{ "@t", KEY_SPEC_THREAD_KEYRING },  { "@p", KEY_SPEC_PROCESS_KEYRING },
		{ "@s", KEY_SPEC_SESSION_KEYRING }, { "@u", KEY_SPEC_USER_KEYRING },
		{ "@us", KEY_SPEC_USER_SESSION_KEYRING },
	};
	const char *text = cli_value(cli, "keyring");
	char *end;
	long id;

	*keyring = KEY_SPEC_SESSION_KEYRING;
	if (!text)
		return CLI_OK;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i].name)) {
			*keyring = names[i].id;
			return CLI_OK;
		}
	errno = 0;
	id = strtol(text, &end, 0);
	if (errno || end == text || *end || id <= 0 || id > INT32_MAX)
		return cli_error(CLI_USAGE, "--keyring: \"%s\" is no keyring: @s, @u, @us, @p, @t, or a serial number",
				 text);
	*keyring = (int32_t)id;
	return CLI_OK;
}

static int read_token(const struct cli *cli, uint8_t token[MHSM_TOKEN_LEN])
{
	const char *path = cli_value(cli, "token");
	struct buffer buffer;
	int ret;

	ret = file_read(path, MHSM_TOKEN_LEN + 1, &buffer);
	if (ret)
		return cli_fail_file(ret, path);
	if (buffer.len != MHSM_TOKEN_LEN)
		ret = cli_error(CLI_INVALID, "%s: no token, which has %d bytes: make one with \"mhsm volume token --out\" or "
				"\"mhsm keyring token\"", path, MHSM_TOKEN_LEN);
	else
		memcpy(token, buffer.data, MHSM_TOKEN_LEN);
	buffer_free(&buffer);
	return ret;
}

/* An error of adding a key, which may be the keyring's or the HSM's */
static int fail(int err, const char *description)
{
	switch (-err) {
	case ENODEV:
		return cli_error(CLI_UNAVAILABLE, "keyring: \"%s\": the kernel knows no keys of this type: modprobe mhsm",
				 description);
	case EDQUOT:
		return cli_error(CLI_FAIL, "keyring: \"%s\": too many keys, or the key's use limit is reached: unlink some, "
				 "or raise /proc/sys/kernel/keys/maxkeys", description);
	case EINVAL:
		return cli_error(CLI_USAGE, "keyring: \"%s\": not a description for such a key: a logon key's is "
				 "PREFIX:TEXT, that of --form fscrypt-v1 fscrypt:DESCRIPTOR", description);
	case EKEYREJECTED:
		return cli_error(CLI_INVALID, "keyring: \"%s\": no token of this HSM for this purpose: see \"mhsm volume "
				 "token --help\", \"mhsm keyring token --help\"", description);
	case ENOKEY:
		return cli_error(CLI_MISSING, "keyring: \"%s\": no such keyring, or the HSM is locked: see \"mhsm status\"",
				 description);
	default:
		return cli_fail(err, "keyring: \"%s\"", description);
	}
}

/* What became of adding a key: prints its serial number. */
static int print_serial(const struct cli *cli, int32_t serial)
{
	static const struct cli_column columns[] = { { "Key", "id", CLI_TEXT }, { 0 } };
	json_t *object;
	int ret;

	if (serial < 0)
		return fail(serial, cli_operand(cli, 0));
	if (cli_output(cli) == CLI_TABLE) {
		cli_say(cli, "%d", serial); /* bare, for keyctl */
		return CLI_OK;
	}
	object = json_pack("{s:i}", "id", serial);
	ret = object ? cli_print(cli, object, columns) : cli_fail(ENOMEM, "output");
	json_decref(object);
	return ret;
}

static int add(struct cli *cli)
{
	const char *name = cli_value(cli, "name"), *version = cli_value(cli, "version");
	uint8_t token[MHSM_TOKEN_LEN];
	int32_t keyring;
	int ret;

	if (!name == !cli_given(cli, "token"))
		return cli_error(CLI_USAGE, "keyring add: give --name or --token");
	ret = parse_keyring(cli, &keyring);
	if (!ret)
		ret = name ? keyspec_check_name(name) : read_token(cli, token);
	if (ret)
		return ret;
	if (name)
		return print_serial(cli, mhsm_keyring_add_key(cli_operand(cli, 0), name, version, keyring));
	return print_serial(cli, mhsm_keyring_add_token(cli_operand(cli, 0), token, keyring));
}

static int logon(struct cli *cli)
{
	uint8_t token[MHSM_TOKEN_LEN];
	int32_t keyring;
	int ret;

	ret = parse_keyring(cli, &keyring);
	if (!ret)
		ret = read_token(cli, token);
	if (ret)
		return ret;
	if (token[TOKEN_ALG] == MHSM_TOKEN_RAW)
		return cli_error(CLI_USAGE, "%s: no cipher takes this token: see \"mhsm keyring release --help\"",
				 cli_value(cli, "token"));
	return print_serial(cli, mhsm_keyring_add_logon(cli_operand(cli, 0), token, keyring));
}

static int release(struct cli *cli)
{
	static const struct {
		const char *name;
		uint32_t form;
	} forms[] = {
		{ "logon", MHSM_RELEASE_LOGON },
		{ "fscrypt", MHSM_RELEASE_FSCRYPT },
		{ "fscrypt-v1", MHSM_RELEASE_FSCRYPT_V1 },
	};
	const char *name = cli_value(cli, "form");
	uint8_t token[MHSM_TOKEN_LEN];
	int32_t keyring, serial;
	size_t form = 0;
	int session, ret;

	while (name && form < 3 && strcmp(forms[form].name, name))
		form++;
	if (form == 3)
		return cli_error(CLI_USAGE, "--form: \"%s\" is none of logon, fscrypt, fscrypt-v1", name);
	ret = parse_keyring(cli, &keyring);
	if (!ret)
		ret = read_token(cli, token);
	if (ret)
		return ret;
	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	serial = mhsm_keyring_release(session, forms[form].form, cli_operand(cli, 0), token, keyring);
	close(session);
	return print_serial(cli, serial);
}

/* Bytes of --key-size */
static int parse_size(const struct cli *cli, size_t *bytes)
{
	const char *text = cli_value(cli, "key-size");
	char *end;
	unsigned long bits = text ? strtoul(text, &end, 10) : 512;

	if (text && (*text == '-' || end == text || *end || bits < 128 || bits > 512 || bits % 8))
		return cli_error(CLI_USAGE, "--key-size: \"%s\" is not 128 to 512, a multiple of 8", text);
	*bytes = bits / 8;
	return CLI_OK;
}

static int fill_token(const struct cli *cli, int key, uint8_t *made)
{
	const char *path = cli_value(cli, "import");
	struct buffer material;
	size_t bytes = 0;
	int ret;

	ret = parse_size(cli, &bytes);
	if (ret)
		return ret;
	if (!path) {
		ret = mhsm_token_create(key, MHSM_TOKEN_RAW, bytes, made);
	} else {
		ret = file_read(path, 65, &material);
		if (ret)
			return cli_fail_file(ret, path);
		ret = mhsm_token_import(key, MHSM_TOKEN_RAW, material.data, material.len, made);
		buffer_free(&material);
		if (ret == -EINVAL)
			return cli_error(CLI_FAIL, "%s: a data key has 16 to 64 bytes", path);
	}
	if (ret == -EACCES)
		return cli_error(CLI_DENIED, "key \"%s\": it lets no data key out: make one with \"mhsm key create "
				 "--keyring-release\"", cli_value(cli, "kek"));
	return ret ? cli_fail(ret, "key \"%s\"", cli_value(cli, "kek")) : CLI_OK;
}

static int make_token(struct cli *cli)
{
	const char *kek = cli_value(cli, "kek"), *out = cli_value(cli, "out");
	uint8_t made[MHSM_TOKEN_LEN];
	int session, key, ret;

	ret = keyspec_check_name(kek);
	if (ret)
		return ret;
	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	key = mhsm_key_open(session, kek, NULL, MHSM_OP_WRAP);
	close(session);
	if (key < 0)
		return cli_fail(key, "key \"%s\"", kek);
	ret = fill_token(cli, key, made);
	close(key);
	if (ret)
		return ret;
	ret = file_write(out, 0666, made, sizeof(made));
	return ret ? cli_fail_file(ret, out) : CLI_OK;
}

#define KEYRING { "keyring", 0, 0, "KEYRING", "@s session (default), @u user, @us user session, @p process,\n" \
					      "@t thread, or a serial number" }
#define TOKEN(flags) { "token", 0, flags, "FILE", "the 128 bytes of a token (- for standard input)" }

static const struct cli_option add_options[] = {
	{ "name", 'n', 0, "NAME", "a key of the HSM" },
	{ "version", 'v', 0, "VERSION", "its version, 32 hexadecimal digits (default: the latest)" },
	TOKEN(0),
	KEYRING,
	{ 0 },
};

static const struct cli_option logon_options[] = { TOKEN(CLI_REQUIRED), KEYRING, { 0 } };

static const struct cli_option token_options[] = {
	{ "kek", 0, CLI_REQUIRED, "NAME", "the key that wraps the data key: AES-256, --keyring-release" },
	{ "key-size", 0, 0, "BITS", "of a new data key, 128 to 512 (default: 512)" },
	{ "import", 0, 0, "FILE", "wrap the data key in FILE (raw, - for standard input)\ninstead of a new one" },
	{ "out", 0, CLI_REQUIRED, "FILE", "where to put the token" },
	{ 0 },
};

static const struct cli_option release_options[] = {
	TOKEN(CLI_REQUIRED),
	{ "form", 0, 0, "FORM", "logon (default): the data key as it is; fscrypt: for\nFS_IOC_ADD_ENCRYPTION_KEY; fscrypt-v1: "
				"for policies of\nversion 1, DESCRIPTION is fscrypt:DESCRIPTOR" },
	KEYRING,
	{ 0 },
};

const struct cli_command keyring_commands[] = {
	{ "add", "Add a key that stands for one of the HSM", "DESCRIPTION", add_options,
	  "A key of type \"mhsm\", which holds no secret. It prints the number by which keyctl takes it.\n\n"
	  "  $ key=$(mhsm keyring add web --name web)\n"
	  "  $ keyctl pkey_sign $key 0 digest enc=pkcs1 hash=sha256 >sig",
	  add },
	{ "logon", "Add a volume token as a logon key, for dm-crypt", "DESCRIPTION", logon_options,
	  "DESCRIPTION is PREFIX:TEXT. What the key holds is no secret.\n\n"
	  "  $ mhsm volume token --kek disks --out token\n"
	  "  $ mhsm keyring logon mhsm:data --token token\n"
	  "  $ dmsetup create data --table \"0 $(blockdev --getsz /dev/sdb1) crypt \\\n"
	  "      capi:mhsm(xts(aes))-plain64 :128:logon:mhsm:data 0 /dev/sdb1 0\"",
	  logon },
	{ "token", "Make a token of a data key that may leave the HSM", NULL, token_options,
	  "For \"mhsm keyring release\". No cipher takes such a token, and no other token can be released.\n\n"
	  "  $ mhsm key create --name homes --kty oct-HSM --ops wrapKey unwrapKey --keyring-release\n"
	  "  $ mhsm keyring token --kek homes --out home.token",
	  make_token },
	{ "release", "Put a data key into a keyring, out of the HSM", "DESCRIPTION", release_options,
	  "For users of keys in the kernel that know no token. The key goes from kernel to kernel and no\n"
	  "process can read it, but locking the HSM does not reach it any more. The audit log has it as an\n"
	  "export (KeyRelease).\n\n"
	  "  $ mhsm keyring release fscrypt-home --form fscrypt --token home.token",
	  release },
	{ 0 },
};
