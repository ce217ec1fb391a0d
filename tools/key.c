// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key: what is asked of mhsmd, and the table of verbs. What uses a key is in keyop.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

static const struct cli_column bundle_columns[] = {
	{ "Name", "key.kid|kid", CLI_NAME },
	{ "Version", "key.kid|kid", CLI_VERSION },
	{ "Type", "key.kty", CLI_TEXT },
	{ "Curve", "key.crv", CLI_TEXT },
	{ "Size", "key.key_size|mhsm.key_size", CLI_TEXT },
	{ "Operations", "key.key_ops", CLI_TEXT },
	{ "Enabled", "attributes.enabled", CLI_TEXT },
	{ "Not before", "attributes.nbf", CLI_TIME },
	{ "Expires", "attributes.exp", CLI_TIME },
	{ "Created", "attributes.created", CLI_TIME },
	{ "Updated", "attributes.updated", CLI_TIME },
	{ "Owner", "mhsm.owner", CLI_PRINCIPAL },
	{ "Kernel consumers", "mhsm.consumers", CLI_TEXT },
	{ "Keyring release", "mhsm.keyring_release", CLI_TEXT },
	{ "Ends open volumes", "mhsm.revoke_live", CLI_TEXT },
	{ "Imported", "mhsm.imported", CLI_TEXT },
	{ "Use limit", "mhsm.use_limit", CLI_TEXT },
	{ "Uses", "mhsm.uses", CLI_TEXT },
	{ "GCM encryptions", "mhsm.gcm_uses", CLI_TEXT },
	{ "Generation", "mhsm.generation", CLI_TEXT },
	{ "Deleted", "deletedDate", CLI_TIME },
	{ "Purged on", "scheduledPurgeDate", CLI_TIME },
	{ 0 },
};

static const struct cli_column list_columns[] = {
	{ "NAME", "key.kid|kid", CLI_NAME },
	{ "ENABLED", "attributes.enabled", CLI_TEXT },
	{ "CREATED", "attributes.created", CLI_TIME },
	{ "UPDATED", "attributes.updated", CLI_TIME },
	{ "EXPIRES", "attributes.exp", CLI_TIME },
	{ 0 },
};

static const struct cli_column version_columns[] = {
	{ "VERSION", "key.kid|kid", CLI_VERSION },
	{ "ENABLED", "attributes.enabled", CLI_TEXT },
	{ "CREATED", "attributes.created", CLI_TIME },
	{ "UPDATED", "attributes.updated", CLI_TIME },
	{ "EXPIRES", "attributes.exp", CLI_TIME },
	{ 0 },
};

static const struct cli_column deleted_columns[] = {
	{ "NAME", "key.kid|kid", CLI_NAME },
	{ "DELETED", "deletedDate", CLI_TIME },
	{ "PURGED ON", "scheduledPurgeDate", CLI_TIME },
	{ 0 },
};

/* Asks `method` of FOLDER/NAME SUFFIX, and prints the bundle that comes back (if `print`). */
static int call_name(struct cli *cli, const char *method, const char *folder, const char *suffix, const json_t *body,
		     bool print)
{
	const char *name = cli_value(cli, "name");
	char what[MHSM_NAME_MAX + 16], path[MHSM_NAME_MAX + 128];
	json_t *reply = NULL;
	int ret;

	ret = keyspec_check_name(name);
	if (ret)
		return ret;
	snprintf(what, sizeof(what), "key \"%s\"", name);
	snprintf(path, sizeof(path), "/%s/%s%s", folder, name, suffix);
	ret = http_call(cli, what, method, path, body, print ? &reply : NULL);
	if (!ret && print)
		ret = cli_print(cli, reply, bundle_columns);
	json_decref(reply);
	return ret;
}

