/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of test_p384.c, test_p521.c and test_k256.c: printed vectors,
 * Wycheproof, OpenSSL at random and at the edges, every error.
 *
 * Before including this they include the curve's header and its generator (which
 * brings EC_API, EC_BYTES and the internal functions), and define CURVE_NID,
 * VECTORS (the vectors' prefix), TABLE (the table's path) and POINT_ROUNDS (how
 * many random key pairs).
 */
#ifndef TESTS_UNIT_EC_TESTS_H
#define TESTS_UNIT_EC_TESTS_H

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

/* ---- field and scalars ----------------------------------------------------- */

/* A number below m: at random, or near its ends, or with few bits, or nearly all. */
static void pick(BIGNUM *x, const BIGNUM *m, unsigned int i)
{
	u8 b[B];

	vec_noise(b, sizeof(b));
	switch (i % 8) {
	case 0:
		assert_true(BN_set_word(x, b[0] % 5));
		break;
	case 1:
		assert_non_null(BN_copy(x, m));
		assert_true(BN_sub_word(x, 1 + b[0] % 5));
		break;
	case 2:
		BN_zero(x);
		assert_true(BN_set_bit(x, (b[0] << 8 | b[1]) % (EC_BITS - 1)));
		break;
	case 3:
		BN_zero(x);
		assert_true(BN_set_bit(x, 1 + (b[0] << 8 | b[1]) % (EC_BITS - 1)));
		assert_true(BN_sub(x, m, x));
		if (BN_is_negative(x))
			assert_true(BN_add(x, x, m));
		break;
	case 4:
		/* runs of ones and zeros, at limbs' ends or elsewhere */
		memset(b, b[0] & 1 ? 0xff : 0, sizeof(b));
		memset(b + i / 8 % B, 0xff * (int)(i >> 3 & 1), B - i / 8 % B);
		BN_bin2bn(b, B, x);
		assert_true(BN_nnmod(x, x, m, bn_ctx));
		break;
	default:
		BN_bin2bn(b, B, x);
		assert_true(BN_nnmod(x, x, m, bn_ctx));
	}
}

static void bn_to_num(u64 r[EC_LIMBS], const BIGNUM *x)
{
	u8 b[B];

	assert_int_equal(BN_bn2binpad(x, b, B), B);
	num_load(r, b);
}

static void check_num(const u64 got[EC_LIMBS], const BIGNUM *want)
{
	u64 w[EC_LIMBS];

	bn_to_num(w, want);
	assert_memory_equal(got, w, sizeof(w));
}

static void check_fe(const struct ec_fe *got, const BIGNUM *want)
{
	u64 t[EC_LIMBS];

	fe_to_int(t, got);
	check_num(t, want);
}

/*
 * Chains of operations, each on results of those before, so that elements get to
 * be as unreduced as they ever are.
 */
