// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/internal.h"

int mhsm_call(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int mhsm_name_copy(char *field, const char *name)
{
	size_t len;

	if (!name)
		return -EINVAL;
	len = strspn(name, "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	if (!len || len > MHSM_NAME_MAX || name[len])
		return -EINVAL;
	memcpy(field, name, len);
	return 0;
}