static int create(struct cli *cli)
{
	struct mhsm_key_spec spec;
	json_t *body, *attributes, *extension;
	const char *kty, *curve;
	int ret, by_size;

	ret = keyspec_parse(cli, &spec);
	if (ret)
		return ret;
	attributes = json_pack("{s:b}", "enabled", (int)(spec.flags & MHSM_KEY_ENABLED));
	if (spec.not_before)
		json_object_set_new(attributes, "nbf", json_integer(spec.not_before));
	if (spec.expires)
		json_object_set_new(attributes, "exp", json_integer(spec.expires));
	by_size = keyspec_type(&spec, &kty, &curve);
	body = json_pack("{s:o, s:o}", "kty", json_sprintf("%s-HSM", kty), "attributes", attributes);
	if (by_size)
		json_object_set_new(body, "key_size", json_integer(spec.param));
	else
		json_object_set_new(body, "crv", json_string(curve));
	if (spec.ops)
		json_object_set_new(body, "key_ops", keyspec_ops(spec.ops));
	extension = json_object();
	if (spec.flags & MHSM_KEY_CONSUMERS)
		json_object_set_new(extension, "consumers", json_true());
	if (spec.flags & MHSM_KEY_RELEASE)
		json_object_set_new(extension, "keyring_release", json_true());
	if (spec.use_limit)
		json_object_set_new(extension, "use_limit", json_integer((json_int_t)spec.use_limit));
	if (spec.flags & MHSM_KEY_REVOKE_LIVE)
		json_object_set_new(extension, "revoke_live", json_true());
	if (json_object_size(extension))
		json_object_set(body, "mhsm", extension);
	json_decref(extension);
	ret = call_name(cli, "POST", "keys", "/create", body, true);
	json_decref(body);
	return ret;
}

static int print_collection(struct cli *cli, const char *what, const char *path, const struct cli_column *columns)
{
	json_t *list;
	int ret;

	ret = http_list(cli, what, path, &list);
	if (ret)
		return ret;
	ret = cli_print_list(cli, list, columns);
	json_decref(list);
	return ret;
}

static int list(struct cli *cli)
{
	return print_collection(cli, "keys", "/keys", list_columns);
}

static int list_deleted(struct cli *cli)
{
	return print_collection(cli, "deleted keys", "/deletedkeys", deleted_columns);
}

static int versions(struct cli *cli)
{
	const char *name = cli_value(cli, "name");
	char what[MHSM_NAME_MAX + 16], path[MHSM_NAME_MAX + 32];
	int ret;

	ret = keyspec_check_name(name);
	if (ret)
		return ret;
	snprintf(what, sizeof(what), "key \"%s\"", name);
	snprintf(path, sizeof(path), "/keys/%s/versions", name);
	return print_collection(cli, what, path, version_columns);
}

/* What --version adds to a key's path */
static int version_suffix(struct cli *cli, char *suffix, size_t room)
{
	const char *version = cli_value(cli, "version");

	if (version && (strlen(version) != 32 || strspn(version, "0123456789abcdefABCDEF") != 32))
		return cli_error(CLI_USAGE, "--version: \"%s\" is not 32 hexadecimal digits: see \"mhsm key versions\"",
				 version);
	snprintf(suffix, room, "%s%s", version ? "/" : "", version ? version : "");
	return CLI_OK;
}

static int show(struct cli *cli)
{
	char suffix[64];
	int ret = version_suffix(cli, suffix, sizeof(suffix));

	return ret ? ret : call_name(cli, "GET", "keys", suffix, NULL, true);
}

static int show_deleted(struct cli *cli)
{
	return call_name(cli, "GET", "deletedkeys", "", NULL, true);
}

/* The value of a switch into `object`, if it is given */
static int set_switch(struct cli *cli, json_t *object, const char *option, const char *member)
{
	const char *text = cli_value(cli, option);

	if (!text)
		return CLI_OK;
	if (strcmp(text, "true") && strcmp(text, "false"))
		return cli_error(CLI_USAGE, "--%s: \"%s\" is neither true nor false", option, text);
	json_object_set_new(object, member, json_boolean(!strcmp(text, "true")));
	return CLI_OK;
}

static int set_time(struct cli *cli, json_t *object, const char *option, const char *member)
{
	uint64_t seconds = 0;
	int ret = keyspec_time(cli, option, true, &seconds);

	if (!ret && cli_given(cli, option))
		json_object_set_new(object, member, json_integer((json_int_t)seconds));
	return ret;
}

