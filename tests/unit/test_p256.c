// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/p256_fe.c kmod/pk/p256_sc.c kmod/pk/p256_pt.c
 *	kmod/pk/p256_mul.c kmod/pk/pk_env.c -lcrypto
 */
/* P-256: RFC 6979, Wycheproof, OpenSSL at random and at the edges, every error. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/vec.h"
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "kmod/pk/p256.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_p256_table.c"

#define N_HEX "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define P_HEX "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"

static EC_GROUP *group;
static BIGNUM *order, *prime;
static BN_CTX *bn_ctx;

static int setup(void **state)
{
	(void)state;
	group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	bn_ctx = BN_CTX_new();
	order = prime = NULL;
	if (!group || !bn_ctx || !BN_hex2bn(&order, N_HEX) || !BN_hex2bn(&prime, P_HEX))
		return -1;
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
static EC_POINT *ossl_point(const u8 pub[64])
{
	EC_POINT *p = EC_POINT_new(group);
	u8 octets[65] = { 4 };

	memcpy(octets + 1, pub, 64);
	if (!EC_POINT_oct2point(group, p, octets, sizeof(octets), bn_ctx)) {
		EC_POINT_free(p);
		return NULL;
	}
	return p;
}

static void ossl_store(u8 pub[64], const EC_POINT *p)
{
	u8 octets[65];

	assert_int_equal(EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED,
					    octets, sizeof(octets), bn_ctx), 65);
	memcpy(pub, octets + 1, 64);
}

/* pub = priv * base, base NULL for the base point */
static void ossl_mul(u8 pub[64], const u8 priv[32], const u8 *base)
{
	BIGNUM *d = BN_bin2bn(priv, 32, NULL);
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
static int ossl_verify(const u8 pub[64], const u8 *digest, size_t len, const u8 sig[64])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	EC_KEY *key = EC_KEY_new();
	EC_POINT *p = ossl_point(pub);
	int ok = -1;

	if (p) {
		assert_true(EC_KEY_set_group(key, group));
		assert_true(EC_KEY_set_public_key(key, p));
		assert_true(ECDSA_SIG_set0(s, BN_bin2bn(sig, 32, NULL),
					   BN_bin2bn(sig + 32, 32, NULL)));
		ok = ECDSA_do_verify(digest, (int)len, s, key) == 1;
	}
	ECDSA_SIG_free(s);
	EC_KEY_free(key);
	EC_POINT_free(p);
	return ok;
}

/* out = base + delta as 32 bytes, modulo 2^256 */
static void near(u8 out[32], const BIGNUM *base, int delta)
{
	BIGNUM *x = BN_dup(base);

	if (delta < 0)
		assert_true(BN_sub_word(x, (BN_ULONG)-delta));
	else
		assert_true(BN_add_word(x, (BN_ULONG)delta));
	BN_mask_bits(x, 256);
	assert_int_equal(BN_bn2binpad(x, out, 32), 32);
	BN_free(x);
}

/* The 40 bytes that make a nonce or key of 'value' in 1..n-1. */
static void extra_bits(u8 rnd[40], const u8 value[32])
{
	BIGNUM *x = BN_bin2bn(value, 32, NULL);

	assert_true(BN_sub_word(x, 1));
	assert_int_equal(BN_bn2binpad(x, rnd, 40), 40);
	BN_free(x);
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
	assert_int_equal(gen_p256_table(f), 0);
	fclose(f);

	f = fopen("kmod/pk/p256_table.h", "r");
	assert_non_null(f);
	kept = malloc(made_len + 2);
	kept_len = fread(kept, 1, made_len + 1, f);
	fclose(f);
	assert_int_equal(kept_len, made_len);
	assert_memory_equal(kept, made, made_len);
	free(kept);
	free(made);
}

/* ---- known answers ------------------------------------------------------- */

/* RFC 6979 A.2.5: the key, and for each message and hash the nonce and r, s. */
#define RFC6979_KEY "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define RFC6979_PUB "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
		    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"

