/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chain: whether a log of audit batches is complete and in order: numbers from 0 without a gap, each batch naming the
 * MAC of the one before, and in each boot every CPU's sequence from 0 without a gap. The MACs themselves only the
 * kernel can check, which mhsm_chain_verify() asks for.
 */
#ifndef MHSM_DAEMON_CHAIN_H
#define MHSM_DAEMON_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/device.h"
#include "daemon/segment.h"

struct mhsm_chain {
	uint64_t batches; /* checked; the next number */
	uint64_t records;
	uint64_t boots;
	uint8_t prev[MHSM_MAC_LEN];
	uint8_t domain[MHSM_ID_LEN];
	uint8_t (*boot)[16]; /* every boot so far, the last is the current one */
	struct mhsm_chain_cpu {
		uint32_t cpu;
		uint64_t next;
	} *cpus; /* of the current boot */
	size_t cpu_count;
	/* of a failure */
	uint64_t bad_batch;
	int64_t bad_record; /* -1: the batch as such */
	char reason[160];
};

void mhsm_chain_init(struct mhsm_chain *chain);
void mhsm_chain_clear(struct mhsm_chain *chain);

/* Checks that @batch is the next. 0, or -EBADMSG with bad_batch, bad_record and reason; -ENOMEM. */
int mhsm_chain_check(struct mhsm_chain *chain, const struct mhsm_batch *batch);

/*
 * Walks the log in @dir up to and with batch @last, each batch's MAC by the kernel and the whole as mhsm_chain_check().
 * -EBADMSG with the failure in @chain; another negative errno if the walk could not be done (-ENOKEY: locked).
 */
int mhsm_chain_verify(struct mhsm_chain *chain, struct mhsm_device *device, const char *dir, uint64_t last);

#endif
