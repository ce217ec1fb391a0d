/* SPDX-License-Identifier: GPL-2.0-only */
/* Mechanisms: what a key type can do, one constant table each (mech_aes.c, mech_ec.c). */
#ifndef _MHSM_MECH_H
#define _MHSM_MECH_H

#include "kmod/key.h"

struct mhsm_mech {
	u32 type; /* enum mhsm_key_type */
	u32 ops; /* MHSM_OP_* that the type can do */

	/** secret_len() - bytes of the secret for @param, or 0 if there is no such key */
	size_t (*secret_len)(u32 param);
	/** generate() - fills key->secret and key->public for key->param */
	int (*generate)(struct mhsm_key *key);
	/** import() - fills them from raw @material (NULL: the type cannot be imported); -EINVAL */
	int (*import)(struct mhsm_key *key, const u8 *material, size_t len);
	/** check() - does key->public belong to key->secret, is the secret in range: -EBADMSG if not */
	int (*check)(struct mhsm_key *key);
	/** prepare(), unprepare() - under key->lock: what an open key needs beyond its secret */
	int (*prepare)(struct mhsm_key *key);
	void (*unprepare)(struct mhsm_key *key);
	/** public() - SubjectPublicKeyInfo; *len in: room, out: length; -ERANGE */
	int (*public)(const struct mhsm_key *key, u8 *out, u32 *len);
	/** sign(), verify() - over a digest */
	int (*sign)(struct mhsm_key *key, u32 alg, const u8 *digest, size_t digest_len, u8 *sig);
	int (*verify)(struct mhsm_key *key, u32 alg, const u8 *digest, size_t digest_len, const u8 *sig);
};

/** mhsm_mech_find() - the mechanism of a key type, or NULL */
const struct mhsm_mech *mhsm_mech_find(u32 type);

extern const struct mhsm_mech mhsm_mech_aes;
extern const struct mhsm_mech mhsm_mech_ec;

#endif
