/* SPDX-License-Identifier: GPL-2.0-only */
/* Key fds: an open key with the rights that were granted. */
#ifndef _MHSM_KEYFD_H
#define _MHSM_KEYFD_H

#include "kmod/ioctl.h"
#include "kmod/key.h"
#include "kmod/session.h"

/**
 * mhsm_keyfd_make() - a key fd for @session's principal; takes a reference of its own to @key.
 * Return: 0, -EKEYREVOKED, -ENOMEM, -EMFILE
 */
int mhsm_keyfd_make(struct mhsm_session *session, struct mhsm_key *key, u32 rights, struct mhsm_ioctl_file *made);

/**
 * mhsm_keyfd_data() - data call number @nr on @filp, which may be any file, with its struct at @arg; 0 or a negative
 * errno, -ENOTTY if @filp is not a key fd or @nr not a data call
 */
int mhsm_keyfd_data(struct file *filp, u32 nr, void __user *arg);

#endif
