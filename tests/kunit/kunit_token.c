// SPDX-License-Identifier: GPL-2.0-only
/* Volume tokens: kmod/token.c */
#include <linux/hex.h>

#include "kmod/audit.h"
#include "kmod/token.h"
#include "tests/kunit/kunit_hsm.h"

#define KEK_LEN 32

static const struct mhsm_subject root = {
	.kind = MHSM_PRINCIPAL_UID,
	.via = MHSM_VIA_CRYPTO_API,
};

static const struct mhsm_subject stranger = {
	.kind = MHSM_PRINCIPAL_UID,
	.principal = 12345,
	.uid = 12345,
	.via = MHSM_VIA_CRYPTO_API,
};

static int token_init(struct kunit *test)
{
	struct mhsm_domain *domain = kunit_hsm_start(test);

	/* As if nobody had failed yet: the suite fails more often than a user may. */
	memset(&domain->token_failures, 0, sizeof(domain->token_failures));
	test->priv = domain;
	return 0;
}

static void token_exit(struct kunit *test)
{
	kunit_hsm_stop(test->priv);
}

static void fill(u8 *p, size_t len, u8 first, u8 step)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = first + i * step;
}

static struct mhsm_key *kek_new(struct kunit *test, u32 flags)
{
	u8 material[KEK_LEN];

	fill(material, sizeof(material), 0, 1);
	return kunit_hsm_key(test, material, sizeof(material), flags);
}

/* As @who redeems it: the result; nothing may be left of a failure. */
static int redeem_as(struct kunit *test, const struct mhsm_subject *who, u32 alg, const u8 *token, size_t len)
{
	struct mhsm_secret data_key = {};
	struct mhsm_key *kek = NULL;
	int ret = mhsm_token_redeem(test->priv, who, alg, token, len, &data_key, &kek);

	if (ret) {
		KUNIT_EXPECT_NULL(test, data_key.data);
		KUNIT_EXPECT_NULL(test, kek);
	} else {
		mhsm_secret_free(&data_key);
		mhsm_key_put(kek);
	}
	return ret;
}

static int redeem(struct kunit *test, u32 alg, const u8 *token)
{
	return redeem_as(test, &root, alg, token, MHSM_TOKEN_LEN);
}

/* Computed with another implementation of HMAC and of RFC 3394, from formats.md section 5 */
static const struct {
	u32 alg;
	size_t len;
	const char *token;
} vectors[] = {
	{ MHSM_TOKEN_XTS_AES, 64,
	  "6d68543101014000d0d1d2d3d4d5d6d7d8d9dadbdcdddedfa0a1a2a3a4a5a6a7"
	  "a8a9aaabacadaeaf4af475993b15c5b79a1543fb7dea5f46361d36a1bf8ca971"
	  "55bc0a379b19499b5a51c96b6851c5b9dd152276238790ef372519efc5d503cd"
	  "9acdd382520c0edc3f4171c1830b89392716ff799f167196b3f0eb7890c3a144" },
	{ MHSM_TOKEN_CBC_AES, 32,
	  "6d68543101022000d0d1d2d3d4d5d6d7d8d9dadbdcdddedfa0a1a2a3a4a5a6a7"
	  "a8a9aaabacadaeafb2def755f5752b6d743c8ec93d0077931ea91e618e8596fc"
	  "09bd6e677eb4ba62f5928d0e224edb8700000000000000000000000000000000"
	  "0000000000000000000000000000000057580f4d45d33026ec4602933ad23a5a" },
	{ MHSM_TOKEN_CTR_AES, 16,
	  "6d68543101031000d0d1d2d3d4d5d6d7d8d9dadbdcdddedfa0a1a2a3a4a5a6a7"
	  "a8a9aaabacadaeaf7c218b5b17c5a92a45639f2e60e16e1f9d653af89043a46d"
	  "0000000000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000002e5580e1a389b73b5137984b7dc03677" },
};

