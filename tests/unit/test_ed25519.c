// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ed25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c -lcrypto
 */
/* Ed25519: RFC 8032, Wycheproof, OpenSSL at random and at the edges, bad encodings, errors. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/vec.h"
#include "tests/unit/ed25519_model.h"
#include "tests/unit/ed25519_ossl.h"

#define MHSM_GEN_NO_MAIN
#include "kmod/pk/gen_ed25519_table.c"

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

/* ---- SHA-512 that fails when it is told to ------------------------------------ */

static int calls, fail_at;

static int sha512(void *ctx, const struct mhsm_part *parts, unsigned int count, u8 out[64])
{
	assert_ptr_equal(ctx, &calls);
	assert_in_range(count, 1, 3);
	if (++calls == fail_at)
		return -EIO;
	return ossl_sha512(NULL, parts, count, out);
}

static const struct mhsm_ed25519_hash hash = { sha512, &calls };

/* A key pair, the same in every run. */
static void make_key(u8 priv[32], u8 pub[32])
{
	u8 rnd[32];

	vec_noise(rnd, sizeof(rnd));
	assert_int_equal(mhsm_ed25519_keygen(priv, pub, rnd, &hash), 0);
	assert_memory_equal(priv, rnd, 32);
}

static void sign(u8 sig[64], const u8 priv[32], const u8 pub[32], const u8 *msg, size_t len)
{
	u8 blind[32];

	vec_noise(blind, sizeof(blind));
	assert_int_equal(mhsm_ed25519_sign(sig, priv, pub, msg, len, blind, &hash), 0);
}

/* ---- the tables ------------------------------------------------------------ */

static void test_table(void **state)
{
	char *made = NULL, *kept;
	size_t made_len = 0, kept_len;
	FILE *f;

	(void)state;
	f = open_memstream(&made, &made_len);
	assert_non_null(f);
	assert_int_equal(gen_ed25519_table(f), 0);
	fclose(f);

	f = fopen("kmod/pk/ge25519_table.h", "r");
	assert_non_null(f);
	kept = malloc(made_len + 2);
	kept_len = fread(kept, 1, made_len + 1, f);
	fclose(f);
	assert_int_equal(kept_len, made_len);
	assert_memory_equal(kept, made, made_len);
	free(kept);
	free(made);
}

/* ---- known answers ----------------------------------------------------------- */

static unsigned int checked;

/* id result private public message signature flags */
static void each_rfc8032(char *const field[])
{
	u8 priv[32], pub[32], made[32], msg[1024], want[64], sig[64], blind[32];
	size_t len;
	int round;

	assert_int_equal(vec_hex(priv, 32, field[2]), 32);
	assert_int_equal(vec_hex(pub, 32, field[3]), 32);
	assert_int_equal(vec_hex(want, 64, field[5]), 64);
	len = vec_hex(msg, sizeof(msg), field[4]);
	assert_int_equal(mhsm_ed25519_public(made, priv, &hash), 0);
	assert_memory_equal(made, pub, 32);
	assert_int_equal(mhsm_ed25519_check_public(pub), 0);
	/* blinding must not change the result: 0, the largest, 0 modulo p, others */
	for (round = 0; round < 5; round++) {
		vec_noise(blind, sizeof(blind));
		if (round < 3)
			memset(blind, round ? 0xff : 0, sizeof(blind));
		if (round == 2)
			blind[0] = 0xed;
		memset(sig, 0, sizeof(sig));
		assert_int_equal(mhsm_ed25519_sign(sig, priv, pub, msg, len, blind, &hash), 0);
		assert_memory_equal(sig, want, 64);
	}
	assert_int_equal(mhsm_ed25519_verify(pub, msg, len, sig, &hash), 0);
}

static void test_rfc8032(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/ed25519_rfc8032.txt", 7, each_rfc8032), 5);
}

/* id result public message signature flags */
static void each_wycheproof(char *const field[])
{
	u8 pub[32], msg[1024], sig[128];
	size_t len;

	assert_int_equal(vec_hex(pub, 32, field[2]), 32);
	len = vec_hex(msg, sizeof(msg), field[3]);
	if (vec_hex(sig, sizeof(sig), field[4]) != 64) {
		/* the length is the caller's to check: such cases are all invalid */
		assert_string_equal(field[1], "invalid");
		return;
	}
	assert_int_equal(mhsm_ed25519_verify(pub, msg, len, sig, &hash),
			 strcmp(field[1], "valid") ? -EBADMSG : 0);
	checked++;
}

static void test_wycheproof(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/ed25519.txt", 6, each_wycheproof), 151);
	assert_in_range(checked, 130, 151);
}

/* ---- OpenSSL ------------------------------------------------------------------ */

static void test_openssl(void **state)
{
	u8 priv[32], pub[32], want_pub[32], sig[64], want[64], msg[300];
	int i, bit;

	(void)state;
	for (i = 0; i < 300; i++) {
		make_key(priv, pub);
		vec_noise(msg, sizeof(msg));
		ossl_sign(want, want_pub, priv, msg, (size_t)i);
		assert_memory_equal(pub, want_pub, 32);
		sign(sig, priv, pub, i ? msg : NULL, (size_t)i);
		assert_memory_equal(sig, want, 64);
		assert_int_equal(mhsm_ed25519_check_public(pub), 0);
		assert_int_equal(mhsm_ed25519_verify(pub, msg, (size_t)i, sig, &hash), 0);

		/* each bit of R and S in its turn, and one of the message */
		for (bit = i; bit < 512; bit += 300) {
			memcpy(sig, want, 64);
			sig[bit / 8] ^= (u8)(1 << (bit % 8));
			assert_int_equal(mhsm_ed25519_verify(pub, msg, (size_t)i, sig, &hash),
					 -EBADMSG);
			assert_false(ossl_verify(pub, msg, (size_t)i, sig));
		}
		msg[i / 2] ^= 0x10;
		assert_int_equal(mhsm_ed25519_verify(pub, msg, (size_t)i, want, &hash),
				 i ? -EBADMSG : 0);
	}
}

