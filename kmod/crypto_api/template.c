// SPDX-License-Identifier: GPL-2.0-only
/* The template mhsm(...): an instance for every inner algorithm of the list that somebody asks for */
#include <crypto/algapi.h>
#include <linux/module.h>

#include "kmod/crypto_api/crypto_api.h"
#include "kmod/crypto_api/template.h"

int mhsm_template_name(struct crypto_template *tmpl, struct crypto_instance *inst, struct crypto_alg *child,
		       const struct mhsm_inner **inner)
{
	/* By what it is, not by what it was called, which may be a driver's name. */
	*inner = mhsm_inner_find(child->cra_name);
	if (!*inner)
		return -EINVAL;
	inst->alg.cra_priority = child->cra_priority;
	inst->alg.cra_blocksize = child->cra_blocksize;
	inst->alg.cra_alignmask = child->cra_alignmask;
	return crypto_inst_setname(inst, tmpl->name, child);
}

static const struct {
	u32 type;
	int (*create)(struct crypto_template *tmpl, const char *name, u32 mask);
} kinds[] = {
	{ CRYPTO_ALG_TYPE_SKCIPHER, mhsm_skcipher_create },
	{ CRYPTO_ALG_TYPE_AEAD, mhsm_aead_create },
	{ CRYPTO_ALG_TYPE_SHASH, mhsm_hash_create },
};

static int template_create(struct crypto_template *tmpl, struct rtattr **tb)
{
	const char *name;
	size_t i;
	u32 mask;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!crypto_check_attr_type(tb, kinds[i].type, &mask))
			break;
	if (i == ARRAY_SIZE(kinds))
		return -EINVAL;
	name = crypto_attr_alg_name(tb[1]);
	if (IS_ERR(name))
		return PTR_ERR(name);
	return kinds[i].create(tmpl, name, mask);
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
	int ret;

	ret = mhsm_template_register();
	if (ret)
		return ret;
	ret = mhsm_paes_register();
	if (ret)
		goto unregister_template;
	ret = mhsm_phmac_register();
	if (ret)
		goto unregister_paes;
	return 0;

unregister_paes:
	mhsm_paes_unregister();
unregister_template:
	mhsm_template_unregister();
	return ret;
}

void mhsm_crypto_api_exit(void)
{
	mhsm_phmac_unregister();
	mhsm_paes_unregister();
	mhsm_template_unregister();
}

MODULE_ALIAS_CRYPTO("mhsm");
