// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_key.c kmod/pk/prime.c kmod/pk/rsa_private.c kmod/pk/rsa.c
 *	kmod/pk/mont.c kmod/pk/mont_pow.c kmod/pk/pk_env.c tests/unit/vectors.c -lcrypto
 */
/* Primes and RSA keys: Wycheproof, OpenSSL, what is none, every way to be ended. */
#include "tests/unit/vec.h"
#include "tests/unit/rsa_key.h"
#include "tests/unit/vectors.h"
#include <openssl/param_build.h>

#include "kmod/pk/rsa_key.h"

static struct mhsm_rsa_key_scratch scratch;
static struct mhsm_rsa_private_scratch private_scratch;

static bool all_bytes(const void *p, size_t len, u8 value)
{
	const u8 *b = p;

	while (len--)
		if (*b++ != value)
			return false;
	return true;
}

static int draws_left; /* -1: the generator does not fail */

static int noise(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	if (draws_left >= 0 && draws_left-- == 0)
		return -ENODATA;
	vec_noise(out, len);
	return 0;
}

static const struct mhsm_pk_random random_bytes = { noise, NULL };

static int count_down(void *ctx)
{
	int *left = ctx;

	return --*left < 0 ? -EINTR : 0;
}

/* ---- primes ----------------------------------------------------------------- */

static void test_wycheproof_primes(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/primality.txt");
	struct vectors_bytes value;
	unsigned int done = 0, small = 0, large = 0;
	int prime;

	(void)state;
	draws_left = -1;
	while (vectors_next(v)) {
		value = vectors_bytes(v, "value");
		while (value.len && !*value.data) {
			value.data++;
			value.len--;
		}
		/* even numbers, and those below 5, are not for this function */
		if (!value.len || !(value.data[value.len - 1] & 1) ||
		    (value.len == 1 && value.data[0] < 5)) {
			small++;
			continue;
		}
		if (value.len > 256) {
			large++;
			continue;
		}
		prime = mhsm_prime_test(value.data, value.len, 20, &random_bytes, NULL,
					&scratch.prime);
		if (prime != vectors_valid(v))
			fail_msg("%s: %d", vectors_where(v), prime);
		done++;
	}
	print_message("primes: %u; %u even or below 5, %u too long\n", done, small, large);
	assert_true(done == 210 && large == 88);
	vectors_close(v);
}

/* The odd numbers to 2000, and powers of two more one, against trial division. */
static void test_small_primes(void **state)
{
	unsigned int a, d;
	u8 b[33];
	int i;

	(void)state;
	draws_left = -1;
	for (a = 5; a < 2000; a += 2) {
		for (d = 3; d * d <= a && a % d; d += 2)
			;
		b[0] = (u8)(a >> 8);
		b[1] = (u8)a;
		assert_int_equal(mhsm_prime_test(b[0] ? b : b + 1, b[0] ? 2 : 1, 16,
						 &random_bytes, NULL, &scratch.prime), d * d > a);
	}
	/* Fermat's numbers: 2^16 + 1 is the last prime of them; 2^(2^k) divides them less one */
	for (i = 2; i <= 32; i *= 2) {
		memset(b, 0, sizeof(b));
		b[0] = 1;
		b[i] = 1;
		assert_int_equal(mhsm_prime_test(b, (size_t)i + 1, 16, &random_bytes, NULL,
						 &scratch.prime), i == 2);
	}
}

/* Primes that, less one, are multiples of high powers of two: around 2^16, 2^64, 2^128. */
static void test_twos(void **state)
{
	static const int twos[] = { 15, 16, 17, 18, 40, 62, 63, 64, 65, 66, 127, 128, 129, 190 };
	BIGNUM *p = BN_new(), *step = BN_new(), *one = BN_new();
	u8 b[32];
	size_t i;

	(void)state;
	draws_left = -1;
	assert_true(BN_one(one));
	for (i = 0; i < sizeof(twos) / sizeof(twos[0]); i++) {
		BN_zero(step);
		assert_true(BN_set_bit(step, twos[i] + 1));
		assert_true(BN_set_bit(one, twos[i]));
		assert_true(BN_generate_prime_ex(p, 256, 0, step, one, NULL));
		assert_true(BN_clear_bit(one, twos[i]));
		assert_int_equal(BN_bn2binpad(p, b, sizeof(b)), sizeof(b));
		assert_int_equal(mhsm_prime_test(b, sizeof(b), 8, &random_bytes, NULL,
						 &scratch.prime), 1);
		/* a composite of the same kind: the next that is no prime */
		do
			assert_true(BN_add(p, p, step));
		while (BN_check_prime(p, NULL, NULL));
		assert_int_equal(BN_num_bits(p), 256);
		assert_int_equal(BN_bn2binpad(p, b, sizeof(b)), sizeof(b));
		assert_int_equal(mhsm_prime_test(b, sizeof(b), 16, &random_bytes, NULL,
						 &scratch.prime), 0);
	}
	BN_free(p);
	BN_free(step);
	BN_free(one);
}

