// SPDX-License-Identifier: GPL-2.0-only
/* mhsm(...) of authenticated encryption: gcm(aes), ccm(aes), rfc4106(gcm(aes)), whose key is a volume token */
#include <crypto/internal/aead.h>
#include <linux/slab.h>

#include "kmod/crypto_api/binding.h"
#include "kmod/crypto_api/template.h"

/* Context of one transform */
struct mhsm_aead {
	struct mhsm_binding binding;
	struct crypto_aead *child; /* does the work */
};

struct instance_ctx {
	struct crypto_aead_spawn spawn;
	const struct mhsm_inner *inner;
};

static int child_setkey(struct crypto_tfm *child, const u8 *key, unsigned int len)
{
	return crypto_aead_setkey(container_of(child, struct crypto_aead, base), key, len);
}

static int aead_setkey(struct crypto_aead *tfm, const u8 *token, unsigned int len)
{
	struct mhsm_aead *a = crypto_aead_ctx(tfm);

	return mhsm_binding_setkey(&a->binding, crypto_aead_get_flags(tfm), token, len);
}

/* The child says which lengths there are; a request reads the length, so it is the caller's not to change it then. */
static int aead_setauthsize(struct crypto_aead *tfm, unsigned int len)
{
	struct mhsm_aead *a = crypto_aead_ctx(tfm);

	return crypto_aead_setauthsize(a->child, len);
}

static void request_done(MHSM_COMPLETION_ARG arg, int err)
{
	struct aead_request *req = mhsm_completion_data(arg);
	struct mhsm_aead *a = crypto_aead_ctx(crypto_aead_reqtfm(req));

	/* As in skcipher.c: -EINPROGRESS is not the end yet, and after the end @req is its owner's again. */
	if (err != -EINPROGRESS)
		mhsm_binding_leave(&a->binding);
	aead_request_complete(req, err);
}

static __always_inline int forward(struct aead_request *req, int (*run)(void *sub))
{
	struct mhsm_aead *a = crypto_aead_ctx(crypto_aead_reqtfm(req));
	struct aead_request *sub = aead_request_ctx(req);

	aead_request_set_tfm(sub, a->child);
	aead_request_set_callback(sub, req->base.flags, request_done, req);
	aead_request_set_crypt(sub, req->src, req->dst, req->cryptlen, req->iv);
	aead_request_set_ad(sub, req->assoclen);
	return mhsm_binding_run(&a->binding, req->base.flags, run, sub);
}

static int child_encrypt(void *sub)
{
	return crypto_aead_encrypt(sub);
}

static int child_decrypt(void *sub)
{
	return crypto_aead_decrypt(sub);
}

static int aead_encrypt(struct aead_request *req)
{
	return forward(req, child_encrypt);
}

static int aead_decrypt(struct aead_request *req)
{
	return forward(req, child_decrypt);
}

static int aead_init_tfm(struct crypto_aead *tfm)
{
	struct instance_ctx *ictx = aead_instance_ctx(aead_alg_instance(tfm));
	struct mhsm_aead *a = crypto_aead_ctx(tfm);
	int ret;

	a->child = crypto_spawn_aead(&ictx->spawn);
	if (IS_ERR(a->child))
		return PTR_ERR(a->child);
	a->binding.inner = ictx->inner;
	a->binding.child = crypto_aead_tfm(a->child);
	a->binding.child_setkey = child_setkey;
	ret = mhsm_binding_init(&a->binding);
	if (ret) {
		crypto_free_aead(a->child);
		return ret;
	}
	crypto_aead_set_reqsize(tfm, sizeof(struct aead_request) + crypto_aead_reqsize(a->child));
	return 0;
}

static void aead_exit_tfm(struct crypto_aead *tfm)
{
	struct mhsm_aead *a = crypto_aead_ctx(tfm);

	mhsm_binding_exit(&a->binding);
	crypto_free_aead(a->child);
}

static void instance_free(struct aead_instance *inst)
{
	struct instance_ctx *ictx = aead_instance_ctx(inst);

	crypto_drop_aead(&ictx->spawn);
	kfree(inst);
}

int mhsm_aead_create(struct crypto_template *tmpl, const char *name, u32 mask)
{
	struct aead_instance *inst;
	struct instance_ctx *ictx;
	struct aead_alg *child;
	int ret;

	inst = kzalloc(sizeof(*inst) + sizeof(*ictx), GFP_KERNEL);
	if (!inst)
		return -ENOMEM;
	ictx = aead_instance_ctx(inst);
	ret = crypto_grab_aead(&ictx->spawn, aead_crypto_instance(inst), name, 0, mask);
	if (ret)
		goto free_instance;
	child = crypto_spawn_aead_alg(&ictx->spawn);
	ret = mhsm_template_name(tmpl, aead_crypto_instance(inst), &child->base, &ictx->inner);
	if (ret)
		goto free_instance;

	inst->alg.base.cra_ctxsize = sizeof(struct mhsm_aead);
	inst->alg.ivsize = crypto_aead_alg_ivsize(child);
	inst->alg.chunksize = crypto_aead_alg_chunksize(child);
	inst->alg.maxauthsize = crypto_aead_alg_maxauthsize(child);
	inst->alg.init = aead_init_tfm;
	inst->alg.exit = aead_exit_tfm;
	inst->alg.setkey = aead_setkey;
	inst->alg.setauthsize = aead_setauthsize;
	inst->alg.encrypt = aead_encrypt;
	inst->alg.decrypt = aead_decrypt;
	inst->free = instance_free;
	ret = aead_register_instance(tmpl, inst);
	if (ret)
		goto free_instance;
	return 0;

free_instance:
	instance_free(inst);
	return ret;
}
