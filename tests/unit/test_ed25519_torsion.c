// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ed25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c -lcrypto
 */
/* Ed25519: keys and signatures with points of small order. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/vec.h"
#include "tests/unit/ed25519_model.h"
#include "tests/unit/ed25519_ossl.h"

static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };

static int setup(void **state)
{
	(void)state;
	model_start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_stop();
	return 0;
}

/* A key pair, the same in every run. */
static void make_key(u8 priv[32], u8 pub[32])
{
	u8 rnd[32];

	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_ed25519_keygen(priv, pub, rnd, &hash), 0);
	assert_memory_equal(priv, rnd, 32);
}

/* All eight points of small order, and their encodings with y + p and a wrong sign. */
static void test_small_order(void **state)
{
	struct model_point t, p = model_point_new();
	u8 b[32], sig[64] = { 0 };
	BIGNUM *y = BN_new();
	int i, shifted = 0;

	(void)state;
	t = model_point_new();
	model_order8(&t);
	model_zero(&p);
	/* R = the neutral point and S = 0: for A of small order valid now and then */
	sig[0] = 1;
	for (i = 1; i <= 8; i++) {
		model_add(&p, &p, &t);
		assert_int_equal(model_is_zero(&p), i == 8);
		model_encode(b, &p);
		assert_int_equal(mhsm_ed25519_check_public(b), -EINVAL);
		assert_int_equal(mhsm_ed25519_verify(b, b, 32, sig, &hash), -EINVAL);
		if (BN_is_zero(p.x)) {
			b[31] ^= 0x80;
			assert_int_equal(mhsm_ed25519_check_public(b), -EINVAL);
		}
		assert_true(BN_add(y, p.y, model_p));
		if (BN_num_bits(y) < 256) {
			assert_int_equal(BN_bn2lebinpad(y, b, 32), 32);
			assert_int_equal(mhsm_ed25519_check_public(b), -EINVAL);
			b[31] ^= 0x80;
			assert_int_equal(mhsm_ed25519_check_public(b), -EINVAL);
			shifted++;
		}
	}
	/* y = 0 (twice) and y = 1 */
	assert_int_equal(shifted, 3);
	BN_free(y);
	model_point_free(&p);
	model_point_free(&t);
}

/* The scalar of a private key, modulo L, and H(R || A || M). */
static BIGNUM *scalar_of(const u8 priv[32])
{
	BIGNUM *a = BN_new();
	u8 h[64];

	SHA512(priv, 32, h);
	h[0] &= 0xf8;
	h[31] = (u8)((h[31] & 0x7f) | 0x40);
	assert_non_null(BN_lebin2bn(h, 32, a));
	assert_true(BN_nnmod(a, a, model_l, model_ctx));
	return a;
}

static BIGNUM *challenge(const u8 sig[64], const u8 pub[32], u8 msg)
{
	BIGNUM *k = BN_new();
	u8 in[65], h[64];

	memcpy(in, sig, 32);
	memcpy(in + 32, pub, 32);
	in[64] = msg;
	SHA512(in, sizeof(in), h);
	assert_non_null(BN_lebin2bn(h, 64, k));
	return k;
}

/* S = r + k a */
static void set_s(u8 sig[64], const BIGNUM *r, const BIGNUM *k, const BIGNUM *a)
{
	BIGNUM *s = BN_new();

	assert_true(BN_mod_mul(s, k, a, model_l, model_ctx) &&
		    BN_mod_add(s, s, r, model_l, model_ctx));
	assert_int_equal(BN_bn2lebinpad(s, sig + 32, 32), 32);
	BN_free(s);
}

/*
 * T of order 8, keys A and A' = A + T. Without the factor of 8 in the equation,
 *  - R + T in the place of R: never valid;
 *  - R by A', S = r + k a: S B = R + k A' - k T, valid if 8 divides k (reduced modulo L,
 *    which T knows nothing of, so that RFC 8032 leaves open what k is; both reduce it);
 *  - R of small order: valid if it is -k T.
 * OpenSSL is of the same mind each time.
 */
static void test_torsion(void **state)
{
	struct model_point t, a_t, r_t, mult;
	u8 priv[32], pub[32], pub_t[32], nonce[32], sig[64], msg;
	BIGNUM *a, *r, *k = NULL, *zero = BN_new(), *m = BN_new();
	int valid = 0, want, i, tries;

	(void)state;
	t = model_point_new();
	a_t = model_point_new();
	r_t = model_point_new();
	mult = model_point_new();
	BN_zero(zero);
	model_order8(&t);
	make_key(priv, pub);
	a = scalar_of(priv);
	assert_true(model_decode(&a_t, pub));
	model_add(&a_t, &a_t, &t);
	model_encode(pub_t, &a_t);
	assert_int_equal(mhsm_ed25519_check_public(pub_t), 0);
	make_key(nonce, sig);
	r = scalar_of(nonce);

	for (i = 0; i < 40; i++) {
		msg = (u8)i;
		BN_free(k);
		k = challenge(sig, pub_t, msg);
		set_s(sig, r, k, a);
		assert_true(BN_nnmod(m, k, model_l, model_ctx));
		want = BN_mod_word(m, 8) ? -EBADMSG : 0;
		valid += !want;
		assert_int_equal(mhsm_ed25519_verify(pub_t, &msg, 1, sig, &hash), want);
		assert_int_equal(ossl_verify(pub_t, &msg, 1, sig), !want);
	}
	assert_in_range(valid, 1, 15);

	msg = 0;
	assert_true(model_decode(&r_t, sig));
	model_add(&r_t, &r_t, &t);
	model_encode(sig, &r_t);
	BN_free(k);
	k = challenge(sig, pub, msg);
	set_s(sig, r, k, a);
	assert_int_equal(mhsm_ed25519_verify(pub, &msg, 1, sig, &hash), -EBADMSG);
	assert_false(ossl_verify(pub, &msg, 1, sig));

	for (i = 0, valid = 0; i < 8; i++) {
		assert_true(BN_set_word(m, (BN_ULONG)i));
		model_scale(&mult, m, &t);
		model_encode(sig, &mult);
		for (tries = 0; tries < 20; tries++) {
			msg = (u8)tries;
			BN_free(k);
			k = challenge(sig, pub_t, msg);
			set_s(sig, zero, k, a);
			assert_true(BN_nnmod(m, k, model_l, model_ctx));
			want = (BN_mod_word(m, 8) + (BN_ULONG)i) % 8 ? -EBADMSG : 0;
			valid += !want;
			assert_int_equal(mhsm_ed25519_verify(pub_t, &msg, 1, sig, &hash), want);
			assert_int_equal(ossl_verify(pub_t, &msg, 1, sig), !want);
		}
	}
	assert_in_range(valid, 1, 60);
	BN_free(a);
	BN_free(r);
	BN_free(k);
	BN_free(m);
	BN_free(zero);
	model_point_free(&t);
	model_point_free(&a_t);
	model_point_free(&r_t);
	model_point_free(&mult);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_order),
		cmocka_unit_test(test_torsion),
	};

	return cmocka_run_group_tests_name("ed25519 torsion", tests, setup, teardown);
}
