// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_private.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/mont_pow.c
 *	kmod/pk/pk_env.c -lcrypto
 */
/* The RSA private operation: against OpenSSL, with every blinding, every error. */
#include "tests/unit/vec.h"
#include "tests/unit/rsa_key.h"

static struct mhsm_rsa_private_scratch scratch;
static struct test_key keys[3];

static bool all_bytes(const void *p, size_t len, u8 value)
{
	const u8 *b = p;

	while (len--)
		if (*b++ != value)
			return false;
	return true;
}

static int set_up(void **state)
{
	(void)state;
#ifdef NEEDED
	if (!NEEDED) {
		print_message("1..0 # SKIP this processor has no AVX-512 IFMA\n");
		exit(0);
	}
#endif
	test_key_make(&keys[0], 2048);
	test_key_make(&keys[1], 3072);
	test_key_make(&keys[2], 4096);
	return 0;
}

static int tear_down(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		EVP_PKEY_free(keys[i].pkey);
	return 0;
}

static void check_against_bn(const struct test_key *t, const u8 *in, const u8 rnd[32])
{
	u8 out[512], want[512];
	size_t len = t->key.n_len;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_bin2bn(t->n, (int)len, NULL), *d = BN_bin2bn(t->d, (int)len, NULL);
	BIGNUM *x = BN_bin2bn(in, (int)len, NULL);

	assert_true(BN_mod_exp(x, x, d, n, ctx));
	assert_int_equal(BN_bn2binpad(x, want, (int)len), len);
	assert_int_equal(mhsm_rsa_private(out, &t->key, in, rnd, NULL, &scratch), 0);
	assert_memory_equal(out, want, len);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	BN_free(n);
	BN_free(d);
	BN_free(x);
	BN_CTX_free(ctx);
}

static void test_random(void **state)
{
	u8 in[512], rnd[32];
	int i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		for (k = 0; k < 24 >> (2 * i); k++) {
			vec_noise(in, sizeof(in));
			in[0] &= 0x7f;
			vec_noise(rnd, sizeof(rnd));
			check_against_bn(&keys[i], in, rnd);
		}
	}
}

/* Inputs at the ends of the range, and multiples of the primes; blinding likewise. */
static void test_edges(void **state)
{
	u8 in[512], rnd[32];
	size_t len, half, j;
	int i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		len = keys[i].key.n_len;
		half = len / 2;
		for (k = 0; k < 9; k++) {
			memset(in, 0, len);
			if (k == 1)
				in[len - 1] = 1;
			if (k == 2 || k == 3)
				memcpy(in, keys[i].n, len);
			if (k == 2)
				in[len - 1] -= 1;
			if (k == 3) {
				/* n - 2; a last byte of 1 has to borrow */
				in[len - 1] -= 2;
				for (j = len - 2; keys[i].n[len - 1] == 1 && in[j]-- == 0; j--)
					;
			}
			if (k == 4)
				memcpy(in + half, keys[i].p, half);
			if (k == 5)
				memcpy(in + half, keys[i].q, half);
			if (k == 6)
				memset(in + half, 0xff, half);
			if (k == 7)
				in[half - 1] = 1;
			if (k == 8) {
				memset(in, 0xff, len);
				in[0] = 0x7f;
			}
			memset(rnd, k % 3 == 0 ? 0 : k % 3 == 1 ? 0xff : 0x55, 32);
			check_against_bn(&keys[i], in, rnd);
		}
	}
}

/* The blinding changes nothing, the operation is its own check, in place. */
static void test_blinding(void **state)
{
	static const u8 e[] = { 1, 0, 1 };
	static struct mhsm_rsa_scratch public_scratch;
	const struct mhsm_rsa_key *key = &keys[0].key;
	u8 in[256], out[256], rnd[32];
	int i;

	(void)state;
	vec_noise(in, sizeof(in));
	in[0] &= 0x7f;
	for (i = 0; i < 64; i++) {
		vec_noise(rnd, sizeof(rnd));
		/* each of the four parts at its ends, in turn */
		memset(rnd + i % 4 * 8, i & 4 ? 0xff : 0, 8);
		memcpy(out, in, sizeof(in));
		assert_int_equal(mhsm_rsa_private(out, key, out, rnd, NULL, &scratch), 0);
		assert_int_equal(mhsm_rsa_public(out, key->n, 256, e, 3, out,
						 &public_scratch), 0);
		assert_memory_equal(out, in, sizeof(in));
	}
}

