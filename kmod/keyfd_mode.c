// SPDX-License-Identifier: GPL-2.0-only
/*
 * ENCRYPT and DECRYPT with AES-CBC, CBCPAD and CTR on a key fd: see keyfd_call.h
 *
 * Padding makes or takes the last block, which goes apart from the rest, the body: the body is as long at in as at out,
 * and may be worked on where it is (bulk.h). To decrypt, the last block comes first: nothing is written unless it is
 * right.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "kmod/bulk.h"
#include "kmod/frame.h"
#include "kmod/keyfd_call.h"
#include "kmod/mech_aes.h"
#include "kmod/padding.h"
#include "kmod/random.h"
#include "kmod/usercopy.h"

#define BLOCK MHSM_PADDING_BLOCK

struct mode_call {
	enum mhsm_mode mode;
	bool encrypt;
	bool pad;
	bool large; /* `bulk` has its pages */
	struct mhsm_bulk bulk;
	struct mhsm_frame frame;
	struct mhsm_cipher_call body;
	u8 *last; /* if pad: the last block */
	u8 *before; /* if pad: to decrypt it, the block before it */
	u32 last_len; /* bytes of plaintext in it */
	u8 iv[MHSM_CIPHER_IV];
};

/* Bytes of scratch memory for requests with this key: asked of it once for each fd */
static int scratch_of(struct mhsm_keyfd *kf, enum mhsm_mode mode, size_t *len)
{
	int ret;

	*len = smp_load_acquire(&kf->modes[mode]);
	if (*len)
		return 0;
	ret = mhsm_aes_mode_prepare(kf->key, mode, len);
	if (!ret)
		smp_store_release(&kf->modes[mode], *len);
	return ret;
}

static size_t body_len(const struct mode_call *m, const struct mhsm_ioc_crypt *c)
{
	if (!m->pad)
		return c->in_len;
	return m->encrypt ? round_down(c->in_len, BLOCK) : c->in_len - BLOCK;
}

static int mode_alloc(struct mode_call *m, struct mhsm_keyfd *kf, const struct mhsm_ioc_crypt *c)
{
	size_t scratch, request, len = body_len(m, c);
	int ret;

	ret = scratch_of(kf, m->mode, &scratch);
	if (ret)
		return ret;
	request = ALIGN(scratch, 16);
	m->large = len > MHSM_DATA_MAX;
	ret = mhsm_frame_get(&m->frame, request + MHSM_CIPHER_IV + 2 * BLOCK, m->large ? 0 : len);
	if (ret)
		return ret;
	m->body.scratch = m->frame.head;
	m->body.iv = m->frame.head + request;
	m->last = m->body.iv + MHSM_CIPHER_IV;
	m->before = m->last + BLOCK;
	m->body.in = (struct mhsm_buf){ .p = m->frame.data, .len = len };
	m->body.in_place = true;
	if (!m->large)
		return 0;
	ret = mhsm_bulk_get(&m->bulk, c->in, c->out, len);
	if (ret) {
		mhsm_frame_put(&m->frame);
		return ret;
	}
	m->body.in = m->bulk.in;
	m->body.out = m->bulk.out;
	m->body.in_place = m->bulk.in_place;
	return 0;
}

static void mode_free(struct mode_call *m)
{
	/* What the cipher left in its request could tell of the key. */
	memzero_explicit(m->frame.head, m->before + BLOCK - m->frame.head);
	if (m->large)
		mhsm_bulk_put(&m->bulk);
	else
		memzero_explicit(m->body.in.p, m->body.in.len);
	mhsm_frame_put(&m->frame);
}

static int copy_last_in(struct mode_call *m, const struct mhsm_ioc_crypt *c)
{
	size_t body = m->body.in.len;

	if (m->encrypt) {
		if (mhsm_user_read(m->last, c->in + body, c->in_len - body))
			return -EFAULT;
		mhsm_padding_add(m->last, c->in_len - body);
		return 0;
	}
	memcpy(m->before, m->iv, BLOCK);
	if (body && mhsm_user_read(m->before, c->in + body - BLOCK, BLOCK))
		return -EFAULT;
	return mhsm_user_read(m->last, c->in + body, BLOCK) ? -EFAULT : 0;
}

