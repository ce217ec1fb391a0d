// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c kmod/pk/sc25519.c
 *	kmod/pk/pk_env.c
 */
/* All of ct_x25519.c with the assembler that needs ADX, which valgrind knows. */
#define MHSM_FE25519_FORCE_ADX
#include "kmod/pk/x25519.c"
#include "tests/ct/ct_x25519.c"
