// SPDX-License-Identifier: GPL-2.0-only
/* Scratch memory: see scratch.h */
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "kmod/scratch.h"

DEFINE_PER_CPU(struct mhsm_scratch_own, mhsm_scratch_owns);

#define ORDER get_order(MHSM_SCRATCH_LEN)

static void *buffer_new(struct mhsm_scratch_own *own)
{
	struct page *page = alloc_pages(GFP_KERNEL, ORDER);

	if (!page)
		return NULL;
	set_page_private(page, (unsigned long)own);
	return page_address(page);
}

static void buffer_free(void *buf)
{
	set_page_private(virt_to_page(buf), 0);
	free_pages((unsigned long)buf, ORDER);
}

void *mhsm_scratch_get_apart(size_t len)
{
	return len > MHSM_SCRATCH_LEN ? kmalloc(len, GFP_KERNEL) : buffer_new(NULL);
}

void mhsm_scratch_put_apart(void *buf, size_t len)
{
	if (len > MHSM_SCRATCH_LEN)
		kfree(buf);
	else
		buffer_free(buf);
}

void mhsm_scratch_exit(void)
{
	struct mhsm_scratch_own *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(&mhsm_scratch_owns, cpu);
		if (own->buf)
			buffer_free(own->buf);
		own->buf = NULL;
	}
}

int mhsm_scratch_init(void)
{
	struct mhsm_scratch_own *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(&mhsm_scratch_owns, cpu);
		own->buf = buffer_new(own);
		if (!own->buf) {
			mhsm_scratch_exit();
			return -ENOMEM;
		}
	}
	return 0;
}
