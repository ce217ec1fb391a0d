/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls on a key fd, and what they share: keyfd.c, keyfd_crypt.c (gcm, mode, rsa), keyfd_wrap.c, keyfd_sign.c,
 * keyfd_derive.c
 */
#ifndef _MHSM_KEYFD_CALL_H
#define _MHSM_KEYFD_CALL_H

#include "kmod/cipher.h"
#include "kmod/keyfd.h"
#include "kmod/op.h"

struct mhsm_keyfd {
	struct mhsm_key *key;
	struct mhsm_session session; /* a copy: the fd outlives the device's */
	u32 asked; /* rights that were granted at open; fixed */
	u32 rights; /* those of them that the policy of `generation` grants */
	u64 generation;
	struct mutex lock; /* renewing the two above */
	size_t scratch; /* bytes that a GCM request of this key needs; 0: it does none */
	size_t modes[MHSM_MODES]; /* the same for these, 0: not known yet; set with release */
};

/**
 * mhsm_keyfd_begin() - begins an operation that needs the right @use, as mhsm_op_begin_granted(). User memory is read
 * before and written after it: a page of the caller's may take for ever to come (userfaultfd, FUSE), and must hold up
 * neither the end of the key nor the audit.
 */
int mhsm_keyfd_begin(struct mhsm_keyfd *kf, struct mhsm_op *op, struct mhsm_subject *who, u32 action, u32 use, u32 alg);

/** mhsm_keyfd_of() - the key fd behind a file, or NULL if it is another's */
struct mhsm_keyfd *mhsm_keyfd_of(struct file *filp);

/* ENCRYPT and DECRYPT with AES_GCM, and with AES_CBC, AES_CBCPAD and AES_CTR: 0 or an error of uapi/mhsm.h */
int mhsm_keyfd_gcm(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt);
int mhsm_keyfd_mode(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt);

/* The calls, as in struct mhsm_ioctl; uapi/mhsm.h says what they take. */
int mhsm_keyfd_encrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_decrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_wrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_unwrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_token(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_sign(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_verify(struct file *filp, void *arg, struct mhsm_ioctl_file *made);
int mhsm_keyfd_derive(struct file *filp, void *arg, struct mhsm_ioctl_file *made);

/** mhsm_keyfd_rsa() - ENCRYPT, DECRYPT, WRAP, UNWRAP (@use: that MHSM_OP_* bit) with an RSA key */
int mhsm_keyfd_rsa(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, u32 use);

#endif