/* A key with a bit changed is a point or not, as the model says; never the right one. */
static void test_bent_key(void **state)
{
	u8 priv[32], pub[32], sig[64];
	int bit, want, points = 0;

	(void)state;
	make_key(priv, pub);
	sign(sig, priv, pub, priv, 32);
	for (bit = 0; bit < 256; bit++) {
		pub[bit / 8] ^= (u8)(1 << (bit % 8));
		want = model_is_public(pub) ? 0 : -EINVAL;
		points += !want;
		assert_int_equal(mhsm_ed25519_check_public(pub), want);
		assert_int_equal(mhsm_ed25519_verify(pub, priv, 32, sig, &hash),
				 want ? -EINVAL : -EBADMSG);
		pub[bit / 8] ^= (u8)(1 << (bit % 8));
	}
	assert_in_range(points, 64, 192);
}

/* ---- encodings that must be refused --------------------------------------------- */

/* S + L, S + 2L, ... up to 2^256 stand for the same S, and L for 0. */
static void test_malleable(void **state)
{
	BIGNUM *s = BN_new();
	u8 priv[32], pub[32], sig[64];
	int i;

	(void)state;
	make_key(priv, pub);
	sign(sig, priv, pub, priv, 32);
	assert_non_null(BN_lebin2bn(sig + 32, 32, s));
	assert_true(BN_cmp(s, model_l) < 0);
	for (i = 1; i < 15; i++) {
		assert_true(BN_add(s, s, model_l));
		assert_int_equal(BN_bn2lebinpad(s, sig + 32, 32), 32);
		assert_int_equal(mhsm_ed25519_verify(pub, priv, 32, sig, &hash), -EBADMSG);
		assert_false(ossl_verify(pub, priv, 32, sig));
	}
	BN_free(s);
}

/* Every y from p to 2^255 - 1, and each of the first and the last below p. */
static void test_canonical_y(void **state)
{
	BIGNUM *y = BN_new();
	u8 b[32];
	int delta, sign_bit, points = 0, want;

	(void)state;
	for (delta = -150; delta < 150; delta++) {
		for (sign_bit = 0; sign_bit < 2; sign_bit++) {
			if (delta < 19) {
				assert_true(BN_copy(y, model_p) && delta < 0 ?
					    BN_sub_word(y, (BN_ULONG)-delta) :
					    BN_add_word(y, (BN_ULONG)delta));
			} else {
				assert_true(BN_set_word(y, (BN_ULONG)delta - 19));
			}
			assert_int_equal(BN_bn2lebinpad(y, b, 32), 32);
			b[31] |= (u8)(sign_bit << 7);
			want = model_is_public(b) ? 0 : -EINVAL;
			if (delta >= 0 && delta < 19)
				assert_int_equal(want, -EINVAL);
			points += !want;
			assert_int_equal(mhsm_ed25519_check_public(b), want);
		}
	}
	assert_in_range(points, 200, 400);
	BN_free(y);
}

static void test_random_y(void **state)
{
	u8 b[32];
	int i, points = 0, want;

	(void)state;
	for (i = 0; i < 300; i++) {
		vec_noise(b, sizeof(b));
		want = model_is_public(b) ? 0 : -EINVAL;
		points += !want;
		assert_int_equal(mhsm_ed25519_check_public(b), want);
	}
	assert_in_range(points, 100, 200);
}

/* ---- errors and overlaps ---------------------------------------------------------- */

static void test_hash_errors(void **state)
{
	u8 priv[32], pub[32], sig[64], good[64], zero[64] = { 0 }, out[64] = { 0 };
	int n;

	(void)state;
	make_key(priv, pub);
	sign(good, priv, pub, priv, 32);
	for (n = 1; n <= 4; n++) {
		calls = 0;
		fail_at = n;
		memset(sig, 0, sizeof(sig));
		assert_int_equal(mhsm_ed25519_sign(sig, priv, pub, priv, 32, pub, &hash),
				 n <= 3 ? -EIO : 0);
		assert_memory_equal(sig, n <= 3 ? zero : good, 64);
	}
	fail_at = 1;
	calls = 0;
	assert_int_equal(mhsm_ed25519_verify(pub, priv, 32, good, &hash), -EIO);
	calls = 0;
	assert_int_equal(mhsm_ed25519_public(out, priv, &hash), -EIO);
	calls = 0;
	assert_int_equal(mhsm_ed25519_keygen(out, out + 32, priv, &hash), -EIO);
	assert_memory_equal(out, zero, 64);
	fail_at = 0;
	assert_int_equal(mhsm_ed25519_verify(pub, priv, 32, good, &hash), 0);
}

static void test_overlap(void **state)
{
	u8 priv[32], pub[32], want[64], buffer[64];

	(void)state;
	make_key(priv, pub);
	memcpy(buffer, priv, 32);
	assert_int_equal(mhsm_ed25519_public(buffer, buffer, &hash), 0);
	assert_memory_equal(buffer, pub, 32);

	vec_noise(buffer, sizeof(buffer));
	sign(want, priv, pub, buffer, 64);
	sign(buffer, priv, pub, buffer, 64);
	assert_memory_equal(buffer, want, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rfc8032),
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_bent_key),
		cmocka_unit_test(test_malleable),
		cmocka_unit_test(test_canonical_y),
		cmocka_unit_test(test_random_y),
		cmocka_unit_test(test_hash_errors),
		cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests_name("ed25519", tests, setup, teardown);
}
