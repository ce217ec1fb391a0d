// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c -lcrypto */
/* The RSA public operation and OAEP: Wycheproof, OpenSSL at random, every error. */
#include "tests/unit/vec.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "kmod/pk/oaep.h"
#include "kmod/pk/rsa.h"

static struct mhsm_rsa_scratch scratch;

static int sha256(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	/* the n-th call from now fails, if the test wants that */
	int *countdown = ctx;

	if (countdown && --*countdown == 0)
		return -EIO;
	SHA256(in, in_len, out);
	return 0;
}

static const struct mhsm_pk_hash hash = { 32, sha256, NULL };

static bool all_bytes(const void *p, size_t len, u8 value)
{
	const u8 *b = p;

	while (len--)
		if (*b++ != value)
			return false;
	return true;
}

/* ---- known answers ------------------------------------------------------- */

static void each_oaep(char *const field[])
{
	u8 n[512], e[32], msg[512], seed[32], want[512], em[512], out[512];
	size_t n_len = vec_hex(n, sizeof(n), field[1]);
	size_t e_len = vec_hex(e, sizeof(e), field[2]);
	size_t msg_len = vec_hex(msg, sizeof(msg), field[3]);

	assert_int_equal(vec_hex(seed, sizeof(seed), field[4]), 32);
	assert_int_equal(vec_hex(want, sizeof(want), field[5]), n_len);
	assert_int_equal(mhsm_oaep_encode(em, n_len, msg, msg_len, seed, NULL, &hash, &hash), 0);
	assert_int_equal(mhsm_rsa_public(out, n, n_len, e, e_len, em, &scratch), 0);
	assert_memory_equal(out, want, n_len);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
}

static void test_wycheproof(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/rsa_oaep_sha256.txt", 6, each_oaep), 30);
}

/* ---- against OpenSSL ----------------------------------------------------- */

static void check_against_bn(const u8 *n, size_t n_len, const u8 *e, size_t e_len,
			     const u8 *in)
{
	u8 out[512], want[512];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bn = BN_bin2bn(n, (int)n_len, NULL), *be = BN_bin2bn(e, (int)e_len, NULL);
	BIGNUM *x = BN_bin2bn(in, (int)n_len, NULL);

	assert_true(BN_mod_exp(x, x, be, bn, ctx));
	assert_int_equal(BN_bn2binpad(x, want, (int)n_len), n_len);
	assert_int_equal(mhsm_rsa_public(out, n, n_len, e, e_len, in, &scratch), 0);
	assert_memory_equal(out, want, n_len);
	BN_free(bn);
	BN_free(be);
	BN_free(x);
	BN_CTX_free(ctx);
}

/* Any odd number serves as modulus; every length, also those of no whole limbs. */
static void test_random(void **state)
{
	static const char *const exponents[] = {
		"03", "05", "11", "010001", "00010001", "ffffffff", "80000001",
		"0000000000000000000000000000000000000000000000000000000000000003",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"8000000000000000000000000000000000000000000000000000000000000001",
	};
	u8 n[512], e[32], in[512];
	size_t n_len, e_len, i;

	(void)state;
	for (n_len = 256; n_len <= 512; n_len += n_len % 8 == 0 && n_len < 504 ? 7 : 1) {
		vec_noise(n, n_len);
		n[0] |= 0x80;
		n[n_len - 1] |= 1;
		vec_noise(in, n_len);
		in[0] &= 0x7f;
		e_len = vec_hex(e, sizeof(e), exponents[n_len % 10]);
		check_against_bn(n, n_len, e, e_len, in);
	}
	for (i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
		n_len = i % 2 ? 256 : 512;
		vec_noise(n, n_len);
		n[0] |= 0x80;
		n[n_len - 1] |= 1;
		vec_noise(in, n_len);
		in[0] &= 0x7f;
		e_len = vec_hex(e, sizeof(e), exponents[i]);
		check_against_bn(n, n_len, e, e_len, in);
	}
}

