// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"

int mhsm_lockfile_take(const char *dir)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX], text[16];
	int fd, ret, len;

	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = -errno;
		mhsm_log_error("cannot open %s: %s", path, strerror(-ret));
		return ret;
	}
	if (fcntl(fd, F_SETLK, &lock)) {
		ret = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
		if (ret == -EBUSY && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK)
			mhsm_log_error("another mhsmd (process %d) has the state directory %s: stop it first",
				       (int)lock.l_pid, dir);
		else
			mhsm_log_error("cannot lock %s: %s", path, strerror(-ret));
		close(fd);
		return ret;
	}
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	/* For people only; the lock is what counts. */
	if (ftruncate(fd, 0) || write(fd, text, (size_t)len) != len)
		mhsm_log_warning("cannot write to %s: %s", path, strerror(errno));
	return fd;
}
