// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_private.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/mont_pow.c
 *	kmod/pk/oaep.c kmod/pk/pss.c kmod/pk/pkcs1.c kmod/pk/pk_env.c
 *	tests/unit/vectors.c -lcrypto
 */
/* PKCS#1 v1.5, PSS and OAEP: Wycheproof, OpenSSL in both directions, every error. */
#include "tests/unit/vec.h"
#include "tests/unit/rsa_key.h"
#include "tests/unit/vectors.h"
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"

static struct mhsm_rsa_private_scratch scratch;
static struct mhsm_rsa_scratch public_scratch;
static struct test_key ours;

/* ---- hashes, by name ------------------------------------------------------ */

static int failing; /* the n-th call from now fails, if not 0 */

static int digest(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	if (failing && --failing == 0)
		return -ENOMEM;
	assert_int_equal(EVP_Digest(in, in_len, out, NULL, EVP_get_digestbyname(ctx), NULL), 1);
	return 0;
}

static const struct mhsm_pk_hash hashes[] = {
	{ 20, digest, (void *)"sha1" },
	{ 28, digest, (void *)"sha224" },
	{ 32, digest, (void *)"sha256" },
	{ 48, digest, (void *)"sha384" },
	{ 64, digest, (void *)"sha512" },
	{ 28, digest, (void *)"sha512-224" },
	{ 32, digest, (void *)"sha512-256" },
};

#define SHA256_OURS (&hashes[2])

static const struct mhsm_pk_hash *by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (!strcmp(hashes[i].ctx, name))
			return &hashes[i];
	fail_msg("%s: no such hash", name);
	return NULL;
}

static int hmac_sha256(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	(void)ctx;
	if (failing && --failing == 0)
		return -ENOMEM;
	assert_non_null(HMAC(EVP_sha256(), key, 32, in, in_len, out, NULL));
	return 0;
}

static const struct mhsm_pk_hmac hmac = { hmac_sha256, NULL };

static bool all_bytes(const void *p, size_t len, u8 value)
{
	const u8 *b = p;

	while (len--)
		if (*b++ != value)
			return false;
	return true;
}

/* ---- the keys of the vectors ------------------------------------------------- */

static struct vectors *keys;
static unsigned int by_openssl; /* private operations that are not for mhsm's keys */

static const u8 *field(struct vectors *v, const char *name, size_t *len)
{
	struct vectors_bytes b = vectors_bytes(v, name);

	*len = b.len;
	return b.data;
}

static const u8 *key_part(const char *name, size_t *len)
{
	return field(keys, name, len);
}

static size_t find_key(const struct vectors *v)
{
	size_t len;

	assert_true(vectors_find(keys, "key", vectors_word(v, "key")));
	key_part("n", &len);
	return len;
}

static int public(u8 *out, const u8 *in)
{
	size_t n_len, e_len;
	const u8 *n = key_part("n", &n_len), *e = key_part("e", &e_len);

	return mhsm_rsa_public(out, n, n_len, e, e_len, in, &public_scratch);
}

static void raw_openssl(u8 *out, const u8 *in, size_t n_len)
{
	size_t d_len;
	const u8 *d = key_part("d", &d_len);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bd = BN_bin2bn(d, (int)d_len, NULL);
	BIGNUM *bn = BN_bin2bn(key_part("n", &n_len), (int)n_len, NULL);
	BIGNUM *x = BN_bin2bn(in, (int)n_len, NULL);

	assert_true(BN_mod_exp(x, x, bd, bn, ctx));
	assert_int_equal(BN_bn2binpad(x, out, (int)n_len), n_len);
	BN_free(x);
	BN_free(bn);
	BN_free(bd);
	BN_CTX_free(ctx);
	by_openssl++;
}

