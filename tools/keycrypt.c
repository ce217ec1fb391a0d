// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key encrypt, decrypt: through the device. All buffers may hold secrets, and are wiped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define BLOCK 16

/* Algorithms, by the names of Azure and RFC 7518 and 9459 without the key's size: A256GCM ... */
static const struct mode {
	const char *name;
	uint32_t alg;
	size_t iv_len, tag_len; /* before and behind the ciphertext */
} modes[] = {
	{ "GCM", MHSM_ALG_AES_GCM, MHSM_GCM_IV_LEN, MHSM_GCM_TAG_LEN },
	{ "CBC", MHSM_ALG_AES_CBC, MHSM_CIPHER_IV_LEN, 0 },
	{ "CBCPAD", MHSM_ALG_AES_CBCPAD, MHSM_CIPHER_IV_LEN, 0 },
	{ "CTR", MHSM_ALG_AES_CTR, MHSM_CIPHER_IV_LEN, 0 },
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static int choose_mode(const struct cli *cli, int key, const struct mode **mode)
{
	const char *given = cli_value(cli, "algorithm");
	unsigned long bits = given && *given == 'A' ? strtoul(given + 1, NULL, 10) : 0;
	struct mhsm_key_info info;
	int ret;

	*mode = &modes[0];
	if (!given)
		return CLI_OK;
	while (*mode < modes + MODES && ((bits != 128 && bits != 192 && bits != 256) || strcmp(given + 4, (*mode)->name)))
		(*mode)++;
	if (*mode == modes + MODES)
		return cli_error(CLI_USAGE, "--algorithm: \"%s\" is not supported: A256GCM, A256CBC, A256CBCPAD and A256CTR "
				 "are, and the same with 128 and 192", given);
	if ((*mode)->alg != MHSM_ALG_AES_GCM && cli_given(cli, "aad-file"))
		return cli_error(CLI_USAGE, "--aad-file is for GCM: %s authenticates nothing", given);
	ret = mhsm_key_info(key, &info);
	if (ret)
		return keyop_fail(cli, ret);
	if (info.type != MHSM_KEY_AES || info.param != bits)
		return cli_error(CLI_FAIL, "key \"%s\": not a key for %s: see \"mhsm key show\"",
				 cli_value(cli, "name"), given);
	return CLI_OK;
}

static int read_aad(const struct cli *cli, struct buffer *aad)
{
	memset(aad, 0, sizeof(*aad));
	return cli_given(cli, "aad-file") ? keyop_read(cli, "aad-file", MHSM_AAD_MAX, aad) : CLI_OK;
}

/* What the kernel says to a mode that the key or the length is not for */
static int fail(const struct cli *cli, const struct mode *mode, int err, size_t len)
{
	if (err == -EINVAL && len % BLOCK)
		return cli_error(CLI_FAIL, "%s: %zu bytes are no multiple of %d, as CBC wants them%s", cli_value(cli, "in"),
				 len, BLOCK, mode->alg == MHSM_ALG_AES_CBC ? ": use CBCPAD" : "");
	if (err == -EOPNOTSUPP && mode->alg != MHSM_ALG_AES_GCM)
		return cli_error(CLI_DENIED, "key \"%s\": %s is for keys that encrypt and decrypt and do nothing else: "
				 "make one with --ops encrypt decrypt", cli_value(cli, "name"), mode->name);
	return keyop_fail(cli, err);
}

int keyop_encrypt(struct cli *cli)
{
	struct buffer in = { 0 }, out = { 0 }, aad = { 0 };
	const struct mode *mode;
	unsigned char *body;
	int key, ret;
	size_t len;

	key = keyop_open(cli, MHSM_OP_ENCRYPT);
	if (key < 0)
		return -key;
	if (keyrsa_is(key)) {
		ret = keyrsa_run(cli, key, MHSM_OP_ENCRYPT);
		close(key);
		return ret;
	}
	ret = choose_mode(cli, key, &mode);
	if (!ret)
		ret = read_aad(cli, &aad);
	if (!ret)
		ret = keyop_read(cli, "in", MHSM_BULK_MAX, &in);
	if (ret)
		goto out;
	ret = buffer_alloc(&out, mode->iv_len + in.len + MHSM_CIPHER_OVERHEAD);
	len = in.len + MHSM_CIPHER_OVERHEAD; /* a GCM tag is as long */
	if (!ret) {
		body = out.data + mode->iv_len;
		if (mode->alg == MHSM_ALG_AES_GCM)
			ret = mhsm_encrypt(key, out.data, aad.data, aad.len, in.data, in.len, body, body + in.len);
		else
			ret = mhsm_cipher_encrypt(key, mode->alg, out.data, in.data, in.len, body, &len);
	}
	ret = ret ? fail(cli, mode, ret, in.len) : keyop_write(cli, "out", 0666, out.data, mode->iv_len + len);
out:
	buffer_free(&in);
	buffer_free(&out);
	buffer_free(&aad);
	close(key);
	return ret;
}

static int decrypt(const struct cli *cli, int key, const struct mode *mode, const struct buffer *aad, struct buffer *in)
{
	unsigned char *body = in->data + mode->iv_len;
	size_t len = in->len - mode->iv_len - mode->tag_len, out_len = len;
	int ret;

	if (in->len < mode->iv_len + mode->tag_len)
		return cli_error(CLI_INVALID, "%s: too short to be what \"mhsm key encrypt\" writes", cli_value(cli, "in"));
	if (mode->alg == MHSM_ALG_AES_GCM)
		ret = mhsm_decrypt(key, in->data, aad->data, aad->len, body, len, body, body + len);
	else
		ret = mhsm_cipher_decrypt(key, mode->alg, in->data, body, len, body, &out_len);
	if (ret == -EBADMSG)
		return cli_error(CLI_INVALID, "%s: not encrypted with key \"%s\"%s, or altered", cli_value(cli, "in"),
				 cli_value(cli, "name"),
				 mode->alg == MHSM_ALG_AES_GCM ? " and this additional data" : " and padded");
	return ret ? fail(cli, mode, ret, len) : keyop_write(cli, "out", 0600, body, out_len);
}

int keyop_decrypt(struct cli *cli)
{
	struct buffer in = { 0 }, aad = { 0 };
	const struct mode *mode;
	int key, ret;

	key = keyop_open(cli, MHSM_OP_DECRYPT);
	if (key < 0)
		return -key;
	if (keyrsa_is(key)) {
		ret = keyrsa_run(cli, key, MHSM_OP_DECRYPT);
		close(key);
		return ret;
	}
	ret = choose_mode(cli, key, &mode);
	if (!ret)
		ret = read_aad(cli, &aad);
	if (!ret)
		ret = keyop_read(cli, "in", MHSM_BULK_MAX + MHSM_CIPHER_IV_LEN + MHSM_CIPHER_OVERHEAD, &in);
	if (!ret)
		ret = decrypt(cli, key, mode, &aad, &in);
	buffer_free(&in);
	buffer_free(&aad);
	close(key);
	return ret;
}
