/* SPDX-License-Identifier: GPL-2.0-only */
/* AES in the modes that only encrypt (SP 800-38A), over the kernel's cbc(aes) and ctr(aes) */
#ifndef _MHSM_CIPHER_H
#define _MHSM_CIPHER_H

#include "kmod/buf.h"

#define MHSM_CIPHER_IV 16

enum mhsm_mode { MHSM_MODE_CBC, MHSM_MODE_CTR, MHSM_MODES };

struct crypto_skcipher;

/** mhsm_cipher_new() - with a key of 16, 24 or 32 bytes; ERR_PTR. May sleep. Ends with mhsm_cipher_free(). */
struct crypto_skcipher *mhsm_cipher_new(enum mhsm_mode mode, const u8 *key, size_t key_len);

/** mhsm_cipher_free() - NULL is allowed; what it made of the key is wiped */
void mhsm_cipher_free(struct crypto_skcipher *tfm);

/** mhsm_cipher_scratch() - bytes of scratch memory that a call needs */
size_t mhsm_cipher_scratch(struct crypto_skcipher *tfm);

struct mhsm_cipher_call {
	void *scratch; /* mhsm_cipher_scratch() bytes, kmalloc'ed; left with what could tell of the key */
	u8 *iv; /* MHSM_CIPHER_IV bytes, not on a stack; left with what goes on with the message */
	struct mhsm_buf in, out; /* of one length; CBC: a multiple of 16 */
	bool in_place; /* out is in */
};

/** mhsm_cipher_crypt() - one call; any number of them may be under way. May sleep. Return: 0, -EINVAL, -ENOMEM */
int mhsm_cipher_crypt(struct crypto_skcipher *tfm, bool encrypt, const struct mhsm_cipher_call *c);

#endif
