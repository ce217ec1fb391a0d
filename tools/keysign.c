// SPDX-License-Identifier: GPL-2.0-only
/* mhsm key sign, verify: through the device. What is signed may be secret: buffers are wiped. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

struct message {
	struct buffer data; /* the message, or its digest */
	uint32_t flags; /* MHSM_SIGN_MESSAGE, or 0 for a digest */
};

/* Goes on hashing what did not fit into the buffer. -EFBIG: the algorithm takes no digest. */
static int hash_rest(int fd, unsigned char next, const struct sigalg *alg, struct message *message)
{
	EVP_MD_CTX *ctx = alg->digest ? EVP_MD_CTX_new() : NULL;
	const EVP_MD *md = alg->digest ? EVP_get_digestbyname(alg->digest) : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE], first = next;
	bool ok = ctx && md && EVP_DigestInit_ex(ctx, md, NULL) &&
		  EVP_DigestUpdate(ctx, message->data.data, message->data.len) && EVP_DigestUpdate(ctx, &first, 1);
	ssize_t n = ok ? 1 : 0;
	int ret = alg->digest ? 0 : -EFBIG;

	while (ok && n > 0) {
		n = read(fd, message->data.data, message->data.size);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			ret = -errno;
		else
			ok = EVP_DigestUpdate(ctx, message->data.data, n);
	}
	if (!ret && !(ok && EVP_DigestFinal_ex(ctx, digest, NULL)))
		ret = -ENOMEM;
	EVP_MD_CTX_free(ctx);
	if (!ret) {
		message->data.len = EVP_MD_get_size(md);
		memcpy(message->data.data, digest, message->data.len);
		message->flags = 0;
	}
	return ret;
}

