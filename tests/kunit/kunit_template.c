// SPDX-License-Identifier: GPL-2.0-only
/* The ciphers that take a token: kmod/crypto_api/ */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "kmod/crypto_api/skcipher.h"
#include "kmod/token.h"
#include "tests/kunit/kunit_hsm.h"

#define DATA_LEN 512
#define IV_LEN 16

static int template_init(struct kunit *test)
{
	test->priv = kunit_hsm_start(test);
	return 0;
}

static void template_exit(struct kunit *test)
{
	kunit_hsm_stop(test->priv);
}

static void free_tfm(void *tfm)
{
	crypto_free_skcipher(tfm);
}

static struct crypto_skcipher *tfm_new(struct kunit *test, const char *name)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(name, 0, 0);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tfm), "%s: %ld", name, PTR_ERR(tfm));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_tfm, tfm), 0);
	return tfm;
}

/* One request, waited for */
static int crypt(struct crypto_skcipher *tfm, bool encrypt, u8 *data, size_t len)
{
	struct skcipher_request *req = skcipher_request_alloc(tfm, GFP_KERNEL);
	u8 iv[IV_LEN] = { 0x10, 0x32, 0x54 };
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	int ret;

	if (!req)
		return -ENOMEM;
	sg_init_one(&sg, data, len);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				      &wait);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	ret = crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) : crypto_skcipher_decrypt(req), &wait);
	skcipher_request_free(req);
	return ret;
}

static u8 *data_new(struct kunit *test)
{
	u8 *data = kunit_kmalloc(test, DATA_LEN, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < DATA_LEN; i++)
		data[i] = i ^ i >> 5;
	return data;
}

/* data_new() encrypted with the plain cipher and this key */
static u8 *expected_new(struct kunit *test, const char *plain, const u8 *key, size_t len)
{
	struct crypto_skcipher *tfm = tfm_new(test, plain);
	u8 *data = data_new(test);

	KUNIT_ASSERT_EQ(test, crypto_skcipher_setkey(tfm, key, len), 0);
	KUNIT_ASSERT_EQ(test, crypt(tfm, true, data, DATA_LEN), 0);
	return data;
}

static struct mhsm_key *kek_new(struct kunit *test)
{
	static const u8 material[32] = { 1, 2, 3 };

	return kunit_hsm_key(test, material, sizeof(material), MHSM_KEY_CONSUMERS);
}

struct kind {
	const char *name;
	const char *plain;
	u32 alg;
	size_t len;
};

static const struct kind kinds[] = {
	{ "mhsm(xts(aes))", "xts(aes)", MHSM_TOKEN_XTS_AES, 64 },
	{ "mhsm(xts(aes))", "xts(aes)", MHSM_TOKEN_XTS_AES, 32 },
	{ "mhsm(cbc(aes))", "cbc(aes)", MHSM_TOKEN_CBC_AES, 32 },
	{ "mhsm(cbc(aes))", "cbc(aes)", MHSM_TOKEN_CBC_AES, 16 },
	{ "mhsm(ctr(aes))", "ctr(aes)", MHSM_TOKEN_CTR_AES, 32 },
	{ "xts(paes)", "xts(aes)", MHSM_TOKEN_XTS_AES, 64 },
	{ "xts(paes)", "xts(aes)", MHSM_TOKEN_XTS_AES, 32 },
	{ "cbc(paes)", "cbc(aes)", MHSM_TOKEN_CBC_AES, 32 },
	{ "ctr(paes)", "ctr(aes)", MHSM_TOKEN_CTR_AES, 32 },
	{ "ctr(paes)", "ctr(aes)", MHSM_TOKEN_CTR_AES, 16 },
};

/* A data key, the token that holds it, a transform keyed with the token, and what it must make of data_new(). */
struct bound {
	const struct kind *kind;
	struct mhsm_key *kek;
	struct crypto_skcipher *tfm;
	u8 key[64];
	u8 token[MHSM_TOKEN_LEN];
	u8 *expected;
};

static void bind_kind(struct kunit *test, struct bound *b, const struct kind *kind)
{
	unsigned int i;

	b->kind = kind;
	for (i = 0; i < sizeof(b->key); i++)
		b->key[i] = 0x80 + 3 * i;
	b->kek = kek_new(test);
	b->tfm = tfm_new(test, kind->name);
	b->expected = expected_new(test, kind->plain, b->key, kind->len);
	KUNIT_ASSERT_EQ(test, mhsm_token_make(b->kek, kind->alg, b->key, kind->len, b->token), 0);
	KUNIT_ASSERT_EQ(test, crypto_skcipher_setkey(b->tfm, b->token, sizeof(b->token)), 0);
}

