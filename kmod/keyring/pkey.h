/* SPDX-License-Identifier: GPL-2.0-only */
/* keyctl's public-key operations (keyctl_pkey_query(3) and the others) with keys of the HSM */
#ifndef _MHSM_KEYRING_PKEY_H
#define _MHSM_KEYRING_PKEY_H

#include <linux/keyctl.h>

#include "kmod/key.h"

/*
 * The encoding and hash of @params name an algorithm of enum mhsm_alg; -EOPNOTSUPP if there is none for @key. The caller's
 * credentials decide, and one audit record is left, as of the call on a key fd, whose errors these have.
 */

/** mhsm_pkey_query() - sizes, and what can be done with these parameters; public, asked of nobody, not recorded */
int mhsm_pkey_query(struct mhsm_key *key, const struct kernel_pkey_params *params, struct kernel_pkey_query *info);

/** mhsm_pkey_do() - encrypts, decrypts or signs @in to @out; the number of bytes written */
int mhsm_pkey_do(struct mhsm_key *key, const struct kernel_pkey_params *params, const void *in, void *out);

/**
 * mhsm_pkey_verify() - verifies @sig, of @in. -EBADMSG if it is none. params->in2_len is not how long the signature is but
 * how many bytes are there, from it on: keyctl always passes on as many as the longest signature has.
 */
int mhsm_pkey_verify(struct mhsm_key *key, const struct kernel_pkey_params *params, const void *in, const void *sig);

#endif
