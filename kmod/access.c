// SPDX-License-Identifier: GPL-2.0-only
/* The reference monitor: see access.h */
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "kmod/access.h"
#include "kmod/domain.h"

static bool is_admin(struct mhsm_domain *domain, const struct mhsm_subject *who)
{
	const struct mhsm_policy *policy;
	bool yes = false;
	u32 i;

	rcu_read_lock();
	policy = rcu_dereference(domain->policy);
	for (i = 0; policy && i < policy->count; i++)
		if (policy->admins[i].kind == who->kind && policy->admins[i].id == who->principal)
			yes = true;
	rcu_read_unlock();
	return yes;
}

static bool is_owner(const struct mhsm_subject *who, const struct mhsm_key *key)
{
	return key && key->owner_kind == who->kind && key->owner == who->principal;
}

/* Restoring, and the domain record, which names the administrators, has not come: perhaps it never will. */
static bool lost(struct mhsm_domain *domain, u32 state)
{
	return state == MHSM_STATE_RESTORING && !rcu_access_pointer(domain->policy);
}

static bool allowed(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action, const struct mhsm_key *key)
{
	u32 state = READ_ONCE(domain->state);

	switch (action) {
	case MHSM_ACT_RANDOM:
	case MHSM_ACT_KEY_LIST: /* shows only what KEY_READ allows */
	case MHSM_ACT_KEY_OPEN: /* so does this; and each right is decided by itself */
	case MHSM_ACT_DAEMON_ATTACH: /* who holds the nonce of /dev/mhsm-daemon */
		return true;
	case MHSM_ACT_DOMAIN_UPLOAD:
		return state == MHSM_STATE_LOCKED || is_admin(domain, who);
	case MHSM_ACT_PROVISION:
		return state == MHSM_STATE_UNPROVISIONED || state == MHSM_STATE_ZEROIZED ? who->principal == 0 :
											   is_admin(domain, who);
	case MHSM_ACT_ZEROIZE:
		/* While nobody's role is readable, who can restart the machine can do as much. */
		return state == MHSM_STATE_LOCKED || lost(domain, state) ? who->principal == 0 : is_admin(domain, who);
	case MHSM_ACT_LOCK:
		return lost(domain, state) ? who->principal == 0 : is_admin(domain, who);
	case MHSM_ACT_KEY_CREATE:
	case MHSM_ACT_KEY_IMPORT:
	case MHSM_ACT_DOMAIN_DOWNLOAD:
	case MHSM_ACT_AUDIT_READ:
	case MHSM_ACT_AUDIT_VERIFY:
		return is_admin(domain, who);
	case MHSM_ACT_KEY_READ:
	case MHSM_ACT_KEY_UPDATE:
	case MHSM_ACT_KEY_DELETE:
	case MHSM_ACT_KEY_RECOVER:
	case MHSM_ACT_KEY_PURGE:
		return is_owner(who, key) || is_admin(domain, who);
	case MHSM_ACT_ENCRYPT:
	case MHSM_ACT_DECRYPT:
	case MHSM_ACT_SIGN:
	case MHSM_ACT_VERIFY:
	case MHSM_ACT_WRAP:
	case MHSM_ACT_UNWRAP:
	case MHSM_ACT_DERIVE:
	case MHSM_ACT_DERIVE_BITS:
	case MHSM_ACT_TOKEN_CREATE:
		return is_owner(who, key);
	case MHSM_ACT_TOKEN_REDEEM:
	case MHSM_ACT_KEY_RELEASE:
		/* Without a key: may he be told that there is none? */
		return key ? is_owner(who, key) : is_admin(domain, who);
	default:
		return false;
	}
}

int mhsm_access_check(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
		      const struct mhsm_key *key)
{
	return allowed(domain, who, action, key) ? 0 : -EACCES;
}

static void policy_swap(struct mhsm_domain *domain, struct mhsm_policy *policy)
{
	mhsm_mutex_assert_held(&domain->lock);
	policy = rcu_replace_pointer(domain->policy, policy, lockdep_is_held(&domain->lock.m));
	/* Key fds that see the new number ask again, and find the new policy. */
	smp_store_release(&domain->policy_generation, domain->policy_generation + 1);
	if (policy)
		kfree_rcu(policy, rcu);
}

int mhsm_access_install(struct mhsm_domain *domain, const struct mhsm_genl_admin *admins, u32 count)
{
	struct mhsm_policy *policy;
	u32 i;

	if (!count || count > MHSM_ADMINS_MAX)
		return -EINVAL;
	for (i = 0; i < count; i++)
		if (admins[i].kind != MHSM_PRINCIPAL_UID)
			return -EINVAL;
	policy = kzalloc(struct_size(policy, admins, count), GFP_KERNEL);
	if (!policy)
		return -ENOMEM;
	policy->count = count;
	for (i = 0; i < count; i++) {
		policy->admins[i].kind = admins[i].kind;
		policy->admins[i].id = admins[i].id;
	}
	policy_swap(domain, policy);
	return 0;
}

void mhsm_access_clear(struct mhsm_domain *domain)
{
	policy_swap(domain, NULL);
}
