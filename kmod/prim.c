// SPDX-License-Identifier: GPL-2.0-only
/* Symmetric primitives over the kernel's crypto API: see prim.h */
#include <crypto/aead.h>
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "kmod/prim.h"
#include "kmod/prim_init.h"
#include "kmod/random.h"

#define BLOCK_CIPHER "ecb(aes)"

static struct crypto_shash *hashes[4];
/* Never used: with it the cipher is there when a volume takes its key, and nobody has to load a module from a disk then. */
static struct crypto_sync_skcipher *ecb;
static const char *const hash_names[4] = { "sha1", "sha256", "sha384", "sha512" };

int mhsm_prim_hash(enum mhsm_hash hash, const struct mhsm_part *parts, unsigned int count, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, hashes[hash]);
	unsigned int i;
	int ret;

	desc->tfm = hashes[hash];
	ret = crypto_shash_init(desc);
	for (i = 0; !ret && i < count; i++)
		ret = crypto_shash_update(desc, parts[i].p, parts[i].n);
	if (!ret)
		ret = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return ret;
}

#define HMAC_PARTS 10

int mhsm_prim_hmac(enum mhsm_hash hash, const u8 *key, size_t key_len, const struct mhsm_part *parts,
		   unsigned int count, u8 *out)
{
	size_t block = crypto_shash_blocksize(hashes[hash]), i;
	struct mhsm_part all[HMAC_PARTS + 1];
	u8 pad[128], inner[MHSM_HASH_MAX];
	int ret = -EINVAL;

	if (WARN_ON(count > HMAC_PARTS))
		return ret;
	memset(pad, 0, sizeof(pad));
	if (key_len > block) {
		struct mhsm_part k = { key, key_len };

		ret = mhsm_prim_hash(hash, &k, 1, pad);
		if (ret)
			goto wipe;
	} else {
		memcpy(pad, key, key_len);
	}
	for (i = 0; i < block; i++)
		pad[i] ^= 0x36;
	all[0] = (struct mhsm_part){ pad, block };
	for (i = 0; i < count; i++)
		all[i + 1] = parts[i];
	ret = mhsm_prim_hash(hash, all, count + 1, inner);
	if (ret)
		goto wipe;
	for (i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	all[1] = (struct mhsm_part){ inner, mhsm_prim_hash_len(hash) };
	ret = mhsm_prim_hash(hash, all, 2, out);
wipe:
	memzero_explicit(pad, sizeof(pad));
	memzero_explicit(inner, sizeof(inner));
	return ret;
}

/*
 * One cipher, given a new key for each operation: to make one takes several times as long as a record takes to open. The
 * key does not stay in it.
 */
static struct crypto_aead *gcm_cipher;
static DEFINE_MUTEX(gcm_lock);

static int gcm_with_key(struct aead_request *req, bool encrypt, const u8 *key, size_t key_len)
{
	static const u8 no_key[32] __aligned(64);
	DECLARE_CRYPTO_WAIT(wait);
	int ret;

	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done, &wait);
	mutex_lock(&gcm_lock);
	ret = crypto_aead_setkey(gcm_cipher, key, key_len);
	if (!ret)
		ret = crypto_wait_req(encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
	if (crypto_aead_setkey(gcm_cipher, no_key, sizeof(no_key)) && !ret)
		ret = -EIO;
	mutex_unlock(&gcm_lock);
	return ret;
}

/* aad || buf || tag in one linear bounce buffer: the callers' may lie on a stack, which cannot be mapped. */
static int gcm(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf, size_t len,
	       u8 *tag_out, const u8 *tag_in)
{
	size_t total = aad_len + len + 16;
	struct aead_request *req;
	struct scatterlist sg;
	u8 *frame, *iv_copy;
	int ret = -ENOMEM;

	req = aead_request_alloc(gcm_cipher, GFP_KERNEL);
	if (!req)
		return ret;
	frame = kmalloc(total + 12, GFP_KERNEL);
	if (!frame)
		goto free_req;
	iv_copy = frame + total;
	memcpy(iv_copy, iv, 12);
	memcpy(frame, aad, aad_len);
	memcpy(frame + aad_len, buf, len);
	if (tag_in)
		memcpy(frame + aad_len + len, tag_in, 16);
	sg_init_one(&sg, frame, total);
	aead_request_set_ad(req, aad_len);
	aead_request_set_crypt(req, &sg, &sg, tag_in ? len + 16 : len, iv_copy);
	ret = gcm_with_key(req, !tag_in, key, key_len);
	if (ret) {
		memzero_explicit(buf, len);
	} else {
		memcpy(buf, frame + aad_len, len);
		if (tag_out)
			memcpy(tag_out, frame + aad_len + len, 16);
	}
	kfree_sensitive(frame);
free_req:
	aead_request_free(req);
	return ret;
}

int mhsm_prim_gcm_seal(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, u8 tag[16])
{
	return gcm(key, key_len, iv, aad, aad_len, buf, len, tag, NULL);
}

int mhsm_prim_gcm_open(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, const u8 tag[16])
{
	return gcm(key, key_len, iv, aad, aad_len, buf, len, NULL, tag);
}

static int skcipher_once(struct crypto_sync_skcipher *tfm, bool encrypt, u8 *iv, u8 *buf, size_t len)
{
	SYNC_SKCIPHER_REQUEST_ON_STACK(req, tfm);
	struct scatterlist sg;
	int ret;

	sg_init_one(&sg, buf, len);
	skcipher_request_set_sync_tfm(req, tfm);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	ret = encrypt ? crypto_skcipher_encrypt(req) : crypto_skcipher_decrypt(req);
	skcipher_request_zero(req);
	return ret;
}

static int cbc(bool encrypt, const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	struct crypto_sync_skcipher *tfm;
	u8 *bounce;
	int ret;

	if (len % 16)
		return -EINVAL;
	tfm = crypto_alloc_sync_skcipher("cbc(aes)", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	ret = crypto_sync_skcipher_setkey(tfm, key, key_len);
	if (ret)
		goto free_tfm;
	ret = -ENOMEM;
	bounce = kmalloc(len + 16, GFP_KERNEL);
	if (!bounce)
		goto free_tfm;
	memcpy(bounce, buf, len);
	memcpy(bounce + len, iv, 16);
	ret = skcipher_once(tfm, encrypt, bounce + len, bounce, len);
	if (!ret)
		memcpy(buf, bounce, len);
	kfree_sensitive(bounce);
free_tfm:
	crypto_free_sync_skcipher(tfm);
	return ret;
}

int mhsm_prim_cbc_encrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	return cbc(true, key, key_len, iv, buf, len);
}

int mhsm_prim_cbc_decrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	return cbc(false, key, key_len, iv, buf, len);
}

