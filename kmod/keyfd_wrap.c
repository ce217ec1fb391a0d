// SPDX-License-Identifier: GPL-2.0-only
/* WRAP, UNWRAP and TOKEN on a key fd: see keyfd_call.h */
#include <linux/string.h>

#include "kmod/keyfd_call.h"
#include "kmod/kw.h"
#include "kmod/mech_aes.h"
#include "kmod/random.h"
#include "kmod/scratch.h"
#include "kmod/token.h"
#include "kmod/usercopy.h"

#define WRAP_ROOM 16

static int wrap_run(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool wrap)
{
	size_t len = c->in_len + 2 * WRAP_ROOM, out_len = 0;
	u32 use = wrap ? MHSM_OP_WRAP : MHSM_OP_UNWRAP;
	struct mhsm_subject who;
	struct mhsm_op op;
	u8 *in, *out;
	int ret;

	in = mhsm_scratch_get(2 * len);
	if (!in)
		return -ENOMEM;
	out = in + len;
	ret = -EFAULT;
	if (mhsm_user_read(in, c->in, c->in_len))
		goto free;
	ret = mhsm_keyfd_begin(kf, &op, &who, mhsm_op_action(use), use, c->alg);
	if (ret)
		goto free;
	ret = mhsm_aes_wrap(kf->key, c->alg, wrap, out, &out_len, in, c->in_len);
	if (!ret && c->out_len < out_len)
		ret = -ERANGE; /* KWP: only now known */
	ret = mhsm_op_end(&op, ret, c->in_len);
	if (!ret && mhsm_user_write(c->out, out, out_len))
		ret = -EFAULT;
	if (!ret || ret == -ERANGE)
		c->out_len = out_len;
free:
	memzero_explicit(in, 2 * len);
	mhsm_scratch_put(in, 2 * len);
	return ret;
}

/* How long must the output's room be at the least? 0: the length is not one that can be wrapped. */
static u32 wrap_need(const struct mhsm_ioc_crypt *c, bool wrap)
{
	u32 len = c->in_len;

	if (!wrap)
		return len >= (c->alg == MHSM_ALG_AES_KW ? 24 : 16) && len <= MHSM_KW_MAX + 8 && len % 8 == 0 ?
			       (c->alg == MHSM_ALG_AES_KW ? len - 8 : 1) :
			       0;
	if (c->alg == MHSM_ALG_AES_KW)
		return len >= 16 && len <= MHSM_KW_MAX && len % 8 == 0 ? len + 8 : 0;
	return len >= 1 && len <= MHSM_KW_MAX ? ALIGN(len, 8) + 8 : 0;
}

static int do_keywrap(struct file *filp, struct mhsm_ioc_crypt *c, bool wrap)
{
	struct mhsm_keyfd *kf = filp->private_data;
	u32 need;

	if (kf->key->type == MHSM_KEY_RSA)
		return mhsm_keyfd_rsa(kf, c, wrap ? MHSM_OP_WRAP : MHSM_OP_UNWRAP);
	if (c->flags || c->iv_len || c->tag_len || c->aad_len || c->iv || c->tag || c->aad)
		return -EINVAL;
	if ((c->alg != MHSM_ALG_AES_KW && c->alg != MHSM_ALG_AES_KWP) || kf->key->type != MHSM_KEY_AES)
		return -EOPNOTSUPP;
	need = wrap_need(c, wrap);
	if (!need)
		return -EINVAL;
	if (c->out_len < need) {
		c->out_len = need;
		return -ERANGE;
	}
	return wrap_run(kf, c, wrap);
}

int mhsm_keyfd_wrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_keywrap(filp, arg, true);
}

int mhsm_keyfd_unwrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_keywrap(filp, arg, false);
}

static int token_run(struct mhsm_keyfd *kf, struct mhsm_ioc_token *t, const struct mhsm_secret *data_key)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, MHSM_ACT_TOKEN_CREATE, MHSM_OP_WRAP, t->alg);
	if (ret)
		return ret;
	ret = mhsm_token_make(kf->key, t->alg, data_key->data, data_key->len, t->token);
	return mhsm_op_end(&op, ret, t->material ? t->key_len : 0);
}

/* The data key of another token. The fd carries no right on that one's key: it is the caller who must have it. */
static int token_reopen(struct mhsm_keyfd *kf, const struct mhsm_ioc_token *t, struct mhsm_secret *data_key)
{
	struct mhsm_session caller;
	struct mhsm_subject who;
	u8 token[MHSM_TOKEN_LEN];
	struct mhsm_key *kek;
	int ret;

	if (mhsm_user_read(token, t->material, sizeof(token)))
		return -EFAULT;
	mhsm_session_caller(&caller, &kf->session);
	mhsm_session_subject(&caller, &who);
	ret = mhsm_token_redeem(kf->key->domain, &who, t->alg, token, sizeof(token), data_key, &kek);
	if (!ret)
		mhsm_key_put(kek);
	return ret;
}

static int token_data_key(struct mhsm_keyfd *kf, const struct mhsm_ioc_token *t, struct mhsm_secret *data_key)
{
	int ret;

	if (t->flags & MHSM_TOKEN_REWRAP)
		return token_reopen(kf, t, data_key);
	ret = mhsm_secret_alloc(data_key, t->key_len);
	if (ret)
		return ret;
	if (!t->material)
		return mhsm_random_bytes(data_key->data, data_key->len);
	return mhsm_user_read(data_key->data, t->material, data_key->len) ? -EFAULT : 0;
}

int mhsm_keyfd_token(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_secret data_key = {};
	struct mhsm_ioc_token *t = arg;
	int ret;

	if (t->flags & ~MHSM_TOKEN_REWRAP)
		return -EINVAL;
	if (kf->key->type != MHSM_KEY_AES || kf->key->param != 256 || !mhsm_token_alg_valid(t->alg))
		return -EOPNOTSUPP;
	if (t->flags & MHSM_TOKEN_REWRAP ? t->key_len != MHSM_TOKEN_LEN || !t->material :
					   !mhsm_token_key_len_valid(t->alg, t->key_len))
		return -EINVAL;
	ret = token_data_key(kf, t, &data_key);
	if (!ret)
		ret = token_run(kf, t, &data_key);
	mhsm_secret_free(&data_key);
	return ret;
}
