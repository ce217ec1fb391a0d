/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies from and to a caller's memory. Most of what a call takes is a few bytes long (an IV, a tag, a digest, a short
 * message), and these go by words: to begin a copy of any length takes longer than they do.
 */
#ifndef _MHSM_USERCOPY_H
#define _MHSM_USERCOPY_H

#include <linux/types.h>

/** mhsm_user_read() - @len bytes from address @from of the process; 0, or -EFAULT, after which @to holds anything */
int mhsm_user_read(void *to, u64 from, size_t len);

/** mhsm_user_write() - @len bytes to address @to of the process; 0, or -EFAULT, after which some may have been written */
int mhsm_user_write(u64 to, const void *from, size_t len);

#endif
