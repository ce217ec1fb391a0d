/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a key of type "mhsm" in a keyring stands for: a key of the HSM, or a data key, as a token, under one. It holds no
 * secret and grants nothing: each use is decided anew, for the credentials of who asks.
 */
#ifndef _MHSM_KEYRING_REF_H
#define _MHSM_KEYRING_REF_H

#include <linux/mutex.h>

#include "kmod/access.h"
#include "kmod/key.h"

struct key;

struct mhsm_keyring_ref {
	struct mhsm_key *key; /* or the token's KEK; with a reference, our consumer in its list */
	struct mhsm_consumer consumer;
	struct mutex lock; /* what follows; taken under key->lock, and around nothing */
	struct key *owner; /* the key of the keyring, while there is one */
	bool revoked;
	u32 token_alg; /* 0: no token */
	u8 token[MHSM_TOKEN_LEN];
};

/**
 * mhsm_keyring_ref_new() - from what a user gave as payload:
 *
 *	key:NAME[/VERSION]		a key that has a public half
 *	token:HEX			a data key, from its token
 *	new:NAME[/VERSION]:BYTES[:ALG]	a new one, under the key of that name; ALG is one of inner.h (xts(aes)) or raw
 *
 * Opens the key for @who, which leaves an audit record of KEY_OPEN; "new:" one of TOKEN_CREATE, too. For a key it is enough
 * to know of it, for a token the unwrap right is wanted, for a new one the wrap right as well.
 *
 * Return: a reference to the module with it; or ERR_PTR: -EINVAL (the payload is none of these), -EOPNOTSUPP (no key that
 * can be used so), those of mhsm_keyop_open(), mhsm_token_open() and mhsm_token_make(), -ENOMEM
 */
struct mhsm_keyring_ref *mhsm_keyring_ref_new(const char *payload, size_t len, const struct mhsm_subject *who);

/** mhsm_keyring_ref_bind() - @owner is the key that holds it, and is revoked with the HSM's; -EKEYREVOKED */
int mhsm_keyring_ref_bind(struct mhsm_keyring_ref *ref, struct key *owner);

/** mhsm_keyring_ref_free() - once nobody uses it; @owner is never touched again */
void mhsm_keyring_ref_free(struct mhsm_keyring_ref *ref);

#endif
