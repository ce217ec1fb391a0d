/* SPDX-License-Identifier: GPL-2.0-only */
/* A keyed hash whose key is a volume token: what the template and the phmac names share. */
#ifndef _MHSM_HASH_H
#define _MHSM_HASH_H

#include <crypto/internal/hash.h>

#include "kmod/crypto_api/inner.h"

/**
 * mhsm_hash_setup() - prepares the context of @tfm, whose init function calls it, for the hash @inner
 * @child: becomes the context's, whatever happens; an ERR_PTR is returned as the error
 */
int mhsm_hash_setup(struct crypto_shash *tfm, struct crypto_shash *child, const struct mhsm_inner *inner);

/** mhsm_hash_fill() - the functions, for an algorithm whose transforms are prepared as above */
void mhsm_hash_fill(struct shash_alg *alg);

#endif
