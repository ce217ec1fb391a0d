// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/rsa.c kmod/pk/pk_env.c */
/* All of ct_rsa_private.c with the assembler that needs ADX, which valgrind knows. */
#define MHSM_MONT_FORCE_ADX
#include "kmod/pk/mont.c"
#include "kmod/pk/mont_pow.c"
#include "kmod/pk/rsa_private.c"
#include "tests/ct/ct_rsa_private.c"
