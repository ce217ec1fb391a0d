/* SPDX-License-Identifier: GPL-2.0-only */
/* AES keys: GCM and key wrap. The caller has the key open and in use (op.h). */
#ifndef _MHSM_MECH_AES_H
#define _MHSM_MECH_AES_H

#include "kmod/key.h"

#define MHSM_GCM_IV 12
#define MHSM_GCM_TAG 16

/**
 * mhsm_aes_gcm_scratch() - bytes of scratch memory, kmalloc'ed by the caller, that mhsm_aes_gcm() needs for this key; 0 if
 * it does no GCM. The key must be open.
 */
size_t mhsm_aes_gcm_scratch(struct mhsm_key *key);

/* One AES-GCM operation. No part may lie on a stack; aad and data may be vmalloc'ed. */
struct mhsm_gcm {
	void *scratch; /* mhsm_aes_gcm_scratch() bytes; left with what could tell of the key */
	u8 *iv; /* MHSM_GCM_IV bytes, which the cipher may use as its counter */
	u8 *tag; /* MHSM_GCM_TAG bytes */
	u8 *aad;
	size_t aad_len;
	u8 *data; /* fastest if it does not cross pages: a cipher works page by page */
	size_t len;
};

/**
 * mhsm_aes_gcm() - AES-GCM (SP 800-38D) in place
 *
 * Return: 0, -EBADMSG (decrypt: the tag is wrong), -ENOMEM
 */
int mhsm_aes_gcm(struct mhsm_key *key, bool encrypt, const struct mhsm_gcm *g);

/**
 * mhsm_aes_wrap() - KW or KWP (MHSM_ALG_AES_*)
 * @out: room for @len + 16; *@out_len bytes of it were written
 *
 * Return: 0, -EINVAL (length), -EBADMSG (unwrap), -EOPNOTSUPP (@alg)
 */
int mhsm_aes_wrap(struct mhsm_key *key, u32 alg, bool wrap, u8 *out, size_t *out_len, const u8 *in, size_t len);

#endif
