// SPDX-License-Identifier: GPL-2.0-only
/* mhsm volume: disks whose data key is wrapped under a key of the HSM. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"
#include "tools/luks.h"

#define TOKEN_DOMAIN 8 /* offset of the domain id in a token */

static const struct cipher {
	const char *name;
	uint32_t alg;
	int small, large; /* bits of the data key */
} ciphers[] = {
	{ "xts", MHSM_TOKEN_XTS_AES, 256, 512 },
	{ "cbc", MHSM_TOKEN_CBC_AES, 128, 256 },
	{ "ctr", MHSM_TOKEN_CTR_AES, 128, 256 },
	{ "adiantum", MHSM_TOKEN_ADIANTUM_XCHACHA12, 256, 256 },
	{ "gcm", MHSM_TOKEN_GCM_AES, 128, 256 },
	{ "ccm", MHSM_TOKEN_CCM_AES, 128, 256 },
	{ "rfc4106", MHSM_TOKEN_RFC4106_GCM_AES, 160, 288 },
	{ "hmac-sha256", MHSM_TOKEN_HMAC_SHA256, 256, 512 },
	{ "hmac-sha384", MHSM_TOKEN_HMAC_SHA384, 256, 512 },
	{ "hmac-sha512", MHSM_TOKEN_HMAC_SHA512, 256, 512 },
	{ "cmac", MHSM_TOKEN_CMAC_AES, 128, 256 },
};

#define CIPHER_NAMES "xts, cbc, ctr, adiantum, gcm, ccm, rfc4106, hmac-sha256, hmac-sha384, hmac-sha512 and cmac"

#define CIPHERS (sizeof(ciphers) / sizeof(ciphers[0]))

/* A data key: --cipher and --key-size. */
static int parse_cipher(const struct cli *cli, const struct cipher **cipher, size_t *bytes)
{
	const char *name = cli_value(cli, "cipher"), *size = cli_value(cli, "key-size");
	size_t i = 0;
	char text[16];

	while (name && i < CIPHERS && strcmp(ciphers[i].name, name))
		i++;
	*cipher = &ciphers[i % CIPHERS];
	*bytes = (*cipher)->large / 8;
	if (i == CIPHERS)
		return cli_error(CLI_USAGE, "--cipher: \"%s\" is not supported: " CIPHER_NAMES " are", name);
	snprintf(text, sizeof(text), "%d", (*cipher)->small);
	if (size && !strcmp(size, text))
		*bytes = (*cipher)->small / 8;
	else if (size && (snprintf(text, sizeof(text), "%d", (*cipher)->large), strcmp(size, text)))
		return cli_error(CLI_USAGE, "--key-size: \"%s\" is not one of %s: %d and %d are", size,
				 (*cipher)->name, (*cipher)->small, (*cipher)->large);
	return CLI_OK;
}

static int check_kek(const char *name, int key, struct luks_token *token)
{
	struct mhsm_key_info info;
	int ret;

	ret = mhsm_key_info(key, &info);
	if (ret)
		return cli_fail(ret, "key \"%s\"", name);
	snprintf(token->kek, sizeof(token->kek), "%s", name);
	for (int i = 0; i < MHSM_VERSION_LEN; i++)
		snprintf(token->version + 2 * i, 3, "%02x", info.version[i]);
	if (info.type != MHSM_KEY_AES || info.param != 256)
		return cli_error(CLI_FAIL, "key \"%s\": not a 256 bit AES key: make one with \"mhsm key create --name "
				 "NAME --kty oct-HSM --size 256 --ops wrapKey unwrapKey --consumers\"", name);
	if (!(info.flags & MHSM_KEY_CONSUMERS))
		return cli_error(CLI_DENIED, "key \"%s\": the kernel's ciphers may not use it: make one with \"mhsm key "
				 "create --consumers\"", name);
	if (!(info.ops & MHSM_OP_UNWRAP))
		return cli_error(CLI_DENIED, "key \"%s\": it does not allow unwrapKey, so nothing made with it could be "
				 "opened", name);
	return CLI_OK;
}