static const struct {
	const char *message;
	int bits;
	const char *k, *r, *s;
} rfc6979[] = {
	{ "sample", 1, "882905f1227fd620fbf2abf21244f0ba83d0dc3a9103dbbee43a1fb858109db4",
	  "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32",
	  "6d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb" },
	{ "sample", 224, "103f90ee9dc52e5e7fb5132b7033c63066d194321491862059967c715985d473",
	  "53b2fff5d1752b2c689df257c04c40a587fababb3f6fc2702f1343af7ca9aa3f",
	  "b9afb64fdc03dc1a131c7d2386d11e349f070aa432a4acc918bea988bf75c74c" },
	{ "sample", 256, "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60",
	  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
	  "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ "sample", 384, "09f634b188cefd98e7ec88b1aa9852d734d0bc272f7d2a47decc6ebeb375aad4",
	  "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719",
	  "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954" },
	{ "sample", 512, "5fa81c63109badb88c1f367b47da606da28cad69aa22c4fe6ad7df73a7173aa5",
	  "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00",
	  "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe" },
	{ "test", 1, "8c9520267c55d6b980df741e56b4adee114d84fbfa2e62137954164028632a2e",
	  "0cbcc86fd6abd1d99e703e1ec50069ee5c0b4ba4b9ac60e409e8ec5910d81a89",
	  "01b9d7b73dfaa60d5651ec4591a0136f87653e0fd780c3b1bc872ffdeae479b1" },
	{ "test", 224, "669f4426f2688b8be0db3a6bd1989bdaefff84b649eeb84f3dd26080f667faa7",
	  "c37edb6f0ae79d47c3c27e962fa269bb4f441770357e114ee511f662ec34a692",
	  "c820053a05791e521fcaad6042d40aea1d6b1a540138558f47d0719800e18f2d" },
	{ "test", 256, "d16b6ae827f17175e040871a1c7ec3500192c4c92677336ec2537acaee0008e0",
	  "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
	  "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
	{ "test", 384, "16aeffa357260b04b1dd199693960740066c1a8f3e8edd79070aa914d361b3b8",
	  "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb6",
	  "8ddbec54cf8cd5874883841d712142a56a8d0f218f5003cb0296b6b509619f2c" },
	{ "test", 512, "6915d11632aca3c40d5d51c08daf9c555933819548784480e93499000d9f0b7f",
	  "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a04",
	  "39af9f15de0db8d97e72719c74820d304ce5226e32dedae67519e840d1194e55" },
};

static size_t digest_of(int bits, const void *in, size_t len, u8 out[64])
{
	switch (bits) {
	case 1:
		SHA1(in, len, out);
		return 20;
	case 224:
		SHA224(in, len, out);
		return 28;
	case 256:
		SHA256(in, len, out);
		return 32;
	case 384:
		SHA384(in, len, out);
		return 48;
	default:
		SHA512(in, len, out);
		return 64;
	}
}

static void test_rfc6979(void **state)
{
	u8 priv[32], pub[64], want_pub[64], nonce[32], k[40], blind[32];
	u8 digest[64], sig[64], want[64];
	size_t i, len;
	int round;

	(void)state;
	vec_hex(priv, 32, RFC6979_KEY);
	vec_hex(want_pub, 64, RFC6979_PUB);
	assert_int_equal(mhsm_p256_public(pub, priv), 0);
	assert_memory_equal(pub, want_pub, 64);

	for (i = 0; i < sizeof(rfc6979) / sizeof(rfc6979[0]); i++) {
		len = digest_of(rfc6979[i].bits, rfc6979[i].message,
				strlen(rfc6979[i].message), digest);
		vec_hex(nonce, 32, rfc6979[i].k);
		vec_hex(want, 32, rfc6979[i].r);
		vec_hex(want + 32, 32, rfc6979[i].s);
		extra_bits(k, nonce);
		/* blinding must not change the result: none, the largest, others */
		for (round = 0; round < 4; round++) {
			if (round < 2)
				memset(blind, round ? 0xff : 0, sizeof(blind));
			else
				vec_noise(blind, sizeof(blind));
			memset(sig, 0, sizeof(sig));
			assert_int_equal(mhsm_p256_sign(sig, priv, digest, len, k,
							blind), 0);
			assert_memory_equal(sig, want, 64);
		}
		assert_int_equal(mhsm_p256_verify(pub, digest, len, sig), 0);
	}
}

/* ---- Wycheproof ---------------------------------------------------------- */

static void check_verify(char *const field[], const u8 *sig, int bits)
{
	static u8 message[4096];
	u8 pub[64], digest[64];
	size_t len, mlen;

	assert_int_equal(vec_hex(pub, sizeof(pub), field[2]), 64);
	mlen = vec_hex(message, sizeof(message), field[3]);
	len = digest_of(bits, message, mlen, digest);
	if (strcmp(field[1], "valid") == 0)
		assert_int_equal(mhsm_p256_verify(pub, digest, len, sig), 0);
	else
		assert_int_equal(mhsm_p256_verify(pub, digest, len, sig), -EBADMSG);
}

static unsigned int checked;

static void each_p1363(char *const field[])
{
	u8 sig[128];

	if (vec_hex(sig, sizeof(sig), field[4]) != 64) {
		/* the length is the caller's to check: such cases are all invalid */
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig, 256);
	checked++;
}

static void test_wycheproof_p1363(void **state)
{
	(void)state;
	checked = 0;
	assert_int_equal(vec_each("tests/vectors/p256_ecdsa_p1363.txt", 5, each_p1363), 262);
	assert_in_range(checked, 200, 262);
}

/*
 * DER by OpenSSL, strictly: what does not encode back to the same bytes, or does
 * not fit 32 bytes each, never becomes r || s.
 */
static bool decode_der(u8 sig[64], const u8 *der, size_t len)
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
	    BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, 32) == 32 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + 32, 32) == 32)
		ok = true;
	OPENSSL_free(again);
	ECDSA_SIG_free(s);
	return ok;
}

