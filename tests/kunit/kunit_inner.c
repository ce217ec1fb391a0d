// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every known answer that the kernel tests its own algorithms with (crypto/testmgr.h of the tree that this is built in),
 * through the template: the vector's key goes into a token, and the token where the key would go.
 */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <../crypto/testmgr.h>

#include "kmod/token.h"
#include "tests/kunit/kunit_hsm.h"

static int inner_init(struct kunit *test)
{
	test->priv = kunit_hsm_start(test);
	return 0;
}

static void inner_exit(struct kunit *test)
{
	kunit_hsm_stop(test->priv);
}

/* A token of @key, or false: the HSM has no keys of this length. */
static bool token_of(struct kunit *test, struct mhsm_key *kek, u32 alg, const char *key, size_t len,
		     u8 token[MHSM_TOKEN_LEN])
{
	if (!mhsm_token_key_len_valid(alg, len))
		return false;
	KUNIT_ASSERT_EQ(test, mhsm_token_make(kek, alg, (const u8 *)key, len, token), 0);
	return true;
}

static struct mhsm_key *kek_new(struct kunit *test)
{
	static const u8 material[32] = { 4, 5, 6 };

	return kunit_hsm_key(test, material, sizeof(material), MHSM_KEY_CONSUMERS);
}

/* A copy that may be written and be in a scatterlist, with @room bytes at least; freed with the test */
static u8 *copy(struct kunit *test, const void *from, size_t len, size_t room)
{
	u8 *p = kunit_kzalloc(test, max3(len, room, (size_t)1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	if (len)
		memcpy(p, from, len);
	return p;
}

/* --- ciphers -------------------------------------------------------------------------------------------------- */

static int skcipher_once(struct crypto_skcipher *tfm, bool encrypt, u8 *data, size_t len, u8 *iv)
{
	struct skcipher_request *req = skcipher_request_alloc(tfm, GFP_KERNEL);
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	int ret;

	if (!req)
		return -ENOMEM;
	sg_init_one(&sg, data, len);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, crypto_req_done, &wait);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	ret = crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) : crypto_skcipher_decrypt(req), &wait);
	skcipher_request_free(req);
	return ret;
}

static void skcipher_vector(struct kunit *test, struct crypto_skcipher *tfm, const struct cipher_testvec *v)
{
	u8 *data = copy(test, v->ptext, v->len, 0), *iv = copy(test, v->iv, v->iv ? crypto_skcipher_ivsize(tfm) : 0, 32);

	KUNIT_EXPECT_EQ(test, skcipher_once(tfm, true, data, v->len, iv), v->crypt_error);
	if (v->crypt_error)
		return;
	KUNIT_EXPECT_MEMEQ(test, data, v->ctext, v->len);
	if (v->iv_out)
		KUNIT_EXPECT_MEMEQ(test, iv, v->iv_out, crypto_skcipher_ivsize(tfm));
	memset(iv, 0, 32);
	if (v->iv)
		memcpy(iv, v->iv, crypto_skcipher_ivsize(tfm));
	KUNIT_EXPECT_EQ(test, skcipher_once(tfm, false, data, v->len, iv), 0);
	KUNIT_EXPECT_MEMEQ(test, data, v->ptext, v->len);
}

static void skcipher_vectors(struct kunit *test, const char *name, u32 alg, const struct cipher_testvec *v, size_t n)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(name, 0, 0);
	struct mhsm_key *kek = kek_new(test);
	u8 token[MHSM_TOKEN_LEN];
	size_t i, done = 0;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tfm), "%s: %ld", name, PTR_ERR(tfm));
	for (i = 0; i < n; i++) {
		if (v[i].setkey_error || v[i].generates_iv || !token_of(test, kek, alg, v[i].key, v[i].klen, token))
			continue;
		KUNIT_EXPECT_EQ(test, crypto_skcipher_setkey(tfm, token, sizeof(token)), 0);
		skcipher_vector(test, tfm, &v[i]);
		done++;
	}
	crypto_free_skcipher(tfm);
	KUNIT_EXPECT_GE_MSG(test, done, n / 2, "%s: %zu of %zu", name, done, n);
}