static void test_field(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *t = BN_new();
	struct ec_fe a, b, c;
	u64 num[EC_LIMBS];
	unsigned int i;

	(void)state;
	for (i = 0; i < 4000; i++) {
		pick(x, prime, i);
		pick(y, prime, i / 8);
		bn_to_num(num, x);
		fe_from_int(&a, num);
		bn_to_num(num, y);
		fe_from_int(&b, num);
		check_fe(&a, x);
		assert_int_equal(fe_is_zero(&a), BN_is_zero(x) ? ~(u64)0 : 0);
		assert_int_equal(fe_eq(&a, &b), BN_cmp(x, y) ? 0 : ~(u64)0);

		fe_sub(&c, &a, &b);
		assert_true(BN_mod_sub(t, x, y, prime, bn_ctx));
		check_fe(&c, t);
		fe_add(&c, &c, &b);
		check_fe(&c, x);
		fe_sub(&c, &c, &a);
		assert_true(fe_is_zero(&c));
		fe_neg(&c, &a);
		fe_add(&c, &c, &a);
		assert_true(fe_is_zero(&c));
		fe_half(&c, &a);
		fe_add(&c, &c, &c);
		check_fe(&c, x);

		fe_add(&c, &a, &b);
		fe_mul(&c, &c, &b);
		fe_sqr(&a, &c);
		fe_sub(&b, &a, &b);
		fe_mul(&c, &a, &b);
		assert_true(BN_mod_add(x, x, y, prime, bn_ctx));
		assert_true(BN_mod_mul(t, x, y, prime, bn_ctx));
		assert_true(BN_mod_sqr(x, t, prime, bn_ctx));
		assert_true(BN_mod_sub(y, x, y, prime, bn_ctx));
		assert_true(BN_mod_mul(t, x, y, prime, bn_ctx));
		check_fe(&a, x);
		check_fe(&b, y);
		check_fe(&c, t);
		fe_sqr(&c, &c);
		assert_true(BN_mod_sqr(t, t, prime, bn_ctx));
		check_fe(&c, t);
		if (i % 16 > 1 || BN_is_zero(t))
			continue;
		fe_inv(&c, &c);
		assert_non_null(BN_mod_inverse(t, t, prime, bn_ctx));
		check_fe(&c, t);
	}
	memset(&a, 0, sizeof(a));
	fe_inv(&a, &a);
	assert_true(fe_is_zero(&a));
	BN_free(x);
	BN_free(y);
	BN_free(t);
}

static void test_scalars(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *t = BN_new();
	struct ec_sc a, b, c;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4000; i++) {
		pick(x, order, i);
		pick(y, order, i / 8);
		bn_to_num(a.v, x);
		bn_to_num(b.v, y);
		sc_add(&c, &a, &b);
		assert_true(BN_mod_add(t, x, y, order, bn_ctx));
		check_num(c.v, t);
		sc_neg(&c, &a);
		sc_add(&c, &c, &a);
		assert_true(sc_is_zero(&c));
		sc_to_mont(&c, &a);
		sc_mul(&c, &c, &b);
		assert_true(BN_mod_mul(t, x, y, order, bn_ctx));
		check_num(c.v, t);
		if (i % 16 > 1 || BN_is_zero(x))
			continue;
		sc_inv(&c, &a);
		assert_non_null(BN_mod_inverse(t, x, order, bn_ctx));
		check_num(c.v, t);
	}
	memset(&a, 0, sizeof(a));
	sc_inv(&a, &a);
	assert_true(sc_is_zero(&a));
	BN_free(x);
	BN_free(y);
	BN_free(t);
}

/* ---- the table ----------------------------------------------------------- */

static void test_table(void **state)
{
	char *made = NULL, *kept;
	size_t made_len = 0, kept_len;
	FILE *f;

	(void)state;
	f = open_memstream(&made, &made_len);
	assert_non_null(f);
	assert_int_equal(gen_table(f), 0);
	fclose(f);

	f = fopen(TABLE, "r");
	assert_non_null(f);
	kept = malloc(made_len + 2);
	kept_len = fread(kept, 1, made_len + 1, f);
	fclose(f);
	assert_int_equal(kept_len, made_len);
	assert_memory_equal(kept, made, made_len);
	free(kept);
	free(made);
}

/* ---- Wycheproof ---------------------------------------------------------- */

static size_t digest_of(const char *hash, const void *in, size_t len, u8 out[64])
{
	if (!strcmp(hash, "sha1"))
		return SHA1(in, len, out), 20;
	if (!strcmp(hash, "sha224"))
		return SHA224(in, len, out), 28;
	if (!strcmp(hash, "sha256"))
		return SHA256(in, len, out), 32;
	if (!strcmp(hash, "sha384"))
		return SHA384(in, len, out), 48;
	assert_string_equal(hash, "sha512");
	return SHA512(in, len, out), 64;
}

static unsigned int checked;
static const char *hash_name;

