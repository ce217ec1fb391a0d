/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain: one HSM partition, its master and what hangs off it. Today there is one, mhsm_domain_default(). */
#ifndef _MHSM_DOMAIN_H
#define _MHSM_DOMAIN_H

#include <linux/mutex.h>

#include "kmod/access.h"
#include "kmod/keytab.h"
#include "kmod/limit.h"
#include "kmod/mutex.h"
#include "kmod/secret.h"
#include "uapi/mhsm.h"
#include "uapi/mhsm_genl.h"

struct mhsm_audit;
struct mhsm_store;

/* Locks nest in this order. Nobody waits for the daemon with `lock` held, or for a key's users to end. */
struct mhsm_domain {
	struct mutex transition; /* serialises the transitions below */
	struct mutex change_lock; /* serialises changes of existing keys, across the daemon's answer */
	struct mhsm_mutex lock; /* the state, the secrets below, publishing */
	u32 state; /* enum mhsm_state; written under transition and lock, read with READ_ONCE */
	u8 id[MHSM_ID_LEN]; /* zero: none; under lock */
	u64 created;
	bool exported; /* provisioned: the security domain was made at least once */
	bool record_loaded; /* restoring: the domain record came */

	/* derived from the master (formats.md section 1); empty unless provisioned, restoring or active */
	struct mhsm_secret master;
	struct mhsm_secret seal;
	struct mhsm_secret token;

	struct mhsm_secret transfer; /* private half of the one-time key; empty: no ceremony */
	u8 transfer_public[65];

	struct mhsm_policy __rcu *policy; /* swapped under lock */
	u64 policy_generation; /* READ_ONCE; bumped with each swap */

	struct mhsm_keytab keys;
	struct mhsm_audit *audit;
	struct mhsm_store *store;
	struct mhsm_limit token_failures; /* by uid */
};

int mhsm_domain_init(void);
void mhsm_domain_exit(void);
struct mhsm_domain *mhsm_domain_default(void);

/** mhsm_domain_inactive_errno() - the errno that stands for a state other than active (uapi/mhsm.h) */
int mhsm_domain_inactive_errno(u32 state);

/** mhsm_domain_state_errno() - 0 if active, else the errno that stands for the state (uapi/mhsm.h) */
static inline int mhsm_domain_state_errno(const struct mhsm_domain *domain)
{
	u32 state = READ_ONCE(domain->state);

	return likely(state == MHSM_STATE_ACTIVE) ? 0 : mhsm_domain_inactive_errno(state);
}

/* Transitions; each returns 0, -EPROTO in a state it is not for, or what it says. All may sleep. */

/** mhsm_domain_set() - unprovisioned -> locked: this machine's store is of domain @id */
int mhsm_domain_set(struct mhsm_domain *domain, const u8 id[MHSM_ID_LEN]);

/**
 * mhsm_domain_create() - unprovisioned or zeroized -> provisioned: a fresh master, @admins as administrators, a new @id.
 * *@record (kvmalloc'ed, caller frees) is the sealed domain record, to be made durable.
 */
int mhsm_domain_create(struct mhsm_domain *domain, const struct mhsm_genl_admin *admins, u32 count, u8 id[MHSM_ID_LEN],
		       u8 **record, size_t *record_len);

/** mhsm_domain_datum() - the 72 bytes of formats.md section 3, in state provisioned; the caller wipes */
int mhsm_domain_datum(struct mhsm_domain *domain, u8 datum[72]);

/** mhsm_domain_exported() - the security domain was handed out once; activation is allowed now */
void mhsm_domain_exported(struct mhsm_domain *domain);

/** mhsm_domain_activate() - provisioned -> active; -EPROTO before an export */
int mhsm_domain_activate(struct mhsm_domain *domain);

/** mhsm_domain_transfer() - locked: draws a new one-time key for the domain of @id */
int mhsm_domain_transfer(struct mhsm_domain *domain, u8 public[65], u8 id[MHSM_ID_LEN]);

/** mhsm_domain_unlock() - locked -> restoring; -ENOTCONN without a ceremony, -EBADMSG, -EKEYREJECTED */
int mhsm_domain_unlock(struct mhsm_domain *domain, const u8 enc[65], const u8 *ct, size_t ct_len);

/** mhsm_domain_load() - restoring: one sealed record; -EBADMSG, -EKEYREJECTED (other domain), -EEXIST, -EPROTO */
int mhsm_domain_load(struct mhsm_domain *domain, const u8 *record, size_t len);

/** mhsm_domain_load_done() - restoring -> active; -ENODATA without the domain record */
int mhsm_domain_load_done(struct mhsm_domain *domain);

/** mhsm_domain_lock() - active, restoring -> locked: kills every key, wipes every secret */
int mhsm_domain_lock(struct mhsm_domain *domain);

/** mhsm_domain_zeroize() - any state but unprovisioned -> zeroized: as lock, and forgets the domain */
int mhsm_domain_zeroize(struct mhsm_domain *domain);

/** mhsm_domain_fail() - a self-test failed: -> error */
void mhsm_domain_fail(struct mhsm_domain *domain, const char *why);

#endif
