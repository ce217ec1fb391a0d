// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c kmod/pk/sc25519.c
 *	kmod/pk/pk_env.c -lcrypto
 */
/* What Ed25519 and X25519 are made of: the field, the scalars, the points. */
#include "tests/unit/vec.h"
#include "tests/unit/ed25519_model.h"

#include "kmod/pk/ge25519.h"

/* The bounds of fe25519.h: of tight limbs, and of those of factors. */
#define TIGHT ((1ULL << 51) + (1ULL << 14))
#define FACTOR (1ULL << 54)

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

/* ---- the field ------------------------------------------------------------------- */

/* Limbs up to the bound: all of them just below it, all zero, then others. */
static void make_element(struct fe25519 *a, u64 bound, int i)
{
	int j;

	vec_noise(a, sizeof(*a));
	for (j = 0; j < 5; j++) {
		a->v[j] %= bound;
		if (i == 0 || (i > 1 && i < 7 && j == i - 2))
			a->v[j] = bound - 1;
		else if (i < 7)
			a->v[j] = 0;
	}
}

static void value(BIGNUM *r, const struct fe25519 *a)
{
	BIGNUM *limb = BN_new();
	int j;

	BN_zero(r);
	for (j = 4; j >= 0; j--) {
		assert_true(BN_lshift(r, r, 51) && BN_set_word(limb, a->v[j]) &&
			    BN_add(r, r, limb));
	}
	assert_true(BN_nnmod(r, r, model_p, model_ctx));
	BN_free(limb);
}

static void check_element(const struct fe25519 *a, const BIGNUM *want, u64 bound)
{
	BIGNUM *r = BN_new(), *w = BN_new();
	u8 b[32], c[32];
	int j;

	for (j = 0; j < 5; j++)
		assert_true(a->v[j] < bound);
	value(r, a);
	assert_true(BN_nnmod(w, want, model_p, model_ctx));
	assert_int_equal(BN_cmp(r, w), 0);
	mhsm_fe25519_store(b, a);
	model_store(c, w);
	assert_memory_equal(b, c, 32);
	assert_true(mhsm_fe25519_is_zero(a) == (BN_is_zero(w) ? ~(u64)0 : 0));
	BN_free(r);
	BN_free(w);
}

static void test_field(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *w = BN_new();
	struct fe25519 a, b, r;
	int i, j;

	(void)state;
	for (i = 0; i < 40; i++) {
		for (j = 0; j < 40; j++) {
			make_element(&a, FACTOR, i);
			make_element(&b, FACTOR, j);
			value(x, &a);
			value(y, &b);
			mhsm_fe25519_mul(&r, &a, &b);
			model_mul(w, x, y);
			check_element(&r, w, TIGHT);
			mhsm_fe25519_mul(&b, &a, &b);
			assert_memory_equal(&b, &r, sizeof(r));

			make_element(&b, TIGHT, j);
			value(y, &b);
			make_element(&a, FACTOR - TIGHT * 2, i);
			value(x, &a);
			fe_add(&r, &a, &b);
			assert_true(BN_add(w, x, y));
			check_element(&r, w, FACTOR);
			fe_sub(&r, &a, &b);
			assert_true(BN_sub(w, x, y));
			check_element(&r, w, FACTOR);
		}
		make_element(&a, FACTOR, i);
		value(x, &a);
		mhsm_fe25519_sqr(&r, &a);
		model_mul(w, x, x);
		check_element(&r, w, TIGHT);
		mhsm_fe25519_sqr_times(&r, &a, 7);
		assert_true(BN_set_word(y, 128) && BN_mod_exp(w, x, y, model_p, model_ctx));
		check_element(&r, w, TIGHT);
		mhsm_fe25519_mul_small(&r, &a, 0xffffffff);
		assert_true(BN_copy(w, x) && BN_mul_word(w, 0xffffffff));
		check_element(&r, w, TIGHT);
		mhsm_fe25519_inv(&r, &a);
		assert_true(BN_copy(y, model_p) && BN_sub_word(y, 2) &&
			    BN_mod_exp(w, x, y, model_p, model_ctx));
		check_element(&r, w, TIGHT);
		mhsm_fe25519_pow_p58(&r, &a);
		assert_true(BN_sub_word(y, 3) && BN_rshift(y, y, 3) &&
			    BN_mod_exp(w, x, y, model_p, model_ctx));
		check_element(&r, w, TIGHT);
		make_element(&a, TIGHT, i);
		value(x, &a);
		fe_neg(&r, &a);
		BN_set_negative(x, !BN_is_zero(x));
		check_element(&r, x, 1ULL << 52);
	}
	BN_free(x);
	BN_free(y);
	BN_free(w);
}