static void check_verify(char *const field[], const u8 *sig)
{
	static u8 message[4096];
	u8 pub[2 * B], digest[64];
	size_t len, mlen;

	assert_int_equal(vec_hex(pub, sizeof(pub), field[2]), 2 * B);
	mlen = vec_hex(message, sizeof(message), field[3]);
	len = digest_of(hash_name, message, mlen, digest);
	if (strcmp(field[1], "valid") == 0)
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), 0);
	else
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), -EBADMSG);
	checked++;
}

static void each_p1363(char *const field[])
{
	u8 sig[4 * B];

	if (vec_hex(sig, sizeof(sig), field[4]) != 2 * B) {
		/* the length is the caller's to check: such cases are all invalid */
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig);
}

/*
 * DER by OpenSSL, strictly: what does not encode back to the same bytes, or does
 * not fit, never becomes r || s.
 */
static bool decode_der(u8 sig[2 * B], const u8 *der, size_t len)
{
	const unsigned char *p = der;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)len);
	unsigned char *again = NULL;
	bool ok = false;
	int n;

	if (!s)
		return false;
	n = i2d_ECDSA_SIG(s, &again);
	if (n == (int)len && memcmp(again, der, len) == 0 &&
	    !BN_is_negative(ECDSA_SIG_get0_r(s)) &&
	    !BN_is_negative(ECDSA_SIG_get0_s(s)) &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, B) == B &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + B, B) == B)
		ok = true;
	OPENSSL_free(again);
	ECDSA_SIG_free(s);
	return ok;
}

static void each_der(char *const field[])
{
	static u8 der[8192];
	u8 sig[2 * B];
	size_t len = vec_hex(der, sizeof(der), field[4]);

	if (!decode_der(sig, der, len)) {
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig);
}

/* Of all the cases in the file, at least 'least' get as far as verify. */
static void wycheproof_sigs(const char *name, const char *hash, bool der,
			    unsigned int cases, unsigned int least)
{
	char path[80];

	snprintf(path, sizeof(path), "tests/vectors/" VECTORS "_ecdsa_%s.txt", name);
	checked = 0;
	hash_name = hash;
	assert_int_equal(vec_each(path, 5, der ? each_der : each_p1363), cases);
	assert_in_range(checked, least, cases);
}

/* A test that has a twin can leave out most of the slow cases. */
#ifndef EC_STEP
#define EC_STEP 1
#endif

