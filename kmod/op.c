// SPDX-License-Identifier: GPL-2.0-only
/* The frame around every operation: see op.h */
#include <linux/minmax.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/domain.h"
#include "kmod/lifecycle.h"
#include "kmod/op.h"

/* Acts that are possible, and recorded, in an HSM that is not active */
static bool for_any_state(u32 action)
{
	switch (action) {
	case MHSM_ACT_PROVISION:
	case MHSM_ACT_DOMAIN_DOWNLOAD:
	case MHSM_ACT_DOMAIN_UPLOAD:
	case MHSM_ACT_LOCK:
	case MHSM_ACT_ZEROIZE:
	case MHSM_ACT_AUDIT_READ:
	case MHSM_ACT_AUDIT_VERIFY:
	case MHSM_ACT_DAEMON_ATTACH:
		return true;
	default:
		return false;
	}
}

/* What is always inline here is short, and every operation takes it: a call of its own takes longer. */
static __always_inline void note_key(struct mhsm_op *op, const struct mhsm_key *key)
{
	op->key = (struct mhsm_key *)key;
	memcpy(op->rec->key, key->id, sizeof(op->rec->key));
	memcpy(op->rec->name, key->name, min_t(size_t, key->name_len, sizeof(op->rec->name)));
}

static __always_inline int op_start(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who,
				    u32 action, struct mhsm_key *key, const char *name, u32 alg)
{
	int ret = mhsm_domain_state_errno(domain);

	op->domain = domain;
	op->who = who;
	op->key = key;
	op->using = false;
	op->rec = NULL;
	if (ret && (ret == -ENOTRECOVERABLE || !for_any_state(action))) {
		/* Nobody drains for a locked HSM: what strangers try meanwhile is counted, not kept. */
		mhsm_audit_lose(domain->audit);
		return ret;
	}
	op->rec = mhsm_audit_reserve(domain->audit);
	if (!op->rec)
		return -ENOBUFS;
	op->rec->action = action;
	op->rec->via = who->via;
	op->rec->alg = alg;
	op->rec->principal_kind = who->kind;
	op->rec->principal = who->principal;
	op->rec->uid = who->uid;
	op->rec->pid = who->pid;
	if (key)
		note_key(op, key);
	else if (name)
		memcpy(op->rec->name, name, strnlen(name, sizeof(op->rec->name)));
	return 0;
}

/* What the operation counts for: not what needs only what is public of the key */
static u32 op_counts(const struct mhsm_key *key, u32 use, u32 alg)
{
	u32 public = MHSM_OP_VERIFY, kinds = 0;

	if (key->public_len)
		public |= MHSM_OP_ENCRYPT | MHSM_OP_WRAP;
	if (!(use & public))
		kinds |= BIT(MHSM_QUOTA_USES);
	if (use == MHSM_OP_ENCRYPT && alg == MHSM_ALG_AES_GCM)
		kinds |= BIT(MHSM_QUOTA_GCM);
	return kinds;
}

static __always_inline int op_use(struct mhsm_op *op, u32 use, u32 alg)
{
	int ret;

	if (!use)
		return 0;
	ret = mhsm_key_check(op->key, use);
	if (ret)
		return ret;
	/* Before the use, whose end purges wait for: counting may wait for the daemon that they come from. */
	ret = mhsm_lifecycle_count(op->key, op_counts(op->key, use, alg));
	if (ret)
		return ret;
	if (!mhsm_key_use(op->key))
		return -EKEYREVOKED;
	op->using = true;
	return 0;
}

int mhsm_op_begin_granted(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
			  struct mhsm_key *key, u32 use, bool granted, u32 alg)
{
	int ret = op_start(op, domain, who, action, key, NULL, alg);

	if (ret)
		return ret;
	ret = granted ? op_use(op, use, alg) : -EPERM;
	return ret ? mhsm_op_end(op, ret, 0) : 0;
}

static const struct {
	u32 right;
	u32 action;
} right_actions[] = {
	{ MHSM_OP_ENCRYPT, MHSM_ACT_ENCRYPT }, { MHSM_OP_DECRYPT, MHSM_ACT_DECRYPT }, { MHSM_OP_SIGN, MHSM_ACT_SIGN },
	{ MHSM_OP_VERIFY, MHSM_ACT_VERIFY },   { MHSM_OP_WRAP, MHSM_ACT_WRAP },	      { MHSM_OP_UNWRAP, MHSM_ACT_UNWRAP },
	{ MHSM_OP_DERIVE, MHSM_ACT_DERIVE },   { MHSM_OP_DERIVE_BITS, MHSM_ACT_DERIVE_BITS },
};

u32 mhsm_op_action(u32 right)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(right_actions); i++)
		if (right_actions[i].right == right)
			return right_actions[i].action;
	return 0;
}

u32 mhsm_op_rights(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key *key, u32 wanted)
{
	unsigned int i;
	u32 rights = 0;

	for (i = 0; i < ARRAY_SIZE(right_actions); i++)
		if (wanted & right_actions[i].right &&
		    !mhsm_access_check(domain, who, right_actions[i].action, key))
			rights |= right_actions[i].right;
	return rights;
}

bool mhsm_op_visible(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key *key)
{
	return !mhsm_access_check(domain, who, MHSM_ACT_KEY_READ, key);
}

int mhsm_op_begin(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
		  struct mhsm_key *key, const char *name, u32 use, u32 alg)
{
	int decided, ret;

	/* While nobody drains, strangers must not be able to fill the ring: what they are denied is counted. */
	decided = mhsm_access_check(domain, who, action, key);
	if (decided && mhsm_domain_state_errno(domain) && for_any_state(action)) {
		mhsm_audit_lose(domain->audit);
		return decided;
	}
	ret = op_start(op, domain, who, action, key, name, alg);
	if (ret)
		return ret;
	ret = decided ? decided : op_use(op, use, alg);
	return ret ? mhsm_op_end(op, ret, 0) : 0;
}

void mhsm_op_note_key(struct mhsm_op *op, const struct mhsm_key *key)
{
	note_key(op, key);
}

static __always_inline void op_finish(struct mhsm_op *op, int result, u64 bytes, bool urgent)
{
	if (op->using)
		mhsm_key_unuse(op->key);
	op->using = false;
	op->rec->result = result;
	op->rec->bytes = bytes;
	mhsm_audit_commit(op->domain->audit, op->rec, urgent);
}

int mhsm_op_end(struct mhsm_op *op, int result, u64 bytes)
{
	op_finish(op, result, bytes, false);
	return result;
}

int mhsm_op_end_durable(struct mhsm_op *op, int result)
{
	u32 cpu = op->rec->cpu;
	u64 seq = op->rec->seq;

	op_finish(op, result, 0, true);
	/*
	 * A signal or a daemon that died ends the wait, not the act. What failed changed nothing that a record must
	 * precede: its caller is told at once, which matters when it failed because there is no room.
	 */
	if (!result && mhsm_domain_state_errno(op->domain) == 0)
		mhsm_audit_wait(op->domain->audit, cpu, seq);
	return result;
}
