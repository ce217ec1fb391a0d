/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record: the clear header of a sealed record (doc/formats.md section 2), as far as the librarian needs it: what it is,
 * whose it is and how long. Only the kernel can open or verify one.
 */
#ifndef MHSM_DAEMON_RECORD_H
#define MHSM_DAEMON_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/mhsm.h"

#define MHSM_RECORD_MAX (192 + 127 + 1024 + 2048 + 16)

enum mhsm_record_kind {
	MHSM_RECORD_KEY = 1,
	MHSM_RECORD_DOMAIN = 2,
};

struct mhsm_record {
	uint8_t kind; /* enum mhsm_record_kind */
	uint8_t state;
	uint8_t domain[MHSM_ID_LEN];
	uint8_t id[MHSM_ID_LEN];
	uint64_t generation;
};

/* Returns 0, or -EINVAL if @data is not one whole record: wrong magic, format, kind or length. */
int mhsm_record_parse(const void *data, size_t len, struct mhsm_record *out);

#endif