struct mhsm_block {
	struct crypto_sync_skcipher *tfm;
};

int mhsm_prim_block_new(struct mhsm_block **ret, const u8 *key, size_t key_len)
{
	struct mhsm_block *b = kzalloc(sizeof(*b), GFP_KERNEL);
	int err;

	if (!b)
		return -ENOMEM;
	b->tfm = crypto_alloc_sync_skcipher(BLOCK_CIPHER, 0, 0);
	if (IS_ERR(b->tfm)) {
		err = PTR_ERR(b->tfm);
		kfree(b);
		return err;
	}
	err = crypto_sync_skcipher_setkey(b->tfm, key, key_len);
	if (err) {
		mhsm_prim_block_free(b);
		return err;
	}
	*ret = b;
	return 0;
}

void mhsm_prim_block_free(struct mhsm_block *b)
{
	if (!b)
		return;
	crypto_free_sync_skcipher(b->tfm);
	kfree(b);
}

int mhsm_prim_block_encrypt(struct mhsm_block *b, u8 block[16])
{
	return skcipher_once(b->tfm, true, NULL, block, 16);
}

int mhsm_prim_block_decrypt(struct mhsm_block *b, u8 block[16])
{
	return skcipher_once(b->tfm, false, NULL, block, 16);
}

int mhsm_prim_random(void *out, size_t len)
{
	return mhsm_random_bytes(out, len);
}

bool mhsm_prim_differ(const void *a, const void *b, size_t len)
{
	return crypto_memneq(a, b, len);
}

int mhsm_prim_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		hashes[i] = crypto_alloc_shash(hash_names[i], 0, 0);
		if (IS_ERR(hashes[i])) {
			ret = PTR_ERR(hashes[i]);
			hashes[i] = NULL;
			goto exit;
		}
	}
	gcm_cipher = crypto_alloc_aead("gcm(aes)", 0, 0);
	if (IS_ERR(gcm_cipher)) {
		ret = PTR_ERR(gcm_cipher);
		gcm_cipher = NULL;
		goto exit;
	}
	ecb = crypto_alloc_sync_skcipher(BLOCK_CIPHER, 0, 0);
	if (IS_ERR(ecb)) {
		ret = PTR_ERR(ecb);
		ecb = NULL;
		goto exit;
	}
	ret = crypto_aead_setauthsize(gcm_cipher, 16);
	if (!ret)
		return 0;
exit:
	mhsm_prim_exit();
	return ret;
}

void mhsm_prim_exit(void)
{
	unsigned int i;

	if (gcm_cipher)
		crypto_free_aead(gcm_cipher);
	gcm_cipher = NULL;
	if (ecb)
		crypto_free_sync_skcipher(ecb);
	ecb = NULL;
	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		if (hashes[i])
			crypto_free_shash(hashes[i]);
	memset(hashes, 0, sizeof(hashes));
}
