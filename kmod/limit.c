// SPDX-License-Identifier: GPL-2.0-only
/* See limit.h */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "kmod/limit.h"

#define INTERVAL (NSEC_PER_SEC / MHSM_LIMIT_RATE)

bool mhsm_limit_fail(struct mhsm_limit *limit, u32 uid, u64 now)
{
	atomic64_t *until = &limit->until[hash_32(uid, ilog2(MHSM_LIMIT_SLOTS))];
	s64 old = atomic64_read(until), reach;

	do {
		reach = max_t(s64, old, now);
		if (reach - (s64)now > (MHSM_LIMIT_BURST - 1) * INTERVAL)
			return false;
	} while (!atomic64_try_cmpxchg(until, &old, reach + INTERVAL));
	return true;
}
