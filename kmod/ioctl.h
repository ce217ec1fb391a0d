/* SPDX-License-Identifier: GPL-2.0-only */
/* What the device and the key fd have in common: extensible structs in and out, one table entry per call. */
#ifndef _MHSM_IOCTL_H
#define _MHSM_IOCTL_H

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "uapi/mhsm.h"

/* A file that a call makes: it becomes a descriptor only once the caller's struct was written. */
struct mhsm_ioctl_file {
	int fd; /* reserved; negative: none */
	struct file *file; /* NULL: none */
};

/*
 * One call. A data call makes no file (@made is NULL), leaves nothing behind but its output, and changes only one field
 * of its struct: a small one, read and written with few instructions.
 */
struct mhsm_ioctl {
	u32 size; /* of the struct */
	u32 first; /* its size when it was first published: the least that a caller gives */
	u32 out; /* data call: where in the struct is the u32 that the call changes; 0: no data call */
	/* @arg: the kernel's copy of the struct, written back after success and after -ERANGE */
	int (*handle)(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
};

#define MHSM_IOCTL_STRUCT_MAX 1024 /* bytes of stack that every call's struct fits in */
#define MHSM_IOCTL_DATA_MAX 128 /* that of a data call, a multiple of 8 */

/* A table's entry; a struct that does not fit does not compile. */
#define MHSM_IOCTL_ENTRY(type, fn) MHSM_IOCTL_GROWN(type, sizeof(struct type), fn)
/* One whose struct has grown since it was @first bytes long. What a caller does not give is zero. */
#define MHSM_IOCTL_GROWN(type, first, fn) \
	{ sizeof(struct type) + BUILD_BUG_ON_ZERO(sizeof(struct type) > MHSM_IOCTL_STRUCT_MAX), first, 0, fn }

/* That of a data call, which changes @field */
#define MHSM_IOCTL_DATA(type, field, fn)                                                                             \
	{ sizeof(struct type) + BUILD_BUG_ON_ZERO(sizeof(struct type) > MHSM_IOCTL_DATA_MAX) +                       \
		  BUILD_BUG_ON_ZERO(sizeof(struct type) % 8),                                                        \
	  sizeof(struct type),                                                                                       \
	  offsetof(struct type, field) + BUILD_BUG_ON_ZERO(sizeof_field(struct type, field) != 4), fn }

/**
 * mhsm_ioctl_dispatch() - runs call @cmd of @table, whose entry 0 is number @first
 * Return: what the call returns (a descriptor, or 0), or a negative errno; -ENOTTY for a call that is not in the table
 */
long mhsm_ioctl_dispatch(const struct mhsm_ioctl *table, unsigned int count, unsigned int first, struct file *filp,
			 unsigned int cmd, unsigned long arg);

/**
 * mhsm_ioctl_copy() - copies a caller's extensible struct in, of which this kernel knows @known bytes, and which had
 * @first bytes when it was published, and sees that it can be written back: what cannot be must not begin, as a call may
 * make something that lasts. What the caller's is shorter than @known is zero in the copy.
 * Return: 0, -EFAULT, -EINVAL (shorter than @first), -E2BIG (longer than @known, and its tail is not zero)
 */
int mhsm_ioctl_copy(void *copy, u32 known, u32 first, void __user *user);

/** mhsm_ioctl_copy_back() - writes it back, as far as the caller's struct reaches; -EFAULT */
int mhsm_ioctl_copy_back(void __user *user, const void *copy, u32 known);

/** mhsm_ioctl_name_len() - of a name field, which ends with NUL, and has only NULs after it; else -EINVAL */
int mhsm_ioctl_name_len(const char name[MHSM_NAME_MAX + 1]);

/** mhsm_ioctl_data() - runs the data call @call with the struct at @user; 0 or a negative errno */
int mhsm_ioctl_data(const struct mhsm_ioctl *call, struct file *filp, void __user *user);

/** mhsm_ioctl_find() - call number @nr of @table, whose entry 0 is number @first, or NULL. @nr may be anything. */
static inline const struct mhsm_ioctl *mhsm_ioctl_find(const struct mhsm_ioctl *table, unsigned int count,
							unsigned int first, u32 nr)
{
	if (nr < first || nr - first >= count)
		return NULL;
	nr = array_index_nospec(nr - first, count);
	return table[nr].handle ? &table[nr] : NULL;
}

/** mhsm_ioctl_reserve() - a descriptor for the file to come, so that a call fails before it makes something that lasts */
int mhsm_ioctl_reserve(struct mhsm_ioctl_file *made);

/** mhsm_ioctl_make_file() - a new anonymous file, for which it reserves; the caller owns @private on failure */
int mhsm_ioctl_make_file(struct mhsm_ioctl_file *made, const char *name, const struct file_operations *fops,
			 void *private);

#endif
