/* SPDX-License-Identifier: GPL-2.0-only */
/* lockfile: one mhsmd per state directory. */
#ifndef MHSM_DAEMON_LOCKFILE_H
#define MHSM_DAEMON_LOCKFILE_H

/*
 * Takes DIR/lock until the process ends, and writes our process id into it. Returns the descriptor; -EBUSY if another
 * process holds it, which is logged with its id; another negative errno.
 */
int mhsm_lockfile_take(const char *dir);

#endif
