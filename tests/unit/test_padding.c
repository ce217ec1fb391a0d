// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/padding.c -lcrypto */
/*
 * PKCS #7 padding beside a plain model of it: every last byte, every place where it can be wrong. And the vectors for
 * AES-CBC with it, whose cipher is OpenSSL's here.
 */
#include "tests/unit/vec.h"
#include <openssl/evp.h>
#include "kmod/padding.h"

static u32 model(const u8 block[16])
{
	u32 n = block[15], i;

	if (n < 1 || n > 16)
		return 0;
	for (i = 16 - n; i < 16; i++)
		if (block[i] != n)
			return 0;
	return n;
}

static void test_add(void **state)
{
	u8 block[17], want[17];
	size_t len, i;

	(void)state;
	for (len = 0; len < 16; len++) {
		for (i = 0; i < sizeof(block); i++)
			block[i] = want[i] = (u8)(0xa0 + i);
		for (i = len; i < 16; i++)
			want[i] = (u8)(16 - len);
		mhsm_padding_add(block, len);
		assert_memory_equal(block, want, sizeof(block));
		assert_int_equal(mhsm_padding_len(block), 16 - len);
	}
}

/* Blocks that end in any number of any byte */
static void test_runs(void **state)
{
	u32 byte, run, filler;
	u8 block[16];

	(void)state;
	for (byte = 0; byte < 256; byte++)
		for (run = 0; run <= 16; run++)
			for (filler = 0; filler < 256; filler++) {
				memset(block, (int)filler, 16);
				memset(block + 16 - run, (int)byte, run);
				assert_int_equal(mhsm_padding_len(block), model(block));
			}
}

/* A right padding with one bit that is not */
static void test_bits(void **state)
{
	u8 block[16];
	u32 len, bit;

	(void)state;
	for (len = 0; len < 16; len++)
		for (bit = 0; bit < 128; bit++) {
			memset(block, 0x77, 16);
			mhsm_padding_add(block, len);
			block[bit / 8] ^= (u8)(1u << bit % 8);
			assert_int_equal(mhsm_padding_len(block), model(block));
			assert_true(bit / 8 < len || mhsm_padding_len(block) != 16 - len);
		}
}

/* @len bytes in place, whole blocks, without a padding of OpenSSL's */
static void cbc(const u8 *key, size_t key_len, const u8 *iv, bool encrypt, u8 *data, size_t len)
{
	const EVP_CIPHER *cipher = key_len == 16 ? EVP_aes_128_cbc() : key_len == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	assert_int_equal(EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_CipherUpdate(ctx, data, &n, data, (int)len), 1);
	assert_int_equal(n, len);
	EVP_CIPHER_CTX_free(ctx);
}

/* id result key iv message ciphertext */
static void vector(char *const f[])
{
	u8 key[32], iv[16], message[256], ciphertext[256], data[256];
	size_t key_len = vec_hex(key, sizeof(key), f[2]), message_len = vec_hex(message, sizeof(message), f[4]);
	size_t len = vec_hex(ciphertext, sizeof(ciphertext), f[5]), last;
	u32 padding = 0;

	assert_int_equal(vec_hex(iv, sizeof(iv), f[3]), 16);
	/* Messages of no length that a padded one has are refused before there is a padding to look at. */
	if (len && len % 16 == 0) {
		memcpy(data, ciphertext, len);
		cbc(key, key_len, iv, false, data, len);
		padding = mhsm_padding_len(data + len - 16);
	}
	if (strcmp(f[1], "valid")) {
		assert_int_equal(padding, 0);
		return;
	}
	assert_int_equal(len - padding, message_len);
	assert_memory_equal(data, message, message_len);
	last = message_len % 16;
	memcpy(data, message, message_len);
	mhsm_padding_add(data + message_len - last, last);
	cbc(key, key_len, iv, true, data, len);
	assert_memory_equal(data, ciphertext, len);
}

static void test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/aes_cbc_pkcs5_wycheproof.txt", 6, vector), 216);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