static void each_ecdh(char *const field[])
{
	u8 pub[2 * B], priv[B], want[B], got[B];
	int ret;

	if (checked++ % EC_STEP)
		return;
	assert_int_equal(vec_hex(pub, 2 * B, field[2]), 2 * B);
	assert_int_equal(vec_hex(priv, B, field[3]), B);
	ret = EC_API(ecdh)(got, priv, pub);
	if (strcmp(field[1], "valid") != 0) {
		assert_int_equal(ret, -EINVAL);
		assert_int_equal(EC_API(check_public)(pub), -EINVAL);
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(vec_hex(want, B, field[4]), B);
	assert_memory_equal(got, want, B);
}

/* ---- printed signatures: RFC 6979 ------------------------------------------- */

static void each_rfc6979(char *const field[])
{
	u8 priv[B], pub[2 * B], want_pub[2 * B], nonce[B], k[RND], blind[B];
	u8 message[64], digest[64], sig[2 * B], want[2 * B];
	size_t len = vec_hex(message, sizeof(message), field[3]);
	int round;

	len = digest_of(field[2], message, len, digest);
	assert_int_equal(vec_hex(priv, B, field[4]), B);
	assert_int_equal(vec_hex(want_pub, 2 * B, field[5]), 2 * B);
	assert_int_equal(vec_hex(nonce, B, field[6]), B);
	assert_int_equal(vec_hex(want, 2 * B, field[7]), 2 * B);
	assert_int_equal(EC_API(public)(pub, priv), 0);
	assert_memory_equal(pub, want_pub, 2 * B);
	extra_bits(k, nonce);
	/* blinding must not change the result: none, the largest, others */
	for (round = 0; round < 4; round++) {
		if (round < 2)
			memset(blind, round ? 0xff : 0, sizeof(blind));
		else
			vec_noise(blind, sizeof(blind));
		memset(sig, 0, sizeof(sig));
		assert_int_equal(EC_API(sign)(sig, priv, digest, len, k, blind), 0);
		assert_memory_equal(sig, want, 2 * B);
	}
	assert_int_equal(EC_API(verify)(pub, digest, len, sig), 0);
}

/* ---- against OpenSSL ----------------------------------------------------- */

static void check_scalar(const u8 priv[B], const u8 peer[2 * B])
{
	u8 pub[2 * B], want[2 * B], x[B], rnd[RND], made[B], made_pub[2 * B];

	assert_int_equal(EC_API(public)(pub, priv), 0);
	ossl_mul(want, priv, NULL);
	assert_memory_equal(pub, want, 2 * B);
	assert_int_equal(EC_API(check_public)(pub), 0);

	assert_int_equal(EC_API(ecdh)(x, priv, peer), 0);
	ossl_mul(want, priv, peer);
	assert_memory_equal(x, want, B);

	extra_bits(rnd, priv);
	assert_int_equal(EC_API(keygen)(made, made_pub, rnd), 0);
	assert_memory_equal(made, priv, B);
	assert_memory_equal(made_pub, pub, 2 * B);
}

/*
 * The ends of the range, with every k = n - 2 |d_0| for which the last addition is
 * a doubling, and powers of two and their neighbours across the digits.
 */
static void test_scalar_edges(void **state)
{
	BIGNUM *x = BN_new();
	u8 priv[B], peer[2 * B], bad[B], rnd[RND];
	int i;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(EC_API(keygen)(bad, peer, rnd), 0);

	BN_zero(x);
	for (i = 1; i <= 66; i++) {
		if (i < 20 || i > 60) {
			near(priv, x, i);
			check_scalar(priv, peer);
		}
		near(priv, order, -i);
		check_scalar(priv, peer);
	}
	for (i = 6; i < EC_BITS; i += 1 + i % 7) {
		BN_zero(x);
		assert_true(BN_set_bit(x, i));
		near(priv, x, i % 3 - 1);
		if (BN_cmp(x, order) < 0)
			check_scalar(priv, peer);
	}
	assert_true(BN_rshift1(x, order));
	for (i = -3; i <= 3; i++) {
		near(priv, x, i);
		check_scalar(priv, peer);
	}
	BN_free(x);
}

/* Private keys out of range, for every function that takes one. */
static void test_bad_private(void **state)
{
	u8 bad[B], peer[2 * B], priv[B], rnd[RND], out[2 * B];
	int i;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(EC_API(keygen)(priv, peer, rnd), 0);
	for (i = 0; i < 80; i++) {
		if (i == 0)
			memset(bad, 0, sizeof(bad));
		else if (i < 65)
			near(bad, order, i - 1);
		else if (i < 70)
			memset(bad, 0xff, sizeof(bad));
		else
			near(bad, prime, i - 72);
		if (i > 65 && i < 70)
			bad[B - 1] = (u8)(0xff - (i - 65));
		memset(out, 0x5a, sizeof(out));
		assert_int_equal(EC_API(public)(out, bad), -EINVAL);
		assert_int_equal(EC_API(ecdh)(out, bad, peer), -EINVAL);
		assert_int_equal(EC_API(sign)(out, bad, peer, 32, rnd, bad), -EINVAL);
		assert_int_equal(out[0], 0x5a);
		assert_int_equal(out[2 * B - 1], 0x5a);
	}
	/* a valid key with a bit above the order's length */
	for (i = EC_BITS; i < 8 * B; i++) {
		memcpy(bad, priv, sizeof(bad));
		bad[0] ^= (u8)(1 << i % 8);
		assert_int_equal(EC_API(public)(out, bad), -EINVAL);
	}
}

/* (c mod (n - 1)) + 1 for strings at the edges and at random. */
static void test_extra_bits(void **state)
{
	BIGNUM *m = BN_dup(order), *c = BN_new(), *want = BN_new(), *step = BN_new();
	struct ec_sc got;
	u8 rnd[RND];
	int i;

	(void)state;
	assert_true(BN_sub_word(m, 1));
	for (i = 0; i < 2000; i++) {
		if (i < 240) {
			/* multiples of n - 1, and one and two off */
			BN_zero(step);
			assert_true(BN_set_bit(step, i / 3));
			if (i % 2)
				assert_true(BN_sub_word(step, 1));
			assert_true(BN_mul(c, m, step, bn_ctx));
			if (i % 3)
				assert_true(BN_add_word(c, (BN_ULONG)(i % 3)));
			BN_mask_bits(c, 8 * RND);
			assert_int_equal(BN_bn2binpad(c, rnd, RND), RND);
		} else if (i < 400) {
			/* all ones or zeros, but for one bit */
			memset(rnd, i % 2 ? 0xff : 0, sizeof(rnd));
			rnd[(i - 240) % RND] ^= (u8)(1 << i % 8);
		} else {
			vec_noise(rnd, sizeof(rnd));
		}
		if (i == 399)
			memset(rnd, 0xff, sizeof(rnd));
		BN_bin2bn(rnd, RND, c);
		assert_true(BN_mod(want, c, m, bn_ctx));
		assert_true(BN_add_word(want, 1));
		sc_load_extra(&got, rnd);
		check_num(got.v, want);
	}
	BN_free(m);
	BN_free(c);
	BN_free(want);
	BN_free(step);
}

static void test_public_edges(void **state)
{
	static const int deltas[] = { -3, -2, -1, 0, 1, 2, 3, 4, 5 };
	const u8 seven[B] = { [B - 1] = 7 };
	u8 pub[2 * B], good[2 * B], t[B];
	BIGNUM *x = BN_new();
	EC_POINT *p = EC_POINT_new(group);
	unsigned int i, on = 0;
	int bit;

	(void)state;
	memset(pub, 0, sizeof(pub));
	assert_int_equal(EC_API(check_public)(pub), -EINVAL);
	memset(pub, 0xff, sizeof(pub));
	assert_int_equal(EC_API(check_public)(pub), -EINVAL);

	/* x just below p, and small x, with both y; then the same x not reduced */
	for (i = 0; i < 64; i++) {
		if (i < 32)
			assert_true(BN_set_word(x, i));
		else {
			assert_non_null(BN_copy(x, prime));
			assert_true(BN_sub_word(x, i - 31));
		}
		for (bit = 0; bit < 2; bit++) {
			if (!EC_POINT_set_compressed_coordinates(group, p, x, bit, bn_ctx))
				continue;
			ossl_store(pub, p);
			assert_int_equal(EC_API(check_public)(pub), 0);
			on++;
			if (i < 32) {
				near(t, prime, (int)i);
				/* not where that exceeds the bytes */
				if (memcmp(t, pub, B) > 0) {
					memcpy(pub, t, B);
					assert_int_equal(EC_API(check_public)(pub), -EINVAL);
				}
			}
		}
	}
	assert_in_range(on, 40, 100);

	ossl_mul(good, seven, NULL);
	memcpy(pub, good, sizeof(pub));
	for (i = 0; i < sizeof(deltas) / sizeof(deltas[0]); i++) {
		near(pub + B, prime, deltas[i]);
		assert_null(ossl_point(pub));
		assert_int_equal(EC_API(check_public)(pub), -EINVAL);
	}
	for (bit = 0; bit < 16 * B; bit++) {
		memcpy(pub, good, sizeof(pub));
		pub[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(EC_API(check_public)(pub), -EINVAL);
	}
	BN_free(x);
	EC_POINT_free(p);
}

static void test_random(void **state)
{
	u8 rnd[RND], priv[B], pub[2 * B], other[B], other_pub[2 * B], k[RND], blind[B];
	u8 digest[B + 8], sig[2 * B], bent[2 * B], x1[B], x2[B];
	size_t len;
	int i, want;

	(void)state;
	for (i = 0; i < POINT_ROUNDS; i++) {
		vec_noise(rnd, sizeof(rnd));
		assert_int_equal(EC_API(keygen)(priv, pub, rnd), 0);
		vec_noise(rnd, sizeof(rnd));
		assert_int_equal(EC_API(keygen)(other, other_pub, rnd), 0);
		check_scalar(priv, other_pub);
		assert_int_equal(EC_API(ecdh)(x1, priv, other_pub), 0);
		assert_int_equal(EC_API(ecdh)(x2, other, pub), 0);
		assert_memory_equal(x1, x2, B);

		/* of every length, to beyond the order's */
		len = sizeof(digest) - (size_t)i % sizeof(digest);
		vec_noise(digest, sizeof(digest));
		vec_noise(k, sizeof(k));
		vec_noise(blind, sizeof(blind));
		assert_int_equal(EC_API(sign)(sig, priv, digest, len, k, blind), 0);
		assert_int_equal(ossl_verify(pub, digest, len, sig), 1);
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), 0);
		assert_int_equal(EC_API(verify)(other_pub, digest, len, sig), -EBADMSG);

		memcpy(bent, sig, sizeof(bent));
		bent[i % (2 * B)] ^= (u8)(1 << i % 8);
		want = ossl_verify(pub, digest, len, bent);
		assert_int_equal(EC_API(verify)(pub, digest, len, bent),
				 want == 1 ? 0 : -EBADMSG);
		digest[0] ^= 0x80;
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), -EBADMSG);
	}
}

