// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/kdf.c daemon/quorum/prim.c -lcrypto */
/* Key derivation: printed vectors, Wycheproof, and SP 800-108 against OpenSSL's KBKDF. */
#include "tests/unit/vec.h"
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include "kmod/kdf.h"

/* The two results that Azure's client gives for these inputs; L = 256 and 512 */
static void test_sp800108_known(void **state)
{
	u8 key[32], out[64], want[64];
	unsigned int i;

	(void)state;
	memset(key, 0x41, sizeof(key));
	vec_hex(want, 32, "f0ca51f6308791404bf68b56024ee7c64d6c737716f81d47e1e68b5c4e399575");
	assert_int_equal(mhsm_kdf_sp800108(MHSM_SHA512, out, 32, key, 32, "label", 5, "context", 7), 0);
	assert_memory_equal(out, want, 32);

	for (i = 0; i < 32; i++)
		key[i] = (u8)i;
	vec_hex(want, 64,
		"2d34f55a1dd64e68d793ce19439e032e913bc2c83a99237a33c1bde888fb91da91626f37c72aaff2d718d3e7a37f0a39417a66839669da3c76fe4336aec9747c");
	assert_int_equal(mhsm_kdf_sp800108(MHSM_SHA512, out, 64, key, 32, "hsm_backup", 10, NULL, 0), 0);
	assert_memory_equal(out, want, 64);
}

/* Hashes, and their names in OpenSSL */
static const struct {
	enum mhsm_hash hash;
	const char *name;
} hashes[] = { { MHSM_SHA256, "SHA256" }, { MHSM_SHA384, "SHA384" }, { MHSM_SHA512, "SHA512" } };

static void kbkdf(const char *hash, u8 *out, size_t len, u8 *key, size_t key_len, char *label, size_t label_len,
		  char *context, size_t context_len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, "counter", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, "HMAC", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, key_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, label, label_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, context, context_len),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(EVP_KDF_derive(ctx, out, len, p), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static void test_sp800108_openssl(void **state)
{
	static const size_t lens[] = { 1, 16, 31, 32, 63, 64, 65, 128, 200, 1000 };
	u8 key[48], ours[1000], theirs[1000];
	char label[20], context[30];
	unsigned int i, round;
	size_t key_len, l, c;

	(void)state;
	for (round = 0; round < 21; round++) {
		for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			vec_noise(key, sizeof(key));
			vec_noise(label, sizeof(label));
			vec_noise(context, sizeof(context));
			key_len = 16 + key[0] % 33;
			l = 1 + key[1] % 20;
			c = 1 + key[2] % 30;
			assert_int_equal(mhsm_kdf_sp800108(hashes[round % 3].hash, ours, lens[i], key, key_len, label,
							   l, context, c), 0);
			kbkdf(hashes[round % 3].name, theirs, lens[i], key, key_len, label, l, context, c);
			assert_memory_equal(ours, theirs, lens[i]);
		}
	}
}

static void test_lengths(void **state)
{
	static u8 big[MHSM_KDF_MAX + 1];
	u8 prk[MHSM_HASH_MAX] = { 1 };
	struct mhsm_part part[MHSM_HKDF_PARTS + 1] = { { "x", 1 } };
	enum mhsm_hash hash;
	unsigned int i;
	size_t max;

	(void)state;
	for (i = 0; i < 3; i++) {
		hash = hashes[i].hash;
		max = 255 * mhsm_prim_hash_len(hash);
		assert_int_equal(mhsm_kdf_sp800108(hash, big, 0, prk, 32, "l", 1, NULL, 0), -EINVAL);
		assert_int_equal(mhsm_kdf_sp800108(hash, big, max + 1, prk, 32, "l", 1, NULL, 0), -EINVAL);
		assert_int_equal(mhsm_kdf_sp800108(hash, big, max, prk, 32, "l", 1, NULL, 0), 0);
		assert_int_equal(mhsm_hkdf_expand(hash, big, 0, prk, part, 1), -EINVAL);
		assert_int_equal(mhsm_hkdf_expand(hash, big, max + 1, prk, part, 1), -EINVAL);
		assert_int_equal(mhsm_hkdf_expand(hash, big, max, prk, part, 1), 0);
		assert_int_equal(mhsm_hkdf_expand(hash, big, 8, prk, part, MHSM_HKDF_PARTS + 1), -EINVAL);
	}
}

