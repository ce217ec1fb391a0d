// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-384 against OpenSSL, many times; see differ_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p384.c"

#define CURVE_NID NID_secp384r1
#include "tests/differ/differ_ec.h"
