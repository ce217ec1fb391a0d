/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Large messages: the caller's own pages, pinned, so that a cipher works on them where they are. Nothing of their size
 * is allocated, and once they are pinned no page has to be waited for while a key is in use.
 */
#ifndef _MHSM_BULK_H
#define _MHSM_BULK_H

#include "kmod/buf.h"

struct mhsm_bulk {
	struct mhsm_buf in, out; /* of the length asked for */
	bool in_place; /* out is in */
};

/**
 * mhsm_bulk_get() - pins @len bytes (not 0) at @in and at @out of the process. May sleep, as long as its memory does.
 *
 * Return: 0, -EINVAL (they overlap and are not the same), -EFAULT, -ENOMEM, -EINTR (a fatal signal). Ends with
 * mhsm_bulk_put().
 */
int mhsm_bulk_get(struct mhsm_bulk *b, u64 in, u64 out, size_t len);

/** mhsm_bulk_put() - lets go of the pages */
void mhsm_bulk_put(struct mhsm_bulk *b);

/** mhsm_bulk_read() - copies all of in to memory of the kernel. Does not wait. */
void mhsm_bulk_read(const struct mhsm_bulk *b, u8 *to);

/** mhsm_bulk_write() - copies memory of the kernel to out, all of it. Does not wait. */
void mhsm_bulk_write(const struct mhsm_bulk *b, const u8 *from);

#endif
