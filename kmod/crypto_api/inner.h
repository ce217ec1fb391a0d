/* SPDX-License-Identifier: GPL-2.0-only */
/* The algorithms behind which a key of the HSM may be put. */
#ifndef _MHSM_INNER_H
#define _MHSM_INNER_H

#include <linux/types.h>

struct mhsm_inner {
	const char *name; /* cra_name */
	u32 token_alg; /* enum mhsm_token_alg */
	unsigned int key_len; /* bytes of a key that it takes: the most that a token of it has */
};

/**
 * mhsm_inner_find() - the entry of the algorithm with this cra_name, or NULL: not allowed. What is on the list keeps
 * its key to itself whatever the caller asks of it; ghash, poly1305, crc32 and others would give it away.
 */
const struct mhsm_inner *mhsm_inner_find(const char *name);

/** mhsm_inner_by_token() - the one whose keys have tokens of this enum mhsm_token_alg, or NULL */
const struct mhsm_inner *mhsm_inner_by_token(u32 token_alg);

#endif
