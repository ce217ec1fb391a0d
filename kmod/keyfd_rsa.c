// SPDX-License-Identifier: GPL-2.0-only
/* ENCRYPT, DECRYPT, WRAP and UNWRAP with RSA on a key fd: see keyfd_call.h */
#include <linux/mm.h>
#include <linux/slab.h>

#include "kmod/keyfd_call.h"
#include "kmod/keyop.h"
#include "kmod/usercopy.h"

static int run(struct mhsm_keyfd *kf, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d, u32 use)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, mhsm_op_action(use), use, alg->alg);
	if (ret)
		return ret;
	return mhsm_keyop_rsa(&op, alg, d, use);
}

/* The algorithm, and in *@need the room that the output must have; -ERANGE if it has less */
static int check(const struct mhsm_key *key, const struct mhsm_ioc_crypt *c, u32 use,
		 const struct mhsm_rsa_cryptalg **alg, u32 *need)
{
	const struct mhsm_rsa_cryptalg *a = mhsm_rsa_cryptalg_find(c->alg);
	int room;

	if (c->flags || c->iv_len || c->tag_len || c->iv || c->tag)
		return -EINVAL;
	if (!a || (a->padding == MHSM_RSA_AES_KWP && use & (MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT)))
		return -EOPNOTSUPP;
	if (a->padding == MHSM_RSA_OAEP ? c->aad_len > MHSM_AAD_MAX : c->aad_len || c->aad)
		return -EINVAL;
	room = mhsm_keyop_rsa_room(key, a, use, c->in_len);
	if (room < 0)
		return room;
	*alg = a;
	*need = room;
	return c->out_len < *need ? -ERANGE : 0;
}

int mhsm_keyfd_rsa(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, u32 use)
{
	const struct mhsm_rsa_cryptalg *alg;
	struct mhsm_rsa_data d;
	size_t len;
	u32 need;
	u8 *buf;
	int ret;

	ret = check(kf->key, c, use, &alg, &need);
	if (ret == -ERANGE)
		c->out_len = need;
	if (ret)
		return ret;
	len = (size_t)c->aad_len + c->in_len + need;
	buf = kvmalloc(len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	d = (struct mhsm_rsa_data){
		.label = buf,
		.label_len = c->aad_len,
		.in = buf + c->aad_len,
		.in_len = c->in_len,
		.out = buf + c->aad_len + c->in_len,
	};
	ret = -EFAULT;
	if (!mhsm_user_read(buf, c->aad, c->aad_len) &&
	    !mhsm_user_read(buf + c->aad_len, c->in, c->in_len))
		ret = run(kf, alg, &d, use);
	if (!ret && mhsm_user_write(c->out, d.out, d.out_len))
		ret = -EFAULT;
	if (!ret)
		c->out_len = d.out_len;
	kvfree_sensitive(buf, len);
	return ret;
}
