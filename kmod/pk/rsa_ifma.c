// SPDX-License-Identifier: GPL-2.0-only
/* The RSA private operation with AVX-512 IFMA. See rsa_ifma.h. */
#include "rsa_ifma.h"

static void load(void *work, int side, struct mhsm_mont *m, const u64 *base, const u64 *exp)
{
	mhsm_mont52_load(work, side, m, base, exp);
}

static int pow_pair(void *work, u64 *mod_q, u64 *mod_p, size_t limbs,
		    const struct mhsm_pk_relax *relax)
{
	return mhsm_mont52_pow(work, mod_q, mod_p, limbs, relax);
}

int mhsm_rsa_private_ifma(u8 *out, const struct mhsm_rsa_key *key, const u8 *in,
			  const u8 rnd[32], const struct mhsm_pk_relax *relax,
			  struct mhsm_rsa_ifma_scratch *scratch)
{
	const struct mhsm_rsa_pair pair = { load, pow_pair, &scratch->pair };
	int ret;

	ret = mhsm_rsa_private_by(&pair, out, key, in, rnd, relax, &scratch->base);
	memzero_explicit(&scratch->pair, sizeof(scratch->pair));
	return ret;
}
