// SPDX-License-Identifier: GPL-2.0-only
/* Key fds: see keyfd.h */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kmod/domain.h"
#include "kmod/keyfd.h"
#include "kmod/mech.h"
#include "kmod/mech_aes.h"
#include "kmod/op.h"
#include "kmod/prim.h"
#include "kmod/random.h"
#include "kmod/scratch.h"
#include "kmod/token.h"

struct mhsm_keyfd {
	struct mhsm_key *key;
	struct mhsm_session session; /* a copy: the fd outlives the device's */
	u32 asked; /* rights that were granted at open; fixed */
	u32 rights; /* those of them that the policy of `generation` grants */
	u64 generation;
	struct mutex lock; /* renewing the two above */
	size_t scratch; /* bytes that a GCM request of this key needs; 0: it does none */
};

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

/* Begins a data operation through this fd. */
static int begin(struct mhsm_keyfd *kf, struct mhsm_op *op, struct mhsm_subject *who, u32 action, u32 use, u32 alg)
{
	u32 rights;

	mhsm_session_subject(&kf->session, who);
	rights = rights_now(kf, who);
	return mhsm_op_begin_granted(op, kf->key->domain, who, action, kf->key, use, !!(rights & use), alg);
}

/* --- AES ------------------------------------------------------------------------------------------------------ */

/*
 * User memory is read before an operation begins and written after it ended: a page of the caller's may take for ever to
 * come (userfaultfd, FUSE), and must hold up neither the end of the key nor the audit.
 */
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

	ret = begin(kf, &op, &who, encrypt ? MHSM_ACT_ENCRYPT : MHSM_ACT_DECRYPT,
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

static int do_encrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_gcm(filp, arg, true);
}

static int do_decrypt(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_gcm(filp, arg, false);
}

#define WRAP_MAX 4096 /* bytes of key material in one call, SP 800-38F allows more */
#define WRAP_ROOM 16

