// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ciphers of the template under the names xts(paes), cbc(paes), ctr(paes). cryptsetup knows `paes` as a cipher with
 * a wrapped key: it then does not try a random key on it, and protects LUKS2 keyslots with plain AES.
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include "kmod/crypto_api/skcipher.h"
#include "kmod/crypto_api/template.h"

struct paes {
	struct skcipher_alg alg;
	const char *inner;
};

static int paes_init_tfm(struct crypto_skcipher *tfm)
{
	const struct paes *paes = container_of(crypto_skcipher_alg(tfm), struct paes, alg);
	struct crypto_skcipher *child;

	/* We cannot know with what mask we were asked for: so none that allocates memory, which dm-crypt cannot use. */
	child = crypto_alloc_skcipher(paes->inner, 0, CRYPTO_ALG_ALLOCATES_MEMORY);
	return mhsm_skcipher_setup(tfm, child, mhsm_inner_find(paes->inner));
}

/* A lower priority than that of a processor's or an engine's own paes, whose volumes would not open with ours. */
#define PAES(mode, block, chunk)                                                                                       \
	{                                                                                                              \
		.alg = {                                                                                               \
			.base.cra_name = mode "(paes)",                                                                \
			.base.cra_driver_name = mode "-paes-mhsm",                                                     \
			.base.cra_priority = 1,                                                                        \
			.base.cra_flags = CRYPTO_ALG_ASYNC,                                                            \
			.base.cra_blocksize = block,                                                                   \
			.base.cra_module = THIS_MODULE,                                                                \
			.init = paes_init_tfm,                                                                         \
			.ivsize = 16,                                                                                  \
			.chunksize = chunk,                                                                            \
		},                                                                                                     \
		.inner = mode "(aes)",                                                                                 \
	}

static struct paes algs[] = {
	PAES("xts", 16, 16),
	PAES("cbc", 16, 16),
	PAES("ctr", 1, 16),
};

static void unregister_first(size_t count)
{
	while (count--)
		crypto_unregister_skcipher(&algs[count].alg);
}

int mhsm_paes_register(void)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		mhsm_skcipher_fill(&algs[i].alg);
		ret = crypto_register_skcipher(&algs[i].alg);
		if (ret) {
			unregister_first(i);
			return ret;
		}
	}
	return 0;
}

void mhsm_paes_unregister(void)
{
	unregister_first(ARRAY_SIZE(algs));
}

MODULE_ALIAS_CRYPTO("xts(paes)");
MODULE_ALIAS_CRYPTO("cbc(paes)");
MODULE_ALIAS_CRYPTO("ctr(paes)");
