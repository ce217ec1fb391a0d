/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of test_p256.c and its like for the other curves: printed vectors,
 * Wycheproof, OpenSSL at random and at the edges, every error.
 *
 * Before including this they include the curve's header and its generator (which
 * brings EC_API, EC_BYTES and the internal functions), and define CURVE_NID,
 * TABLE (the table's path) and POINT_ROUNDS (how many random key pairs).
 */
#ifndef TESTS_UNIT_EC_TESTS_H
#define TESTS_UNIT_EC_TESTS_H

#include "tests/unit/ec_arith_tests.h"
#include "tests/unit/ec_vector_tests.h"

/* ---- against OpenSSL ----------------------------------------------------- */

static void check_scalar(const u8 priv[B], const u8 peer[2 * B])
{
	u8 pub[2 * B], want[2 * B], x[B], rnd[RND], made[B], made_pub[2 * B], blind[B];
	int i;

	assert_int_equal(EC_API(public)(pub, priv), 0);
	ossl_mul(want, priv, NULL);
	assert_memory_equal(pub, want, 2 * B);
	assert_int_equal(EC_API(check_public)(pub), 0);

	ossl_mul(want, priv, peer);
	for (i = 0; i < 6; i++) {
		if (i < 2)
			memset(blind, i ? 0xff : 0, sizeof(blind));
		else if (i < 4)
			near(blind, prime, i - 2);
		else
			vec_noise(blind, sizeof(blind));
		assert_int_equal(EC_API(ecdh)(x, priv, peer, blind), 0);
		assert_memory_equal(x, want, B);
	}

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
		assert_int_equal(ecdh(out, bad, peer), -EINVAL);
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
		assert_int_equal(ecdh(x1, priv, other_pub), 0);
		assert_int_equal(ecdh(x2, other, pub), 0);
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
	BIGNUM *s;
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
	s = BN_bin2bn(sig + B, B, NULL);
	assert_true(BN_sub(s, order, s));
	memcpy(same, sig, B);
	assert_int_equal(BN_bn2binpad(s, same + B, B), B);
	assert_int_equal(EC_API(verify)(pub, digest, sizeof(digest), same), 0);
	BN_free(s);
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
	assert_int_equal(ecdh(x, priv, bad_pub), -EINVAL);
	assert_int_equal(x[0], 0x5a);
	assert_int_equal(EC_API(verify)(pub, digest, 0, sig), -EINVAL);
	assert_int_equal(EC_API(sign)(bent, priv, digest, 0, rnd, digest), -EINVAL);

	/* outputs over inputs */
	memcpy(bent, digest, B);
	assert_int_equal(EC_API(sign)(bent, priv, bent, B, rnd, digest), 0);
	assert_memory_equal(bent, sig, 2 * B);
	memcpy(x, priv, B);
	assert_int_equal(ecdh(edge, priv, pub), 0);
	assert_int_equal(ecdh(x, x, pub), 0);
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