#define SKCIPHER(name, alg, v) skcipher_vectors(test, name, alg, v, ARRAY_SIZE(v))

static void inner_skciphers(struct kunit *test)
{
	SKCIPHER("mhsm(xts(aes))", MHSM_TOKEN_XTS_AES, aes_xts_tv_template);
	SKCIPHER("mhsm(cbc(aes))", MHSM_TOKEN_CBC_AES, aes_cbc_tv_template);
	SKCIPHER("mhsm(ctr(aes))", MHSM_TOKEN_CTR_AES, aes_ctr_tv_template);
	SKCIPHER("xts(paes)", MHSM_TOKEN_XTS_AES, aes_xts_tv_template);
	SKCIPHER("cbc(paes)", MHSM_TOKEN_CBC_AES, aes_cbc_tv_template);
	SKCIPHER("ctr(paes)", MHSM_TOKEN_CTR_AES, aes_ctr_tv_template);
}

/* --- authenticated encryption ----------------------------------------------------------------------------------- */

static int aead_once(struct crypto_aead *tfm, bool encrypt, u8 *data, size_t alen, size_t len, u8 *iv)
{
	size_t tag = crypto_aead_authsize(tfm);
	struct aead_request *req = aead_request_alloc(tfm, GFP_KERNEL);
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	int ret;

	if (!req)
		return -ENOMEM;
	sg_init_one(&sg, data, max_t(size_t, 1, alen + (encrypt ? len + tag : len)));
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, crypto_req_done, &wait);
	aead_request_set_crypt(req, &sg, &sg, len, iv);
	aead_request_set_ad(req, alen);
	ret = crypto_wait_req(encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
	aead_request_free(req);
	return ret;
}

static u8 *aead_iv(struct kunit *test, struct crypto_aead *tfm, const struct aead_testvec *v)
{
	return copy(test, v->iv, v->iv ? crypto_aead_ivsize(tfm) : 0, 32);
}

static void aead_vector(struct kunit *test, struct crypto_aead *tfm, const struct aead_testvec *v)
{
	u8 *data = copy(test, v->assoc, v->alen, v->alen + v->clen), *wrong;

	if (!v->novrfy) {
		memcpy(data + v->alen, v->ptext, v->plen);
		KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, v->alen, v->plen, aead_iv(test, tfm, v)), 0);
		KUNIT_EXPECT_MEMEQ(test, data + v->alen, v->ctext, v->clen);
	}
	memcpy(data + v->alen, v->ctext, v->clen);
	wrong = copy(test, data, v->alen + v->clen, 0);
	wrong[v->alen + v->clen - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, aead_once(tfm, false, wrong, v->alen, v->clen, aead_iv(test, tfm, v)), -EBADMSG);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, false, data, v->alen, v->clen, aead_iv(test, tfm, v)),
			v->novrfy ? -EBADMSG : 0);
	if (!v->novrfy && v->plen)
		KUNIT_EXPECT_MEMEQ(test, data + v->alen, v->ptext, v->plen);
}

static void aead_vectors(struct kunit *test, const char *name, u32 alg, const struct aead_testvec *v, size_t n)
{
	struct crypto_aead *tfm = crypto_alloc_aead(name, 0, 0);
	struct mhsm_key *kek = kek_new(test);
	u8 token[MHSM_TOKEN_LEN];
	size_t i, done = 0;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tfm), "%s: %ld", name, PTR_ERR(tfm));
	for (i = 0; i < n; i++) {
		if (v[i].setkey_error || v[i].setauthsize_error || v[i].crypt_error ||
		    !token_of(test, kek, alg, v[i].key, v[i].klen, token))
			continue;
		KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, token, sizeof(token)), 0);
		KUNIT_EXPECT_EQ(test, crypto_aead_setauthsize(tfm, v[i].clen - v[i].plen), 0);
		aead_vector(test, tfm, &v[i]);
		done++;
	}
	crypto_free_aead(tfm);
	KUNIT_EXPECT_GE_MSG(test, done, n / 2, "%s: %zu of %zu", name, done, n);
}

