// SPDX-License-Identifier: GPL-2.0-only
/*
 * mhsm(...) of keyed hashes, and what the phmac names share with it: see hash.h.
 *
 * A digest that is computed in steps has, between them, a state that was begun with the key; the state is its caller's
 * memory. So each step is a request of its own: after a revocation no step is done any more, and a state is worth nothing
 * without the key that ends it.
 */
#include <linux/slab.h>

#include "kmod/crypto_api/binding.h"
#include "kmod/crypto_api/hash.h"
#include "kmod/crypto_api/template.h"

/* Context of one transform */
struct mhsm_hash {
	struct mhsm_binding binding;
	struct crypto_shash *child; /* does the work */
};

static int child_setkey(struct crypto_tfm *child, const u8 *key, unsigned int len)
{
	return crypto_shash_setkey(container_of(child, struct crypto_shash, base), key, len);
}

static int hash_setkey(struct crypto_shash *tfm, const u8 *token, unsigned int len)
{
	struct mhsm_hash *h = crypto_shash_ctx(tfm);

	return mhsm_binding_setkey(&h->binding, crypto_shash_get_flags(tfm), token, len);
}

/* The child's state is in ours, and is begun by init, digest and import. */
static struct shash_desc *sub_desc(struct shash_desc *desc)
{
	struct mhsm_hash *h = crypto_shash_ctx(desc->tfm);
	struct shash_desc *sub = shash_desc_ctx(desc);

	sub->tfm = h->child;
	return sub;
}

/* One step, if there is a key */
#define STEP(desc, call)                                                                                               \
	({                                                                                                             \
		struct mhsm_hash *h = crypto_shash_ctx((desc)->tfm);                                                   \
		int ret = -EKEYREVOKED;                                                                                \
                                                                                                                       \
		if (mhsm_binding_enter(&h->binding)) {                                                                 \
			ret = call;                                                                                    \
			mhsm_binding_leave(&h->binding);                                                               \
		}                                                                                                      \
		ret;                                                                                                   \
	})

static int hash_init(struct shash_desc *desc)
{
	return STEP(desc, crypto_shash_init(sub_desc(desc)));
}

static int hash_update(struct shash_desc *desc, const u8 *data, unsigned int len)
{
	return STEP(desc, crypto_shash_update(sub_desc(desc), data, len));
}

static int hash_final(struct shash_desc *desc, u8 *out)
{
	return STEP(desc, crypto_shash_final(sub_desc(desc), out));
}

static int hash_finup(struct shash_desc *desc, const u8 *data, unsigned int len, u8 *out)
{
	return STEP(desc, crypto_shash_finup(sub_desc(desc), data, len, out));
}

static int hash_digest(struct shash_desc *desc, const u8 *data, unsigned int len, u8 *out)
{
	return STEP(desc, crypto_shash_digest(sub_desc(desc), data, len, out));
}

static int hash_export(struct shash_desc *desc, void *out)
{
	return STEP(desc, crypto_shash_export(sub_desc(desc), out));
}

static int hash_import(struct shash_desc *desc, const void *in)
{
	return STEP(desc, crypto_shash_import(sub_desc(desc), in));
}

static void hash_exit_tfm(struct crypto_shash *tfm)
{
	struct mhsm_hash *h = crypto_shash_ctx(tfm);

	mhsm_binding_exit(&h->binding);
	crypto_free_shash(h->child);
}

int mhsm_hash_setup(struct crypto_shash *tfm, struct crypto_shash *child, const struct mhsm_inner *inner)
{
	struct mhsm_hash *h = crypto_shash_ctx(tfm);
	unsigned int desc_len;
	int ret;

	if (IS_ERR(child))
		return PTR_ERR(child);
	h->child = child;
	h->binding.inner = inner;
	h->binding.child = crypto_shash_tfm(child);
	h->binding.child_setkey = child_setkey;
	/* Those who compute digests on their stack have room for no more. */
	desc_len = sizeof(struct shash_desc) + crypto_shash_descsize(child);
	ret = desc_len > HASH_MAX_DESCSIZE ? -EINVAL : mhsm_binding_init(&h->binding);
	if (ret) {
		crypto_free_shash(child);
		return ret;
	}
	tfm->descsize = desc_len;
	return 0;
}

void mhsm_hash_fill(struct shash_alg *alg)
{
	alg->base.cra_ctxsize = sizeof(struct mhsm_hash);
	alg->init = hash_init;
	alg->update = hash_update;
	alg->final = hash_final;
	alg->finup = hash_finup;
	alg->digest = hash_digest;
	alg->export = hash_export;
	alg->import = hash_import;
	alg->setkey = hash_setkey;
	alg->exit_tfm = hash_exit_tfm;
}

/* --- instances of the template -------------------------------------------------------------------------------- */

struct instance_ctx {
	struct crypto_shash_spawn spawn;
	const struct mhsm_inner *inner;
};

static int instance_init_tfm(struct crypto_shash *tfm)
{
	struct instance_ctx *ictx = shash_instance_ctx(shash_alg_instance(tfm));

	return mhsm_hash_setup(tfm, crypto_spawn_shash(&ictx->spawn), ictx->inner);
}

static void instance_free(struct shash_instance *inst)
{
	struct instance_ctx *ictx = shash_instance_ctx(inst);

	crypto_drop_shash(&ictx->spawn);
	kfree(inst);
}

int mhsm_hash_create(struct crypto_template *tmpl, const char *name, u32 mask)
{
	struct shash_instance *inst;
	struct instance_ctx *ictx;
	struct shash_alg *child;
	int ret;

	inst = kzalloc(sizeof(*inst) + sizeof(*ictx), GFP_KERNEL);
	if (!inst)
		return -ENOMEM;
	ictx = shash_instance_ctx(inst);
	ret = crypto_grab_shash(&ictx->spawn, shash_crypto_instance(inst), name, 0, mask);
	if (ret)
		goto free_instance;
	child = crypto_spawn_shash_alg(&ictx->spawn);
	ret = mhsm_template_name(tmpl, shash_crypto_instance(inst), &child->base, &ictx->inner);
	if (ret)
		goto free_instance;

	mhsm_hash_fill(&inst->alg);
	inst->alg.digestsize = child->digestsize;
	inst->alg.statesize = child->statesize;
	inst->alg.init_tfm = instance_init_tfm;
	inst->free = instance_free;
	ret = shash_register_instance(tmpl, inst);
	if (ret)
		goto free_instance;
	return 0;

free_instance:
	instance_free(inst);
	return ret;
}