/* 0, 1, ... and around p, 2p and 2^255, with and without the top bit. */
static void test_load(void **state)
{
	BIGNUM *x = BN_new();
	struct fe25519 a;
	u8 b[32];
	int delta, top;

	(void)state;
	for (delta = -40; delta < 40; delta++) {
		assert_true(BN_copy(x, model_p) && (delta < 0 ?
			    BN_sub_word(x, (BN_ULONG)-delta) : BN_add_word(x, (BN_ULONG)delta)));
		BN_mask_bits(x, 255);
		for (top = 0; top < 2; top++) {
			assert_int_equal(BN_bn2lebinpad(x, b, 32), 32);
			b[31] |= (u8)(top << 7);
			assert_true(mhsm_fe25519_load(&a, b) ==
				    (BN_cmp(x, model_p) < 0 ? ~(u64)0 : 0));
			check_element(&a, x, 1ULL << 51);
		}
	}
	/* representatives of 0 with limbs that are not reduced: p, 2p, 16p */
	for (top = 1; top <= 16; top++) {
		a = (struct fe25519){ { FE25519_MASK - 18, FE25519_MASK, FE25519_MASK, FE25519_MASK,
					FE25519_MASK } };
		for (delta = 0; delta < 5; delta++)
			a.v[delta] *= (u64)top;
		if (top <= 8) {
			BN_zero(x);
			check_element(&a, x, FACTOR);
		}
	}
	BN_free(x);
}

/* ---- scalars ------------------------------------------------------------------------ */

/* 64 bytes: 0, the largest, around multiples of L, others */
static void make_wide(u8 b[64], int i)
{
	BIGNUM *x = BN_dup(model_l);

	if (i < 2) {
		memset(b, i ? 0xff : 0, 64);
	} else if (i < 20) {
		assert_true(BN_lshift(x, x, i % 2 ? 0 : 259) && BN_add_word(x, 5) &&
			    BN_sub_word(x, (BN_ULONG)i / 2));
		assert_int_equal(BN_bn2lebinpad(x, b, 64), 64);
	} else {
		vec_noise(b, 64);
	}
	BN_free(x);
}

static void check_scalar(const struct sc25519 *a, const BIGNUM *want)
{
	BIGNUM *w = BN_new();
	u8 b[32], c[32];

	assert_true(BN_nnmod(w, want, model_l, model_ctx));
	mhsm_sc25519_store(b, a);
	model_store(c, w);
	assert_memory_equal(b, c, 32);
	BN_free(w);
}

static void test_scalars(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *w = BN_new();
	struct sc25519 a, b, r;
	u8 wide[64];
	int i, j;

	(void)state;
	for (i = 0; i < 60; i++) {
		make_wide(wide, i);
		mhsm_sc25519_load_wide(&a, wide);
		assert_non_null(BN_lebin2bn(wide, 64, x));
		check_scalar(&a, x);
		assert_non_null(BN_lebin2bn(wide, 32, w));
		assert_true(mhsm_sc25519_load(&r, wide) ==
			    (BN_cmp(w, model_l) < 0 ? ~(u64)0 : 0));
		check_scalar(&r, w);
		for (j = 0; j < 60; j++) {
			make_wide(wide, j);
			mhsm_sc25519_load_wide(&b, wide);
			assert_non_null(BN_lebin2bn(wide, 64, y));
			mhsm_sc25519_mul(&r, &a, &b);
			assert_true(BN_mul(w, x, y, model_ctx));
			check_scalar(&r, w);
			mhsm_sc25519_add(&r, &a, &b);
			assert_true(BN_add(w, x, y));
			check_scalar(&r, w);
			mhsm_sc25519_sub(&r, &a, &b);
			assert_true(BN_sub(w, x, y));
			check_scalar(&r, w);
		}
	}
	BN_free(x);
	BN_free(y);
	BN_free(w);
}

/* ---- points --------------------------------------------------------------------------- */

/* Scalars with long rows of one digit or bit, 0, 1, L - 1, then others. */
static void make_scalar(struct sc25519 *k, int i)
{
	static const u8 fill[] = { 0x00, 0xff, 0x88, 0x77, 0x78, 0x87, 0xf0, 0x0f, 0x80, 0x01,
				   0x55, 0xaa };
	const struct sc25519 zero = { { 0 } }, one = { { 1, 0, 0, 0 } };
	u8 b[32];

	vec_noise(b, sizeof(b));
	b[31] &= 0x0f;
	if (i < (int)sizeof(fill)) {
		memset(b, fill[i], 32);
		b[31] &= 0x0f;
	}
	mhsm_sc25519_load(k, b);
	if (i == 12)
		*k = one;
	if (i == 13)
		mhsm_sc25519_sub(k, &zero, &one);
}

static void scalar_value(BIGNUM *r, const struct sc25519 *k)
{
	u8 b[32];

	mhsm_sc25519_store(b, k);
	assert_non_null(BN_lebin2bn(b, 32, r));
}

static void check_point(const struct ge25519 *p, const struct model_point *want)
{
	u8 b[32], c[32];

	mhsm_ge25519_store(b, p);
	model_encode(c, want);
	assert_memory_equal(b, c, 32);
}