static int der_bits;

static void each_der(char *const field[])
{
	static u8 der[8192];
	u8 sig[64];
	size_t len = vec_hex(der, sizeof(der), field[4]);

	if (!decode_der(sig, der, len)) {
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig, der_bits);
	checked++;
}

static void test_wycheproof_der(void **state)
{
	(void)state;
	checked = 0;
	der_bits = 256;
	assert_int_equal(vec_each("tests/vectors/p256_ecdsa_der.txt", 5, each_der), 484);
	assert_in_range(checked, 200, 484);
	checked = 0;
	der_bits = 512;
	assert_int_equal(vec_each("tests/vectors/p256_ecdsa_sha512_der.txt", 5, each_der), 554);
	assert_in_range(checked, 270, 554);
}

static void each_ecdh(char *const field[])
{
	u8 pub[64], priv[32], want[32], got[32];
	int ret;

	assert_int_equal(vec_hex(pub, 64, field[2]), 64);
	assert_int_equal(vec_hex(priv, 32, field[3]), 32);
	ret = mhsm_p256_ecdh(got, priv, pub);
	/* the one "acceptable" case has a point off the curve: we refuse it */
	if (strcmp(field[1], "valid") != 0) {
		assert_int_equal(ret, -EINVAL);
		assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(vec_hex(want, 32, field[4]), 32);
	assert_memory_equal(got, want, 32);
	assert_int_equal(mhsm_p256_check_public(pub), 0);
}

static void test_wycheproof_ecdh(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/p256_ecdh.txt", 6, each_ecdh), 695);
}

/* ---- against OpenSSL ----------------------------------------------------- */

static void check_scalar(const u8 priv[32], const u8 peer[64])
{
	u8 pub[64], want[64], x[32], rnd[40], made[32], made_pub[64];

	assert_int_equal(mhsm_p256_public(pub, priv), 0);
	ossl_mul(want, priv, NULL);
	assert_memory_equal(pub, want, 64);
	assert_int_equal(mhsm_p256_check_public(pub), 0);

	assert_int_equal(mhsm_p256_ecdh(x, priv, peer), 0);
	ossl_mul(want, priv, peer);
	assert_memory_equal(x, want, 32);

	extra_bits(rnd, priv);
	assert_int_equal(mhsm_p256_keygen(made, made_pub, rnd), 0);
	assert_memory_equal(made, priv, 32);
	assert_memory_equal(made_pub, pub, 64);
}

/*
 * The ends of the range, every value around n and 2^255 and around multiples of
 * the digits of both recodings. n - 2 is the exception of mhsm_p256_pt_mul().
 */
static void test_scalar_edges(void **state)
{
	BIGNUM *x = BN_new();
	u8 priv[32], peer[64], bad[32], rnd[40], out[64];
	int i;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_p256_keygen(bad, peer, rnd), 0);

	BN_zero(x);
	for (i = 1; i <= 80; i++) {
		near(priv, x, i);
		check_scalar(priv, peer);
		near(priv, order, -i);
		check_scalar(priv, peer);
	}
	for (i = 5; i < 256; i++) {
		BN_zero(x);
		assert_true(BN_set_bit(x, i));
		near(priv, x, 0);
		check_scalar(priv, peer);
		near(priv, x, -1);
		check_scalar(priv, peer);
		near(priv, x, 1);
		check_scalar(priv, peer);
	}
	assert_true(BN_rshift1(x, order));
	for (i = -40; i <= 40; i++) {
		near(priv, x, i);
		check_scalar(priv, peer);
	}
	/* out of range, for every function that takes a private key */
	for (i = 0; i < 70; i++) {
		BN_zero(x);
		if (i == 0)
			near(bad, x, 0);
		else if (i < 65)
			near(bad, order, i - 1);
		else
			memset(bad, 0xff, sizeof(bad));
		if (i > 65)
			bad[31] = (u8)(0xff - (i - 65));
		memset(out, 0x5a, sizeof(out));
		assert_int_equal(mhsm_p256_public(out, bad), -EINVAL);
		assert_int_equal(mhsm_p256_ecdh(out, bad, peer), -EINVAL);
		assert_int_equal(mhsm_p256_sign(out, bad, peer, 32, rnd, bad), -EINVAL);
		assert_int_equal(out[0], 0x5a);
		assert_int_equal(out[63], 0x5a);
	}
	BN_free(x);
}

