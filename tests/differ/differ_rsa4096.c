// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa.c kmod/pk/rsa_private.c kmod/pk/rsa_ifma.c kmod/pk/rsa_key.c
 *	kmod/pk/mont.c kmod/pk/mont52.c kmod/pk/mont_pow.c kmod/pk/prime.c kmod/pk/pkcs1.c
 *	kmod/pk/pk_env.c -lcrypto
 */
/* RSA of 4096 bits against OpenSSL, many times; see differ_rsa.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#define BITS 4096
#define FEW 5
#include "tests/differ/differ_rsa.h"
