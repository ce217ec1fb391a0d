/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How often somebody may fail before his failures are no longer recorded one by one: MHSM_LIMIT_BURST at once, and then
 * MHSM_LIMIT_RATE in a second. The limit is the audit's: whom records cost nothing could fill the ring, which then refuses
 * work to everybody. It is not there to slow down guessing, which 128 bits of MAC do.
 */
#ifndef _MHSM_LIMIT_H
#define _MHSM_LIMIT_H

#include <linux/atomic.h>
#include <linux/types.h>

#define MHSM_LIMIT_BURST 64
#define MHSM_LIMIT_RATE 16
#define MHSM_LIMIT_SLOTS 256

/*
 * Each failure is worth an interval of time, and a slot says (in ns) how far those that were counted reach: not far ahead
 * of the present. Users who share a slot can only cost each other records of failures. Zeroed: nobody failed.
 */
struct mhsm_limit {
	atomic64_t until[MHSM_LIMIT_SLOTS];
};

/** mhsm_limit_fail() - @uid is about to fail at @now (ktime_get_ns); false: too often, and this one is not counted */
bool mhsm_limit_fail(struct mhsm_limit *limit, u32 uid, u64 now);

#endif
