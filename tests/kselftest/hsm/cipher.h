/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of ENCRYPT and DECRYPT share: an HSM, buffers, and OpenSSL. Included once by a program. */
#ifndef TESTS_CIPHER_H
#define TESTS_CIPHER_H

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"

#define PAGE 4096
#define ROOM (MHSM_BULK_MAX + 2 * PAGE)
#define UNTOUCHED 0xa5

static struct hsm *hsm;
static int session;
static uint8_t *plain, *theirs, *ours, *back; /* ROOM bytes each */
static uint8_t iv[16], raw[32], aad[MHSM_AAD_MAX];

__attribute__((unused)) static long encrypt(int key, uint32_t alg, const void *in, size_t len, void *out, size_t *out_len)
{
	long ret;

	RETRY(ret, mhsm_cipher_encrypt_iv(key, alg, iv, in, len, out, out_len));
	return ret;
}

__attribute__((unused)) static long decrypt(int key, uint32_t alg, const void *in, size_t len, void *out, size_t *out_len)
{
	long ret;

	RETRY(ret, mhsm_cipher_decrypt(key, alg, iv, in, len, out, out_len));
	return ret;
}

static int import(const void *material, size_t len, uint32_t ops)
{
	struct mhsm_key_spec spec = {
		.type = MHSM_KEY_AES, .param = (uint32_t)(8 * len), .ops = ops,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	int ret;

	RETRY(ret, mhsm_key_import(session, &spec, material, len));
	return ret;
}

#define BOTH (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT)

/* Were exactly `len` bytes written, `want`, to where all was UNTOUCHED, and `more` bytes are to be looked at? */
static bool wrote(const uint8_t *at, const void *want, size_t len, size_t more)
{
	size_t i = len;

	while (i < len + more && at[i] == UNTOUCHED)
		i++;
	return i == len + more && (!len || !memcmp(at, want, len));
}

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static const EVP_CIPHER *cipher_of(uint32_t alg, size_t key_len)
{
	char name[20];

	snprintf(name, sizeof(name), "AES-%zu-%s", 8 * key_len,
		 alg == MHSM_ALG_AES_GCM ? "GCM" : alg == MHSM_ALG_AES_CTR ? "CTR" : "CBC");
	return EVP_get_cipherbyname(name);
}

/* OpenSSL encrypts `plain` to `theirs`; the length. For GCM, with `aad`, and the tag goes to `tag`. */
static size_t openssl(uint32_t alg, size_t key_len, size_t len, size_t aad_len, uint8_t *tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0, ok;

	ok = EVP_EncryptInit_ex(ctx, cipher_of(alg, key_len), NULL, raw, iv) &&
	     EVP_CIPHER_CTX_set_padding(ctx, alg == MHSM_ALG_AES_CBCPAD) &&
	     (!aad_len || EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len)) &&
	     EVP_EncryptUpdate(ctx, theirs, &n, plain, (int)len) && EVP_EncryptFinal_ex(ctx, theirs + n, &last) &&
	     (!tag || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		abort();
	return (size_t)(n + last);
}

static uint8_t *room(void)
{
	uint8_t *p = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* An active HSM, a session, and random contents. 0 or a negative errno */
static int start(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return err;
	session = mhsm_open(NULL);
	plain = room();
	theirs = room();
	ours = room();
	back = room();
	if (RAND_bytes(plain, ROOM) != 1 || RAND_bytes(raw, sizeof(raw)) != 1 || RAND_bytes(iv, sizeof(iv)) != 1 ||
	    RAND_bytes(aad, sizeof(aad)) != 1)
		abort();
	return session < 0 ? session : 0;
}

static int end(void)
{
	close(session);
	hsm_stop(hsm);
	return tap_end();
}

#endif
