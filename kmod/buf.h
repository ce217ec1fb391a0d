/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory on which a cipher works: the kernel's, or pages of a user's. */
#ifndef _MHSM_BUF_H
#define _MHSM_BUF_H

#include <linux/scatterlist.h>
#include <linux/types.h>

struct mhsm_buf {
	u8 *p; /* kernel memory, not on a stack; vmalloc'ed is allowed */
	struct page **pages; /* if not NULL: these instead, from byte `offset` of the first */
	unsigned int offset;
	size_t len;
};

/** mhsm_buf_count() - entries that it takes in a scatter list: fewest if it is contiguous */
unsigned int mhsm_buf_count(const struct mhsm_buf *b);

/** mhsm_buf_map() - writes them; returns the entry behind */
struct scatterlist *mhsm_buf_map(struct scatterlist *sg, const struct mhsm_buf *b);

#endif
