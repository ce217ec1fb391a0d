// SPDX-License-Identifier: GPL-2.0-only
/* Copies from and to a caller's memory: see usercopy.h */
#include <linux/kernel.h>
#include <linux/uaccess.h>

#include "kmod/compat/unaligned.h"
#include "kmod/usercopy.h"

#define FEW 64 /* bytes, by words */

/* Words of the caller's lie anywhere. In between, while user memory is open, no function may be called: not memcpy() either. */
static bool by_words(size_t len)
{
	return IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) && len <= FEW;
}

#define READ_WORD(type)                                                                                                \
	do {                                                                                                           \
		type word;                                                                                             \
                                                                                                                       \
		unsafe_get_user(word, (const type __user *)from, fault);                                               \
		put_unaligned(word, (type *)to);                                                                       \
		from += sizeof(word);                                                                                  \
		to += sizeof(word);                                                                                    \
	} while (0)

static int read_few(u8 *to, const u8 __user *from, size_t len)
{
	if (!user_read_access_begin(from, len))
		return -EFAULT;
	for (; len >= 4 * sizeof(u64); len -= 4 * sizeof(u64)) {
		READ_WORD(u64);
		READ_WORD(u64);
		READ_WORD(u64);
		READ_WORD(u64);
	}
	for (; len >= sizeof(u64); len -= sizeof(u64))
		READ_WORD(u64);
	if (len & 4)
		READ_WORD(u32);
	if (len & 2)
		READ_WORD(u16);
	if (len & 1)
		READ_WORD(u8);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

#define WRITE_WORD(type)                                                                                               \
	do {                                                                                                           \
		unsafe_put_user(get_unaligned((const type *)from), (type __user *)to, fault);                          \
		from += sizeof(type);                                                                                  \
		to += sizeof(type);                                                                                    \
	} while (0)

static int write_few(u8 __user *to, const u8 *from, size_t len)
{
	if (!user_write_access_begin(to, len))
		return -EFAULT;
	for (; len >= 4 * sizeof(u64); len -= 4 * sizeof(u64)) {
		WRITE_WORD(u64);
		WRITE_WORD(u64);
		WRITE_WORD(u64);
		WRITE_WORD(u64);
	}
	for (; len >= sizeof(u64); len -= sizeof(u64))
		WRITE_WORD(u64);
	if (len & 4)
		WRITE_WORD(u32);
	if (len & 2)
		WRITE_WORD(u16);
	if (len & 1)
		WRITE_WORD(u8);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

int mhsm_user_read_some(void *to, u64 from, size_t len)
{
	if (by_words(len))
		return read_few(to, u64_to_user_ptr(from), len);
	return copy_from_user(to, u64_to_user_ptr(from), len) ? -EFAULT : 0;
}

int mhsm_user_write_some(u64 to, const void *from, size_t len)
{
	if (by_words(len))
		return write_few(u64_to_user_ptr(to), from, len);
	return copy_to_user(u64_to_user_ptr(to), from, len) ? -EFAULT : 0;
}
