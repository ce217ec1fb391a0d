/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An operation: the frame around every use of the HSM. mhsm_op_begin() checks the HSM's state, takes a place in the
 * audit ring, asks the reference monitor and, for a key, takes the key into use; mhsm_op_end() leaves the one record.
 */
#ifndef _MHSM_OP_H
#define _MHSM_OP_H

#include "kmod/access.h"
#include "kmod/key.h"

struct mhsm_audit_rec;

struct mhsm_op {
	struct mhsm_domain *domain;
	const struct mhsm_subject *who;
	struct mhsm_key *key; /* in use between begin and end if `using` */
	struct mhsm_audit_rec *rec; /* NULL: not recorded (the HSM was not active) */
	bool using;
};

/**
 * mhsm_op_begin() - begins one operation on the domain, or on @key (NULL: none). @name is recorded when there is no key
 * (NULL: none). @use is the MHSM_OP_* bit of a data operation that takes the key into use, 0 for management.
 *
 * Return: 0, and then exactly one mhsm_op_end() must follow; or a negative errno with everything recorded and undone:
 * the state errors of uapi/mhsm.h, -ENOBUFS, -EACCES, and for @use -EKEYREVOKED, -EKEYEXPIRED, -EPERM, and those of
 * mhsm_lifecycle_count(): a use of a key that counts uses may sleep until the store has answered.
 */
int mhsm_op_begin(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
		  struct mhsm_key *key, const char *name, u32 use, u32 alg);

/**
 * mhsm_op_begin_granted() - the same for a key that is open: its right to @use was decided before, and @granted says
 * how (-EPERM if not). The monitor is not asked again.
 */
int mhsm_op_begin_granted(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
			  struct mhsm_key *key, u32 use, bool granted, u32 alg);

/** mhsm_op_rights() - those of @wanted (MHSM_OP_* bits) that the monitor grants @who on @key; part of an open's record */
u32 mhsm_op_rights(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key *key, u32 wanted);

/** mhsm_op_action() - the action (enum mhsm_action) that a MHSM_OP_* bit is the right to */
u32 mhsm_op_action(u32 right);

/** mhsm_op_visible() - may @who know of @key? For listings and lookups, within an operation that is recorded */
bool mhsm_op_visible(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key *key);

/** mhsm_op_note_key() - names the key in the record once it is known (created, found) */
void mhsm_op_note_key(struct mhsm_op *op, const struct mhsm_key *key);

/** mhsm_op_end() - ends it with @result (0 or -errno) over @bytes of input; returns @result. */
int mhsm_op_end(struct mhsm_op *op, int result, u64 bytes);

/**
 * mhsm_op_end_durable() - as end, and waits until the record is on durable storage (management acts). A fatal signal or
 * a daemon that is gone ends the wait: the act has happened, its result stands.
 */
int mhsm_op_end_durable(struct mhsm_op *op, int result);

#endif
