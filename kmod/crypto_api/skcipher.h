/* SPDX-License-Identifier: GPL-2.0-only */
/* A cipher whose key is a volume token: what the template and the paes names share. */
#ifndef _MHSM_SKCIPHER_H
#define _MHSM_SKCIPHER_H

#include <crypto/internal/skcipher.h>

#include "kmod/crypto_api/binding.h"

/* Context of one transform */
struct mhsm_skcipher {
	struct mhsm_binding binding;
	struct crypto_skcipher *child; /* does the work */
};

/**
 * mhsm_skcipher_setup() - prepares the context of @tfm, whose init function calls it, for the cipher @inner
 * @child: becomes the context's, whatever happens; an ERR_PTR is returned as the error
 */
int mhsm_skcipher_setup(struct crypto_skcipher *tfm, struct crypto_skcipher *child, const struct mhsm_inner *inner);

/** mhsm_skcipher_fill() - the functions and the key size, for an algorithm whose transforms use the context above */
void mhsm_skcipher_fill(struct skcipher_alg *alg);

#endif
