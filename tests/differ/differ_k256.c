// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/pk_env.c -lcrypto -Wno-unused-function */
/* secp256k1 against OpenSSL, many times; see differ_ec.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kmod/pk/k256.c"

#define CURVE_NID NID_secp256k1
#include "tests/differ/differ_ec.h"