static void token_format(struct kunit *test)
{
	struct mhsm_domain *domain = test->priv;
	u8 data_key[64], token[MHSM_TOKEN_LEN], want[MHSM_TOKEN_LEN];
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 domain_id[MHSM_ID_LEN];
	size_t i;

	/* The key is in the table already, so it is made without it: only the fields that go into a token count. */
	mhsm_keytab_remove(&domain->keys, kek);
	fill(kek->id, sizeof(kek->id), 0xa0, 1);
	fill(data_key, sizeof(data_key), 1, 7);
	mhsm_mutex_lock(&domain->lock);
	memcpy(domain_id, domain->id, sizeof(domain_id));
	fill(domain->id, sizeof(domain->id), 0xd0, 1);
	fill(domain->token.data, domain->token.len, 0x20, 1);
	mhsm_mutex_unlock(&domain->lock);
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		KUNIT_ASSERT_EQ(test, hex2bin(want, vectors[i].token, sizeof(want)), 0);
		KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, vectors[i].alg, data_key, vectors[i].len, token), 0);
		KUNIT_EXPECT_MEMEQ(test, token, want, sizeof(token));
	}
	mhsm_mutex_lock(&domain->lock);
	memcpy(domain->id, domain_id, sizeof(domain_id));
	mhsm_mutex_unlock(&domain->lock);
}

static void token_round_trip(struct kunit *test)
{
	static const struct {
		u32 alg;
		size_t len;
	} kinds[] = {
		{ MHSM_TOKEN_XTS_AES, 32 }, { MHSM_TOKEN_XTS_AES, 64 }, { MHSM_TOKEN_CBC_AES, 16 },
		{ MHSM_TOKEN_CBC_AES, 32 }, { MHSM_TOKEN_CTR_AES, 16 }, { MHSM_TOKEN_CTR_AES, 32 },
		{ MHSM_TOKEN_GCM_AES, 16 }, { MHSM_TOKEN_CCM_AES, 32 }, { MHSM_TOKEN_RFC4106_GCM_AES, 20 },
		{ MHSM_TOKEN_RFC4106_GCM_AES, 36 }, { MHSM_TOKEN_HMAC_SHA256, 16 }, { MHSM_TOKEN_HMAC_SHA256, 17 },
		{ MHSM_TOKEN_HMAC_SHA384, 63 }, { MHSM_TOKEN_HMAC_SHA512, 64 }, { MHSM_TOKEN_CMAC_AES, 32 },
		{ MHSM_TOKEN_ADIANTUM_XCHACHA12, 32 }, { MHSM_TOKEN_ADIANTUM_XCHACHA20, 32 },
	};
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS), *got;
	u8 data_key[64], token[MHSM_TOKEN_LEN];
	struct mhsm_secret opened;
	size_t i;

	fill(data_key, sizeof(data_key), 3, 5);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, kinds[i].alg, data_key, kinds[i].len, token), 0);
		opened = (struct mhsm_secret){};
		KUNIT_ASSERT_EQ(test,
				mhsm_token_redeem(test->priv, &root, kinds[i].alg, token, sizeof(token), &opened,
						  &got),
				0);
		KUNIT_EXPECT_PTR_EQ(test, got, kek);
		KUNIT_EXPECT_EQ(test, opened.len, kinds[i].len);
		KUNIT_EXPECT_MEMEQ(test, opened.data, data_key, kinds[i].len);
		mhsm_secret_free(&opened);
		mhsm_key_put(got);
	}
}

static void token_make_refuses(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS), *small;
	u8 data_key[64] = {}, token[MHSM_TOKEN_LEN];
	u32 alg;

	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 16, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 48, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_CBC_AES, data_key, 64, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_CTR_AES, data_key, 24, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_RFC4106_GCM_AES, data_key, 32, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_HMAC_SHA256, data_key, 15, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_HMAC_SHA256, data_key, 65, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_ADIANTUM_XCHACHA12, data_key, 16, token), -EINVAL);
	for (alg = 0; alg < 256; alg++)
		if (alg < MHSM_TOKEN_XTS_AES || alg > MHSM_TOKEN_ALG_MAX)
			KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, alg, data_key, 32, token), -EINVAL);
	small = kunit_hsm_key(test, data_key, 16, MHSM_KEY_CONSUMERS);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(small, MHSM_TOKEN_XTS_AES, data_key, 64, token), -EOPNOTSUPP);
}

/* Every bit counts, whatever it means. */
static void token_altered(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 data_key[32] = { 1 }, token[MHSM_TOKEN_LEN];
	struct mhsm_subject who = root;
	unsigned int bit;

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, sizeof(data_key), token), 0);
	for (bit = 0; bit < 8 * MHSM_TOKEN_LEN; bit++) {
		/* Another process's uid each time: the principal has the right, and who fails often is not told why. */
		who.uid = bit;
		token[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ_MSG(test, redeem_as(test, &who, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EKEYREJECTED,
				    "bit %u", bit);
		token[bit / 8] ^= 1 << bit % 8;
	}
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), 0);
}

