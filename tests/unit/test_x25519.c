// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/x25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c -lcrypto
 */
/* X25519: RFC 7748, Wycheproof, OpenSSL at random, every u of small order. */
#include "tests/unit/vec.h"
#include "tests/unit/ed25519_model.h"
#include <openssl/evp.h>

#include "kmod/pk/x25519.h"

static const u8 nine[32] = { 9 };

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

/* ---- the same operation by OpenSSL, and by the model ------------------------------ */

/* 1, or 0 if it refuses */
static int ossl_shared(u8 out[32], u8 pub[32], const u8 priv[32], const u8 peer[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, priv, 32);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t n = 32;
	int ok;

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, pub, &n), 1);
	assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(ctx, other), 1);
	n = 32;
	ok = EVP_PKEY_derive(ctx, out, &n) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return ok;
}

/* Montgomery's differential addition and doubling, x only, for any k: r = x(k P) or 0 */
static void model_ladder(BIGNUM *r, const BIGNUM *k, const BIGNUM *u)
{
	BIGNUM *x[2] = { model_new(), BN_dup(u) }, *z[2] = { model_new(), model_new() };
	BIGNUM *s = model_new(), *d = model_new(), *a = model_new(), *b = model_new();
	int i, bit;

	BN_one(x[0]);
	BN_one(z[1]);
	for (i = BN_num_bits(k) - 1; i >= 0; i--) {
		bit = BN_is_bit_set(k, i);
		/* the sum, into !bit: X = (X2 X3 - Z2 Z3)^2, Z = u (X2 Z3 - Z2 X3)^2 */
		model_mul(a, x[0], x[1]);
		model_mul(b, z[0], z[1]);
		assert_true(BN_mod_sub(s, a, b, model_p, model_ctx));
		model_mul(a, x[0], z[1]);
		model_mul(b, z[0], x[1]);
		assert_true(BN_mod_sub(d, a, b, model_p, model_ctx));
		model_mul(x[!bit], s, s);
		model_mul(d, d, d);
		/* the double of the other: X' = (X^2 - Z^2)^2, Z' = 4 X Z (X^2 + A X Z + Z^2) */
		model_mul(z[!bit], d, u);
		model_mul(a, x[bit], x[bit]);
		model_mul(b, z[bit], z[bit]);
		model_mul(d, x[bit], z[bit]);
		assert_true(BN_mod_sub(s, a, b, model_p, model_ctx));
		model_mul(x[bit], s, s);
		assert_true(BN_mod_add(a, a, b, model_p, model_ctx));
		assert_true(BN_copy(b, d) && BN_mul_word(b, 486662));
		assert_true(BN_mod_add(a, a, b, model_p, model_ctx));
		model_mul(a, a, d);
		assert_true(BN_mul_word(a, 4) && BN_nnmod(z[bit], a, model_p, model_ctx));
	}
	if (BN_is_zero(z[0]))
		BN_zero(r);
	else
		model_div(r, x[0], z[0]);
	for (i = 0; i < 2; i++) {
		BN_free(x[i]);
		BN_free(z[i]);
	}
	BN_free(s);
	BN_free(d);
	BN_free(a);
	BN_free(b);
}

static void check_shared(const u8 priv[32], const u8 pub[32], const u8 *want)
{
	static const u8 untouched[32];
	u8 out[32] = { 0 };

	assert_int_equal(mhsm_x25519_shared(out, priv, pub), want ? 0 : -EINVAL);
	assert_memory_equal(out, want ? want : untouched, 32);
}

/* ---- known answers ----------------------------------------------------------------- */

static unsigned int refused;

/* id result public private shared flags */
static void each_shared(char *const field[])
{
	static const u8 zero[32];
	u8 pub[32], priv[32], want[32], made[32];
	int ok = strcmp(field[1], "valid") == 0;

	assert_int_equal(vec_hex(pub, 32, field[2]), 32);
	assert_int_equal(vec_hex(priv, 32, field[3]), 32);
	assert_int_equal(vec_hex(want, 32, field[4]), 32);
	if (!ok)
		assert_memory_equal(want, zero, 32);
	check_shared(priv, pub, ok ? want : NULL);
	refused += !ok;
	if (!memcmp(pub, nine, 32)) {
		assert_int_equal(mhsm_x25519_public(made, priv), 0);
		assert_memory_equal(made, want, 32);
	}
}

static void test_rfc7748(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/x25519_rfc7748.txt", 6, each_shared), 6);
}

static void test_wycheproof(void **state)
{
	(void)state;
	refused = 0;
	assert_int_equal(vec_each("tests/vectors/x25519.txt", 6, each_shared), 518);
	assert_int_equal(refused, 31);
}

/* rounds shared: k = u = 9, then k = X25519(k, u) and u = the former k */
static void each_iterated(char *const field[])
{
	u8 k[32], u[32], t[32], want[32];
	int i, rounds = atoi(field[0]);

	/* a million would take a minute */
	if (rounds > 1000)
		return;
	assert_int_equal(vec_hex(want, 32, field[1]), 32);
	memcpy(k, nine, 32);
	memcpy(u, nine, 32);
	for (i = 0; i < rounds; i++) {
		memcpy(t, k, 32);
		assert_int_equal(mhsm_x25519_shared(k, k, u), 0);
		memcpy(u, t, 32);
	}
	assert_memory_equal(k, want, 32);
	refused++;
}

static void test_iterated(void **state)
{
	(void)state;
	refused = 0;
	assert_int_equal(vec_each("tests/vectors/x25519_rfc7748_iterated.txt", 2, each_iterated), 3);
	assert_int_equal(refused, 2);
}

