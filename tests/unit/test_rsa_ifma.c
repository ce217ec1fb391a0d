// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_ifma.c kmod/pk/mont52.c kmod/pk/rsa_private.c kmod/pk/rsa.c
 *	kmod/pk/mont.c kmod/pk/mont_pow.c kmod/pk/pk_env.c -lcrypto
 */
/* All of test_rsa_private.c with AVX-512 IFMA, where the processor has it. */
#include "kmod/pk/rsa_ifma.h"

#define mhsm_rsa_private_scratch mhsm_rsa_ifma_scratch
#define mhsm_rsa_private mhsm_rsa_private_ifma
#define NEEDED (mhsm_mont52_available())
#include "tests/unit/test_rsa_private.c"
