// SPDX-License-Identifier: GPL-2.0-only
/* AES keys: see mech_aes.h */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "kmod/cmac.h"
#include "kmod/compat/uninitialized.h"
#include "kmod/kw.h"
#include "kmod/mech.h"
#include "kmod/mech_aes.h"
#include "kmod/prim.h"

/* An expanded key. Its memory is the crypto API's, which wipes it when it is freed. */
struct mhsm_aes {
	struct crypto_aead *gcm;
	struct crypto_skcipher *modes[MHSM_MODES]; /* each made when it is wanted first, under key->lock */
	struct crypto_shash *cmac;
	struct mhsm_block *block;
};

static size_t aes_secret_len(u32 param)
{
	return param == 128 || param == 192 || param == 256 ? param / 8 : 0;
}

static void aes_unprepare(struct mhsm_key *key)
{
	unsigned int i;

	if (!key->aes)
		return;
	if (key->aes->gcm)
		crypto_free_aead(key->aes->gcm);
	for (i = 0; i < MHSM_MODES; i++)
		mhsm_cipher_free(key->aes->modes[i]);
	mhsm_cmac_free(key->aes->cmac);
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

static int prepare_cmac(struct mhsm_key *key)
{
	struct crypto_shash *cmac = mhsm_cmac_new(key->secret.data, key->secret.len);

	if (IS_ERR(cmac))
		return PTR_ERR(cmac);
	key->aes->cmac = cmac;
	return 0;
}

static int aes_prepare(struct mhsm_key *key)
{
	int ret = 0;

	key->aes = kzalloc(sizeof(*key->aes), GFP_KERNEL);
	if (!key->aes)
		return -ENOMEM;
	if (key->ops & (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT))
		ret = prepare_gcm(key);
	if (!ret && key->ops & (MHSM_OP_SIGN | MHSM_OP_VERIFY))
		ret = prepare_cmac(key);
	if (!ret && key->ops & (MHSM_OP_WRAP | MHSM_OP_UNWRAP))
		ret = mhsm_prim_block_new(&key->aes->block, key->secret.data, key->secret.len);
	if (ret)
		aes_unprepare(key);
	return ret;
}

static size_t aes_sig_len(const struct mhsm_key *key, const struct mhsm_sigalg *alg)
{
	return MHSM_CMAC_LEN;
}

static int aes_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len, u8 *mac)
{
	return mhsm_cmac_make(key->aes->cmac, message, len, mac);
}

const struct mhsm_mech mhsm_mech_aes = {
	.type = MHSM_KEY_AES,
	.ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP | MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.default_ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP,
	.raw = true,
	.secret_len = aes_secret_len,
	.generate = mhsm_mech_raw_generate,
	.import = mhsm_mech_raw_import,
	.check = mhsm_mech_raw_check,
	.prepare = aes_prepare,
	.unprepare = aes_unprepare,
	.sig_len = aes_sig_len,
	.sign = aes_sign,
	.verify = mhsm_mech_mac_verify,
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

#define MAP_FEW 3 /* aad, data and tag */

static void gcm_map(struct scatterlist *map, unsigned int count, const struct mhsm_gcm *g, const struct mhsm_buf *data)
{
	sg_init_table(map, count);
	sg_set_buf(mhsm_buf_map(mhsm_buf_map(map, &g->aad), data), g->tag, MHSM_GCM_TAG);
}

static __always_inline int gcm_crypt(struct crypto_aead *tfm, bool encrypt, const struct mhsm_gcm *g,
				     struct scatterlist *in, struct scatterlist *out)
{
	struct aead_request *req = g->scratch;
	DECLARE_CRYPTO_WAIT(wait);

	aead_request_set_tfm(req, tfm);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done, &wait);
	aead_request_set_ad(req, g->aad.len);
	aead_request_set_crypt(req, in, out, encrypt ? g->in.len : g->in.len + MHSM_GCM_TAG, g->iv);
	return crypto_wait_req(encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
}

/* A few entries, with nothing to find out about memory; made here, where sg_init_table() would take two calls */
static int gcm_near(struct crypto_aead *tfm, bool encrypt, const struct mhsm_gcm *g)
{
	struct scatterlist map[MAP_FEW] MHSM_UNINITIALIZED, *sg = map;
	unsigned int i, count = 1 + !!g->aad.len + !!g->in.len;

	for (i = 0; i < count; i++)
		map[i] = (struct scatterlist){};
	sg_init_marker(map, count);
	if (g->aad.len)
		sg_set_buf(sg++, g->aad.p, g->aad.len);
	if (g->in.len)
		sg_set_buf(sg++, g->in.p, g->in.len);
	sg_set_buf(sg, g->tag, MHSM_GCM_TAG);
	return gcm_crypt(tfm, encrypt, g, map, map);
}

/* Whatever memory the parts lie in */
static int gcm_far(struct crypto_aead *tfm, bool encrypt, const struct mhsm_gcm *g)
{
	unsigned int ends = mhsm_buf_count(&g->aad) + 1, in = ends + mhsm_buf_count(&g->in);
	unsigned int out = g->in_place ? 0 : ends + mhsm_buf_count(&g->out);
	struct scatterlist *map = kvmalloc_array(in + out, sizeof(*map), GFP_KERNEL);
	int ret;

	if (!map)
		return -ENOMEM;
	gcm_map(map, in, g, &g->in);
	if (out)
		gcm_map(map + in, out, g, &g->out);
	ret = gcm_crypt(tfm, encrypt, g, map, out ? map + in : map);
	kvfree(map);
	return ret;
}

int mhsm_aes_gcm(struct mhsm_key *key, bool encrypt, const struct mhsm_gcm *g)
{
	if (likely(g->near))
		return gcm_near(key->aes->gcm, encrypt, g);
	return gcm_far(key->aes->gcm, encrypt, g);
}

int mhsm_aes_mode_prepare(struct mhsm_key *key, enum mhsm_mode mode, size_t *scratch)
{
	struct crypto_skcipher *tfm = NULL;
	int ret = 0;

	mhsm_mutex_lock(&key->lock);
	if (key->aes && key->ops & (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT))
		tfm = key->aes->modes[mode] ?: mhsm_cipher_new(mode, key->secret.data, key->secret.len);
	if (IS_ERR(tfm)) {
		ret = PTR_ERR(tfm);
		tfm = NULL;
	}
	if (tfm)
		key->aes->modes[mode] = tfm;
	*scratch = tfm ? mhsm_cipher_scratch(tfm) : 0;
	mhsm_mutex_unlock(&key->lock);
	return ret;
}

int mhsm_aes_mode(struct mhsm_key *key, enum mhsm_mode mode, bool encrypt, const struct mhsm_cipher_call *c)
{
	return mhsm_cipher_crypt(key->aes->modes[mode], encrypt, c);
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
