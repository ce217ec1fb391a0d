// SPDX-License-Identifier: GPL-2.0-only
/* Large messages: see bulk.h */
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kmod/bulk.h"

static void unpin(struct page **pages, unsigned int count, bool written)
{
	unpin_user_pages_dirty_lock(pages, count, written);
	kvfree(pages);
}

static int pin(struct mhsm_buf *b, u64 at, size_t len, bool write)
{
	unsigned int count = DIV_ROUND_UP(offset_in_page(at) + len, PAGE_SIZE), have = 0;
	int n = -EFAULT;

	if (!access_ok(u64_to_user_ptr(at), len))
		return n;
	b->pages = kvmalloc_array(count, sizeof(*b->pages), GFP_KERNEL);
	if (!b->pages)
		return -ENOMEM;
	for (; have < count; have += n) {
		n = pin_user_pages_fast((at & PAGE_MASK) + have * PAGE_SIZE, count - have, write ? FOLL_WRITE : 0,
					b->pages + have);
		if (n > 0)
			continue;
		unpin(b->pages, have, false);
		b->pages = NULL;
		return n == -ENOMEM || n == -EINTR ? n : -EFAULT;
	}
	b->p = NULL;
	b->offset = offset_in_page(at);
	b->len = len;
	return 0;
}

static void let_go(struct mhsm_buf *b, bool written)
{
	unpin(b->pages, mhsm_buf_count(b), written);
}

int mhsm_bulk_get(struct mhsm_bulk *b, u64 in, u64 out, size_t len)
{
	int ret;

	b->in_place = in == out;
	if (!b->in_place && (in > out ? in - out : out - in) < len)
		return -EINVAL;
	ret = pin(&b->in, in, len, b->in_place);
	if (ret)
		return ret;
	b->out = b->in;
	if (!b->in_place)
		ret = pin(&b->out, out, len, true);
	if (ret)
		let_go(&b->in, false);
	return ret;
}

void mhsm_bulk_put(struct mhsm_bulk *b)
{
	if (!b->in_place)
		let_go(&b->out, true);
	let_go(&b->in, b->in_place);
}

void mhsm_bulk_read(const struct mhsm_bulk *b, u8 *to)
{
	unsigned int i, offset = b->in.offset;
	size_t left = b->in.len, n;

	for (i = 0; left; i++, to += n, left -= n, offset = 0) {
		n = min_t(size_t, left, PAGE_SIZE - offset);
		memcpy_from_page(to, b->in.pages[i], offset, n);
		cond_resched();
	}
}

void mhsm_bulk_write(const struct mhsm_bulk *b, const u8 *from)
{
	unsigned int i, offset = b->out.offset;
	size_t left = b->out.len, n;

	for (i = 0; left; i++, from += n, left -= n, offset = 0) {
		n = min_t(size_t, left, PAGE_SIZE - offset);
		memcpy_to_page(b->out.pages[i], offset, from, n);
		cond_resched();
	}
}
