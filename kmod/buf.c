// SPDX-License-Identifier: GPL-2.0-only
/* Memory on which a cipher works: see buf.h */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "kmod/buf.h"

static bool contiguous(const struct mhsm_buf *b)
{
	return !b->pages && !is_vmalloc_addr(b->p);
}

static unsigned int first_offset(const struct mhsm_buf *b)
{
	return b->pages ? b->offset : offset_in_page(b->p);
}

unsigned int mhsm_buf_count(const struct mhsm_buf *b)
{
	if (!b->len)
		return 0;
	return contiguous(b) ? 1 : DIV_ROUND_UP(first_offset(b) + b->len, PAGE_SIZE);
}

struct scatterlist *mhsm_buf_map(struct scatterlist *sg, const struct mhsm_buf *b)
{
	unsigned int count = mhsm_buf_count(b), i, offset = first_offset(b);
	size_t left = b->len, n;

	if (count && contiguous(b)) {
		sg_set_buf(sg, b->p, b->len);
		return sg + 1;
	}
	for (i = 0; i < count; i++, left -= n, offset = 0) {
		n = min_t(size_t, left, PAGE_SIZE - offset);
		sg_set_page(sg++, b->pages ? b->pages[i] : vmalloc_to_page(b->p + (b->len - left)), n, offset);
	}
	return sg;
}
