/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RSA figures of native.c: PKCS#1 v1.5 signatures of a SHA-256 digest, and keys.
 * Ours blinds and verifies each signature, as the module does; OpenSSL blinds.
 */
#ifndef MHSM_BENCH_NATIVE_RSA_H
#define MHSM_BENCH_NATIVE_RSA_H

#include "kmod/pk/pkcs1.h"
#include "kmod/pk/rsa_ifma.h"
#include "kmod/pk/rsa_key.h"

struct rsa_bench {
	size_t n_len;
	struct mhsm_rsa_numbers numbers;
	u8 sig[512];
	EVP_PKEY_CTX *sign, *verify, *keygen;
};

static struct rsa_bench rsa_2048 = { .n_len = 256 };
static struct rsa_bench rsa_3072 = { .n_len = 384 };
static struct rsa_bench rsa_4096 = { .n_len = 512 };
static struct mhsm_rsa_private_scratch rsa_private_scratch;
static struct mhsm_rsa_ifma_scratch rsa_ifma_scratch;
static struct mhsm_rsa_scratch rsa_public_scratch;
static struct mhsm_rsa_key_scratch rsa_key_scratch;

static void rsa_number(EVP_PKEY *key, const char *name, u8 *out, size_t len)
{
	BIGNUM *bn = NULL;

	check(EVP_PKEY_get_bn_param(key, name, &bn) &&
	      BN_bn2binpad(bn, out, (int)len) == (int)len, name);
	BN_clear_free(bn);
}

static void rsa_set_up(struct rsa_bench *r)
{
	EVP_PKEY *key = EVP_RSA_gen(8 * r->n_len);
	size_t half = r->n_len / 2, len = r->n_len;

	check(key, "EVP_RSA_gen");
	rsa_number(key, OSSL_PKEY_PARAM_RSA_N, r->numbers.n, r->n_len);
	rsa_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, r->numbers.p, half);
	rsa_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, r->numbers.q, half);
	rsa_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, r->numbers.dp, half);
	rsa_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, r->numbers.dq, half);
	rsa_number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, r->numbers.qinv, half);
	r->sign = EVP_PKEY_CTX_new(key, NULL);
	r->verify = EVP_PKEY_CTX_new(key, NULL);
	r->keygen = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	check(EVP_PKEY_sign_init(r->sign) == 1 &&
	      EVP_PKEY_CTX_set_rsa_padding(r->sign, RSA_PKCS1_PADDING) == 1 &&
	      EVP_PKEY_CTX_set_signature_md(r->sign, EVP_sha256()) == 1, "sign_init");
	check(EVP_PKEY_verify_init(r->verify) == 1 &&
	      EVP_PKEY_CTX_set_rsa_padding(r->verify, RSA_PKCS1_PADDING) == 1 &&
	      EVP_PKEY_CTX_set_signature_md(r->verify, EVP_sha256()) == 1, "verify_init");
	check(EVP_PKEY_keygen_init(r->keygen) == 1 &&
	      EVP_PKEY_CTX_set_rsa_keygen_bits(r->keygen, (int)(8 * len)) == 1, "keygen_init");
	check(EVP_PKEY_sign(r->sign, r->sig, &len, digest, 32) == 1, "EVP_PKEY_sign");
	EVP_PKEY_free(key);
}

static void rsa_tear_down(struct rsa_bench *r)
{
	EVP_PKEY_CTX_free(r->sign);
	EVP_PKEY_CTX_free(r->verify);
	EVP_PKEY_CTX_free(r->keygen);
}

static bool rsa_ours_sign(struct rsa_bench *r)
{
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&r->numbers, r->n_len);
	u8 info[MHSM_PKCS1_INFO_MAX], em[512], rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];
	size_t info_len;

	return RAND_bytes(rnd, sizeof(rnd)) == 1 &&
	       mhsm_pkcs1_info(info, &info_len, digest, 32) == 0 &&
	       mhsm_pkcs1_sign_encode(em, r->n_len, info, info_len) == 0 &&
	       mhsm_rsa_private(em, &key, em, rnd, NULL, &rsa_private_scratch) == 0;
}