static void works(struct kunit *test, struct bound *b)
{
	u8 *data = data_new(test), *plain = data_new(test);

	KUNIT_EXPECT_EQ(test, crypt(b->tfm, true, data, DATA_LEN), 0);
	KUNIT_EXPECT_MEMEQ(test, data, b->expected, DATA_LEN);
	KUNIT_EXPECT_EQ(test, crypt(b->tfm, false, data, DATA_LEN), 0);
	KUNIT_EXPECT_MEMEQ(test, data, plain, DATA_LEN);
}

/* No request passes, with @error, and the inner cipher, asked behind the back of ours, has another key. */
static void is_dead(struct kunit *test, struct bound *b, int error)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(b->tfm);
	u8 *data = data_new(test), *plain = data_new(test);

	KUNIT_EXPECT_EQ(test, crypt(b->tfm, true, data, DATA_LEN), error);
	KUNIT_EXPECT_EQ(test, crypt(b->tfm, false, data, DATA_LEN), error);
	KUNIT_EXPECT_MEMEQ(test, data, plain, DATA_LEN);
	KUNIT_EXPECT_EQ(test, crypt(s->child, true, data, DATA_LEN), 0);
	KUNIT_EXPECT_MEMNEQ(test, data, b->expected, DATA_LEN);
}

static void template_round_trip(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct bound b;

		bind_kind(test, &b, &kinds[i]);
		works(test, &b);
	}
}

static void template_properties(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct crypto_skcipher *tfm = tfm_new(test, kinds[i].name), *plain = tfm_new(test, kinds[i].plain);
		u8 *data = data_new(test);

		KUNIT_EXPECT_EQ(test, crypto_skcipher_min_keysize(tfm), MHSM_TOKEN_LEN);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_max_keysize(tfm), MHSM_TOKEN_LEN);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_ivsize(tfm), crypto_skcipher_ivsize(plain));
		KUNIT_EXPECT_EQ(test, crypto_skcipher_blocksize(tfm), crypto_skcipher_blocksize(plain));
		KUNIT_EXPECT_EQ(test, crypto_skcipher_chunksize(tfm), crypto_skcipher_chunksize(plain));
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(tfm, data, 32), -EINVAL);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(tfm, data, 64), -EINVAL);
		KUNIT_EXPECT_EQ(test, crypt(tfm, true, data, DATA_LEN), -ENOKEY);
	}
}

/* dm-crypt asks for ciphers that allocate no memory. */
static void template_without_allocation(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct crypto_skcipher *tfm =
			crypto_alloc_skcipher(kinds[i].name, 0, CRYPTO_ALG_ALLOCATES_MEMORY);

		KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
		crypto_free_skcipher(tfm);
	}
}

static void refused_skcipher(struct kunit *test, const char *inner)
{
	struct crypto_skcipher *tfm;
	char name[64];

	/* It exists, so it is our list that refuses it. */
	KUNIT_EXPECT_TRUE_MSG(test, crypto_has_skcipher(inner, 0, 0), "%s", inner);
	snprintf(name, sizeof(name), "mhsm(%s)", inner);
	tfm = crypto_alloc_skcipher(name, 0, 0);
	KUNIT_EXPECT_TRUE_MSG(test, IS_ERR(tfm), "%s", name);
	if (!IS_ERR(tfm))
		crypto_free_skcipher(tfm);
}

/* In whatever shape it is asked for: ghash and crc32 would give the key away. */
static void refused_other(struct kunit *test, const char *inner)
{
	struct crypto_shash *hash;
	struct crypto_aead *aead;
	char name[64];

	snprintf(name, sizeof(name), "mhsm(%s)", inner);
	KUNIT_EXPECT_FALSE_MSG(test, crypto_has_alg(name, 0, 0), "%s", name);
	KUNIT_EXPECT_FALSE_MSG(test, crypto_has_ahash(name, 0, 0), "%s", name);
	hash = crypto_alloc_shash(name, 0, 0);
	KUNIT_EXPECT_TRUE_MSG(test, IS_ERR(hash), "%s", name);
	if (!IS_ERR(hash))
		crypto_free_shash(hash);
	aead = crypto_alloc_aead(name, 0, 0);
	KUNIT_EXPECT_TRUE_MSG(test, IS_ERR(aead), "%s", name);
	if (!IS_ERR(aead))
		crypto_free_aead(aead);
}

