// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/mont.c kmod/pk/mont_pow.c kmod/pk/pk_env.c -lcrypto */
/* Montgomery products, squares and powers against OpenSSL, in assembler and in C. */
#include "tests/unit/vec.h"

#include <openssl/bn.h>

#include "kmod/pk/mont_pow.h"

/* The sizes of RSA's primes and moduli. */
static const size_t sizes[] = { 16, 24, 32, 48, 64 };

static struct mhsm_mont mont;
static struct mhsm_mont_pow scratch;
static BN_CTX *ctx;
static BIGNUM *modulus, *radix, *x, *y, *got, *want;

static int setup(void **state)
{
	(void)state;
	ctx = BN_CTX_new();
	modulus = BN_new();
	radix = BN_new();
	x = BN_new();
	y = BN_new();
	got = BN_new();
	want = BN_new();
	return ctx && modulus && radix && x && y && got && want ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	BN_free(modulus);
	BN_free(radix);
	BN_free(x);
	BN_free(y);
	BN_free(got);
	BN_free(want);
	BN_CTX_free(ctx);
	return 0;
}

static void value(BIGNUM *r, const u64 *a, size_t limbs)
{
	assert_non_null(BN_lebin2bn((const u8 *)a, (int)(8 * limbs), r));
}

/* Noise; or limbs of which each is noise, all ones, 0, 1 or the top bit; or all of one. */
static void make(u64 *a, size_t limbs, unsigned int kind)
{
	static const u64 edge[4] = { ~(u64)0, 0, 1, 1ULL << 63 };
	size_t i;
	u8 pick[MHSM_MONT_MAX_LIMBS];

	vec_noise(a, limbs * sizeof(*a));
	vec_noise(pick, sizeof(pick));
	for (i = 0; i < limbs; i++) {
		if (kind < 4)
			a[i] = edge[kind];
		else if (kind < 24 && pick[i] < 200)
			a[i] = edge[pick[i] % 4];
	}
}

static void make_modulus(size_t limbs, unsigned int kind)
{
	u64 n[MHSM_MONT_MAX_LIMBS];

	make(n, limbs, kind);
	n[0] |= 1;
	n[limbs - 1] |= 1ULL << 63;
	mhsm_mont_init_limbs(&mont, n, limbs);
	value(modulus, n, limbs);
	assert_true(BN_set_word(radix, 1) && BN_lshift(radix, radix, (int)(64 * limbs)));
}

/* r * R = x * y mod n */
static void check_product(const u64 *r, size_t limbs)
{
	value(got, r, limbs);
	assert_true(BN_mod_mul(got, got, radix, modulus, ctx));
	assert_true(BN_mod_mul(want, x, y, modulus, ctx));
	assert_int_equal(BN_cmp(got, want), 0);
}

static void check_one(size_t limbs, unsigned int kind)
{
	u64 a[MHSM_MONT_MAX_LIMBS], b[MHSM_MONT_MAX_LIMBS], r[MHSM_MONT_MAX_LIMBS];
	u64 t[2 * MHSM_MONT_MAX_LIMBS];

	make(a, limbs, kind % 29);
	make(b, limbs, kind % 31);
	value(x, a, limbs);
	value(y, b, limbs);
	mhsm_mont_product(&mont, t, a, b);
	value(got, t, 2 * limbs);
	assert_true(BN_mul(want, x, y, ctx));
	assert_int_equal(BN_cmp(got, want), 0);
	mhsm_mont_mul(&mont, r, a, b);
	check_product(r, limbs);
	/* in the place of an operand */
	memcpy(r, b, limbs * sizeof(*r));
	mhsm_mont_mul(&mont, r, a, r);
	check_product(r, limbs);
	value(y, a, limbs);
	mhsm_mont_sqr(&mont, r, a);
	check_product(r, limbs);
	mhsm_mont_sqr(&mont, a, a);
	check_product(a, limbs);
	/* out of Montgomery form: b / R, below n */
	value(x, b, limbs);
	assert_true(BN_one(y));
	mhsm_mont_leave(&mont, r, b);
	check_product(r, limbs);
	value(got, r, limbs);
	assert_true(BN_cmp(got, modulus) < 0);
}

static void check_products(int with_adx)
{
	unsigned int kind, i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (kind = 0; kind < 300; kind++) {
			make_modulus(sizes[i], kind % 37);
			mont.has_adx = with_adx;
			check_one(sizes[i], kind);
		}
	}
}

static void test_products(void **state)
{
	(void)state;
	check_products(0);
}

static void test_products_adx(void **state)
{
	(void)state;
	make_modulus(sizes[0], 100);
	if (!mont.has_adx)
		skip();
	check_products(1);
}

/* Exponents of one limb more than the modulus; each value of a window is in some. */
static void test_pow(void **state)
{
	u64 base[MHSM_MONT_POW_LIMBS], exp[MHSM_MONT_POW_LIMBS + 1], r[MHSM_MONT_POW_LIMBS];
	size_t limbs, i;
	unsigned int kind;

	(void)state;
	for (i = 0; i < 3; i++) {
		limbs = sizes[i];
		for (kind = 0; kind < 12; kind++) {
			make_modulus(limbs, 100);
			make(base, limbs, kind + 20);
			make(exp, limbs + 1, kind);
			value(x, base, limbs);
			value(y, exp, limbs + 1);
			assert_true(BN_mod_exp(want, x, y, modulus, ctx));
			mhsm_mont_mul(&mont, base, base, mont.rr);
			assert_int_equal(mhsm_mont_pow(&mont, r, base, exp, limbs + 1,
						       &scratch, NULL), 0);
			mhsm_mont_leave(&mont, r, r);
			value(got, r, limbs);
			assert_int_equal(BN_cmp(got, want), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_products_adx),
		cmocka_unit_test(test_pow),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
