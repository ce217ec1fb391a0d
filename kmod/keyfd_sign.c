// SPDX-License-Identifier: GPL-2.0-only
/* SIGN and VERIFY on a key fd: see keyfd_call.h */
#include <linux/string.h>

#include "kmod/alg.h"
#include "kmod/frame.h"
#include "kmod/keyfd_call.h"
#include "kmod/keyop.h"
#include "kmod/mech.h"
#include "kmod/prim.h"
#include "kmod/usercopy.h"

/* What is signed: a digest, or what an algorithm takes that takes no digest */
struct input {
	const u8 *data; /* digest[], or what is in `frame` */
	size_t len; /* of data */
	struct mhsm_frame frame;
	u8 digest[MHSM_HASH_MAX];
};

static void frame_free(struct mhsm_frame *f, size_t len)
{
	memzero_explicit(f->data, len);
	mhsm_frame_put(f);
}

static void input_free(struct input *in)
{
	if (in->data != in->digest)
		frame_free(&in->frame, in->len);
	memzero_explicit(in->digest, sizeof(in->digest));
}

/* Reads what is to be signed or verified; input_free() ends it. */
static int input_get(struct input *in, const struct mhsm_sigalg *alg, const struct mhsm_ioc_sign *s)
{
	bool whole = mhsm_sigalg_of_message(alg) || alg->scheme == MHSM_SCHEME_RAW;
	struct mhsm_part part;
	int ret;

	in->data = in->digest;
	in->len = mhsm_prim_hash_len(alg->hash);
	if (!(s->flags & MHSM_SIGN_MESSAGE) && alg->scheme != MHSM_SCHEME_RAW)
		return mhsm_user_read(in->digest, s->in, in->len);
	ret = mhsm_frame_get(&in->frame, 0, s->in_len);
	if (ret)
		return ret;
	ret = mhsm_user_read(in->frame.data, s->in, s->in_len);
	if (!ret && whole) {
		in->data = in->frame.data;
		in->len = s->in_len;
		return 0;
	}
	part = (struct mhsm_part){ in->frame.data, s->in_len };
	if (!ret)
		ret = mhsm_prim_hash(alg->hash, &part, 1, in->digest);
	frame_free(&in->frame, s->in_len);
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
