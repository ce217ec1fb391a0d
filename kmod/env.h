/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the protocol files (kdf, kw, hpke, shamir, jwe, sdexport) need besides kmod/prim.h and kmod/pk: byte order and
 * memory. They are built into mhsm.ko, and into mhsm-quorum and the tests; this header knows which of the two it is.
 */
#ifndef _MHSM_ENV_H
#define _MHSM_ENV_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif

#include "kmod/pk/pk_env.h"

#ifdef __KERNEL__
#include <linux/slab.h>
#else
#include <stdlib.h>

typedef uint16_t u16;
#endif

/** mhsm_env_alloc() - @len zeroed bytes, or NULL */
static inline void *mhsm_env_alloc(size_t len)
{
#ifdef __KERNEL__
	return kzalloc(len, GFP_KERNEL);
#else
	return calloc(1, len);
#endif
}

/** mhsm_env_free() - wipes @len bytes and frees; NULL is allowed */
static inline void mhsm_env_free(void *p, size_t len)
{
	if (!p)
		return;
	memzero_explicit(p, len);
#ifdef __KERNEL__
	kfree(p);
#else
	free(p);
#endif
}

/**
 * mhsm_env_mask() - all ones if the top bit of @v is set, else zero
 *
 * Hidden from the compiler, which otherwise may see that a mask has two values only and make a branch of it.
 */
static inline u32 mhsm_env_mask(u32 v)
{
	v = 0 - (v >> 31);
	__asm__("" : "+r"(v));
	return v;
}

static inline void mhsm_env_put_le16(u8 *p, u16 v)
{
	p[0] = v & 0xff;
	p[1] = v >> 8 & 0xff;
}

static inline u16 mhsm_env_get_le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline void mhsm_env_put_be32(u8 *p, u32 v)
{
	p[0] = v >> 24 & 0xff;
	p[1] = v >> 16 & 0xff;
	p[2] = v >> 8 & 0xff;
	p[3] = v & 0xff;
}

static inline u32 mhsm_env_get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline void mhsm_env_put_be64(u8 *p, u64 v)
{
	mhsm_env_put_be32(p, (u32)(v >> 32));
	mhsm_env_put_be32(p + 4, (u32)v);
}

#endif
