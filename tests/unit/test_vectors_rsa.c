// SPDX-License-Identifier: GPL-2.0-only
/* link: tests/unit/vectors.c -lcrypto */
/*
 * The vectors of tests/vectors for RSA, its keys and primes, by OpenSSL: every case is computed; a valid one must come
 * out, an invalid one must not. See test_vectors_symmetric.c for why.
 */
#include "tests/unit/vec.h"
#include "tests/unit/vectors.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define ROOM 1024

static bool equal(struct vectors_bytes want, const uint8_t *got, size_t len)
{
	return want.len == len && !memcmp(want.data, got, len);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

#define KEY_FIELDS 8

/* As rsa_keys.txt and as OpenSSL have them */
static const struct {
	const char *field, *param;
} key_fields[KEY_FIELDS] = {
	{ "n", OSSL_PKEY_PARAM_RSA_N },		   { "e", OSSL_PKEY_PARAM_RSA_E },
	{ "d", OSSL_PKEY_PARAM_RSA_D },		   { "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },	   { "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 }, { "qinv", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};

/* The key of the present line of rsa_keys.txt, private if it is */
static EVP_PKEY *key_of(struct vectors *keys)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	unsigned int i, count = vectors_word(keys, "d")[0] ? KEY_FIELDS : 2;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	struct vectors_bytes number;
	BIGNUM *bn[KEY_FIELDS];
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	for (i = 0; i < count; i++) {
		number = vectors_bytes(keys, key_fields[i].field);
		bn[i] = BN_bin2bn(number.data, (int)number.len, NULL);
		assert_true(OSSL_PARAM_BLD_push_BN(bld, key_fields[i].param, bn[i]));
	}
	params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, count > 2 ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params), 1);
	for (i = 0; i < count; i++)
		BN_free(bn[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* The one used last; cases with one key stand together */
static EVP_PKEY *cached;
static char cached_name[40];
static struct vectors *all_keys;

static EVP_PKEY *find_key(struct vectors *v)
{
	const char *name = vectors_word(v, "key");

	if (!strcmp(name, cached_name))
		return cached;
	assert_true(vectors_find(all_keys, "key", name));
	EVP_PKEY_free(cached);
	cached = key_of(all_keys);
	snprintf(cached_name, sizeof(cached_name), "%s", name);
	return cached;
}

static int setup(void **state)
{
	(void)state;
	all_keys = vectors_open("tests/vectors/rsa_keys.txt");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(cached);
	vectors_close(all_keys);
	return 0;
}

/* A name is the size of the modulus and a number. */
static void check_name(struct vectors *keys, EVP_PKEY *key)
{
	assert_int_equal(atoi(vectors_word(keys, "key")), EVP_PKEY_get_bits(key));
	assert_int_equal(vectors_bytes(keys, "n").len, EVP_PKEY_get_size(key));
}

/* Is a * b = 1 modulo m, or m - 1? Or if m is none, is a * b = c? */
static bool product(const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, bool less, const BIGNUM *c)
{
	BIGNUM *x = BN_new(), *n = m ? BN_dup(m) : NULL;
	BN_CTX *ctx = BN_CTX_new();
	bool is;

	if (less)
		assert_true(BN_sub_word(n, 1));
	assert_true(m ? BN_mod_mul(x, a, b, n, ctx) : BN_mul(x, a, b, ctx));
	is = m ? BN_is_one(x) : !BN_cmp(x, c);
	BN_free(x);
	BN_free(n);
	BN_CTX_free(ctx);
	return is;
}

/*
 * Numbers that belong together. That p and q are primes would take half a minute: the signatures and ciphertexts of
 * these keys say it.
 */
static void test_keys(void **state)
{
	struct vectors *keys = vectors_open("tests/vectors/rsa_keys.txt");
	enum { N, E, D, P, Q, DP, DQ, QINV };
	unsigned int i, private = 0;
	BIGNUM *b[KEY_FIELDS];
	EVP_PKEY *key;

	(void)state;
	while (vectors_next(keys)) {
		key = key_of(keys);
		check_name(keys, key);
		EVP_PKEY_free(key);
		if (!vectors_word(keys, "d")[0])
			continue;
		private++;
		for (i = 0; i < KEY_FIELDS; i++) {
			struct vectors_bytes number = vectors_bytes(keys, key_fields[i].field);

			b[i] = BN_bin2bn(number.data, (int)number.len, NULL);
		}
		assert_true(product(b[P], b[Q], NULL, false, b[N]));
		assert_true(product(b[E], b[D], b[P], true, NULL));
		assert_true(product(b[E], b[D], b[Q], true, NULL));
		assert_true(product(b[E], b[DP], b[P], true, NULL));
		assert_true(product(b[E], b[DQ], b[Q], true, NULL));
		assert_true(product(b[Q], b[QINV], b[P], false, NULL));
		for (i = 0; i < KEY_FIELDS; i++)
			BN_free(b[i]);
	}
	assert_int_equal(vectors_count(keys), 119);
	assert_int_equal(private, 118);
	vectors_close(keys);
}

static void test_pkcs8(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_keys_pkcs8.txt");
	BIGNUM *bn, *want;
	EVP_PKEY *key;
	unsigned int i;

	(void)state;
	while (vectors_next(v)) {
		struct vectors_bytes der = vectors_bytes(v, "pkcs8");
		const unsigned char *p = der.data;
		PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.len);

		assert_non_null(info);
		assert_ptr_equal(p, der.data + der.len);
		key = EVP_PKCS82PKEY(info);
		assert_non_null(key);
		assert_true(vectors_find(all_keys, "key", vectors_word(v, "key")));
		for (i = 0; i < KEY_FIELDS; i++) {
			struct vectors_bytes number = vectors_bytes(all_keys, key_fields[i].field);

			bn = NULL;
			assert_int_equal(EVP_PKEY_get_bn_param(key, key_fields[i].param, &bn), 1);
			want = BN_bin2bn(number.data, (int)number.len, NULL);
			assert_int_equal(BN_cmp(bn, want), 0);
			BN_free(bn);
			BN_free(want);
		}
		EVP_PKEY_free(key);
		PKCS8_PRIV_KEY_INFO_free(info);
	}
	assert_int_equal(vectors_count(v), 118);
	vectors_close(v);
}

/* --- signatures --------------------------------------------------------------------------------------------------- */

/* Chooses the padding for a case of any of the files */
static void choose(struct vectors *v, EVP_PKEY_CTX *ctx)
{
	if (vectors_has(v, "salt")) {
		assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, vectors_word(v, "mgf"), NULL) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)vectors_number(v, "salt")) > 0);
	} else {
		assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0);
	}
}

