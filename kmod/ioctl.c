// SPDX-License-Identifier: GPL-2.0-only
/* Extensible ioctl structs: see ioctl.h */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/uaccess.h>

#include "kmod/ioctl.h"
#include "uapi/mhsm.h"

static void drop(struct mhsm_ioctl_file *made)
{
	if (made->fd >= 0)
		put_unused_fd(made->fd);
	if (made->file)
		fput(made->file);
}

long mhsm_ioctl_dispatch(const struct mhsm_ioctl *table, unsigned int count, unsigned int first, struct file *filp,
			 unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	u64 copy[MHSM_IOCTL_STRUCT_MAX / 8];
	struct mhsm_ioctl_file made = { .fd = -1 };
	const struct mhsm_ioctl *call;
	u32 size;
	int ret;

	/* The size in the code is not looked at: a struct may grow (uapi/mhsm.h). */
	if (_IOC_TYPE(cmd) != MHSM_IOC || _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE) || _IOC_NR(cmd) < first ||
	    _IOC_NR(cmd) - first >= count || !table[_IOC_NR(cmd) - first].handle)
		return -ENOTTY;
	call = &table[_IOC_NR(cmd) - first];
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < call->size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(copy, call->size, user, size);
	if (ret)
		return ret;
	/* The size was read a second time with the rest; what was checked counts. */
	*(u32 *)copy = size;
	/* What cannot be written back must not begin: a call may make something that lasts. */
	if (copy_to_user(user, copy, call->size))
		return -EFAULT;
	ret = call->handle(filp, copy, &made);
	if ((!ret || ret == -ERANGE) && copy_to_user(user, copy, call->size))
		ret = -EFAULT;
	if (!ret && made.file) {
		fd_install(made.fd, made.file);
		return made.fd;
	}
	drop(&made);
	return ret;
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
