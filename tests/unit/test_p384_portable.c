// SPDX-License-Identifier: GPL-2.0-only
/* link: -lcrypto -Wno-unused-function */
/* test_p384.c, with fewer ECDH vectors, on the arithmetic in C, which x86-64 does not use otherwise. */
#define MHSM_PK_NO_ASM
#define EC_STEP 10
#include "kmod/pk/pk_env.c"
#include "kmod/pk/p384.c"
#include "tests/unit/test_p384.c"
