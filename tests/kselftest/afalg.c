// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * The ciphers that take a token, through AF_ALG, which any user may open: who may set a key, what one sees of a bad
 * token, and that revocation reaches a socket that was keyed before.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/alg.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/tap.h"

#define DATA_LEN 512
#define IV_LEN 16
#define STRANGER 1000

/* One request on an operation socket */
static int alg_crypt(int op, uint32_t direction, const uint8_t *in, uint8_t *out, size_t len)
{
	uint8_t iv[IV_LEN];
	const struct alg_request r = { direction, iv, IV_LEN, 0, in, len, out, len };

	memset(iv, 0x42, IV_LEN);
	return alg_run(op, &r);
}

static int openssl_crypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *in, uint8_t *out, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[IV_LEN];
	int n, ret;

	memset(iv, 0x42, IV_LEN);
	ret = ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, key, iv) && EVP_CIPHER_CTX_set_padding(ctx, 0) &&
			      EVP_EncryptUpdate(ctx, out, &n, in, (int)len) ?
		      0 :
		      -EINVAL;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

static const struct kind {
	const char *name;
	uint32_t alg;
	size_t len;
	const EVP_CIPHER *(*cipher)(void);
} kinds[] = {
	{ "mhsm(xts(aes))", MHSM_TOKEN_XTS_AES, 64, EVP_aes_256_xts },
	{ "mhsm(cbc(aes))", MHSM_TOKEN_CBC_AES, 32, EVP_aes_256_cbc },
	{ "mhsm(ctr(aes))", MHSM_TOKEN_CTR_AES, 16, EVP_aes_128_ctr },
	{ "xts(paes)", MHSM_TOKEN_XTS_AES, 32, EVP_aes_128_xts },
	{ "cbc(paes)", MHSM_TOKEN_CBC_AES, 16, EVP_aes_128_cbc },
	{ "ctr(paes)", MHSM_TOKEN_CTR_AES, 32, EVP_aes_256_ctr },
};

static struct hsm *hsm;
static uint8_t data_key[64], plain[DATA_LEN];

/* A keyed operation socket, or a negative errno */
static int keyed(const char *name, const uint8_t *token)
{
	return alg_keyed("skcipher", name, token, MHSM_TOKEN_LEN, 0);
}

static void test_kinds(int kek)
{
	uint8_t token[MHSM_TOKEN_LEN], ours[DATA_LEN], theirs[DATA_LEN], back[DATA_LEN];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];
		int op, ret = mhsm_token_import(kek, k->alg, data_key, k->len, token);

		tap_is(ret, 0, "a token is made");
		op = keyed(k->name, token);
		if (!tap_ok(op >= 0, "%s takes it", k->name)) {
			printf("#   %s\n", strerror(-op));
			continue;
		}
		tap_is(alg_crypt(op, ALG_OP_ENCRYPT, plain, ours, DATA_LEN), 0, "encrypts");
		tap_is(openssl_crypt(k->cipher(), data_key, plain, theirs, DATA_LEN), 0, "OpenSSL encrypts");
		tap_ok(!memcmp(ours, theirs, DATA_LEN), "%s with the data key gives the same", k->name);
		tap_is(alg_crypt(op, ALG_OP_DECRYPT, ours, back, DATA_LEN), 0, "decrypts");
		tap_ok(!memcmp(back, plain, DATA_LEN), "%s gives the plaintext back", k->name);
		close(op);
	}
}

static void test_refused_names(void)
{
	static const struct {
		const char *type, *name;
	} names[] = {
		{ "skcipher", "mhsm(ecb(aes))" },    { "skcipher", "mhsm(xts(paes))" }, { "skcipher", "mhsm(chacha20)" },
		{ "skcipher", "mhsm(mhsm(xts(aes)))" }, { "skcipher", "mhsm(gcm(aes))" }, { "hash", "mhsm(ghash)" },
		{ "hash", "mhsm(poly1305)" },	     { "hash", "mhsm(crc32)" },	 { "hash", "mhsm(crc32c)" },
		{ "hash", "mhsm(xxhash64)" },	     { "hash", "mhsm(hmac(sha1))" }, { "hash", "mhsm(sha256)" },
		{ "aead", "mhsm(rfc4543(gcm(aes)))" }, { "aead", "mhsm(xts(aes))" },
		{ "aead", "mhsm(authenc(hmac(sha256),cbc(aes)))" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = alg_bind(names[i].type, names[i].name);

		tap_ok(fd < 0, "%s does not exist as %s", names[i].name, names[i].type);
		if (fd >= 0)
			close(fd);
	}
}

static void test_bad_tokens(const uint8_t *token)
{
	int fd = alg_bind("skcipher", "mhsm(xts(aes))");
	size_t before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED), n = 0;
	uint8_t bad[MHSM_TOKEN_LEN];

	/* One bit of each field */
	static const uint8_t at[] = { 0, 4, 5, 6, 7, 8, 23, 24, 39, 40, 111, 112, 127 };

	for (size_t i = 0; i < sizeof(at); i++) {
		memcpy(bad, token, sizeof(bad));
		bad[at[i]] ^= 1;
		n += alg_setkey(fd, bad, sizeof(bad)) == -EKEYREJECTED;
	}
	tap_ok(n == sizeof(at), "a token with one bit altered is refused, wherever (%zu of %zu)", n, sizeof(at));
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED, before + sizeof(at), 10), 0,
	       "every one is in the audit");
	tap_ok(hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED) == before + sizeof(at), "once");
	tap_is(alg_setkey(fd, token, 64), -EINVAL, "a key that is no token's length is refused");
	tap_is(alg_setkey(fd, token, sizeof(bad)), 0, "the token itself is taken after all that");
	close(fd);
}

