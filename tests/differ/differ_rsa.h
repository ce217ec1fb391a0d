/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSA against OpenSSL: differ_rsa2048.c and its like define BITS and how many
 * signatures are made in a short run (FEW).
 */
#ifndef TESTS_DIFFER_RSA_H
#define TESTS_DIFFER_RSA_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "kmod/pk/mont52.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/rsa_ifma.h"
#include "kmod/pk/rsa_key.h"
#include "tests/differ/differ.h"

#define N_LEN (BITS / 8)

static struct mhsm_rsa_numbers numbers;
static struct mhsm_rsa_key_scratch key_scratch;
static struct mhsm_rsa_private_scratch private_scratch;
static struct mhsm_rsa_ifma_scratch ifma_scratch;
static struct mhsm_rsa_scratch public_scratch;
static EVP_PKEY *pkey;
static EVP_PKEY_CTX *sign_ctx, *verify_ctx;

static int draw(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	return RAND_bytes(out, (int)len) == 1 ? 0 : -EIO;
}

static void read_number(const char *name, u8 *out, size_t len)
{
	BIGNUM *bn = NULL;

	differ_must(EVP_PKEY_get_bn_param(pkey, name, &bn) &&
		    BN_bn2binpad(bn, out, (int)len) == (int)len, name);
	BN_free(bn);
}

