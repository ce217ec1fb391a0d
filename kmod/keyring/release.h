/* SPDX-License-Identifier: GPL-2.0-only */
/* RELEASE (uapi/mhsm.h): data keys to keyrings */
#ifndef _MHSM_KEYRING_RELEASE_H
#define _MHSM_KEYRING_RELEASE_H

#include "kmod/ioctl.h"

/** mhsm_release() - the call, as in struct mhsm_ioctl */
int mhsm_release(struct file *filp, void *arg, struct mhsm_ioctl_file *made);

#endif
