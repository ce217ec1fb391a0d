/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for one call of a cipher: scratch memory (scratch.h), and more where the data do not fit in. */
#ifndef _MHSM_FRAME_H
#define _MHSM_FRAME_H

#include <linux/errno.h>
#include <linux/slab.h>

#include "kmod/scratch.h"

#define MHSM_FRAME_DATA_AT PAGE_SIZE /* in scratch memory; before it, the head */

struct mhsm_frame {
	u8 *head; /* contiguous */
	u8 *data; /* may be vmalloc'ed; within a page if it is not longer */
	size_t scratch_len;
	void *apart; /* NULL, or data */
};

/* The one below, where the data do not fit in */
int mhsm_frame_get_apart(struct mhsm_frame *f, size_t head, size_t data);

/**
 * mhsm_frame_get() - @head and @data bytes with whatever contents. May sleep. Return: 0, -ENOMEM. Ends with
 * mhsm_frame_put().
 */
static inline int mhsm_frame_get(struct mhsm_frame *f, size_t head, size_t data)
{
	if (head > MHSM_FRAME_DATA_AT || data > MHSM_SCRATCH_LEN - MHSM_FRAME_DATA_AT)
		return mhsm_frame_get_apart(f, head, data);
	f->apart = NULL;
	f->scratch_len = MHSM_SCRATCH_LEN;
	f->head = mhsm_scratch_get(MHSM_SCRATCH_LEN);
	f->data = f->head + MHSM_FRAME_DATA_AT;
	return f->head ? 0 : -ENOMEM;
}

/** mhsm_frame_put() - gives it back; the borrower has wiped what must not stay in memory */
static inline void mhsm_frame_put(struct mhsm_frame *f)
{
	/* kvfree() would look whether NULL is vmalloc'ed, for each short message. */
	if (f->apart)
		kvfree(f->apart);
	mhsm_scratch_put(f->head, f->scratch_len);
}

#endif
