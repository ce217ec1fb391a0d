// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-256 against OpenSSL, many times; see differ_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p256.c"

#define CURVE_NID NID_X9_62_prime256v1
#include "tests/differ/differ_ec.h"
