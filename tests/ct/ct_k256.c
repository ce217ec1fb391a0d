// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/k256.c kmod/pk/pk_env.c */
/* No branch and no address in secp256k1 depends on a key, a nonce or a blinding. */
#include "kmod/pk/k256.h"

#define CURVE k256
#define B 32
#define ORDER_TOP 0xff
#include "tests/ct/ct_ec.h"
