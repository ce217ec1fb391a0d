// SPDX-License-Identifier: GPL-2.0-only
/* mhsm(...) of ciphers, and what the paes names share with it: see skcipher.h */
#include <linux/slab.h>

#include "kmod/crypto_api/skcipher.h"
#include "kmod/crypto_api/template.h"

static int child_setkey(struct crypto_tfm *child, const u8 *key, unsigned int len)
{
	return crypto_skcipher_setkey(container_of(child, struct crypto_skcipher, base), key, len);
}

static int skcipher_setkey(struct crypto_skcipher *tfm, const u8 *token, unsigned int len)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);

	return mhsm_binding_setkey(&s->binding, crypto_skcipher_get_flags(tfm), token, len);
}

static void request_done(MHSM_COMPLETION_ARG arg, int err)
{
	struct skcipher_request *req = mhsm_completion_data(arg);
	struct mhsm_skcipher *s = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));

	/* -EINPROGRESS: it leaves the backlog, and this is not the end yet. After the end, @req is its owner's again. */
	if (err != -EINPROGRESS)
		mhsm_binding_leave(&s->binding);
	skcipher_request_complete(req, err);
}

static __always_inline int forward(struct skcipher_request *req, int (*run)(void *sub))
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct skcipher_request *sub = skcipher_request_ctx(req);

	skcipher_request_set_tfm(sub, s->child);
	skcipher_request_set_callback(sub, req->base.flags, request_done, req);
	skcipher_request_set_crypt(sub, req->src, req->dst, req->cryptlen, req->iv);
	return mhsm_binding_run(&s->binding, req->base.flags, run, sub);
}

static int child_encrypt(void *sub)
{
	return crypto_skcipher_encrypt(sub);
}

static int child_decrypt(void *sub)
{
	return crypto_skcipher_decrypt(sub);
}

static int skcipher_encrypt(struct skcipher_request *req)
{
	return forward(req, child_encrypt);
}

static int skcipher_decrypt(struct skcipher_request *req)
{
	return forward(req, child_decrypt);
}

static void skcipher_exit(struct crypto_skcipher *tfm)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);

	mhsm_binding_exit(&s->binding);
	crypto_free_skcipher(s->child);
}

int mhsm_skcipher_setup(struct crypto_skcipher *tfm, struct crypto_skcipher *child, const struct mhsm_inner *inner)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);
	int ret;

	if (IS_ERR(child))
		return PTR_ERR(child);
	s->child = child;
	s->binding.inner = inner;
	s->binding.child = crypto_skcipher_tfm(child);
	s->binding.child_setkey = child_setkey;
	ret = mhsm_binding_init(&s->binding);
	if (ret) {
		crypto_free_skcipher(child);
		return ret;
	}
	crypto_skcipher_set_reqsize(tfm, sizeof(struct skcipher_request) + crypto_skcipher_reqsize(child));
	return 0;
}

void mhsm_skcipher_fill(struct skcipher_alg *alg)
{
	alg->base.cra_ctxsize = sizeof(struct mhsm_skcipher);
	alg->min_keysize = MHSM_TOKEN_LEN;
	alg->max_keysize = MHSM_TOKEN_LEN;
	alg->setkey = skcipher_setkey;
	alg->encrypt = skcipher_encrypt;
	alg->decrypt = skcipher_decrypt;
	alg->exit = skcipher_exit;
}

/* --- instances of the template -------------------------------------------------------------------------------- */

struct instance_ctx {
	struct crypto_skcipher_spawn spawn;
	const struct mhsm_inner *inner;
};

static int instance_init_tfm(struct crypto_skcipher *tfm)
{
	struct instance_ctx *ictx = skcipher_instance_ctx(skcipher_alg_instance(tfm));

	return mhsm_skcipher_setup(tfm, crypto_spawn_skcipher(&ictx->spawn), ictx->inner);
}

static void instance_free(struct skcipher_instance *inst)
{
	struct instance_ctx *ictx = skcipher_instance_ctx(inst);

	crypto_drop_skcipher(&ictx->spawn);
	kfree(inst);
}

int mhsm_skcipher_create(struct crypto_template *tmpl, const char *name, u32 mask)
{
	struct skcipher_alg_common *child;
	struct skcipher_instance *inst;
	struct instance_ctx *ictx;
	int ret;

	inst = kzalloc(sizeof(*inst) + sizeof(*ictx), GFP_KERNEL);
	if (!inst)
		return -ENOMEM;
	ictx = skcipher_instance_ctx(inst);

	/* With the mask of who asks: dm-crypt wants no cipher that allocates memory. */
	ret = crypto_grab_skcipher(&ictx->spawn, skcipher_crypto_instance(inst), name, 0, mask);
	if (ret)
		goto free_instance;
	child = crypto_spawn_skcipher_alg_common(&ictx->spawn);
	ret = mhsm_template_name(tmpl, skcipher_crypto_instance(inst), &child->base, &ictx->inner);
	if (ret)
		goto free_instance;

	mhsm_skcipher_fill(&inst->alg);
	inst->alg.init = instance_init_tfm;
	inst->alg.ivsize = child->ivsize;
	inst->alg.chunksize = child->chunksize;
	inst->free = instance_free;
	ret = skcipher_register_instance(tmpl, inst);
	if (ret)
		goto free_instance;
	return 0;

free_instance:
	instance_free(inst);
	return ret;
}
