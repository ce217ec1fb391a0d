// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyed hashes of the template under the names phmac(sha256), phmac(sha384), phmac(sha512), which other kernels have
 * for HMAC with a wrapped key. integritysetup accepts them; it takes no name with parentheses in them, as mhsm(...) has.
 */
#include <crypto/sha2.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "kmod/crypto_api/hash.h"
#include "kmod/crypto_api/template.h"

struct phmac {
	struct shash_alg alg;
	const char *inner;
};

static int phmac_init_tfm(struct crypto_shash *tfm)
{
	const struct phmac *phmac = container_of(crypto_shash_alg(tfm), struct phmac, alg);
	struct crypto_shash *child;

	/* As in paes.c */
	child = crypto_alloc_shash(phmac->inner, 0, CRYPTO_ALG_ALLOCATES_MEMORY);
	/* What is exported must fit into what we said that it needs. */
	if (!IS_ERR(child) && crypto_shash_statesize(child) > phmac->alg.statesize) {
		crypto_free_shash(child);
		return -EINVAL;
	}
	return mhsm_hash_setup(tfm, child, mhsm_inner_find(phmac->inner));
}

/* A low priority, as in paes.c */
#define PHMAC(hash, digest, block, state)                                                                              \
	{                                                                                                              \
		.alg = {                                                                                               \
			.base.cra_name = "phmac(" hash ")",                                                            \
			.base.cra_driver_name = "phmac-" hash "-mhsm",                                                 \
			.base.cra_priority = 1,                                                                        \
			.base.cra_blocksize = block,                                                                   \
			.base.cra_module = THIS_MODULE,                                                                \
			.init_tfm = phmac_init_tfm,                                                                    \
			.digestsize = digest,                                                                          \
			.statesize = state,                                                                            \
		},                                                                                                     \
		.inner = "hmac(" hash ")",                                                                             \
	}

static struct phmac algs[] = {
	PHMAC("sha256", SHA256_DIGEST_SIZE, SHA256_BLOCK_SIZE, sizeof(struct sha256_state)),
	PHMAC("sha384", SHA384_DIGEST_SIZE, SHA384_BLOCK_SIZE, sizeof(struct sha512_state)),
	PHMAC("sha512", SHA512_DIGEST_SIZE, SHA512_BLOCK_SIZE, sizeof(struct sha512_state)),
};

static void unregister_first(size_t count)
{
	while (count--)
		crypto_unregister_shash(&algs[count].alg);
}

int mhsm_phmac_register(void)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		mhsm_hash_fill(&algs[i].alg);
		ret = crypto_register_shash(&algs[i].alg);
		if (ret) {
			unregister_first(i);
			return ret;
		}
	}
	return 0;
}

void mhsm_phmac_unregister(void)
{
	unregister_first(ARRAY_SIZE(algs));
}

MODULE_ALIAS_CRYPTO("phmac(sha256)");
MODULE_ALIAS_CRYPTO("phmac(sha384)");
MODULE_ALIAS_CRYPTO("phmac(sha512)");
