/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scratch memory: a buffer for each CPU, lent to one operation after another, so that the usual operation allocates
 * nothing; only while a CPU's buffer is lent to one that sleeps is the next given memory that is allocated. That is
 * cleared by many kernels each time (init_on_alloc), and rounded up to a power of two: for a message of 4 KiB that is
 * 8 KiB.
 */
#ifndef _MHSM_SCRATCH_H
#define _MHSM_SCRATCH_H

#include <linux/mm.h>

#define MHSM_SCRATCH_LEN (2 * PAGE_SIZE) /* bytes that are lent, from the start of a page; more are allocated */

/**
 * mhsm_scratch_get() - at least @len bytes, contiguous, with whatever contents; NULL if there is no memory. May sleep. The
 * borrower may move to another CPU meanwhile.
 */
void *mhsm_scratch_get(size_t len);

/** mhsm_scratch_put() - gives them back, @len as it was; the borrower has wiped what must not stay in memory */
void mhsm_scratch_put(void *buf, size_t len);

/** mhsm_scratch_init() - makes the CPUs' buffers; -ENOMEM */
int mhsm_scratch_init(void);

/** mhsm_scratch_exit() - frees what the CPUs have; nothing is lent any more */
void mhsm_scratch_exit(void);

#endif