static int set_attributes(struct cli *cli)
{
	json_t *attributes = json_object(), *extension = json_object(), *body;
	char suffix[64];
	int ret;

	body = json_pack("{s:o, s:o}", "attributes", attributes, "mhsm", extension);
	ret = version_suffix(cli, suffix, sizeof(suffix));
	if (!ret)
		ret = set_switch(cli, attributes, "enabled", "enabled");
	if (!ret)
		ret = set_time(cli, attributes, "not-before", "nbf");
	if (!ret)
		ret = set_time(cli, attributes, "expires", "exp");
	if (!ret)
		ret = set_switch(cli, extension, "consumers", "consumers");
	if (!ret)
		ret = set_switch(cli, extension, "revoke-live", "revoke_live");
	if (!ret && !json_object_size(attributes) && !json_object_size(extension))
		ret = cli_error(CLI_USAGE, "nothing to change: give --enabled, --not-before, --expires, --consumers or "
					   "--revoke-live");
	if (!ret)
		ret = call_name(cli, "PATCH", "keys", suffix, body, true);
	json_decref(body);
	return ret;
}

static int delete(struct cli *cli)
{
	return call_name(cli, "DELETE", "keys", "", NULL, true);
}

static int recover(struct cli *cli)
{
	json_t *body = json_object();
	int ret = call_name(cli, "POST", "deletedkeys", "/recover", body, true);

	json_decref(body);
	return ret;
}

static int purge(struct cli *cli)
{
	int ret = call_name(cli, "DELETE", "deletedkeys", "", NULL, false);

	if (!ret)
		cli_say(cli, "key \"%s\" is destroyed.", cli_value(cli, "name"));
	return ret;
}

/* --- the verbs ------------------------------------------------------------------------------------------------- */

#define NAME { "name", 'n', CLI_REQUIRED, "NAME", "the key" }
#define VERSION { "version", 'v', 0, "VERSION", "its version, 32 hexadecimal digits (default: the latest)" }
#define IN(what) { "in", 0, CLI_REQUIRED, "FILE", what " (- for standard input)" }
#define OUT(what) { "out", 0, CLI_REQUIRED, "FILE", "where to put " what " (- for standard output)" }
#define OPS \
	{ "ops", 0, CLI_LIST, "OP", "what the key may do: encrypt decrypt sign verify wrapKey\n" \
				    "unwrapKey deriveKey deriveBits (default: what is usual\n" \
				    "for its type)" }
#define NOT_BEFORE { "not-before", 0, 0, "TIME", "not usable before: 2030-01-31T12:00:00Z" }
#define EXPIRES { "expires", 0, 0, "TIME", "not usable from then on" }
#define DISABLED { "disabled", 0, 0, NULL, "not usable until enabled" }
#define CONSUMERS \
	{ "consumers", 0, 0, NULL, "oct-HSM: the kernel's ciphers may use data keys wrapped\n" \
				   "under it, which volumes need" }
#define REVOKE_LIVE \
	{ "revoke-live", 0, 0, NULL, "with --consumers: disabling, deleting and expiring end open\nvolumes, too" }

#define RELEASE \
	{ "keyring-release", 0, 0, NULL, "oct-HSM: data keys wrapped under it for that purpose may\n" \
					 "leave the HSM to a keyring" }
#define USE_LIMIT \
	{ "use-limit", 0, 0, "N", "how often it may be used; verifying does not count" }

static const struct cli_option create_options[] = {
	{ "name", 'n', CLI_REQUIRED, "NAME", "1 to 127 letters, digits, hyphens; a name in use gets a\nnew version" },
	{ "kty", 0, CLI_REQUIRED, "TYPE", "EC-HSM, RSA-HSM, OKP-HSM, oct-HSM (AES) or HMAC-HSM" },
	{ "curve", 0, 0, "CURVE", "EC-HSM: P-256 (default), P-384, P-521 or P-256K\n(secp256k1); OKP-HSM: Ed25519\n(default) or X25519" },
	{ "size", 0, 0, "BITS", "oct-HSM: 128, 192 or 256 (default: 256); RSA-HSM: 2048\n(default), 3072 or 4096; HMAC-HSM: "
			     "160 to 512\n(default: 256)" },
	OPS, NOT_BEFORE, EXPIRES, DISABLED, USE_LIMIT, CONSUMERS, RELEASE, REVOKE_LIVE,
	{ 0 },
};