static int fill_token(const struct cli *cli, int key, const struct cipher *cipher, size_t bytes, uint8_t *token)
{
	const char *path = cli_value(cli, "import");
	struct buffer material;
	int ret;

	if (!path) {
		ret = mhsm_token_create(key, cipher->alg, bytes, token);
	} else {
		ret = file_read(path, 64, &material);
		if (ret)
			return cli_fail_file(ret, path);
		if (material.len != bytes) {
			buffer_free(&material);
			return cli_error(CLI_FAIL, "%s: --cipher %s --key-size %zu takes %zu bytes", path, cipher->name,
					 8 * bytes, bytes);
		}
		ret = mhsm_token_import(key, cipher->alg, material.data, material.len, token);
		buffer_free(&material);
	}
	return ret ? cli_fail(ret, "key \"%s\"", cli_value(cli, "kek")) : CLI_OK;
}

int volume_kek_open(const struct cli *cli, const char *name, uint32_t rights, struct luks_token *token)
{
	int session, key, ret;

	memset(token, 0, sizeof(*token));
	ret = keyspec_check_name(name);
	if (ret)
		return -ret;
	session = cli_session_active(cli);
	if (session < 0)
		return session;
	key = mhsm_key_open(session, name, NULL, rights);
	close(session);
	if (key < 0)
		return -cli_fail(key, "key \"%s\"", name);
	ret = check_kek(name, key, token);
	if (!ret)
		return key;
	close(key);
	return -ret;
}

static int make_token(const struct cli *cli, const struct cipher *cipher, size_t bytes, struct luks_token *token)
{
	int key = volume_kek_open(cli, cli_value(cli, "kek"), MHSM_OP_WRAP, token), ret;

	if (key < 0)
		return -key;
	ret = fill_token(cli, key, cipher, bytes, token->token);
	close(key);
	return ret;
}

static int format(struct cli *cli)
{
	const char *device = cli_operand(cli, 0), *kek = cli_value(cli, "kek");
	const struct cipher *cipher;
	struct luks_token token = { 0 };
	char found[256];
	size_t bytes;
	int ret;

	ret = parse_cipher(cli, &cipher, &bytes);
	if (ret)
		return ret;
	if (cipher->alg != MHSM_TOKEN_XTS_AES)
		return cli_error(CLI_USAGE, "--cipher: %s does not protect a disk, on which sectors are overwritten in "
				 "place: use xts", cipher->name);
	ret = luks_probe(device, found, sizeof(found));
	if (ret)
		return ret;
	if (*found && !cli_given(cli, "force"))
		return cli_error(CLI_CONFLICT, "%s: holds %s: nothing was changed: --force overwrites it", device,
				 found);
	ret = make_token(cli, cipher, bytes, &token);
	if (ret)
		return ret;
	ret = luks_format(device, LUKS_CIPHER, &token, cli_value(cli, "label"));
	if (ret)
		return ret;
	cli_say(cli, "%s: a LUKS2 volume whose data key is wrapped under key \"%s\". Open it with\n"
		"  mhsm volume open %s NAME", device, kek, device);
	return CLI_OK;
}

/* A token names its domain (formats.md, "Volume token"): one of another HSM cannot be opened here. */
static bool is_foreign(const struct luks_token *token, int session)
{
	struct mhsm_ioc_info info;

	return !mhsm_info(session, &info) && memcmp(token->token + TOKEN_DOMAIN, info.domain, MHSM_ID_LEN);
}

/* The HSM's reason why a volume does not open, if it has one, which cryptsetup can only say the number of */
int volume_explain(const struct cli *cli, const char *device, const struct luks_token *token)
{
	int session, key = 0, ret = CLI_OK;

	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	if (is_foreign(token, session)) {
		ret = cli_error(CLI_INVALID, "%s: its data key is wrapped by another HSM: compare \"mhsm status\" there "
				"and here", device);
	} else if (!keyspec_check_name(token->kek)) {
		key = mhsm_key_open(session, token->kek, *token->version ? token->version : NULL, MHSM_OP_UNWRAP);
		if (key < 0)
			ret = cli_fail(key, "%s: key \"%s\"", device, token->kek);
		else
			close(key);
	}
	close(session);
	return ret;
}

