/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for one call of a cipher: scratch memory (scratch.h), and more where the data do not fit in. */
#ifndef _MHSM_FRAME_H
#define _MHSM_FRAME_H

#include "kmod/scratch.h"

struct mhsm_frame {
	u8 *head; /* contiguous */
	u8 *data; /* may be vmalloc'ed; within a page if it is not longer */
	size_t scratch_len;
	void *apart; /* NULL, or data */
};

/**
 * mhsm_frame_get() - @head and @data bytes with whatever contents. May sleep. Return: 0, -ENOMEM. Ends with
 * mhsm_frame_put().
 */
int mhsm_frame_get(struct mhsm_frame *f, size_t head, size_t data);

/** mhsm_frame_put() - gives it back; the borrower has wiped what must not stay in memory */
void mhsm_frame_put(struct mhsm_frame *f);

#endif