/* Moduli and inputs with long runs of zeros and ones, where carries go far. */
static void test_edges(void **state)
{
	static const u8 e[] = { 1, 0, 1 };
	u8 n[512], in[512];
	size_t n_len;
	int shape, input;

	(void)state;
	for (n_len = 256; n_len <= 512; n_len += 128) {
		for (shape = 0; shape < 4; shape++) {
			memset(n, shape & 1 ? 0xff : 0, n_len);
			n[0] |= 0x80;
			n[n_len - 1] |= 1;
			if (shape == 2)
				memset(n + n_len / 2, 0xff, n_len / 2);
			if (shape == 3)
				memset(n + n_len / 2, 0, n_len / 2 - 1);
			for (input = 0; input < 5; input++) {
				memset(in, 0, n_len);
				if (input == 1)
					in[n_len - 1] = 1;
				if (input == 2) {
					memcpy(in, n, n_len);
					in[n_len - 1] -= 1;
				}
				if (input == 3) {
					memset(in, 0xff, n_len);
					in[0] = 0x7f;
				}
				if (input == 4)
					in[0] = 0x40;
				check_against_bn(n, n_len, e, sizeof(e), in);
			}
		}
	}
}

/* OpenSSL with the private key opens what we encrypt. */
static void round_trip(EVP_PKEY *key, const u8 *n, size_t n_len, const u8 *e, size_t e_len,
		       size_t msg_len)
{
	u8 em[512], ct[512], msg[512], seed[32], back[512];
	size_t back_len = sizeof(back);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	vec_noise(msg, sizeof(msg));
	vec_noise(seed, sizeof(seed));
	assert_int_equal(mhsm_oaep_encode(em, n_len, msg, msg_len, seed, NULL, &hash, &hash), 0);
	assert_int_equal(em[0], 0);
	assert_int_equal(mhsm_rsa_public(ct, n, n_len, e, e_len, em, &scratch), 0);

	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, back, &back_len, ct, n_len), 1);
	assert_int_equal(back_len, msg_len);
	assert_memory_equal(back, msg, msg_len);

	/* in place */
	assert_int_equal(mhsm_rsa_public(em, n, n_len, e, e_len, em, &scratch), 0);
	assert_memory_equal(em, ct, n_len);
	EVP_PKEY_CTX_free(ctx);
}

static void test_openssl_opens(void **state)
{
	static const unsigned int sizes[] = { 2048, 3072, 4096 };
	BIGNUM *bn = NULL, *be = NULL;
	u8 n[512], e[32];
	EVP_PKEY *key;
	size_t i, n_len;
	int e_len;

	(void)state;
	for (i = 0; i < 3; i++) {
		key = EVP_RSA_gen(sizes[i]);
		assert_non_null(key);
		n_len = sizes[i] / 8;
		assert_true(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &bn));
		assert_true(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &be));
		assert_int_equal(BN_bn2binpad(bn, n, (int)n_len), n_len);
		e_len = BN_bn2bin(be, e);
		round_trip(key, n, n_len, e, (size_t)e_len, 0);
		round_trip(key, n, n_len, e, (size_t)e_len, 1);
		round_trip(key, n, n_len, e, (size_t)e_len, 32);
		round_trip(key, n, n_len, e, (size_t)e_len, MHSM_OAEP_MAX_MESSAGE(n_len, 32));
		BN_free(bn);
		BN_free(be);
		bn = be = NULL;
		EVP_PKEY_free(key);
	}
}

/* ---- errors -------------------------------------------------------------- */

static void refused(const u8 *n, size_t n_len, const u8 *e, size_t e_len, const u8 *in)
{
	u8 out[1024];

	memset(out, 0x5a, sizeof(out));
	assert_int_equal(mhsm_rsa_public(out, n, n_len, e, e_len, in, &scratch), -EINVAL);
	assert_true(all_bytes(out, sizeof(out), 0x5a));
}

