/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's one-time key, read from the kernel itself: mhsmd, if it is captured, must not be able to give its own. */
#ifndef _MHSM_TRANSFER_H
#define _MHSM_TRANSFER_H

#include "kmod/hpke.h"
#include "uapi/mhsm.h"

/**
 * mhsm_transfer_read() - asks /dev/mhsm for the domain it waits for and its one-time key
 * @why: (of @room bytes) what failed and what to do, on error
 *
 * Return: 0; -ENXIO if /dev/mhsm is not the device of the mhsm module; -EPROTO if module and program are of different
 * versions; -ENOTCONN if no ceremony is open; or another negative errno.
 */
int mhsm_transfer_read(u8 domain[MHSM_ID_LEN], u8 public[MHSM_HPKE_ENC], char *why, size_t room);

#endif