static void test_sieve(void **state)
{
	const struct mhsm_prime_sieve *sieve = &scratch.sieve;
	unsigned int i, k, passed = 0, want;
	u64 a[16];
	BIGNUM *bn;

	(void)state;
	mhsm_prime_sieve_init(&scratch.sieve);
	assert_int_equal(sieve->prime[0], 3);
	assert_int_equal(sieve->prime[MHSM_PRIME_SIEVE_COUNT - 1], 8191);
	for (i = 0; i < 2000; i++) {
		vec_noise(a, sizeof(a));
		a[0] |= 1;
		bn = BN_lebin2bn((u8 *)a, sizeof(a), NULL);
		want = 1;
		for (k = 0; want && k < MHSM_PRIME_SIEVE_COUNT; k++)
			want = BN_mod_word(bn, sieve->prime[k]) != 0;
		assert_int_equal(mhsm_prime_sieve(sieve, a, 16), want ? ~0ull : 0);
		passed += want;
		BN_free(bn);
	}
	/* 2 * e^-gamma / ln 8192 = 0.1246 of odd numbers pass */
	assert_in_range(passed, 180, 320);

	/* each prime is found, alone and at the top */
	for (k = 0; k < MHSM_PRIME_SIEVE_COUNT; k++) {
		memset(a, 0, sizeof(a));
		a[0] = sieve->prime[k];
		assert_int_equal(mhsm_prime_sieve(sieve, a, 1), 0);
		a[0] = 0;
		a[15] = sieve->prime[k];
		assert_int_equal(mhsm_prime_sieve(sieve, a, 16), 0);
	}
	memset(a, 0, sizeof(a));
	a[0] = 8209;
	assert_int_equal(mhsm_prime_sieve(sieve, a, 16), ~0ull);
	memset(&scratch, 0, sizeof(scratch));
}

/* ---- generation ---------------------------------------------------------------- */

static EVP_PKEY *to_openssl(const struct mhsm_rsa_numbers *k, const u8 *d, size_t len)
{
	static const struct {
		const char *name;
		size_t at;
	} parts[] = {
		{ OSSL_PKEY_PARAM_RSA_FACTOR1, offsetof(struct mhsm_rsa_numbers, p) },
		{ OSSL_PKEY_PARAM_RSA_FACTOR2, offsetof(struct mhsm_rsa_numbers, q) },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT1, offsetof(struct mhsm_rsa_numbers, dp) },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT2, offsetof(struct mhsm_rsa_numbers, dq) },
		{ OSSL_PKEY_PARAM_RSA_COEFFICIENT1, offsetof(struct mhsm_rsa_numbers, qinv) },
	};
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *bn[7];
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;
	int i;

	bn[5] = BN_bin2bn(k->n, (int)len, NULL);
	bn[6] = BN_secure_new();
	BN_bin2bn(d, (int)len, bn[6]);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn[5]);
	OSSL_PARAM_BLD_push_ulong(bld, OSSL_PKEY_PARAM_RSA_E, 65537);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, bn[6]);
	for (i = 0; i < 5; i++) {
		bn[i] = BN_bin2bn((const u8 *)k + parts[i].at, (int)len / 2, NULL);
		OSSL_PARAM_BLD_push_BN(bld, parts[i].name, bn[i]);
	}
	params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
	for (i = 0; i < 7; i++)
		BN_free(bn[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* OpenSSL finds nothing wrong with it, and nor do we; it signs and verifies. */
static void check_generated(const struct mhsm_rsa_numbers *k, size_t len)
{
	struct mhsm_rsa_key key = mhsm_rsa_numbers_key(k, len);
	u8 d[512], in[512], out[512], rnd[32];
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *theirs;

	assert_true(memcmp(k->p, k->q, len / 2) > 0);
	/* sqrt(2) * 2^(bits - 1) */
	assert_true(memcmp(k->q, "\xb5\x04\xf3\x33\xf9\xde\x64\x84", 8) >= 0);
	assert_int_equal(mhsm_rsa_key_exponent(d, &key, &scratch), 0);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	theirs = to_openssl(k, d, len);
	ctx = EVP_PKEY_CTX_new(theirs, NULL);
	assert_int_equal(EVP_PKEY_check(ctx), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);

	assert_int_equal(mhsm_rsa_key_check(&key, 3, &random_bytes, NULL, &scratch), 0);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	memset(in, 0x42, sizeof(in));
	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_rsa_private(out, &key, in, rnd, NULL, &private_scratch), 0);
}

static void test_generate(void **state)
{
	static const size_t lengths[] = { 256, 384, 512 };
	struct mhsm_rsa_numbers key;
	size_t i;

	(void)state;
	draws_left = -1;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(mhsm_rsa_generate(&key, lengths[i], &random_bytes, NULL,
						   &scratch), 0);
		assert_true(all_bytes(&scratch, sizeof(scratch), 0));
		check_generated(&key, lengths[i]);
	}
}

