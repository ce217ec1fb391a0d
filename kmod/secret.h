/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only carrier of key bytes that outlive a call. The bytes lie in pages of their own, which /proc/kcore, hibernation
 * images and crash dumps leave out (they are marked offline), in no slab cache and with no usercopy window.
 */
#ifndef _MHSM_SECRET_H
#define _MHSM_SECRET_H

#include <linux/types.h>

#include "uapi/mhsm.h"

#define MHSM_SECRET_MAX MHSM_MATERIAL_MAX /* bytes of one secret: a key that is being imported */

struct mhsm_secret {
	u8 *data; /* NULL: none */
	size_t len;
};

/**
 * mhsm_secret_alloc() - room for @len (1..MHSM_SECRET_MAX) bytes, and on to the next multiple of 8, zero; -EINVAL, -ENOMEM.
 * May sleep.
 */
int mhsm_secret_alloc(struct mhsm_secret *s, size_t len);

/** mhsm_secret_set() - as alloc, with a copy of @from */
int mhsm_secret_set(struct mhsm_secret *s, const void *from, size_t len);

/** mhsm_secret_free() - wipes and gives back; an empty secret is allowed */
void mhsm_secret_free(struct mhsm_secret *s);

/** mhsm_secret_move() - @to takes what @from holds; @from is empty afterwards */
void mhsm_secret_move(struct mhsm_secret *to, struct mhsm_secret *from);

/** mhsm_secret_wipe_all() - overwrites every secret of the module, for panic and reboot. Takes no lock. */
void mhsm_secret_wipe_all(void);

/** mhsm_secret_exit() - gives back the pages; every secret must have been freed */
void mhsm_secret_exit(void);

#endif
