// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pkcs8.c kmod/spki.c
 *
 * mhsm key import: a raw AES or HMAC key, or a key pair in PEM, through the device. Files are read into locked memory, decoded
 * there and wiped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmod/pkcs8.h"
#include "lib/mhsm.h"
#include "tools/cli.h"

#define PEM_MAX 65536 /* bytes: there may be certificates besides the key */
#define RAW_MAX 64 /* bytes of a raw key */

int keyop_print_key(const struct cli *cli, int key)
{
	static const struct cli_column columns[] = {
		{ "Name", "name", CLI_TEXT },
		{ "Version", "version", CLI_TEXT },
		{ "Type", "kty", CLI_TEXT },
		{ "Curve", "crv", CLI_TEXT },
		{ "Size", "key_size", CLI_TEXT },
		{ "Operations", "key_ops", CLI_TEXT },
		{ 0 },
	};
	struct mhsm_key_info info;
	struct mhsm_key_spec spec = { 0 };
	const char *kty = "", *param = "";
	json_t *object;
	char *version;
	int ret, by_size;

	ret = mhsm_key_info(key, &info);
	if (ret)
		return keyop_fail(cli, ret);
	spec.type = info.type;
	spec.param = info.param;
	by_size = keyspec_type(&spec, &kty, &param);
	version = encode_hex(info.version, sizeof(info.version));
	object = json_pack("{s:s, s:s?, s:o, s:o}", "name", info.name, "version", version, "kty",
			   json_sprintf("%s-HSM", kty), "key_ops", keyspec_ops(info.ops));
	free(version);
	if (object && by_size > 0)
		json_object_set_new(object, "key_size", json_integer(info.param));
	else if (object)
		json_object_set_new(object, "crv", json_string(param));
	ret = object ? cli_print(cli, object, columns) : cli_fail(ENOMEM, "output");
	json_decref(object);
	return ret;
}

/* The key is stored by now, and stays so. */
static int wipe_source(const char *path)
{
	int ret = file_wipe(path);

	return ret ? cli_error(CLI_FAIL, "%s: not wiped: %s; the key is in the HSM: destroy the file yourself", path,
			       strerror(-ret)) :
		     CLI_OK;
}

/* Why the PEM in a file is not taken, and what makes it so that it is. Nothing need be written to a disk for that. */
static int fail_pem(const struct cli *cli, const char *path, int err)
{
	const char *name = cli_value(cli, "name");

	if (!strcmp(path, "-"))
		path = "FILE";
	switch (err) {
	case -EACCES:
		return cli_error(CLI_FAIL, "%s: the key is encrypted: decrypt it on the way: "
				 "openssl pkey -in %s | mhsm key import --name %s --pem-file -", path, path, name);
	case -ENOENT:
		return cli_error(CLI_FAIL, "%s: there is no private key in it that is PEM; if it is DER: "
				 "openssl pkey -inform DER -in %s | mhsm key import --name %s --pem-file -", path, path, name);
	case -EOPNOTSUPP:
		return cli_error(CLI_FAIL, "%s: the key has a form that is older than PKCS#8: convert it on the way: "
				 "openssl pkey -in %s | mhsm key import --name %s --pem-file -", path, path, name);
	default:
		return cli_error(CLI_FAIL, "%s: the PEM is damaged: its base64 is wrong, or its end is missing", path);
	}
}

static int fail_key(const char *path, int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return cli_error(CLI_FAIL, "%s: not a key of a kind that the HSM has: RSA of 2048, 3072 or 4096 bits with the "
				 "exponent 65537; P-256, P-384, P-521 or secp256k1, named and not compressed; Ed25519", path);
	case -EKEYREJECTED:
		return cli_error(CLI_FAIL, "%s: its numbers are not a key: see openssl pkey -in %s -check", path, path);
	default:
		return cli_error(CLI_FAIL, "%s: not a private key in PKCS#8", path);
	}
}

/* Reads the key pair of --pem-file; *der is in @file. An exit code. */
static int read_pem(const struct cli *cli, struct mhsm_key_spec *spec, struct buffer *file, unsigned char **der,
		    size_t *len)
{
	const char *path = cli_value(cli, "pem-file"), *kty, *param;
	uint32_t wanted = spec->type;
	struct mhsm_pkcs8 k;
	int ret;

	ret = file_read(path, PEM_MAX, file);
	if (ret)
		return cli_fail_file(ret, path);
	ret = pem_private_key(file->data, file->len, der, len);
	if (ret)
		return fail_pem(cli, path, ret);
	ret = mhsm_pkcs8_parse(&k, *der, *len);
	if (ret)
		return fail_key(path, ret);
	spec->type = k.type;
	spec->param = k.param;
	if (wanted && wanted != k.type && keyspec_type(spec, &kty, &param) >= 0)
		return cli_error(CLI_USAGE, "--kty: the key in %s is one of %s-HSM", path, kty);
	return CLI_OK;
}

/* Reads the AES or HMAC key of --file. An exit code. */
static int read_raw(const struct cli *cli, struct mhsm_key_spec *spec, struct buffer *file, unsigned char **key, size_t *len)
{
	const char *path = cli_value(cli, "file");
	int ret;

	ret = file_read(path, RAW_MAX, file);
	if (ret)
		return cli_fail_file(ret, path);
	if (spec->type == MHSM_KEY_HMAC && file->len < 20)
		return cli_error(CLI_FAIL, "%s: a raw HMAC key has 20 to %d bytes, not %zu", path, RAW_MAX, file->len);
	if (spec->type == MHSM_KEY_AES && file->len != 16 && file->len != 24 && file->len != 32)
		return cli_error(CLI_FAIL, "%s: a raw AES key has 16, 24 or 32 bytes, not %zu", path, file->len);
	spec->param = 8 * file->len;
	*key = file->data;
	*len = file->len;
	return CLI_OK;
}

static int import(const struct cli *cli, int session, const struct mhsm_key_spec *spec, const void *material, size_t len)
{
	int key = mhsm_key_import(session, spec, material, len), ret;

	if (key == -EKEYREJECTED)
		return fail_key(cli_value(cli, "pem-file"), key);
	if (key < 0)
		return keyop_fail(cli, key);
	ret = keyop_print_key(cli, key);
	close(key);
	return ret;
}

int keyop_import(struct cli *cli)
{
	bool pem = cli_given(cli, "pem-file");
	const char *path = cli_value(cli, pem ? "pem-file" : "file");
	struct mhsm_key_spec spec;
	struct buffer file = { 0 };
	unsigned char *material;
	int session, ret;
	size_t len;

	ret = keyspec_parse(cli, &spec);
	if (ret)
		return ret;
	if (pem == cli_given(cli, "file"))
		return cli_error(CLI_USAGE, "give the key as --pem-file (a key pair) or as --file (a raw key)");
	if (!pem && spec.type != MHSM_KEY_AES && spec.type != MHSM_KEY_HMAC)
		return cli_error(CLI_USAGE, "--file is for a raw key, --kty oct-HSM or HMAC-HSM; give a key pair as PEM: "
				 "--pem-file");
	if (cli_given(cli, "wipe-source") && !strcmp(path, "-"))
		return cli_error(CLI_USAGE, "--wipe-source: standard input is no file");
	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	ret = pem ? read_pem(cli, &spec, &file, &material, &len) : read_raw(cli, &spec, &file, &material, &len);
	if (!ret)
		ret = import(cli, session, &spec, material, len);
	if (!ret && cli_given(cli, "wipe-source"))
		ret = wipe_source(path);
	buffer_free(&file);
	close(session);
	return ret;
}
