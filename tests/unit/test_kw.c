// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/kw.c daemon/quorum/prim.c -lcrypto */
/* AES key wrap: RFC 3394, Wycheproof, OpenSSL at random, and every way to be wrong. */
#include "tests/unit/vec.h"
#include <openssl/evp.h>
#include "kmod/kw.h"

static struct mhsm_block *block(const u8 *key, size_t len)
{
	struct mhsm_block *b;

	assert_int_equal(mhsm_prim_block_new(&b, key, len), 0);
	return b;
}

static bool all_zero(const u8 *p, size_t n)
{
	while (n--)
		if (p[n])
			return false;
	return true;
}

static void test_rfc3394(void **state)
{
	/* RFC 3394 sections 4.1, 4.3, 4.5 and 4.6: those with keys of 128 and 256 bits */
	static const struct {
		size_t kek, data;
		const char *ct;
	} cases[] = {
		{ 16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5" },
		{ 32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7" },
		{ 32, 24, "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1" },
		{ 32, 32, "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21" },
	};
	u8 kek[32], data[32], want[40], got[40], back[32];
	struct mhsm_block *b;
	unsigned int i;

	(void)state;
	for (i = 0; i < 32; i++)
		kek[i] = (u8)i;
	vec_hex(data, 32, "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b = block(kek, cases[i].kek);
		assert_int_equal(vec_hex(want, 40, cases[i].ct), cases[i].data + 8);
		assert_int_equal(mhsm_kw_wrap(b, got, data, cases[i].data), 0);
		assert_memory_equal(got, want, cases[i].data + 8);
		assert_int_equal(mhsm_kw_unwrap(b, back, got, cases[i].data + 8), 0);
		assert_memory_equal(back, data, cases[i].data);
		mhsm_prim_block_free(b);
	}
}

/*
 * key msg ct result. "acceptable" are keys of 8 bytes under KW, which RFC 3394 leaves open and SP 800-38F does not
 * have: refused.
 */
static void wycheproof(char *const f[], bool kwp)
{
	u8 key[32], msg[600], ct[600], got[600];
	size_t key_len = vec_hex(key, sizeof(key), f[1]), msg_len = vec_hex(msg, sizeof(msg), f[2]);
	size_t ct_len = vec_hex(ct, sizeof(ct), f[3]), got_len = 0;
	bool valid = !strcmp(f[4], "valid");
	struct mhsm_block *b = block(key, key_len);
	int ret;

	if (valid) {
		ret = kwp ? mhsm_kwp_wrap(b, got, msg, msg_len) : mhsm_kw_wrap(b, got, msg, msg_len);
		assert_int_equal(ret, 0);
		assert_memory_equal(got, ct, ct_len);
	}
	memset(got, 0xcc, sizeof(got));
	if (kwp) {
		ret = mhsm_kwp_unwrap(b, got, &got_len, ct, ct_len);
	} else {
		ret = mhsm_kw_unwrap(b, got, ct, ct_len);
		got_len = ret ? 0 : ct_len - 8;
	}
	if (valid) {
		assert_int_equal(ret, 0);
		assert_int_equal(got_len, msg_len);
		assert_memory_equal(got, msg, msg_len);
	} else {
		assert_true(ret == -EBADMSG || ret == -EINVAL);
		assert_int_equal(got_len, 0);
		if (ret == -EBADMSG)
			assert_true(all_zero(got, ct_len - 8));
	}
	mhsm_prim_block_free(b);
}

static void kw_case(char *const f[])
{
	wycheproof(f, false);
}

static void kwp_case(char *const f[])
{
	wycheproof(f, true);
}

static void test_wycheproof(void **state)
{
	(void)state;
	assert_int_equal(vec_each("tests/vectors/aes_wrap_wycheproof.txt", 5, kw_case), 110);
	assert_int_equal(vec_each("tests/vectors/aes_kwp_wycheproof.txt", 5, kwp_case), 169);
}

static int openssl_wrap(const char *name, const u8 *key, u8 *out, const u8 *in, size_t len)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, out, &n, in, (int)len), 1);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return n;
}

static void test_openssl(void **state)
{
	u8 key[32], in[MHSM_KW_MAX], ours[MHSM_KW_MAX + 8], theirs[MHSM_KW_MAX + 24];
	size_t len, key_len, back_len;
	struct mhsm_block *b;
	char name[32];
	int n;

	(void)state;
	for (len = 1; len <= MHSM_KW_MAX; len += len < 300 ? 1 : 379) {
		vec_noise(key, 32);
		vec_noise(in, len);
		key_len = len % 3 ? 32 : 16;
		b = block(key, key_len);
		snprintf(name, sizeof(name), "AES-%zu-WRAP-PAD", key_len * 8);
		n = openssl_wrap(name, key, theirs, in, len);
		assert_int_equal(n, mhsm_kwp_wrapped_len(len));
		assert_int_equal(mhsm_kwp_wrap(b, ours, in, len), 0);
		assert_memory_equal(ours, theirs, n);
		/* in place */
		assert_int_equal(mhsm_kwp_unwrap(b, ours, &back_len, ours, n), 0);
		assert_int_equal(back_len, len);
		assert_memory_equal(ours, in, len);
		if (len % 8 == 0 && len >= 16) {
			snprintf(name, sizeof(name), "AES-%zu-WRAP", key_len * 8);
			n = openssl_wrap(name, key, theirs, in, len);
			assert_int_equal(n, len + 8);
			memcpy(ours, in, len);
			assert_int_equal(mhsm_kw_wrap(b, ours, ours, len), 0);
			assert_memory_equal(ours, theirs, n);
			assert_int_equal(mhsm_kw_unwrap(b, ours, ours, n), 0);
			assert_memory_equal(ours, in, len);
		}
		mhsm_prim_block_free(b);
	}
}

