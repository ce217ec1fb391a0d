/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second reader of security domains, which shares no code with the product: OpenSSL for all cryptography and for the
 * arithmetic of the shares, jansson for JSON. What it opens, a client of Azure Managed HSM opens.
 */
#ifndef _TESTS_UNIT_SD_READER_H
#define _TESTS_UNIT_SD_READER_H

#include "tests/unit/vec.h"
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

/* Bytes of @len characters of base64url, malloc'ed */
static inline uint8_t *reader_base64url(const char *s, size_t len, size_t *out_len)
{
	size_t padded = (len + 3) / 4 * 4, i;
	char *text = malloc(padded + 1);
	uint8_t *out = malloc(padded / 4 * 3 + 1);

	memset(text, '=', padded);
	for (i = 0; i < len; i++)
		text[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	assert_int_equal(EVP_DecodeBlock(out, (uint8_t *)text, (int)padded), padded / 4 * 3);
	*out_len = padded / 4 * 3 - (padded - len);
	free(text);
	return out;
}

static inline size_t reader_content(const char *jwe, const uint8_t cek[64], uint8_t *out)
{
	uint8_t *part[5], mac[64], *input;
	size_t len[5], header = strcspn(jwe, "."), n, total = 0;
	const char *p = jwe;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int i, got, last;

	for (i = 0; i < 5; i++) {
		n = strcspn(p, ".");
		part[i] = reader_base64url(p, n, &len[i]);
		p += n + 1;
	}
	assert_int_equal(len[2], 16);
	assert_int_equal(len[4], 32);
	input = malloc(header + 16 + len[3] + 8);
	memcpy(input, jwe, header);
	memcpy(input + header, part[2], 16);
	memcpy(input + header + 16, part[3], len[3]);
	total = header + 16 + len[3];
	for (i = 7; i >= 0; i--)
		input[total++] = (uint8_t)((uint64_t)header * 8 >> 8 * i);
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA512", NULL, cek, 32, input, total, mac, 64, NULL));
	assert_memory_equal(mac, part[4], 32);
	assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, cek + 32, part[2]), 1);
	assert_int_equal(EVP_DecryptUpdate(ctx, out, &got, part[3], (int)len[3]), 1);
	assert_int_equal(EVP_DecryptFinal_ex(ctx, out + got, &last), 1);
	EVP_CIPHER_CTX_free(ctx);
	free(input);
	for (i = 0; i < 5; i++)
		free(part[i]);
	return (size_t)(got + last);
}

/* The header says so, and that string is what readers compare with */
static inline void reader_header(const char *jwe, const char *want)
{
	size_t len;
	uint8_t *header = reader_base64url(jwe, strcspn(jwe, "."), &len);

	assert_int_equal(len, strlen(want));
	assert_memory_equal(header, want, len);
	free(header);
}

static inline void reader_share(const char *jwe, EVP_PKEY *key, uint16_t words[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	uint8_t cek[512], share[96], *enc;
	const char *second = strchr(jwe, '.') + 1;
	size_t len, cek_len = sizeof(cek);
	unsigned int i;

	reader_header(jwe, "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\",\"kid\":\"not used\"}");
	enc = reader_base64url(second, strcspn(second, "."), &len);
	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, cek, &cek_len, enc, len), 1);
	assert_int_equal(cek_len, 64);
	assert_int_equal(reader_content(jwe, cek, share), 64);
	for (i = 0; i < 32; i++)
		words[i] = (uint16_t)(share[2 * i] | share[2 * i + 1] << 8);
	EVP_PKEY_CTX_free(ctx);
	free(enc);
}

/* Lagrange's interpolation at 0 in GF(257), with big numbers */
static inline void reader_combine(uint16_t (*words)[32], unsigned int count, uint8_t secret[32])
{
	BIGNUM *p = BN_new(), *num = BN_new(), *den = BN_new(), *t = BN_new(), *sum = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	unsigned int i, j, k;

	BN_set_word(p, 257);
	for (i = 0; i < 32; i++) {
		BN_zero(sum);
		for (j = 0; j < count; j++) {
			BN_set_word(num, words[j][i] & 0x1ff);
			BN_one(den);
			for (k = 0; k < count; k++) {
				if (k == j)
					continue;
				BN_set_word(t, words[k][i] >> 9);
				BN_mod_mul(num, num, t, p, ctx);
				BN_sub_word(t, words[j][i] >> 9);
				BN_mod_mul(den, den, t, p, ctx);
			}
			assert_non_null(BN_mod_inverse(den, den, p, ctx));
			BN_mod_mul(num, num, den, p, ctx);
			BN_mod_add(sum, sum, num, p, ctx);
		}
		assert_true(BN_get_word(sum) < 256);
		secret[i] = (uint8_t)BN_get_word(sum);
	}
	BN_free(p);
	BN_free(num);
	BN_free(den);
	BN_free(t);
	BN_free(sum);
	BN_CTX_free(ctx);
}