/* With mhsm's operation if the key is one for it: e = 65537, primes of one length. */
static int private(u8 *out, const u8 *in)
{
	static const char *const names[] = { "p", "q", "dp", "dq", "qinv" };
	u8 part[5][256], rnd[32];
	size_t n_len, e_len, len, half, i;
	const u8 *n = key_part("n", &n_len), *e = key_part("e", &e_len), *b;
	const struct mhsm_rsa_key key = { n_len, n, part[0], part[1], part[2], part[3], part[4] };

	half = n_len / 2;
	memset(part, 0, sizeof(part));
	for (i = 0; i < 5; i++) {
		b = key_part(names[i], &len);
		while (len && !*b) {
			b++;
			len--;
		}
		if (len > half || (i < 2 && (len != half || !(b[0] & 0x80))))
			break;
		memcpy(part[i] + half - len, b, len);
	}
	vec_noise(rnd, sizeof(rnd));
	if (i == 5 && e_len == 3 && !memcmp(e, "\x01\x00\x01", 3))
		return mhsm_rsa_private(out, &key, in, rnd, NULL, &scratch);
	if (memcmp(in, n, n_len) >= 0)
		return -EINVAL;
	raw_openssl(out, in, n_len);
	return 0;
}

/* ---- Wycheproof --------------------------------------------------------------- */

static void pkcs1_verify_file(const char *path, unsigned int count)
{
	struct vectors *v = vectors_open(path);
	u8 em[512], md[64], info[MHSM_PKCS1_INFO_MAX];
	const struct mhsm_pk_hash *hash;
	size_t n_len, len, info_len;
	const u8 *b;
	int ret;

	while (vectors_next(v)) {
		n_len = find_key(v);
		hash = by_name(vectors_word(v, "hash"));
		b = field(v, "message", &len);
		assert_int_equal(digest(hash->ctx, b, len, md), 0);
		b = field(v, "signature", &len);
		ret = len == n_len ? public(em, b) : -EINVAL;
		assert_int_equal(mhsm_pkcs1_info(info, &info_len, md, hash->len), 0);
		if (!ret)
			ret = mhsm_pkcs1_sign_check(em, n_len, info, info_len);
		if ((ret == 0) != vectors_valid(v))
			fail_msg("%s: %d", vectors_where(v), ret);
	}
	assert_int_equal(vectors_count(v), count);
	vectors_close(v);
}

static void test_wycheproof_pkcs1_verify(void **state)
{
	(void)state;
	pkcs1_verify_file("tests/vectors/rsa_pkcs1_2048_verify.txt", 776);
	pkcs1_verify_file("tests/vectors/rsa_pkcs1_3072_verify.txt", 778);
	pkcs1_verify_file("tests/vectors/rsa_pkcs1_4096_verify.txt", 776);
}

/* Keys of e = 65537 by the whole of mhsm's own; SHA-1 is not one of its hashes. */
static void test_wycheproof_pkcs1_sign(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_pkcs1_sign.txt");
	u8 em[512], md[64], info[MHSM_PKCS1_INFO_MAX], out[512];
	const struct mhsm_pk_hash *hash;
	size_t n_len, len, info_len;
	unsigned int done = 0;
	const u8 *b;

	(void)state;
	by_openssl = 0;
	while (vectors_next(v)) {
		hash = by_name(vectors_word(v, "hash"));
		if (hash->len < 32 || strchr(hash->ctx, '-'))
			continue;
		n_len = find_key(v);
		b = field(v, "message", &len);
		assert_int_equal(digest(hash->ctx, b, len, md), 0);
		assert_int_equal(mhsm_pkcs1_info(info, &info_len, md, hash->len), 0);
		assert_int_equal(mhsm_pkcs1_sign_encode(em, n_len, info, info_len), 0);
		assert_int_equal(private(out, em), 0);
		b = field(v, "signature", &len);
		assert_int_equal(len, n_len);
		assert_memory_equal(out, b, len);
		done++;
	}
	print_message("sign: %u of %u, %u by OpenSSL\n", done, vectors_count(v), by_openssl);
	assert_true(done == 77 && by_openssl < done / 2);
	vectors_close(v);
}

