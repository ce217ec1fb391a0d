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
	size_t left = b->len, n;
	unsigned int i, offset;

	if (!left)
		return sg;
	if (contiguous(b)) {
		sg_set_buf(sg, b->p, left);
		return sg + 1;
	}
	offset = first_offset(b);
	for (i = 0; left; i++, left -= n, offset = 0) {
		n = min_t(size_t, left, PAGE_SIZE - offset);
		sg_set_page(sg++, b->pages ? b->pages[i] : vmalloc_to_page(b->p + (b->len - left)), n, offset);
	}
	return sg;
}