/* Only the leftmost EC_BITS bits of a digest count, and all of them. */
static void test_digest_bits(void **state)
{
	u8 rnd[RND], priv[B], pub[2 * B], k[RND], digest[B + 3], sig[2 * B], same[2 * B];
	int bit;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	vec_noise(k, sizeof(k));
	assert_int_equal(EC_API(keygen)(priv, pub, rnd), 0);
	vec_noise(digest, sizeof(digest));
	assert_int_equal(EC_API(sign)(sig, priv, digest, sizeof(digest), k, rnd), 0);
	for (bit = EC_BITS - 9; bit < 8 * (int)sizeof(digest); bit++) {
		digest[bit / 8] ^= (u8)(0x80 >> bit % 8);
		assert_int_equal(EC_API(sign)(same, priv, digest, sizeof(digest), k, rnd), 0);
		assert_int_equal(memcmp(sig, same, sizeof(sig)) == 0, bit >= EC_BITS);
		assert_int_equal(ossl_verify(pub, digest, sizeof(digest), same), 1);
		digest[bit / 8] ^= (u8)(0x80 >> bit % 8);
	}
	/* s and n - s are both accepted, whichever is the greater */
	near(same + B, order, 0);
	{
		BIGNUM *s = BN_bin2bn(sig + B, B, NULL);

		assert_true(BN_sub(s, order, s));
		memcpy(same, sig, B);
		assert_int_equal(BN_bn2binpad(s, same + B, B), B);
		BN_free(s);
	}
	assert_int_equal(EC_API(verify)(pub, digest, sizeof(digest), same), 0);
}