static void template_refuses(struct kunit *test)
{
	static const char *const others[] = {
		"ghash", "poly1305", "crc32", "crc32c", "xxhash64", "hmac(sha1)", "hmac(sha3-256)", "sha256", "aes",
		"authenc(hmac(sha256),cbc(aes))", "rfc4543(gcm(aes))", "rfc4309(ccm(aes))", "", "xts(aes),xts(aes)",
	};
	unsigned int i;

	refused_skcipher(test, "ecb(aes)");
	refused_skcipher(test, "ecb(cipher_null)");
	refused_skcipher(test, "xts(paes)");
	refused_skcipher(test, "mhsm(xts(aes))");
	refused_skcipher(test, "essiv(cbc(aes),sha256)");
	for (i = 0; i < ARRAY_SIZE(others); i++)
		refused_other(test, others[i]);
}

/* dm-crypt wipes a key by setting a random one. */
static void template_bad_token(struct kunit *test)
{
	struct bound b;
	u8 bad[MHSM_TOKEN_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		bind_kind(test, &b, &kinds[i]);
		memcpy(bad, b.token, sizeof(bad));
		bad[100] ^= 4;
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, bad, sizeof(bad)), -EKEYREJECTED);
		is_dead(test, &b, -ENOKEY);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), 0);
		works(test, &b);
	}
}

static void template_token_of_another_alg(struct kunit *test)
{
	struct bound xts, cbc;

	bind_kind(test, &xts, &kinds[0]);
	bind_kind(test, &cbc, &kinds[2]);
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(cbc.tfm, xts.token, sizeof(xts.token)), -EKEYREJECTED);
	is_dead(test, &cbc, -ENOKEY);
	works(test, &xts);
}

static void template_no_right(struct kunit *test)
{
	const struct cred *old;
	struct cred *cred;
	struct bound b;
	int ret;

	bind_kind(test, &b, &kinds[0]);
	cred = prepare_creds();
	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->euid = KUIDT_INIT(1000);
	old = override_creds(cred);
	ret = crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token));
	revert_creds(old);
	put_cred(cred);
	KUNIT_EXPECT_EQ(test, ret, -EACCES);
	is_dead(test, &b, -ENOKEY);
}

static void template_revoked(struct kunit *test)
{
	struct mhsm_key *kek;
	struct bound b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		bind_kind(test, &b, &kinds[i]);
		kunit_hsm_key_purge(b.kek);
		is_dead(test, &b, -EKEYREVOKED);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), -EKEYREJECTED);
		is_dead(test, &b, -ENOKEY);
		/* Another key makes the same transform live again. */
		kek = kek_new(test);
		KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, kinds[i].alg, b.key, kinds[i].len, b.token), 0);
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), 0);
		works(test, &b);
		/* And is not touched by the end of the first, which is over, but by that of its own. */
		mhsm_key_kill(b.kek);
		works(test, &b);
		kunit_hsm_key_purge(kek);
		is_dead(test, &b, -EKEYREVOKED);
	}
}

static void template_zeroized(struct kunit *test)
{
	struct bound a, b;

	bind_kind(test, &a, &kinds[0]);
	bind_kind(test, &b, &kinds[5]);
	KUNIT_ASSERT_EQ(test, mhsm_domain_zeroize(test->priv), 0);
	is_dead(test, &a, -EKEYREVOKED);
	is_dead(test, &b, -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(a.tfm, a.token, sizeof(a.token)), -ESHUTDOWN);
}

/* A key that ends its live ciphers when it is deleted, disabled or expires; and can be used again afterwards */
static void template_revoke_live(struct kunit *test)
{
	struct bound b;

	bind_kind(test, &b, &kinds[0]);
	/* Others do not. */
	WRITE_ONCE(b.kek->state, MHSM_KEYSTATE_DELETED);
	KUNIT_EXPECT_EQ(test, mhsm_key_live(b.kek), 0);
	works(test, &b);
	WRITE_ONCE(b.kek->state, MHSM_KEYSTATE_ACTIVE);
	b.kek->flags |= MHSM_KEY_REVOKE_LIVE;
	works(test, &b);
	WRITE_ONCE(b.kek->state, MHSM_KEYSTATE_DELETED);
	KUNIT_EXPECT_EQ(test, mhsm_key_live(b.kek), -EKEYREVOKED);
	mhsm_key_revoke_live(b.kek);
	mhsm_key_revoke_live(b.kek);
	is_dead(test, &b, -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), -EKEYREVOKED);
	WRITE_ONCE(b.kek->state, MHSM_KEYSTATE_ACTIVE);
	is_dead(test, &b, -ENOKEY);
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), 0);
	works(test, &b);
	kunit_hsm_key_purge(b.kek);
	is_dead(test, &b, -EKEYREVOKED);
}

