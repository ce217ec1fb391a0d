// SPDX-License-Identifier: GPL-2.0-only
/* See transfer.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/quorum/transfer.h"

/* Whether the kernel itself calls the device of this number "mhsm". /proc/misc would say it too, but services may not see it. */
static bool is_ours(dev_t number)
{
	char path[64], line[128];
	bool yes = false;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/uevent", major(number), minor(number));
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!yes && fgets(line, sizeof(line), f))
		yes = !strcmp(line, "DEVNAME=mhsm\n");
	fclose(f);
	return yes;
}

int mhsm_transfer_read(u8 domain[MHSM_ID_LEN], u8 public[MHSM_HPKE_ENC], char *why, size_t room)
{
	struct mhsm_ioc_transfer_key key = { .size = sizeof(key) };
	struct mhsm_ioc_info info = { .size = sizeof(info) };
	struct stat st;
	int fd, ret;

	fd = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		ret = -errno;
		snprintf(why, room, "cannot open %s: %s; is the module loaded (modprobe mhsm)?",
			 MHSM_DEVICE, strerror(errno));
		return ret;
	}
	ret = -ENXIO;
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode) || !is_ours(st.st_rdev)) {
		snprintf(why, room, "%s is not the device of the mhsm module: remove it and reload the module",
			 MHSM_DEVICE);
		goto out_close;
	}
	if (ioctl(fd, MHSM_IOC_INFO, &info)) {
		ret = -errno;
		snprintf(why, room, "%s: INFO: %s", MHSM_DEVICE, strerror(errno));
		goto out_close;
	}
	ret = -EPROTO;
	if (info.abi != MHSM_ABI) {
		snprintf(why, room, "the module has ABI %u, mhsm-quorum %d: install both of one version",
			 info.abi, MHSM_ABI);
		goto out_close;
	}
	if (ioctl(fd, MHSM_IOC_TRANSFER_KEY, &key)) {
		ret = -errno;
		snprintf(why, room, "the kernel gives no one-time key: %s; begin another ceremony",
			 strerror(errno));
		goto out_close;
	}
	memcpy(domain, key.domain, MHSM_ID_LEN);
	memcpy(public, key.pub, MHSM_HPKE_ENC);
	ret = 0;
out_close:
	close(fd);
	return ret;
}
