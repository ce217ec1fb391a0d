// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pkcs8.c kmod/spki.c -lcrypto
 * runs: 200000
 */
/*
 * Private keys in PKCS#8. The first byte chooses a key that is right, of which the following pairs change bytes (place,
 * value), or none: then the rest is the input. What is read must be within the input, and must be a key that OpenSSL,
 * which allows more, reads too, with the same parameter.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/pkcs8.h"

#define KEYS 6
#define ROOM 2048

static u8 keys[KEYS][ROOM];
static size_t lens[KEYS];

static void check(int ok)
{
	if (!ok)
		abort();
}

static void make(unsigned int i, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
	u8 *end = keys[i];
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;

	check(len > 0 && len <= ROOM);
	lens[i] = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &end);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make(0, EVP_EC_gen("P-256"));
	make(1, EVP_EC_gen("P-384"));
	make(2, EVP_EC_gen("P-521"));
	make(3, EVP_EC_gen("secp256k1"));
	make(4, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	make(5, EVP_RSA_gen(2048));
	return 0;
}

static void within(const struct mhsm_pkcs8_part *part, const u8 *in, size_t len)
{
	check(!part->len || (part->p > in && part->p + part->len <= in + len));
}

static void read_key(const u8 *in, size_t len)
{
	PKCS8_PRIV_KEY_INFO *info;
	const u8 *end = in;
	struct mhsm_pkcs8 k;
	int ret = mhsm_pkcs8_parse(&k, in, len);

	check(ret == 0 || ret == -EBADMSG || ret == -EOPNOTSUPP || ret == -EKEYREJECTED);
	if (ret)
		return;
	within(&k.private, in, len);
	within(&k.public, in, len);
	within(&k.d, in, len);
	within(&k.p, in, len);
	within(&k.q, in, len);
	within(&k.dp, in, len);
	within(&k.dq, in, len);
	within(&k.qinv, in, len);
	if (k.type == MHSM_KEY_RSA) {
		check(k.public.len * 8 == k.param && k.d.len && k.d.len <= k.public.len);
		check(k.p.len && k.p.len <= k.public.len / 2 && k.qinv.len && k.qinv.len <= k.public.len / 2);
	} else {
		check((k.type == MHSM_KEY_EC || k.type == MHSM_KEY_OKP) && k.private.len >= 32);
		check(!k.public.len || k.public.len == (k.type == MHSM_KEY_EC ? 2 : 1) * k.private.len);
	}
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &end, (long)len);
	check(info != NULL);
	PKCS8_PRIV_KEY_INFO_free(info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i, len;
	u8 *exact;

	if (!size || size > ROOM)
		return 0;
	i = data[0] % (KEYS + 1);
	len = i < KEYS ? lens[i] : size - 1;
	exact = malloc(len ? len : 1);
	check(exact != NULL);
	memcpy(exact, i < KEYS ? keys[i] : data + 1, len);
	if (i < KEYS)
		for (size_t at = 1; at + 2 < size; at += 3)
			exact[(data[at] << 8 | data[at + 1]) % len] = data[at + 2];
	read_key(exact, len);
	free(exact);
	return 0;
}