static int wrap_run(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool wrap)
{
	size_t len = c->in_len + 2 * WRAP_ROOM, out_len = 0;
	struct mhsm_subject who;
	struct mhsm_op op;
	u8 *in, *out;
	int ret;

	in = kzalloc(2 * len, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	out = in + len;
	ret = -EFAULT;
	if (copy_from_user(in, u64_to_user_ptr(c->in), c->in_len))
		goto free;
	ret = begin(kf, &op, &who, wrap ? MHSM_ACT_WRAP : MHSM_ACT_UNWRAP, wrap ? MHSM_OP_WRAP : MHSM_OP_UNWRAP, c->alg);
	if (ret)
		goto free;
	ret = mhsm_aes_wrap(kf->key, c->alg, wrap, out, &out_len, in, c->in_len);
	if (!ret && c->out_len < out_len)
		ret = -ERANGE; /* KWP: only now known */
	ret = mhsm_op_end(&op, ret, c->in_len);
	if (!ret && copy_to_user(u64_to_user_ptr(c->out), out, out_len))
		ret = -EFAULT;
	if (!ret || ret == -ERANGE)
		c->out_len = out_len;
free:
	kfree_sensitive(in);
	return ret;
}

/* How long must the output's room be at the least? 0: the length is not one that can be wrapped. */
static u32 wrap_need(const struct mhsm_ioc_crypt *c, bool wrap)
{
	u32 len = c->in_len;

	if (!wrap)
		return len >= (c->alg == MHSM_ALG_AES_KW ? 24 : 16) && len <= WRAP_MAX + 8 && len % 8 == 0 ?
			       (c->alg == MHSM_ALG_AES_KW ? len - 8 : 1) :
			       0;
	if (c->alg == MHSM_ALG_AES_KW)
		return len >= 16 && len <= WRAP_MAX && len % 8 == 0 ? len + 8 : 0;
	return len >= 1 && len <= WRAP_MAX ? ALIGN(len, 8) + 8 : 0;
}

static int do_keywrap(struct file *filp, struct mhsm_ioc_crypt *c, bool wrap)
{
	struct mhsm_keyfd *kf = filp->private_data;
	u32 need;

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

static int do_wrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_keywrap(filp, arg, true);
}

static int do_unwrap(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return do_keywrap(filp, arg, false);
}

/* --- signatures ----------------------------------------------------------------------------------------------- */

#define DIGEST_LEN 32
#define SIG_LEN 64

static int digest_in(const struct mhsm_ioc_sign *s, u8 digest[DIGEST_LEN])
{
	struct mhsm_part part;
	u8 *message;
	int ret;

	if (!(s->flags & MHSM_SIGN_MESSAGE))
		return copy_from_user(digest, u64_to_user_ptr(s->in), DIGEST_LEN) ? -EFAULT : 0;
	message = kvmalloc(s->in_len + 1, GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	ret = -EFAULT;
	if (!copy_from_user(message, u64_to_user_ptr(s->in), s->in_len)) {
		part = (struct mhsm_part){ message, s->in_len };
		ret = mhsm_prim_hash(MHSM_SHA256, &part, 1, digest);
	}
	kvfree_sensitive(message, s->in_len + 1);
	return ret;
}

static int sign_check(const struct mhsm_keyfd *kf, const struct mhsm_ioc_sign *s)
{
	if (s->flags & ~MHSM_SIGN_MESSAGE || s->pad)
		return -EINVAL;
	if (s->alg != MHSM_ALG_ES256 || !kf->key->mech->sign)
		return -EOPNOTSUPP;
	if (s->flags & MHSM_SIGN_MESSAGE ? s->in_len > MHSM_DATA_MAX : s->in_len != DIGEST_LEN)
		return -EINVAL;
	return 0;
}

static int do_sign(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_ioc_sign *s = arg;
	u8 digest[DIGEST_LEN], sig[SIG_LEN];
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = sign_check(kf, s);
	if (ret)
		return ret;
	if (s->sig_len < SIG_LEN) {
		s->sig_len = SIG_LEN;
		return -ERANGE;
	}
	ret = digest_in(s, digest);
	if (ret)
		return ret;
	ret = begin(kf, &op, &who, MHSM_ACT_SIGN, MHSM_OP_SIGN, s->alg);
	if (ret)
		return ret;
	ret = kf->key->mech->sign(kf->key, s->alg, digest, DIGEST_LEN, sig);
	ret = mhsm_op_end(&op, ret, s->in_len);
	if (!ret && copy_to_user(u64_to_user_ptr(s->sig), sig, SIG_LEN))
		ret = -EFAULT;
	s->sig_len = SIG_LEN;
	return ret;
}

static int do_verify(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_ioc_sign *s = arg;
	u8 digest[DIGEST_LEN], sig[SIG_LEN];
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = sign_check(kf, s);
	if (ret)
		return ret;
	if (s->sig_len != SIG_LEN)
		return -EINVAL;
	ret = digest_in(s, digest);
	if (ret)
		return ret;
	if (copy_from_user(sig, u64_to_user_ptr(s->sig), SIG_LEN))
		return -EFAULT;
	ret = begin(kf, &op, &who, MHSM_ACT_VERIFY, MHSM_OP_VERIFY, s->alg);
	if (ret)
		return ret;
	ret = kf->key->mech->verify(kf->key, s->alg, digest, DIGEST_LEN, sig);
	return mhsm_op_end(&op, ret, s->in_len);
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static int token_run(struct mhsm_keyfd *kf, struct mhsm_ioc_token *t, const struct mhsm_secret *data_key)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = begin(kf, &op, &who, MHSM_ACT_TOKEN_CREATE, MHSM_OP_WRAP, t->alg);
	if (ret)
		return ret;
	ret = mhsm_token_make(kf->key, t->alg, data_key->data, data_key->len, t->token);
	return mhsm_op_end(&op, ret, t->material ? t->key_len : 0);
}

static int do_token(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_secret data_key = {};
	struct mhsm_ioc_token *t = arg;
	int ret;

	if (t->flags)
		return -EINVAL;
	if (kf->key->type != MHSM_KEY_AES || kf->key->param != 256 || !mhsm_token_alg_valid(t->alg))
		return -EOPNOTSUPP;
	if (!mhsm_token_key_len_valid(t->alg, t->key_len))
		return -EINVAL;
	ret = mhsm_secret_alloc(&data_key, t->key_len);
	if (ret)
		return ret;
	if (!t->material)
		ret = mhsm_random_bytes(data_key.data, data_key.len);
	else if (copy_from_user(data_key.data, u64_to_user_ptr(t->material), data_key.len))
		ret = -EFAULT;
	if (!ret)
		ret = token_run(kf, t, &data_key);
	mhsm_secret_free(&data_key);
	return ret;
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
	u8 out[128];
	u32 len = min_t(u32, p->len, sizeof(out));
	int ret;

	if (!kf->key->mech->public)
		return -EOPNOTSUPP;
	mhsm_session_subject(&kf->session, &who);
	ret = mhsm_op_begin_granted(&op, kf->key->domain, &who, MHSM_ACT_KEY_READ, kf->key, 0, true, 0);
	if (ret)
		return ret;
	ret = mhsm_op_end(&op, kf->key->mech->public(kf->key, out, &len), 0);
	p->len = len;
	if (!ret && copy_to_user(u64_to_user_ptr(p->out), out, len))
		ret = -EFAULT;
	return ret;
}

#define CALL(nr, type, fn) [_IOC_NR(nr) - 0x80] = MHSM_IOCTL_ENTRY(type, fn)

static const struct mhsm_ioctl calls[] = {
	CALL(MHSM_IOC_KEY_INFO, mhsm_ioc_key_info, do_info), CALL(MHSM_IOC_PUBLIC, mhsm_ioc_public, do_public),
	CALL(MHSM_IOC_ENCRYPT, mhsm_ioc_crypt, do_encrypt),  CALL(MHSM_IOC_DECRYPT, mhsm_ioc_crypt, do_decrypt),
	CALL(MHSM_IOC_WRAP, mhsm_ioc_crypt, do_wrap),	     CALL(MHSM_IOC_UNWRAP, mhsm_ioc_crypt, do_unwrap),
	CALL(MHSM_IOC_SIGN, mhsm_ioc_sign, do_sign),	     CALL(MHSM_IOC_VERIFY, mhsm_ioc_sign, do_verify),
	CALL(MHSM_IOC_TOKEN, mhsm_ioc_token, do_token),
};

static long keyfd_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return mhsm_ioctl_dispatch(calls, ARRAY_SIZE(calls), 0x80, filp, cmd, arg);
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
	.llseek = noop_llseek,
};

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
