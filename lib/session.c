// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"

int mhsm_open(const char *device)
{
	struct mhsm_ioc_info info;
	int fd, ret;

	fd = open(device ? device : MHSM_DEVICE, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENXIO || errno == ENOTDIR ? -ENODEV : -errno;

	/* ENOENT means "no such key" from here on, and a wrong device would answer anything to a wrong ioctl. */
	ret = mhsm_info(fd, &info);
	if (ret == -ENOTTY || ret == -EINVAL || (!ret && info.abi != MHSM_ABI))
		ret = -EPROTONOSUPPORT;
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

int mhsm_info(int session, struct mhsm_ioc_info *info)
{
	struct mhsm_ioc_info io = { .size = sizeof(io) };
	int ret;

	if (!info)
		return -EINVAL;
	ret = mhsm_call(session, MHSM_IOC_INFO, &io);
	if (ret < 0)
		return ret;
	*info = io;
	return 0;
}

const char *mhsm_state_name(uint32_t state)
{
	static const char *const names[] = {
		[MHSM_STATE_UNPROVISIONED] = "unprovisioned",
		[MHSM_STATE_PROVISIONED] = "provisioned",
		[MHSM_STATE_ACTIVE] = "active",
		[MHSM_STATE_LOCKED] = "locked",
		[MHSM_STATE_RESTORING] = "restoring",
		[MHSM_STATE_ZEROIZED] = "zeroized",
		[MHSM_STATE_ERROR] = "error",
	};

	if (state >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[state];
}

int mhsm_random(int session, void *out, size_t len)
{
	size_t done = 0;

	if (!out && len)
		return -EINVAL;
	while (done < len) {
		size_t part = len - done < MHSM_RANDOM_MAX ? len - done : MHSM_RANDOM_MAX;
		struct mhsm_ioc_random io = {
			.size = sizeof(io),
			.len = part,
			.out = mhsm_ptr((char *)out + done),
		};
		int ret = mhsm_call(session, MHSM_IOC_RANDOM, &io);

		if (ret < 0) {
			explicit_bzero(out, len);
			return ret;
		}
		done += part;
	}
	return 0;
}