static const struct cli_option import_options[] = {
	{ "name", 'n', CLI_REQUIRED, "NAME", "1 to 127 letters, digits, hyphens; a name in use gets a\nnew version" },
	{ "kty", 0, 0, "TYPE", "with --file: oct-HSM (AES) or HMAC-HSM" },
	{ "pem-file", 0, 0, "FILE", "a key pair: EC, Ed25519 or RSA (- for standard input)" },
	{ "file", 'f', 0, "FILE", "or a raw key; AES: 16, 24 or 32 bytes, HMAC: 20 to 64" },
	{ "wipe-source", 0, 0, NULL, "once the key is stored, overwrite FILE and remove it" },
	OPS, NOT_BEFORE, EXPIRES, DISABLED, USE_LIMIT, CONSUMERS, RELEASE, REVOKE_LIVE,
	{ 0 },
};

static const struct cli_option name_options[] = { NAME, { 0 } };
static const struct cli_option show_options[] = { NAME, VERSION, { 0 } };

static const struct cli_option set_options[] = {
	NAME, VERSION,
	{ "enabled", 0, 0, "true|false", "whether it can be used" },
	{ "not-before", 0, 0, "TIME", "not usable before: 2030-01-31T12:00:00Z, or none" },
	{ "expires", 0, 0, "TIME", "not usable from then on, or none" },
	{ "consumers", 0, 0, "true|false", "oct-HSM: whether volumes can be opened with data keys\nwrapped under it" },
	{ "revoke-live", 0, 0, "true|false", "whether disabling, deleting and expiring end open volumes, too" },
	{ 0 },
};

static const struct cli_option download_options[] = {
	NAME, VERSION,
	{ "file", 'f', CLI_REQUIRED, "FILE", "where to put it (- for standard output)" },
	{ "encoding", 'e', 0, "PEM|DER", "form of the SubjectPublicKeyInfo (default: PEM)" },
	{ 0 },
};

#define SIGN_ALGORITHM \
	{ "algorithm", 'a', 0, "ALG", "EC-HSM: ES256, ES384, ES512, ES256K, as the curve is;\n" \
				      "OKP-HSM: EdDSA; RSA-HSM: PS256 (default), PS384, PS512,\n" \
				      "RS256, RS384, RS512 or RSNULL (bytes as they are);\n" \
				      "HMAC-HSM: HS256 (default), HS384, HS512;\n" \
				      "oct-HSM: CKM_AES_CMAC" }
#define DER { "der", 0, 0, NULL, "the signature is DER, as OpenSSL has it, and not r||s" }
#define ENCRYPT_ALGORITHM \
	{ "algorithm", 'a', 0, "ALG", "A256GCM (default), A256CBC, A256CBCPAD or A256CTR, with 128\n" \
				      "or 192 for 256 as the key's size is; RSA-HSM:\n" \
				      "RSA-OAEP-256 (default), RSA-OAEP (SHA-1), RSA-OAEP-384,\n" \
				      "RSA-OAEP-512 or RSA1_5" }
#define AAD { "aad-file", 0, 0, "FILE", "GCM: data that is authenticated with it, to 64 KiB;\nRSA-OAEP: the label" }
#define WRAP_ALGORITHM \
	{ "algorithm", 'a', 0, "ALG", "A128KW, A192KW, A256KW (RFC 3394) or CKM_AES_KEY_WRAP_KWP\n" \
				      "(RFC 5649; the default); RSA-HSM: as for encrypt, or\n" \
				      "CKM_RSA_AES_KEY_WRAP, RSA_AES_KEY_WRAP_256 or _384" }

