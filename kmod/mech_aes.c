// SPDX-License-Identifier: GPL-2.0-only
/* AES keys: see mech_aes.h */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "kmod/kw.h"
#include "kmod/mech.h"
#include "kmod/mech_aes.h"
#include "kmod/prim.h"

/* An expanded key. Its memory is the crypto API's, which wipes it when it is freed. */
struct mhsm_aes {
	struct crypto_aead *gcm;
	struct mhsm_block *block;
};

static size_t aes_secret_len(u32 param)
{
	return param == 128 || param == 192 || param == 256 ? param / 8 : 0;
}

static int aes_generate(struct mhsm_key *key)
{
	return mhsm_prim_random(key->secret.data, key->secret.len);
}

static int aes_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	if (len != key->secret.len)
		return -EINVAL;
	memcpy(key->secret.data, material, len);
	return 0;
}

static int aes_check(struct mhsm_key *key)
{
	return key->public_len ? -EBADMSG : 0;
}

static void aes_unprepare(struct mhsm_key *key)
{
	if (!key->aes)
		return;
	if (key->aes->gcm)
		crypto_free_aead(key->aes->gcm);
	mhsm_prim_block_free(key->aes->block);
	kfree(key->aes);
	key->aes = NULL;
}

static int prepare_gcm(struct mhsm_key *key)
{
	struct crypto_aead *gcm = crypto_alloc_aead("gcm(aes)", 0, 0);
	int ret;

	if (IS_ERR(gcm))
		return PTR_ERR(gcm);
	key->aes->gcm = gcm;
	ret = crypto_aead_setkey(gcm, key->secret.data, key->secret.len);
	return ret ? ret : crypto_aead_setauthsize(gcm, MHSM_GCM_TAG);
}

static int aes_prepare(struct mhsm_key *key)
{
	int ret = 0;

	key->aes = kzalloc(sizeof(*key->aes), GFP_KERNEL);
	if (!key->aes)
		return -ENOMEM;
	if (key->ops & (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT))
		ret = prepare_gcm(key);
	if (!ret && key->ops & (MHSM_OP_WRAP | MHSM_OP_UNWRAP))
		ret = mhsm_prim_block_new(&key->aes->block, key->secret.data, key->secret.len);
	if (ret)
		aes_unprepare(key);
	return ret;
}

const struct mhsm_mech mhsm_mech_aes = {
	.type = MHSM_KEY_AES,
	.ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP,
	.default_ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP,
	.raw = true,
	.secret_len = aes_secret_len,
	.generate = aes_generate,
	.import = aes_import,
	.check = aes_check,
	.prepare = aes_prepare,
	.unprepare = aes_unprepare,
};

size_t mhsm_aes_gcm_scratch(struct mhsm_key *key)
{
	size_t len = 0;

	mhsm_mutex_lock(&key->lock); /* the key may be being killed */
	if (key->aes && key->aes->gcm)
		len = sizeof(struct aead_request) + crypto_aead_reqsize(key->aes->gcm);
	mhsm_mutex_unlock(&key->lock);
	return len;
}

/* Entries for memory: one if it is contiguous, one for each page if it only looks so */
static unsigned int map_count(const u8 *p, size_t len)
{
	if (!len)
		return 0;
	return is_vmalloc_addr(p) ? DIV_ROUND_UP(offset_in_page(p) + len, PAGE_SIZE) : 1;
}

static struct scatterlist *map_add(struct scatterlist *sg, const u8 *p, size_t len)
{
	unsigned int count = map_count(p, len);
	size_t n;

	if (count && !is_vmalloc_addr(p)) {
		sg_set_buf(sg, p, len);
		return sg + 1;
	}
	for (; count; count--, p += n, len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(p));
		sg_set_page(sg++, vmalloc_to_page(p), n, offset_in_page(p));
	}
	return sg;
}

#define MAP_FEW 3 /* aad, data and tag, if all are contiguous */

static int gcm_crypt(struct crypto_aead *tfm, bool encrypt, const struct mhsm_gcm *g, struct scatterlist *map)
{
	struct aead_request *req = g->scratch;
	DECLARE_CRYPTO_WAIT(wait);

	aead_request_set_tfm(req, tfm);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done, &wait);
	aead_request_set_ad(req, g->aad_len);
	aead_request_set_crypt(req, map, map, encrypt ? g->len : g->len + MHSM_GCM_TAG, g->iv);
	return crypto_wait_req(encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
}

int mhsm_aes_gcm(struct mhsm_key *key, bool encrypt, const struct mhsm_gcm *g)
{
	unsigned int count = map_count(g->aad, g->aad_len) + map_count(g->data, g->len) + 1;
	struct scatterlist few[MAP_FEW], *map = few, *end;
	int ret;

	if (count > MAP_FEW) {
		map = kmalloc_array(count, sizeof(*map), GFP_KERNEL);
		if (!map)
			return -ENOMEM;
	}
	sg_init_table(map, count);
	end = map_add(map, g->aad, g->aad_len);
	end = map_add(end, g->data, g->len);
	sg_set_buf(end, g->tag, MHSM_GCM_TAG);
	ret = gcm_crypt(key->aes->gcm, encrypt, g, map);
	if (map != few)
		kfree(map);
	return ret;
}

int mhsm_aes_wrap(struct mhsm_key *key, u32 alg, bool wrap, u8 *out, size_t *out_len, const u8 *in, size_t len)
{
	struct mhsm_block *block = key->aes->block;
	int ret;

	switch (alg) {
	case MHSM_ALG_AES_KW:
		if (!wrap && len < 24)
			return -EBADMSG;
		ret = wrap ? mhsm_kw_wrap(block, out, in, len) : mhsm_kw_unwrap(block, out, in, len);
		*out_len = wrap ? len + 8 : len - 8;
		return ret;
	case MHSM_ALG_AES_KWP:
		*out_len = wrap ? mhsm_kwp_wrapped_len(len) : 0;
		return wrap ? mhsm_kwp_wrap(block, out, in, len) : mhsm_kwp_unwrap(block, out, out_len, in, len);
	default:
		return -EOPNOTSUPP;
	}
}