/* ---- verification: exceptional sums and ranges ---------------------------- */

/* z as a digest of B bytes, of which the leftmost EC_BITS bits are z. */
static void digest_for(u8 digest[B], const BIGNUM *z)
{
	BIGNUM *t = BN_new();

	assert_true(BN_lshift(t, z, 8 * B - EC_BITS));
	assert_int_equal(BN_bn2binpad(t, digest, B), B);
	BN_free(t);
}

/* Signs with a chosen nonce, so that a chosen relation between the points holds. */
static void test_verify_exceptions(void **state)
{
	u8 one[B] = { [B - 1] = 1 }, two[B] = { [B - 1] = 2 }, minus_one[B];
	u8 pub[2 * B], sig[2 * B], digest[B], k[RND] = { 0 }, blind[B], zero[B] = { 0 };
	const u8 *keys[] = { one, two, minus_one };
	BIGNUM *x = BN_new();
	unsigned int i, j;

	(void)state;
	vec_noise(blind, sizeof(blind));
	near(minus_one, order, -1);
	/* keys G, 2G, -G: the two multiples meet often, as equals and opposites */
	for (i = 0; i < 3; i++) {
		assert_int_equal(EC_API(public)(pub, keys[i]), 0);
		for (j = 0; j < 40; j++) {
			assert_non_null(BN_copy(x, order));
			if (j < 20)
				assert_true(BN_set_word(x, j));	/* u1 = 0 for j = 0 */
			else
				assert_true(BN_sub_word(x, 40 - j));
			digest_for(digest, x);
			k[RND - 1] = (u8)(j % 5);		/* nonce 1 .. 5 */
			if (EC_API(sign)(sig, keys[i], digest, B, k, blind))
				continue;
			assert_int_equal(ossl_verify(pub, digest, B, sig), 1);
			assert_int_equal(EC_API(verify)(pub, digest, B, sig), 0);
		}
	}

	/*
	 * With key G the sum is (z + r) / s * G: infinity for z = -r, and then
	 * nothing is valid; z = r makes equal summands.
	 */
	assert_int_equal(EC_API(public)(pub, one), 0);
	for (i = 1; i < 20; i++) {
		noise_below(sig);
		noise_below(sig + B);
		BN_bin2bn(sig, B, x);
		digest_for(digest, x);
		assert_int_equal(EC_API(verify)(pub, digest, B, sig), -EBADMSG);
		assert_true(BN_sub(x, order, x));
		digest_for(digest, x);
		assert_int_equal(ossl_verify(pub, digest, B, sig), 0);
		assert_int_equal(EC_API(verify)(pub, digest, B, sig), -EBADMSG);
	}

	/* the signer's half of that: key 1, z = -r gives s = 0, try again */
	memset(k, 0, sizeof(k));
	k[RND - 1] = 6;
	assert_int_equal(EC_API(sign)(sig, one, zero, B, k, blind), 0);
	BN_bin2bn(sig, B, x);
	assert_true(BN_sub(x, order, x));
	digest_for(digest, x);
	memset(sig, 0x5a, sizeof(sig));
	assert_int_equal(EC_API(sign)(sig, one, digest, B, k, blind), -EAGAIN);
	assert_int_equal(sig[0], 0x5a);
	assert_int_equal(sig[2 * B - 1], 0x5a);
	BN_free(x);
}