static const struct cli_option sign_options[] = {
	NAME, VERSION, SIGN_ALGORITHM, IN("what is signed, of any length"),
	{ "out", 0, 0, "FILE", "where to put the signature; without it, it is printed in\nbase64url" }, DER, { 0 },
};
static const struct cli_option verify_options[] = {
	NAME, VERSION, SIGN_ALGORITHM, IN("what was signed"),
	{ "signature", 0, CLI_REQUIRED, "FILE", "the signature" }, DER, { 0 },
};
static const struct cli_option encrypt_options[] = {
	NAME, VERSION, ENCRYPT_ALGORITHM, IN("what to encrypt, to 16 MiB"), OUT("the result"), AAD, { 0 },
};
static const struct cli_option decrypt_options[] = {
	NAME, VERSION, ENCRYPT_ALGORITHM, IN("what \"mhsm key encrypt\" wrote"), OUT("the plaintext"), AAD, { 0 },
};
static const struct cli_option wrap_options[] = {
	NAME, VERSION, WRAP_ALGORITHM, IN("the key to wrap, to 4096 bytes"), OUT("the wrapped key"), { 0 },
};
static const struct cli_option unwrap_options[] = {
	NAME, VERSION, WRAP_ALGORITHM, IN("the wrapped key"), OUT("the key, mode 0600"), { 0 },
};

static const struct cli_option derive_options[] = {
	NAME, VERSION,
	{ "peer", 0, 0, "FILE", "EC-HSM, X25519: the other's public key, PEM or DER" },
	{ "kdf", 0, 0, "KDF", "HKDF-SHA256, -SHA384, -SHA512 (RFC 5869), KDF-CTR-SHA256,\n"
			      "-SHA384 or -SHA512 (SP 800-108, counter mode); without it,\n"
			      "the shared secret itself" },
	{ "salt-file", 0, 0, "FILE", "HKDF: the salt; KDF-CTR: the label; to 2048 bytes" },
	{ "info-file", 0, 0, "FILE", "HKDF: the info; KDF-CTR: the context; to 2048 bytes" },
	{ "out", 0, 0, "FILE", "where to put the result, mode 0600 (- for standard output)" },
	{ "length", 0, 0, "BYTES", "of --out with a KDF, 1 to 1024 (default: 32)" },
	{ "into", 0, 0, "NAME", "the key of the HSM to make of the result; a name in use gets\na new version" },
	{ "kty", 0, 0, "TYPE", "--into: oct-HSM (AES) or HMAC-HSM" },
	{ "size", 0, 0, "BITS", "--into: 128, 192 or 256 (default: 256); HMAC-HSM: 160 to 512" },
	OPS, NOT_BEFORE, EXPIRES, DISABLED, CONSUMERS, RELEASE, REVOKE_LIVE,
	{ 0 },
};

