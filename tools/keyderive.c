// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key derive: through the device. What is derived is secret: buffers are wiped. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define PEER_FILE_MAX 8192
#define PEER_MAX 132 /* bytes of a P-521 point */

static const struct {
	const char *name;
	uint32_t alg;
} kdfs[] = {
	{ "HKDF-SHA256", MHSM_ALG_HKDF_SHA256 },	 { "HKDF-SHA384", MHSM_ALG_HKDF_SHA384 },
	{ "HKDF-SHA512", MHSM_ALG_HKDF_SHA512 },	 { "KDF-CTR-SHA256", MHSM_ALG_KDF_CTR_SHA256 },
	{ "KDF-CTR-SHA384", MHSM_ALG_KDF_CTR_SHA384 }, { "KDF-CTR-SHA512", MHSM_ALG_KDF_CTR_SHA512 },
};

static const struct curve {
	uint32_t type, param;
	const char *name; /* OpenSSL's: of a key's type, or its group */
	size_t shared_len;
} curves[] = {
	{ MHSM_KEY_EC, MHSM_CURVE_P256, "prime256v1", 32 },  { MHSM_KEY_EC, MHSM_CURVE_P384, "secp384r1", 48 },
	{ MHSM_KEY_EC, MHSM_CURVE_P521, "secp521r1", 66 },   { MHSM_KEY_EC, MHSM_CURVE_P256K, "secp256k1", 32 },
	{ MHSM_KEY_OKP, MHSM_CURVE_X25519, "X25519", 32 },
};

struct derive {
	struct mhsm_derivation how;
	const struct curve *curve; /* NULL: the key is a secret, and agrees with nobody */
	struct buffer salt, info;
	unsigned char peer[PEER_MAX];
};

static int find_kdf(const struct cli *cli, uint32_t *alg)
{
	const char *name = cli_value(cli, "kdf");

	*alg = 0;
	for (size_t i = 0; name && i < sizeof(kdfs) / sizeof(kdfs[0]); i++)
		if (!strcmp(name, kdfs[i].name))
			*alg = kdfs[i].alg;
	if (!name || *alg)
		return CLI_OK;
	return cli_error(CLI_USAGE, "--kdf: \"%s\" is not supported: HKDF-SHA256, HKDF-SHA384, HKDF-SHA512, "
			 "KDF-CTR-SHA256, KDF-CTR-SHA384 and KDF-CTR-SHA512 are", name);
}

/* --- the peer ---------------------------------------------------------------------------------------------------- */

/* A SubjectPublicKeyInfo, PEM or DER; NULL if it is none */
static EVP_PKEY *parse_public(const struct buffer *file)
{
	BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	const unsigned char *p = file->data;

	BIO_free(bio);
	return key ? key : d2i_PUBKEY(NULL, &p, (long)file->len);
}

/* The public key as the HSM has it: x||y, or u. False if it is of another curve. */
static bool take_public(const EVP_PKEY *key, const struct curve *curve, struct derive *d)
{
	unsigned char point[1 + PEER_MAX];
	char group[32];
	size_t len;

	if (curve->type == MHSM_KEY_OKP) {
		d->how.peer_len = sizeof(d->peer);
		return EVP_PKEY_is_a(key, curve->name) && EVP_PKEY_get_raw_public_key(key, d->peer, &d->how.peer_len);
	}
	if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) ||
	    strcmp(group, curve->name) ||
	    !EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) || point[0] != 4)
		return false;
	d->how.peer_len = len - 1;
	memcpy(d->peer, point + 1, len - 1);
	return true;
}

static int read_peer(const struct cli *cli, struct derive *d)
{
	const char *path = cli_value(cli, "peer");
	struct buffer file;
	EVP_PKEY *key;
	bool taken;
	int ret;

	ret = file_read(path, PEER_FILE_MAX, &file);
	if (ret)
		return cli_fail_file(ret, path);
	key = parse_public(&file);
	buffer_free(&file);
	if (!key)
		return cli_error(CLI_FAIL, "%s: not a public key in PEM or DER (\"openssl pkey -pubout\" writes one)", path);
	/* A compressed point is as good as another. */
	if (EVP_PKEY_is_a(key, "EC"))
		EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
	taken = take_public(key, d->curve, d);
	EVP_PKEY_free(key);
	if (!taken)
		return cli_error(CLI_FAIL, "%s: not a public key on the curve of key \"%s\"", path, cli_value(cli, "name"));
	d->how.peer = d->peer;
	return CLI_OK;
}

/* --- what is asked ------------------------------------------------------------------------------------------------ */

static int read_part(const struct cli *cli, const char *option, struct buffer *buffer)
{
	const char *path = cli_value(cli, option);
	int ret = path ? file_read(path, MHSM_DERIVE_PART_MAX, buffer) : 0;

	return ret ? cli_fail_file(ret, path) : CLI_OK;
}

