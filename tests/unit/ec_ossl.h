/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of a curve, see ec_tests.h: the same operations by OpenSSL. */
#ifndef TESTS_UNIT_EC_OSSL_H
#define TESTS_UNIT_EC_OSSL_H

#include "tests/unit/vec.h"
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#define B EC_BYTES
#define RND EC_RANDOM_BYTES

static EC_GROUP *group;
static BIGNUM *order, *prime;
static BN_CTX *bn_ctx;

static int setup(void **state)
{
	(void)state;
	group = EC_GROUP_new_by_curve_name(CURVE_NID);
	bn_ctx = BN_CTX_new();
	prime = BN_new();
	if (!group || !bn_ctx || !EC_GROUP_get_curve(group, prime, NULL, NULL, bn_ctx))
		return -1;
	order = BN_dup(EC_GROUP_get0_order(group));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EC_GROUP_free(group);
	BN_free(order);
	BN_free(prime);
	BN_CTX_free(bn_ctx);
	return 0;
}

/* ---- the same operations by OpenSSL ------------------------------------- */

/* A public key as OpenSSL's point, or NULL if it refuses it. */
static EC_POINT *ossl_point(const u8 pub[2 * B])
{
	EC_POINT *p = EC_POINT_new(group);
	u8 octets[2 * B + 1] = { 4 };

	memcpy(octets + 1, pub, 2 * B);
	if (!EC_POINT_oct2point(group, p, octets, sizeof(octets), bn_ctx)) {
		EC_POINT_free(p);
		return NULL;
	}
	return p;
}

static void ossl_store(u8 pub[2 * B], const EC_POINT *p)
{
	u8 octets[2 * B + 1];

	assert_int_equal(EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED,
					    octets, sizeof(octets), bn_ctx), sizeof(octets));
	memcpy(pub, octets + 1, 2 * B);
}

/* pub = priv * base, base NULL for the base point */
static void ossl_mul(u8 pub[2 * B], const u8 priv[B], const u8 *base)
{
	BIGNUM *d = BN_bin2bn(priv, B, NULL);
	EC_POINT *p = EC_POINT_new(group), *q = base ? ossl_point(base) : NULL;

	if (q)
		assert_true(EC_POINT_mul(group, p, NULL, q, d, bn_ctx));
	else
		assert_true(EC_POINT_mul(group, p, d, NULL, NULL, bn_ctx));
	ossl_store(pub, p);
	EC_POINT_free(p);
	EC_POINT_free(q);
	BN_free(d);
}

/* 1, 0, or -1 for a public key that OpenSSL refuses */
static int ossl_verify(const u8 pub[2 * B], const u8 *digest, size_t len,
		       const u8 sig[2 * B])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	EC_KEY *key = EC_KEY_new();
	EC_POINT *p = ossl_point(pub);
	int ok = -1;

	if (p) {
		assert_true(EC_KEY_set_group(key, group));
		assert_true(EC_KEY_set_public_key(key, p));
		assert_true(ECDSA_SIG_set0(s, BN_bin2bn(sig, B, NULL),
					   BN_bin2bn(sig + B, B, NULL)));
		ok = ECDSA_do_verify(digest, (int)len, s, key) == 1;
	}
	ECDSA_SIG_free(s);
	EC_KEY_free(key);
	EC_POINT_free(p);
	return ok;
}

/* out = base + delta, modulo 2^(8 B) */
static void near(u8 out[B], const BIGNUM *base, int delta)
{
	BIGNUM *x = BN_dup(base);

	if (delta < 0)
		assert_true(BN_sub_word(x, (BN_ULONG)-delta));
	else
		assert_true(BN_add_word(x, (BN_ULONG)delta));
	BN_mask_bits(x, 8 * B);
	assert_int_equal(BN_bn2binpad(x, out, B), B);
	BN_free(x);
}

/* The random bytes that make a nonce or key of 'value' in 1..n-1. */
static void extra_bits(u8 rnd[RND], const u8 value[B])
{
	BIGNUM *x = BN_bin2bn(value, B, NULL);

	assert_true(BN_sub_word(x, 1));
	assert_int_equal(BN_bn2binpad(x, rnd, RND), RND);
	BN_free(x);
}

/* A number of at most EC_BITS - 1 bits, below p and n. */
static void noise_below(u8 out[B])
{
	vec_noise(out, B);
	out[0] &= (u8)(0xff >> (8 * B - EC_BITS + 1));
}

#endif
