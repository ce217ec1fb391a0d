// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binding a cipher to a key of the HSM, and forwarding its requests: see skcipher.h.
 *
 * A transform is bound by setkey: the token's data key goes into the child, `live` begins, and the KEK learns of the
 * consumer. A request holds `live` while it is in the child. Whatever ends the binding (revocation of the KEK, the next
 * setkey, the end of the transform) ends `live`, waits for the requests to leave, and overwrites the child's key. A
 * cipher must not be given a key while it works, or it would write with a mixture of both.
 */
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "kmod/crypto_api/skcipher.h"
#include "kmod/domain.h"
#include "kmod/token.h"

#define CHILD_KEY_MAX 64

static void live_ended(struct percpu_ref *live)
{
	complete(&container_of(live, struct mhsm_skcipher, live)->drained);
}

/* No request gets into the child any more, and none is in it. Does nothing the second time. */
static void stop(struct mhsm_skcipher *s)
{
	if (percpu_ref_is_dying(&s->live))
		return;
	reinit_completion(&s->drained);
	percpu_ref_kill(&s->live);
	wait_for_completion(&s->drained);
}

/* The child forgets its key: there is no way to take a key from a cipher, except to give it another. */
static int overwrite(struct mhsm_skcipher *s)
{
	u8 noise[CHILD_KEY_MAX] __aligned(CHILD_KEY_MAX); /* or setkey may have to allocate a copy */
	int ret;

	get_random_bytes(noise, s->inner->key_len);
	ret = crypto_skcipher_setkey(s->child, noise, s->inner->key_len);
	memzero_explicit(noise, sizeof(noise));
	if (ret)
		pr_err_once("mhsm: the cipher driver %s refused a new key (error %d): the old key, which nothing can use any more, stays in memory until the volume is closed\n",
			    crypto_tfm_alg_driver_name(crypto_skcipher_tfm(s->child)), ret);
	return ret;
}

static void revoke(struct mhsm_consumer *consumer)
{
	struct mhsm_skcipher *s = container_of(consumer, struct mhsm_skcipher, consumer);

	stop(s);
	overwrite(s);
}

/* Must hold s->lock */
static int unbind(struct mhsm_skcipher *s)
{
	int ret;

	if (!s->kek)
		return 0;
	/* From here on revoke() neither runs nor will, so that `live` is ours. */
	mhsm_key_detach(s->kek, &s->consumer);
	stop(s);
	ret = overwrite(s);
	mhsm_key_put(s->kek);
	s->kek = NULL;
	return ret;
}

/* Must hold s->lock; not bound */
static int bind(struct mhsm_skcipher *s, const u8 *token, unsigned int len)
{
	struct mhsm_secret data_key = {};
	struct mhsm_subject who;
	struct mhsm_key *kek;
	int ret;

	mhsm_subject_current(&who, MHSM_VIA_CRYPTO_API);
	ret = mhsm_token_redeem(mhsm_domain_default(), &who, s->inner->token_alg, token, len, &data_key, &kek);
	if (ret)
		return ret;
	ret = crypto_skcipher_setkey(s->child, data_key.data, data_key.len);
	mhsm_secret_free(&data_key);
	if (ret)
		goto overwrite_key;
	/*
	 * First live, then attached: a revocation in between fails the attachment, while the other way round it would
	 * find nothing to stop, and leave a live cipher with a random key.
	 */
	percpu_ref_reinit(&s->live);
	ret = mhsm_key_attach(kek, &s->consumer);
	if (ret)
		goto stop_requests;
	s->kek = kek;
	return 0;

stop_requests:
	stop(s);
overwrite_key:
	overwrite(s);
	mhsm_key_put(kek);
	return ret;
}

static int skcipher_setkey(struct crypto_skcipher *tfm, const u8 *token, unsigned int len)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);
	unsigned int noio;
	int ret;

	/*
	 * The device may be suspended, waiting for this very key: memory must not be reclaimed by writing to it.
	 * Whatever the token is worth, the old key goes first: dm-crypt wipes a key by setting a random one, and expects
	 * it to be gone even if that fails.
	 */
	noio = memalloc_noio_save();
	mutex_lock(&s->lock);
	ret = unbind(s);
	if (!ret) {
		crypto_skcipher_clear_flags(s->child, CRYPTO_TFM_REQ_MASK);
		crypto_skcipher_set_flags(s->child, crypto_skcipher_get_flags(tfm) & CRYPTO_TFM_REQ_MASK);
		ret = bind(s, token, len);
	}
	mutex_unlock(&s->lock);
	memalloc_noio_restore(noio);
	return ret;
}

static void request_done(MHSM_COMPLETION_ARG arg, int err)
{
	struct skcipher_request *req = mhsm_completion_data(arg);
	struct mhsm_skcipher *s = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));

	/* -EINPROGRESS: it leaves the backlog, and this is not the end yet. After the end, @req is its owner's again. */
	if (err != -EINPROGRESS)
		percpu_ref_put(&s->live);
	skcipher_request_complete(req, err);
}

static __always_inline int forward(struct skcipher_request *req, int (*crypt)(struct skcipher_request *req))
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(crypto_skcipher_reqtfm(req));
	struct skcipher_request *sub = skcipher_request_ctx(req);
	int ret;

	if (!percpu_ref_tryget_live(&s->live))
		return -EKEYREVOKED;
	skcipher_request_set_tfm(sub, s->child);
	skcipher_request_set_callback(sub, req->base.flags, request_done, req);
	skcipher_request_set_crypt(sub, req->src, req->dst, req->cryptlen, req->iv);
	ret = crypt(sub);
	/* Either of these: accepted, and request_done() will be called at its end. */
	if (ret != -EINPROGRESS && ret != -EBUSY)
		percpu_ref_put(&s->live);
	return ret;
}

static int skcipher_encrypt(struct skcipher_request *req)
{
	return forward(req, crypto_skcipher_encrypt);
}

static int skcipher_decrypt(struct skcipher_request *req)
{
	return forward(req, crypto_skcipher_decrypt);
}

static void skcipher_exit(struct crypto_skcipher *tfm)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);

	mutex_lock(&s->lock);
	unbind(s);
	mutex_unlock(&s->lock);
	percpu_ref_exit(&s->live);
	crypto_free_skcipher(s->child);
}

int mhsm_skcipher_setup(struct crypto_skcipher *tfm, struct crypto_skcipher *child, const struct mhsm_inner *inner)
{
	struct mhsm_skcipher *s = crypto_skcipher_ctx(tfm);
	int ret;

	ret = percpu_ref_init(&s->live, live_ended, PERCPU_REF_INIT_DEAD | PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);
	if (ret)
		return ret;
	init_completion(&s->drained);
	mutex_init(&s->lock);
	s->consumer.revoke = revoke;
	s->inner = inner;
	s->child = child;
	crypto_skcipher_set_reqsize(tfm, sizeof(struct skcipher_request) + crypto_skcipher_reqsize(child));
	return 0;
}

void mhsm_skcipher_fill(struct skcipher_alg *alg)
{
	alg->base.cra_ctxsize = sizeof(struct mhsm_skcipher);
	alg->min_keysize = MHSM_TOKEN_LEN;
	alg->max_keysize = MHSM_TOKEN_LEN;
	alg->setkey = skcipher_setkey;
	alg->encrypt = skcipher_encrypt;
	alg->decrypt = skcipher_decrypt;
	alg->exit = skcipher_exit;
}
