// SPDX-License-Identifier: GPL-2.0-only
/* link: tools/pem.c -lcrypto */
/* PEM: what OpenSSL writes is decoded, whatever is around it; older forms, encrypted keys and damage are told apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tools/cli.h"

/* In memory that ends where the text ends */
static int find(const char *text, size_t len, unsigned char *der, size_t *der_len)
{
	unsigned char *copy = malloc(len ? len : 1), *found;
	int ret;

	assert_non_null(copy);
	memcpy(copy, text, len);
	ret = pem_private_key(copy, len, &found, der_len);
	if (!ret) {
		assert_true(found >= copy && found + *der_len <= copy + len);
		memcpy(der, found, *der_len);
	}
	free(copy);
	return ret;
}

static int find_text(const char *text)
{
	unsigned char der[4096];
	size_t len;

	return find(text, strlen(text), der, &len);
}

/* The text of a key, to be freed */
static char *write_key(EVP_PKEY *key, int form)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	if (form == 0)
		PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	else if (form == 1)
		PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), "word", 4, NULL, NULL);
	else if (form == 2)
		PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_256_cbc(), (unsigned char *)"word", 4, NULL, NULL);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	BIO_free(bio);
	return text;
}

static void test_keys(void **state)
{
	EVP_PKEY *keys[] = { EVP_RSA_gen(2048), EVP_EC_gen("P-256"), EVP_EC_gen("P-521") };
	unsigned char der[4096], *want = NULL;
	PKCS8_PRIV_KEY_INFO *info;
	char *text, around[8192];
	int want_len;
	size_t i, len;

	(void)state;
	for (i = 0; i < 3; i++) {
		info = EVP_PKEY2PKCS8(keys[i]);
		want = NULL;
		want_len = i2d_PKCS8_PRIV_KEY_INFO(info, &want);
		PKCS8_PRIV_KEY_INFO_free(info);
		text = write_key(keys[i], 0);
		assert_int_equal(find(text, strlen(text), der, &len), 0);
		assert_int_equal(len, want_len);
		assert_memory_equal(der, want, len);
		snprintf(around, sizeof(around), "words\r\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
			 "-----END EC PARAMETERS-----\n%s-----BEGIN CERTIFICATE-----\n", text);
		assert_int_equal(find(around, strlen(around), der, &len), 0);
		assert_int_equal(len, want_len);
		assert_memory_equal(der, want, len);
		free(text);
		OPENSSL_free(want);
		text = write_key(keys[i], 1);
		assert_int_equal(find_text(text), -EACCES);
		free(text);
		text = write_key(keys[i], 2);
		assert_int_equal(find_text(text), -EOPNOTSUPP);
		free(text);
		text = write_key(keys[i], 3);
		assert_int_equal(find_text(text), -EACCES);
		free(text);
		EVP_PKEY_free(keys[i]);
	}
}

/* Every byte, in every place of a group, and groups of each length, as OpenSSL encodes them */
static void test_base64(void **state)
{
	unsigned char in[256 + 3], der[4096], base64[400];
	char text[600];
	size_t len, i, n;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)i;
	for (i = 0; i < 3; i++)
		for (n = 1; n <= 256; n++) {
			EVP_EncodeBlock(base64, in + i, (int)n);
			snprintf(text, sizeof(text), "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
			assert_int_equal(find(text, strlen(text), der, &len), 0);
			assert_int_equal(len, n);
			assert_memory_equal(der, in + i, n);
		}
}

static int body(const char *base64)
{
	char text[300];

	snprintf(text, sizeof(text), "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
	return find_text(text);
}

static void test_wrong(void **state)
{
	char text[] = "AAA*";
	int c;

	(void)state;
	assert_int_equal(find_text(""), -ENOENT);
	assert_int_equal(find_text("-----BEGIN "), -ENOENT);
	assert_int_equal(find_text("-----BEGIN PRIVATE KEY"), -ENOENT);
	assert_int_equal(find_text("-----BEGIN PRIVATE KEY-----"), -EBADMSG);
	assert_int_equal(find_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), -ENOENT);
	assert_int_equal(find_text("-----BEGIN -----"), -ENOENT);
	assert_int_equal(body("AAAA"), 0);
	assert_int_equal(body("AA AA\r\n\tAAAA"), 0);
	assert_int_equal(body("AAA="), 0);
	assert_int_equal(body("AA=="), 0);
	assert_int_equal(body("AAA"), -EBADMSG);
	assert_int_equal(body("AA"), -EBADMSG);
	assert_int_equal(body("A==="), -EBADMSG);
	assert_int_equal(body("AAAA="), -EBADMSG);
	assert_int_equal(body("AAAA===="), -EBADMSG);
	assert_int_equal(body("AA=A"), -EBADMSG);
	assert_int_equal(body("AAB="), -EBADMSG); /* bits that are thrown away */
	assert_int_equal(body("AB=="), -EBADMSG);
	for (c = 1; c < 256; c++) {
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n", c))
			continue;
		text[3] = (char)c;
		assert_int_equal(body(text), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
