/* SPDX-License-Identifier: GPL-2.0-only */
/* RSA signatures with a key as mech_rsa.c stores it */
#ifndef _MHSM_MECH_RSA_H
#define _MHSM_MECH_RSA_H

#include "kmod/alg.h"

/* Of a modulus of n_len bytes: p, q, dp, dq, qinv (struct mhsm_rsa_key), each half as long, one after the other */
#define MHSM_RSA_SECRET_LEN(n_len) (5 * (n_len) / 2)

/**
 * mhsm_rsa_sign() - signs @digest, of @hash, by @scheme (PKCS1, PSS) into @sig, n_len bytes. Sleeps.
 * Return: 0, -ENOMEM, -EIO (a fault was found; nothing is output), -EINTR (a fatal signal)
 */
int mhsm_rsa_sign(const u8 *n, size_t n_len, const u8 *secret, enum mhsm_scheme scheme, enum mhsm_hash hash,
		  const u8 *digest, u8 *sig);

/** mhsm_rsa_verify() - 0, -EBADMSG, -ENOMEM */
int mhsm_rsa_verify(const u8 *n, size_t n_len, enum mhsm_scheme scheme, enum mhsm_hash hash, const u8 *digest,
		    const u8 *sig);

#endif