static void token_of_another_use(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 data_key[32] = { 1 }, token[MHSM_TOKEN_LEN + 1] = {};
	struct mhsm_subject who = root;
	size_t len;

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_CBC_AES, data_key, sizeof(data_key), token), 0);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_CTR_AES, token), -EKEYREJECTED);
	for (len = 0; len <= sizeof(token); len++) {
		who.uid = len;
		KUNIT_EXPECT_EQ(test, redeem_as(test, &who, MHSM_TOKEN_CBC_AES, token, len),
				len == MHSM_TOKEN_LEN ? 0 : -EKEYREJECTED);
	}
}

static int release_as(struct kunit *test, const struct mhsm_subject *who, const u8 *token)
{
	struct mhsm_secret data_key = {};
	struct mhsm_key *kek;
	int ret = mhsm_token_release(test->priv, who, token, MHSM_TOKEN_LEN, &data_key, &kek);

	if (ret)
		return ret;
	mhsm_secret_free(&data_key);
	mhsm_key_put(kek);
	return 0;
}

/* What may leave: the one kind of token, under the one kind of KEK */
static void token_release(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_RELEASE), *disks = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN];
	u32 alg;

	KUNIT_EXPECT_EQ(test, mhsm_token_make(disks, MHSM_TOKEN_RAW, data_key, 64, token), -EACCES);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_RAW, data_key, 15, token), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_RAW, data_key, 65, token), -EINVAL);
	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_RAW, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, release_as(test, &root, token), 0);
	KUNIT_EXPECT_EQ(test, release_as(test, &stranger, token), -EACCES);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREJECTED);
	kek->flags &= ~MHSM_KEY_RELEASE;
	KUNIT_EXPECT_EQ(test, release_as(test, &root, token), -EACCES);
	kek->flags |= MHSM_KEY_RELEASE | MHSM_KEY_CONSUMERS;
	token[40] ^= 1;
	KUNIT_EXPECT_EQ(test, release_as(test, &root, token), -EKEYREJECTED);

	/* A volume's token stays, also under a KEK that lets others out; and one for both is opened by neither right alone. */
	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, release_as(test, &root, token), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), 0);
	KUNIT_EXPECT_EQ(test, mhsm_token_open(test->priv, &stranger, token, sizeof(token), &alg, &disks), -EACCES);
	KUNIT_ASSERT_EQ(test, mhsm_token_open(test->priv, &root, token, sizeof(token), &alg, &disks), 0);
	KUNIT_EXPECT_EQ(test, alg, (u32)MHSM_TOKEN_XTS_AES);
	KUNIT_EXPECT_PTR_EQ(test, disks, kek);
	mhsm_key_put(disks);
	KUNIT_EXPECT_EQ(test, mhsm_token_open(test->priv, &root, token, sizeof(token) - 1, &alg, &disks), -EKEYREJECTED);
}

static void token_policy(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS), *quiet = kek_new(test, 0);
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN];

	KUNIT_ASSERT_EQ(test, mhsm_token_make(quiet, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EACCES);

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, redeem_as(test, &stranger, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EACCES);
	kek->ops &= ~MHSM_OP_UNWRAP;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EPERM);
	kek->ops |= MHSM_OP_UNWRAP;
	kek->expires = 1;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), 0); /* what was written can be read */
	kek->flags &= ~MHSM_KEY_ENABLED;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREVOKED);
	kek->flags |= MHSM_KEY_ENABLED;
	kek->state = MHSM_KEYSTATE_DELETED;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREVOKED);
	kek->state = MHSM_KEYSTATE_ACTIVE;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), 0);
}

/* Whose KEK is gone cannot be told from a forged one. A stranger is told the same of every token. */
static void token_unknown_kek(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN];

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	kunit_hsm_key_purge(kek);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, redeem_as(test, &stranger, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EACCES);
	token[MHSM_TOKEN_LEN - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, redeem_as(test, &stranger, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EACCES);
	kek = kek_new(test, MHSM_KEY_CONSUMERS);
	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, redeem_as(test, &stranger, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EACCES);
	token[MHSM_TOKEN_LEN - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, redeem_as(test, &stranger, MHSM_TOKEN_XTS_AES, token, sizeof(token)), -EACCES);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREJECTED);
}

