// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/fe25519.c kmod/pk/pk_env.c -lcrypto */
/* The products, sums and differences in assembler that X25519 is made of, at their bounds. */
#include "tests/unit/vec.h"
#include "tests/unit/ed25519_model.h"

#include "kmod/pk/fe25519_adx.h"

#if MHSM_PK_ASM
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

static void full_value(BIGNUM *r, const struct fe25519_full *a)
{
	u8 b[32];

	limb4_store_le(b, a->v);
	assert_non_null(BN_lebin2bn(b, 32, r));
}

/* The bound of fe25519_adx.h on products and on what is added. */
static int is_tight(const struct fe25519_full *a)
{
	static const u64 bound[4] = { 1ULL << 32, 0, 0, 1ULL << 63 };

	return limb4_is_less(a->v, bound) != 0;
}

static void check_full(const struct fe25519_full *a, const BIGNUM *want)
{
	BIGNUM *r = BN_new();

	full_value(r, a);
	assert_true(BN_sub(r, r, want));
	assert_true(BN_nnmod(r, r, model_p, model_ctx) && BN_is_zero(r));
	BN_free(r);
}

/* Around 0, p, 2^255, the bound of tight ones, 2p, 2^256; rows of bits; then others. */
static void make_full(struct fe25519_full *a, int i)
{
	static const u64 top[6] = { 0, ~0ULL >> 1, 1ULL << 63, 1ULL << 63, ~0ULL, ~0ULL };
	static const u64 low[6] = { 10, -19ULL, 10, 1ULL << 32, -38ULL, -10ULL };
	int j;

	vec_noise(a, sizeof(*a));
	if (i < 120) {
		a->v[0] = low[i % 6] + (u64)i / 6 - 10;
		a->v[1] = a->v[2] = (u64)0 - ((top[i % 6] & 1) || a->v[0] > 1ULL << 63);
		a->v[3] = top[i % 6] - (!(top[i % 6] & 1) && i % 6 && a->v[0] > 1ULL << 63);
	} else if (i < 152) {
		for (j = 0; j < 4; j++)
			a->v[j] = (i >> j & 1) ? ~(u64)0 : i & 16 ? 0 : (u64)1 << 63;
	}
}

/* The same, tight: numbers are halved until they are. */
static void make_tight(struct fe25519_full *a, int i)
{
	int j;

	make_full(a, i);
	while (!is_tight(a))
		for (j = 0; j < 4; j++)
			a->v[j] = a->v[j] >> 1 | (j < 3 ? a->v[j + 1] << 63 : 0);
}

static void check_sums(int i, int j)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *w = BN_new();
	struct fe25519_full a, b, r;

	make_tight(&a, i);
	make_tight(&b, j);
	full_value(x, &a);
	full_value(y, &b);
	full_add(&r, &a, &b);
	assert_true(BN_add(w, x, y));
	check_full(&r, w);
	full_sub(&r, &a, &b);
	assert_true(BN_sub(w, x, y));
	check_full(&r, w);
	/* results in the place of operands */
	full_sub(&a, &a, &b);
	check_full(&a, w);
	full_sqr(&a, &a);
	model_mul(w, w, w);
	check_full(&a, w);
	full_add(&a, &a, &b);
	assert_true(BN_add(w, w, y));
	check_full(&a, w);
	full_mul(&a, &a, &b);
	model_mul(w, w, y);
	check_full(&a, w);
	BN_free(x);
	BN_free(y);
	BN_free(w);
}

/* To limbs of 51 bits and back. */
static void test_convert(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new();
	struct fe25519_full a;
	struct fe25519 r;
	u8 b[32];
	int i, j;

	(void)state;
	for (i = 0; i < 200; i++) {
		make_full(&a, i);
		full_store(&r, &a);
		for (j = 0; j < 5; j++)
			assert_true(r.v[j] < (1ULL << 51) + (1ULL << 14));
		mhsm_fe25519_store(b, &r);
		assert_true(BN_lebin2bn(b, 32, y) && BN_cmp(y, model_p) < 0);
		check_full(&a, y);
		full_load(&a, &r);
		full_value(x, &a);
		assert_int_equal(BN_cmp(x, y), 0);
	}
	BN_free(x);
	BN_free(y);
}

static void test_full(void **state)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *w = BN_new();
	struct fe25519_full a, b, r;
	int i, j;

	(void)state;
	if (!fe25519_has_adx())
		skip();
	for (i = 0; i < 160; i++) {
		make_full(&a, i);
		full_value(x, &a);
		full_sqr(&r, &a);
		assert_true(is_tight(&r));
		model_mul(w, x, x);
		check_full(&r, w);
		for (j = 0; j < 160; j++) {
			make_full(&b, j);
			full_value(y, &b);
			full_mul(&r, &a, &b);
			assert_true(is_tight(&r));
			model_mul(w, x, y);
			check_full(&r, w);
			full_mac_small(&r, &a, &b, (1 << 26) - 1);
			assert_true(is_tight(&r));
			assert_true(BN_copy(w, y) && BN_mul_word(w, (1 << 26) - 1) &&
				    BN_add(w, w, x));
			check_full(&r, w);
			check_sums(i, j);
		}
	}
	BN_free(x);
	BN_free(y);
	BN_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("x25519 adx", tests, setup, teardown);
}
#else
static void test_none(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("x25519 adx", tests, NULL, NULL);
}
#endif
