// SPDX-License-Identifier: GPL-2.0-only
/* Extensible ioctl structs: see ioctl.h */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kmod/compat/uninitialized.h"
#include "kmod/ioctl.h"

static void drop(struct mhsm_ioctl_file *made)
{
	if (made->fd >= 0)
		put_unused_fd(made->fd);
	if (made->file)
		fput(made->file);
}

int mhsm_ioctl_copy(void *copy, u32 known, u32 first, void __user *user)
{
	u32 size;
	int ret;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < first)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(copy, known, user, size);
	if (ret)
		return ret;
	/* The size was read a second time with the rest; what was checked counts. */
	*(u32 *)copy = size;
	return mhsm_ioctl_copy_back(user, copy, known);
}

int mhsm_ioctl_copy_back(void __user *user, const void *copy, u32 known)
{
	return copy_to_user(user, copy, min(*(const u32 *)copy, known)) ? -EFAULT : 0;
}

int mhsm_ioctl_name_len(const char name[MHSM_NAME_MAX + 1])
{
	size_t len = strnlen(name, MHSM_NAME_MAX + 1);

	if (len > MHSM_NAME_MAX || memchr_inv(name + len, 0, MHSM_NAME_MAX + 1 - len))
		return -EINVAL;
	return len;
}

static noinline long other_call(const struct mhsm_ioctl *call, struct file *filp, void __user *user)
{
	u64 copy[MHSM_IOCTL_STRUCT_MAX / 8];
	struct mhsm_ioctl_file made = { .fd = -1 };
	int ret;

	ret = mhsm_ioctl_copy(copy, call->size, call->first, user);
	if (ret)
		return ret;
	ret = call->handle(filp, copy, &made);
	if ((!ret || ret == -ERANGE) && mhsm_ioctl_copy_back(user, copy, call->size))
		ret = -EFAULT;
	if (!ret && made.file) {
		fd_install(made.fd, made.file);
		return made.fd;
	}
	drop(&made);
	return ret;
}

/*
 * All of a struct of the size that this kernel knows, word by word in one go, and its output field back, because what
 * cannot be written must not begin: that takes less than to begin a copy of any length. Return: false if it is of another
 * size, or cannot be read or written.
 */
static bool read_words(u64 *to, u64 __user *from, u32 size, u32 out)
{
	u32 __user *user_out = (u32 __user *)from + out / 4;
	unsigned int i, words = size / sizeof(*from);
	bool known;

	if (!user_access_begin(from, size))
		return false;
	unsafe_get_user(to[0], from, fault);
	known = *(u32 *)to == size;
	if (known) {
		for (i = 1; i + 3 < words; i += 4) {
			unsafe_get_user(to[i], from + i, fault);
			unsafe_get_user(to[i + 1], from + i + 1, fault);
			unsafe_get_user(to[i + 2], from + i + 2, fault);
			unsafe_get_user(to[i + 3], from + i + 3, fault);
		}
		for (; i < words; i++)
			unsafe_get_user(to[i], from + i, fault);
		unsafe_put_user(((u32 *)to)[out / 4], user_out, fault);
	}
	user_access_end();
	return known;
fault:
	user_access_end();
	return false;
}

int mhsm_ioctl_data(const struct mhsm_ioctl *call, struct file *filp, void __user *user)
{
	u64 copy[MHSM_IOCTL_DATA_MAX / 8] MHSM_UNINITIALIZED;
	u32 *out = (u32 *)copy + call->out / 4, given;
	int ret;

	if (!read_words(copy, user, call->size, call->out)) {
		ret = mhsm_ioctl_copy(copy, call->size, call->first, user);
		if (ret)
			return ret;
	}
	given = *out;
	ret = call->handle(filp, copy, NULL);
	if ((!ret || ret == -ERANGE) && *out != given && put_user(*out, (u32 __user *)user + call->out / 4))
		ret = -EFAULT;
	return ret;
}

long mhsm_ioctl_dispatch(const struct mhsm_ioctl *table, unsigned int count, unsigned int first, struct file *filp,
			 unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	const struct mhsm_ioctl *call;

	/* The size in the code is not looked at: a struct may grow (uapi/mhsm.h). */
	if (_IOC_TYPE(cmd) != MHSM_IOC || _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return -ENOTTY;
	call = mhsm_ioctl_find(table, count, first, _IOC_NR(cmd));
	if (!call)
		return -ENOTTY;
	return call->out ? mhsm_ioctl_data(call, filp, user) : other_call(call, filp, user);
}

int mhsm_ioctl_reserve(struct mhsm_ioctl_file *made)
{
	int fd;

	if (made->fd >= 0)
		return 0;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	made->fd = fd;
	return 0;
}

int mhsm_ioctl_make_file(struct mhsm_ioctl_file *made, const char *name, const struct file_operations *fops,
			 void *private)
{
	struct file *file;
	int ret = mhsm_ioctl_reserve(made);

	if (ret)
		return ret;
	file = anon_inode_getfile(name, fops, private, O_RDWR | O_CLOEXEC);
	if (IS_ERR(file))
		return PTR_ERR(file);
	made->file = file;
	return 0;
}
