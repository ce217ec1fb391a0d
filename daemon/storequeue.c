// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/storequeue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"

#define GROUP_MAX 1024 /* transactions of one commit */

struct transaction {
	struct transaction *next;
	uint64_t txid;
	size_t count;
	int error;
	struct mhsm_store_change *changes; /* what they point to follows them */
};

struct mhsm_storequeue {
	struct mhsm_store *store;
	struct mhsm_kernel *kernel; /* set once, before `begun` */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct transaction *first, **last;
	bool begun, ending, joined;
	bool no_memory_said;
};

/* A copy in one allocation; NULL if there is no memory. */
static struct transaction *copy(uint64_t txid, const struct mhsm_kernel_change *changes, size_t count)
{
	size_t size = sizeof(struct transaction) + count * sizeof(struct mhsm_store_change);
	struct transaction *t;
	uint8_t *data;

	for (size_t i = 0; i < count; i++)
		size += changes[i].record ? changes[i].len : 0;
	t = calloc(1, size);
	if (!t)
		return NULL;
	t->txid = txid;
	t->count = count;
	t->error = count ? 0 : -EINVAL;
	t->changes = (struct mhsm_store_change *)(t + 1);
	data = (uint8_t *)(t->changes + count);
	for (size_t i = 0; i < count; i++) {
		if (changes[i].record) {
			memcpy(data, changes[i].record, changes[i].len);
			t->changes[i].record = data;
			t->changes[i].len = changes[i].len;
			data += changes[i].len;
		} else {
			memcpy(t->changes[i].id, changes[i].remove, MHSM_ID_LEN);
		}
	}
	return t;
}

void mhsm_storequeue_put(void *context, uint64_t txid, const struct mhsm_kernel_change *changes, size_t count)
{
	struct mhsm_storequeue *q = context;
	struct transaction *t = copy(txid, changes, count);

	pthread_mutex_lock(&q->lock);
	if (t) {
		*q->last = t;
		q->last = &t->next;
		pthread_cond_signal(&q->changed);
	} else if (!q->no_memory_said) {
		/* Not acknowledged: the creator waits until we are attached anew, and the kernel sends it again. */
		q->no_memory_said = true;
		mhsm_log_error("store: no memory for a transaction of %zu changes: restart mhsmd", count);
	}
	pthread_mutex_unlock(&q->lock);
}

/* One commit for all of @group that are not already refused. */
static int apply_group(struct mhsm_store *store, struct transaction *group)
{
	struct mhsm_store_change *changes;
	size_t count = 0, at = 0;
	int ret;

	for (struct transaction *t = group; t; t = t->next)
		count += t->error ? 0 : t->count;
	if (!count)
		return 0;
	changes = malloc(count * sizeof(*changes));
	if (!changes)
		return -ENOMEM;
	for (struct transaction *t = group; t; t = t->next) {
		if (t->error)
			continue;
		memcpy(changes + at, t->changes, t->count * sizeof(*changes));
		at += t->count;
	}
	ret = store->ops->apply(store, changes, count);
	free(changes);
	return ret;
}

/* What the kernel passes on to the creator: that it is full, or that it failed. */
static int ack_error(int error)
{
	if (!error || error == -ENOSPC || error == -EINVAL)
		return error;
	return -EIO;
}

static void serve(struct mhsm_storequeue *q, struct transaction *group)
{
	struct transaction *t;

	if (apply_group(q->store, group))
		for (t = group; t; t = t->next)
			if (!t->error)
				t->error = q->store->ops->apply(q->store, t->changes, t->count);
	while ((t = group)) {
		int ret = q->kernel->ops->ack(q->kernel, t->txid, ack_error(t->error));

		if (t->error)
			mhsm_log_error("store: transaction %llu was refused: %s", (unsigned long long)t->txid,
				       strerror(-t->error));
		/* -ENOENT: nobody waits for it any more. */
		if (ret && ret != -ENOENT)
			mhsm_log_error("store: cannot acknowledge transaction %llu: %s", (unsigned long long)t->txid,
				       strerror(-ret));
		group = t->next;
		free(t);
	}
}

/* Takes up to GROUP_MAX transactions off the queue. Must hold the lock. */
static struct transaction *take_group(struct mhsm_storequeue *q)
{
	struct transaction *group = q->first, **end = &group;

	for (size_t n = 0; *end && n < GROUP_MAX; n++)
		end = &(*end)->next;
	q->first = *end;
	*end = NULL;
	if (!q->first)
		q->last = &q->first;
	return group;
}

static void *serve_thread(void *context)
{
	struct mhsm_storequeue *q = context;
	struct transaction *group;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		while (!(q->begun && q->first) && !q->ending)
			pthread_cond_wait(&q->changed, &q->lock);
		if (!q->begun || !q->first)
			break; /* ending, and nothing to serve */
		group = take_group(q);
		pthread_mutex_unlock(&q->lock);
		serve(q, group);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

int mhsm_storequeue_new(struct mhsm_store *store, struct mhsm_storequeue **out)
{
	struct mhsm_storequeue *q = calloc(1, sizeof(*q));
	int ret;

	if (!q)
		return -ENOMEM;
	q->store = store;
	q->last = &q->first;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	ret = pthread_create(&q->thread, NULL, serve_thread, q);
	if (ret) {
		free(q);
		return -ret;
	}
	*out = q;
	return 0;
}

void mhsm_storequeue_begin(struct mhsm_storequeue *q, struct mhsm_kernel *kernel)
{
	pthread_mutex_lock(&q->lock);
	q->kernel = kernel;
	q->begun = true;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

void mhsm_storequeue_finish(struct mhsm_storequeue *q)
{
	bool join;

	pthread_mutex_lock(&q->lock);
	q->ending = true;
	join = !q->joined;
	q->joined = true;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	if (join)
		pthread_join(q->thread, NULL);
}

void mhsm_storequeue_free(struct mhsm_storequeue *q)
{
	struct transaction *t;

	if (!q)
		return;
	mhsm_storequeue_finish(q);
	while ((t = q->first)) {
		q->first = t->next;
		free(t);
	}
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