/* Only called where the processor has it: see native.c */
static bool rsa_ours_sign_ifma(struct rsa_bench *r)
{
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&r->numbers, r->n_len);
	u8 info[MHSM_PKCS1_INFO_MAX], em[512], rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];
	size_t info_len;

	return RAND_bytes(rnd, sizeof(rnd)) == 1 &&
	       mhsm_pkcs1_info(info, &info_len, digest, 32) == 0 &&
	       mhsm_pkcs1_sign_encode(em, r->n_len, info, info_len) == 0 &&
	       mhsm_rsa_private_ifma(em, &key, em, rnd, NULL, &rsa_ifma_scratch) == 0;
}

static bool rsa_theirs_sign(struct rsa_bench *r)
{
	u8 out[512];
	size_t len = sizeof(out);

	return EVP_PKEY_sign(r->sign, out, &len, digest, 32) == 1;
}

static bool rsa_ours_verify(struct rsa_bench *r)
{
	u8 info[MHSM_PKCS1_INFO_MAX], em[512];
	size_t info_len;

	return mhsm_rsa_public(em, r->numbers.n, r->n_len, exponent, 3, r->sig,
			       &rsa_public_scratch) == 0 &&
	       mhsm_pkcs1_info(info, &info_len, digest, 32) == 0 &&
	       mhsm_pkcs1_sign_check(em, r->n_len, info, info_len) == 0;
}

static bool rsa_theirs_verify(struct rsa_bench *r)
{
	return EVP_PKEY_verify(r->verify, r->sig, r->n_len, digest, 32) == 1;
}

static int rsa_random(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	return RAND_bytes(out, (int)len) == 1 ? 0 : -EIO;
}

static bool rsa_ours_keygen(struct rsa_bench *r)
{
	static const struct mhsm_pk_random random = { rsa_random, NULL };
	struct mhsm_rsa_numbers made;

	return mhsm_rsa_generate(&made, r->n_len, &random, NULL, &rsa_key_scratch) == 0;
}

static bool rsa_theirs_keygen(struct rsa_bench *r)
{
	EVP_PKEY *key = NULL;
	bool ok = EVP_PKEY_keygen(r->keygen, &key) == 1;

	EVP_PKEY_free(key);
	return ok;
}

/* An operation of each size, and its line in the table of figures */
#define RSA_OPERATION(bits, what)						\
	static bool ours_rsa##bits##_##what(void)				\
	{									\
		return rsa_ours_##what(&rsa_##bits);				\
	}									\
	static bool theirs_rsa##bits##_##what(void)				\
	{									\
		return rsa_theirs_##what(&rsa_##bits);				\
	}
RSA_OPERATION(2048, sign)
RSA_OPERATION(2048, verify)
RSA_OPERATION(2048, keygen)
RSA_OPERATION(3072, sign)
RSA_OPERATION(3072, verify)
RSA_OPERATION(3072, keygen)
RSA_OPERATION(4096, sign)
RSA_OPERATION(4096, verify)
RSA_OPERATION(4096, keygen)

/* With vectors: figures apart, which not every processor has */
static bool ours_rsa2048_sign_ifma(void)
{
	return rsa_ours_sign_ifma(&rsa_2048);
}
static bool ours_rsa3072_sign_ifma(void)
{
	return rsa_ours_sign_ifma(&rsa_3072);
}
static bool ours_rsa4096_sign_ifma(void)
{
	return rsa_ours_sign_ifma(&rsa_4096);
}
#define RSA_IFMA_FIGURES \
	{ "native/rsa2048/sign-ifma", ours_rsa2048_sign_ifma, theirs_rsa2048_sign }, \
	{ "native/rsa3072/sign-ifma", ours_rsa3072_sign_ifma, theirs_rsa3072_sign }, \
	{ "native/rsa4096/sign-ifma", ours_rsa4096_sign_ifma, theirs_rsa4096_sign }

#define RSA_FIGURE(bits, what) \
	{ "native/rsa" #bits "/" #what, ours_rsa##bits##_##what, theirs_rsa##bits##_##what }
#define RSA_FIGURES_OF(bits) \
	RSA_FIGURE(bits, sign), RSA_FIGURE(bits, verify), RSA_FIGURE(bits, keygen)
#define RSA_FIGURES RSA_FIGURES_OF(2048), RSA_FIGURES_OF(3072), RSA_FIGURES_OF(4096)

#endif
