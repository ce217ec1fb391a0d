// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/log.h"

struct real_device {
	struct mhsm_device base;
	int daemon_fd;
};

static int call(int fd, unsigned long request, void *argument)
{
	int ret;

	do
		ret = ioctl(fd, request, argument);
	while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

static int real_session(struct mhsm_device *device, const struct mhsm_caller *caller)
{
	struct real_device *d = (struct real_device *)device;
	int fd = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	if (caller) {
		struct mhsm_ioc_session_bind bind = {
			.size = sizeof(bind),
			.daemon_fd = d->daemon_fd,
			.principal_kind = MHSM_PRINCIPAL_UID,
			.principal = caller->uid,
			.pid = (__u32)caller->pid,
		};

		ret = call(fd, MHSM_IOC_SESSION_BIND, &bind);
		if (ret < 0) {
			close(fd);
			return ret;
		}
	}
	return fd;
}

static int real_call(struct mhsm_device *device, int handle, unsigned long request, void *argument)
{
	(void)device;
	return call(handle, request, argument);
}

static void real_release(struct mhsm_device *device, int handle)
{
	(void)device;
	close(handle);
}

static int real_daemon_call(struct mhsm_device *device, unsigned long request, void *argument)
{
	return call(((struct real_device *)device)->daemon_fd, request, argument);
}

static void real_close(struct mhsm_device *device)
{
	close(((struct real_device *)device)->daemon_fd);
	free(device);
}

static const struct mhsm_device_ops real_ops = {
	.session = real_session,
	.call = real_call,
	.release = real_release,
	.daemon_call = real_daemon_call,
	.close = real_close,
};

int mhsm_device_open(struct mhsm_device **out)
{
	struct real_device *d = malloc(sizeof(*d));
	int ret;

	if (!d)
		return -ENOMEM;
	d->base.ops = &real_ops;
	d->daemon_fd = open(MHSM_DAEMON_DEVICE, O_RDWR | O_CLOEXEC);
	if (d->daemon_fd >= 0) {
		*out = &d->base;
		return 0;
	}
	ret = -errno;
	free(d);
	if (ret == -ENOENT || ret == -ENXIO || ret == -ENODEV)
		mhsm_log_error("the mhsm module is not loaded: modprobe mhsm");
	else if (ret == -EACCES || ret == -EPERM)
		mhsm_log_error(MHSM_DAEMON_DEVICE " may not be opened by uid %u: run mhsmd as the user that owns it "
						  "(systemctl start mhsmd)",
			       (unsigned)geteuid());
	else if (ret == -EBUSY)
		mhsm_log_error(MHSM_DAEMON_DEVICE " is held by another mhsmd: stop it first");
	else
		mhsm_log_error("cannot open " MHSM_DAEMON_DEVICE ": %s", strerror(-ret));
	return ret;
}

int mhsm_device_info(struct mhsm_device *device, struct mhsm_ioc_info *info)
{
	int handle = device->ops->session(device, NULL), ret;

	if (handle < 0)
		return handle;
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	ret = device->ops->call(device, handle, MHSM_IOC_INFO, info);
	device->ops->release(device, handle);
	return ret;
}
