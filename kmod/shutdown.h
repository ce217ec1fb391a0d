/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's own ends: hibernation is refused, reboot, kexec and panic wipe the keys. */
#ifndef _MHSM_SHUTDOWN_H
#define _MHSM_SHUTDOWN_H

int mhsm_shutdown_init(void);
void mhsm_shutdown_exit(void);

#endif