static int read_fd(int fd, const struct sigalg *alg, struct message *message)
{
	unsigned char next;
	ssize_t n;
	int ret;

	ret = buffer_alloc(&message->data, MHSM_DATA_MAX);
	if (ret)
		return ret;
	message->flags = MHSM_SIGN_MESSAGE;
	while (message->data.len < message->data.size) {
		n = read(fd, message->data.data + message->data.len, message->data.size - message->data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		message->data.len += n;
	}
	do
		n = read(fd, &next, 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	return hash_rest(fd, next, alg, message);
}

/* RSNULL pads what it is given, which has to leave room for that. */
static int take_as_it_is(const char *path, size_t sig_len, struct message *message)
{
	message->flags = 0;
	if (message->data.len <= sig_len - 11)
		return CLI_OK;
	buffer_free(&message->data);
	return cli_error(CLI_FAIL, "%s: RSNULL signs at most %zu bytes with this key", path, sig_len - 11);
}

static int read_message(const struct cli *cli, const struct sigalg *alg, size_t sig_len, struct message *message)
{
	const char *path = cli_value(cli, "in");
	int fd = STDIN_FILENO, ret;

	memset(message, 0, sizeof(*message));
	if (strcmp(path, "-")) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return cli_fail_file(errno, path);
	}
	ret = read_fd(fd, alg, message);
	if (fd != STDIN_FILENO)
		close(fd);
	if (ret) {
		buffer_free(&message->data);
		if (ret == -EFBIG)
			return cli_error(CLI_USAGE, "%s: %s signs at most %u bytes: sign a digest of it", path, alg->name,
					 MHSM_DATA_MAX);
		return cli_fail_file(ret, path);
	}
	return alg->alg == MHSM_ALG_RSNULL ? take_as_it_is(path, sig_len, message) : CLI_OK;
}

/* The algorithm that --algorithm names, or the usual one of the key; CLI_OK or an exit code. */
static int choose_algorithm(const struct cli *cli, int key, const struct sigalg **alg, size_t *sig_len)
{
	const char *given = cli_value(cli, "algorithm");
	struct mhsm_key_info info;
	int ret;

	ret = mhsm_key_info(key, &info);
	if (ret)
		return keyop_fail(cli, ret);
	*alg = sigalg_find(given, info.type, info.param);
	if (!*alg && given)
		return cli_error(CLI_USAGE, "--algorithm: \"%s\" is not one for key \"%s\": see mhsm key sign --help",
				 given, cli_value(cli, "name"));
	if (!*alg)
		return cli_error(CLI_USAGE, "key \"%s\" is of a type that does not sign", cli_value(cli, "name"));
	if (cli_given(cli, "der") && info.type != MHSM_KEY_EC)
		return cli_error(CLI_USAGE, "--der is for signatures by EC-HSM keys: others have one form");
	*sig_len = (*alg)->sig_len ? (*alg)->sig_len : info.param / 8;
	return CLI_OK;
}

static int print_value(const struct cli *cli, const void *data, size_t len)
{
	static const struct cli_column columns[] = { { "Signature", "value", CLI_TEXT }, { 0 } };
	char *text = encode_base64url(data, len);
	json_t *object = text ? json_pack("{s:s}", "value", text) : NULL;
	int ret = object ? cli_print(cli, object, columns) : cli_fail(ENOMEM, "output");

	json_decref(object);
	free(text);
	return ret;
}

int keyop_sign(struct cli *cli)
{
	unsigned char raw[MHSM_SIG_MAX], der[MHSM_DER_SIGNATURE_MAX], *out = raw;
	size_t raw_len, der_len = sizeof(der), out_len;
	struct message message = { 0 };
	const struct sigalg *alg;
	int key, ret;

	key = keyop_open(cli, MHSM_OP_SIGN);
	if (key < 0)
		return -key;
	ret = choose_algorithm(cli, key, &alg, &raw_len);
	if (!ret)
		ret = read_message(cli, alg, raw_len, &message);
	if (ret)
		goto out;
	raw_len = sizeof(raw);
	ret = mhsm_sign(key, alg->alg, message.flags, message.data.data, message.data.len, raw, &raw_len);
	out_len = raw_len;
	if (!ret && cli_given(cli, "der")) {
		ret = mhsm_signature_to_der(raw, raw_len, der, &der_len);
		out = der;
		out_len = der_len;
	}
	if (ret)
		ret = keyop_fail(cli, ret);
	else if (cli_given(cli, "out"))
		ret = keyop_write(cli, "out", 0666, out, out_len);
	else
		ret = print_value(cli, out, out_len);
out:
	buffer_free(&message.data);
	close(key);
	return ret;
}

/* A signature that is not even one is as wrong as any other: -EBADMSG. */
static int read_signature(const struct cli *cli, unsigned char *raw, size_t raw_len, int *valid)
{
	struct buffer file;
	int ret;

	ret = file_read(cli_value(cli, "signature"), MHSM_SIG_MAX, &file);
	*valid = ret == -EFBIG ? -EBADMSG : 0;
	if (ret)
		return *valid ? CLI_OK : cli_fail_file(ret, cli_value(cli, "signature"));
	if (cli_given(cli, "der"))
		*valid = mhsm_signature_from_der(file.data, file.len, raw, raw_len);
	else if (file.len != raw_len)
		*valid = -EBADMSG;
	else
		memcpy(raw, file.data, raw_len);
	buffer_free(&file);
	return CLI_OK;
}

int keyop_verify(struct cli *cli)
{
	unsigned char raw[MHSM_SIG_MAX];
	struct message message = { 0 };
	const struct sigalg *alg;
	int key, ret, valid = 0;
	size_t raw_len;

	key = keyop_open(cli, MHSM_OP_VERIFY);
	if (key < 0)
		return -key;
	ret = choose_algorithm(cli, key, &alg, &raw_len);
	if (!ret)
		ret = read_signature(cli, raw, raw_len, &valid);
	if (!ret)
		ret = read_message(cli, alg, raw_len, &message);
	if (ret)
		goto out;
	if (!valid)
		valid = mhsm_verify(key, alg->alg, message.flags, message.data.data, message.data.len, raw, raw_len);
	if (!valid)
		cli_say(cli, "The signature is good.");
	else if (valid == -EBADMSG)
		ret = cli_error(CLI_INVALID, "%s: not a signature of %s by key \"%s\"", cli_value(cli, "signature"),
				cli_value(cli, "in"), cli_value(cli, "name"));
	else
		ret = keyop_fail(cli, valid);
	if ((!valid || valid == -EBADMSG) && cli_output(cli) != CLI_TABLE) {
		json_t *object = json_pack("{s:b}", "value", !valid);

		cli_print(cli, object, (const struct cli_column[]){ { "Valid", "value", CLI_TEXT }, { 0 } });
		json_decref(object);
	}
out:
	buffer_free(&message.data);
	close(key);
	return ret;
}