static void test_lengths(void **state)
{
	u8 key[32] = { 0 }, buf[MHSM_KW_MAX + 24] = { 0 };
	struct mhsm_block *b = block(key, 32);
	size_t len, n;

	(void)state;
	for (len = 0; len <= MHSM_KW_MAX + 16; len++) {
		if (len < 16 || len % 8 || len > MHSM_KW_MAX)
			assert_int_equal(mhsm_kw_wrap(b, buf, buf, len), -EINVAL);
		if (len < 24 || len % 8 || len > MHSM_KW_MAX + 8)
			assert_int_equal(mhsm_kw_unwrap(b, buf, buf, len), -EINVAL);
		if (len < 16 || len % 8 || len > MHSM_KW_MAX + 8)
			assert_int_equal(mhsm_kwp_unwrap(b, buf, &n, buf, len), -EINVAL);
	}
	assert_int_equal(mhsm_kwp_wrap(b, buf, buf, 0), -EINVAL);
	assert_int_equal(mhsm_kwp_wrap(b, buf, buf, MHSM_KW_MAX + 1), -EINVAL);
	assert_int_equal(mhsm_kwp_wrap(b, buf, buf, MHSM_KW_MAX), 0);
	mhsm_prim_block_free(b);
}

static void test_every_bit(void **state)
{
	u8 key[32], in[21], ct[32], bad[32], out[32];
	struct mhsm_block *b;
	size_t bit, n;

	(void)state;
	vec_noise(key, 32);
	vec_noise(in, sizeof(in));
	b = block(key, 32);
	assert_int_equal(mhsm_kwp_wrap(b, ct, in, sizeof(in)), 0);
	for (bit = 0; bit < 8 * sizeof(ct); bit++) {
		memcpy(bad, ct, sizeof(ct));
		bad[bit / 8] ^= (u8)(1 << bit % 8);
		memset(out, 0xcc, sizeof(out));
		assert_int_equal(mhsm_kwp_unwrap(b, out, &n, bad, sizeof(bad)), -EBADMSG);
		assert_true(all_zero(out, 24));
		memset(out, 0xcc, sizeof(out));
		assert_int_equal(mhsm_kw_unwrap(b, out, bad, sizeof(bad)), -EBADMSG);
		assert_true(all_zero(out, 24));
	}
	/* a KWP wrapping is not one of KW, nor the other way round */
	assert_int_equal(mhsm_kw_unwrap(b, out, ct, sizeof(ct)), -EBADMSG);
	assert_int_equal(mhsm_kw_wrap(b, ct, key, 24), 0);
	assert_int_equal(mhsm_kwp_unwrap(b, out, &n, ct, sizeof(ct)), -EBADMSG);
	mhsm_prim_block_free(b);
}

/* Wrapping with a wrong length field or padding, made by hand in the one-block case of KWP */
static void test_kwp_length_field(void **state)
{
	static const struct {
		const char *plain;
		int ret;
	} cases[] = {
		{ "a65959a6000000081122334455667788", 0 },
		{ "a65959a6000000011100000000000000", 0 },
		{ "a65959a6000000000000000000000000", -EBADMSG },
		{ "a65959a6000000091122334455667788", -EBADMSG },
		{ "a65959a6000000071122334455667788", -EBADMSG },
		{ "a65959a6800000081122334455667788", -EBADMSG },
		{ "a65959a6ffffffff1122334455667788", -EBADMSG },
		{ "a65959a7000000081122334455667788", -EBADMSG },
		{ "a6a6a6a6a6a6a6a61122334455667788", -EBADMSG },
		{ "a65959a6000000011100000000000001", -EBADMSG },
		{ "a65959a6000000011101000000000000", -EBADMSG },
	};
	u8 key[16] = { 7 }, ct[16], out[8];
	struct mhsm_block *b = block(key, 16);
	unsigned int i;
	size_t n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vec_hex(ct, 16, cases[i].plain);
		assert_int_equal(mhsm_prim_block_encrypt(b, ct), 0);
		assert_int_equal(mhsm_kwp_unwrap(b, out, &n, ct, 16), cases[i].ret);
	}
	mhsm_prim_block_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3394),	  cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_openssl),	  cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_every_bit), cmocka_unit_test(test_kwp_length_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
