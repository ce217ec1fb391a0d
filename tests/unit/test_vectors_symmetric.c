// SPDX-License-Identifier: GPL-2.0-only
/* link: tests/unit/vectors.c -lcrypto */
/*
 * The vectors of tests/vectors for symmetric algorithms, by OpenSSL: what was converted or typed wrongly, or dropped,
 * would otherwise pass as tested. Every case is computed; a valid one must come out, an invalid one must not.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/vec.h"
#include "tests/unit/vectors.h"
#include <openssl/aes.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/modes.h>

#define ROOM 8192

/* Does OpenSSL agree that the case is valid, and with all outputs of it? */
typedef bool (*agree_fn)(struct vectors *v);

static bool equal(struct vectors_bytes want, const uint8_t *got, size_t len)
{
	return want.len == len && !memcmp(want.data, got, len);
}

/* --- ciphers ------------------------------------------------------------------------------------------------------ */

/* "AES-128-GCM" and the like; NULL if there is no such size of keys */
static EVP_CIPHER *cipher_of(size_t key_len, const char *mode)
{
	char name[40];

	if (key_len != 16 && key_len != 24 && key_len != 32)
		return NULL;
	snprintf(name, sizeof(name), "AES-%zu-%s", 8 * key_len, mode);
	return EVP_CIPHER_fetch(NULL, name, NULL);
}

struct gcm {
	struct vectors_bytes key, iv, aad;
};

/* Over @in of @len bytes; to encrypt, the tag is an output; returns whether it was done. */
static bool gcm_run(const struct gcm *g, bool encrypt, struct vectors_bytes in, uint8_t *out, uint8_t tag[16])
{
	EVP_CIPHER *cipher = cipher_of(g->key.len, "GCM");
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, done;

	assert_non_null(cipher);
	done = EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, encrypt, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)g->iv.len, NULL) > 0 &&
	       EVP_CipherInit_ex2(ctx, NULL, g->key.data, g->iv.data, encrypt, NULL) &&
	       (encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag) > 0) &&
	       EVP_CipherUpdate(ctx, NULL, &n, g->aad.data, (int)g->aad.len) &&
	       EVP_CipherUpdate(ctx, out, &n, in.data, (int)in.len) && EVP_CipherFinal_ex(ctx, out + n, &n) &&
	       (!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) > 0);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return done;
}

static void block_encrypt(const unsigned char in[16], unsigned char out[16], const void *key)
{
	AES_encrypt(in, out, key);
}

/* The same to encrypt, by the layer below, which has no limit to the nonce; EVP's is 1,024 bits. */
static void gcm_below(const struct gcm *g, struct vectors_bytes in, uint8_t *out, uint8_t tag[16])
{
	GCM128_CONTEXT *ctx;
	AES_KEY key;

	assert_int_equal(AES_set_encrypt_key(g->key.data, 8 * (int)g->key.len, &key), 0);
	ctx = CRYPTO_gcm128_new(&key, block_encrypt);
	assert_non_null(ctx);
	CRYPTO_gcm128_setiv(ctx, g->iv.data, g->iv.len);
	assert_int_equal(CRYPTO_gcm128_aad(ctx, g->aad.data, g->aad.len), 0);
	assert_int_equal(CRYPTO_gcm128_encrypt(ctx, in.data, out, in.len), 0);
	CRYPTO_gcm128_tag(ctx, tag, 16);
	CRYPTO_gcm128_release(ctx);
}

static bool gcm(struct vectors *v)
{
	struct gcm g = { vectors_bytes(v, "key"), vectors_bytes(v, "iv"), vectors_bytes(v, "aad") };
	struct vectors_bytes message = vectors_bytes(v, "message"), ciphertext = vectors_bytes(v, "ciphertext");
	struct vectors_bytes tag = vectors_bytes(v, "tag");
	uint8_t out[ROOM], made[16], given[16];

	assert_int_equal(tag.len, 16);
	memcpy(given, tag.data, 16);
	if (g.iv.len <= 128) {
		if (!gcm_run(&g, false, ciphertext, out, given))
			return false;
		assert_true(equal(message, out, ciphertext.len));
		assert_true(gcm_run(&g, true, message, out, made));
		assert_true(equal(ciphertext, out, message.len) && equal(tag, made, 16));
	}
	gcm_below(&g, message, out, made);
	return equal(ciphertext, out, message.len) && equal(tag, made, 16);
}

