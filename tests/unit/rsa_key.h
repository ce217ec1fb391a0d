/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests: RSA keys that OpenSSL has made, in the form that kmod/pk takes. */
#ifndef _TESTS_UNIT_RSA_KEY_H
#define _TESTS_UNIT_RSA_KEY_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "kmod/pk/rsa_private.h"

struct test_key {
	struct mhsm_rsa_key key;
	EVP_PKEY *pkey;
	u8 n[512], p[256], q[256], dp[256], dq[256], qinv[256], d[512];
};

static inline void test_key_number(EVP_PKEY *pkey, const char *name, u8 *out, size_t len)
{
	BIGNUM *bn = NULL;

	assert_true(EVP_PKEY_get_bn_param(pkey, name, &bn));
	assert_int_equal(BN_bn2binpad(bn, out, (int)len), len);
	BN_clear_free(bn);
}

/* The numbers of t->pkey */
static inline void test_key_read(struct test_key *t, size_t len)
{
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_N, t->n, len);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_D, t->d, len);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_FACTOR1, t->p, len / 2);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_FACTOR2, t->q, len / 2);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1, t->dp, len / 2);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2, t->dq, len / 2);
	test_key_number(t->pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, t->qinv, len / 2);
	t->key = (struct mhsm_rsa_key){ len, t->n, t->p, t->q, t->dp, t->dq, t->qinv };
}

static inline void test_key_make(struct test_key *t, unsigned int bits)
{
	t->pkey = EVP_RSA_gen(bits);
	assert_non_null(t->pkey);
	test_key_read(t, bits / 8);
}

#endif
