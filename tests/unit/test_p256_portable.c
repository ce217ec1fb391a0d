// SPDX-License-Identifier: GPL-2.0-only
/* link: -lcrypto -Wno-unused-function */
/* All of test_p256.c on the arithmetic in C, which x86-64 does not use otherwise. */
#define MHSM_PK_NO_ASM
#include "kmod/pk/pk_env.c"
#include "kmod/pk/p256.c"
#include "tests/unit/test_p256.c"
