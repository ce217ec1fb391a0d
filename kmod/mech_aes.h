/* SPDX-License-Identifier: GPL-2.0-only */
/* AES keys: GCM, CBC, CTR and key wrap; CMAC is sign and verify. The caller has the key open and in use (op.h). */
#ifndef _MHSM_MECH_AES_H
#define _MHSM_MECH_AES_H

#include "kmod/buf.h"
#include "kmod/cipher.h"
#include "kmod/key.h"

#define MHSM_GCM_IV 12
#define MHSM_GCM_TAG 16

/**
 * mhsm_aes_gcm_scratch() - bytes of scratch memory, kmalloc'ed by the caller, that mhsm_aes_gcm() needs for this key; 0 if
 * it does no GCM. The key must be open.
 */
size_t mhsm_aes_gcm_scratch(struct mhsm_key *key);

/* One AES-GCM operation. No part may lie on a stack. */
struct mhsm_gcm {
	void *scratch; /* mhsm_aes_gcm_scratch() bytes; left with what could tell of the key */
	u8 *iv; /* MHSM_GCM_IV bytes, which the cipher may use as its counter */
	u8 *tag; /* MHSM_GCM_TAG bytes */
	struct mhsm_buf aad;
	struct mhsm_buf in, out; /* of one length; fastest if they do not cross pages: a cipher works page by page */
	bool in_place; /* out is in */
	bool near; /* so it is, and neither pages nor vmalloc'ed memory is among them */
};

/**
 * mhsm_aes_gcm() - AES-GCM (SP 800-38D)
 *
 * Return: 0, -EBADMSG (decrypt: the tag is wrong; what is in out is not to be shown), -ENOMEM
 */
int mhsm_aes_gcm(struct mhsm_key *key, bool encrypt, const struct mhsm_gcm *g);

/**
 * mhsm_aes_mode_prepare() - makes an open key ready for @mode, until its last opener closes it
 * @scratch: bytes that mhsm_aes_mode() needs; 0 if the key does not encrypt or decrypt, or was killed
 *
 * Return: 0, -ENOMEM
 */
int mhsm_aes_mode_prepare(struct mhsm_key *key, enum mhsm_mode mode, size_t *scratch);

/** mhsm_aes_mode() - mhsm_cipher_crypt() with a key that is ready for @mode */
int mhsm_aes_mode(struct mhsm_key *key, enum mhsm_mode mode, bool encrypt, const struct mhsm_cipher_call *c);

/**
 * mhsm_aes_wrap() - KW or KWP (MHSM_ALG_AES_*)
 * @out: room for @len + 16; *@out_len bytes of it were written
 *
 * Return: 0, -EINVAL (length), -EBADMSG (unwrap), -EOPNOTSUPP (@alg)
 */
int mhsm_aes_wrap(struct mhsm_key *key, u32 alg, bool wrap, u8 *out, size_t *out_len, const u8 *in, size_t len);

#endif