static void test_wycheproof_pss(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_pss_verify.txt");
	u8 em[512], md[64];
	const struct mhsm_pk_hash *hash;
	size_t n_len, len;
	unsigned int done = 0;
	const u8 *b;
	int ret;

	(void)state;
	while (vectors_next(v)) {
		n_len = find_key(v);
		hash = by_name(vectors_word(v, "hash"));
		b = field(v, "message", &len);
		assert_int_equal(digest(hash->ctx, b, len, md), 0);
		b = field(v, "signature", &len);
		ret = len == n_len ? public(em, b) : -EINVAL;
		if (!ret)
			ret = mhsm_pss_verify(em, n_len, md, vectors_number(v, "salt"), hash,
					      by_name(vectors_word(v, "mgf")));
		if ((ret == 0) != vectors_valid(v))
			fail_msg("%s: %d", vectors_where(v), ret);
		done++;
	}
	print_message("pss: %u\n", done);
	assert_int_equal(done, 1038);
	vectors_close(v);
}

static void test_wycheproof_oaep(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_oaep_decrypt.txt");
	const struct mhsm_pk_hash *hash, *mgf;
	u8 em[512], label[64], msg[512];
	size_t n_len, len, msg_len;
	unsigned int done = 0;
	const u8 *b;
	int ret;

	(void)state;
	by_openssl = 0;
	while (vectors_next(v)) {
		n_len = find_key(v);
		hash = by_name(vectors_word(v, "hash"));
		mgf = by_name(vectors_word(v, "mgf"));
		b = field(v, "label", &len);
		assert_int_equal(digest(hash->ctx, b, len, label), 0);
		memset(em, 0, sizeof(em));
		b = field(v, "ciphertext", &len);
		ret = len == n_len ? private(em, b) : -EINVAL;
		if (!ret)
			ret = mhsm_oaep_decode(msg, &msg_len, em, n_len, label, hash, mgf);
		if ((ret == 0) != vectors_valid(v))
			fail_msg("%s: %d", vectors_where(v), ret);
		b = field(v, "message", &len);
		if (!ret) {
			assert_int_equal(msg_len, len);
			assert_memory_equal(msg, b, len);
			assert_true(all_bytes(em, n_len, 0));
		}
		done++;
	}
	print_message("oaep: %u, %u by OpenSSL\n", done, by_openssl);
	assert_true(done == 250 && by_openssl < done / 2);
	vectors_close(v);
}

static void test_wycheproof_pkcs1_decrypt(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_pkcs1_decrypt.txt");
	u8 em[512], d_hash[32], msg[512];
	size_t n_len, len, msg_len;
	unsigned int done = 0;
	const u8 *b, *want;
	bool same;
	int ret;

	(void)state;
	by_openssl = 0;
	vec_noise(d_hash, sizeof(d_hash));
	while (vectors_next(v)) {
		n_len = find_key(v);
		b = field(v, "ciphertext", &len);
		ret = len == n_len ? private(em, b) : -EINVAL;
		if (vectors_flag(v, "InvalidCiphertextFormat")) {
			assert_int_equal(ret, -EINVAL);
			assert_false(vectors_valid(v));
			done++;
			continue;
		}
		assert_int_equal(ret, 0);
		ret = mhsm_pkcs1_decrypt_decode(msg, &msg_len, em, n_len, d_hash, b, &hmac);
		assert_int_equal(ret, 0);
		assert_true(msg_len <= n_len - 11);
		want = field(v, "message", &len);
		same = msg_len == len && !memcmp(msg, want, len);
		/* a wrong one has no message in the file: what came may be empty by chance */
		if (vectors_valid(v) && !same)
			fail_msg("%s", vectors_where(v));
		done++;
	}
	print_message("pkcs1 decrypt: %u, %u by OpenSSL\n", done, by_openssl);
	assert_true(done == 201 && by_openssl < done / 2);
	vectors_close(v);
}

