// SPDX-License-Identifier: GPL-2.0-only
/*
 * ENCRYPT and DECRYPT with AES-GCM on a key fd: see keyfd_call.h
 *
 * A message goes through memory of the kernel: nobody changes it while it is worked on, and what comes of a wrong tag is
 * seen by nobody. Only large ones are encrypted where they are (bulk.h).
 */
#include <linux/mm.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/bulk.h"
#include "kmod/compat/uninitialized.h"
#include "kmod/frame.h"
#include "kmod/keyfd_call.h"
#include "kmod/mech_aes.h"
#include "kmod/random.h"
#include "kmod/usercopy.h"

/*
 * The memory that large messages take while they are decrypted: as many as this have it at a time. Whoever has it waits
 * for nobody's pages.
 */
#define DECRYPTED_AT_ONCE 8
static struct semaphore decrypted = __SEMAPHORE_INITIALIZER(decrypted, DECRYPTED_AT_ONCE);

struct gcm_call {
	struct mhsm_gcm gcm;
	struct mhsm_frame frame;
	bool public; /* the data is ciphertext */
	bool large; /* `bulk` has its pages */
	struct mhsm_bulk bulk;
	u8 *plain; /* for a large message to be decrypted; NULL: none */
	u8 iv[MHSM_GCM_IV];
};

static int gcm_alloc(struct gcm_call *g, struct mhsm_keyfd *kf, const struct mhsm_ioc_crypt *c)
{
	size_t request = ALIGN(kf->scratch, 16), head = request + 16 + MHSM_GCM_TAG;
	size_t aad_apart = head + c->aad_len > PAGE_SIZE ? c->aad_len : 0;
	struct mhsm_gcm *gcm = &g->gcm;
	int ret;

	g->public = false;
	g->plain = NULL;
	g->large = c->in_len > MHSM_DATA_MAX;
	ret = mhsm_frame_get(&g->frame, head + (aad_apart ? 0 : c->aad_len), aad_apart + (g->large ? 0 : c->in_len));
	if (ret)
		return ret;
	gcm->scratch = g->frame.head;
	gcm->iv = g->frame.head + request;
	gcm->tag = gcm->iv + 16;
	gcm->aad = (struct mhsm_buf){ .p = aad_apart ? g->frame.data : gcm->tag + MHSM_GCM_TAG, .len = c->aad_len };
	gcm->in = (struct mhsm_buf){ .p = g->frame.data + aad_apart, .len = g->large ? 0 : c->in_len };
	gcm->in_place = true;
	gcm->near = !g->large && !g->frame.apart;
	if (!g->large)
		return 0;
	ret = mhsm_bulk_get(&g->bulk, c->in, c->out, c->in_len);
	if (ret)
		mhsm_frame_put(&g->frame);
	return ret;
}

static void gcm_free(struct gcm_call *g)
{
	/* What the cipher left in its request could tell of the key, and what is authenticated need not be public. */
	memzero_explicit(g->gcm.scratch, g->gcm.iv - (u8 *)g->gcm.scratch);
	if (g->gcm.aad.len)
		memzero_explicit(g->gcm.aad.p, g->gcm.aad.len);
	if (!g->public) {
		if (!g->large)
			memzero_explicit(g->gcm.in.p, g->gcm.in.len);
		memzero_explicit(g->gcm.tag, MHSM_GCM_TAG);
	}
	if (g->plain) {
		kvfree_sensitive(g->plain, g->bulk.in.len);
		up(&decrypted);
	}
	if (g->large)
		mhsm_bulk_put(&g->bulk);
	mhsm_frame_put(&g->frame);
}

/* The data of a large message: where they are, or to be decrypted, in memory of the kernel */
static int gcm_large(struct gcm_call *g, bool encrypt)
{
	struct mhsm_gcm *gcm = &g->gcm;
	u8 *plain;

	if (encrypt) {
		gcm->in = g->bulk.in;
		gcm->out = g->bulk.out;
		gcm->in_place = g->bulk.in_place;
		return 0;
	}
	if (down_killable(&decrypted))
		return -EINTR;
	plain = kvmalloc(g->bulk.in.len, GFP_KERNEL_ACCOUNT);
	if (!plain) {
		up(&decrypted);
		return -ENOMEM;
	}
	g->plain = plain;
	mhsm_bulk_read(&g->bulk, plain);
	gcm->in = (struct mhsm_buf){ .p = plain, .len = g->bulk.in.len };
	return 0;
}

static int gcm_copy_in(struct gcm_call *g, const struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_gcm *gcm = &g->gcm;

	if (encrypt && c->flags & MHSM_CRYPT_MAKE_IV) {
		int ret = mhsm_random_iv(g->iv);

		if (ret)
			return ret;
	} else if (mhsm_user_read(g->iv, c->iv, MHSM_GCM_IV)) {
		return -EFAULT;
	}
	memcpy(gcm->iv, g->iv, MHSM_GCM_IV);
	if (mhsm_user_read(gcm->aad.p, c->aad, gcm->aad.len) ||
	    (!g->large && mhsm_user_read(gcm->in.p, c->in, gcm->in.len)) ||
	    (!encrypt && mhsm_user_read(gcm->tag, c->tag, MHSM_GCM_TAG)))
		return -EFAULT;
	return g->large ? gcm_large(g, encrypt) : 0;
}

static int gcm_copy_out(struct gcm_call *g, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mhsm_gcm *gcm = &g->gcm;

	if (g->plain)
		mhsm_bulk_write(&g->bulk, g->plain);
	if ((!g->large && mhsm_user_write(c->out, gcm->in.p, gcm->in.len)) ||
	    (encrypt && mhsm_user_write(c->tag, gcm->tag, MHSM_GCM_TAG)) ||
	    (c->flags & MHSM_CRYPT_MAKE_IV && mhsm_user_write(c->iv, g->iv, MHSM_GCM_IV)))
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
	if (kf->key->type != MHSM_KEY_AES)
		return -EOPNOTSUPP;
	if (c->iv_len != MHSM_GCM_IV || c->tag_len != MHSM_GCM_TAG || c->aad_len > MHSM_AAD_MAX ||
	    c->in_len > MHSM_BULK_MAX)
		return -EINVAL;
	if (c->out_len < c->in_len) {
		c->out_len = c->in_len;
		return -ERANGE;
	}
	return 0;
}

int mhsm_keyfd_gcm(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct gcm_call g MHSM_UNINITIALIZED;
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