/* CBC and CTR; with or without padding */
static bool cipher_run(struct vectors *v, const char *mode, bool padding, bool encrypt, uint8_t *out, size_t *len)
{
	struct vectors_bytes key = vectors_bytes(v, "key"), iv = vectors_bytes(v, "iv");
	struct vectors_bytes in = vectors_bytes(v, encrypt ? "message" : "ciphertext");
	EVP_CIPHER *cipher = cipher_of(key.len, mode);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, m = 0, done;

	assert_non_null(cipher);
	assert_int_equal(iv.len, 16);
	done = EVP_CipherInit_ex2(ctx, cipher, key.data, iv.data, encrypt, NULL) &&
	       EVP_CIPHER_CTX_set_padding(ctx, padding) && EVP_CipherUpdate(ctx, out, &n, in.data, (int)in.len) &&
	       EVP_CipherFinal_ex(ctx, out + n, &m);
	*len = (size_t)(n + m);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return done;
}

static bool two_ways(struct vectors *v, const char *mode, bool padding)
{
	uint8_t out[ROOM];
	size_t len;

	/* To OpenSSL, nothing is the padded form of nothing. */
	if (padding && !vectors_bytes(v, "ciphertext").len)
		return false;
	if (!cipher_run(v, mode, padding, false, out, &len))
		return false;
	assert_true(equal(vectors_bytes(v, "message"), out, len));
	assert_true(cipher_run(v, mode, padding, true, out, &len));
	return equal(vectors_bytes(v, "ciphertext"), out, len);
}

static bool cbc_pkcs5(struct vectors *v)
{
	return two_ways(v, "CBC", true);
}

static bool cbc(struct vectors *v)
{
	return two_ways(v, "CBC", false);
}

static bool ctr(struct vectors *v)
{
	return two_ways(v, "CTR", false);
}

static bool wrap_run(struct vectors *v, const char *mode, bool wrap, uint8_t *out, size_t *len)
{
	struct vectors_bytes key = vectors_bytes(v, "key"), in = vectors_bytes(v, wrap ? "message" : "ciphertext");
	EVP_CIPHER *cipher = cipher_of(key.len, mode);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, done;

	assert_non_null(cipher);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	done = in.len && EVP_CipherInit_ex2(ctx, cipher, key.data, NULL, wrap, NULL) &&
	       EVP_CipherUpdate(ctx, out, &n, in.data, (int)in.len) > 0 && n > 0;
	*len = (size_t)n;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return done;
}

static bool wrapping(struct vectors *v, const char *mode)
{
	uint8_t out[ROOM];
	size_t len;

	if (!wrap_run(v, mode, false, out, &len))
		return false;
	assert_true(equal(vectors_bytes(v, "message"), out, len));
	assert_true(wrap_run(v, mode, true, out, &len));
	return equal(vectors_bytes(v, "ciphertext"), out, len);
}

static bool kw(struct vectors *v)
{
	return wrapping(v, "WRAP");
}

static bool kwp(struct vectors *v)
{
	return wrapping(v, "WRAP-PAD");
}

/* --- authentication codes ----------------------------------------------------------------------------------------- */

/* @how is "HMAC" with a hash or "CMAC" with a cipher as @with; returns the length of the code, 0 if it cannot be. */
static size_t mac_run(const char *how, const char *with, struct vectors_bytes key, struct vectors_bytes in,
		      uint8_t out[64])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, how, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(!strcmp(how, "CMAC") ? OSSL_MAC_PARAM_CIPHER : OSSL_MAC_PARAM_DIGEST,
						 (char *)with, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t len = 0;

	if (!EVP_MAC_init(ctx, key.data, key.len, params) || !EVP_MAC_update(ctx, in.data, in.len) ||
	    !EVP_MAC_final(ctx, out, &len, 64))
		len = 0;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return len;
}

static bool mac(struct vectors *v, const char *how, const char *with)
{
	struct vectors_bytes tag = vectors_bytes(v, "tag");
	uint8_t out[64];
	size_t len = mac_run(how, with, vectors_bytes(v, "key"), vectors_bytes(v, "message"), out);

	/* Some tags are the first half. */
	assert_in_range(tag.len, 16, 64);
	return len >= tag.len && equal(tag, out, tag.len);
}