/* ---- OpenSSL and the model ---------------------------------------------------------- */

static void test_openssl(void **state)
{
	u8 priv[32], pub[32], want_pub[32], peer[32], want[32], clamped[32], rnd[32];
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		vec_noise(rnd, sizeof(rnd));
		vec_noise(peer, sizeof(peer));
		if (i < 4) {
			memset(rnd, i & 1 ? 0xff : 0, sizeof(rnd));
			memset(peer, i & 2 ? 0xff : 2, sizeof(peer));
		}
		assert_int_equal(mhsm_x25519_keygen(priv, pub, rnd), 0);
		memcpy(clamped, rnd, 32);
		clamped[0] &= 0xf8;
		clamped[31] = (u8)((clamped[31] & 0x7f) | 0x40);
		assert_memory_equal(priv, clamped, 32);
		assert_int_equal(ossl_shared(want, want_pub, rnd, peer), 1);
		assert_memory_equal(pub, want_pub, 32);
		check_shared(priv, peer, want);
		check_shared(rnd, peer, want);
		assert_int_equal(mhsm_x25519_public(pub, rnd), 0);
		assert_memory_equal(pub, want_pub, 32);
		/* the base point by the ladder and by the tables */
		check_shared(priv, nine, pub);
	}
}

static void test_model(void **state)
{
	BIGNUM *k = BN_new(), *u = BN_new(), *r = BN_new();
	u8 priv[32], pub[32], rnd[32], peer[32], want[32];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		vec_noise(rnd, sizeof(rnd));
		vec_noise(peer, sizeof(peer));
		peer[31] &= 0x7f;
		assert_int_equal(mhsm_x25519_keygen(priv, pub, rnd), 0);
		assert_true(BN_lebin2bn(priv, 32, k) && BN_lebin2bn(peer, 32, u));
		model_ladder(r, k, u);
		model_store(want, r);
		check_shared(priv, peer, want);
	}
	BN_free(k);
	BN_free(u);
	BN_free(r);
}

/* ---- encodings and small order -------------------------------------------------------- */

/* p + x means x, and the top bit nothing. */
static void test_non_canonical(void **state)
{
	BIGNUM *u = BN_new();
	u8 priv[32], peer[32] = { 0 }, same[32], want[32], pub[32];
	int x;

	(void)state;
	vec_noise(priv, sizeof(priv));
	for (x = 2; x < 19; x++) {
		peer[0] = (u8)x;
		assert_int_equal(ossl_shared(want, pub, priv, peer), 1);
		assert_true(BN_copy(u, model_p) && BN_add_word(u, (BN_ULONG)x));
		model_store(same, u);
		check_shared(priv, same, want);
		same[31] |= 0x80;
		check_shared(priv, same, want);
	}
	vec_noise(peer, sizeof(peer));
	assert_int_equal(ossl_shared(want, pub, priv, peer), 1);
	peer[31] ^= 0x80;
	check_shared(priv, peer, want);
	BN_free(u);
}

/* Every 32 bytes that stand for u: u, p + u, with the top bit clear and set. */
static void check_refused(const BIGNUM *u)
{
	BIGNUM *same = BN_dup(u);
	u8 priv[32], peer[32], out[32], pub[32];
	int i;

	for (; BN_num_bits(same) < 256; assert_true(BN_add(same, same, model_p))) {
		for (i = 0; i < 4; i++) {
			model_store(peer, same);
			peer[31] |= (u8)(i << 7);
			vec_noise(priv, sizeof(priv));
			check_shared(priv, peer, NULL);
			assert_int_equal(ossl_shared(out, pub, priv, peer), 0);
		}
	}
	BN_free(same);
}

/*
 * The points of small order of the curve (its order is 8 L) and of its twist (4 L'), by
 * multiplying points by L and L': u = 0, 1, -1 and two others, all of which must come out.
 */
static void test_small_order(void **state)
{
	BIGNUM *twist = NULL, *u = BN_new(), *v = BN_new(), *t = BN_new(), *found[8];
	int i, x, count = 0;

	(void)state;
	/* L' = 2^253 - 55484635554744707071703875581767296995 */
	assert_true(BN_dec2bn(&twist, "55484635554744707071703875581767296995"));
	BN_zero(t);
	assert_true(BN_set_bit(t, 253) && BN_sub(twist, t, twist));

	for (x = 2; x < 80; x++) {
		/* v^2 = u^3 + A u^2 + u has a solution on one of the two curves */
		assert_true(BN_set_word(u, (BN_ULONG)x));
		model_mul(v, u, u);
		assert_true(BN_set_word(t, (BN_ULONG)x * 486662) && BN_add(v, v, t) &&
			    BN_add_word(v, 1));
		model_mul(v, v, u);
		model_ladder(v, BN_kronecker(v, model_p, model_ctx) == 1 ? model_l : twist, u);
		for (i = 0; i < count && BN_cmp(found[i], v); i++)
			;
		if (i == count) {
			assert_in_range(count, 0, 7);
			found[count++] = BN_dup(v);
			check_refused(v);
		}
	}
	assert_int_equal(count, 5);
	assert_true(BN_sub(t, model_p, model_one));
	for (i = 0, x = 0; i < count; i++) {
		x += BN_is_zero(found[i]) || BN_is_one(found[i]) || !BN_cmp(found[i], t);
		BN_free(found[i]);
	}
	assert_int_equal(x, 3);
	BN_free(twist);
	BN_free(u);
	BN_free(v);
	BN_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7748),
		cmocka_unit_test(test_iterated),
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_non_canonical),
		cmocka_unit_test(test_small_order),
	};

	return cmocka_run_group_tests_name("x25519", tests, setup, teardown);
}
