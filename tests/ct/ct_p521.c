// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/p521.c kmod/pk/pk_env.c */
/* No branch and no address in P-521 depends on a key, a nonce or a blinding. */
#include "kmod/pk/p521.h"

#define CURVE p521
#define B 66
#define ORDER_TOP 0x01
#include "tests/ct/ct_ec.h"
