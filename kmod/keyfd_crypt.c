// SPDX-License-Identifier: GPL-2.0-only
/* ENCRYPT and DECRYPT on a key fd: see keyfd_call.h */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kmod/keyfd_call.h"
#include "kmod/mech_aes.h"
#include "kmod/random.h"
#include "kmod/scratch.h"

struct gcm_call {
	struct mhsm_gcm gcm;
	size_t scratch_len;
	void *apart; /* data, or AAD and data, too long for scratch memory; or NULL */
	bool public; /* the data is ciphertext */
	u8 iv[MHSM_GCM_IV];
};

#define DATA_AT PAGE_SIZE /* in scratch memory; before it: request, IV, tag, AAD */

static int gcm_alloc(struct gcm_call *g, struct mhsm_keyfd *kf, const struct mhsm_ioc_crypt *c)
{
	size_t request = ALIGN(kf->scratch, 16), head = request + 16 + MHSM_GCM_TAG;
	bool aad_apart = head + c->aad_len > DATA_AT;
	bool data_apart = aad_apart || c->in_len > MHSM_SCRATCH_LEN - DATA_AT;
	struct mhsm_gcm *gcm = &g->gcm;

	g->public = false;
	g->apart = NULL;
	g->scratch_len = data_apart ? head + (aad_apart ? 0 : c->aad_len) : MHSM_SCRATCH_LEN;
	gcm->scratch = mhsm_scratch_get(g->scratch_len);
	if (!gcm->scratch)
		return -ENOMEM;
	if (data_apart) {
		g->apart = kvmalloc((aad_apart ? c->aad_len : 0) + c->in_len + 1, GFP_KERNEL);
		if (!g->apart) {
			mhsm_scratch_put(gcm->scratch, g->scratch_len);
			return -ENOMEM;
		}
	}
	gcm->iv = gcm->scratch + request;
	gcm->tag = gcm->iv + 16;
	gcm->aad = aad_apart ? g->apart : gcm->tag + MHSM_GCM_TAG;
	gcm->aad_len = c->aad_len;
	gcm->data = !data_apart ? gcm->scratch + DATA_AT : aad_apart ? g->apart + c->aad_len : g->apart;
	gcm->len = c->in_len;
	return 0;
}

static void gcm_free(struct gcm_call *g)
{
	/* What the cipher left in its request could tell of the key, and what is authenticated need not be public. */
	memzero_explicit(g->gcm.scratch, g->gcm.iv - (u8 *)g->gcm.scratch);
	memzero_explicit(g->gcm.aad, g->gcm.aad_len);
	if (!g->public) {
		memzero_explicit(g->gcm.data, g->gcm.len);
		memzero_explicit(g->gcm.tag, MHSM_GCM_TAG);
	}
	kvfree(g->apart);
	mhsm_scratch_put(g->gcm.scratch, g->scratch_len);
}

static int gcm_copy_in(struct gcm_call *g, const struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_gcm *gcm = &g->gcm;

	if (encrypt && c->flags & MHSM_CRYPT_MAKE_IV) {
		int ret = mhsm_random_iv(g->iv);

		if (ret)
			return ret;
	} else if (copy_from_user(g->iv, u64_to_user_ptr(c->iv), MHSM_GCM_IV)) {
		return -EFAULT;
	}
	memcpy(gcm->iv, g->iv, MHSM_GCM_IV);
	if (copy_from_user(gcm->aad, u64_to_user_ptr(c->aad), gcm->aad_len) ||
	    copy_from_user(gcm->data, u64_to_user_ptr(c->in), gcm->len) ||
	    (!encrypt && copy_from_user(gcm->tag, u64_to_user_ptr(c->tag), MHSM_GCM_TAG)))
		return -EFAULT;
	return 0;
}

static int gcm_copy_out(struct gcm_call *g, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_gcm *gcm = &g->gcm;

	if (copy_to_user(u64_to_user_ptr(c->out), gcm->data, gcm->len) ||
	    (encrypt && copy_to_user(u64_to_user_ptr(c->tag), gcm->tag, MHSM_GCM_TAG)) ||
	    (c->flags & MHSM_CRYPT_MAKE_IV && copy_to_user(u64_to_user_ptr(c->iv), g->iv, MHSM_GCM_IV)))
		return -EFAULT;
	c->out_len = c->in_len;
	return 0;
}

static int gcm_run(struct mhsm_keyfd *kf, struct gcm_call *g, const struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, encrypt ? MHSM_ACT_ENCRYPT : MHSM_ACT_DECRYPT,
		    encrypt ? MHSM_OP_ENCRYPT : MHSM_OP_DECRYPT, c->alg);
	if (ret)
		return ret;
	return mhsm_op_end(&op, mhsm_aes_gcm(kf->key, encrypt, &g->gcm), c->in_len);
}

static int gcm_check(const struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt)
{
	if (c->flags & ~(encrypt ? MHSM_CRYPT_MAKE_IV : 0))
		return -EINVAL;
	if (c->alg != MHSM_ALG_AES_GCM || kf->key->type != MHSM_KEY_AES)
		return -EOPNOTSUPP;
	if (c->iv_len != MHSM_GCM_IV || c->tag_len != MHSM_GCM_TAG || c->aad_len > MHSM_AAD_MAX ||
	    c->in_len > MHSM_DATA_MAX)
		return -EINVAL;
	if (c->out_len < c->in_len) {
		c->out_len = c->in_len;
		return -ERANGE;
	}
	return 0;
}

static int do_gcm(struct file *filp, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct gcm_call g;
	int ret;

	if (kf->key->type == MHSM_KEY_RSA)
		return mhsm_keyfd_rsa(kf, c, encrypt ? MHSM_OP_ENCRYPT : MHSM_OP_DECRYPT);
	ret = gcm_check(kf, c, encrypt);
	if (ret)
		return ret;
	ret = gcm_alloc(&g, kf, c);
	if (ret)
		return ret;
	ret = gcm_copy_in(&g, c, encrypt);
	if (!ret)
		ret = gcm_run(kf, &g, c, encrypt);
	if (!ret) {
		g.public = encrypt;
		ret = gcm_copy_out(&g, c, encrypt);
	}
	gcm_free(&g);
	return ret;
}

int mhsm_keyfd_encrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_gcm(filp, arg, true);
}

int mhsm_keyfd_decrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_gcm(filp, arg, false);
}
