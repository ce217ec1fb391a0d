/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring commands. 6.8 moved struct io_uring_cmd to a header of its own; before 6.5 it had a pointer to the command
 * area of the SQE, since then it has one to the SQE.
 */
#ifndef _MHSM_COMPAT_URING_H
#define _MHSM_COMPAT_URING_H

#include <linux/io_uring.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#include <linux/io_uring/cmd.h>
#endif

/* The 16 bytes, or more, that the process gave */
static inline const void *mhsm_uring_payload(const struct io_uring_cmd *cmd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return cmd->cmd;
#else
	return cmd->sqe->cmd;
#endif
}

#endif
