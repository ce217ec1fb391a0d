// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli.h"

int buffer_alloc(struct buffer *buffer, size_t size)
{
	void *p = mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(buffer, 0, sizeof(*buffer));
	if (p == MAP_FAILED)
		return -ENOMEM;
	/* Both are refinements: a low RLIMIT_MEMLOCK must not stop the command. */
	madvise(p, size, MADV_DONTDUMP);
	mlock(p, size);
	buffer->data = p;
	buffer->size = size;
	return 0;
}

void buffer_free(struct buffer *buffer)
{
	if (buffer->data) {
		explicit_bzero(buffer->data, buffer->size);
		munmap(buffer->data, buffer->size ? buffer->size : 1);
	}
	memset(buffer, 0, sizeof(*buffer));
}

int file_read_fd(int fd, struct buffer *buffer)
{
	for (;;) {
		unsigned char extra;
		bool full = buffer->len == buffer->size;
		ssize_t n;

		n = full ? read(fd, &extra, 1) : read(fd, buffer->data + buffer->len, buffer->size - buffer->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		if (full) {
			explicit_bzero(&extra, 1);
			return -EFBIG;
		}
		buffer->len += n;
	}
}

int file_read(const char *path, size_t max, struct buffer *buffer)
{
	int fd = STDIN_FILENO, ret;

	memset(buffer, 0, sizeof(*buffer));
	if (strcmp(path, "-")) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return -errno;
	}
	ret = buffer_alloc(buffer, max);
	if (!ret)
		ret = file_read_fd(fd, buffer);
	if (ret)
		buffer_free(buffer);
	if (fd != STDIN_FILENO)
		close(fd);
	return ret;
}

int file_write_fd(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= n;
	}
	return 0;
}

int file_write(const char *path, mode_t mode, const void *data, size_t len)
{
	int fd, ret;

	if (!strcmp(path, "-"))
		return file_write_fd(STDOUT_FILENO, data, len);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, mode);
	if (fd < 0)
		return -errno;
	/* What must stay private must also do so in a file that was there before with a wider mode. */
	ret = mode == 0600 && fchmod(fd, mode) < 0 && errno != EPERM && errno != EINVAL ? -errno : 0;
	if (!ret)
		ret = file_write_fd(fd, data, len);
	if (close(fd) < 0 && !ret)
		ret = -errno;
	return ret;
}

int file_wipe(const char *path)
{
	static const unsigned char zeros[4096];
	struct stat st;
	int fd, ret;

	fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	ret = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	for (off_t left = st.st_size; !ret && left > 0; left -= sizeof(zeros))
		ret = file_write_fd(fd, zeros, left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros));
	if (!ret && fdatasync(fd) < 0)
		ret = -errno;
	if (!ret && unlink(path) < 0)
		ret = -errno;
	close(fd);
	return ret;
}