static int explain_open(const struct cli *cli, const char *device, const struct luks_token *token, int status)
{
	int ret = volume_explain(cli, device, token);

	if (ret)
		return ret;
	if (status < 0)
		return cli_error(CLI_FAIL, "%s: cannot run cryptsetup: %s", device, strerror(-status));
	return cli_error(status == 5 ? CLI_CONFLICT : CLI_FAIL, "%s: cryptsetup open failed with status %d: its message "
			 "is above, and the HSM's reason in \"mhsm audit tail\"", device, status);
}

static int open_volume(struct cli *cli)
{
	const char *device = cli_operand(cli, 0), *name = cli_operand(cli, 1);
	struct luks_token token;
	int session, ret;

	/* First of all: a locked HSM is the usual reason, and then cryptsetup's words would only mislead. */
	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	close(session);
	ret = luks_token_read(device, &token);
	if (ret)
		return ret;
	ret = luks_open(device, name, &token, cli_given(cli, "readonly"), cli_given(cli, "allow-discards"));
	if (ret)
		return explain_open(cli, device, &token, ret);
	cli_say(cli, "%s: open as /dev/mapper/%s", device, name);
	return CLI_OK;
}

static int close_volume(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	int ret = luks_close(name);

	if (ret < 0)
		return cli_error(CLI_FAIL, "%s: cannot run cryptsetup: %s", name, strerror(-ret));
	/* cryptsetup(8): 4 wrong device, 5 device exists or is busy */
	if (ret)
		return cli_error(ret == 4 ? CLI_MISSING : ret == 5 ? CLI_CONFLICT : CLI_FAIL,
				 "%s: cryptsetup close failed with status %d", name, ret);
	return CLI_OK;
}

static int print_token(struct cli *cli)
{
	static const struct cli_column columns[] = { { "Token", "value", CLI_TEXT }, { 0 } };
	const char *out = cli_value(cli, "out");
	const struct cipher *cipher;
	struct luks_token token;
	json_t *object;
	size_t bytes;
	char *hex;
	int ret;

	ret = parse_cipher(cli, &cipher, &bytes);
	if (!ret)
		ret = make_token(cli, cipher, bytes, &token);
	if (ret)
		return ret;
	if (out) {
		ret = file_write(out, 0666, token.token, sizeof(token.token));
		return ret ? cli_fail_file(ret, out) : CLI_OK;
	}
	hex = encode_hex(token.token, sizeof(token.token));
	object = hex ? json_pack("{s:s}", "value", hex) : NULL;
	if (cli_output(cli) == CLI_TABLE && hex)
		cli_say(cli, "%s", hex); /* bare, for a dm table or a script */
	else
		ret = object ? cli_print(cli, object, columns) : cli_fail(ENOMEM, "output");
	json_decref(object);
	free(hex);
	return ret;
}

#define KEK { "kek", 0, CLI_REQUIRED, "NAME", "the key that wraps the data key: AES-256, --consumers" }
#define KEY_SIZE { "key-size", 0, 0, "BITS", "of the data key: xts 512 or 256 (default: the larger)" }

static const struct cli_option format_options[] = {
	KEK,
	{ "cipher", 0, 0, "xts", "AES in this mode (the default)" },
	KEY_SIZE,
	{ "label", 0, 0, "TEXT", "label of the LUKS2 header" },
	{ "force", 0, 0, NULL, "format even what holds data" },
	{ 0 },
};

static const struct cli_option open_options[] = {
	{ "readonly", 0, 0, NULL, "refuse writes" },
	{ "allow-discards", 0, 0, NULL, "pass discards on, which shows what is unused" },
	{ 0 },
};

static const struct cli_option rotate_options[] = {
	{ "kek", 0, 0, "NAME", "another key (default: the newest version of the volume's)" },
	{ 0 },
};

static const struct cli_option convert_options[] = {
	KEK,
	{ "header-backup", 0, CLI_REQUIRED, "FILE", "where the header is saved first: it still opens the volume with\n"
						   "the old passphrase" },
	{ "key-file", 0, 0, "FILE", "the passphrase, all of FILE (default: asks for it, or a line of\n"
				   "standard input)" },
	{ 0 },
};

