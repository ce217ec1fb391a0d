/* SPDX-License-Identifier: GPL-2.0-only */
/* Many data calls in one: BATCH on the device */
#ifndef _MHSM_BATCH_H
#define _MHSM_BATCH_H

#include "kmod/ioctl.h"

/** mhsm_batch() - MHSM_IOC_BATCH, as in struct mhsm_ioctl; -EINVAL, -EFAULT (the first entries), -EINTR (killed) */
int mhsm_batch(struct file *filp, void *arg, struct mhsm_ioctl_file *made);

#endif