/* ---- implicit rejection ------------------------------------------------------ */

static void test_implicit_rejection(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_implicit_rejection.txt"), *others = keys;
	const u8 *ciphertext, *want, *d;
	u8 em[512], d_hash[32], msg[512];
	size_t len, msg_len;

	(void)state;
	keys = vectors_open("tests/vectors/rsa_implicit_rejection_key.txt");
	assert_true(vectors_next(keys));
	by_openssl = 0;
	d = key_part("d", &len);
	assert_int_equal(len, 256);
	SHA256(d, 256, d_hash);
	while (vectors_next(v)) {
		ciphertext = field(v, "ciphertext", &len);
		assert_int_equal(len, 256);
		assert_int_equal(private(em, ciphertext), 0);
		assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &msg_len, em, 256, d_hash,
							   ciphertext, &hmac), 0);
		want = field(v, "message", &len);
		assert_int_equal(msg_len, len);
		assert_memory_equal(msg, want, len);
		assert_true(all_bytes(em, 256, 0));
	}
	assert_int_equal(vectors_count(v), 10);
	assert_int_equal(by_openssl, 0);
	vectors_close(v);
	vectors_close(keys);
	keys = others;
}

/* Every way to be wrong gives the same bytes, for they depend on key and ciphertext. */
static void test_rejected_alike(void **state)
{
	u8 right[256], em[256], ciphertext[256], d_hash[32], first[256], msg[256];
	size_t first_len = 0, msg_len, at;
	int kind;

	(void)state;
	vec_noise(ciphertext, sizeof(ciphertext));
	vec_noise(d_hash, sizeof(d_hash));
	for (at = 0; at < 256; at++)
		right[at] = (u8)(at | 1);
	right[0] = 0;
	right[1] = 2;
	right[10] = 0;
	for (kind = 0; kind < 6; kind++) {
		memcpy(em, right, sizeof(em));
		if (kind == 0)
			em[0] = 1;
		if (kind == 1)
			em[1] = 1;
		if (kind == 2)
			em[9] = 0;	/* seven bytes of padding */
		if (kind == 3)
			em[10] = 1;	/* no end */
		if (kind == 4)
			em[2] = 0;
		if (kind == 5)
			memset(em, 0xff, sizeof(em));
		assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &msg_len, em, 256, d_hash,
							   ciphertext, &hmac), 0);
		if (kind == 0) {
			memcpy(first, msg, msg_len);
			first_len = msg_len;
		}
		assert_int_equal(msg_len, first_len);
		assert_memory_equal(msg, first, msg_len);
	}
	/* and the right one is right, with the longest message there is */
	memcpy(em, right, sizeof(em));
	assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &msg_len, em, 256, d_hash, ciphertext,
						   &hmac), 0);
	assert_int_equal(msg_len, 245);
	assert_memory_equal(msg, right + 11, 245);
}

/* ---- against OpenSSL ----------------------------------------------------------- */

