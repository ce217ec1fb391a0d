// SPDX-License-Identifier: GPL-2.0-only
/* SIGN and VERIFY on a key fd: see keyfd_call.h */
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmod/alg.h"
#include "kmod/keyfd_call.h"
#include "kmod/keyop.h"
#include "kmod/mech.h"
#include "kmod/prim.h"
#include "kmod/usercopy.h"

/* What is signed: a digest, or what an algorithm takes that takes no digest */
struct input {
	u8 *data;
	size_t len; /* of data */
	size_t room; /* bytes allocated, to be wiped; 0: data is digest[] */
	u8 digest[MHSM_HASH_MAX];
};

static void input_free(struct input *in)
{
	if (in->room)
		kvfree_sensitive(in->data, in->room);
	memzero_explicit(in->digest, sizeof(in->digest));
}

/* Reads what is to be signed or verified; input_free() ends it. */
static int input_get(struct input *in, const struct mhsm_sigalg *alg, const struct mhsm_ioc_sign *s)
{
	struct mhsm_part part;
	u8 *message;
	int ret;

	in->data = in->digest;
	in->len = mhsm_prim_hash_len(alg->hash);
	in->room = 0;
	if (!(s->flags & MHSM_SIGN_MESSAGE) && alg->scheme != MHSM_SCHEME_RAW)
		return mhsm_user_read(in->digest, s->in, in->len) ? -EFAULT : 0;
	message = kvmalloc(s->in_len + 1, GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	if (mhsm_user_read(message, s->in, s->in_len)) {
		ret = -EFAULT;
	} else if (mhsm_sigalg_of_message(alg) || alg->scheme == MHSM_SCHEME_RAW) {
		in->data = message;
		in->len = s->in_len;
		in->room = s->in_len + 1;
		return 0;
	} else {
		part = (struct mhsm_part){ message, s->in_len };
		ret = mhsm_prim_hash(alg->hash, &part, 1, in->digest);
	}
	kvfree_sensitive(message, s->in_len + 1);
	return ret;
}

/* The algorithm, once all but the signature's length is right */
static int sign_check(const struct mhsm_key *key, const struct mhsm_ioc_sign *s, const struct mhsm_sigalg **alg)
{
	if (s->flags & ~MHSM_SIGN_MESSAGE || s->pad)
		return -EINVAL;
	return mhsm_keyop_sigalg(key, s->alg, s->flags & MHSM_SIGN_MESSAGE, s->in_len, alg);
}

static int sign_run(struct mhsm_keyfd *kf, const struct mhsm_sigalg *alg, const struct input *in, u8 *sig, u32 bytes)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, MHSM_ACT_SIGN, MHSM_OP_SIGN, alg->alg);
	if (ret)
		return ret;
	return mhsm_keyop_sign(&op, alg, in->data, in->len, sig, bytes);
}

int mhsm_keyfd_sign(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	const struct mhsm_sigalg *alg;
	struct mhsm_ioc_sign *s = arg;
	u8 sig[MHSM_SIG_MAX];
	struct input in;
	u32 len;
	int ret;

	ret = sign_check(kf->key, s, &alg);
	if (ret)
		return ret;
	len = kf->key->mech->sig_len(kf->key, alg);
	if (s->sig_len < len) {
		s->sig_len = len;
		return -ERANGE;
	}
	ret = input_get(&in, alg, s);
	if (!ret)
		ret = sign_run(kf, alg, &in, sig, s->in_len);
	if (!ret && mhsm_user_write(s->sig, sig, len))
		ret = -EFAULT;
	s->sig_len = len;
	input_free(&in);
	return ret;
}

static int verify_run(struct mhsm_keyfd *kf, const struct mhsm_sigalg *alg, const struct input *in, const u8 *sig,
		      u32 bytes)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, MHSM_ACT_VERIFY, MHSM_OP_VERIFY, alg->alg);
	if (ret)
		return ret;
	return mhsm_keyop_verify(&op, alg, in->data, in->len, sig, bytes);
}

int mhsm_keyfd_verify(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	const struct mhsm_sigalg *alg;
	struct mhsm_ioc_sign *s = arg;
	u8 sig[MHSM_SIG_MAX];
	struct input in;
	int ret;

	ret = sign_check(kf->key, s, &alg);
	if (ret)
		return ret;
	if (s->sig_len != kf->key->mech->sig_len(kf->key, alg))
		return -EINVAL;
	ret = input_get(&in, alg, s);
	if (!ret && mhsm_user_read(sig, s->sig, s->sig_len))
		ret = -EFAULT;
	if (!ret)
		ret = verify_run(kf, alg, &in, sig, s->in_len);
	input_free(&in);
	return ret;
}
