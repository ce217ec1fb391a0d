// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binding a transform to a key of the HSM: see binding.h.
 *
 * setkey binds: the token's data key goes into the child, `live` begins, and the KEK learns of the consumer. A request
 * holds `live` while it is in the child. Whatever ends the binding (revocation of the KEK, the next setkey, the end of
 * the transform) ends `live`, waits for the requests to leave, and overwrites the child's key. A cipher must not be
 * given a key while it works, or it would write with a mixture of both.
 */
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kmod/crypto_api/binding.h"
#include "kmod/domain.h"
#include "kmod/token.h"

#define CHILD_KEY_MAX 64

static void live_ended(struct percpu_ref *live)
{
	complete_all(&container_of(live, struct mhsm_binding, live)->drained);
}

/* From now on no request gets into the child. Does nothing the second time. */
static void stop(struct mhsm_binding *b)
{
	if (!percpu_ref_is_dying(&b->live))
		percpu_ref_kill(&b->live);
}

/* ... and none is in it. */
static void stop_and_drain(struct mhsm_binding *b)
{
	stop(b);
	wait_for_completion(&b->drained);
}

/* The child forgets its key: there is no way to take a key from a cipher, except to give it another. */
static int overwrite(struct mhsm_binding *b)
{
	u8 noise[CHILD_KEY_MAX] __aligned(CHILD_KEY_MAX); /* or setkey may have to allocate a copy */
	int ret;

	get_random_bytes(noise, b->inner->key_len);
	ret = b->child_setkey(b->child, noise, b->inner->key_len);
	memzero_explicit(noise, sizeof(noise));
	if (ret)
		pr_err_once("mhsm: the cipher driver %s refused a new key (error %d): the old key, which nothing can use any more, stays in memory until the volume is closed\n",
			    crypto_tfm_alg_driver_name(b->child), ret);
	return ret;
}

static void consumer_stop(struct mhsm_consumer *consumer)
{
	stop(container_of(consumer, struct mhsm_binding, consumer));
}

static void consumer_revoke(struct mhsm_consumer *consumer)
{
	struct mhsm_binding *b = container_of(consumer, struct mhsm_binding, consumer);

	stop_and_drain(b);
	overwrite(b);
}

/* Comes back often enough to notice when the clock is set. */
#define EXPIRY_LOOK 60

/* Must be bound, or on the way there */
static void expiry_start(struct mhsm_binding *b)
{
	u64 expires = READ_ONCE(b->kek->expires), now = ktime_get_real_seconds();

	if (!(READ_ONCE(b->kek->flags) & MHSM_KEY_REVOKE_LIVE) || !expires)
		return;
	mod_delayed_work(system_wq, &b->expiry, HZ * (expires > now ? min_t(u64, expires - now, EXPIRY_LOOK) : 0));
}

static void consumer_changed(struct mhsm_consumer *consumer)
{
	expiry_start(container_of(consumer, struct mhsm_binding, consumer));
}

static void expiry_look(struct work_struct *work)
{
	struct mhsm_binding *b = container_of(to_delayed_work(work), struct mhsm_binding, expiry);

	if (mhsm_key_live(b->kek))
		mhsm_key_revoke_live(b->kek);
	else
		expiry_start(b);
}

/* Must hold b->lock */
static int unbind(struct mhsm_binding *b)
{
	int ret;

	if (!b->kek)
		return 0;
	/* From here on no revocation runs nor will, so that `live` is ours; nor does anything ask for the work again. */
	mhsm_key_detach(b->kek, &b->consumer);
	cancel_delayed_work_sync(&b->expiry);
	stop_and_drain(b);
	ret = overwrite(b);
	mhsm_key_put(b->kek);
	b->kek = NULL;
	return ret;
}

/* Must hold b->lock; not bound */
static int bind(struct mhsm_binding *b, const u8 *token, unsigned int len)
{
	struct mhsm_secret data_key = {};
	struct mhsm_subject who;
	struct mhsm_key *kek;
	int ret;

	mhsm_subject_current(&who, MHSM_VIA_CRYPTO_API);
	ret = mhsm_token_redeem(mhsm_domain_default(), &who, b->inner->token_alg, token, len, &data_key, &kek);
	if (ret)
		return ret;
	ret = b->child_setkey(b->child, data_key.data, data_key.len);
	mhsm_secret_free(&data_key);
	if (ret)
		goto overwrite_key;
	/*
	 * First live, then attached: a revocation in between fails the attachment, while the other way round it would
	 * find nothing to stop, and leave a live cipher with a random key.
	 */
	reinit_completion(&b->drained);
	percpu_ref_reinit(&b->live);
	b->kek = kek;
	ret = mhsm_key_attach(kek, &b->consumer);
	if (ret)
		goto stop_requests;
	expiry_start(b);
	return 0;

stop_requests:
	stop_and_drain(b);
overwrite_key:
	b->kek = NULL;
	overwrite(b);
	mhsm_key_put(kek);
	return ret;
}

int mhsm_binding_setkey(struct mhsm_binding *b, u32 flags, const u8 *token, unsigned int len)
{
	unsigned int noio;
	int ret;

	/*
	 * The device may be suspended, waiting for this very key: memory must not be reclaimed by writing to it.
	 * Whatever the token is worth, the old key goes first: dm-crypt wipes a key by setting a random one, and expects
	 * it to be gone even if that fails.
	 */
	noio = memalloc_noio_save();
	mutex_lock(&b->lock);
	ret = unbind(b);
	if (!ret && len != MHSM_TOKEN_LEN)
		ret = -EINVAL;
	if (!ret) {
		crypto_tfm_clear_flags(b->child, CRYPTO_TFM_REQ_MASK);
		crypto_tfm_set_flags(b->child, flags & CRYPTO_TFM_REQ_MASK);
		ret = bind(b, token, len);
	}
	mutex_unlock(&b->lock);
	memalloc_noio_restore(noio);
	return ret;
}

int mhsm_binding_init(struct mhsm_binding *b)
{
	int ret = percpu_ref_init(&b->live, live_ended, PERCPU_REF_INIT_DEAD | PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);

	if (ret)
		return ret;
	init_completion(&b->drained);
	complete_all(&b->drained);
	mutex_init(&b->lock);
	INIT_DELAYED_WORK(&b->expiry, expiry_look);
	b->kek = NULL;
	b->consumer.stop = consumer_stop;
	b->consumer.revoke = consumer_revoke;
	b->consumer.changed = consumer_changed;
	return 0;
}

void mhsm_binding_exit(struct mhsm_binding *b)
{
	mutex_lock(&b->lock);
	unbind(b);
	mutex_unlock(&b->lock);
	percpu_ref_exit(&b->live);
}
