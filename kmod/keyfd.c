// SPDX-License-Identifier: GPL-2.0-only
/* Key fds: see keyfd.h */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kmod/domain.h"
#include "kmod/keyfd_call.h"
#include "kmod/mech.h"
#include "kmod/mech_aes.h"
#include "kmod/spki.h"
#include "kmod/uring.h"
#include "kmod/usercopy.h"

/* Rights are decided anew when the policy has changed since. */
static u32 rights_now(struct mhsm_keyfd *kf, const struct mhsm_subject *who)
{
	u64 generation = smp_load_acquire(&kf->key->domain->policy_generation);

	if (likely(smp_load_acquire(&kf->generation) == generation))
		return READ_ONCE(kf->rights);
	mutex_lock(&kf->lock);
	WRITE_ONCE(kf->rights, mhsm_op_rights(kf->key->domain, who, kf->key, kf->asked));
	smp_store_release(&kf->generation, generation);
	mutex_unlock(&kf->lock);
	return READ_ONCE(kf->rights);
}

int mhsm_keyfd_begin(struct mhsm_keyfd *kf, struct mhsm_op *op, struct mhsm_subject *who, u32 action, u32 use, u32 alg)
{
	u32 rights;

	mhsm_session_subject(&kf->session, who);
	rights = rights_now(kf, who);
	return mhsm_op_begin_granted(op, kf->key->domain, who, action, kf->key, use, !!(rights & use), alg);
}

static int do_info(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_ioc_key_info *i = arg;

	if (i->pad)
		return -EINVAL;
	mhsm_key_info(kf->key, &i->info);
	i->info.rights = READ_ONCE(kf->rights) | MHSM_RIGHT_READ;
	return 0;
}

static int do_public(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_ioc_public *p = arg;
	struct mhsm_subject who;
	struct mhsm_op op;
	u8 out[MHSM_SPKI_MAX];
	u32 len, room = p->len;
	int ret;

	len = mhsm_spki_encode(out, kf->key->type, kf->key->param, kf->key->public, kf->key->public_len);
	if (!len)
		return -EOPNOTSUPP;
	mhsm_session_subject(&kf->session, &who);
	ret = mhsm_op_begin_granted(&op, kf->key->domain, &who, MHSM_ACT_KEY_READ, kf->key, 0, true, 0);
	if (ret)
		return ret;
	ret = mhsm_op_end(&op, room < len ? -ERANGE : 0, 0);
	p->len = len;
	if (!ret && mhsm_user_write(p->out, out, len))
		ret = -EFAULT;
	return ret;
}

#define FIRST 0x80
#define CALL(nr, type, fn) [_IOC_NR(nr) - FIRST] = MHSM_IOCTL_ENTRY(type, fn)
/* A struct that first ended before @member */
#define GROWN(nr, type, member, fn) [_IOC_NR(nr) - FIRST] = MHSM_IOCTL_GROWN(type, offsetof(struct type, member), fn)
#define DATA(nr, type, field, fn) [_IOC_NR(nr) - FIRST] = MHSM_IOCTL_DATA(type, field, fn)

static const struct mhsm_ioctl calls[] = {
	GROWN(MHSM_IOC_KEY_INFO, mhsm_ioc_key_info, info.use_limit, do_info),
	CALL(MHSM_IOC_PUBLIC, mhsm_ioc_public, do_public),
	DATA(MHSM_IOC_ENCRYPT, mhsm_ioc_crypt, out_len, mhsm_keyfd_encrypt),
	DATA(MHSM_IOC_DECRYPT, mhsm_ioc_crypt, out_len, mhsm_keyfd_decrypt),
	DATA(MHSM_IOC_WRAP, mhsm_ioc_crypt, out_len, mhsm_keyfd_wrap),
	DATA(MHSM_IOC_UNWRAP, mhsm_ioc_crypt, out_len, mhsm_keyfd_unwrap),
	DATA(MHSM_IOC_SIGN, mhsm_ioc_sign, sig_len, mhsm_keyfd_sign),
	DATA(MHSM_IOC_VERIFY, mhsm_ioc_sign, sig_len, mhsm_keyfd_verify),
	CALL(MHSM_IOC_TOKEN, mhsm_ioc_token, mhsm_keyfd_token),
	CALL(MHSM_IOC_DERIVE, mhsm_ioc_derive, mhsm_keyfd_derive),
};

static long keyfd_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return mhsm_ioctl_dispatch(calls, ARRAY_SIZE(calls), FIRST, filp, cmd, arg);
}

static int keyfd_release(struct inode *inode, struct file *filp)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_key *key = kf->key;

	mhsm_key_close(key);
	/* A session key has this one fd, and ends with it. */
	if (key->flags & MHSM_KEY_SESSION)
		mhsm_keytab_remove(&key->domain->keys, key);
	mhsm_key_put(key);
	kfree(kf);
	return 0;
}

static const struct file_operations keyfd_fops = {
	.owner = THIS_MODULE,
	.release = keyfd_release,
	.unlocked_ioctl = keyfd_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.uring_cmd = mhsm_uring_cmd,
	.llseek = noop_llseek,
};

struct mhsm_keyfd *mhsm_keyfd_of(struct file *filp)
{
	return filp->f_op == &keyfd_fops ? filp->private_data : NULL;
}

int mhsm_keyfd_data(struct file *filp, u32 nr, void __user *arg)
{
	const struct mhsm_ioctl *call = mhsm_ioctl_find(calls, ARRAY_SIZE(calls), FIRST, nr);

	if (!mhsm_keyfd_of(filp) || !call || !call->out)
		return -ENOTTY;
	return mhsm_ioctl_data(call, filp, arg);
}

int mhsm_keyfd_make(struct mhsm_session *session, struct mhsm_key *key, u32 rights, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = kzalloc(sizeof(*kf), GFP_KERNEL);
	struct mhsm_subject who;
	int ret;

	if (!kf)
		return -ENOMEM;
	ret = mhsm_key_open(key);
	if (ret)
		goto free;
	mhsm_session_subject(session, &who);
	kf->key = mhsm_key_get(key);
	kf->session.domain = session->domain;
	kf->session.bound = smp_load_acquire(&session->bound);
	kf->session.who = session->who;
	mutex_init(&kf->lock);
	kf->asked = rights;
	kf->generation = smp_load_acquire(&key->domain->policy_generation);
	kf->rights = mhsm_op_rights(key->domain, &who, key, rights);
	kf->scratch = mhsm_aes_gcm_scratch(key);
	ret = mhsm_ioctl_make_file(made, "[mhsm-key]", &keyfd_fops, kf);
	if (!ret)
		return 0;
	mhsm_key_close(key);
	mhsm_key_put(key);
free:
	kfree(kf);
	return ret;
}
