/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kbuild includes this header before every source: the only place that asks for the kernel's version. The sources are
 * written for the newest kernel, and what follows lets older ones (from 6.1) compile them.
 */
#ifndef _MHSM_COMPAT_H
#define _MHSM_COMPAT_H

#include <linux/version.h>

/* 6.7: an skcipher may be one of two kinds, and what both have became a struct of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define skcipher_alg_common skcipher_alg
#define crypto_spawn_skcipher_alg_common crypto_spawn_skcipher_alg
#endif

/*
 * 6.3: a completion callback of the crypto API is given the data that was set with it; before, it was given a request
 * that holds them. A callback is declared with MHSM_COMPLETION_ARG and gets at its data with mhsm_completion_data().
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define MHSM_COMPLETION_ARG struct crypto_async_request *
#define mhsm_completion_data(arg) ((arg)->data)
#else
#define MHSM_COMPLETION_ARG void *
#define mhsm_completion_data(arg) (arg)
#endif

#endif
