// SPDX-License-Identifier: GPL-2.0-only
/* link: -lcrypto */
/* All of test_ed25519.c on the carry chains in C, which x86-64 does not use otherwise. */
#define MHSM_PK_NO_ASM
#include "kmod/pk/pk_env.c"
#include "kmod/pk/fe25519.c"
#include "kmod/pk/sc25519.c"
#include "kmod/pk/ge25519.c"
#include "kmod/pk/ge25519_mul.c"
#include "kmod/pk/ed25519.c"
#include "tests/unit/test_ed25519.c"