static bool verify(struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), sig = vectors_bytes(v, "signature");
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	bool ok;

	assert_int_equal(EVP_DigestVerifyInit_ex(md, &ctx, vectors_word(v, "hash"), NULL, NULL, find_key(v), NULL), 1);
	choose(v, ctx);
	ok = EVP_DigestVerify(md, sig.data, sig.len, message.data, message.len) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static bool sign(struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message");
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t sig[ROOM];
	size_t len = sizeof(sig);
	EVP_PKEY_CTX *ctx;

	assert_int_equal(EVP_DigestSignInit_ex(md, &ctx, vectors_word(v, "hash"), NULL, NULL, find_key(v), NULL), 1);
	choose(v, ctx);
	assert_int_equal(EVP_DigestSign(md, sig, &len, message.data, message.len), 1);
	EVP_MD_CTX_free(md);
	return equal(vectors_bytes(v, "signature"), sig, len) && verify(v);
}

/* --- encryption --------------------------------------------------------------------------------------------------- */

static void choose_oaep(struct vectors *v, EVP_PKEY_CTX *ctx)
{
	struct vectors_bytes label = vectors_bytes(v, "label");
	void *copy;

	assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, vectors_word(v, "hash"), NULL) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, vectors_word(v, "mgf"), NULL) > 0);
	if (!label.len)
		return;
	copy = OPENSSL_memdup(label.data, label.len);
	assert_non_null(copy);
	assert_true(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy, (int)label.len) > 0);
}