static int mode_copy_in(struct mode_call *m, const struct mhsm_ioc_crypt *c)
{
	int ret = 0;

	if (m->encrypt && c->flags & MHSM_CRYPT_MAKE_IV)
		ret = mhsm_random_bytes(m->iv, MHSM_CIPHER_IV);
	else if (mhsm_user_read(m->iv, c->iv, MHSM_CIPHER_IV))
		ret = -EFAULT;
	if (ret)
		return ret;
	memcpy(m->body.iv, m->iv, MHSM_CIPHER_IV);
	if (!m->large && mhsm_user_read(m->body.in.p, c->in, m->body.in.len))
		return -EFAULT;
	return m->pad ? copy_last_in(m, c) : 0;
}

static int mode_copy_out(struct mode_call *m, struct mhsm_ioc_crypt *c)
{
	size_t body = m->body.in.len, last = !m->pad ? 0 : m->encrypt ? BLOCK : m->last_len;

	if ((!m->large && mhsm_user_write(c->out, m->body.in.p, body)) ||
	    mhsm_user_write(c->out + body, m->last, last) ||
	    (c->flags & MHSM_CRYPT_MAKE_IV && mhsm_user_write(c->iv, m->iv, MHSM_CIPHER_IV)))
		return -EFAULT;
	c->out_len = body + last;
	return 0;
}

static int crypt_last(struct mhsm_key *key, struct mode_call *m)
{
	struct mhsm_cipher_call last = {
		.scratch = m->body.scratch,
		/* Encrypted, it goes on where the body ended. */
		.iv = m->encrypt ? m->body.iv : m->before,
		.in = { .p = m->last, .len = BLOCK },
		.in_place = true,
	};
	int ret = mhsm_aes_mode(key, m->mode, m->encrypt, &last);
	u32 padding;

	if (ret || m->encrypt)
		return ret;
	padding = mhsm_padding_len(m->last);
	m->last_len = BLOCK - padding;
	return padding ? 0 : -EBADMSG;
}

static int crypt(struct mhsm_key *key, struct mode_call *m)
{
	int ret = 0;

	if (m->pad && !m->encrypt)
		ret = crypt_last(key, m);
	if (!ret)
		ret = mhsm_aes_mode(key, m->mode, m->encrypt, &m->body);
	if (!ret && m->pad && m->encrypt)
		ret = crypt_last(key, m);
	return ret;
}

static int mode_run(struct mhsm_keyfd *kf, struct mode_call *m, const struct mhsm_ioc_crypt *c)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, m->encrypt ? MHSM_ACT_ENCRYPT : MHSM_ACT_DECRYPT,
			       m->encrypt ? MHSM_OP_ENCRYPT : MHSM_OP_DECRYPT, c->alg);
	if (ret)
		return ret;
	return mhsm_op_end(&op, crypt(kf->key, m), c->in_len);
}

static bool length_valid(const struct mhsm_ioc_crypt *c, bool encrypt)
{
	if (c->alg == MHSM_ALG_AES_CBCPAD && !encrypt)
		return c->in_len && c->in_len % BLOCK == 0 && c->in_len <= MHSM_BULK_MAX + BLOCK;
	return c->in_len <= MHSM_BULK_MAX && (c->alg != MHSM_ALG_AES_CBC || c->in_len % BLOCK == 0);
}

static int mode_check(const struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt)
{
	u32 need = c->in_len;

	if (c->flags & ~(encrypt ? MHSM_CRYPT_MAKE_IV : 0))
		return -EINVAL;
	if (kf->key->type != MHSM_KEY_AES || kf->key->ops & ~(MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT))
		return -EOPNOTSUPP;
	if (c->iv_len != MHSM_CIPHER_IV || c->tag_len || c->aad_len || c->tag || c->aad || !length_valid(c, encrypt))
		return -EINVAL;
	if (c->alg == MHSM_ALG_AES_CBCPAD)
		need = encrypt ? round_down(need, BLOCK) + BLOCK : need - 1;
	if (c->out_len < need) {
		c->out_len = need;
		return -ERANGE;
	}
	return 0;
}

int mhsm_keyfd_mode(struct mhsm_keyfd *kf, struct mhsm_ioc_crypt *c, bool encrypt)
{
	struct mode_call m = {
		.mode = c->alg == MHSM_ALG_AES_CTR ? MHSM_MODE_CTR : MHSM_MODE_CBC,
		.pad = c->alg == MHSM_ALG_AES_CBCPAD,
		.encrypt = encrypt,
	};
	int ret;

	ret = mode_check(kf, c, encrypt);
	if (ret)
		return ret;
	ret = mode_alloc(&m, kf, c);
	if (ret)
		return ret;
	ret = mode_copy_in(&m, c);
	if (!ret)
		ret = mode_run(kf, &m, c);
	if (!ret)
		ret = mode_copy_out(&m, c);
	mode_free(&m);
	return ret;
}
