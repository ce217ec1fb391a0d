// SPDX-License-Identifier: GPL-2.0-only
/* Scratch memory: see scratch.h */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "kmod/scratch.h"

/*
 * A CPU's buffer. Its page says, as private data, whose it is; one that was allocated because all were lent, that it is
 * none's.
 */
struct own {
	void *buf;
	unsigned long lent; /* bit 0 */
};

static DEFINE_PER_CPU(struct own, owns);

#define ORDER get_order(MHSM_SCRATCH_LEN)

static void *buffer_new(struct own *own)
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

void *mhsm_scratch_get(size_t len)
{
	struct own *own = raw_cpu_ptr(&owns);

	if (len > MHSM_SCRATCH_LEN)
		return kmalloc(len, GFP_KERNEL);
	/* The last borrower here may sleep, waiting for its caller's memory. */
	return test_and_set_bit_lock(0, &own->lent) ? buffer_new(NULL) : own->buf;
}

void mhsm_scratch_put(void *buf, size_t len)
{
	struct own *own;

	if (len > MHSM_SCRATCH_LEN) {
		kfree(buf);
		return;
	}
	own = (struct own *)page_private(virt_to_page(buf));
	if (own)
		clear_bit_unlock(0, &own->lent);
	else
		buffer_free(buf);
}

void mhsm_scratch_exit(void)
{
	struct own *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(&owns, cpu);
		if (own->buf)
			buffer_free(own->buf);
		own->buf = NULL;
	}
}

int mhsm_scratch_init(void)
{
	struct own *own;
	int cpu;

	for_each_possible_cpu(cpu) {
		own = per_cpu_ptr(&owns, cpu);
		own->buf = buffer_new(own);
		if (!own->buf) {
			mhsm_scratch_exit();
			return -ENOMEM;
		}
	}
	return 0;
}
