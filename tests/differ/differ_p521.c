// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* P-521 against OpenSSL, many times; see differ_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/p521.c"

#define CURVE_NID NID_secp521r1
#include "tests/differ/differ_ec.h"
