// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key: what uses a key, through the device. Buffers may hold secrets: all of them are wiped. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define WRAP_MAX 4096
#define SPKI_MAX 1024

int keyop_open(const struct cli *cli, uint32_t rights)
{
	const char *name = cli_value(cli, "name"), *version = cli_value(cli, "version");
	int session, key, ret;

	ret = keyspec_check_name(name);
	if (ret)
		return -ret;
	session = cli_session(cli);
	if (session < 0)
		return session;
	key = mhsm_key_open(session, name, version, rights);
	close(session);
	if (key == -EINVAL && version)
		return -cli_error(CLI_USAGE, "--version: \"%s\" is not 32 hexadecimal digits: see "
				  "\"mhsm key versions\"", version);
	return key < 0 ? -cli_fail(key, "key \"%s\"", name) : key;
}

int keyop_fail(const struct cli *cli, int err)
{
	return cli_fail(err, "key \"%s\"", cli_value(cli, "name"));
}

int keyop_read(const struct cli *cli, const char *option, size_t max, struct buffer *buffer)
{
	const char *path = cli_value(cli, option);
	int ret = file_read(path, max, buffer);

	return ret ? cli_fail_file(ret, path) : CLI_OK;
}

int keyop_write(const struct cli *cli, const char *option, mode_t mode, const void *data, size_t len)
{
	const char *path = cli_value(cli, option);
	int ret = file_write(path, mode, data, len);

	return ret ? cli_fail_file(ret, path) : CLI_OK;
}

static bool algorithm_is(const struct cli *cli, const char *name)
{
	const char *given = cli_value(cli, "algorithm");

	return given && !strcmp(given, name);
}

/* --- wrap, unwrap ---------------------------------------------------------------------------------------------- */

static uint32_t wrap_algorithm(const struct cli *cli)
{
	if (algorithm_is(cli, "A128KW") || algorithm_is(cli, "A192KW") || algorithm_is(cli, "A256KW") ||
	    algorithm_is(cli, "CKM_AES_KEY_WRAP"))
		return MHSM_ALG_AES_KW;
	if (!cli_given(cli, "algorithm") || algorithm_is(cli, "CKM_AES_KEY_WRAP_KWP"))
		return MHSM_ALG_AES_KWP;
	return 0;
}

static int wrap(struct cli *cli, uint32_t right,
		int (*call)(int key, uint32_t alg, const void *in, size_t in_len, void *out, size_t *out_len))
{
	struct buffer in = { 0 }, out = { 0 };
	bool unwrap = right == MHSM_OP_UNWRAP;
	uint32_t alg = wrap_algorithm(cli);
	int key, ret;

	if (!alg && !keyrsa_knows(cli_value(cli, "algorithm")))
		return cli_error(CLI_USAGE, "--algorithm: \"%s\" is not supported: A128KW, A192KW, A256KW and "
				 "CKM_AES_KEY_WRAP_KWP are; for RSA keys see mhsm key wrap --help",
				 cli_value(cli, "algorithm"));
	key = keyop_open(cli, right);
	if (key < 0)
		return -key;
	if (keyrsa_is(key)) {
		ret = keyrsa_run(cli, key, right);
		goto out;
	}
	if (!alg) {
		ret = cli_error(CLI_USAGE, "--algorithm: \"%s\" is not for AES keys: A128KW, A192KW, A256KW and "
				"CKM_AES_KEY_WRAP_KWP are", cli_value(cli, "algorithm"));
		goto out;
	}
	ret = keyop_read(cli, "in", WRAP_MAX + (unwrap ? MHSM_WRAP_OVERHEAD : 0), &in);
	if (ret)
		goto out;
	ret = buffer_alloc(&out, WRAP_MAX + MHSM_WRAP_OVERHEAD);
	if (!ret) {
		out.len = out.size;
		ret = call(key, alg, in.data, in.len, out.data, &out.len);
	}
	if (!ret)
		ret = keyop_write(cli, "out", unwrap ? 0600 : 0666, out.data, out.len);
	else if (ret == -EINVAL)
		ret = cli_error(CLI_FAIL, "%s: %zu bytes are no length for this algorithm%s", cli_value(cli, "in"),
				in.len, alg == MHSM_ALG_AES_KW ? ": use CKM_AES_KEY_WRAP_KWP" : "");
	else if (ret == -EBADMSG)
		ret = cli_error(CLI_INVALID, "%s: not wrapped under key \"%s\" with this algorithm, or altered",
				cli_value(cli, "in"), cli_value(cli, "name"));
	else
		ret = keyop_fail(cli, ret);
out:
	buffer_free(&in);
	buffer_free(&out);
	close(key);
	return ret;
}

int keyop_wrap(struct cli *cli)
{
	return wrap(cli, MHSM_OP_WRAP, mhsm_wrap);
}

int keyop_unwrap(struct cli *cli)
{
	return wrap(cli, MHSM_OP_UNWRAP, mhsm_unwrap);
}

/* --- download -------------------------------------------------------------------------------------------------- */

/* RFC 7468: lines of 64 characters */
static char *to_pem(const unsigned char *der, size_t len)
{
	char *base64 = encode_base64(der, len), *pem = NULL;
	size_t size;
	FILE *out = base64 ? open_memstream(&pem, &size) : NULL;

	if (out) {
		fputs("-----BEGIN PUBLIC KEY-----\n", out);
		for (const char *p = base64; *p; p += strnlen(p, 64))
			fprintf(out, "%.64s\n", p);
		fputs("-----END PUBLIC KEY-----\n", out);
		if (fclose(out)) {
			free(pem);
			pem = NULL;
		}
	}
	free(base64);
	return pem;
}

int keyop_download(struct cli *cli)
{
	const char *encoding = cli_value(cli, "encoding");
	unsigned char der[SPKI_MAX];
	size_t len = sizeof(der);
	int key, ret;
	char *pem;

	if (encoding && strcmp(encoding, "PEM") && strcmp(encoding, "DER"))
		return cli_error(CLI_USAGE, "--encoding is PEM or DER, not \"%s\"", encoding);
	key = keyop_open(cli, 0);
	if (key < 0)
		return -key;
	ret = mhsm_public_key(key, der, &len);
	close(key);
	if (ret == -EOPNOTSUPP)
		return cli_error(CLI_FAIL, "key \"%s\": a secret key has no public part", cli_value(cli, "name"));
	if (ret)
		return keyop_fail(cli, ret);
	if (encoding && !strcmp(encoding, "DER"))
		return keyop_write(cli, "file", 0666, der, len);
	pem = to_pem(der, len);
	if (!pem)
		return cli_fail(ENOMEM, "output");
	ret = keyop_write(cli, "file", 0666, pem, strlen(pem));
	free(pem);
	return ret;
}