static void template_expires(struct kunit *test)
{
	unsigned int i;
	struct bound b;

	bind_kind(test, &b, &kinds[0]);
	b.kek->flags |= MHSM_KEY_REVOKE_LIVE;
	b.kek->expires = ktime_get_real_seconds() + 2;
	KUNIT_ASSERT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), 0);
	works(test, &b);
	/* The consumer is told; nothing else says when. */
	for (i = 0; i < 1000 && !READ_ONCE(container_of(b.kek->consumers.next, struct mhsm_consumer, node)->revoked); i++)
		schedule_timeout_uninterruptible(HZ / 100);
	/* Who told it has done so when he gives back the lock. */
	mhsm_mutex_lock(&b.kek->lock);
	mhsm_mutex_unlock(&b.kek->lock);
	is_dead(test, &b, -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), -EKEYEXPIRED);
	/* Bound to a key that expires much later, and freed: its timer ends with it. */
	b.kek->expires = ktime_get_real_seconds() + 1000;
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(b.tfm, b.token, sizeof(b.token)), 0);
	works(test, &b);
}

/* Many transforms of one key, one of which ends before the key */
static void template_consumers(struct kunit *test)
{
	struct crypto_skcipher *early;
	struct bound b[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(b); i++) {
		bind_kind(test, &b[i], &kinds[i]);
		KUNIT_ASSERT_EQ(test, mhsm_token_make(b[0].kek, kinds[i].alg, b[i].key, kinds[i].len, b[i].token), 0);
		KUNIT_ASSERT_EQ(test, crypto_skcipher_setkey(b[i].tfm, b[i].token, sizeof(b[i].token)), 0);
	}
	early = crypto_alloc_skcipher("mhsm(xts(aes))", 0, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(early));
	KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(early, b[0].token, sizeof(b[0].token)), 0);
	crypto_free_skcipher(early);
	kunit_hsm_key_purge(b[0].kek);
	for (i = 0; i < ARRAY_SIZE(b); i++)
		is_dead(test, &b[i], -EKEYREVOKED);
}

/* --- requests under way ----------------------------------------------------------------------------------------- */

struct worker {
	struct bound *b;
	u8 *data;
	unsigned int done; /* requests that gave the right bytes */
	unsigned int wrong; /* that gave others, or an error that is none of ours */
	struct completion started;
};

/* Encrypts until the key is revoked. */
static int work(void *arg)
{
	struct worker *w = arg;
	int ret = 0;

	while (!ret && !w->wrong) {
		memset(w->data, 0, DATA_LEN);
		ret = crypt(w->b->tfm, true, w->data, DATA_LEN);
		if (!ret && memcmp(w->data, w->b->expected, DATA_LEN))
			w->wrong++;
		else if (!ret && ++w->done == 20)
			complete(&w->started);
		else if (ret && ret != -EKEYREVOKED)
			w->wrong++;
		cond_resched();
	}
	if (w->done < 20)
		complete(&w->started);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void revoke_during_io(struct kunit *test, const char *name)
{
	const struct kind kind = { name, "xts(aes)", MHSM_TOKEN_XTS_AES, 64 };
	struct task_struct *threads[3];
	struct worker workers[3] = {};
	struct bound b;
	unsigned int i;

	bind_kind(test, &b, &kind);
	/* Workers encrypt zeros. */
	memset(b.expected, 0, DATA_LEN);
	KUNIT_ASSERT_EQ(test, crypt(b.tfm, true, b.expected, DATA_LEN), 0);
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i].b = &b;
		workers[i].data = data_new(test);
		init_completion(&workers[i].started);
		threads[i] = kthread_run(work, &workers[i], "mhsm-kunit-%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(threads[i]));
	}
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		wait_for_completion(&workers[i].started);
	kunit_hsm_key_purge(b.kek);
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		kthread_stop(threads[i]);
		KUNIT_EXPECT_GE(test, workers[i].done, 20);
		KUNIT_EXPECT_EQ(test, workers[i].wrong, 0);
	}
	is_dead(test, &b, -EKEYREVOKED);
}

static void template_revoke_during_io(struct kunit *test)
{
	revoke_during_io(test, "mhsm(xts(aes))");
	revoke_during_io(test, "xts(paes)");
}

/* cryptd makes an asynchronous cipher of any: its requests are done by a kernel thread. */

