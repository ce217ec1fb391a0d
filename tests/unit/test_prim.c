// SPDX-License-Identifier: GPL-2.0-only
/* link: daemon/quorum/prim.c -lcrypto */
/* The OpenSSL implementation of kmod/prim.h: one known answer each, and the contract that the header states. */
#include "tests/unit/vec.h"
#include "kmod/env.h"
#include "kmod/prim.h"

static void test_hash(void **state)
{
	/* FIPS 180-4, "abc" */
	static const char *const want[] = {
		[MHSM_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
		[MHSM_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		[MHSM_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		[MHSM_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	};
	const struct mhsm_part parts[] = { { "a", 1 }, { NULL, 0 }, { "bc", 2 } };
	u8 out[MHSM_HASH_MAX], expect[MHSM_HASH_MAX];
	unsigned int h;

	(void)state;
	for (h = MHSM_SHA1; h <= MHSM_SHA512; h++) {
		assert_int_equal(vec_hex(expect, sizeof(expect), want[h]), mhsm_prim_hash_len(h));
		assert_int_equal(mhsm_prim_hash(h, parts, 3, out), 0);
		assert_memory_equal(out, expect, mhsm_prim_hash_len(h));
	}
}

static void test_hmac(void **state)
{
	/* RFC 4231 section 4.3 */
	const struct mhsm_part parts[] = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
	u8 out[64], want[64], longkey[131];

	(void)state;
	vec_hex(want, 64, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, (const u8 *)"Jefe", 4, parts, 2, out), 0);
	assert_memory_equal(out, want, 32);
	vec_hex(want, 64, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
	assert_int_equal(mhsm_prim_hmac(MHSM_SHA512, (const u8 *)"Jefe", 4, parts, 2, out), 0);
	assert_memory_equal(out, want, 64);
	/* section 4.7: a key longer than the block */
	memset(longkey, 0xaa, sizeof(longkey));
	vec_hex(want, 64, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, longkey, sizeof(longkey),
					&(struct mhsm_part){ "Test Using Larger Than Block-Size Key - "
							     "Hash Key First", 54 }, 1, out), 0);
	assert_memory_equal(out, want, 32);
	assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, NULL, 0, NULL, 0, out), 0);
}

static void gcm(size_t key_len, const char *ct, const char *tag_hex)
{
	u8 key[32] = { 0 }, iv[12] = { 0 }, buf[16] = { 0 }, tag[16], want[16];
	static const u8 zero[16];

	assert_int_equal(mhsm_prim_gcm_seal(key, key_len, iv, NULL, 0, buf, 16, tag), 0);
	vec_hex(want, 16, ct);
	assert_memory_equal(buf, want, 16);
	vec_hex(want, 16, tag_hex);
	assert_memory_equal(tag, want, 16);
	assert_int_equal(mhsm_prim_gcm_open(key, key_len, iv, NULL, 0, buf, 16, tag), 0);
	assert_memory_equal(buf, zero, 16);

	assert_int_equal(mhsm_prim_gcm_seal(key, key_len, iv, (const u8 *)"aad", 3, buf, 16, tag), 0);
	assert_int_equal(mhsm_prim_gcm_open(key, key_len, iv, (const u8 *)"aax", 3, buf, 16, tag), -EBADMSG);
	assert_memory_equal(buf, zero, 16);
}

/* Test cases 2 and 14 of the specification of GCM (McGrew and Viega), and a message that is additional data only */
static void test_gcm(void **state)
{
	u8 key[32] = { 0 }, iv[12] = { 0 }, tag[16];

	(void)state;
	gcm(16, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf");
	gcm(32, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919");
	assert_int_equal(mhsm_prim_gcm_seal(key, 24, iv, NULL, 0, NULL, 0, tag), -EINVAL);
	assert_int_equal(mhsm_prim_gcm_seal(key, 32, iv, (const u8 *)"a", 1, NULL, 0, tag), 0);
	assert_int_equal(mhsm_prim_gcm_open(key, 32, iv, (const u8 *)"a", 1, NULL, 0, tag), 0);
	assert_int_equal(mhsm_prim_gcm_open(key, 32, iv, (const u8 *)"b", 1, NULL, 0, tag), -EBADMSG);
}

/* SP 800-38A F.2.5 and F.1.5: CBC and single blocks with a key of 256 bits */
static void test_cbc_and_block(void **state)
{
	u8 key[32], iv[16], buf[32], want[32], plain[32];
	struct mhsm_block *b;

	(void)state;
	vec_hex(key, 32, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
	vec_hex(iv, 16, "000102030405060708090a0b0c0d0e0f");
	vec_hex(plain, 32, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
	vec_hex(want, 32, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d");
	memcpy(buf, plain, 32);
	assert_int_equal(mhsm_prim_cbc_encrypt(key, 32, iv, buf, 32), 0);
	assert_memory_equal(buf, want, 32);
	assert_int_equal(mhsm_prim_cbc_decrypt(key, 32, iv, buf, 32), 0);
	assert_memory_equal(buf, plain, 32);
	assert_int_equal(mhsm_prim_cbc_encrypt(key, 32, iv, buf, 31), -EINVAL);
	assert_int_equal(mhsm_prim_cbc_encrypt(key, 31, iv, buf, 32), -EINVAL);

	vec_hex(want, 16, "f3eed1bdb5d2a03c064b5a7e3db181f8");
	assert_int_equal(mhsm_prim_block_new(&b, key, 32), 0);
	assert_int_equal(mhsm_prim_block_encrypt(b, buf), 0);
	assert_memory_equal(buf, want, 16);
	assert_int_equal(mhsm_prim_block_decrypt(b, buf), 0);
	assert_memory_equal(buf, plain, 16);
	mhsm_prim_block_free(b);
	mhsm_prim_block_free(NULL);
	assert_int_equal(mhsm_prim_block_new(&b, key, 24), -EINVAL);
}

static void test_random_and_differ(void **state)
{
	u8 a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	assert_false(mhsm_prim_differ(a, b, 32));
	assert_int_equal(mhsm_prim_random(a, 32), 0);
	assert_true(mhsm_prim_differ(a, b, 32));
	assert_int_equal(mhsm_prim_random(b, 32), 0);
	assert_true(mhsm_prim_differ(a, b, 32));
	memcpy(b, a, 32);
	b[31] ^= 0x80;
	assert_true(mhsm_prim_differ(a, b, 32));
	assert_false(mhsm_prim_differ(a, b, 31));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_gcm),
		cmocka_unit_test(test_cbc_and_block),
		cmocka_unit_test(test_random_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
