// SPDX-License-Identifier: GPL-2.0-only
/* link: -lcrypto */
/* All of test_x25519.c on the arithmetic in C, for processors without ADX. */
#define MHSM_PK_NO_ASM
#include "kmod/pk/pk_env.c"
#include "kmod/pk/fe25519.c"
#include "kmod/pk/sc25519.c"
#include "kmod/pk/ge25519.c"
#include "kmod/pk/ge25519_mul.c"
#include "kmod/pk/x25519.c"
#include "tests/unit/test_x25519.c"
