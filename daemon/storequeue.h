/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storequeue: the kernel's STORE transactions on their way to the store. A thread takes all that wait, commits them
 * together (one sync for many) and acknowledges each; if the group fails, each alone, so that one bad transaction does
 * not take others with it.
 */
#ifndef MHSM_DAEMON_STOREQUEUE_H
#define MHSM_DAEMON_STOREQUEUE_H

#include "daemon/kernel.h"
#include "daemon/store/store.h"

struct mhsm_storequeue;

/*
 * Makes the queue with its thread. It takes transactions at once, and serves them from mhsm_storequeue_begin() on: the
 * kernel may resend before the attach that gives us @kernel has returned. 0 or a negative errno.
 */
int mhsm_storequeue_new(struct mhsm_store *store, struct mhsm_storequeue **out);

/* @kernel is where acknowledgements go. */
void mhsm_storequeue_begin(struct mhsm_storequeue *queue, struct mhsm_kernel *kernel);

/* An mhsm_kernel_events.store; @context is the queue. An empty transaction is acknowledged with -EINVAL. */
void mhsm_storequeue_put(void *context, uint64_t txid, const struct mhsm_kernel_change *changes, size_t count);

/* Serves what is queued, then ends the thread. What comes later is not served: the kernel sends it to the next daemon. */
void mhsm_storequeue_finish(struct mhsm_storequeue *queue);

/* Finishes if that was not done, and frees. Nobody may put any more. */
void mhsm_storequeue_free(struct mhsm_storequeue *queue);

#endif
