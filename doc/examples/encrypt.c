// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Encrypts a file with AES-256-CTR twice: through the kernel's crypto API (AF_ALG), whose cipher mhsm(ctr(aes)) takes a
 * token of the HSM for a key, and on a key fd. Both must give the same.  Usage: encrypt KEK DATAKEY FILE OUT
 * KEK: name of an AES-256 key of the HSM (mhsm key create --consumers). DATAKEY: a file with 32 bytes, imported in both
 * ways, for else nobody could compare; otherwise let mhsm_token_create() make one that nobody ever sees. OUT: the IV, 16
 * bytes, and the ciphertext.
 * cc -o encrypter encrypt.c $(pkg-config --cflags --libs libmhsm)
 */
#include <linux/if_alg.h>
#include <errno.h>
#include <mhsm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 16384 /* bytes that AF_ALG is given at a time: it holds 16 pages at most */

static unsigned char iv[MHSM_CIPHER_IV_LEN];

static int fail(const char *what, int error)
{
	fprintf(stderr, "encrypt: %s: %s\n", what, mhsm_strerror(error));
	if (mhsm_remedy(error))
		fprintf(stderr, "encrypt: %s\n", mhsm_remedy(error));
	exit(1);
}

/* A socket that encrypts with the data key of `token`: this is where the HSM decides whether we may (setkey). */
static int alg_open(const unsigned char *token)
{
	struct sockaddr_alg name = { .salg_family = AF_ALG, .salg_type = "skcipher", .salg_name = "mhsm(ctr(aes))" };
	int alg = socket(AF_ALG, SOCK_SEQPACKET, 0), op = -1;

	if (alg >= 0 && !bind(alg, (struct sockaddr *)&name, sizeof(name)) &&
	    !setsockopt(alg, SOL_ALG, ALG_SET_KEY, token, MHSM_TOKEN_LEN))
		op = accept(alg, NULL, NULL);
	if (op < 0)
		fail("AF_ALG", errno);
	close(alg);
	return op;
}

/* The first message says what to do, and has the IV; MSG_MORE says that the stream goes on. */
static void alg_encrypt(int op, const unsigned char *in, unsigned char *out, size_t len)
{
	union {
		char buf[CMSG_SPACE(sizeof(__u32)) + CMSG_SPACE(sizeof(struct af_alg_iv) + MHSM_CIPHER_IV_LEN)];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct af_alg_iv *alg_iv;
	size_t done, n;

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_OP;
	c->cmsg_len = CMSG_LEN(sizeof(__u32));
	*(__u32 *)CMSG_DATA(c) = ALG_OP_ENCRYPT;
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_IV;
	c->cmsg_len = CMSG_LEN(sizeof(*alg_iv) + MHSM_CIPHER_IV_LEN);
	alg_iv = (struct af_alg_iv *)CMSG_DATA(c);
	alg_iv->ivlen = MHSM_CIPHER_IV_LEN;
	memcpy(alg_iv->iv, iv, MHSM_CIPHER_IV_LEN);
	for (done = 0; done < len; done += n) {
		struct iovec part = { (void *)(in + done), len - done < CHUNK ? len - done : CHUNK };

		n = part.iov_len;
		msg.msg_iov = &part;
		msg.msg_iovlen = 1;
		if (sendmsg(op, &msg, done + n < len ? MSG_MORE : 0) != (ssize_t)n || read(op, out + done, n) != (ssize_t)n)
			fail("AF_ALG", errno);
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
}

static unsigned char *load(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	unsigned char *data = malloc(MHSM_DATA_MAX);

	*len = file && data ? fread(data, 1, MHSM_DATA_MAX, file) : 0;
	if (!file || !data || ferror(file) || fgetc(file) != EOF)
		fail(path, errno ? errno : EFBIG);
	fclose(file);
	return data;
}

int main(int argc, char **argv)
{
	struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .param = 256, .ops = MHSM_OP_ENCRYPT,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	unsigned char token[MHSM_TOKEN_LEN], *data_key, *in, *by_alg, *by_fd;
	size_t key_len, len, out_len;
	int session, kek, key, ret;
	FILE *out;

	if (argc != 5) {
		fprintf(stderr, "usage: encrypt KEK DATAKEY FILE OUT\n");
		return 2;
	}
	data_key = load(argv[2], &key_len);
	in = load(argv[3], &len);
	by_alg = malloc(len + 1);
	by_fd = malloc(len + 1);
	session = mhsm_open(NULL);
	if (session < 0)
		fail(MHSM_DEVICE, session);
	kek = mhsm_key_open(session, argv[1], NULL, MHSM_OP_WRAP);
	if (kek < 0)
		fail(argv[1], kek);
	ret = mhsm_token_import(kek, MHSM_TOKEN_CTR_AES, data_key, key_len, token); /* for AF_ALG */
	if (ret)
		fail(argv[1], ret);
	key = mhsm_key_import(session, &spec, data_key, key_len); /* a key that ends with its fd */
	if (key < 0)
		fail(argv[2], key);
	explicit_bzero(data_key, key_len); /* from here on the HSM alone has it */
	out_len = len;
	ret = by_alg && by_fd ? mhsm_cipher_encrypt(key, MHSM_ALG_AES_CTR, iv, in, len, by_fd, &out_len) : -ENOMEM;
	if (ret) /* the HSM draws the IV */
		fail(argv[3], ret);
	alg_encrypt(alg_open(token), in, by_alg, len);
	if (memcmp(by_alg, by_fd, len)) {
		fprintf(stderr, "encrypt: AF_ALG and the key fd differ\n");
		return 1;
	}
	out = fopen(argv[4], "wb");
	return !out || fwrite(iv, 1, sizeof(iv), out) != sizeof(iv) || fwrite(by_fd, 1, len, out) != len || fclose(out);
}
