/* SPDX-License-Identifier: GPL-2.0-only */
/* The RSA private operation with AVX-512 IFMA. */
#ifndef MHSM_RSA_IFMA_H
#define MHSM_RSA_IFMA_H

#include "mont52.h"
#include "rsa_private.h"

/* Working memory of one operation, about 38 KiB. */
struct mhsm_rsa_ifma_scratch {
	struct mhsm_rsa_private_scratch base;
	struct mhsm_mont52 pair;
};

/**
 * mhsm_rsa_private_ifma() - mhsm_rsa_private(), the two powers with vectors, together
 *
 * Only where mhsm_mont52_usable(); there is no other difference.
 */
int mhsm_rsa_private_ifma(u8 *out, const struct mhsm_rsa_key *key, const u8 *in,
			  const u8 rnd[32], const struct mhsm_pk_relax *relax,
			  struct mhsm_rsa_ifma_scratch *scratch);

#endif
