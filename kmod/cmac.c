// SPDX-License-Identifier: GPL-2.0-only
/* AES-CMAC: see cmac.h */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "kmod/cmac.h"

struct crypto_shash *mhsm_cmac_new(const u8 *key, size_t key_len)
{
	struct crypto_shash *tfm = crypto_alloc_shash("cmac(aes)", 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return tfm;
	ret = crypto_shash_setkey(tfm, key, key_len);
	if (!ret)
		return tfm;
	crypto_free_shash(tfm);
	return ERR_PTR(ret);
}

void mhsm_cmac_free(struct crypto_shash *tfm)
{
	if (tfm)
		crypto_free_shash(tfm);
}

#define STEP 16384 /* bytes after which others may have the CPU: the cipher goes block by block */

int mhsm_cmac_make(struct crypto_shash *tfm, const u8 *message, size_t len, u8 *mac)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	size_t n;
	int ret;

	desc->tfm = tfm;
	ret = crypto_shash_init(desc);
	for (; !ret && len; message += n, len -= n) {
		n = min_t(size_t, len, STEP);
		ret = crypto_shash_update(desc, message, n);
		cond_resched();
	}
	if (!ret)
		ret = crypto_shash_final(desc, mac);
	shash_desc_zero(desc);
	return ret;
}
