// SPDX-License-Identifier: GPL-2.0-only
/* The template mhsm(...): an instance for every inner algorithm of the list that somebody asks for */
#include <crypto/algapi.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kmod/crypto_api/crypto_api.h"
#include "kmod/crypto_api/skcipher.h"
#include "kmod/crypto_api/template.h"

struct instance_ctx {
	struct crypto_skcipher_spawn spawn;
	const struct mhsm_inner *inner;
};

static int template_init_tfm(struct crypto_skcipher *tfm)
{
	struct instance_ctx *ictx = skcipher_instance_ctx(skcipher_alg_instance(tfm));
	struct crypto_skcipher *child;
	int ret;

	child = crypto_spawn_skcipher(&ictx->spawn);
	if (IS_ERR(child))
		return PTR_ERR(child);
	ret = mhsm_skcipher_setup(tfm, child, ictx->inner);
	if (ret)
		crypto_free_skcipher(child);
	return ret;
}

static void template_free(struct skcipher_instance *inst)
{
	struct instance_ctx *ictx = skcipher_instance_ctx(inst);

	crypto_drop_skcipher(&ictx->spawn);
	kfree(inst);
}

static int template_create(struct crypto_template *tmpl, struct rtattr **tb)
{
	struct skcipher_alg_common *child;
	struct skcipher_instance *inst;
	struct instance_ctx *ictx;
	const char *name;
	u32 mask;
	int ret;

	ret = crypto_check_attr_type(tb, CRYPTO_ALG_TYPE_SKCIPHER, &mask);
	if (ret)
		return ret;
	name = crypto_attr_alg_name(tb[1]);
	if (IS_ERR(name))
		return PTR_ERR(name);
	inst = kzalloc(sizeof(*inst) + sizeof(*ictx), GFP_KERNEL);
	if (!inst)
		return -ENOMEM;
	ictx = skcipher_instance_ctx(inst);

	/* With the mask of who asks: dm-crypt wants no cipher that allocates memory. */
	ret = crypto_grab_skcipher(&ictx->spawn, skcipher_crypto_instance(inst), name, 0, mask);
	if (ret)
		goto free_instance;
	child = crypto_spawn_skcipher_alg_common(&ictx->spawn);
	/* By what it is, not by what it was called: @name may be a driver's. */
	ictx->inner = mhsm_inner_find(child->base.cra_name);
	ret = -EINVAL;
	if (!ictx->inner)
		goto free_instance;
	ret = crypto_inst_setname(skcipher_crypto_instance(inst), tmpl->name, &child->base);
	if (ret)
		goto free_instance;

	mhsm_skcipher_fill(&inst->alg);
	inst->alg.init = template_init_tfm;
	inst->alg.base.cra_priority = child->base.cra_priority;
	inst->alg.base.cra_blocksize = child->base.cra_blocksize;
	inst->alg.base.cra_alignmask = child->base.cra_alignmask;
	inst->alg.ivsize = child->ivsize;
	inst->alg.chunksize = child->chunksize;
	inst->free = template_free;
	ret = skcipher_register_instance(tmpl, inst);
	if (ret)
		goto free_instance;
	return 0;

free_instance:
	template_free(inst);
	return ret;
}

static struct crypto_template template = {
	.name = "mhsm",
	.create = template_create,
	.module = THIS_MODULE,
};

int mhsm_template_register(void)
{
	return crypto_register_template(&template);
}

void mhsm_template_unregister(void)
{
	crypto_unregister_template(&template);
}

int mhsm_crypto_api_init(void)
{
	int ret = mhsm_template_register();

	if (ret)
		return ret;
	ret = mhsm_paes_register();
	if (ret)
		mhsm_template_unregister();
	return ret;
}

void mhsm_crypto_api_exit(void)
{
	mhsm_paes_unregister();
	mhsm_template_unregister();
}

MODULE_ALIAS_CRYPTO("mhsm");