static enum mhsm_hash hkdf_hash;

/* ikm salt info size okm result; the info is passed in two parts, so that joining them is tested too */
static void hkdf_case(char *const f[])
{
	static u8 ikm[256], salt[256], info[256], want[MHSM_KDF_MAX], got[MHSM_KDF_MAX];
	size_t ikm_len = vec_hex(ikm, sizeof(ikm), f[1]);
	size_t salt_len = vec_hex(salt, sizeof(salt), f[2]);
	size_t info_len = vec_hex(info, sizeof(info), f[3]);
	size_t size = strtoul(f[4], NULL, 10);
	struct mhsm_part in = { ikm, ikm_len };
	struct mhsm_part parts[2] = { { info, info_len / 2 },
				      { info + info_len / 2, info_len - info_len / 2 } };
	u8 prk[MHSM_HASH_MAX];
	int ret;

	assert_int_equal(mhsm_hkdf_extract(hkdf_hash, prk, salt, salt_len, &in, 1), 0);
	ret = mhsm_hkdf_expand(hkdf_hash, got, size, prk, parts, 2);
	if (strcmp(f[6], "valid")) {
		assert_int_equal(ret, -EINVAL);
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(vec_hex(want, sizeof(want), f[5]), size);
	assert_memory_equal(got, want, size);
}

static void test_hkdf_vectors(void **state)
{
	(void)state;
	hkdf_hash = MHSM_SHA256;
	assert_int_equal(vec_each("tests/vectors/hkdf_sha256_rfc5869.txt", 7, hkdf_case), 3);
	assert_int_equal(vec_each("tests/vectors/hkdf_sha256_wycheproof.txt", 7, hkdf_case), 86);
	hkdf_hash = MHSM_SHA384;
	assert_int_equal(vec_each("tests/vectors/hkdf_sha384_wycheproof.txt", 7, hkdf_case), 83);
	hkdf_hash = MHSM_SHA512;
	assert_int_equal(vec_each("tests/vectors/hkdf_sha512_wycheproof.txt", 7, hkdf_case), 83);
}

static unsigned int hmac_cases; /* the others are of CMAC */

/* id result mac key label context size okm flags */
static void kdf_case(char *const f[])
{
	static u8 key[256], label[256], context[256], want[1024], got[1024];
	size_t key_len, label_len, context_len, size = strtoul(f[6], NULL, 10);
	unsigned int i;

	for (i = 0; i < 3 && (strncmp(f[2], "hmac-sha", 8) || strcmp(f[2] + 8, hashes[i].name + 3)); i++)
		;
	if (i == 3)
		return;
	key_len = vec_hex(key, sizeof(key), f[3]);
	label_len = vec_hex(label, sizeof(label), f[4]);
	context_len = vec_hex(context, sizeof(context), f[5]);
	assert_int_equal(vec_hex(want, sizeof(want), f[7]), size);
	assert_int_equal(mhsm_kdf_sp800108(hashes[i].hash, got, size, key, key_len, label, label_len, context,
					   context_len), 0);
	assert_memory_equal(got, want, size);
	hmac_cases++;
}

static void test_kdf_vectors(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/kbkdf_sp800_108.txt", 8, kdf_case), 62);
	assert_int_equal(hmac_cases, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sp800108_known),
		cmocka_unit_test(test_sp800108_openssl),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_hkdf_vectors),
		cmocka_unit_test(test_kdf_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
