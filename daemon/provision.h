/* SPDX-License-Identifier: GPL-2.0-only */
/* provision: the beginning and the end of a domain. */
#ifndef MHSM_DAEMON_PROVISION_H
#define MHSM_DAEMON_PROVISION_H

#include "daemon/daemon.h"

/*
 * Brings the kernel and the store together when mhsmd starts: tells a fresh kernel of which domain the store is, sends
 * the records again if an earlier mhsmd was cut off in loading them, completes a zeroize that was interrupted. A kernel
 * of another domain than the store's is an error, which is logged with its remedy. 0 or a negative errno.
 */
int mhsm_provision_reconcile(struct mhsm_daemon *daemon);

#endif
