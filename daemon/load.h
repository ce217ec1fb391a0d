/* SPDX-License-Identifier: GPL-2.0-only */
/* load: the whole store into a kernel HSM that was unlocked. */
#ifndef MHSM_DAEMON_LOAD_H
#define MHSM_DAEMON_LOAD_H

#include "daemon/kernel.h"
#include "daemon/store/store.h"

struct mhsm_load_summary {
	uint64_t loaded;
	uint64_t rejected; /* each is logged with its object id */
};

/*
 * Sends every record, the domain record first, then LOAD_DONE. A record that the kernel refuses does not stop the
 * others; a domain record that is missing or refused does (-ENODATA), as the kernel would be active for nobody.
 * -EEXIST of a record counts as loaded: an earlier daemon had sent it.
 */
int mhsm_load_all(struct mhsm_kernel *kernel, struct mhsm_store *store, struct mhsm_load_summary *summary);

#endif
