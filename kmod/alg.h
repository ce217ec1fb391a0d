/* SPDX-License-Identifier: GPL-2.0-only */
/* Signature (codes by a secret key too) and key-derivation algorithms: what each of enum mhsm_alg is made of. */
#ifndef _MHSM_ALG_H
#define _MHSM_ALG_H

#include "kmod/prim.h"
#include "uapi/mhsm.h"

enum mhsm_scheme {
	MHSM_SCHEME_ECDSA, /* FIPS 186-5 section 6 */
	MHSM_SCHEME_EDDSA, /* RFC 8032; signs messages, not digests */
	MHSM_SCHEME_PKCS1, /* RFC 8017 section 8.2 */
	MHSM_SCHEME_PSS, /* RFC 8017 section 8.1 */
	MHSM_SCHEME_RAW, /* as PKCS1, of bytes in the place of a DigestInfo; `hash` means nothing */
	MHSM_SCHEME_MAC, /* a code by a secret key: HMAC (FIPS 198-1) or CMAC (SP 800-38B), as the key is; of messages */
};

struct mhsm_sigalg {
	u32 alg; /* enum mhsm_alg */
	u32 type; /* of the key, enum mhsm_key_type */
	u32 param; /* of the key; 0: any of the type */
	enum mhsm_scheme scheme;
	enum mhsm_hash hash; /* of what is signed; nothing to CMAC */
};

/** mhsm_sigalg_of_message() - is it the message that is signed, and not a digest? */
static inline bool mhsm_sigalg_of_message(const struct mhsm_sigalg *alg)
{
	return alg->scheme == MHSM_SCHEME_EDDSA || alg->scheme == MHSM_SCHEME_MAC;
}

/** mhsm_sigalg_find() - the algorithm if a key of @type and @param can do it, else NULL */
const struct mhsm_sigalg *mhsm_sigalg_find(u32 alg, u32 type, u32 param);

/* A key-derivation function, of a secret (kdf.h) */
struct mhsm_kdfalg {
	u32 alg; /* enum mhsm_alg */
	bool counter; /* SP 800-108 in counter mode; else HKDF */
	enum mhsm_hash hash;
};

/** mhsm_kdfalg_find() - the key-derivation function @alg, or NULL */
const struct mhsm_kdfalg *mhsm_kdfalg_find(u32 alg);

#endif