static bool cmac(struct vectors *v)
{
	struct vectors_bytes key = vectors_bytes(v, "key");
	char name[40];

	snprintf(name, sizeof(name), "AES-%zu-CBC", 8 * key.len);
	if (key.len == 16 || key.len == 24 || key.len == 32)
		return mac(v, "CMAC", name);
	assert_true(vectors_flag(v, "InvalidKeySize"));
	return false;
}

static bool hmac256(struct vectors *v)
{
	return mac(v, "HMAC", "SHA256");
}

static bool hmac384(struct vectors *v)
{
	return mac(v, "HMAC", "SHA384");
}

static bool hmac512(struct vectors *v)
{
	return mac(v, "HMAC", "SHA512");
}

/* --- key derivation ----------------------------------------------------------------------------------------------- */

static OSSL_PARAM octets(const char *name, struct vectors_bytes p)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)p.data, p.len);
}

static OSSL_PARAM word(const char *name, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(name, (char *)value, 0);
}

static bool kdf_run(const char *name, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	bool done = EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done;
}

static bool hkdf_mode(struct vectors *v, const char *hash, const char *mode, uint8_t *out, size_t size)
{
	OSSL_PARAM params[6], *p = params;
	struct vectors_bytes salt = vectors_bytes(v, "salt"), info = vectors_bytes(v, "info");

	*p++ = word(OSSL_KDF_PARAM_DIGEST, hash);
	*p++ = word(OSSL_KDF_PARAM_MODE, mode);
	*p++ = octets(OSSL_KDF_PARAM_KEY, vectors_bytes(v, "ikm"));
	if (salt.len)
		*p++ = octets(OSSL_KDF_PARAM_SALT, salt);
	if (info.len)
		*p++ = octets(OSSL_KDF_PARAM_INFO, info);
	*p = OSSL_PARAM_construct_end();
	return kdf_run("HKDF", params, out, size);
}

static bool hkdf(struct vectors *v, const char *hash, size_t hash_len)
{
	static uint8_t out[256 * 64];
	size_t size = vectors_number(v, "size");

	assert_true(size <= sizeof(out));
	if (!hkdf_mode(v, hash, "EXTRACT_AND_EXPAND", out, size))
		return false;
	if (!equal(vectors_bytes(v, "okm"), out, size))
		return false;
	if (!vectors_has(v, "prk"))
		return true;
	return hkdf_mode(v, hash, "EXTRACT_ONLY", out, hash_len) && equal(vectors_bytes(v, "prk"), out, hash_len);
}

static bool hkdf256(struct vectors *v)
{
	return hkdf(v, "SHA256", 32);
}

static bool hkdf384(struct vectors *v)
{
	return hkdf(v, "SHA384", 48);
}

static bool hkdf512(struct vectors *v)
{
	return hkdf(v, "SHA512", 64);
}

static void put_be32(uint8_t *p, size_t x)
{
	p[0] = (uint8_t)(x >> 24);
	p[1] = (uint8_t)(x >> 16);
	p[2] = (uint8_t)(x >> 8);
	p[3] = (uint8_t)x;
}

/* By hand, over OpenSSL's HMAC or CMAC: those vectors that are OpenSSL's own must not be its own judge. */
static void kbkdf_plain(struct vectors *v, const char *how, const char *with, uint8_t *out, size_t size)
{
	struct vectors_bytes label = vectors_bytes(v, "label"), context = vectors_bytes(v, "context");
	uint8_t data[256] = { 0 }, block[64];
	size_t len = 4 + label.len + 1 + context.len + 4, done, n, i;

	assert_true(len <= sizeof(data));
	memcpy(data + 4, label.data, label.len);
	memcpy(data + 4 + label.len + 1, context.data, context.len);
	put_be32(data + len - 4, 8 * size);
	for (done = 0, i = 1; done < size; done += n, i++) {
		put_be32(data, i);
		n = mac_run(how, with, vectors_bytes(v, "key"), (struct vectors_bytes){ data, len }, block);
		assert_true(n > 0);
		n = n < size - done ? n : size - done;
		memcpy(out + done, block, n);
	}
}

