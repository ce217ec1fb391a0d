/* SPDX-License-Identifier: GPL-2.0-only */
/* A cipher whose key is a volume token: what the template and the paes names share. */
#ifndef _MHSM_SKCIPHER_H
#define _MHSM_SKCIPHER_H

#include <crypto/internal/skcipher.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>

#include "kmod/crypto_api/inner.h"
#include "kmod/key.h"

/* Context of one transform. While `kek` is NULL, `child` has no data key and `live` is dead. */
struct mhsm_skcipher {
	struct crypto_skcipher *child; /* does the work */
	const struct mhsm_inner *inner;
	struct percpu_ref live; /* counts the requests in the child, while it has a data key that may be used */
	struct completion drained; /* `live` has ended */
	struct mutex lock; /* of setkey; never taken by revoke, for which setkey may wait */
	struct mhsm_key *kek; /* with a reference, our consumer in its list; under lock */
	struct mhsm_consumer consumer;
};

/**
 * mhsm_skcipher_setup() - prepares the context of @tfm, whose init function calls it, for the cipher @inner
 * @child: becomes the context's on success; mhsm_skcipher_exit() frees it
 */
int mhsm_skcipher_setup(struct crypto_skcipher *tfm, struct crypto_skcipher *child, const struct mhsm_inner *inner);

/** mhsm_skcipher_fill() - the functions and the key size, for an algorithm whose transforms use the context above */
void mhsm_skcipher_fill(struct skcipher_alg *alg);

#endif
