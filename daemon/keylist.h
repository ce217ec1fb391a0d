/* SPDX-License-Identifier: GPL-2.0-only */
/* keylist: what a caller may see of the keys, read through a session with his principal. */
#ifndef MHSM_DAEMON_KEYLIST_H
#define MHSM_DAEMON_KEYLIST_H

#include "daemon/daemon.h"
#include "daemon/caller.h"

/*
 * The info of one version of @name (@version: 32 hexadecimal digits), or of the latest (@version NULL or empty); with
 * MHSM_LIST_DELETED in @flags of the soft-deleted key. 0, -ENOENT, or another negative errno.
 */
int mhsm_keylist_find(struct mhsm_daemon *daemon, const struct mhsm_caller *caller, const char *name,
		      const char *version, uint32_t flags, struct mhsm_key_info *info);

#endif
