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
	return param == 128 || param == 256 ? param / 8 : 0;
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

	mutex_lock(&key->lock); /* the key may be being killed */
	if (key->aes && key->aes->gcm)
		len = sizeof(struct aead_request) + crypto_aead_reqsize(key->aes->gcm);
	mutex_unlock(&key->lock);
	return len;
}

/* One entry for memory that is contiguous, one per page for that which only looks so */
static int frame_map(struct sg_table *table, struct scatterlist *one, u8 *frame, size_t len)
{
	unsigned int pages, i;
	struct scatterlist *sg;
	size_t n;
	int ret;

	if (!is_vmalloc_addr(frame)) {
		sg_init_one(one, frame, len);
		table->sgl = one;
		return 0;
	}
	pages = DIV_ROUND_UP(offset_in_page(frame) + len, PAGE_SIZE);
	ret = sg_alloc_table(table, pages, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(table->sgl, sg, pages, i) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(frame));
		sg_set_page(sg, vmalloc_to_page(frame), n, offset_in_page(frame));
		frame += n;
		len -= n;
	}
	return 0;
}

int mhsm_aes_gcm(struct mhsm_key *key, bool encrypt, u8 *iv, u8 *frame, size_t aad_len, size_t len, void *scratch)
{
	struct aead_request *req = scratch;
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist one;
	struct sg_table table = {};
	int ret;

	ret = frame_map(&table, &one, frame, aad_len + len + MHSM_GCM_TAG);
	if (ret)
		return ret;
	aead_request_set_tfm(req, key->aes->gcm);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done, &wait);
	aead_request_set_ad(req, aad_len);
	aead_request_set_crypt(req, table.sgl, table.sgl, encrypt ? len : len + MHSM_GCM_TAG, iv);
	ret = crypto_wait_req(encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
	if (table.sgl != &one)
		sg_free_table(&table);
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
