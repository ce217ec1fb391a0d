/* SPDX-License-Identifier: GPL-2.0-only */
/* seccomp: what system calls mhsmd keeps once it has started. */
#ifndef MHSM_DAEMON_SECCOMP_H
#define MHSM_DAEMON_SECCOMP_H

/*
 * Limits every thread of this process to a list: files, sockets it has (and new Unix ones, for notifying systemd),
 * ioctls, threads, memory. No fork, no exec (spawner.c does that), no new network socket, no executable memory, no
 * ptrace, no mount, no module. What is refused fails with EPERM. 0 or a negative errno.
 */
int mhsm_seccomp_apply(void);

#endif