#define AEAD(name, alg, v) aead_vectors(test, name, alg, v, ARRAY_SIZE(v))

static void inner_aeads(struct kunit *test)
{
	AEAD("mhsm(gcm(aes))", MHSM_TOKEN_GCM_AES, aes_gcm_tv_template);
	AEAD("mhsm(ccm(aes))", MHSM_TOKEN_CCM_AES, aes_ccm_tv_template);
	AEAD("mhsm(rfc4106(gcm(aes)))", MHSM_TOKEN_RFC4106_GCM_AES, aes_gcm_rfc4106_tv_template);
}

/* --- keyed hashes ----------------------------------------------------------------------------------------------- */

/* In one step, and in two with the state exported and imported between them */
static void hash_vector(struct kunit *test, struct crypto_shash *tfm, const struct hash_testvec *v)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	size_t half = v->psize / 2, len = crypto_shash_digestsize(tfm);
	u8 out[64], *state = copy(test, NULL, 0, crypto_shash_statesize(tfm));

	desc->tfm = tfm;
	KUNIT_EXPECT_EQ(test, crypto_shash_digest(desc, v->plaintext, v->psize, out), 0);
	KUNIT_EXPECT_MEMEQ(test, out, v->digest, len);
	KUNIT_EXPECT_EQ(test, crypto_shash_init(desc), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_update(desc, v->plaintext, half), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_export(desc, state), 0);
	shash_desc_zero(desc);
	desc->tfm = tfm;
	memset(out, 0, sizeof(out));
	KUNIT_EXPECT_EQ(test, crypto_shash_import(desc, state), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_update(desc, v->plaintext + half, v->psize - half), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_final(desc, out), 0);
	KUNIT_EXPECT_MEMEQ(test, out, v->digest, len);
	memset(out, 0, sizeof(out));
	KUNIT_EXPECT_EQ(test, crypto_shash_init(desc), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_finup(desc, v->plaintext, v->psize, out), 0);
	KUNIT_EXPECT_MEMEQ(test, out, v->digest, len);
	shash_desc_zero(desc);
}

static size_t hash_vectors(struct kunit *test, const char *name, u32 alg, const struct hash_testvec *v, size_t n)
{
	struct crypto_shash *tfm = crypto_alloc_shash(name, 0, 0);
	struct mhsm_key *kek = kek_new(test);
	u8 token[MHSM_TOKEN_LEN];
	size_t i, done = 0;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tfm), "%s: %ld", name, PTR_ERR(tfm));
	for (i = 0; i < n; i++) {
		if (v[i].setkey_error || v[i].digest_error || !token_of(test, kek, alg, v[i].key, v[i].ksize, token))
			continue;
		KUNIT_EXPECT_EQ(test, crypto_shash_setkey(tfm, token, sizeof(token)), 0);
		hash_vector(test, tfm, &v[i]);
		done++;
	}
	crypto_free_shash(tfm);
	return done;
}

#define HASH(name, alg, v) KUNIT_EXPECT_GT(test, hash_vectors(test, name, alg, v, ARRAY_SIZE(v)), 0)

static void inner_hashes(struct kunit *test)
{
	HASH("mhsm(hmac(sha256))", MHSM_TOKEN_HMAC_SHA256, hmac_sha256_tv_template);
	HASH("mhsm(hmac(sha384))", MHSM_TOKEN_HMAC_SHA384, hmac_sha384_tv_template);
	HASH("mhsm(hmac(sha512))", MHSM_TOKEN_HMAC_SHA512, hmac_sha512_tv_template);
	HASH("phmac(sha256)", MHSM_TOKEN_HMAC_SHA256, hmac_sha256_tv_template);
	HASH("phmac(sha384)", MHSM_TOKEN_HMAC_SHA384, hmac_sha384_tv_template);
	HASH("phmac(sha512)", MHSM_TOKEN_HMAC_SHA512, hmac_sha512_tv_template);
	HASH("mhsm(cmac(aes))", MHSM_TOKEN_CMAC_AES, aes_cmac128_tv_template);
}

/* --- what the kinds have in common ------------------------------------------------------------------------------ */