static void test_rsa_errors(void **state)
{
	static const u8 e[] = { 1, 0, 1 };
	u8 n[600], in[600], bad_e[40], out[512];

	(void)state;
	vec_noise(n, sizeof(n));
	n[0] |= 0x80;
	n[255] |= 1;
	n[511] |= 1;
	n[513 - 1] |= 1;
	n[255 - 1] |= 1;
	memset(in, 0, sizeof(in));
	in[1] = 1;
	assert_int_equal(mhsm_rsa_public(out, n, 256, e, 3, in, &scratch), 0);

	refused(n, 0, e, 3, in);
	refused(n, 255, e, 3, in);
	refused(n, 513, e, 3, in);
	n[0] &= 0x7f;
	refused(n, 256, e, 3, in);
	n[0] |= 0x80;
	n[255] &= 0xfe;
	refused(n, 256, e, 3, in);
	n[255] |= 1;

	memset(bad_e, 0, sizeof(bad_e));
	refused(n, 256, bad_e, 3, in);			/* 0 */
	bad_e[2] = 1;
	refused(n, 256, bad_e, 3, in);			/* 1 */
	bad_e[2] = 2;
	refused(n, 256, bad_e, 3, in);			/* even */
	bad_e[0] = 1;
	refused(n, 256, bad_e, 3, in);
	refused(n, 256, e, 0, in);
	bad_e[32] = 3;
	refused(n, 256, bad_e, 33, in);			/* too long */
	bad_e[0] = 0;
	bad_e[2] = 0;
	assert_int_equal(mhsm_rsa_public(out, n, 256, bad_e + 1, 32, in, &scratch), 0);

	memcpy(in, n, 256);
	refused(n, 256, e, 3, in);			/* n itself */
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	memset(in, 0xff, 256);
	refused(n, 256, e, 3, in);
	memcpy(in, n, 256);
	in[255] -= 1;
	assert_int_equal(mhsm_rsa_public(out, n, 256, e, 3, in, &scratch), 0);
}

static void test_oaep_errors(void **state)
{
	u8 em[1024], msg[512], seed[32];
	int calls, countdown;
	const struct mhsm_pk_hash failing = { 32, sha256, &countdown };
	const struct mhsm_pk_hash wide = { 65, sha256, NULL }, none = { 0, sha256, NULL };

	(void)state;
	vec_noise(msg, sizeof(msg));
	vec_noise(seed, sizeof(seed));
	memset(em, 0x5a, sizeof(em));
	assert_int_equal(mhsm_oaep_encode(em, 65, msg, 0, seed, NULL, &hash, &hash), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 513, msg, 0, seed, NULL, &hash, &hash), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 0, msg, 0, seed, NULL, &hash, &hash), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 191, seed, NULL, &hash, &hash), -EMSGSIZE);
	assert_int_equal(mhsm_oaep_encode(em, 66, msg, 1, seed, NULL, &hash, &hash), -EMSGSIZE);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 1, seed, NULL, &wide, &hash), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 1, seed, NULL, &hash, &wide), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 1, seed, NULL, &none, &hash), -EINVAL);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 1, seed, NULL, &hash, &none), -EINVAL);
	assert_true(all_bytes(em, sizeof(em), 0x5a));
	assert_int_equal(mhsm_oaep_encode(em, 66, NULL, 0, seed, NULL, &hash, &hash), 0);
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 190, seed, NULL, &hash, &hash), 0);

	/* 1 label, 7 blocks for 223 bytes, 1 for the seed: each may fail */
	for (calls = 1; calls <= 9; calls++) {
		countdown = calls;
		assert_int_equal(mhsm_oaep_encode(em, 256, msg, 32, seed, NULL,
						  &failing, &failing), -EIO);
		assert_true(all_bytes(em, 256, 0));
	}
	countdown = 10;
	assert_int_equal(mhsm_oaep_encode(em, 256, msg, 32, seed, NULL, &failing, &failing), 0);
	assert_int_equal(countdown, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_openssl_opens),
		cmocka_unit_test(test_rsa_errors),
		cmocka_unit_test(test_oaep_errors),
	};

	return cmocka_run_group_tests_name("rsa", tests, NULL, NULL);
}
