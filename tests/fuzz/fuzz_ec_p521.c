// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/pk_env.c -lcrypto
 * runs: 1200
 */
/* P-521 against OpenSSL; see fuzz_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p521.c"

#define CURVE_NID NID_secp521r1
#include "tests/fuzz/fuzz_ec.h"
