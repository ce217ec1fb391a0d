/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device: the ioctls of /dev/mhsm and /dev/mhsm-daemon (uapi/mhsm.h) as a const struct of operations, so that tests can
 * put another in its place. A handle is what a file descriptor is to the real one. Results are 0, a handle or a count
 * as the call has it, or a negative errno.
 */
#ifndef MHSM_DAEMON_DEVICE_H
#define MHSM_DAEMON_DEVICE_H

#include "daemon/caller.h"
#include "uapi/mhsm.h"

struct mhsm_device;

struct mhsm_device_ops {
	/* A session on /dev/mhsm with the principal of @caller, or (NULL) the daemon's own: a handle. */
	int (*session)(struct mhsm_device *device, const struct mhsm_caller *caller);
	/* One ioctl on a session or on a key that an ioctl gave. */
	int (*call)(struct mhsm_device *device, int handle, unsigned long request, void *argument);
	void (*release)(struct mhsm_device *device, int handle);
	/* One ioctl on the daemon's session of /dev/mhsm-daemon. */
	int (*daemon_call)(struct mhsm_device *device, unsigned long request, void *argument);
	void (*close)(struct mhsm_device *device);
};

struct mhsm_device {
	const struct mhsm_device_ops *ops;
};

/* Opens the real devices. On failure the reason and the remedy are logged. */
int mhsm_device_open(struct mhsm_device **out);

/* INFO on a session of its own; never refused. */
int mhsm_device_info(struct mhsm_device *device, struct mhsm_ioc_info *info);

#endif