static bool kbkdf(struct vectors *v)
{
	static const struct {
		const char *name, *how, *with;
	} macs[] = {
		{ "hmac-sha256", "HMAC", "SHA256" },	  { "hmac-sha384", "HMAC", "SHA384" },
		{ "hmac-sha512", "HMAC", "SHA512" },	  { "cmac-aes128", "CMAC", "AES-128-CBC" },
		{ "cmac-aes256", "CMAC", "AES-256-CBC" },
	};
	size_t size = vectors_number(v, "size"), i = 0;
	struct vectors_bytes label = vectors_bytes(v, "label"), context = vectors_bytes(v, "context");
	struct vectors_bytes okm = vectors_bytes(v, "okm");
	OSSL_PARAM params[6], *p = params;
	uint8_t out[512];

	assert_true(size <= sizeof(out));
	while (strcmp(macs[i].name, vectors_word(v, "mac")))
		assert_true(++i < sizeof(macs) / sizeof(macs[0]));
	*p++ = word(OSSL_KDF_PARAM_MAC, macs[i].how);
	*p++ = word(i < 3 ? OSSL_KDF_PARAM_DIGEST : OSSL_KDF_PARAM_CIPHER, macs[i].with);
	*p++ = octets(OSSL_KDF_PARAM_KEY, vectors_bytes(v, "key"));
	if (label.len)
		*p++ = octets(OSSL_KDF_PARAM_SALT, label);
	if (context.len)
		*p++ = octets(OSSL_KDF_PARAM_INFO, context);
	*p = OSSL_PARAM_construct_end();
	if (!kdf_run("KBKDF", params, out, size) || !equal(okm, out, size))
		return false;
	kbkdf_plain(v, macs[i].how, macs[i].with, out, size);
	return equal(okm, out, size);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	agree_fn agree;
	unsigned int count, valid;
} files[] = {
	{ "aes_gcm_wycheproof", gcm, 316, 229 },
	{ "aes_cbc_pkcs5_wycheproof", cbc_pkcs5, 216, 72 },
	{ "aes_cbc_sp800_38a", cbc, 3, 3 },
	{ "aes_ctr_sp800_38a", ctr, 3, 3 },
	{ "aes_wrap_wycheproof", kw, 110, 24 },
	{ "aes_wrap_192_wycheproof", kw, 55, 12 },
	{ "aes_kwp_wycheproof", kwp, 169, 50 },
	{ "aes_kwp_192_wycheproof", kwp, 85, 27 },
	{ "aes_cmac_wycheproof", cmac, 311, 63 },
	{ "aes_cmac_rfc4493", cmac, 12, 12 },
	{ "hmac_sha256_wycheproof", hmac256, 174, 66 },
	{ "hmac_sha384_wycheproof", hmac384, 174, 66 },
	{ "hmac_sha512_wycheproof", hmac512, 174, 66 },
	{ "hmac_sha256_rfc4231", hmac256, 7, 7 },
	{ "hmac_sha384_rfc4231", hmac384, 7, 7 },
	{ "hmac_sha512_rfc4231", hmac512, 7, 7 },
	{ "hkdf_sha256_wycheproof", hkdf256, 86, 83 },
	{ "hkdf_sha384_wycheproof", hkdf384, 83, 80 },
	{ "hkdf_sha512_wycheproof", hkdf512, 83, 80 },
	{ "hkdf_sha256_rfc5869", hkdf256, 3, 3 },
	{ "kbkdf_sp800_108", kbkdf, 62, 62 },
};

static void test_file(void **state)
{
	unsigned int i = *(unsigned int *)*state, valid = 0;
	struct vectors *v;
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", files[i].name);
	v = vectors_open(path);
	while (vectors_next(v)) {
		if (files[i].agree(v) != vectors_valid(v))
			fail_msg("%s: OpenSSL differs", vectors_where(v));
		valid += vectors_valid(v);
	}
	assert_int_equal(vectors_count(v), files[i].count);
	assert_int_equal(valid, files[i].valid);
	vectors_close(v);
}

#define FILES (sizeof(files) / sizeof(files[0]))

int main(void)
{
	static struct CMUnitTest tests[FILES];
	static unsigned int number[FILES];
	unsigned int i;

	for (i = 0; i < FILES; i++) {
		number[i] = i;
		tests[i] = (struct CMUnitTest){ files[i].name, test_file, NULL, NULL, &number[i] };
	}
	return cmocka_run_group_tests_name("vectors_symmetric", tests, NULL, NULL);
}
