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

/* The working memory of each is left wiped. */
static int power_scalar(const struct mhsm_rsa_key *key, const u8 *rnd, u8 *io)
{
	struct mhsm_rsa_private_scratch *scratch = kvmalloc(sizeof(*scratch), GFP_KERNEL);
	int ret;

	if (!scratch)
		return -ENOMEM;
	ret = mhsm_rsa_private(io, key, io, rnd, &mhsm_rsa_relax, scratch);
	kvfree(scratch);
	return ret;
}

static int power_ifma(const struct mhsm_rsa_key *key, const u8 *rnd, u8 *io)
{
	struct mhsm_rsa_ifma_scratch *scratch = kvmalloc(sizeof(*scratch), GFP_KERNEL);
	int ret;

	if (!scratch)
		return -ENOMEM;
	ret = mhsm_rsa_private_ifma(io, key, io, rnd, &mhsm_rsa_relax, scratch);
	kvfree(scratch);
	return ret;
}

int mhsm_rsa_engine_power(enum mhsm_rsa_engine engine, const struct mhsm_rsa_ref *ref, u8 *io)
{
	size_t half = ref->n_len / 2;
	const struct mhsm_rsa_key key = {
		.n_len = ref->n_len,
		.n = ref->n,
		.p = ref->secret,
		.q = ref->secret + half,
		.dp = ref->secret + 2 * half,
		.dq = ref->secret + 3 * half,
		.qinv = ref->secret + 4 * half,
	};
	u8 rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];
	int ret;

	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret && engine == MHSM_RSA_IFMA && mhsm_mont52_usable())
		ret = power_ifma(&key, rnd, io);
	else if (!ret)
		ret = power_scalar(&key, rnd, io);
	memzero_explicit(rnd, sizeof(rnd));
	return ret;
}

int mhsm_rsa_power(const struct mhsm_rsa_ref *key, u8 *io)
{
	return mhsm_rsa_engine_power(chosen, key, io);
}
