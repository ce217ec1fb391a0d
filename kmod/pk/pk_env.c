// SPDX-License-Identifier: GPL-2.0-only
/* See pk_env.h. */
#include "pk_env.h"

/*
 * More than point addition or an inversion and what they call use. A function
 * that is not inlined occupies the same addresses when it is called last.
 */
#define BURN_BYTES 768

noinline void mhsm_pk_burn_stack(void)
{
	u8 stale[BURN_BYTES];

	memzero_explicit(stale, sizeof(stale));
}
