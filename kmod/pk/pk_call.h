/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What long operations and key generation of kmod/pk call back for: leave to go on,
 * and random bytes.
 */
#ifndef MHSM_PK_CALL_H
#define MHSM_PK_CALL_H

#include "pk_env.h"

/*
 * 'step' is called between the steps of an operation that takes longer than a
 * scheduler likes to wait, every ten to hundred microseconds. It may sleep if the
 * caller of the operation may. What it returns, if not 0, ends the operation, which
 * returns the same. No lock is held and no vector register is in use when it is
 * called. A pointer to this that is NULL is one whose step does nothing.
 */
struct mhsm_pk_relax {
	int (*step)(void *ctx);
	void *ctx;
};

/* 'bytes' writes len random bytes, of an approved generator; 0 or a negative errno. */
struct mhsm_pk_random {
	int (*bytes)(void *ctx, u8 *out, size_t len);
	void *ctx;
};

static inline int mhsm_pk_relax(const struct mhsm_pk_relax *relax)
{
	return relax && relax->step ? relax->step(relax->ctx) : 0;
}

#endif
