// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key encrypt, decrypt, wrap, unwrap with an RSA key: through the device. Buffers may hold secrets and are wiped. */
#include <errno.h>
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define WRAP_MAX 4096
#define ROOM (WRAP_MAX + MHSM_PUBLIC_MAX + MHSM_WRAP_OVERHEAD)

/* Names of RFC 7518 and of Azure; the first is the usual one. */
static const struct {
	const char *name;
	uint32_t alg;
	bool wraps_only;
} algs[] = {
	{ "RSA-OAEP-256", MHSM_ALG_RSA_OAEP_256, false },
	{ "RSA-OAEP", MHSM_ALG_RSA_OAEP, false },
	{ "RSA-OAEP-384", MHSM_ALG_RSA_OAEP_384, false },
	{ "RSA-OAEP-512", MHSM_ALG_RSA_OAEP_512, false },
	{ "RSA1_5", MHSM_ALG_RSA1_5, false },
	{ "CKM_RSA_AES_KEY_WRAP", MHSM_ALG_RSA_AES_KW, true },
	{ "RSA_AES_KEY_WRAP_256", MHSM_ALG_RSA_AES_KW_256, true },
	{ "RSA_AES_KEY_WRAP_384", MHSM_ALG_RSA_AES_KW_384, true },
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

bool keyrsa_is(int key)
{
	struct mhsm_key_info info;

	return !mhsm_key_info(key, &info) && info.type == MHSM_KEY_RSA;
}

bool keyrsa_knows(const char *name)
{
	size_t i;

	for (i = 0; i < ALGS && strcmp(name, algs[i].name); i++)
		;
	return i < ALGS;
}

static int choose(const struct cli *cli, bool wraps, uint32_t *alg)
{
	const char *given = cli_value(cli, "algorithm");
	size_t i;

	for (i = 0; i < ALGS && given && strcmp(given, algs[i].name); i++)
		;
	if (i == ALGS)
		return cli_error(CLI_USAGE, "--algorithm: \"%s\" is not for RSA keys: RSA-OAEP-256, RSA-OAEP, RSA-OAEP-384, "
				 "RSA-OAEP-512, RSA1_5 are%s", given,
				 wraps ? ", CKM_RSA_AES_KEY_WRAP, RSA_AES_KEY_WRAP_256 and RSA_AES_KEY_WRAP_384" : "");
	if (algs[i].wraps_only && !wraps)
		return cli_error(CLI_USAGE, "--algorithm: %s is for wrap and unwrap", given);
	*alg = algs[i].alg;
	return CLI_OK;
}

static int call(int key, uint32_t op, uint32_t alg, const struct buffer *aad, const struct buffer *in, struct buffer *out)
{
	switch (op) {
	case MHSM_OP_ENCRYPT:
		return mhsm_rsa_encrypt(key, alg, aad->data, aad->len, in->data, in->len, out->data, &out->len);
	case MHSM_OP_DECRYPT:
		return mhsm_rsa_decrypt(key, alg, aad->data, aad->len, in->data, in->len, out->data, &out->len);
	case MHSM_OP_WRAP:
		return mhsm_wrap(key, alg, in->data, in->len, out->data, &out->len);
	default:
		return mhsm_unwrap(key, alg, in->data, in->len, out->data, &out->len);
	}
}

static int fail(const struct cli *cli, uint32_t op, const struct buffer *in, int err)
{
	const char *path = cli_value(cli, "in"), *name = cli_value(cli, "name");

	if (err == -EINVAL && (op == MHSM_OP_ENCRYPT || op == MHSM_OP_WRAP))
		return cli_error(CLI_FAIL, "%s: %zu bytes are no length for this algorithm and key%s", path, in->len,
				 op == MHSM_OP_WRAP ? ": use CKM_RSA_AES_KEY_WRAP" : ": wrap a data key instead");
	if (err == -EINVAL || err == -EBADMSG)
		return cli_error(CLI_INVALID, "%s: not encrypted to key \"%s\" with this algorithm, or altered", path, name);
	return keyop_fail(cli, err);
}

static int read_file(const struct cli *cli, const char *option, size_t max, struct buffer *buffer)
{
	int ret = file_read(cli_value(cli, option), max, buffer);

	return ret ? cli_fail_file(ret, cli_value(cli, option)) : CLI_OK;
}

int keyrsa_run(struct cli *cli, int key, uint32_t op)
{
	bool wraps = op == MHSM_OP_WRAP || op == MHSM_OP_UNWRAP, forth = op == MHSM_OP_ENCRYPT || op == MHSM_OP_WRAP;
	struct buffer in = { 0 }, out = { 0 }, aad = { 0 };
	uint32_t alg = 0;
	int ret;

	ret = choose(cli, wraps, &alg);
	if (!ret && !wraps && cli_given(cli, "aad-file"))
		ret = read_file(cli, "aad-file", MHSM_AAD_MAX, &aad);
	if (!ret && aad.len && alg == MHSM_ALG_RSA1_5)
		ret = cli_error(CLI_USAGE, "--aad-file: RSA1_5 has no label");
	if (!ret)
		ret = read_file(cli, "in", ROOM, &in);
	if (ret)
		goto out;
	ret = buffer_alloc(&out, ROOM);
	if (!ret) {
		out.len = out.size;
		ret = call(key, op, alg, &aad, &in, &out);
	}
	ret = ret ? fail(cli, op, &in, ret) : keyop_write(cli, "out", forth ? 0666 : 0600, out.data, out.len);
out:
	buffer_free(&in);
	buffer_free(&out);
	buffer_free(&aad);
	return ret;
}