static int count_down(void *ctx)
{
	int *left = ctx;

	return --*left < 0 ? -EINTR : 0;
}

static void test_relax(void **state)
{
	u8 in[512] = { 0 }, out[512], rnd[32] = { 0 };
	int i, k, left, steps;

	(void)state;
	in[511] = 2;
	in[255] = 2;
	for (i = 0; i < 3; i++) {
		struct mhsm_pk_relax relax = { count_down, &left };

		left = 1000;
		assert_int_equal(mhsm_rsa_private(out, &keys[i].key, in, rnd, &relax,
						  &scratch), 0);
		steps = 1000 - left;
		/* 1.2 products for each bit of an exponent (of both, if together), a call every 60 */
		assert_in_range(steps, 512 * (i + 2) / 60, 3 * (512 * (i + 2)) / 60);
		memset(out, 0x5a, sizeof(out));
		/* ended by the first, the second, and the last call */
		for (k = 0; k < 3; k++) {
			left = k < 2 ? k : steps - 1;
			assert_int_equal(mhsm_rsa_private(out, &keys[i].key, in, rnd,
							  &relax, &scratch), -EINTR);
			assert_true(all_bytes(out, sizeof(out), 0x5a));
			assert_true(all_bytes(&scratch, sizeof(scratch), 0));
		}
	}
}

static void expect(const struct mhsm_rsa_key *key, const u8 *in, int want)
{
	u8 out[512], rnd[32];

	vec_noise(rnd, sizeof(rnd));
	memset(out, 0x5a, sizeof(out));
	assert_int_equal(mhsm_rsa_private(out, key, in, rnd, NULL, &scratch), want);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	if (want)
		assert_true(all_bytes(out, sizeof(out), 0x5a));
}

/* A flipped bit anywhere in the key is noticed, and nothing comes out. */
static void test_faults(void **state)
{
	struct test_key t = keys[0];
	u8 *const part[] = { t.n, t.p, t.q, t.dp, t.dq, t.qinv };
	u8 in[512];
	size_t i, at;

	(void)state;
	t.key = (struct mhsm_rsa_key){ 256, t.n, t.p, t.q, t.dp, t.dq, t.qinv };
	vec_noise(in, sizeof(in));
	in[0] &= 0x7f;
	expect(&t.key, in, 0);
	for (i = 0; i < 6; i++) {
		for (at = 1; at < 127; at += 25) {
			part[i][at] ^= 0x10;
			expect(&t.key, in, -EIO);
			part[i][at] ^= 0x10;
		}
	}
	expect(&t.key, in, 0);
}

static void test_errors(void **state)
{
	struct test_key t = keys[0];
	u8 *const part[] = { t.n, t.p, t.q };
	static const size_t lengths[] = { 0, 128, 255, 257, 320, 511, 513, 1024 };
	u8 in[1024] = { 0 };
	size_t i, last;

	(void)state;
	t.key = (struct mhsm_rsa_key){ 256, t.n, t.p, t.q, t.dp, t.dq, t.qinv };
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		t.key.n_len = lengths[i];
		expect(&t.key, in, -EINVAL);
	}
	t.key.n_len = 256;
	for (i = 0; i < 3; i++) {
		last = i ? 127 : 255;
		part[i][0] ^= 0x80;
		expect(&t.key, in, -EINVAL);
		part[i][0] ^= 0x80;
		part[i][last] ^= 1;
		expect(&t.key, in, -EINVAL);
		part[i][last] ^= 1;
	}
	memcpy(in, t.n, 256);
	expect(&t.key, in, -EINVAL);
	memset(in, 0xff, 256);
	expect(&t.key, in, -EINVAL);
	memset(in, 0, 256);
	expect(&t.key, in, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_blinding),
		cmocka_unit_test(test_relax),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_errors),
#ifdef MORE
		MORE
#endif
	};

	return cmocka_run_group_tests_name("rsa_private", tests, set_up, tear_down);
}