/* A key of OpenSSL's that is taken by ours. */
static void new_key(void)
{
	static const struct mhsm_pk_random random = { draw, NULL };
	struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&numbers, N_LEN);

	EVP_PKEY_CTX_free(sign_ctx);
	EVP_PKEY_CTX_free(verify_ctx);
	EVP_PKEY_free(pkey);
	pkey = EVP_RSA_gen(BITS);
	differ_must(pkey != NULL, "EVP_RSA_gen");
	read_number(OSSL_PKEY_PARAM_RSA_N, numbers.n, N_LEN);
	read_number(OSSL_PKEY_PARAM_RSA_FACTOR1, numbers.p, N_LEN / 2);
	read_number(OSSL_PKEY_PARAM_RSA_FACTOR2, numbers.q, N_LEN / 2);
	read_number(OSSL_PKEY_PARAM_RSA_EXPONENT1, numbers.dp, N_LEN / 2);
	read_number(OSSL_PKEY_PARAM_RSA_EXPONENT2, numbers.dq, N_LEN / 2);
	read_number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, numbers.qinv, N_LEN / 2);
	differ_must(mhsm_rsa_key_check(&key, 4, &random, NULL, &key_scratch) == 0,
		    "a key of OpenSSL's, checked by ours");
	sign_ctx = EVP_PKEY_CTX_new(pkey, NULL);
	verify_ctx = EVP_PKEY_CTX_new(pkey, NULL);
	differ_must(EVP_PKEY_sign_init(sign_ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(sign_ctx, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(sign_ctx, EVP_sha256()) == 1 &&
		    EVP_PKEY_verify_init(verify_ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(verify_ctx, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(verify_ctx, EVP_sha256()) == 1, "EVP_PKEY_CTX");
}

static int ours_verify(const u8 *sig, const u8 *info, size_t info_len)
{
	static const u8 e[] = { 1, 0, 1 };
	u8 em[N_LEN];

	return mhsm_rsa_public(em, numbers.n, N_LEN, e, sizeof(e), sig, &public_scratch) == 0 &&
	       mhsm_pkcs1_sign_check(em, N_LEN, info, info_len) == 0;
}

/*
 * The encoding is deterministic, so that signatures are not only verified by the other
 * side but compared: the private operation on the same number.
 */
static void differ_signatures(void)
{
	unsigned long want = differ_count(FEW, 100000), i;
	u8 digest[32], info[MHSM_PKCS1_INFO_MAX], em[N_LEN], sig[N_LEN], theirs[N_LEN], rnd[32];
	size_t info_len, len;

	for (i = 0; i < want; i++) {
		const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&numbers, N_LEN);

		if (i % 1000 == 0)
			new_key();
		differ_operand(digest, sizeof(digest));
		differ_operand(rnd, sizeof(rnd));
		differ_must(mhsm_pkcs1_info(info, &info_len, digest, 32) == 0 &&
			    mhsm_pkcs1_sign_encode(em, N_LEN, info, info_len) == 0, "encoding");
		differ_must(mhsm_rsa_private(sig, &key, em, rnd, NULL, &private_scratch) == 0,
			    "sign");
		len = sizeof(theirs);
		differ_must(EVP_PKEY_sign(sign_ctx, theirs, &len, digest, 32) == 1, "EVP_PKEY_sign");
		differ_must(!memcmp(sig, theirs, N_LEN), "the signature, the same as OpenSSL's");
		if (mhsm_mont52_available())
			differ_must(mhsm_rsa_private_ifma(sig, &key, em, rnd, NULL,
							  &ifma_scratch) == 0 &&
				    !memcmp(sig, theirs, N_LEN), "the signature, with vectors");
		differ_must(EVP_PKEY_verify(verify_ctx, sig, N_LEN, digest, 32) == 1,
			    "ours, verified by OpenSSL");
		differ_must(ours_verify(theirs, info, info_len), "OpenSSL's, verified by ours");
		sig[differ_next() % sizeof(sig)] ^= (u8)(1 << (differ_next() >> 61));
		differ_must(!ours_verify(sig, info, info_len), "with one bit changed");
	}
	differ_done(want, "signatures in each direction");
}

/* Numbers of every kind below n, to the power of d, by OpenSSL without padding. */
static void differ_private(void)
{
	unsigned long want = differ_count(FEW, 2000), i;
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&numbers, N_LEN);
	u8 in[N_LEN], out[N_LEN], theirs[N_LEN], rnd[32];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	size_t len;

	differ_must(EVP_PKEY_decrypt_init(ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1, "decrypt_init");
	for (i = 0; i < want; i++) {
		differ_operand(in, sizeof(in));
		in[0] &= 0x7f;
		differ_operand(rnd, sizeof(rnd));
		len = sizeof(theirs);
		differ_must(EVP_PKEY_decrypt(ctx, theirs, &len, in, sizeof(in)) == 1 &&
			    len == N_LEN, "EVP_PKEY_decrypt");
		differ_must(mhsm_rsa_private(out, &key, in, rnd, NULL, &private_scratch) == 0 &&
			    !memcmp(out, theirs, N_LEN), "the private operation");
	}
	EVP_PKEY_CTX_free(ctx);
	differ_done(want, "private operations on any number");
}

/* Keys of ours that OpenSSL checks: that p and q are prime, and all that follows. */
static void differ_keys(void)
{
	static const struct mhsm_pk_random random = { draw, NULL };
	unsigned long want = differ_count(1, 20), i;
	struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&numbers, N_LEN);
	BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qinv;
	u8 exponent[N_LEN];
	RSA *rsa;

	for (i = 0; i < want; i++) {
		differ_must(mhsm_rsa_generate(&numbers, N_LEN, &random, NULL, &key_scratch) == 0 &&
			    mhsm_rsa_key_exponent(exponent, &key, &key_scratch) == 0, "generate");
		n = BN_bin2bn(numbers.n, N_LEN, NULL);
		e = BN_bin2bn((const u8[]){ 1, 0, 1 }, 3, NULL);
		d = BN_bin2bn(exponent, N_LEN, NULL);
		p = BN_bin2bn(numbers.p, N_LEN / 2, NULL);
		q = BN_bin2bn(numbers.q, N_LEN / 2, NULL);
		dp = BN_bin2bn(numbers.dp, N_LEN / 2, NULL);
		dq = BN_bin2bn(numbers.dq, N_LEN / 2, NULL);
		qinv = BN_bin2bn(numbers.qinv, N_LEN / 2, NULL);
		rsa = RSA_new();
		differ_must(rsa && RSA_set0_key(rsa, n, e, d) && RSA_set0_factors(rsa, p, q) &&
			    RSA_set0_crt_params(rsa, dp, dq, qinv) && RSA_check_key(rsa) == 1,
			    "a key of ours, checked by OpenSSL");
		RSA_free(rsa);
	}
	differ_done(want, "keys of ours, checked by OpenSSL");
}

int main(void)
{
	differ_begin(3);
	differ_signatures();
	differ_private();
	differ_keys();
	return 0;
}

#endif
