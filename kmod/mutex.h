/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mutex below which nothing waits for a disk. The setkey of a volume takes such locks while the volume may be
 * suspended: an owner that allocates memory must not have the kernel write to that very volume to make room.
 */
#ifndef _MHSM_MUTEX_H
#define _MHSM_MUTEX_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>

struct mhsm_mutex {
	struct mutex m;
	unsigned int noio; /* of the owner, from before it became that */
};

#define MHSM_MUTEX_INIT(name) { .m = __MUTEX_INITIALIZER(name.m) }

/* A macro, so that lockdep knows each kind of lock by the place that makes it. */
#define mhsm_mutex_init(lock) mutex_init(&(lock)->m)

/** mhsm_mutex_lock() - several nest like other locks, and are released in the reverse order */
static inline void mhsm_mutex_lock(struct mhsm_mutex *lock)
{
	mutex_lock(&lock->m);
	lock->noio = memalloc_noio_save();
}

static inline void mhsm_mutex_unlock(struct mhsm_mutex *lock)
{
	unsigned int noio = lock->noio;

	mutex_unlock(&lock->m);
	memalloc_noio_restore(noio);
}

#define mhsm_mutex_assert_held(lock) lockdep_assert_held(&(lock)->m)

#endif
