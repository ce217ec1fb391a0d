/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring commands on key fds */
#ifndef _MHSM_URING_H
#define _MHSM_URING_H

struct io_uring_cmd;

/**
 * mhsm_uring_cmd() - a data call, as struct mhsm_uring_cmd in uapi/mhsm.h describes; in the place of uring_cmd in
 * struct file_operations. It completes when it returns; -EAGAIN asks io_uring to call it again from a worker thread.
 */
int mhsm_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);

#endif
