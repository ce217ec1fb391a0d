// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/kernel.h"

#include <stdlib.h>
#include <string.h>

void mhsm_kernel_export_clear(struct mhsm_kernel_export *export)
{
	for (size_t i = 0; i < export->count; i++)
		free(export->shares[i]);
	free(export->datum);
	free(export->datum_tag);
	memset(export, 0, sizeof(*export));
}

const char *mhsm_state_name(uint32_t state)
{
	static const char *const names[] = {
		[MHSM_STATE_UNPROVISIONED] = "unprovisioned",
		[MHSM_STATE_PROVISIONED] = "provisioned",
		[MHSM_STATE_ACTIVE] = "active",
		[MHSM_STATE_LOCKED] = "locked",
		[MHSM_STATE_RESTORING] = "restoring",
		[MHSM_STATE_ZEROIZED] = "zeroized",
		[MHSM_STATE_ERROR] = "error",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}
