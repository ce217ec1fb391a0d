/* SPDX-License-Identifier: GPL-2.0-only */
/* caller: for whom something is done, as the kernel said on the connection (SO_PEERCRED). */
#ifndef MHSM_DAEMON_CALLER_H
#define MHSM_DAEMON_CALLER_H

#include <sys/types.h>

struct mhsm_caller {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

#endif
