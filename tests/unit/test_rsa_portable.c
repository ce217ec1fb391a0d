// SPDX-License-Identifier: GPL-2.0-only
/* link: -lcrypto */
/* All of test_rsa_private.c on the products in C, for processors without ADX. */
#define MHSM_PK_NO_ASM
#include "kmod/pk/pk_env.c"
#include "kmod/pk/mont.c"
#include "kmod/pk/mont_pow.c"
#include "kmod/pk/rsa.c"
#include "kmod/pk/rsa_private.c"
#include "tests/unit/test_rsa_private.c"