static void ossl_verify(const u8 *sig, const u8 *md, const char *name, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours.pkey, NULL);

	assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(name)), 1);
	if (padding == RSA_PKCS1_PSS_PADDING)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST), 1);
	assert_int_equal(EVP_PKEY_verify(ctx, sig, 256, md, by_name(name)->len), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void ossl_sign(u8 *sig, const u8 *md, const char *name, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours.pkey, NULL);
	size_t len = 256;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(name)), 1);
	if (padding == RSA_PKCS1_PSS_PADDING)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, sig, &len, md, by_name(name)->len), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void sign_and_verify(const char *name, int padding)
{
	static const u8 e[] = { 1, 0, 1 };
	const struct mhsm_pk_hash *hash = by_name(name);
	u8 md[64], salt[64], em[256], sig[256], info[MHSM_PKCS1_INFO_MAX], rnd[32];
	size_t info_len;

	vec_noise(md, sizeof(md));
	vec_noise(salt, sizeof(salt));
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_pkcs1_info(info, &info_len, md, hash->len), 0);
	if (padding == RSA_PKCS1_PSS_PADDING)
		assert_int_equal(mhsm_pss_encode(em, 256, md, salt, hash->len, hash, hash), 0);
	else
		assert_int_equal(mhsm_pkcs1_sign_encode(em, 256, info, info_len), 0);
	assert_int_equal(mhsm_rsa_private(sig, &ours.key, em, rnd, NULL, &scratch), 0);
	ossl_verify(sig, md, name, padding);

	ossl_sign(sig, md, name, padding);
	assert_int_equal(mhsm_rsa_public(em, ours.n, 256, e, 3, sig, &public_scratch), 0);
	if (padding == RSA_PKCS1_PSS_PADDING) {
		assert_int_equal(mhsm_pss_verify(em, 256, md, hash->len, hash, hash), 0);
	} else {
		assert_int_equal(mhsm_pkcs1_sign_check(em, 256, info, info_len), 0);
		em[200] ^= 1;
		assert_int_equal(mhsm_pkcs1_sign_check(em, 256, info, info_len), -EBADMSG);
	}
}

static void test_openssl_signatures(void **state)
{
	static const char *const names[] = { "sha256", "sha384", "sha512" };
	int i;

	(void)state;
	for (i = 0; i < 12; i++) {
		sign_and_verify(names[i % 3], RSA_PKCS1_PADDING);
		sign_and_verify(names[i % 3], RSA_PKCS1_PSS_PADDING);
	}
}

static int noise(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	if (failing && --failing == 0)
		return -ENOMEM;
	vec_noise(out, len);
	return 0;
}

static EVP_PKEY_CTX *ossl_cipher(int padding, const char *name, int decrypt)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours.pkey, NULL);

	assert_int_equal(decrypt ? EVP_PKEY_decrypt_init(ctx) : EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	if (padding == RSA_PKCS1_OAEP_PADDING) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_get_digestbyname(name)), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_get_digestbyname(name)), 1);
	}
	return ctx;
}

static void encrypt_and_decrypt(const char *name, int padding, size_t len)
{
	static const u8 e[] = { 1, 0, 1 };
	static const struct mhsm_pk_random random = { noise, NULL };
	const struct mhsm_pk_hash *hash = by_name(name);
	u8 msg[256], em[256], ct[256], back[256], seed[64], rnd[32], d_hash[32];
	size_t back_len = sizeof(back), ct_len = sizeof(ct);
	EVP_PKEY_CTX *ctx = ossl_cipher(padding, name, 1);

	vec_noise(msg, sizeof(msg));
	vec_noise(seed, sizeof(seed));
	vec_noise(rnd, sizeof(rnd));
	vec_noise(d_hash, sizeof(d_hash));
	if (padding == RSA_PKCS1_OAEP_PADDING)
		assert_int_equal(mhsm_oaep_encode(em, 256, msg, len, seed, NULL, hash, hash), 0);
	else
		assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 256, msg, len, &random), 0);
	assert_int_equal(mhsm_rsa_public(ct, ours.n, 256, e, 3, em, &public_scratch), 0);
	assert_int_equal(EVP_PKEY_decrypt(ctx, back, &back_len, ct, 256), 1);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, msg, len);
	EVP_PKEY_CTX_free(ctx);

	ctx = ossl_cipher(padding, name, 0);
	assert_int_equal(EVP_PKEY_encrypt(ctx, ct, &ct_len, msg, len), 1);
	assert_int_equal(mhsm_rsa_private(em, &ours.key, ct, rnd, NULL, &scratch), 0);
	if (padding == RSA_PKCS1_OAEP_PADDING)
		assert_int_equal(mhsm_oaep_decode(back, &back_len, em, 256, NULL, hash, hash), 0);
	else
		assert_int_equal(mhsm_pkcs1_decrypt_decode(back, &back_len, em, 256, d_hash, ct,
							   &hmac), 0);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, msg, len);
	EVP_PKEY_CTX_free(ctx);
}

