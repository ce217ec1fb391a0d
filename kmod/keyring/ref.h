/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a key of type "mhsm" in a keyring stands for: a key of the HSM. It holds no secret and grants nothing: each use is
 * decided anew, for the credentials of who asks.
 */
#ifndef _MHSM_KEYRING_REF_H
#define _MHSM_KEYRING_REF_H

#include <linux/mutex.h>

#include "kmod/access.h"
#include "kmod/key.h"

struct key;

struct mhsm_keyring_ref {
	struct mhsm_key *key; /* with a reference, our consumer in its list */
	struct mhsm_consumer consumer;
	struct mutex lock; /* what follows; taken under key->lock, and around nothing */
	struct key *owner; /* the key of the keyring, while there is one */
	bool revoked;
};

/**
 * mhsm_keyring_ref_new() - from what a user gave as payload: "key:NAME" or "key:NAME/VERSION"
 *
 * Opens the key for @who, which leaves an audit record of KEY_OPEN. It has no right to the key's use but to know of it.
 *
 * Return: a reference to the module with it; or ERR_PTR: -EINVAL (the payload is none), -EOPNOTSUPP (a secret key, with
 * which keyctl can do nothing), those of mhsm_keyop_open(), -ENOMEM
 */
struct mhsm_keyring_ref *mhsm_keyring_ref_new(const char *payload, size_t len, const struct mhsm_subject *who);

/** mhsm_keyring_ref_bind() - @owner is the key that holds it, and is revoked with the HSM's; -EKEYREVOKED */
int mhsm_keyring_ref_bind(struct mhsm_keyring_ref *ref, struct key *owner);

/** mhsm_keyring_ref_free() - once nobody uses it; @owner is never touched again */
void mhsm_keyring_ref_free(struct mhsm_keyring_ref *ref);

#endif