/* (c mod (n - 1)) + 1 for 40-byte strings at the edges and at random. */
static void test_extra_bits(void **state)
{
	BIGNUM *m = BN_dup(order), *c = BN_new(), *want = BN_new(), *step = BN_new();
	u8 rnd[40], priv[32], pub[64], expect[32];
	int i;

	(void)state;
	assert_true(BN_sub_word(m, 1));
	for (i = 0; i < 600; i++) {
		if (i < 200) {
			/* multiples of n - 1, and one and two off, up to 2^320 */
			BN_zero(step);
			assert_true(BN_set_bit(step, i / 3));
			if (i % 2)
				assert_true(BN_sub_word(step, 1));
			assert_true(BN_mul(c, m, step, bn_ctx));
			if (i % 3)
				assert_true(BN_add_word(c, (BN_ULONG)(i % 3)));
			BN_mask_bits(c, 320);
			assert_int_equal(BN_bn2binpad(c, rnd, 40), 40);
		} else if (i < 300) {
			/* all ones from some bit down, or zeros */
			memset(rnd, i % 2 ? 0xff : 0, sizeof(rnd));
			rnd[(i - 200) % 40] ^= (u8)(1 << i % 8);
		} else {
			vec_noise(rnd, sizeof(rnd));
		}
		BN_bin2bn(rnd, 40, c);
		assert_true(BN_mod(want, c, m, bn_ctx));
		assert_true(BN_add_word(want, 1));
		assert_int_equal(BN_bn2binpad(want, expect, 32), 32);
		assert_int_equal(mhsm_p256_keygen(priv, pub, rnd), 0);
		assert_memory_equal(priv, expect, 32);
	}
	memset(rnd, 0xff, sizeof(rnd));
	assert_int_equal(mhsm_p256_keygen(priv, pub, rnd), 0);
	BN_free(m);
	BN_free(c);
	BN_free(want);
	BN_free(step);
}

static void test_public_edges(void **state)
{
	static const int deltas[] = { -3, -2, -1, 0, 1, 2, 3, 4, 5 };
	const u8 seven[32] = { [31] = 7 };
	u8 pub[64], y[32];
	BIGNUM *x = BN_new();
	EC_POINT *p = EC_POINT_new(group);
	unsigned int i, on = 0;
	int bit;

	(void)state;
	memset(pub, 0, sizeof(pub));
	assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);
	memset(pub, 0xff, sizeof(pub));
	assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);

	/* x just below p, and small x with both y and with y + p, x + p */
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
			assert_int_equal(mhsm_p256_check_public(pub), 0);
			on++;
			/* the same point with x not reduced */
			if (i < 32) {
				near(pub, prime, (int)i);
				assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);
			}
		}
	}
	assert_in_range(on, 40, 100);

	/* y near p and p's multiples never belongs to a good x here */
	ossl_mul(pub, seven, NULL);
	memcpy(y, pub + 32, 32);
	for (i = 0; i < sizeof(deltas) / sizeof(deltas[0]); i++) {
		near(pub + 32, prime, deltas[i]);
		assert_null(ossl_point(pub));
		assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);
	}
	for (bit = 0; bit < 256; bit++) {
		memcpy(pub + 32, y, 32);
		pub[32 + bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(mhsm_p256_check_public(pub), -EINVAL);
	}
	BN_free(x);
	EC_POINT_free(p);
}

