/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * segment: the files of the audit log (doc/formats.md section 6), DIR/NNNNNNNNNNNNNNNNNNNN.seg, each a sequence of
 * batches, named by the number of its first batch. Nothing here needs the kernel: MACs are checked by whoever reads.
 */
#ifndef MHSM_DAEMON_SEGMENT_H
#define MHSM_DAEMON_SEGMENT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "uapi/mhsm.h"

#define MHSM_MAC_LEN 32
#define MHSM_BATCH_MAX MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX)

/* One batch, as views into a buffer of at least that length. */
struct mhsm_batch {
	struct mhsm_audit_batch header;
	unsigned int version; /* of the form of its records: kmod/auditpack.h */
	const uint8_t *data; /* header, records, MAC */
	size_t len;
	const uint8_t *mac;
};

/*
 * Reads the batch at the start of @data. Returns its length; 0 if @len ends before the batch does; -EBADMSG if there is
 * no batch (magic, count, records).
 */
ssize_t mhsm_batch_parse(const void *data, size_t len, struct mhsm_batch *batch);

/*
 * The next record of a batch into @record, which holds the one that was read before; false after the last. *at is 0 for
 * the first, and belongs to this function.
 */
bool mhsm_batch_next(const struct mhsm_batch *batch, size_t *at, struct mhsm_audit_rec *record);

/* The segments of a directory, by rising first number. */
struct mhsm_segments {
	uint64_t *first;
	size_t count;
};

int mhsm_segments_list(const char *dir, struct mhsm_segments *out);
void mhsm_segments_clear(struct mhsm_segments *segments);

/* DIR/NUMBER.seg; -ENAMETOOLONG if it does not fit. */
int mhsm_segment_path(const char *dir, uint64_t first, char path[PATH_MAX]);

/* Walks the batches of a log in order. */
struct mhsm_segment_reader {
	const char *dir;
	struct mhsm_segments segments;
	size_t at; /* segment that is open, or is to be opened */
	int fd;
	uint64_t first; /* of the segment that is open */
	off_t offset; /* of the next batch */
	bool begun; /* a batch of this segment was read */
	uint8_t *buf;
	size_t have; /* bytes at buf, from `offset` */
	const char *trouble; /* what -EBADMSG was about */
};

/*
 * Prepares to read from the segment that holds batch @from (or would). Batches before @from may come first. 0 or a
 * negative errno; mhsm_segment_reader_close() in either case.
 */
int mhsm_segment_reader_open(struct mhsm_segment_reader *reader, const char *dir, uint64_t from);

/*
 * The next batch, valid until the next call: 1; 0 at the end of the log, also where its last batch is cut off; -EBADMSG
 * with ->trouble said; another negative errno.
 */
int mhsm_segment_reader_next(struct mhsm_segment_reader *reader, struct mhsm_batch *batch);
void mhsm_segment_reader_close(struct mhsm_segment_reader *reader);

#endif