/*
 * r = x - n for a nonce point with n <= x < p: found by taking such an x on the
 * curve as R and making a key for which R is the sum. Q = (s R - z G) / r.
 */
static void test_verify_large_x(void **state)
{
	EC_POINT *p = EC_POINT_new(group), *q = EC_POINT_new(group);
	BIGNUM *x = BN_dup(order), *r = BN_new(), *s = BN_new(), *z = BN_new();
	BIGNUM *inv = BN_new();
	u8 sig[2 * B], digest[B], pub[2 * B];
	unsigned int i, found = 0;

	(void)state;
	for (i = 1; i < 40; i++) {
		assert_true(BN_add_word(x, 1));
		if (!EC_POINT_set_compressed_coordinates(group, p, x, i & 1, bn_ctx))
			continue;
		assert_true(BN_sub(r, x, order));
		noise_below(sig + B);
		noise_below(digest);
		BN_bin2bn(sig + B, B, s);
		BN_bin2bn(digest, B, z);
		digest_for(digest, z);
		assert_int_equal(BN_bn2binpad(r, sig, B), B);
		assert_non_null(BN_mod_inverse(inv, r, order, bn_ctx));
		assert_true(BN_mod_mul(s, s, inv, order, bn_ctx));
		assert_true(BN_sub(z, order, z));
		assert_true(BN_mod_mul(z, z, inv, order, bn_ctx));
		assert_true(EC_POINT_mul(group, q, z, p, s, bn_ctx));
		ossl_store(pub, q);
		assert_int_equal(ossl_verify(pub, digest, B, sig), 1);
		assert_int_equal(EC_API(verify)(pub, digest, B, sig), 0);
		/* r + n itself is out of range */
		near(sig, order, (int)i);
		assert_int_equal(EC_API(verify)(pub, digest, B, sig), -EBADMSG);
		found++;
	}
	assert_in_range(found, 8, 40);
	EC_POINT_free(p);
	EC_POINT_free(q);
	BN_free(x);
	BN_free(r);
	BN_free(s);
	BN_free(z);
	BN_free(inv);
}

