// SPDX-License-Identifier: GPL-2.0-only
/* ENCRYPT and DECRYPT on a key fd, to those who do them: see keyfd_call.h */
#include "kmod/keyfd_call.h"

static int do_crypt(struct file *filp, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_keyfd *kf = filp->private_data;

	if (kf->key->type == MHSM_KEY_RSA)
		return mhsm_keyfd_rsa(kf, c, encrypt ? MHSM_OP_ENCRYPT : MHSM_OP_DECRYPT);
	switch (c->alg) {
	case MHSM_ALG_AES_GCM:
		return mhsm_keyfd_gcm(kf, c, encrypt);
	case MHSM_ALG_AES_CBC:
	case MHSM_ALG_AES_CBCPAD:
	case MHSM_ALG_AES_CTR:
		return mhsm_keyfd_mode(kf, c, encrypt);
	default:
		return c->flags & ~(encrypt ? MHSM_CRYPT_MAKE_IV : 0) ? -EINVAL : -EOPNOTSUPP;
	}
}

int mhsm_keyfd_encrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_crypt(filp, arg, true);
}

int mhsm_keyfd_decrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_crypt(filp, arg, false);
}