const struct cli_command key_commands[] = {
	{ "create", "Generate a key in the HSM", NULL, create_options,
	  "The key never leaves the kernel. It is stored when the command returns.\n\n"
	  "  $ mhsm key create --name signer --kty EC-HSM --curve P-256 --ops sign verify\n"
	  "  $ mhsm key create --name disks --kty oct-HSM --size 256 --ops wrapKey unwrapKey --consumers",
	  create },
	{ "import", "Bring a key into the HSM", NULL, import_options,
	  "A key pair is PEM (PKCS#8, BEGIN PRIVATE KEY) and is tested. The bytes go straight to the kernel, by way of no daemon. What was a file before is still\n"
	  "one, unless --wipe-source is given. That overwrites the blocks that the file has now; what a\n"
	  "journal, a snapshot, a backup or an SSD has of it besides is not reached.\n\n"
	  "  $ mhsm key import --name web --pem-file web.key --wipe-source\n"
	  "  $ openssl pkey -in encrypted.pem | mhsm key import --name web --pem-file -\n"
	  "  $ openssl rand 32 | mhsm key import --name old --kty oct-HSM --file -",
	  keyop_import },
	{ "list", "List the keys", NULL, NULL,
	  "Those that the caller may see.\n\n"
	  "  $ mhsm key list\n"
	  "  $ mhsm key list --output tsv | cut -f1",
	  list },
	{ "show", "Show what is public of a key", NULL, show_options,
	  "  $ mhsm key show --name signer\n"
	  "  $ mhsm key show --name signer --output json | jq .key",
	  show },
	{ "versions", "List the versions of a key", NULL, name_options,
	  "  $ mhsm key versions --name signer",
	  versions },
	{ "set-attributes", "Enable, disable or date a key, or change its switches", NULL, set_options,
	  "What is not named stays as it is. A key that is disabled refuses all use, also by programs that have\n"
	  "it open; volumes stay open unless the key has --revoke-live, and are not opened again.\n\n"
	  "  $ mhsm key set-attributes --name signer --enabled false\n"
	  "  $ mhsm key set-attributes --name disks --expires 2031-01-01T00:00:00Z",
	  set_attributes },
	{ "delete", "Delete a key with all its versions, so that it can be recovered", NULL, name_options,
	  "Use of it ends at once, in open programs and volumes too. The name stays taken until the\n"
	  "key is purged.\n\n"
	  "  $ mhsm key delete --name signer",
	  delete },
	{ "list-deleted", "List the deleted keys", NULL, NULL,
	  "  $ mhsm key list-deleted",
	  list_deleted },
	{ "show-deleted", "Show a deleted key", NULL, name_options,
	  "  $ mhsm key show-deleted --name signer",
	  show_deleted },
	{ "recover", "Take a deletion back", NULL, name_options,
	  "  $ mhsm key recover --name signer",
	  recover },
	{ "purge", "Destroy a deleted key for good", NULL, name_options,
	  "What was encrypted or wrapped under it is lost.\n\n"
	  "  $ mhsm key purge --name signer",
	  purge },
	{ "sign", "Sign a file", NULL, sign_options,
	  "A file to 1 MiB is hashed by the HSM, a larger one by this program. With a secret key (HMAC-HSM,\n"
	  "oct-HSM) the signature is a code that the same key verifies, of a file to 1 MiB.\n\n"
	  "  $ mhsm key sign --name signer --in release.tar --der --out release.sig\n"
	  "  $ mhsm key download --name signer --file signer.pem\n"
	  "  $ openssl dgst -sha256 -verify signer.pem -signature release.sig release.tar",
	  keyop_sign },
	{ "verify", "Verify a signature", NULL, verify_options,
	  "Exits with 7 if it is wrong.\n\n"
	  "  $ mhsm key verify --name signer --in release.tar --signature release.sig --der",
	  keyop_verify },
	{ "encrypt", "Encrypt a file of up to 16 MiB", NULL, encrypt_options,
	  "AES-GCM with an IV that the HSM draws. The result is the IV (12 bytes), the ciphertext, and\n"
	  "the tag (16 bytes). Larger data: encrypt it with a data key, and wrap that. CBC and CTR write\n"
	  "the IV (16 bytes) and the ciphertext: nothing in it shows whether it was altered, and whoever\n"
	  "sees that CBCPAD refuses what he sends can read messages. They want a key with no operations\n"
	  "but encrypt and decrypt.\n"
	  "With an RSA key it is as RFC 8017 has it, of a few hundred bytes at most.\n\n"
	  "  $ mhsm key encrypt --name box --in secret --out secret.enc",
	  keyop_encrypt },
	{ "decrypt", "Decrypt what was encrypted", NULL, decrypt_options,
	  "With GCM, writes nothing and exits with 7 if a bit was altered.\n\n"
	  "  $ mhsm key decrypt --name box --in secret.enc --out secret",
	  keyop_decrypt },
	{ "wrap", "Encrypt a key under this one", NULL, wrap_options,
	  "  $ mhsm key wrap --name kek --in data.key --out data.wrapped",
	  keyop_wrap },
	{ "unwrap", "Decrypt a wrapped key", NULL, unwrap_options,
	  "  $ mhsm key unwrap --name kek --in data.wrapped --out data.key",
	  keyop_unwrap },
	{ "derive", "Derive a secret or a key from this one", NULL, derive_options,
	  "ECDH, with a function on what is shared if one is given; of an HMAC-HSM key the function alone. What becomes a key (--into) never\n"
	  "leaves the kernel, and needs deriveKey; what is written to a file needs deriveBits.\n\n"
	  "  $ openssl genpkey -algorithm X25519 -out peer.key\n"
	  "  $ openssl pkey -in peer.key -pubout -out peer.pem\n"
	  "  $ mhsm key create --name box --kty OKP-HSM --curve X25519\n"
	  "  $ mhsm key derive --name box --peer peer.pem --kdf HKDF-SHA256 --into session --kty oct-HSM",
	  keyop_derive },
	{ "download", "Write the public key of a key pair to a file", NULL, download_options,
	  "  $ mhsm key download --name signer --file signer.pem",
	  keyop_download },
	{ 0 },
};
