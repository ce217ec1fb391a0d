/* SPDX-License-Identifier: GPL-2.0-only */
/* The padding of block ciphers, PKCS #7 (RFC 5652 section 6.3). Pure; also built in user space. */
#ifndef _MHSM_PADDING_H
#define _MHSM_PADDING_H

#include "kmod/env.h"

#define MHSM_PADDING_BLOCK 16

/** mhsm_padding_add() - makes a whole block of the first @len bytes, less than 16: 16 - @len bytes of that value */
void mhsm_padding_add(u8 block[MHSM_PADDING_BLOCK], size_t len);

/**
 * mhsm_padding_len() - bytes of padding at the end of a message's last block, 1 to 16; 0 if it is not padding. Whatever
 * is in the block takes the same time.
 */
u32 mhsm_padding_len(const u8 block[MHSM_PADDING_BLOCK]);

#endif
