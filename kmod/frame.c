// SPDX-License-Identifier: GPL-2.0-only
/* Memory for one call of a cipher: see frame.h */
#include <linux/errno.h>
#include <linux/slab.h>

#include "kmod/frame.h"

#define DATA_AT PAGE_SIZE /* in scratch memory; before it, the head */

int mhsm_frame_get(struct mhsm_frame *f, size_t head, size_t data)
{
	bool apart = head > DATA_AT || data > MHSM_SCRATCH_LEN - DATA_AT;

	f->apart = NULL;
	f->scratch_len = apart ? head : MHSM_SCRATCH_LEN;
	f->head = mhsm_scratch_get(f->scratch_len);
	if (!f->head)
		return -ENOMEM;
	f->data = f->head + DATA_AT;
	if (!apart)
		return 0;
	f->data = kvmalloc(data, GFP_KERNEL);
	f->apart = f->data;
	if (f->apart)
		return 0;
	mhsm_scratch_put(f->head, f->scratch_len);
	return -ENOMEM;
}

void mhsm_frame_put(struct mhsm_frame *f)
{
	/* It would look whether NULL is vmalloc'ed, for each short message. */
	if (f->apart)
		kvfree(f->apart);
	mhsm_scratch_put(f->head, f->scratch_len);
}