static void test_errors(void **state)
{
	u8 rnd[RND], priv[B], pub[2 * B], bad_pub[2 * B], sig[2 * B], bent[2 * B];
	u8 digest[B], x[B], edge[B];
	int half, i;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(EC_API(keygen)(priv, pub, rnd), 0);
	vec_noise(digest, sizeof(digest));
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(EC_API(sign)(sig, priv, digest, B, rnd, digest), 0);
	assert_int_equal(EC_API(verify)(pub, digest, B, sig), 0);

	/* r and s each: 0, n, n + 1, all ones */
	for (half = 0; half < 2; half++) {
		for (i = 0; i < 4; i++) {
			memset(edge, i == 3 ? 0xff : 0, sizeof(edge));
			if (i == 1 || i == 2)
				near(edge, order, i - 1);
			memcpy(bent, sig, sizeof(bent));
			memcpy(bent + B * half, edge, B);
			assert_int_equal(EC_API(verify)(pub, digest, B, bent), -EBADMSG);
		}
		/* a valid half with a bit above the order's length */
		for (i = EC_BITS; i < 8 * B; i++) {
			memcpy(bent, sig, sizeof(bent));
			bent[B * half] ^= (u8)(1 << i % 8);
			assert_int_equal(EC_API(verify)(pub, digest, B, bent), -EBADMSG);
		}
	}

	memcpy(bad_pub, pub, sizeof(pub));
	bad_pub[2 * B - 1] ^= 1;
	memset(x, 0x5a, sizeof(x));
	assert_int_equal(EC_API(verify)(bad_pub, digest, B, sig), -EINVAL);
	assert_int_equal(EC_API(ecdh)(x, priv, bad_pub), -EINVAL);
	assert_int_equal(x[0], 0x5a);
	assert_int_equal(EC_API(verify)(pub, digest, 0, sig), -EINVAL);
	assert_int_equal(EC_API(sign)(bent, priv, digest, 0, rnd, digest), -EINVAL);

	/* outputs over inputs */
	memcpy(bent, digest, B);
	assert_int_equal(EC_API(sign)(bent, priv, bent, B, rnd, digest), 0);
	assert_memory_equal(bent, sig, 2 * B);
	memcpy(x, priv, B);
	assert_int_equal(EC_API(ecdh)(edge, priv, pub), 0);
	assert_int_equal(EC_API(ecdh)(x, x, pub), 0);
	assert_memory_equal(x, edge, B);
}

#define EC_COMMON_TESTS \
	cmocka_unit_test(test_field), \
	cmocka_unit_test(test_scalars), \
	cmocka_unit_test(test_table), \
	cmocka_unit_test(test_scalar_edges), \
	cmocka_unit_test(test_bad_private), \
	cmocka_unit_test(test_extra_bits), \
	cmocka_unit_test(test_public_edges), \
	cmocka_unit_test(test_random), \
	cmocka_unit_test(test_digest_bits), \
	cmocka_unit_test(test_verify_exceptions), \
	cmocka_unit_test(test_verify_large_x), \
	cmocka_unit_test(test_errors)

#endif
