// SPDX-License-Identifier: GPL-2.0-only
/* AES-CBC and AES-CTR: see cipher.h */
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmod/cipher.h"

struct crypto_skcipher *mhsm_cipher_new(enum mhsm_mode mode, const u8 *key, size_t key_len)
{
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(mode == MHSM_MODE_CBC ? "cbc(aes)" : "ctr(aes)", 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return tfm;
	ret = crypto_skcipher_setkey(tfm, key, key_len);
	if (!ret)
		return tfm;
	crypto_free_skcipher(tfm);
	return ERR_PTR(ret);
}

void mhsm_cipher_free(struct crypto_skcipher *tfm)
{
	crypto_free_skcipher(tfm);
}

size_t mhsm_cipher_scratch(struct crypto_skcipher *tfm)
{
	return sizeof(struct skcipher_request) + crypto_skcipher_reqsize(tfm);
}

#define MAP_FEW 2 /* in and out, if both are contiguous */

static int crypt(struct crypto_skcipher *tfm, bool encrypt, const struct mhsm_cipher_call *c, struct scatterlist *in,
		 struct scatterlist *out)
{
	struct skcipher_request *req = c->scratch;
	DECLARE_CRYPTO_WAIT(wait);

	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				      &wait);
	skcipher_request_set_crypt(req, in, out, c->in.len, c->iv);
	return crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) : crypto_skcipher_decrypt(req), &wait);
}

int mhsm_cipher_crypt(struct crypto_skcipher *tfm, bool encrypt, const struct mhsm_cipher_call *c)
{
	unsigned int in = mhsm_buf_count(&c->in), out = c->in_place ? 0 : mhsm_buf_count(&c->out);
	struct scatterlist few[MAP_FEW], *map = few;
	int ret;

	if (!c->in.len)
		return 0;
	if (in + out > MAP_FEW) {
		map = kvmalloc_array(in + out, sizeof(*map), GFP_KERNEL);
		if (!map)
			return -ENOMEM;
	}
	sg_init_table(map, in);
	mhsm_buf_map(map, &c->in);
	if (out) {
		sg_init_table(map + in, out);
		mhsm_buf_map(map + in, &c->out);
	}
	ret = crypt(tfm, encrypt, c, map, out ? map + in : map);
	if (map != few)
		kvfree(map);
	return ret;
}
