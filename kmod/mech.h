/* SPDX-License-Identifier: GPL-2.0-only */
/* Mechanisms: what a key type can do, one constant table each (mech_aes.c, mech_ec.c). */
#ifndef _MHSM_MECH_H
#define _MHSM_MECH_H

#include "kmod/alg.h"
#include "kmod/key.h"

struct mhsm_ed25519_hash;
struct mhsm_pkcs8;

struct mhsm_mech {
	u32 type; /* enum mhsm_key_type */
	u32 ops; /* MHSM_OP_* that the type can do */
	u32 default_ops; /* those of a key for which none are asked */
	bool raw; /* a secret: any bytes of the right number are a key, which import() takes */

	/** secret_len() - bytes of the secret for @param, or 0 if there is no such key */
	size_t (*secret_len)(u32 param);
	/** generate() - fills key->secret and key->public for key->param */
	int (*generate)(struct mhsm_key *key);
	/** import() - fills them from @material, as KEY_IMPORT has it, and checks them: the errors it says there */
	int (*import)(struct mhsm_key *key, const u8 *material, size_t len);
	/** check() - does key->public belong to key->secret, is the secret in range: -EBADMSG if not */
	int (*check)(struct mhsm_key *key);
	/** prepare(), unprepare() - under key->lock: what an open key needs beyond its secret */
	int (*prepare)(struct mhsm_key *key);
	void (*unprepare)(struct mhsm_key *key);
	/** sig_len() - bytes of a signature by this key */
	size_t (*sig_len)(const struct mhsm_key *key, const struct mhsm_sigalg *alg);
	/** sign(), verify() - of a message if mhsm_sigalg_of_message(), or of a digest of alg->hash; alg is for this key */
	int (*sign)(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig);
	int (*verify)(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, const u8 *sig);
	/**
	 * agree() - the secret, of key->secret.len bytes, that the key shares with who has the public key @peer, of
	 * key->public_len bytes. -EBADMSG for a @peer that is none, or whose secret would be known (X25519: 0).
	 */
	int (*agree)(struct mhsm_key *key, const u8 *peer, u8 *shared);
};

/** mhsm_mech_find() - the mechanism of keys of @type and @param, or NULL if there are no such keys */
const struct mhsm_mech *mhsm_mech_find(u32 type, u32 param);

extern const struct mhsm_mech mhsm_mech_aes;
extern const struct mhsm_mech mhsm_mech_ec;
extern const struct mhsm_mech mhsm_mech_ed25519;
extern const struct mhsm_mech mhsm_mech_x25519;
extern const struct mhsm_mech mhsm_mech_hmac;
extern const struct mhsm_ed25519_hash mhsm_okp_hash; /* SHA-512 for kmod/pk */
extern const struct mhsm_mech mhsm_mech_rsa;

/** mhsm_mech_raw_*() - generate(), import() and check() of a secret that any bytes of the right number are */
int mhsm_mech_raw_generate(struct mhsm_key *key);
int mhsm_mech_raw_import(struct mhsm_key *key, const u8 *material, size_t len);
int mhsm_mech_raw_check(struct mhsm_key *key);

/** mhsm_mech_mac_verify() - verify() where sign() makes a code (MHSM_SCHEME_MAC): makes it again, and compares */
int mhsm_mech_mac_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len,
			 const u8 *mac);

/** mhsm_mech_pkcs8() - reads @material, to be imported as @key: mhsm_pkcs8_parse(), and -EINVAL if it is another's */
int mhsm_mech_pkcs8(const struct mhsm_key *key, struct mhsm_pkcs8 *parts, const u8 *material, size_t len);

/** mhsm_mech_pairwise_test() - does a new pair verify what it signs (FIPS 140-3 IG 10.3.A)? If not, the module fails. */
int mhsm_mech_pairwise_test(struct mhsm_key *key, u32 alg);

/** mhsm_mech_pairwise_result() - what follows from the result of such a test, whichever it was */
int mhsm_mech_pairwise_result(struct mhsm_key *key, int ret);

#endif