/* SP 800-108 without a context, which OpenSSL's KBKDF has as an empty info */
static inline void reader_kdf(uint8_t *out, size_t len, const uint8_t key[32], const char *label)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, "HMAC", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA512", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, 32),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)label, strlen(label)),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(EVP_KDF_derive(ctx, out, len, p), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* Opens the file @json with the keys of shares @which[0..required); returns the length of the datum */
static inline size_t reader_open(const char *json, EVP_PKEY *const *keys, const unsigned int *which, uint8_t *datum)
{
	json_t *root = json_loads(json, 0, NULL), *shares, *data;
	uint8_t master[32], cek[64];
	uint16_t words[10][32];
	unsigned int i, required;
	const char *tag, *jwe;
	char header[128];
	size_t len;

	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "version")), 2);
	shares = json_object_get(root, "SharedKeys");
	required = (unsigned int)json_integer_value(json_object_get(shares, "required"));
	assert_string_equal(json_string_value(json_object_get(shares, "key_algorithm")), "shamir_share");
	shares = json_object_get(shares, "enc_shares");
	for (i = 0; i < required; i++)
		reader_share(json_string_value(json_object_get(json_array_get(shares, which[i]), "enc_key")),
			     keys[which[i]], words[i]);
	reader_combine(words, required, master);
	data = json_object_get(root, "EncData");
	assert_string_equal(json_string_value(json_object_get(data, "kdf")), "sp108_kdf");
	data = json_array_get(json_object_get(data, "data"), 0);
	tag = json_string_value(json_object_get(data, "tag"));
	jwe = json_string_value(json_object_get(data, "compact_jwe"));
	snprintf(header, sizeof(header), "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\",\"kid\":\"%s\"}", tag);
	reader_header(jwe, header);
	reader_kdf(cek, 64, master, tag);
	len = reader_content(jwe, cek, datum);
	json_decref(root);
	return len;
}

/* HKDF-SHA-256 of RFC 5869, one half at a time */
static inline void reader_hkdf(int mode, uint8_t *out, size_t len, const uint8_t *key, size_t key_len,
			       const uint8_t *salt, size_t salt_len, const uint8_t *info, size_t info_len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_len),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(EVP_KDF_derive(ctx, out, len, p), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* LabeledExtract() and LabeledExpand() of RFC 9180 section 4 */
static inline void reader_extract(uint8_t out[32], const uint8_t *salt, size_t salt_len, const char *suite,
				  size_t suite_len, const char *label, const uint8_t *ikm, size_t ikm_len)
{
	uint8_t text[256];
	size_t n = 0;

	memcpy(text, "HPKE-v1", 7);
	memcpy(text + 7, suite, suite_len);
	n = 7 + suite_len;
	memcpy(text + n, label, strlen(label));
	n += strlen(label);
	memcpy(text + n, ikm, ikm_len);
	reader_hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, out, 32, text, n + ikm_len, salt, salt_len, NULL, 0);
}

static inline void reader_expand(uint8_t *out, size_t len, const uint8_t prk[32], const char *suite, size_t suite_len,
				 const char *label, const uint8_t *info, size_t info_len)
{
	static const uint8_t zero[32];
	uint8_t text[256] = { 0, (uint8_t)len };
	size_t n;

	memcpy(text + 2, "HPKE-v1", 7);
	memcpy(text + 9, suite, suite_len);
	n = 9 + suite_len;
	memcpy(text + n, label, strlen(label));
	n += strlen(label);
	memcpy(text + n, info, info_len);
	reader_hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, out, len, prk, 32, zero, 32, text, n + info_len);
}

/* OpenBase() with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, and no additional data */
static inline void reader_hpke_open(uint8_t *pt, const uint8_t enc[65], const uint8_t sk[32], const uint8_t pk[65],
				    const uint8_t *info, size_t info_len, const uint8_t *ct, size_t ct_len)
{
	static const uint8_t zero[32]; /* an empty salt, RFC 5869 section 2.2 */
	static const char kem[] = "KEM\0\x10", hpke[] = "HPKE\0\x10\0\1\0\2";
	uint8_t dh[32], kem_context[130], prk[32], shared[32], context[65] = { 0 }, secret[32], key[32], nonce[12];
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *d = BN_bin2bn(sk, 32, NULL), *x = BN_new();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, last;

	assert_int_equal(EC_POINT_oct2point(group, point, enc, 65, NULL), 1);
	assert_int_equal(EC_POINT_mul(group, point, NULL, point, d, NULL), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(group, point, x, NULL, NULL), 1);
	assert_int_equal(BN_bn2binpad(x, dh, 32), 32);
	memcpy(kem_context, enc, 65);
	memcpy(kem_context + 65, pk, 65);
	reader_extract(prk, zero, 32, kem, 5, "eae_prk", dh, 32);
	reader_expand(shared, 32, prk, kem, 5, "shared_secret", kem_context, 130);
	reader_extract(context + 1, zero, 32, hpke, 10, "psk_id_hash", (const uint8_t *)"", 0);
	reader_extract(context + 33, zero, 32, hpke, 10, "info_hash", info, info_len);
	reader_extract(secret, shared, 32, hpke, 10, "secret", (const uint8_t *)"", 0);
	reader_expand(key, 32, secret, hpke, 10, "key", context, 65);
	reader_expand(nonce, 12, secret, hpke, 10, "base_nonce", context, 65);
	assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce), 1);
	assert_int_equal(EVP_DecryptUpdate(ctx, pt, &n, ct, (int)ct_len - 16), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(ct + ct_len - 16)), 1);
	assert_int_equal(EVP_DecryptFinal_ex(ctx, pt + n, &last), 1);
	EVP_CIPHER_CTX_free(ctx);
	BN_free(d);
	BN_free(x);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

#endif
