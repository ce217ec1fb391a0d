/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of a curve, see ec_tests.h: field, scalars and table against OpenSSL. */
#ifndef TESTS_UNIT_EC_ARITH_TESTS_H
#define TESTS_UNIT_EC_ARITH_TESTS_H

#include "tests/unit/ec_ossl.h"

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

#endif