static void test_openssl_encryption(void **state)
{
	static const char *const names[] = { "sha1", "sha256", "sha384", "sha512" };
	size_t i, longest;

	(void)state;
	for (i = 0; i < 4; i++) {
		longest = MHSM_OAEP_MAX_MESSAGE(256, by_name(names[i])->len);
		encrypt_and_decrypt(names[i], RSA_PKCS1_OAEP_PADDING, 0);
		encrypt_and_decrypt(names[i], RSA_PKCS1_OAEP_PADDING, 1);
		encrypt_and_decrypt(names[i], RSA_PKCS1_OAEP_PADDING, longest - 1);
		encrypt_and_decrypt(names[i], RSA_PKCS1_OAEP_PADDING, longest);
	}
	encrypt_and_decrypt("sha1", RSA_PKCS1_PADDING, 0);
	encrypt_and_decrypt("sha1", RSA_PKCS1_PADDING, 1);
	encrypt_and_decrypt("sha1", RSA_PKCS1_PADDING, 244);
	encrypt_and_decrypt("sha1", RSA_PKCS1_PADDING, 245);
}

/* ---- errors -------------------------------------------------------------------- */

static void oaep_bent(const u8 *right, size_t at, u8 bit)
{
	u8 em[256], msg[256];
	size_t msg_len = 77;

	memcpy(em, right, 256);
	em[at] ^= bit;
	memset(msg, 0x5a, sizeof(msg));
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, SHA256_OURS,
					  SHA256_OURS), -EBADMSG);
	assert_int_equal(msg_len, 77);
	assert_true(all_bytes(msg, sizeof(msg), 0x5a));
	assert_true(all_bytes(em, sizeof(em), 0));
}

static void test_oaep_errors(void **state)
{
	u8 right[256], em[600], msg[600], seed[32];
	const struct mhsm_pk_hash wide = { 65, digest, NULL }, small = { 19, digest, NULL };
	size_t at, msg_len = 77;
	int calls;

	(void)state;
	vec_noise(seed, sizeof(seed));
	vec_noise(msg, sizeof(msg));
	assert_int_equal(mhsm_oaep_encode(right, 256, msg, 100, seed, NULL, SHA256_OURS,
					  SHA256_OURS), 0);
	for (at = 0; at < 256; at++)
		oaep_bent(right, at, (u8)(1 << at % 8));
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 65, NULL, SHA256_OURS, SHA256_OURS),
			 -EINVAL);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 513, NULL, SHA256_OURS, SHA256_OURS),
			 -EINVAL);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, &wide, SHA256_OURS),
			 -EINVAL);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, &small, SHA256_OURS),
			 -EINVAL);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, SHA256_OURS, &wide),
			 -EINVAL);
	/* 1 label, 1 block for the seed, 7 for 223 bytes: each may fail */
	for (calls = 1; calls <= 9; calls++) {
		memcpy(em, right, 256);
		failing = calls;
		assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, SHA256_OURS,
						  SHA256_OURS), -ENOMEM);
		assert_true(all_bytes(em, 256, 0));
		assert_int_equal(failing, 0);
	}
	/* an encoding right in all but the label, and one without an end */
	memcpy(em, right, 256);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, seed, SHA256_OURS, SHA256_OURS),
			 -EBADMSG);
	assert_int_equal(msg_len, 77);
	memcpy(em, right, 256);
	assert_int_equal(mhsm_oaep_decode(msg, &msg_len, em, 256, NULL, SHA256_OURS, SHA256_OURS),
			 0);
	assert_int_equal(msg_len, 100);
}

