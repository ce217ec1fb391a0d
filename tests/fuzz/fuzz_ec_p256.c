// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/pk_env.c -lcrypto
 * runs: 4000
 */
/* P-256 against OpenSSL; see fuzz_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p256.c"

#define CURVE_NID NID_X9_62_prime256v1
#include "tests/fuzz/fuzz_ec.h"