static const struct cli_option token_options[] = {
	KEK,
	{ "cipher", 0, 0, "NAME", "for what the data key is: xts (the default), cbc, ctr, adiantum;\n"
	  "gcm, ccm, rfc4106; hmac-sha256, hmac-sha384, hmac-sha512, cmac" },
	{ "key-size", 0, 0, "BITS", "of the data key: xts, hmac-* 512 or 256; rfc4106 288 or 160; adiantum\n"
	  "256; others 256 or 128 (default: the larger)" },
	{ "import", 0, 0, "FILE", "wrap the data key in FILE (raw, - for standard input)\ninstead of a new one" },
	{ "out", 0, 0, "FILE", "write the 128 bytes raw; without it they are printed in\nhexadecimal" },
	{ 0 },
};

const struct cli_command volume_commands[] = {
	{ "format", "Make an encrypted volume of a disk", "DEVICE", format_options,
	  "The HSM makes a data key and wraps it; the LUKS2 header holds only what the HSM alone can\n"
	  "open, and no passphrase. All data on the disk is lost. Unlike the default of cryptsetup,\n"
	  "whoever may use the key is who may open the volume: with \"mhsm volume open\" or cryptsetup.\n\n"
	  "  $ mhsm key create --name disks --kty oct-HSM --size 256 --ops wrapKey unwrapKey --consumers\n"
	  "  $ mhsm volume format /dev/sdb1 --kek disks",
	  format },
	{ "open", "Open a volume as /dev/mapper/NAME", "DEVICE NAME", open_options,
	  "Needs the unwrapKey right on the key, and root for device-mapper.\n\n"
	  "  $ mhsm volume open /dev/sdb1 data\n"
	  "  $ mount /dev/mapper/data /srv",
	  open_volume },
	{ "close", "Close an open volume", "NAME", NULL,
	  "  $ umount /srv\n"
	  "  $ mhsm volume close data",
	  close_volume },
	{ "suspend", "Stop an open volume and wipe its key from memory", "NAME", NULL,
	  "I/O waits until the volume is resumed. \"cryptsetup luksSuspend\" leaves such a key in memory.\n\n"
	  "  $ mhsm volume suspend data\n"
	  "  $ mhsm volume resume data",
	  volume_suspend },
	{ "resume", "Give a suspended volume its key again", "NAME", NULL,
	  "As for open, the HSM is unlocked, and you have the unwrapKey right on the key.\n\n"
	  "  $ mhsm volume resume data",
	  volume_resume },
	{ "info", "Show a volume: its key, whether it is open", "DEVICE", NULL,
	  "  $ mhsm volume info /dev/sdb1",
	  volume_info },
	{ "list", "List the volumes of this machine", NULL, NULL,
	  "  $ mhsm volume list",
	  volume_list },
	{ "rotate", "Wrap a volume's data key under the newest version of its key", "DEVICE", rotate_options,
	  "Data and data key stay as they are; only the header changes, at once or, whatever happens, not at\n"
	  "all. A volume that is open uses the old version until it is closed, or suspended and resumed.\n"
	  "The old version opens copies of the old header until the key is deleted.\n\n"
	  "  $ mhsm key create --name disks --kty oct-HSM --size 256 --consumers    # a new version\n"
	  "  $ mhsm volume rotate /dev/sdb1",
	  volume_rotate },
	{ "convert", "Put an ordinary LUKS2 volume into the care of the HSM", "DEVICE", convert_options,
	  "For volumes with aes-xts-plain64, closed. The data stay as they are; the data key is imported into\n"
	  "the HSM, and the header has it wrapped there instead of all passphrases, whose keyslots are wiped.\n"
	  "Interrupted, the volume opens as it did or by the HSM; the same command finishes it.\n\n"
	  "  $ mhsm volume convert /dev/sdb1 --kek disks --header-backup /root/sdb1.luks\n"
	  "  $ mhsm volume open /dev/sdb1 data",
	  volume_convert },
	{ "token", "Make a volume token for dmsetup or a program of one's own", NULL, token_options,
	  "The token goes where a key goes: to the kernel's algorithms mhsm(xts(aes)), mhsm(hmac(sha256))\n"
	  "and the like. It is no secret.\n\n"
	  "  $ dmsetup create data --table \"0 $(blockdev --getsz /dev/sdb1) crypt \\\n"
	  "      capi:mhsm(xts(aes))-plain64 $(mhsm volume token --kek disks) 0 /dev/sdb1 0\"",
	  print_token },
	{ 0 },
};
