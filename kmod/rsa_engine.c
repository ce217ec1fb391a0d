// SPDX-License-Identifier: GPL-2.0-only
/* RSA's private operation, and by what it is computed: see rsa_engine.h */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/pk/rsa_ifma.h"
#include "kmod/prim.h"
#include "kmod/rsa_engine.h"

static enum mhsm_rsa_engine chosen __ro_after_init = MHSM_RSA_SCALAR;

void __init mhsm_rsa_engine_choose(void)
{
	if (mhsm_mont52_available())
		chosen = MHSM_RSA_IFMA;
	pr_info("mhsm: RSA private operations use %s\n", chosen == MHSM_RSA_IFMA ? "AVX-512 IFMA" : "scalar code");
}

int mhsm_rsa_engine_power(enum mhsm_rsa_engine engine, const struct mhsm_rsa_ref *ref, u8 *io)
{
	const struct mhsm_rsa_key key = mhsm_rsa_key_of(ref->n, ref->n_len, ref->secret);
	bool ifma = engine == MHSM_RSA_IFMA && mhsm_mont52_usable();
	u8 rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];
	void *scratch;
	int ret;

	/* It is left wiped. */
	scratch = kvmalloc(ifma ? sizeof(struct mhsm_rsa_ifma_scratch) : sizeof(struct mhsm_rsa_private_scratch),
			   GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret && ifma)
		ret = mhsm_rsa_private_ifma(io, &key, io, rnd, &mhsm_rsa_relax, scratch);
	else if (!ret)
		ret = mhsm_rsa_private(io, &key, io, rnd, &mhsm_rsa_relax, scratch);
	memzero_explicit(rnd, sizeof(rnd));
	kvfree(scratch);
	return ret;
}

int mhsm_rsa_power(const struct mhsm_rsa_ref *key, u8 *io)
{
	return mhsm_rsa_engine_power(chosen, key, io);
}
