// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa.c kmod/pk/rsa_private.c kmod/pk/rsa_ifma.c kmod/pk/rsa_key.c
 *	kmod/pk/mont.c kmod/pk/mont52.c kmod/pk/mont_pow.c kmod/pk/prime.c kmod/pk/pkcs1.c
 *	kmod/pk/pk_env.c -lcrypto
 */
/* RSA of 2048 bits against OpenSSL, many times; see differ_rsa.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#define BITS 2048
#define FEW 20
#include "tests/differ/differ_rsa.h"