/* Each byte in turn: the trailer, the top bit, the hash, the padding, the salt. */
static void test_pss_errors(void **state)
{
	u8 right[256], em[600], md[64], salt[256];
	const struct mhsm_pk_hash wide = { 65, digest, NULL };
	size_t at;
	int calls;

	(void)state;
	vec_noise(md, sizeof(md));
	vec_noise(salt, sizeof(salt));
	assert_int_equal(mhsm_pss_encode(right, 256, md, salt, 32, SHA256_OURS, SHA256_OURS), 0);
	assert_int_equal(right[0] & 0x80, 0);
	for (at = 0; at < 256; at++) {
		memcpy(em, right, 256);
		em[at] ^= (u8)(at ? 1 << at % 8 : 0x80);
		assert_int_equal(mhsm_pss_verify(em, 256, md, 32, SHA256_OURS, SHA256_OURS),
				 -EBADMSG);
	}
	memcpy(em, right, 256);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 31, SHA256_OURS, SHA256_OURS), -EBADMSG);
	memcpy(em, right, 256);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 33, SHA256_OURS, SHA256_OURS), -EBADMSG);
	memcpy(em, right, 256);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 0, SHA256_OURS, SHA256_OURS), -EBADMSG);
	memcpy(em, right, 256);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 222, SHA256_OURS, SHA256_OURS), -EBADMSG);
	memcpy(em, right, 256);
	md[0] ^= 1;
	assert_int_equal(mhsm_pss_verify(em, 256, md, 32, SHA256_OURS, SHA256_OURS), -EBADMSG);

	assert_int_equal(mhsm_pss_encode(em, 256, md, salt, 223, SHA256_OURS, SHA256_OURS), -EINVAL);
	assert_int_equal(mhsm_pss_encode(em, 256, md, salt, (size_t)-1, SHA256_OURS, SHA256_OURS),
			 -EINVAL);
	assert_int_equal(mhsm_pss_encode(em, 513, md, salt, 32, SHA256_OURS, SHA256_OURS), -EINVAL);
	assert_int_equal(mhsm_pss_encode(em, 256, md, salt, 32, &wide, SHA256_OURS), -EINVAL);
	assert_int_equal(mhsm_pss_encode(em, 256, md, salt, 32, SHA256_OURS, &wide), -EINVAL);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 223, SHA256_OURS, SHA256_OURS), -EINVAL);
	assert_int_equal(mhsm_pss_verify(em, 513, md, 32, SHA256_OURS, SHA256_OURS), -EINVAL);
	/* the longest salts, and none */
	assert_int_equal(mhsm_pss_encode(em, 256, md, salt, 222, SHA256_OURS, SHA256_OURS), 0);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 222, SHA256_OURS, SHA256_OURS), 0);
	assert_int_equal(mhsm_pss_encode(em, 256, md, NULL, 0, SHA256_OURS, SHA256_OURS), 0);
	assert_int_equal(mhsm_pss_verify(em, 256, md, 0, SHA256_OURS, SHA256_OURS), 0);
	/* 1 for H, 7 blocks for 223 bytes */
	for (calls = 1; calls <= 8; calls++) {
		failing = calls;
		assert_int_equal(mhsm_pss_encode(em, 256, md, salt, 32, SHA256_OURS, SHA256_OURS),
				 -ENOMEM);
		assert_true(all_bytes(em, 256, 0));
		assert_int_equal(failing, 0);
	}
}

static int zeros(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	memset(out, 0, len);
	return 0;
}

