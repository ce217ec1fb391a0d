/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/mhsm and /dev/mhsm-daemon. */
#ifndef _MHSM_DEVICE_H
#define _MHSM_DEVICE_H

int mhsm_device_init(void);
void mhsm_device_exit(void);

#endif