/* Who fails too often leaves no more records; who succeeds is never refused for it. */
static void token_failing_often(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	struct mhsm_domain *domain = test->priv;
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN], bad[MHSM_TOKEN_LEN];
	unsigned int i, refused = 0, limited = 0;
	struct mhsm_subject who = stranger;
	u64 lost, before, batches;
	int ret;

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	memcpy(bad, token, sizeof(bad));
	bad[MHSM_TOKEN_LEN - 1] ^= 1;
	mhsm_audit_stats(domain->audit, &before, &batches);
	for (i = 0; i < 4 * MHSM_LIMIT_BURST; i++) {
		ret = redeem_as(test, &who, MHSM_TOKEN_XTS_AES, i & 1 ? bad : token, sizeof(token));
		refused += ret == -EACCES;
		limited += ret == -EAGAIN;
	}
	mhsm_audit_stats(domain->audit, &lost, &batches);
	KUNIT_EXPECT_EQ(test, refused + limited, 4 * MHSM_LIMIT_BURST);
	KUNIT_EXPECT_GE(test, refused, MHSM_LIMIT_BURST);
	KUNIT_EXPECT_GT(test, limited, 0);
	KUNIT_EXPECT_EQ(test, lost - before, limited);
	/* The owner, by the same uid */
	who.principal = 0;
	KUNIT_EXPECT_EQ(test, redeem_as(test, &who, MHSM_TOKEN_XTS_AES, token, sizeof(token)), 0);
	/* Another uid */
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, bad), -EKEYREJECTED);
}

static void token_limit(struct kunit *test)
{
	struct mhsm_limit *limit = kunit_kzalloc(test, sizeof(*limit), GFP_KERNEL);
	const u64 second = NSEC_PER_SEC;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, limit);
	for (i = n = 0; i < 1000; i++)
		n += mhsm_limit_fail(limit, 7, 5 * second);
	KUNIT_EXPECT_EQ(test, n, MHSM_LIMIT_BURST);
	for (i = n = 0; i < 1000; i++)
		n += mhsm_limit_fail(limit, 7, 6 * second);
	KUNIT_EXPECT_EQ(test, n, MHSM_LIMIT_RATE);
	for (i = n = 0; i < 1000; i++)
		n += mhsm_limit_fail(limit, 7, 1000 * second);
	KUNIT_EXPECT_EQ(test, n, MHSM_LIMIT_BURST);
}

static void token_revoke_live(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS | MHSM_KEY_REVOKE_LIVE);
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN];

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), 0);
	kek->expires = 1; /* one of these keys opens nothing that its expiry would have ended */
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYEXPIRED);
	kek->expires = 0;
	kek->flags &= ~MHSM_KEY_ENABLED;
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREVOKED);
}

static void token_of_another_domain(struct kunit *test)
{
	struct mhsm_key *kek = kek_new(test, MHSM_KEY_CONSUMERS);
	u8 data_key[64] = { 1 }, token[MHSM_TOKEN_LEN];

	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, MHSM_TOKEN_XTS_AES, data_key, 64, token), 0);
	KUNIT_ASSERT_EQ(test, mhsm_domain_lock(test->priv), 0);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -ENOKEY);
	KUNIT_ASSERT_EQ(test, mhsm_domain_zeroize(test->priv), 0);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -ESHUTDOWN);
	kunit_hsm_start(test);
	KUNIT_EXPECT_EQ(test, redeem(test, MHSM_TOKEN_XTS_AES, token), -EKEYREJECTED);
}

static struct kunit_case token_cases[] = {
	KUNIT_CASE(token_format),
	KUNIT_CASE(token_round_trip),
	KUNIT_CASE(token_make_refuses),
	KUNIT_CASE(token_altered),
	KUNIT_CASE(token_of_another_use),
	KUNIT_CASE(token_release),
	KUNIT_CASE(token_policy),
	KUNIT_CASE(token_unknown_kek),
	KUNIT_CASE(token_failing_often),
	KUNIT_CASE(token_limit),
	KUNIT_CASE(token_revoke_live),
	KUNIT_CASE(token_of_another_domain),
	{}
};

static struct kunit_suite token_suite = {
	.name = "mhsm_token",
	.init = token_init,
	.exit = token_exit,
	.test_cases = token_cases,
};
kunit_test_suite(token_suite);
