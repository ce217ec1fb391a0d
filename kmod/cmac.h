/* SPDX-License-Identifier: GPL-2.0-only */
/* AES-CMAC (SP 800-38B, RFC 4493), over the kernel's cmac(aes) */
#ifndef _MHSM_CMAC_H
#define _MHSM_CMAC_H

#include <linux/types.h>

#define MHSM_CMAC_LEN 16

struct crypto_shash;

/** mhsm_cmac_new() - with a key of 16, 24 or 32 bytes; ERR_PTR. May sleep. Ends with mhsm_cmac_free(). */
struct crypto_shash *mhsm_cmac_new(const u8 *key, size_t key_len);

/** mhsm_cmac_free() - NULL is allowed; what it made of the key is wiped */
void mhsm_cmac_free(struct crypto_shash *tfm);

/** mhsm_cmac_make() - the code of a message, into MHSM_CMAC_LEN bytes; any number of calls may be under way */
int mhsm_cmac_make(struct crypto_shash *tfm, const u8 *message, size_t len, u8 *mac);

#endif
