// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/segment.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kmod/auditpack.h"

#define NAME_DIGITS 20
#define BUFFER_SIZE (4 * MHSM_BATCH_MAX)

ssize_t mhsm_batch_parse(const void *data, size_t len, struct mhsm_batch *batch)
{
	struct mhsm_audit_batch *h = &batch->header;
	size_t records, rest = len - sizeof(*h);

	/* Of less than a header as much as there is must be one. */
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, MHSM_AUDIT_MAGIC, sizeof(h->magic));
	memcpy(h, data, len < sizeof(*h) ? len : sizeof(*h));
	batch->version = mhsm_audit_version(h->magic);
	if (!batch->version)
		return -EBADMSG;
	if (len < sizeof(*h))
		return 0;
	h->number = le64toh(h->number);
	h->count = le32toh(h->count);
	h->cpus = le32toh(h->cpus);
	if (h->count == 0 || h->count > MHSM_AUDIT_BATCH_MAX)
		return -EBADMSG;
	batch->data = data;
	records = mhsm_audit_records_len(batch->version, batch->data + sizeof(*h), rest, h->count);
	if (!records)
		return -EBADMSG;
	if (records > rest || rest - records < MHSM_MAC_LEN)
		return 0;
	batch->mac = batch->data + sizeof(*h) + records;
	batch->len = sizeof(*h) + records + MHSM_MAC_LEN;
	return (ssize_t)batch->len;
}

bool mhsm_batch_next(const struct mhsm_batch *batch, size_t *at, struct mhsm_audit_rec *r)
{
	const uint8_t *packed = batch->data + sizeof(struct mhsm_audit_batch) + *at;
	bool whole;

	if (packed == batch->mac)
		return false;
	/* One that repeats takes from the one before what is in this machine's order already. */
	whole = !mhsm_audit_repeats(batch->version, packed);
	*at += mhsm_audit_unpack(batch->version, packed, r);
	if (!whole)
		return true;
	r->seq = le64toh(r->seq);
	r->time = le64toh(r->time);
	r->duration = le64toh(r->duration);
	r->bytes = le64toh(r->bytes);
	r->cpu = le32toh(r->cpu);
	r->action = le32toh(r->action);
	r->via = le32toh(r->via);
	r->alg = le32toh(r->alg);
	r->principal_kind = le32toh(r->principal_kind);
	r->principal = le32toh(r->principal);
	r->uid = le32toh(r->uid);
	r->pid = le32toh(r->pid);
	r->result = (__s32)le32toh((uint32_t)r->result);
	return true;
}

/* The number of a name NNNNNNNNNNNNNNNNNNNN.seg; false for any other name. */
static bool parse_name(const char *name, uint64_t *first)
{
	if (strspn(name, "0123456789") != NAME_DIGITS || strcmp(name + NAME_DIGITS, ".seg"))
		return false;
	errno = 0;
	*first = strtoull(name, NULL, 10);
	return errno == 0;
}

static int compare_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int mhsm_segments_list(const char *dir, struct mhsm_segments *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t room = 0;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (!d)
		return -errno;
	while (errno = 0, (e = readdir(d))) {
		uint64_t first;

		if (!parse_name(e->d_name, &first))
			continue;
		if (out->count == room) {
			uint64_t *more = reallocarray(out->first, room = room ? 2 * room : 64, sizeof(*more));

			if (!more) {
				ret = -ENOMEM;
				break;
			}
			out->first = more;
		}
		out->first[out->count++] = first;
	}
	if (!ret && errno)
		ret = -errno;
	closedir(d);
	if (ret)
		mhsm_segments_clear(out);
	else if (out->count)
		qsort(out->first, out->count, sizeof(*out->first), compare_number);
	return ret;
}

void mhsm_segments_clear(struct mhsm_segments *segments)
{
	free(segments->first);
	memset(segments, 0, sizeof(*segments));
}

int mhsm_segment_path(const char *dir, uint64_t first, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%0*" PRIu64 ".seg", dir, NAME_DIGITS, first) < PATH_MAX ? 0 :
													-ENAMETOOLONG;
}

int mhsm_segment_reader_open(struct mhsm_segment_reader *r, const char *dir, uint64_t from)
{
	int ret;

	memset(r, 0, sizeof(*r));
	r->dir = dir;
	r->fd = -1;
	ret = mhsm_segments_list(dir, &r->segments);
	if (ret)
		return ret;
	r->buf = malloc(BUFFER_SIZE);
	if (!r->buf)
		return -ENOMEM;
	while (r->at + 1 < r->segments.count && r->segments.first[r->at + 1] <= from)
		r->at++;
	return 0;
}

static int open_segment(struct mhsm_segment_reader *r)
{
	char path[PATH_MAX];
	int ret;

	r->first = r->segments.first[r->at];
	ret = mhsm_segment_path(r->dir, r->first, path);
	if (ret)
		return ret;
	r->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	r->offset = 0;
	r->have = 0;
	r->begun = false;
	return 0;
}

/* Brings at least one whole batch into buf if the file has one. */
static int fill(struct mhsm_segment_reader *r)
{
	while (r->have < MHSM_BATCH_MAX) {
		ssize_t n = pread(r->fd, r->buf + r->have, BUFFER_SIZE - r->have, r->offset + (off_t)r->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		r->have += (size_t)n;
	}
	return 0;
}

static int trouble(struct mhsm_segment_reader *r, const char *what)
{
	r->trouble = what;
	return -EBADMSG;
}

/*
 * Drops the batch that was given last (@len) from the front of the buffer, and fills up only when the rest may not
 * hold a batch: most calls do neither read nor move much.
 */
static void advance(struct mhsm_segment_reader *r, size_t len)
{
	r->offset += (off_t)len;
	r->have -= len;
	memmove(r->buf, r->buf + len, r->have);
}

int mhsm_segment_reader_next(struct mhsm_segment_reader *r, struct mhsm_batch *batch)
{
	struct mhsm_batch previous;
	int ret;

	for (;;) {
		ssize_t len;

		if (r->fd < 0) {
			if (r->at == r->segments.count)
				return 0;
			ret = open_segment(r);
			if (ret)
				return ret;
		} else if (r->begun) {
			advance(r, (size_t)mhsm_batch_parse(r->buf, r->have, &previous));
		}
		ret = fill(r);
		if (ret)
			return ret;
		if (r->have == 0) {
			close(r->fd);
			r->fd = -1;
			r->at++;
			continue;
		}
		len = mhsm_batch_parse(r->buf, r->have, batch);
		if (len < 0)
			return trouble(r, "what should be a batch is none");
		if (len == 0 && r->at + 1 == r->segments.count)
			return 0;
		if (len == 0)
			return trouble(r, "the segment is cut off, and is not the last");
		if (!r->begun && batch->header.number != r->first)
			return trouble(r, "the segment begins with another batch than its name says");
		r->begun = true;
		return 1;
	}
}

void mhsm_segment_reader_close(struct mhsm_segment_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	free(r->buf);
	r->buf = NULL;
	mhsm_segments_clear(&r->segments);
}
