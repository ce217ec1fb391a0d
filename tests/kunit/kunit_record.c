// SPDX-License-Identifier: GPL-2.0-only
/* Sealed records over the kernel's ciphers: kmod/record.c, kmod/seal.c. The layout is tested in user space. */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "kmod/record.h"
#include "kmod/seal.h"

static const u8 root[MHSM_SEAL_ROOT_LEN] = { 1, 2, 3 };

static struct mhsm_record key_record(size_t secret_len)
{
	return (struct mhsm_record){
		.kind = MHSM_RECORD_KEY,
		.state = MHSM_KEYSTATE_ACTIVE,
		.id = { 5 },
		.domain = { 6 },
		.version = { 7 },
		.generation = 8,
		.type = MHSM_KEY_AES,
		.param = 256,
		.secret_len = secret_len,
		.name_len = 4,
		.name = "seal",
		.public = (const u8 *)"",
	};
}

/* KDF(seal root, "mhsm record v1", salt) by formats.md section 1, with the crypto API's own HMAC */
static void record_key(struct kunit *test, const u8 *salt, u8 out[32])
{
	u8 input[4 + 14 + 1 + 16 + 4] = { 0, 0, 0, 1 }, full[64];
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(sha512)", 0, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	memcpy(input + 4, "mhsm record v1", 14);
	memcpy(input + 19, salt, 16);
	input[37] = 1; /* BE32(256) */
	KUNIT_EXPECT_EQ(test, crypto_shash_setkey(tfm, root, sizeof(root)), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_tfm_digest(tfm, input, sizeof(input), full), 0);
	crypto_free_shash(tfm);
	memcpy(out, full, 32);
}

/* Opens it with the crypto API's GCM: 0 or -EBADMSG; @record is changed in place. */
static int open_apart(struct kunit *test, u8 *record, size_t header_len, size_t secret_len)
{
	struct crypto_aead *tfm = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
	u8 key[32], *iv = kunit_kzalloc(test, 12, GFP_KERNEL);
	struct aead_request *req;
	struct scatterlist sg;
	int ret;

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	KUNIT_ASSERT_NOT_NULL(test, iv);
	record_key(test, record + 144, key);
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, key, sizeof(key)), 0);
	KUNIT_EXPECT_EQ(test, crypto_aead_setauthsize(tfm, 16), 0);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, req);
	sg_init_one(&sg, record, header_len + secret_len + 16);
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_ad(req, header_len);
	aead_request_set_crypt(req, &sg, &sg, secret_len + 16, iv);
	ret = crypto_aead_decrypt(req);
	aead_request_free(req);
	crypto_free_aead(tfm);
	return ret;
}

static void record_sealed(struct kunit *test)
{
	static const size_t lens[] = { 1, 16, 32, 2048 };
	u8 *out = kunit_kzalloc(test, MHSM_RECORD_MAX, GFP_KERNEL);
	u8 *secret = kunit_kzalloc(test, MHSM_RECORD_SECRET_MAX, GFP_KERNEL);
	u8 *opened = kunit_kzalloc(test, MHSM_RECORD_SECRET_MAX, GFP_KERNEL);
	struct mhsm_record r, got;
	u8 salt[16] = {};
	size_t i;

	KUNIT_ASSERT_TRUE(test, out && secret && opened);
	memset(secret, 0x3c, MHSM_RECORD_SECRET_MAX);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		r = key_record(lens[i]);
		KUNIT_ASSERT_EQ(test, mhsm_seal_make(root, &r, secret, out), 0);
		KUNIT_EXPECT_MEMNEQ(test, r.salt, salt, 16); /* fresh each time */
		memcpy(salt, r.salt, 16);
		KUNIT_EXPECT_TRUE(test, lens[i] < 16 || memcmp(out + 196, secret, lens[i]));
		KUNIT_ASSERT_EQ(test, mhsm_seal_open(root, out, mhsm_record_len(&r), &got, opened), 0);
		KUNIT_EXPECT_MEMEQ(test, opened, secret, lens[i]);
		KUNIT_EXPECT_EQ(test, mhsm_seal_open(root, out, mhsm_record_len(&r), &got, NULL), 0);
		KUNIT_EXPECT_EQ(test, open_apart(test, out, 196, lens[i]), 0);
		KUNIT_EXPECT_MEMEQ(test, out + 196, secret, lens[i]);
	}
}

static void record_altered(struct kunit *test)
{
	u8 *out = kunit_kzalloc(test, MHSM_RECORD_MAX, GFP_KERNEL), secret[32] = { 1 };
	u8 *opened = kunit_kzalloc(test, MHSM_RECORD_SECRET_MAX, GFP_KERNEL), other[MHSM_SEAL_ROOT_LEN] = {};
	struct mhsm_record r = key_record(32), got;
	size_t len, i;

	KUNIT_ASSERT_TRUE(test, out && opened);
	KUNIT_ASSERT_EQ(test, mhsm_seal_make(root, &r, secret, out), 0);
	len = mhsm_record_len(&r);
	for (i = 0; i < len; i++) {
		out[i] ^= 1 << i % 8;
		KUNIT_EXPECT_EQ_MSG(test, mhsm_seal_open(root, out, len, &got, opened), -EBADMSG, "byte %zu", i);
		out[i] ^= 1 << i % 8;
		KUNIT_EXPECT_EQ_MSG(test, mhsm_seal_open(root, out, i, &got, opened), -EBADMSG, "length %zu", i);
	}
	KUNIT_EXPECT_EQ(test, mhsm_seal_open(root, out, len + 1, &got, opened), -EBADMSG);
	KUNIT_EXPECT_EQ(test, mhsm_seal_open(other, out, len, &got, opened), -EBADMSG);
	KUNIT_EXPECT_NULL(test, memchr_inv(opened, 0, MHSM_RECORD_SECRET_MAX));
	KUNIT_EXPECT_EQ(test, mhsm_seal_open(root, out, len, &got, opened), 0);
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(record_sealed),
	KUNIT_CASE(record_altered),
	{}
};

static struct kunit_suite record_suite = {
	.name = "mhsm_record",
	.test_cases = record_cases,
};
kunit_test_suite(record_suite);