static void test_pkcs1_errors(void **state)
{
	static const struct mhsm_pk_random random = { noise, NULL }, broken = { zeros, NULL };
	u8 em[600], msg[600], info[MHSM_PKCS1_INFO_MAX], d_hash[32] = { 0 };
	static const size_t lengths[] = { 0, 1, 20, 28, 31, 33, 49, 63, 65 };
	size_t len = 5, i;

	(void)state;
	memset(em, 0x5a, sizeof(em));
	vec_noise(msg, sizeof(msg));
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_int_equal(mhsm_pkcs1_info(info, &len, msg, lengths[i]), -EINVAL);
	assert_int_equal(len, 5);
	assert_int_equal(mhsm_pkcs1_sign_encode(em, 10, msg, 0), -EINVAL);
	assert_int_equal(mhsm_pkcs1_sign_encode(em, 513, msg, 0), -EINVAL);
	assert_int_equal(mhsm_pkcs1_sign_encode(em, 256, msg, 246), -EMSGSIZE);
	assert_int_equal(mhsm_pkcs1_sign_check(em, 10, msg, 0), -EINVAL);
	assert_int_equal(mhsm_pkcs1_sign_check(em, 513, msg, 0), -EINVAL);
	assert_int_equal(mhsm_pkcs1_sign_check(em, 256, msg, 246), -EMSGSIZE);
	assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 10, msg, 0, &random), -EINVAL);
	assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 513, msg, 0, &random), -EINVAL);
	assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 256, msg, 246, &random), -EMSGSIZE);
	assert_true(all_bytes(em, sizeof(em), 0x5a));

	/* every byte counts in a signature */
	for (i = 0; i < 256; i++) {
		assert_int_equal(mhsm_pkcs1_sign_encode(em, 256, msg, 51), 0);
		em[i] ^= (u8)(1 << i % 8);
		assert_int_equal(mhsm_pkcs1_sign_check(em, 256, msg, 51), -EBADMSG);
	}
	assert_int_equal(mhsm_pkcs1_sign_encode(em, 256, msg, 245), 0);
	assert_int_equal(mhsm_pkcs1_sign_check(em, 256, msg, 245), 0);
	assert_int_equal(mhsm_pkcs1_sign_check(em, 256, msg, 244), -EBADMSG);

	failing = 1;
	assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 256, msg, 9, &random), -ENOMEM);
	assert_true(all_bytes(em, 256, 0));
	assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 256, msg, 9, &broken), -EIO);
	assert_true(all_bytes(em, 256, 0));
	for (i = 0; i < 50; i++) {
		assert_int_equal(mhsm_pkcs1_encrypt_encode(em, 512, msg, 9, &random), 0);
		assert_null(memchr(em + 2, 0, 512 - 9 - 3));
	}

	assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &len, em, 63, d_hash, em, &hmac), -EINVAL);
	assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &len, em, 513, d_hash, em, &hmac), -EINVAL);
	/* 1 for the key, 8 for the message, 8 for the length */
	for (i = 1; i <= 17; i++) {
		failing = (int)i;
		assert_int_equal(mhsm_pkcs1_decrypt_decode(msg, &len, em, 256, d_hash, msg, &hmac),
				 -ENOMEM);
		assert_true(all_bytes(em, 256, 0));
		assert_int_equal(failing, 0);
	}
	assert_int_equal(len, 5);
}

static int set_up(void **state)
{
	(void)state;
	test_key_make(&ours, 2048);
	keys = vectors_open("tests/vectors/rsa_keys.txt");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(ours.pkey);
	vectors_close(keys);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof_pkcs1_verify),
		cmocka_unit_test(test_wycheproof_pkcs1_sign),
		cmocka_unit_test(test_wycheproof_pss),
		cmocka_unit_test(test_wycheproof_oaep),
		cmocka_unit_test(test_wycheproof_pkcs1_decrypt),
		cmocka_unit_test(test_implicit_rejection),
		cmocka_unit_test(test_rejected_alike),
		cmocka_unit_test(test_openssl_signatures),
		cmocka_unit_test(test_openssl_encryption),
		cmocka_unit_test(test_oaep_errors),
		cmocka_unit_test(test_pss_errors),
		cmocka_unit_test(test_pkcs1_errors),
	};

	return cmocka_run_group_tests_name("rsa_padding", tests, set_up, tear_down);
}
