/* SPDX-License-Identifier: GPL-2.0-only */
/* The reference monitor: the one function that decides whether a subject may do a thing. */
#ifndef _MHSM_ACCESS_H
#define _MHSM_ACCESS_H

#include <linux/cred.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "uapi/mhsm.h"
#include "uapi/mhsm_genl.h"

struct mhsm_domain;
struct mhsm_key;

/* Who acts. */
struct mhsm_subject {
	u32 kind; /* enum mhsm_principal */
	u32 principal;
	u32 uid; /* effective uid of the process that called the kernel */
	u32 pid;
	u32 via; /* enum mhsm_via */
};

#define MHSM_ADMINS_MAX 64

/* Who administers: an immutable snapshot, swapped under RCU. */
struct mhsm_policy {
	struct rcu_head rcu;
	u32 count;
	struct {
		u32 kind;
		u32 id;
	} admins[];
};

/** mhsm_subject_current() - the calling task, by its effective uid in the initial user namespace */
static inline void mhsm_subject_current(struct mhsm_subject *who, u32 via)
{
	who->kind = MHSM_PRINCIPAL_UID;
	/* The initial namespace's: from_kuid() would look for that in the table that maps each to itself. */
	who->uid = __kuid_val(current_euid());
	who->principal = who->uid;
	who->pid = current->tgid;
	who->via = via;
}

/**
 * mhsm_access_check() - may @who do @action (enum mhsm_action), on @key if it concerns one? 0 or -EACCES. Called by
 * op.c only, which records the decision. Does not sleep.
 *
 * Until roles come: administrators of the domain manage it and every key, and create keys; the owner of a key (who
 * created it) does everything with it; anyone who can open the device may draw random bytes, open a restore ceremony of
 * a locked HSM (the custodians' keys are the authority there), and, as uid 0, provision an HSM that has no domain,
 * zeroize a locked one, and lock or zeroize one whose domain record has not been loaded. uid 0 has no right besides.
 */
int mhsm_access_check(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
		      const struct mhsm_key *key);

/** mhsm_access_install() - replaces the policy (@count 1..MHSM_ADMINS_MAX); -EINVAL, -ENOMEM. Bumps the generation. */
int mhsm_access_install(struct mhsm_domain *domain, const struct mhsm_genl_admin *admins, u32 count);

/** mhsm_access_clear() - nobody administers any more */
void mhsm_access_clear(struct mhsm_domain *domain);

#endif
