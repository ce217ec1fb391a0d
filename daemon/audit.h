/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * audit: brings the kernel's audit batches to durable storage. A thread drains, appends to the current segment, syncs
 * and acknowledges; after an unlock it first makes the kernel continue the chain where the log ends.
 */
#ifndef MHSM_DAEMON_AUDIT_H
#define MHSM_DAEMON_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/device.h"
#include "daemon/segment.h"

struct mhsm_audit;

#define MHSM_AUDIT_SEGMENT_MAX (16u << 20)

/*
 * Opens the log in @state_dir/audit (made if there is none), truncates a batch that is cut off at its end. A log that
 * cannot be continued is no error here: it can still be read, and mhsm_audit_trouble() says why nothing is drained.
 * @segment_max: bytes from which a new segment is begun, at least one batch.
 */
int mhsm_audit_open(const char *state_dir, struct mhsm_device *device, uint32_t segment_max, struct mhsm_audit **out);

/* Starts draining. */
int mhsm_audit_start(struct mhsm_audit *audit);

/* Ends the thread (within a second) and closes the log. */
void mhsm_audit_close(struct mhsm_audit *audit);

/*
 * Around anything that may make the HSM ready for draining, or that waits in the kernel for its audit record: between
 * the two the thread tries to drain often instead of waiting to be told.
 */
void mhsm_audit_expect(struct mhsm_audit *audit);
void mhsm_audit_expected(struct mhsm_audit *audit);

/* Where the log ends. False if it is empty. */
bool mhsm_audit_last(struct mhsm_audit *audit, uint64_t *number);

/* The directory with the segments. */
const char *mhsm_audit_dir(const struct mhsm_audit *audit);

/* Why nothing is drained, copied to @text; false if all is well. */
bool mhsm_audit_trouble(struct mhsm_audit *audit, char *text, size_t room);

/*
 * Puts the log aside, into a directory @name beside the segments: the next domain's chain begins anew. The old one
 * can be read but no longer verified.
 */
int mhsm_audit_put_aside(struct mhsm_audit *audit, const char *name);

#endif
