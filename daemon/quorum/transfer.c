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

#define MISC_MAJOR 10 /* Documentation/admin-guide/devices.txt */

/* Whether the kernel has given this minor to the misc device "mhsm" */
static bool is_registered(unsigned int minor_number)
{
	unsigned int found;
	char line[128], name[64];
	bool yes = false;
	FILE *f = fopen("/proc/misc", "re");

	if (!f)
		return false;
	while (!yes && fgets(line, sizeof(line), f))
		yes = sscanf(line, "%u %63s", &found, name) == 2 && found == minor_number &&
		      !strcmp(name, "mhsm");
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
	if (fstat(fd, &st) || !S_ISCHR(st.st_mode) || major(st.st_rdev) != MISC_MAJOR ||
	    !is_registered(minor(st.st_rdev))) {
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
	memcpy(public, key.public, MHSM_HPKE_ENC);
	ret = 0;
out_close:
	close(fd);
	return ret;
}
