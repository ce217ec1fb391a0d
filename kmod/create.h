/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a key for a caller of KEY_CREATE, KEY_IMPORT, or DERIVE into a key. */
#ifndef _MHSM_CREATE_H
#define _MHSM_CREATE_H

#include "kmod/ioctl.h"
#include "kmod/secret.h"
#include "kmod/session.h"
#include "uapi/mhsm.h"

/* Bytes of struct mhsm_ioc_key_create when it was first published */
#define MHSM_CREATE_FIRST offsetof(struct mhsm_ioc_key_create, use_limit)

/** mhsm_create_check() - -EINVAL if a field is set that is none of the caller's, or the name is no name field */
int mhsm_create_check(const struct mhsm_ioc_key_create *c);

/**
 * mhsm_create_may() - may the session's principal do @action, making the key that @c describes? To be asked before what
 * costs something. 0, or an error with the audit record that mhsm_create() would leave.
 */
int mhsm_create_may(struct mhsm_session *session, const struct mhsm_ioc_key_create *c, u32 action);

/**
 * mhsm_create() - one operation: makes the key that @c describes (its material apart) and a key fd for it, and writes its
 * id and version to @c. The caller wipes the material.
 * @material: the key's bytes; empty: they are generated
 * @action: MHSM_ACT_KEY_CREATE; or MHSM_ACT_KEY_IMPORT, if the material comes from outside
 *
 * Return: 0; -EMFILE, those of mhsm_op_begin(), mhsm_lifecycle_create() and mhsm_keyfd_make()
 */
int mhsm_create(struct mhsm_session *session, struct mhsm_ioc_key_create *c, const struct mhsm_secret *material,
		u32 action, struct mhsm_ioctl_file *made);

#endif
