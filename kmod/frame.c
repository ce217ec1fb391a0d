// SPDX-License-Identifier: GPL-2.0-only
/* Memory for one call of a cipher: see frame.h */
#include <linux/slab.h>

#include "kmod/frame.h"

int mhsm_frame_get_apart(struct mhsm_frame *f, size_t head, size_t data)
{
	f->scratch_len = head;
	f->head = mhsm_scratch_get(head);
	if (!f->head)
		return -ENOMEM;
	f->data = kvmalloc(data, GFP_KERNEL);
	f->apart = f->data;
	if (f->apart)
		return 0;
	mhsm_scratch_put(f->head, head);
	return -ENOMEM;
}
