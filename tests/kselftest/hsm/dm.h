/* SPDX-License-Identifier: GPL-2.0-only */
/* Device-mapper devices, by its ioctls: no program is started, which a torture of a thousand rounds would notice. */
#ifndef TESTS_DM_H
#define TESTS_DM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

union dm_call {
	struct dm_ioctl io;
	char room[sizeof(struct dm_ioctl) + sizeof(struct dm_target_spec) + 2048];
};

__attribute__((unused)) static int dm_call(unsigned long command, union dm_call *c, const char *name, uint32_t flags)
{
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	c->io.version[0] = DM_VERSION_MAJOR;
	c->io.data_size = sizeof(*c);
	c->io.data_start = sizeof(c->io);
	c->io.flags = flags;
	snprintf(c->io.name, sizeof(c->io.name), "%s", name);
	ret = ioctl(fd, command, c) ? -errno : 0;
	close(fd);
	return ret;
}

__attribute__((unused)) static int dm_remove(const char *name)
{
	union dm_call c = { 0 };

	return dm_call(DM_DEV_REMOVE, &c, name, 0);
}

/* A device of one target over its whole length; @node gets its path (32 bytes). */
__attribute__((unused)) static int dm_create(const char *name, uint64_t sectors, const char *type, const char *params,
					     char *node)
{
	union dm_call c = { 0 }, load = { 0 };
	struct dm_target_spec *spec = (void *)((char *)&load + sizeof(load.io));
	int ret = dm_call(DM_DEV_CREATE, &c, name, 0);

	if (ret)
		return ret;
	snprintf(node, 32, "/dev/dm-%u", minor(c.io.dev));
	load.io.target_count = 1;
	spec->length = sectors;
	spec->next = sizeof(load) - sizeof(load.io);
	snprintf(spec->target_type, sizeof(spec->target_type), "%s", type);
	snprintf((char *)(spec + 1), sizeof(load) - sizeof(load.io) - sizeof(*spec), "%s", params);
	ret = dm_call(DM_TABLE_LOAD, &load, name, 0);
	memset(&c, 0, sizeof(c));
	if (!ret)
		ret = dm_call(DM_DEV_SUSPEND, &c, name, 0); /* resumes */
	if (ret)
		dm_remove(name);
	return ret;
}

__attribute__((unused)) static int dm_suspend(const char *name)
{
	union dm_call c = { 0 };

	return dm_call(DM_DEV_SUSPEND, &c, name, DM_SUSPEND_FLAG);
}

__attribute__((unused)) static int dm_resume(const char *name)
{
	union dm_call c = { 0 };

	return dm_call(DM_DEV_SUSPEND, &c, name, 0);
}

#endif