static int all_ones(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	memset(out, 0xff, len);
	return 0;
}

static void test_generate_errors(void **state)
{
	static const size_t lengths[] = { 0, 128, 255, 257, 320, 511, 513, 1024 };
	static const struct mhsm_pk_random stuck = { all_ones, NULL };
	struct mhsm_rsa_numbers key;
	size_t i;
	int left;
	struct mhsm_pk_relax relax = { count_down, &left };

	(void)state;
	memset(&key, 0x5a, sizeof(key));
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_int_equal(mhsm_rsa_generate(&key, lengths[i], &random_bytes, NULL,
						   &scratch), -EINVAL);
	/* ended at once, after some candidates, in the middle of a test */
	draws_left = -1;
	for (left = 0, i = 1; i < 700; i *= 3) {
		left = (int)i;
		assert_int_equal(mhsm_rsa_generate(&key, 256, &random_bytes, &relax, &scratch),
				 -EINTR);
		assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	}
	for (i = 0; i < 60; i = 3 * i + 1) {
		draws_left = (int)i;
		assert_int_equal(mhsm_rsa_generate(&key, 256, &random_bytes, NULL, &scratch),
				 -ENODATA);
		assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	}
	draws_left = -1;
	/* a generator that is stuck gives the same candidate, which is no prime, for ever */
	assert_int_equal(mhsm_rsa_generate(&key, 256, &stuck, NULL, &scratch), -EIO);
	assert_true(all_bytes(&key, sizeof(key), 0x5a));
}

/* ---- checking ------------------------------------------------------------------- */

static int fits_only(const struct mhsm_rsa_numbers *k, size_t len)
{
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(k, len);

	return mhsm_rsa_key_fits(&key, &scratch);
}

static int check_only(const struct mhsm_rsa_numbers *k, size_t len)
{
	const struct mhsm_rsa_key key = mhsm_rsa_numbers_key(k, len);

	return mhsm_rsa_key_check(&key, 8, &random_bytes, NULL, &scratch);
}

/*
 * The exponent by (p - 1)(q - 1), that by the least common multiple, and with that added once more, belong to the key;
 * what is next to them does not.
 */
static void check_exponents(const struct mhsm_rsa_key *key, const u8 *d)
{
	int half = (int)key->n_len / 2;
	BIGNUM *p = BN_bin2bn(key->p, half, NULL), *q = BN_bin2bn(key->q, half, NULL);
	BIGNUM *number = BN_bin2bn(d, 2 * half, NULL), *lcm = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	u8 bytes[512];
	int i, j;

	assert_int_equal(mhsm_rsa_key_check_exponent(key, d, key->n_len, &scratch), 0);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
	BN_sub_word(p, 1);
	BN_sub_word(q, 1);
	BN_gcd(lcm, p, q, ctx);
	BN_div(p, NULL, p, lcm, ctx);
	BN_mul(lcm, p, q, ctx);
	BN_mod(number, number, lcm, ctx);
	for (i = 0; i < 2; i++) {
		assert_int_equal(BN_bn2binpad(number, bytes, 2 * half), 2 * half);
		assert_int_equal(mhsm_rsa_key_check_exponent(key, bytes, key->n_len, &scratch), 0);
		for (j = 0; j < 2 * half; j += 13) {
			bytes[j] ^= 4;
			assert_int_equal(mhsm_rsa_key_check_exponent(key, bytes, key->n_len, &scratch), -EINVAL);
			bytes[j] ^= 4;
		}
		BN_add(number, number, lcm);
	}
	/* right modulo one of the primes only */
	BN_mod(number, number, lcm, ctx);
	BN_add(number, number, q);
	assert_int_equal(BN_bn2binpad(number, bytes, 2 * half), 2 * half);
	assert_int_equal(mhsm_rsa_key_check_exponent(key, bytes, key->n_len, &scratch), -EINVAL);
	assert_int_equal(mhsm_rsa_key_check_exponent(key, d, 0, &scratch), -EINVAL);
	assert_int_equal(mhsm_rsa_key_check_exponent(key, d, key->n_len + 1, &scratch), -EINVAL);
	BN_free(p);
	BN_free(q);
	BN_free(number);
	BN_free(lcm);
	BN_CTX_free(ctx);
}

