/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Algorithms for the kernel's own users (dm-crypt, dm-integrity, AF_ALG) that take a volume token where a key goes:
 * mhsm(...) of the ciphers, authenticated ciphers and keyed hashes listed in inner.c; and some of them under the names
 * xts(paes), cbc(paes), ctr(paes), which cryptsetup knows as ciphers with a wrapped key, and phmac(sha256) and the like,
 * which integritysetup accepts. Every request is forwarded to the plain algorithm.
 */
#ifndef _MHSM_CRYPTO_API_H
#define _MHSM_CRYPTO_API_H

/** mhsm_crypto_api_init() - registers them, once the HSM can redeem tokens */
int mhsm_crypto_api_init(void);

/** mhsm_crypto_api_exit() - no cipher is in use: each holds a reference to the module */
void mhsm_crypto_api_exit(void);

#endif