static bool decrypt(struct vectors *v)
{
	struct vectors_bytes in = vectors_bytes(v, "ciphertext");
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(find_key(v), NULL);
	uint8_t out[ROOM];
	size_t len = sizeof(out);
	bool done;

	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	if (vectors_has(v, "label"))
		choose_oaep(v, ctx);
	else
		choose(v, ctx);
	done = EVP_PKEY_decrypt(ctx, out, &len, in.data, in.len) == 1 && equal(vectors_bytes(v, "message"), out, len);
	EVP_PKEY_CTX_free(ctx);
	return done;
}

/* What is to be encrypted there is what is decrypted here: a key, a seed, a ciphertext that fit. */
static void test_oaep_seeds(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_oaep_sha256.txt");
	struct vectors *all = vectors_open("tests/vectors/rsa_oaep_decrypt.txt");

	(void)state;
	while (vectors_next(v)) {
		assert_true(vectors_find(all, "ciphertext", vectors_word(v, "ciphertext")));
		assert_string_equal(vectors_word(all, "message"), vectors_word(v, "message"));
		assert_string_equal(vectors_word(all, "hash"), "sha256");
		assert_true(vectors_valid(all));
		assert_true(vectors_find(all_keys, "key", vectors_word(all, "key")));
		assert_string_equal(vectors_word(all_keys, "n"), vectors_word(v, "n"));
		assert_string_equal(vectors_word(all_keys, "e"), vectors_word(v, "e"));
	}
	assert_int_equal(vectors_count(v), 30);
	vectors_close(v);
	vectors_close(all);
}

/* --- primes ------------------------------------------------------------------------------------------------------- */

static bool prime(struct vectors *v)
{
	struct vectors_bytes value = vectors_bytes(v, "value");
	BIGNUM *bn = BN_bin2bn(value.data, (int)value.len, NULL);
	int ret = BN_check_prime(bn, NULL, NULL);

	assert_true(ret >= 0);
	BN_free(bn);
	return ret == 1;
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static const struct file {
	const char *name;
	/* Does OpenSSL agree that the case is valid, and with all outputs of it? */
	bool (*agree)(struct vectors *v);
	unsigned int count, valid;
} files[] = {
	{ "rsa_pkcs1_2048_verify", verify, 776, 24 }, { "rsa_pkcs1_3072_verify", verify, 778, 23 },
	{ "rsa_pkcs1_4096_verify", verify, 776, 21 }, { "rsa_pkcs1_sign", sign, 93, 93 },
	{ "rsa_pss_verify", verify, 1038, 722 },      { "rsa_oaep_decrypt", decrypt, 250, 118 },
	{ "rsa_pkcs1_decrypt", decrypt, 201, 124 },   { "primality", prime, 303, 66 },
};

#define FILES (sizeof(files) / sizeof(files[0]))

static void test_file(void **state)
{
	const struct file *f = *state;
	unsigned int valid = 0;
	struct vectors *v;
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", f->name);
	v = vectors_open(path);
	while (vectors_next(v)) {
		if (f->agree(v) != vectors_valid(v))
			fail_msg("%s: OpenSSL differs", vectors_where(v));
		valid += vectors_valid(v);
	}
	assert_int_equal(vectors_count(v), f->count);
	assert_int_equal(valid, f->valid);
	vectors_close(v);
}

int main(void)
{
	static struct CMUnitTest tests[FILES + 3];
	unsigned int i;

	for (i = 0; i < FILES; i++)
		tests[i] = (struct CMUnitTest){ files[i].name, test_file, NULL, NULL, (void *)&files[i] };
	tests[FILES] = (struct CMUnitTest)cmocka_unit_test(test_keys);
	tests[FILES + 1] = (struct CMUnitTest)cmocka_unit_test(test_pkcs8);
	tests[FILES + 2] = (struct CMUnitTest)cmocka_unit_test(test_oaep_seeds);
	return cmocka_run_group_tests_name("vectors_rsa", tests, setup, teardown);
}