static void test_check_openssl(void **state)
{
	struct mhsm_rsa_numbers made;
	struct test_key t;
	u8 d[512];
	unsigned int bits;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *a, *b, *e = BN_new();

	(void)state;
	draws_left = -1;
	BN_set_word(e, 65537);
	for (bits = 2048; bits <= 3072; bits += 1024) {
		test_key_make(&t, bits);
		assert_int_equal(mhsm_rsa_key_check(&t.key, 4, &random_bytes, NULL, &scratch), 0);
		assert_int_equal(mhsm_rsa_key_complete(&made, bits / 8, t.p, t.q, &scratch), 0);
		assert_true(all_bytes(&scratch, sizeof(scratch), 0));
		assert_memory_equal(made.n, t.n, bits / 8);
		assert_memory_equal(made.dp, t.dp, bits / 16);
		assert_memory_equal(made.dq, t.dq, bits / 16);
		assert_memory_equal(made.qinv, t.qinv, bits / 16);
		/* the other way round as well */
		assert_int_equal(mhsm_rsa_key_complete(&made, bits / 8, t.q, t.p, &scratch), 0);
		assert_memory_equal(made.n, t.n, bits / 8);
		assert_memory_equal(made.dp, t.dq, bits / 16);
		assert_int_equal(check_only(&made, bits / 8), 0);
		assert_int_equal(fits_only(&made, bits / 8), 0);
		assert_true(all_bytes(&scratch, sizeof(scratch), 0));

		assert_int_equal(mhsm_rsa_key_exponent(d, &t.key, &scratch), 0);
		a = BN_bin2bn(t.p, (int)bits / 16, NULL);
		b = BN_bin2bn(t.q, (int)bits / 16, NULL);
		BN_sub_word(a, 1);
		BN_sub_word(b, 1);
		BN_mul(a, a, b, ctx);
		BN_mod_inverse(b, e, a, ctx);
		BN_bn2binpad(b, t.d, (int)bits / 8);
		assert_memory_equal(d, t.d, bits / 8);
		check_exponents(&t.key, d);
		BN_free(a);
		BN_free(b);
		EVP_PKEY_free(t.pkey);
	}
	BN_free(e);
	BN_CTX_free(ctx);
}

/* Wycheproof's keys for e = 65537 with primes of one length are keys. */
static void test_check_wycheproof(void **state)
{
	static const char *const names[] = { "n", "p", "q", "dp", "dq", "qinv" };
	struct vectors *v = vectors_open("tests/vectors/rsa_keys.txt");
	struct mhsm_rsa_numbers k;
	u8 *const to[] = { k.n, k.p, k.q, k.dp, k.dq, k.qinv };
	struct vectors_bytes b, e;
	unsigned int done = 0;
	size_t i, len, n_len;

	(void)state;
	draws_left = -1;
	while (vectors_next(v) && done < 10) {
		n_len = vectors_bytes(v, "n").len;
		e = vectors_bytes(v, "e");
		if (!vectors_bytes(v, "p").len || e.len != 3 || n_len != 256)
			continue;
		memset(&k, 0, sizeof(k));
		for (i = 0; i < 6; i++) {
			b = vectors_bytes(v, names[i]);
			while (b.len && !*b.data) {
				b.data++;
				b.len--;
			}
			len = i ? n_len / 2 : n_len;
			if (b.len > len)
				break;
			memcpy(to[i] + len - b.len, b.data, b.len);
		}
		if (i < 6 || !(k.p[0] & k.q[0] & 0x80))
			continue;
		if (check_only(&k, n_len))
			fail_msg("%s", vectors_where(v));
		done++;
	}
	print_message("keys: %u\n", done);
	assert_true(done == 10);
	vectors_close(v);
}