static void test_random(void **state)
{
	u8 rnd[40], priv[32], pub[64], other[32], other_pub[64], k[40], blind[32];
	u8 digest[64], sig[64], bent[64], x1[32], x2[32];
	size_t len;
	int i, want;

	(void)state;
	for (i = 0; i < 300; i++) {
		vec_noise(rnd, sizeof(rnd));
		assert_int_equal(mhsm_p256_keygen(priv, pub, rnd), 0);
		vec_noise(rnd, sizeof(rnd));
		assert_int_equal(mhsm_p256_keygen(other, other_pub, rnd), 0);
		check_scalar(priv, other_pub);
		assert_int_equal(mhsm_p256_ecdh(x1, priv, other_pub), 0);
		assert_int_equal(mhsm_p256_ecdh(x2, other, pub), 0);
		assert_memory_equal(x1, x2, 32);

		len = 1 + (size_t)i % 64;
		vec_noise(digest, sizeof(digest));
		vec_noise(k, sizeof(k));
		vec_noise(blind, sizeof(blind));
		assert_int_equal(mhsm_p256_sign(sig, priv, digest, len, k, blind), 0);
		assert_int_equal(ossl_verify(pub, digest, len, sig), 1);
		assert_int_equal(mhsm_p256_verify(pub, digest, len, sig), 0);
		assert_int_equal(mhsm_p256_verify(other_pub, digest, len, sig), -EBADMSG);

		memcpy(bent, sig, sizeof(bent));
		bent[i % 64] ^= (u8)(1 << i % 8);
		want = ossl_verify(pub, digest, len, bent);
		assert_int_equal(mhsm_p256_verify(pub, digest, len, bent),
				 want == 1 ? 0 : -EBADMSG);
		digest[0] ^= 0x80;
		assert_int_equal(mhsm_p256_verify(pub, digest, len, sig), -EBADMSG);
	}
}

/* ---- verification: exceptional sums and ranges ---------------------------- */

