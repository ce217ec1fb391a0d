/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies from and to a caller's memory. Most of what a call takes is a few bytes long (an IV, a tag, a digest, a short
 * message), and these go by words: to begin a copy of any length takes longer than they do.
 */
#ifndef _MHSM_USERCOPY_H
#define _MHSM_USERCOPY_H

#include <linux/types.h>

/* The two below, of at least one byte */
int mhsm_user_read_some(void *to, u64 from, size_t len);
int mhsm_user_write_some(u64 to, const void *from, size_t len);

/** mhsm_user_read() - @len bytes from address @from of the process; 0, or -EFAULT, after which @to holds anything */
static inline int mhsm_user_read(void *to, u64 from, size_t len)
{
	return len ? mhsm_user_read_some(to, from, len) : 0;
}

/** mhsm_user_write() - @len bytes to address @to of the process; 0, or -EFAULT, after which some may have been written */
static inline int mhsm_user_write(u64 to, const void *from, size_t len)
{
	return len ? mhsm_user_write_some(to, from, len) : 0;
}

#endif