static void test_stranger(const uint8_t *token)
{
	int fd = alg_bind("skcipher", "xts(paes)");
	size_t before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EACCES);
	uint8_t bad[MHSM_TOKEN_LEN];

	memcpy(bad, token, sizeof(bad));
	bad[127] ^= 0x80;
	if (seteuid(STRANGER))
		abort();
	tap_is(alg_setkey(fd, token, MHSM_TOKEN_LEN), -EACCES, "a user without the right may not redeem");
	tap_is(alg_setkey(fd, bad, MHSM_TOKEN_LEN), -EACCES, "and is told the same of a forged token");
	if (seteuid(0))
		abort();
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EACCES, before + 2, 10), 0, "both are in the audit");
	close(fd);
}

/* An operation socket outlives its parent and its user's interest: only the HSM ends it. */
static void test_revocation(int session, const uint8_t *token)
{
	int op = keyed("mhsm(xts(aes))", token), paes = keyed("xts(paes)", token), fd;
	uint8_t out[DATA_LEN];

	tap_is(alg_crypt(op, ALG_OP_ENCRYPT, plain, out, DATA_LEN), 0, "a keyed socket works");
	tap_is(hsm_lock(hsm), 0, "the HSM is locked");
	tap_is(alg_crypt(op, ALG_OP_ENCRYPT, plain, out, DATA_LEN), -EKEYREVOKED, "then mhsm(xts(aes)) is revoked");
	tap_is(alg_crypt(paes, ALG_OP_ENCRYPT, plain, out, DATA_LEN), -EKEYREVOKED, "then xts(paes) is revoked");
	close(op);
	close(paes);
	tap_is(keyed("mhsm(xts(aes))", token), -ENOKEY, "a locked HSM redeems no token");

	tap_is(hsm_unlock(hsm), 0, "the HSM is unlocked");
	op = keyed("mhsm(xts(aes))", token);
	tap_ok(op >= 0, "the token is good again");
	tap_is(alg_crypt(op, ALG_OP_ENCRYPT, plain, out, DATA_LEN), 0, "and works");

	tap_is(mhsm_key_delete(session, "kek"), 0, "the KEK is soft-deleted");
	tap_is(keyed("mhsm(xts(aes))", token), -EKEYREVOKED, "its tokens are refused");
	tap_is(mhsm_key_purge(session, "kek"), 0, "the KEK is purged");
	tap_is(alg_crypt(op, ALG_OP_ENCRYPT, plain, out, DATA_LEN), -EKEYREVOKED, "what was keyed is revoked");
	fd = keyed("mhsm(xts(aes))", token);
	tap_is(fd, -EKEYREJECTED, "its tokens are like forged ones");
	close(op);
}

int main(void)
{
	uint8_t token[MHSM_TOKEN_LEN];
	int session, kek, ret;

	for (size_t i = 0; i < sizeof(data_key); i++)
		data_key[i] = (uint8_t)(0x11 + 7 * i);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i ^ i >> 8);
	ret = hsm_start(&hsm);
	if (ret)
		return tap_bail("the HSM does not start", ret);
	session = mhsm_open(NULL);
	kek = session < 0 ? session : kek_new(session, "kek", MHSM_KEY_CONSUMERS);
	if (kek < 0)
		return tap_bail("no KEK", kek);
	test_kinds(kek);
	test_refused_names();
	tap_is(mhsm_token_import(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0, "a token is made");
	test_bad_tokens(token);
	test_stranger(token);
	test_revocation(session, token);
	close(kek);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
