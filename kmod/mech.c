// SPDX-License-Identifier: GPL-2.0-only
/* The list of mechanisms: see mech.h */
#include "kmod/mech.h"

static const struct mhsm_mech *const mechs[] = { &mhsm_mech_aes, &mhsm_mech_ec };

const struct mhsm_mech *mhsm_mech_find(u32 type)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mechs); i++)
		if (mechs[i]->type == type)
			return mechs[i];
	return NULL;
}
