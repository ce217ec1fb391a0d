/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmod/pk needs from its surroundings.
 *
 * The files of this directory are pure arithmetic: they allocate nothing, write
 * no global, draw no random numbers and call nothing outside the directory. The
 * same sources are built into mhsm.ko and, for tests and benchmarks, into user
 * programs; this header is the only place that knows which of the two it is, but
 * for mont52.c, which has to ask the kernel for vector registers.
 */
#ifndef MHSM_PK_ENV_H
#define MHSM_PK_ENV_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/cdefs.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;

/* <sys/cdefs.h> has __always_inline, as the kernel does */
#define noinline __attribute_noinline__

/* A memset that the compiler may not drop as a dead store. */
static inline void memzero_explicit(void *s, size_t count)
{
	memset(s, 0, count);
	__asm__ __volatile__("" : : "r"(s) : "memory");
}
#endif

#ifndef __SIZEOF_INT128__
#error "kmod/pk needs a 64-bit machine with a 128-bit integer type"
#endif

typedef unsigned __int128 mhsm_u128;

/* A piece of what is hashed: n bytes at p, which may be NULL if n is 0. */
struct mhsm_part {
	const void *p;
	size_t n;
};

/*
 * mhsm_pk_declassify - say that a value derived from secrets is public
 *
 * Used where a result that the caller learns anyway (an error code) decides a
 * branch. It does nothing, except in the constant-time tests, which mark the
 * secrets as undefined memory for valgrind and have to be told of these places.
 */
#ifdef MHSM_PK_CT_TEST
#include <valgrind/memcheck.h>
static inline void mhsm_pk_declassify(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}
#else
static inline void mhsm_pk_declassify(const void *p, size_t len)
{
	(void)p;
	(void)len;
}
#endif

/*
 * Clears the stack below the caller, where the functions that it called left
 * intermediate results. Called by those that use secrets, before they return.
 */
void mhsm_pk_burn_stack(void);

#endif
