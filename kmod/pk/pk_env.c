// SPDX-License-Identifier: GPL-2.0-only
/* See pk_env.h. */
#include "pk_env.h"

/*
 * The callees of one operation (point addition is the deepest) use less than
 * this much stack. A function that is not inlined occupies the same addresses
 * when the operation calls it last.
 */
#define BURN_BYTES 1024

__attribute__((noinline)) void mhsm_pk_burn_stack(void)
{
	u8 stale[BURN_BYTES];

	memzero_explicit(stale, sizeof(stale));
}
