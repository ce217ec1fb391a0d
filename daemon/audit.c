// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/file.h"
#include "daemon/log.h"

#define DRAIN_WAIT_MS 1000
#define EXPECT_RETRY_MS 20
#define FAILURE_RETRY_MS 1000

struct mhsm_audit {
	char dir[PATH_MAX];
	struct mhsm_device *device;
	uint32_t segment_max;
	pthread_t thread;
	bool started;
	uint8_t *drained; /* of the thread: room for one batch */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool ending;
	unsigned expecting;
	bool joined; /* the kernel's chain continues our log */
	int fd; /* current segment, or -1 */
	off_t offset; /* its end */
	bool has_last;
	uint64_t last; /* number of the last batch */
	size_t last_len; /* and the batch */
	uint8_t last_batch[MHSM_BATCH_MAX];
	bool stuck; /* draining has ended for good; `trouble` says why */
	char trouble[256];
};

/* Must hold the lock. Says each trouble once. */
static void set_trouble(struct mhsm_audit *a, bool stuck, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void set_trouble(struct mhsm_audit *a, bool stuck, const char *format, ...)
{
	char text[sizeof(a->trouble)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	a->stuck |= stuck;
	if (!strcmp(text, a->trouble))
		return;
	memcpy(a->trouble, text, sizeof(text));
	mhsm_log_error("audit: %s", text);
}

/* --- opening --- */

static bool is_zero(const uint8_t *data, size_t len)
{
	while (len--)
		if (*data++)
			return false;
	return true;
}

/* The rest of a file from @offset is zero: what a crash leaves where a write had only reached the file's length. */
static bool all_zero(int fd, off_t offset)
{
	uint8_t buf[4096];
	ssize_t n;

	while ((n = pread(fd, buf, sizeof(buf), offset)) > 0) {
		if (!is_zero(buf, (size_t)n))
			return false;
		offset += n;
	}
	return n == 0;
}

static void remember_last(struct mhsm_audit *a, const struct mhsm_batch *batch)
{
	memcpy(a->last_batch, batch->data, batch->len);
	a->last_len = batch->len;
	a->last = batch->header.number;
	a->has_last = true;
}

/* Finds where the last segment ends, keeps its last batch, truncates what is cut off. */
static int open_last(struct mhsm_audit *a, struct mhsm_segment_reader *r)
{
	struct mhsm_batch batch;
	char path[PATH_MAX];
	struct stat st;
	off_t end = 0;
	int ret;

	while ((ret = mhsm_segment_reader_next(r, &batch)) == 1) {
		/* A MAC of zeros is a write that had only reached the file's length, too. */
		if (is_zero(batch.mac, MHSM_MAC_LEN))
			break;
		remember_last(a, &batch);
		end = r->offset + (off_t)batch.len;
	}
	if (ret < 0 && ret != -EBADMSG)
		return ret;
	ret = mhsm_segment_path(a->dir, r->segments.first[r->segments.count - 1], path);
	if (ret)
		return ret;
	a->fd = open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (a->fd < 0 || fstat(a->fd, &st))
		return -errno;
	if (r->trouble && !all_zero(a->fd, end)) {
		set_trouble(a, true,
			    "%s is damaged at byte %lld (%s): nothing is drained; move the folder away to keep it as "
			    "evidence and restart mhsmd",
			    path, (long long)end, r->trouble);
		return 0;
	}
	if (st.st_size > end) {
		mhsm_log_warning("audit: %s: %lld bytes of a batch that was never acknowledged are cut off", path,
				 (long long)(st.st_size - end));
		if (ftruncate(a->fd, end) || fsync(a->fd))
			return -errno;
	}
	a->offset = end;
	return 0;
}

/* Removes the last segment, which open_last() found to hold nothing. */
static int remove_last(struct mhsm_audit *a, uint64_t first)
{
	char path[PATH_MAX];
	int ret = mhsm_segment_path(a->dir, first, path);

	close(a->fd);
	a->fd = -1;
	if (!ret && unlink(path))
		ret = -errno;
	return ret;
}

static int open_log(struct mhsm_audit *a)
{
	struct mhsm_segment_reader reader;
	bool again;
	int ret;

	if (mkdir(a->dir, 0700) && errno != EEXIST)
		return -errno;
	/*
	 * A crash in a new segment's first write leaves it without a whole batch. The one before it is then the last
	 * again.
	 */
	do {
		again = false;
		ret = mhsm_segment_reader_open(&reader, a->dir, UINT64_MAX);
		if (!ret && reader.segments.count) {
			ret = open_last(a, &reader);
			if (!ret && !a->stuck && a->offset == 0) {
				ret = remove_last(a, reader.segments.first[reader.segments.count - 1]);
				again = true;
			}
		}
		mhsm_segment_reader_close(&reader);
	} while (!ret && again);
	return ret;
}

int mhsm_audit_open(const char *state_dir, struct mhsm_device *device, uint32_t segment_max, struct mhsm_audit **out)
{
	struct mhsm_audit *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;
	int ret;

	if (!a)
		return -ENOMEM;
	a->device = device;
	a->segment_max = segment_max;
	a->fd = -1;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->changed, &attr);
	pthread_condattr_destroy(&attr);
	a->drained = malloc(MHSM_BATCH_MAX);
	ret = a->drained ? 0 : -ENOMEM;
	if (!ret && snprintf(a->dir, sizeof(a->dir), "%s/audit", state_dir) >= (int)sizeof(a->dir))
		ret = -ENAMETOOLONG;
	if (!ret)
		ret = open_log(a);
	if (ret) {
		mhsm_log_error("audit: cannot open the log in %s: %s", a->dir, strerror(-ret));
		mhsm_audit_close(a);
		return ret;
	}
	*out = a;
	return 0;
}

/* --- appending --- */

/* Begins the segment whose first batch is @number. Must hold the lock. */
static int new_segment(struct mhsm_audit *a, uint64_t number)
{
	char path[PATH_MAX];
	int ret = mhsm_segment_path(a->dir, number, path), fd;

	if (ret)
		return ret;
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = mhsm_file_sync_dir(a->dir);
	if (ret) {
		unlink(path);
		close(fd);
		return ret;
	}
	if (a->fd >= 0)
		close(a->fd);
	a->fd = fd;
	a->offset = 0;
	return 0;
}

static int write_batch(int fd, const uint8_t *data, size_t len)
{
	int ret = mhsm_file_write_all(fd, data, len);

	return ret ? ret : fdatasync(fd) ? -errno : 0;
}

/* Appends durably, or leaves the segment as it was. Must hold the lock. */
static int append(struct mhsm_audit *a, const struct mhsm_batch *batch)
{
	int ret = 0;

	if (a->fd < 0 || (a->offset && (uint64_t)a->offset + batch->len > a->segment_max))
		ret = new_segment(a, batch->header.number);
	if (!ret)
		ret = write_batch(a->fd, batch->data, batch->len);
	if (!ret) {
		a->offset += (off_t)batch->len;
		remember_last(a, batch);
		return 0;
	}
	if (a->fd >= 0 && ftruncate(a->fd, a->offset))
		set_trouble(a, true, "cannot cut off a batch that was not written whole: %s: restart mhsmd",
			    strerror(errno));
	return ret;
}

/* Stores one batch that the kernel gave. 0: it may be acknowledged. Must hold the lock. */
static int take_batch(struct mhsm_audit *a, const struct mhsm_batch *batch)
{
	uint64_t number = batch->header.number;

	if (a->has_last && number == a->last && batch->len == a->last_len &&
	    !memcmp(batch->data, a->last_batch, batch->len))
		return 0; /* stored before, but the acknowledgement did not get through */
	if (!a->has_last && number)
		mhsm_log_warning("audit: the log is empty but the chain is at batch %" PRIu64
				 ": what was before is missing, and verifying will say so",
				 number);
	if (a->has_last && (number != a->last + 1 ||
			    memcmp(batch->header.prev, a->last_batch + a->last_len - MHSM_MAC_LEN, MHSM_MAC_LEN))) {
		set_trouble(a, true,
			    "the kernel gives batch %" PRIu64 ", which does not follow batch %" PRIu64
			    " where the log ends: nothing is drained; move the folder %s away and restart mhsmd",
			    number, a->last, a->dir);
		return -EPROTO;
	}
	return append(a, batch);
}

/* --- the thread --- */

/* Must hold the lock. Negative: until told. */
static void wait_ms(struct mhsm_audit *a, long ms)
{
	struct timespec until;

	if (ms < 0) {
		pthread_cond_wait(&a->changed, &a->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&a->changed, &a->lock, &until);
}

/* The HSM has no chain to drain now; somebody tells when it may have. */
static bool is_not_ready(int error)
{
	return error == -ENOKEY || error == -ENODATA || error == -ESHUTDOWN || error == -ENOTRECOVERABLE ||
	       error == -EPROTO;
}

/* Makes the kernel's chain continue our log. Must hold the lock. */
static int join_chain(struct mhsm_audit *a)
{
	struct mhsm_ioc_audit_verify verify = {
		.size = sizeof(verify),
		.flags = MHSM_AUDIT_RESUME,
		.len = (uint32_t)a->last_len,
		.batch = (uintptr_t)a->last_batch,
	};
	int ret = 0;

	if (a->has_last)
		ret = a->device->ops->daemon_call(a->device, MHSM_IOC_AUDIT_VERIFY, &verify);
	/*
	 * The chain goes on already when only the daemon was restarted. It may be one batch behind the log, if an
	 * acknowledgement did not get through; take_batch() sees whether it fits.
	 */
	if (ret == -EALREADY)
		ret = 0;
	if (ret < 0 && !is_not_ready(ret))
		set_trouble(a, true,
			    "the kernel does not continue the chain after batch %" PRIu64
			    " (%s): the log is damaged or another domain's; move the folder %s away to keep it as "
			    "evidence and restart mhsmd",
			    a->last, strerror(-ret), a->dir);
	a->joined = ret >= 0;
	return ret;
}

/* One drain. Must not hold the lock while waiting in the kernel. */
static int drain(struct mhsm_audit *a)
{
	struct mhsm_ioc_audit_drain d = {
		.size = sizeof(d),
		.wait_ms = DRAIN_WAIT_MS,
		.len = MHSM_BATCH_MAX,
		.out = (uintptr_t)a->drained,
	};
	struct mhsm_ioc_audit_ack ack = { .size = sizeof(ack) };
	struct mhsm_batch batch;
	int ret = 0;

	pthread_mutex_lock(&a->lock);
	if (!a->joined)
		ret = join_chain(a);
	pthread_mutex_unlock(&a->lock);
	if (ret >= 0)
		ret = a->device->ops->daemon_call(a->device, MHSM_IOC_AUDIT_DRAIN, &d);
	if (ret < 0 || !d.len)
		return ret;
	pthread_mutex_lock(&a->lock);
	if (d.len > MHSM_BATCH_MAX || mhsm_batch_parse(a->drained, d.len, &batch) != (ssize_t)d.len) {
		set_trouble(a, true, "the kernel gave %u bytes that are no batch: install one version of both", d.len);
		ret = -EBADMSG;
	} else {
		ret = take_batch(a, &batch);
	}
	pthread_mutex_unlock(&a->lock);
	if (ret)
		return ret;
	ack.number = batch.header.number;
	return a->device->ops->daemon_call(a->device, MHSM_IOC_AUDIT_ACK, &ack);
}

static void *drain_thread(void *context)
{
	struct mhsm_audit *a = context;

	pthread_mutex_lock(&a->lock);
	while (!a->ending) {
		int ret;

		if (a->stuck) {
			wait_ms(a, -1);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		ret = drain(a);
		pthread_mutex_lock(&a->lock);
		if (a->ending)
			break;
		if (ret >= 0) {
			if (a->trouble[0] && !a->stuck) {
				mhsm_log_notice("audit: draining again");
				a->trouble[0] = '\0';
			}
		} else if (is_not_ready(ret)) {
			a->joined = false;
			wait_ms(a, a->expecting ? EXPECT_RETRY_MS : -1);
		} else {
			if (!a->stuck)
				set_trouble(a, false, "cannot drain: %s: retrying; the HSM refuses work when its ring "
						      "is full",
					    strerror(-ret));
			wait_ms(a, FAILURE_RETRY_MS);
		}
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

#define WAKE SIGUSR1 /* ends the wait of a drain in the kernel, and does nothing else */

static void woken(int signal_number)
{
	(void)signal_number;
}

int mhsm_audit_start(struct mhsm_audit *a)
{
	const struct sigaction wake = { .sa_handler = woken };
	int ret;

	sigaction(WAKE, &wake, NULL);
	ret = pthread_create(&a->thread, NULL, drain_thread, a);
	a->started = !ret;
	return -ret;
}

void mhsm_audit_close(struct mhsm_audit *a)
{
	if (!a)
		return;
	if (a->started) {
		pthread_mutex_lock(&a->lock);
		a->ending = true;
		pthread_cond_broadcast(&a->changed);
		pthread_mutex_unlock(&a->lock);
		/* Should it come before the wait, that takes its DRAIN_WAIT_MS. */
		pthread_kill(a->thread, WAKE);
		pthread_join(a->thread, NULL);
	}
	if (a->fd >= 0)
		close(a->fd);
	free(a->drained);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void mhsm_audit_expect(struct mhsm_audit *a)
{
	pthread_mutex_lock(&a->lock);
	a->expecting++;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

void mhsm_audit_expected(struct mhsm_audit *a)
{
	pthread_mutex_lock(&a->lock);
	a->expecting--;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

bool mhsm_audit_last(struct mhsm_audit *a, uint64_t *number)
{
	bool has;

	pthread_mutex_lock(&a->lock);
	has = a->has_last;
	*number = a->last;
	pthread_mutex_unlock(&a->lock);
	return has;
}

const char *mhsm_audit_dir(const struct mhsm_audit *a)
{
	return a->dir;
}

bool mhsm_audit_trouble(struct mhsm_audit *a, char *text, size_t room)
{
	bool has;

	pthread_mutex_lock(&a->lock);
	has = a->trouble[0];
	snprintf(text, room, "%s", a->trouble);
	pthread_mutex_unlock(&a->lock);
	return has;
}

/* Moves every segment into @aside. Must hold the lock. */
static int move_segments(struct mhsm_audit *a, const char *aside)
{
	struct mhsm_segments segments;
	int ret = mhsm_segments_list(a->dir, &segments);

	for (size_t i = 0; !ret && i < segments.count; i++) {
		char from[PATH_MAX], to[PATH_MAX];

		ret = mhsm_segment_path(a->dir, segments.first[i], from);
		if (!ret)
			ret = mhsm_segment_path(aside, segments.first[i], to);
		if (!ret && rename(from, to))
			ret = -errno;
	}
	mhsm_segments_clear(&segments);
	if (!ret)
		ret = mhsm_file_sync_dir(aside);
	return ret ? ret : mhsm_file_sync_dir(a->dir);
}

int mhsm_audit_put_aside(struct mhsm_audit *a, const char *name)
{
	char aside[PATH_MAX];
	int ret = 0;

	if (snprintf(aside, sizeof(aside), "%s/%s", a->dir, name) >= (int)sizeof(aside))
		return -ENAMETOOLONG;
	pthread_mutex_lock(&a->lock);
	if (a->has_last || a->fd >= 0) {
		if (mkdir(aside, 0700) && errno != EEXIST)
			ret = -errno;
		else
			ret = move_segments(a, aside);
	}
	if (!ret) {
		if (a->fd >= 0)
			close(a->fd);
		a->fd = -1;
		a->offset = 0;
		a->has_last = false;
		a->joined = false;
		a->stuck = false;
		a->trouble[0] = '\0';
	}
	pthread_mutex_unlock(&a->lock);
	return ret;
}
