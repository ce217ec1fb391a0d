/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ties a transform of ours to a key of the HSM, whatever kind of algorithm it is: the token that is set as its key,
 * the child that has the data key and does the work, and the KEK whose end ends both.
 */
#ifndef _MHSM_BINDING_H
#define _MHSM_BINDING_H

#include <linux/completion.h>
#include <linux/crypto.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "kmod/crypto_api/inner.h"
#include "kmod/key.h"

/* Part of a transform's context. While `kek` is NULL, the child has no data key and `live` is dead. */
struct mhsm_binding {
	const struct mhsm_inner *inner;
	struct crypto_tfm *child; /* the transform's owner frees it, after mhsm_binding_exit() */
	int (*child_setkey)(struct crypto_tfm *child, const u8 *key, unsigned int len);
	struct percpu_ref live; /* counts the requests in the child, while it has a data key that may be used */
	struct completion drained; /* `live` has ended */
	struct mutex lock; /* of setkey; never taken by a revocation, for which setkey may wait */
	struct mhsm_key *kek; /* with a reference, our consumer in its list; under lock */
	struct mhsm_consumer consumer;
	struct delayed_work expiry; /* while bound to a KEK whose expiry ends live ciphers */
};

/** mhsm_binding_init() - not bound yet; -ENOMEM. `inner`, `child`, `child_setkey` are set already. */
int mhsm_binding_init(struct mhsm_binding *b);

/** mhsm_binding_exit() - ends the binding, and overwrites the child's key */
void mhsm_binding_exit(struct mhsm_binding *b);

/**
 * mhsm_binding_setkey() - binds anew, with @token in the place of a key; @flags are the transform's. Whatever the token
 * is worth, what was bound before is ended first. Return: 0, -EINVAL (@len is no token's), mhsm_token_redeem()'s errors.
 */
int mhsm_binding_setkey(struct mhsm_binding *b, u32 flags, const u8 *token, unsigned int len);

/** mhsm_binding_enter() - begins a request to the child; false: there is no key, or it was revoked */
static inline bool mhsm_binding_enter(struct mhsm_binding *b)
{
	return percpu_ref_tryget_live(&b->live);
}

static inline void mhsm_binding_leave(struct mhsm_binding *b)
{
	percpu_ref_put(&b->live);
}

/* Accepted, and its callback will be called at its end */
static inline bool mhsm_binding_pends(int ret)
{
	return ret == -EINPROGRESS || ret == -EBUSY;
}

/**
 * mhsm_binding_run() - has a request run by the child
 * @flags: the request's CRYPTO_TFM_REQ_* flags
 * @run: the child's function for it
 * @sub: the child's request; one for which mhsm_binding_pends() is true calls mhsm_binding_leave() at its end
 *
 * `live` does not end before a grace period of RCU has passed (percpu-refcount.h). So a request that may not sleep, as
 * a volume's may not, is covered by RCU while the call lasts, and is counted only if the child is not done with it
 * then; that the callback may have taken it off the count before does not matter within the same grace period.
 *
 * Return: the child's, or -EKEYREVOKED: there is no key, or it was revoked
 */
static __always_inline int mhsm_binding_run(struct mhsm_binding *b, u32 flags, int (*run)(void *sub), void *sub)
{
	int ret = -EKEYREVOKED;

	if (flags & CRYPTO_TFM_REQ_MAY_SLEEP) {
		if (mhsm_binding_enter(b)) {
			ret = run(sub);
			if (!mhsm_binding_pends(ret))
				mhsm_binding_leave(b);
		}
		return ret;
	}
	rcu_read_lock();
	if (likely(!percpu_ref_is_dying(&b->live))) {
		ret = run(sub);
		if (unlikely(mhsm_binding_pends(ret)))
			percpu_ref_get(&b->live);
	}
	rcu_read_unlock();
	return ret;
}

#endif