/* Signs with a chosen nonce, so that a chosen relation between the points holds. */
static void test_verify_exceptions(void **state)
{
	u8 one[32] = { [31] = 1 }, two[32] = { [31] = 2 }, minus_one[32];
	u8 pub[64], sig[64], digest[32], k[40] = { 0 }, blind[32], zero[32] = { 0 };
	const u8 *keys[] = { one, two, minus_one };
	BIGNUM *x = BN_new();
	unsigned int i, j;

	(void)state;
	vec_noise(blind, sizeof(blind));
	near(minus_one, order, -1);
	/* keys G, 2G, -G: the two multiples meet often, as equals and opposites */
	for (i = 0; i < 3; i++) {
		assert_int_equal(mhsm_p256_public(pub, keys[i]), 0);
		for (j = 0; j < 40; j++) {
			memset(digest, 0, sizeof(digest));
			if (j < 20)
				digest[31] = (u8)j;	/* u1 = 0 for j = 0 */
			else
				near(digest, order, (int)j - 30);
			k[39] = (u8)(j % 5);		/* nonce 1 .. 5 */
			if (mhsm_p256_sign(sig, keys[i], digest, 32, k, blind))
				continue;
			assert_int_equal(ossl_verify(pub, digest, 32, sig), 1);
			assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), 0);
		}
	}

	/*
	 * With key G the sum is (z + r) / s * G: infinity for z = -r, and then
	 * nothing is valid; z = r makes equal summands.
	 */
	assert_int_equal(mhsm_p256_public(pub, one), 0);
	for (i = 1; i < 50; i++) {
		vec_noise(sig, sizeof(sig));
		sig[0] &= 0x7f;
		sig[32] &= 0x7f;
		BN_bin2bn(sig, 32, x);
		assert_true(BN_sub(x, order, x));
		assert_int_equal(BN_bn2binpad(x, digest, 32), 32);
		assert_int_equal(ossl_verify(pub, digest, 32, sig), 0);
		assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), -EBADMSG);
		memcpy(digest, sig, 32);
		assert_int_equal(ossl_verify(pub, digest, 32, sig), 0);
		assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), -EBADMSG);
	}

	/* the signer's half of that: key 1, z = -r gives s = 0, try again */
	memset(k, 0, sizeof(k));
	k[39] = 6;
	assert_int_equal(mhsm_p256_sign(sig, one, zero, 32, k, blind), 0);
	BN_bin2bn(sig, 32, x);
	assert_true(BN_sub(x, order, x));
	assert_int_equal(BN_bn2binpad(x, digest, 32), 32);
	memset(sig, 0x5a, sizeof(sig));
	assert_int_equal(mhsm_p256_sign(sig, one, digest, 32, k, blind), -EAGAIN);
	assert_int_equal(sig[0], 0x5a);
	assert_int_equal(sig[63], 0x5a);
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
	u8 sig[64], digest[32], pub[64];
	unsigned int i, found = 0;

	(void)state;
	for (i = 1; i < 40; i++) {
		assert_true(BN_add_word(x, 1));
		if (!EC_POINT_set_compressed_coordinates(group, p, x, i & 1, bn_ctx))
			continue;
		assert_true(BN_sub(r, x, order));
		vec_noise(sig, sizeof(sig));
		sig[32] &= 0x7f;
		vec_noise(digest, sizeof(digest));
		digest[0] &= 0x7f;
		BN_bin2bn(sig + 32, 32, s);
		BN_bin2bn(digest, 32, z);
		assert_int_equal(BN_bn2binpad(r, sig, 32), 32);
		assert_non_null(BN_mod_inverse(inv, r, order, bn_ctx));
		assert_true(BN_mod_mul(s, s, inv, order, bn_ctx));
		assert_true(BN_sub(z, order, z));
		assert_true(BN_mod_mul(z, z, inv, order, bn_ctx));
		assert_true(EC_POINT_mul(group, q, z, p, s, bn_ctx));
		ossl_store(pub, q);
		assert_int_equal(ossl_verify(pub, digest, 32, sig), 1);
		assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), 0);
		/* r + n itself is out of range */
		near(sig, order, (int)i);
		assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), -EBADMSG);
		found++;
	}
	assert_in_range(found, 10, 40);
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
	u8 rnd[40], priv[32], pub[64], bad_pub[64], sig[64], bent[64], digest[32], x[32];
	u8 edge[32];
	int half, i;

	(void)state;
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_p256_keygen(priv, pub, rnd), 0);
	vec_noise(digest, sizeof(digest));
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_p256_sign(sig, priv, digest, 32, rnd, digest), 0);
	assert_int_equal(mhsm_p256_verify(pub, digest, 32, sig), 0);

	/* r and s each: 0, n, n + 1, 2^256 - 1, and s + n where that fits never */
	for (half = 0; half < 2; half++) {
		for (i = 0; i < 4; i++) {
			memset(edge, i == 3 ? 0xff : 0, sizeof(edge));
			if (i == 1 || i == 2)
				near(edge, order, i - 1);
			memcpy(bent, sig, sizeof(bent));
			memcpy(bent + 32 * half, edge, 32);
			assert_int_equal(mhsm_p256_verify(pub, digest, 32, bent), -EBADMSG);
		}
	}

	memcpy(bad_pub, pub, sizeof(pub));
	bad_pub[63] ^= 1;
	memset(x, 0x5a, sizeof(x));
	assert_int_equal(mhsm_p256_verify(bad_pub, digest, 32, sig), -EINVAL);
	assert_int_equal(mhsm_p256_ecdh(x, priv, bad_pub), -EINVAL);
	assert_int_equal(x[0], 0x5a);
	assert_int_equal(mhsm_p256_verify(pub, digest, 0, sig), -EINVAL);
	assert_int_equal(mhsm_p256_sign(sig, priv, digest, 0, rnd, digest), -EINVAL);

	/* outputs over inputs */
	memcpy(bent, digest, 32);
	assert_int_equal(mhsm_p256_sign(bent, priv, bent, 32, rnd, digest), 0);
	assert_memory_equal(bent, sig, 64);
	memcpy(x, priv, 32);
	assert_int_equal(mhsm_p256_ecdh(edge, priv, pub), 0);
	assert_int_equal(mhsm_p256_ecdh(x, x, pub), 0);
	assert_memory_equal(x, edge, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_wycheproof_p1363),
		cmocka_unit_test(test_wycheproof_der),
		cmocka_unit_test(test_wycheproof_ecdh),
		cmocka_unit_test(test_scalar_edges),
		cmocka_unit_test(test_extra_bits),
		cmocka_unit_test(test_public_edges),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_verify_exceptions),
		cmocka_unit_test(test_verify_large_x),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("p256", tests, setup, teardown);
}
