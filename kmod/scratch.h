/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scratch memory: a buffer for each CPU, lent to one operation after another, so that the usual operation allocates
 * nothing; only while a CPU's buffer is lent to one that sleeps is the next given memory that is allocated. That is
 * cleared by many kernels each time (init_on_alloc), and rounded up to a power of two: for a message of 4 KiB that is
 * 8 KiB.
 */
#ifndef _MHSM_SCRATCH_H
#define _MHSM_SCRATCH_H

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/percpu.h>

#define MHSM_SCRATCH_LEN (2 * PAGE_SIZE) /* bytes that are lent, from the start of a page; more are allocated */

/*
 * A CPU's buffer. Its page says, as private data, whose it is; one that was allocated because all were lent, that it is
 * none's.
 */
struct mhsm_scratch_own {
	void *buf;
	unsigned long lent; /* bit 0 */
};

DECLARE_PER_CPU(struct mhsm_scratch_own, mhsm_scratch_owns);

/* The two below, for memory that is no CPU's */
void *mhsm_scratch_get_apart(size_t len);
void mhsm_scratch_put_apart(void *buf, size_t len);

/**
 * mhsm_scratch_get() - at least @len bytes, contiguous, with whatever contents; NULL if there is no memory. May sleep. The
 * borrower may move to another CPU meanwhile.
 */
static inline void *mhsm_scratch_get(size_t len)
{
	struct mhsm_scratch_own *own = raw_cpu_ptr(&mhsm_scratch_owns);

	/* The last borrower here may sleep, waiting for its caller's memory. */
	if (unlikely(len > MHSM_SCRATCH_LEN || test_and_set_bit_lock(0, &own->lent)))
		return mhsm_scratch_get_apart(len);
	return own->buf;
}

/** mhsm_scratch_put() - gives them back, @len as it was; the borrower has wiped what must not stay in memory */
static inline void mhsm_scratch_put(void *buf, size_t len)
{
	struct mhsm_scratch_own *own;

	own = len > MHSM_SCRATCH_LEN ? NULL : (void *)page_private(virt_to_page(buf));
	if (likely(own))
		clear_bit_unlock(0, &own->lent);
	else
		mhsm_scratch_put_apart(buf, len);
}

/** mhsm_scratch_init() - makes the CPUs' buffers; -ENOMEM */
int mhsm_scratch_init(void);

/** mhsm_scratch_exit() - frees what the CPUs have; nothing is lent any more */
void mhsm_scratch_exit(void);

#endif
