// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p384.c kmod/pk/pk_env.c */
/* No branch and no address in P-384 depends on a key, a nonce or a blinding. */
#include "kmod/pk/p384.h"

#define CURVE p384
#define B 48
#define ORDER_TOP 0xff
#include "tests/ct/ct_ec.h"