static void inner_aead_lifetime(struct kunit *test)
{
	struct crypto_aead *tfm = crypto_alloc_aead("mhsm(gcm(aes))", 0, 0), *plain;
	u8 token[MHSM_TOKEN_LEN], *data = copy(test, NULL, 0, 64), *iv = copy(test, NULL, 0, 32);
	struct mhsm_key *kek = kek_new(test);
	static const char key[32] = "0123456789abcdef0123456789abcde";

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	plain = crypto_alloc_aead("gcm(aes)", 0, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plain));
	KUNIT_EXPECT_EQ(test, crypto_aead_ivsize(tfm), crypto_aead_ivsize(plain));
	KUNIT_EXPECT_EQ(test, crypto_aead_maxauthsize(tfm), crypto_aead_maxauthsize(plain));
	KUNIT_EXPECT_EQ(test, crypto_aead_blocksize(tfm), crypto_aead_blocksize(plain));
	KUNIT_EXPECT_EQ(test, crypto_aead_setauthsize(tfm, 3), crypto_aead_setauthsize(plain, 3));
	crypto_free_aead(plain);
	KUNIT_EXPECT_EQ(test, crypto_aead_setauthsize(tfm, 16), 0);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, 8, 16, iv), -ENOKEY);
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, key, sizeof(key)), -EINVAL);
	KUNIT_ASSERT_TRUE(test, token_of(test, kek, MHSM_TOKEN_GCM_AES, key, sizeof(key), token));
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, token, sizeof(token)), 0);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, 8, 16, iv), 0);
	/* What is no token ends the old key, too, even where its length says so already. */
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, token, 127), -EINVAL);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, 8, 16, iv), -ENOKEY);
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, token, sizeof(token)), 0);
	kunit_hsm_key_purge(kek);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, 8, 16, iv), -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_aead_setkey(tfm, token, sizeof(token)), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, aead_once(tfm, true, data, 8, 16, iv), -ENOKEY);
	crypto_free_aead(tfm);
}

static void inner_hash_lifetime(struct kunit *test)
{
	struct crypto_shash *tfm = crypto_alloc_shash("mhsm(hmac(sha256))", 0, 0);
	static const char key[20] = "0123456789abcdef012";
	struct mhsm_key *kek = kek_new(test);
	u8 token[MHSM_TOKEN_LEN], out[32];

	KUNIT_ASSERT_FALSE(test, IS_ERR(tfm));
	SHASH_DESC_ON_STACK(desc, tfm);
	desc->tfm = tfm;
	KUNIT_EXPECT_EQ(test, crypto_shash_digest(desc, key, 20, out), -ENOKEY);
	KUNIT_ASSERT_TRUE(test, token_of(test, kek, MHSM_TOKEN_HMAC_SHA256, key, sizeof(key), token));
	KUNIT_EXPECT_EQ(test, crypto_shash_setkey(tfm, token, sizeof(token)), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_digest(desc, key, 20, out), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_init(desc), 0);
	KUNIT_EXPECT_EQ(test, crypto_shash_update(desc, key, 20), 0);
	kunit_hsm_key_purge(kek);
	/* A digest that was begun is not ended. */
	KUNIT_EXPECT_EQ(test, crypto_shash_update(desc, key, 20), -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_shash_final(desc, out), -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_shash_digest(desc, key, 20, out), -EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, crypto_shash_setkey(tfm, token, sizeof(token)), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, crypto_shash_digest(desc, key, 20, out), -ENOKEY);
	shash_desc_zero(desc);
	crypto_free_shash(tfm);
}

static struct kunit_case inner_cases[] = {
	KUNIT_CASE(inner_skciphers),
	KUNIT_CASE(inner_aeads),
	KUNIT_CASE(inner_hashes),
	KUNIT_CASE(inner_aead_lifetime),
	KUNIT_CASE(inner_hash_lifetime),
	{}
};

static struct kunit_suite inner_suite = {
	.name = "mhsm_inner",
	.init = inner_init,
	.exit = inner_exit,
	.test_cases = inner_cases,
};
kunit_test_suite(inner_suite);