static int check_options(const struct cli *cli)
{
	bool kdf = cli_given(cli, "kdf");

	if (cli_given(cli, "out") == cli_given(cli, "into"))
		return cli_error(CLI_USAGE, "either --out FILE or --into NAME: where is the result to go?");
	if (!kdf && (cli_given(cli, "salt-file") || cli_given(cli, "info-file") || cli_given(cli, "length")))
		return cli_error(CLI_USAGE, "--salt-file, --info-file and --length are for a --kdf");
	if (cli_given(cli, "into") && cli_given(cli, "length"))
		return cli_error(CLI_USAGE, "--length is for --out: a key is as long as its --size says");
	if (cli_given(cli, "into") && !cli_given(cli, "kty"))
		return cli_error(CLI_USAGE, "--into needs the --kty of the key to be made");
	return CLI_OK;
}

/* Reads all that the derivation needs, for the key that is open. derive_free() ends it, whatever came of it. */
static int prepare(const struct cli *cli, int key, uint32_t kdf, struct derive *d)
{
	struct mhsm_key_info info;
	int ret;

	ret = mhsm_key_info(key, &info);
	if (ret)
		return keyop_fail(cli, ret);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].type == info.type && curves[i].param == info.param)
			d->curve = &curves[i];
	if (d->curve && !cli_given(cli, "peer"))
		return cli_error(CLI_USAGE, "key \"%s\" derives with --peer, the other's public key", cli_value(cli, "name"));
	if (!d->curve && cli_given(cli, "peer"))
		return cli_error(CLI_USAGE, "key \"%s\" is a secret: it derives with --kdf, without --peer",
				 cli_value(cli, "name"));
	if (!d->curve && !kdf)
		return cli_error(CLI_USAGE, "key \"%s\" is a secret: it derives with --kdf", cli_value(cli, "name"));
	d->how.alg = d->curve ? MHSM_ALG_ECDH : kdf;
	d->how.kdf = d->curve ? kdf : 0;
	ret = d->curve ? read_peer(cli, d) : CLI_OK;
	if (!ret)
		ret = read_part(cli, "salt-file", &d->salt);
	if (!ret)
		ret = read_part(cli, "info-file", &d->info);
	d->how.salt = d->salt.data;
	d->how.salt_len = d->salt.len;
	d->how.info = d->info.data;
	d->how.info_len = d->info.len;
	return ret;
}

static void derive_free(struct derive *d)
{
	buffer_free(&d->salt);
	buffer_free(&d->info);
}

static int fail(const struct cli *cli, int err)
{
	if (err == -EBADMSG)
		return cli_error(CLI_INVALID, "%s: not a public key to derive with: off the curve, or of small order",
				 cli_value(cli, "peer"));
	return keyop_fail(cli, err);
}

/* --- where it goes ------------------------------------------------------------------------------------------------ */

static int to_file(const struct cli *cli, int key, struct derive *d)
{
	const char *text = cli_value(cli, "length");
	struct buffer out;
	unsigned long len;
	char *end = NULL;
	int ret;

	/* Without a KDF as long as the secret is, with one as long as is asked, 32 if nothing is */
	len = text ? strtoul(text, &end, 10) : cli_given(cli, "kdf") ? 32 : d->curve->shared_len;
	if ((text && (*end || *text < '0' || *text > '9')) || !len || len > MHSM_DERIVE_OUT_MAX)
		return cli_error(CLI_USAGE, "--length is a number of bytes from 1 to %d, not \"%s\"", MHSM_DERIVE_OUT_MAX,
				 text);
	ret = buffer_alloc(&out, len);
	if (ret)
		return cli_fail(ret, "output");
	out.len = len;
	ret = mhsm_derive_bits(key, &d->how, out.data, &out.len);
	ret = ret ? fail(cli, ret) : keyop_write(cli, "out", 0600, out.data, out.len);
	buffer_free(&out);
	return ret;
}

static int to_key(const struct cli *cli, int key, struct derive *d)
{
	struct mhsm_key_spec spec;
	int made, ret;

	ret = keyspec_parse_as(cli, "into", &spec);
	if (ret)
		return ret;
	if (spec.type != MHSM_KEY_AES && spec.type != MHSM_KEY_HMAC)
		return cli_error(CLI_USAGE, "--kty: only oct-HSM and HMAC-HSM keys can be derived");
	made = mhsm_derive_key(key, &d->how, &spec);
	if (made == -EINVAL && !d->how.kdf && d->curve)
		return cli_error(CLI_FAIL, "key \"%s\": the shared secret has %zu bytes, not %u: use a --kdf",
				 cli_value(cli, "name"), d->curve->shared_len, spec.param / 8);
	if (made == -EEXIST || made == -EACCES)
		return cli_fail(made, "key \"%s\"", spec.name);
	if (made < 0)
		return fail(cli, made);
	ret = keyop_print_key(cli, made);
	close(made);
	return ret;
}

int keyop_derive(struct cli *cli)
{
	struct derive d = { 0 };
	uint32_t kdf;
	int key, ret;

	ret = check_options(cli);
	if (!ret)
		ret = find_kdf(cli, &kdf);
	if (ret)
		return ret;
	key = keyop_open(cli, cli_given(cli, "into") ? MHSM_OP_DERIVE : MHSM_OP_DERIVE_BITS);
	if (key < 0)
		return -key;
	ret = prepare(cli, key, kdf, &d);
	if (!ret)
		ret = cli_given(cli, "into") ? to_key(cli, key, &d) : to_file(cli, key, &d);
	derive_free(&d);
	close(key);
	return ret;
}