/* A prime with its top bit set, or the product of two, for primes that are none */
static void make_number(u8 *out, int product, size_t half)
{
	BIGNUM *a = BN_new(), *b = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	do {
		BN_generate_prime_ex(a, (int)half * 8 / (product ? 2 : 1), 0, NULL, NULL, NULL);
		BN_generate_prime_ex(b, (int)half * 8 / 2, 0, NULL, NULL, NULL);
		if (product)
			BN_mul(a, a, b, ctx);
	} while (BN_num_bits(a) != (int)half * 8 || BN_mod_word(a, 65537) == 1 ||
		 !BN_is_bit_set(a, (int)half * 8 - 2));
	BN_bn2binpad(a, out, (int)half);
	BN_free(a);
	BN_free(b);
	BN_CTX_free(ctx);
}

/* a += b, as far as there is room */
static void add_number(u8 *a, const u8 *b, size_t len)
{
	unsigned int sum = 0;

	while (len--) {
		sum = a[len] + b[len] + (sum >> 8);
		a[len] = (u8)sum;
	}
}

static void test_check_refuses(void **state)
{
	struct mhsm_rsa_numbers good, bad;
	u8 p[128], q[128];
	u8 *const parts[] = { bad.n, bad.p, bad.q, bad.dp, bad.dq, bad.qinv };
	static const size_t lengths[] = { 0, 128, 255, 257, 320, 513, 1024 };
	struct mhsm_rsa_key key = mhsm_rsa_numbers_key(&good, 256);
	size_t i, at;
	int left = 3;
	struct mhsm_pk_relax relax = { count_down, &left };

	(void)state;
	draws_left = -1;
	make_number(p, 0, 128);
	make_number(q, 0, 128);
	assert_int_equal(mhsm_rsa_key_complete(&good, 256, p, q, &scratch), 0);
	assert_int_equal(check_only(&good, 256), 0);
	for (i = 0; i < 6; i++) {
		for (at = 0; at < (i ? 128 : 256); at += i ? 127 : 51) {
			bad = good;
			parts[i][at] ^= 1;
			assert_int_equal(check_only(&bad, 256), -EINVAL);
			assert_true(all_bytes(&scratch, sizeof(scratch), 0) || at == 127);
			assert_int_equal(fits_only(&bad, 256), -EINVAL);
			assert_true(all_bytes(&scratch, sizeof(scratch), 0) || at == 127);
		}
	}
	/* an inverse that is not the least */
	bad = good;
	add_number(bad.qinv, good.p, 128);
	assert_int_equal(fits_only(&bad, 256), -EINVAL);
	/* numbers that are right but for being composite, or the same, or too near */
	make_number(q, 1, 128);
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, p, q, &scratch), 0);
	assert_int_equal(check_only(&bad, 256), -EINVAL);
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, q, p, &scratch), 0);
	assert_int_equal(check_only(&bad, 256), -EINVAL);
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, p, p, &scratch), 0);
	assert_int_equal(check_only(&bad, 256), -EINVAL);
	memcpy(q, p, sizeof(q));
	q[60] ^= 2;
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, p, q, &scratch), 0);
	assert_int_equal(check_only(&bad, 256), -EINVAL);

	q[127] ^= 1;
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, p, q, &scratch), -EINVAL);
	memset(q, 0xff, sizeof(q));
	q[0] = 0x7f;
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, p, q, &scratch), -EINVAL);
	/* top bits that are set, of a product whose top bit is not */
	memset(q, 1, sizeof(q));
	q[0] = 0x80;
	assert_int_equal(mhsm_rsa_key_complete(&bad, 256, q, q, &scratch), -EINVAL);

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		key.n_len = lengths[i];
		assert_int_equal(mhsm_rsa_key_check(&key, 1, &random_bytes, NULL, &scratch),
				 -EINVAL);
		assert_int_equal(mhsm_rsa_key_exponent(p, &key, &scratch), -EINVAL);
		assert_int_equal(mhsm_rsa_key_complete(&bad, lengths[i], good.p, good.q, &scratch),
				 -EINVAL);
	}
	key.n_len = 256;
	assert_int_equal(mhsm_rsa_key_check(&key, 4, &random_bytes, &relax, &scratch), -EINTR);
	draws_left = 2;
	assert_int_equal(mhsm_rsa_key_check(&key, 4, &random_bytes, NULL, &scratch), -ENODATA);
	assert_true(all_bytes(&scratch, sizeof(scratch), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof_primes),
		cmocka_unit_test(test_small_primes),
		cmocka_unit_test(test_twos),
		cmocka_unit_test(test_sieve),
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_generate_errors),
		cmocka_unit_test(test_check_openssl),
		cmocka_unit_test(test_check_wycheproof),
		cmocka_unit_test(test_check_refuses),
	};

	return cmocka_run_group_tests_name("rsa_key", tests, NULL, NULL);
}
