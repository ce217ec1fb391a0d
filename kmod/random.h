/* SPDX-License-Identifier: GPL-2.0-only */
/* Random bytes: SP 800-90A CTR_DRBG or HMAC_DRBG of the kernel, one instance per CPU, seeded by the kernel's entropy. */
#ifndef _MHSM_RANDOM_H
#define _MHSM_RANDOM_H

#include <linux/types.h>

int mhsm_random_init(void);
void mhsm_random_exit(void);

/** mhsm_random_bytes() - @len bytes; may sleep. A DRBG failure is the module's failure: -EIO, never weaker bytes. */
int mhsm_random_bytes(void *out, size_t len);

/** mhsm_random_iv() - 12 bytes for a GCM IV (SP 800-38D section 8.2.2), from a pool per CPU filled by the DRBG */
int mhsm_random_iv(u8 iv[12]);

#endif
