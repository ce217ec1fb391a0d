// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p256.c kmod/pk/pk_env.c */
/* No branch and no address in P-256 depends on a key, a nonce or a blinding. */
#include "kmod/pk/p256.h"

#define CURVE p256
#define B 32
#define ORDER_TOP 0xff
#include "tests/ct/ct_ec.h"
