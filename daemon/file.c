// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_join(char path[PATH_MAX], const char *dir, const char *name, const char *suffix)
{
	if (snprintf(path, PATH_MAX, "%s/%s%s", dir, name, suffix) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int mhsm_file_write_all(int fd, const void *from, size_t len)
{
	const char *data = from;

	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int mhsm_file_sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

int mhsm_file_replace(const char *dir, const char *name, const void *data, size_t len, mode_t mode)
{
	char path[PATH_MAX], temp[PATH_MAX];
	int fd, ret;

	ret = path_join(path, dir, name, "");
	if (!ret)
		ret = path_join(temp, dir, name, ".new");
	if (ret)
		return ret;
	/* One left by a crash is of no use to anybody. */
	if (unlink(temp) && errno != ENOENT)
		return -errno;
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	ret = mhsm_file_write_all(fd, data, len);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret) {
		unlink(temp);
		return ret;
	}
	return mhsm_file_sync_dir(dir);
}

static int read_all(int fd, size_t max, char **data, size_t *len)
{
	struct stat st;
	size_t have = 0;
	char *buf;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return -EFBIG;
	buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		return -ENOMEM;
	while (have < (size_t)st.st_size) {
		ssize_t n = read(fd, buf + have, (size_t)st.st_size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int ret = -errno;

			free(buf);
			return ret;
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	buf[have] = '\0';
	*data = buf;
	*len = have;
	return 0;
}

int mhsm_file_read(const char *dir, const char *name, size_t max, char **data, size_t *len)
{
	char path[PATH_MAX];
	int fd, ret;

	ret = path_join(path, dir, name, "");
	if (ret)
		return ret;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_all(fd, max, data, len);
	close(fd);
	return ret;
}

int mhsm_file_remove(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int ret = path_join(path, dir, name, "");

	if (ret)
		return ret;
	if (unlink(path))
		return errno == ENOENT ? 0 : -errno;
	return mhsm_file_sync_dir(dir);
}