/* k B in constant time, k B + 0 P, 0 B + k P with P = B, and s B + k P. */
static void test_multiply(void **state)
{
	const struct sc25519 zero = { { 0 } };
	struct model_point base = model_point_new(), kb = model_point_new();
	struct model_point sb = model_point_new(), q = model_point_new();
	struct fe25519 blind = FE25519_ONE;
	struct sc25519 k, s;
	struct ge25519 b, p, r;
	u8 octets[32];
	BIGNUM *n = BN_new();
	int i;

	(void)state;
	memset(octets, 0x66, sizeof(octets));
	octets[0] = 0x58;
	assert_true(model_decode(&base, octets) && mhsm_ge25519_load(&b, octets));
	for (i = 0; i < 24; i++) {
		make_scalar(&k, i);
		scalar_value(n, &k);
		model_scale(&kb, n, &base);
		mhsm_ge25519_mul_base(&r, &k, &blind);
		check_point(&r, &kb);
		vec_noise(octets, sizeof(octets));
		mhsm_fe25519_load(&blind, octets);
		mhsm_ge25519_mul_base(&r, &k, &blind);
		check_point(&r, &kb);
		mhsm_ge25519_mul_public(&r, &k, &zero, &b);
		check_point(&r, &kb);
		mhsm_ge25519_mul_public(&r, &zero, &k, &b);
		check_point(&r, &kb);

		/* P = k B, known to both; s B + k P and s B - s B */
		make_scalar(&s, 23 - i);
		scalar_value(n, &s);
		model_scale(&sb, n, &base);
		mhsm_ge25519_store(octets, &r);
		assert_true(mhsm_ge25519_load(&p, octets));
		scalar_value(n, &k);
		model_scale(&q, n, &kb);
		model_add(&q, &q, &sb);
		mhsm_ge25519_mul_public(&r, &s, &k, &p);
		check_point(&r, &q);
		mhsm_ge25519_neg(&p, &b);
		mhsm_ge25519_mul_public(&r, &s, &s, &p);
		model_zero(&q);
		check_point(&r, &q);
	}
	BN_free(n);
	model_point_free(&base);
	model_point_free(&kb);
	model_point_free(&sb);
	model_point_free(&q);
}

/* All sums of points of small order, and of those and others: where formulas have exceptions. */
static void test_complete(void **state)
{
	struct model_point t = model_point_new(), m[16], q = model_point_new();
	struct ge25519_cached c;
	struct ge25519 p[16], r;
	u8 b[32] = { 7 };
	int i, j;

	(void)state;
	model_order8(&t);
	for (i = 0; i < 16; i++)
		m[i] = model_point_new();
	model_zero(&m[0]);
	while (!model_decode(&m[8], b))
		b[0]++;
	for (i = 1; i < 16; i++)
		if (i != 8)
			model_add(&m[i], &m[i - 1], &t);
	for (i = 0; i < 16; i++) {
		model_encode(b, &m[i]);
		assert_true(mhsm_ge25519_load(&p[i], b));
		assert_true(mhsm_ge25519_is_small(&p[i]) == (i < 8 ? ~(u64)0 : 0));
	}
	for (i = 0; i < 16; i++) {
		mhsm_ge25519_double(&r, &p[i], 1);
		model_add(&q, &m[i], &m[i]);
		check_point(&r, &q);
		for (j = 0; j < 16; j++) {
			mhsm_ge25519_to_cached(&c, &p[j]);
			mhsm_ge25519_add(&r, &p[i], &c, 1);
			model_add(&q, &m[i], &m[j]);
			check_point(&r, &q);
			/* T is right, too: it is what the next addition uses */
			mhsm_ge25519_add(&r, &r, &c, 0);
			model_add(&q, &q, &m[j]);
			check_point(&r, &q);
		}
	}
	for (i = 0; i < 16; i++)
		model_point_free(&m[i]);
	model_point_free(&t);
	model_point_free(&q);
}

/* x = 0 has no sign: (0, 1) and (0, -1) are encoded without one only. */
static void test_sign_of_zero(void **state)
{
	struct ge25519 p;
	BIGNUM *y = BN_dup(model_p);
	u8 b[32] = { 1 };

	(void)state;
	assert_true(mhsm_ge25519_load(&p, b) == ~(u64)0);
	b[31] = 0x80;
	assert_true(mhsm_ge25519_load(&p, b) == 0);
	assert_true(BN_sub_word(y, 1));
	model_store(b, y);
	assert_true(mhsm_ge25519_load(&p, b) == ~(u64)0);
	b[31] |= 0x80;
	assert_true(mhsm_ge25519_load(&p, b) == 0);
	BN_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_multiply),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_sign_of_zero),
	};

	return cmocka_run_group_tests_name("ed25519 field", tests, setup, teardown);
}