static const char *async_name(struct kunit *test)
{
	struct crypto_skcipher *inner = tfm_new(test, "xts(aes)"), *tfm;
	char *name = kunit_kzalloc(test, 128, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	/* Found by an earlier test, xts(aes) may be cryptd's already. */
	snprintf(name, 128, strstarts(crypto_skcipher_driver_name(inner), "cryptd(") ? "mhsm(%s)" : "mhsm(cryptd(%s))",
		 crypto_skcipher_driver_name(inner));
	tfm = tfm_new(test, name);
	KUNIT_ASSERT_TRUE(test, crypto_skcipher_alg(tfm)->base.cra_flags & CRYPTO_ALG_ASYNC);
	return name;
}

static void template_async_revoke_during_io(struct kunit *test)
{
	revoke_during_io(test, async_name(test));
}

/* More requests than cryptd's queue (1000) takes: the rest goes through its backlog. */
#define FLOOD 1100

struct flood {
	struct scatterlist sg;
	struct skcipher_request *req;
	u8 iv[IV_LEN];
	u8 *data;
	int ret; /* of the call */
	int result; /* of the end */
	unsigned int ends;
	unsigned int notices; /* that it left the backlog */
	atomic_t *left;
	struct completion *all;
};

static void flood_done(void *arg, int err)
{
	struct flood *f = arg;

	if (err == -EINPROGRESS) {
		f->notices++;
		return;
	}
	f->result = err;
	f->ends++;
	if (atomic_dec_and_test(f->left))
		complete(f->all);
}

static void template_backlog(struct kunit *test)
{
	const struct kind kind = { async_name(test), "xts(aes)", MHSM_TOKEN_XTS_AES, 64 };
	DECLARE_COMPLETION_ONSTACK(all);
	atomic_t left = ATOMIC_INIT(FLOOD);
	unsigned int i, backlogged = 0, notices = 0, bad = 0;
	struct flood *floods, *f;
	struct bound b;

	bind_kind(test, &b, &kind);
	floods = kunit_kcalloc(test, FLOOD, sizeof(*floods), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, floods);
	for (i = 0; i < FLOOD; i++) {
		f = &floods[i];
		f->left = &left;
		f->all = &all;
		f->data = data_new(test);
		memcpy(f->iv, (u8[IV_LEN]){ 0x10, 0x32, 0x54 }, IV_LEN);
		sg_init_one(&f->sg, f->data, DATA_LEN);
		f->req = skcipher_request_alloc(b.tfm, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, f->req);
		skcipher_request_set_callback(f->req, CRYPTO_TFM_REQ_MAY_BACKLOG, flood_done, f);
		skcipher_request_set_crypt(f->req, &f->sg, &f->sg, DATA_LEN, f->iv);
	}
	/* On one CPU and without a pause, or the queue would be worked off meanwhile. */
	preempt_disable();
	for (i = 0; i < FLOOD; i++)
		floods[i].ret = crypto_skcipher_encrypt(floods[i].req);
	preempt_enable();
	/* Revoked with all of them under way: they end well, and then nothing goes on. */
	kunit_hsm_key_purge(b.kek);
	wait_for_completion(&all);
	for (i = 0; i < FLOOD; i++) {
		f = &floods[i];
		backlogged += f->ret == -EBUSY;
		notices += f->notices;
		if ((f->ret != -EBUSY && f->ret != -EINPROGRESS) || f->notices != (f->ret == -EBUSY) ||
		    f->ends != 1 || f->result || memcmp(f->data, b.expected, DATA_LEN))
			bad++;
		skcipher_request_free(f->req);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_GT(test, backlogged, 0);
	KUNIT_EXPECT_EQ(test, notices, backlogged);
	is_dead(test, &b, -EKEYREVOKED);
}

static struct kunit_case template_cases[] = {
	KUNIT_CASE(template_round_trip),
	KUNIT_CASE(template_properties),
	KUNIT_CASE(template_without_allocation),
	KUNIT_CASE(template_refuses),
	KUNIT_CASE(template_bad_token),
	KUNIT_CASE(template_token_of_another_alg),
	KUNIT_CASE(template_no_right),
	KUNIT_CASE(template_revoked),
	KUNIT_CASE(template_zeroized),
	KUNIT_CASE(template_revoke_live),
	KUNIT_CASE(template_expires),
	KUNIT_CASE(template_consumers),
	KUNIT_CASE(template_revoke_during_io),
	KUNIT_CASE(template_async_revoke_during_io),
	KUNIT_CASE(template_backlog),
	{}
};

static struct kunit_suite template_suite = {
	.name = "mhsm_crypto_api",
	.init = template_init,
	.exit = template_exit,
	.test_cases = template_cases,
};
kunit_test_suite(template_suite);
