/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PKCS#8: private keys as they come from outside. Strict DER of PrivateKeyInfo (RFC 5208) and OneAsymmetricKey (RFC
 * 5958), of EC keys (RFC 5915), RSA keys (RFC 8017 appendix A.1.2), Ed25519 and X25519 keys (RFC 8410). Pure; also built
 * in user space. It copies nothing, and reads of what is secret only tags, lengths and, of integers, whether they are
 * negative or begin with a zero, which lengths tell anyway.
 */
#ifndef _MHSM_PKCS8_H
#define _MHSM_PKCS8_H

#include "kmod/env.h"
#include "uapi/mhsm.h"

/* A part of the encoding. Integers are without the zero that may stand before them; 0 has no bytes. */
struct mhsm_pkcs8_part {
	const u8 *p;
	size_t len; /* 0: not given */
};

struct mhsm_pkcs8 {
	u32 type; /* enum mhsm_key_type: EC, OKP or RSA */
	u32 param;
	struct mhsm_pkcs8_part private; /* EC: the scalar, as long as the order; OKP: 32 bytes */
	struct mhsm_pkcs8_part public; /* as in struct mhsm_key_info; EC, OKP: it may be missing */
	struct mhsm_pkcs8_part d, p, q, dp, dq, qinv; /* RSA; the first not longer than n, the others than half of it */
};

/**
 * mhsm_pkcs8_parse() - reads @len bytes of DER
 *
 * Whether the numbers are a key is not looked at. Attributes are skipped.
 *
 * Return: 0; -EBADMSG if it is not such an encoding, or goes on after its end; -EOPNOTSUPP for one of another kind of
 * key: algorithm, curve (or one that is spelled out), compressed point, size of the modulus, exponent, number of primes;
 * -EKEYREJECTED for two public keys that differ, and for RSA numbers that are too long or zero.
 */
int mhsm_pkcs8_parse(struct mhsm_pkcs8 *key, const u8 *der, size_t len);

#endif
