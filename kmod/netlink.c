// SPDX-License-Identifier: GPL-2.0-only
/* The netlink family, its messages and its rules: see uapi/mhsm_genl.h */
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "kmod/attach.h"
#include "kmod/domain.h"
#include "kmod/netlink.h"
#include "kmod/netlink_cmd.h"
#include "kmod/record.h"
#include "kmod/sdexport.h"
#include "kmod/store.h"
#include "uapi/mhsm_genl.h"

static struct genl_family family;
static bool registered; /* the end of the domain comes after that of the family, and has nobody to be told to */

/* --- messages ------------------------------------------------------------------------------------------------- */

static struct sk_buff *message(u8 cmd, u32 portid, u32 seq, size_t room, void **head)
{
	struct sk_buff *skb = genlmsg_new(room, GFP_KERNEL);

	if (!skb)
		return NULL;
	*head = genlmsg_put(skb, portid, seq, &family, 0, cmd);
	if (!*head) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

struct sk_buff *mhsm_reply_new(struct genl_info *info, size_t room, void **head)
{
	return message(info->genlhdr->cmd, info->snd_portid, info->snd_seq, room, head);
}

int mhsm_reply_send(struct genl_info *info, struct sk_buff *skb, void *head, int err)
{
	if (err) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

int mhsm_reply_put_status(struct sk_buff *skb, struct mhsm_domain *domain)
{
	static const u8 none[MHSM_ID_LEN];

	mhsm_mutex_assert_held(&domain->lock);
	return nla_put_u32(skb, MHSM_A_STATE, READ_ONCE(domain->state)) ||
	       (memcmp(domain->id, none, MHSM_ID_LEN) && nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, domain->id)) ||
	       nla_put_u64_64bit(skb, MHSM_A_KEYS, READ_ONCE(domain->keys.count), MHSM_A_PAD) ||
	       nla_put_u32(skb, MHSM_A_ATTACHED, mhsm_attach_present());
}

void mhsm_netlink_state(struct mhsm_domain *domain)
{
	struct sk_buff *skb;
	void *head;

	if (!READ_ONCE(registered))
		return;
	skb = message(MHSM_CMD_STATE, 0, 0, NLMSG_DEFAULT_SIZE, &head);
	if (!skb)
		return;
	if (mhsm_reply_put_status(skb, domain)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, head);
	genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
}

int mhsm_netlink_send_tx(u64 id, struct mhsm_tx *tx)
{
	u32 portid = mhsm_attach_portid();
	size_t room = nla_total_size_64bit(8);
	struct mhsm_tx_item *item;
	struct sk_buff *skb;
	unsigned int i;
	void *head;
	int err;

	if (!portid)
		return -EUNATCH;
	for (i = 0; i < mhsm_tx_count(tx); i++) {
		item = mhsm_tx_item(tx, i);
		room += nla_total_size(item->record ? item->record_len : MHSM_ID_LEN);
	}
	skb = message(MHSM_CMD_STORE, portid, 0, room, &head);
	if (!skb)
		return -ENOMEM;
	err = nla_put_u64_64bit(skb, MHSM_A_TXID, id, MHSM_A_PAD);
	for (i = 0; !err && i < mhsm_tx_count(tx); i++) {
		item = mhsm_tx_item(tx, i);
		err = item->record ? nla_put(skb, MHSM_A_RECORD, item->record_len, item->record) :
				     nla_put(skb, MHSM_A_REMOVE, MHSM_ID_LEN, item->key->id);
	}
	if (err) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	err = genlmsg_unicast(&init_net, skb, portid);
	return err == -ECONNREFUSED ? -EUNATCH : err;
}

/* --- attributes ----------------------------------------------------------------------------------------------- */

const struct nla_policy mhsm_custodian_policy[MHSM_A_MAX + 1] = {
	[MHSM_A_RSA_N] = NLA_POLICY_RANGE(NLA_BINARY, MHSM_SD_RSA_MIN, MHSM_SD_RSA_MAX),
	[MHSM_A_RSA_E] = NLA_POLICY_RANGE(NLA_BINARY, 1, 8),
	[MHSM_A_X5T] = NLA_POLICY_EXACT_LEN(32),
};

static const struct nla_policy policy[MHSM_A_MAX + 1] = {
	[MHSM_A_NONCE] = NLA_POLICY_EXACT_LEN(MHSM_ATTACH_NONCE),
	[MHSM_A_ABI] = { .type = NLA_U32 },
	[MHSM_A_DOMAIN] = NLA_POLICY_EXACT_LEN(MHSM_ID_LEN),
	[MHSM_A_PRINCIPAL_KIND] = NLA_POLICY_RANGE(NLA_U32, MHSM_PRINCIPAL_UID, MHSM_PRINCIPAL_UID),
	[MHSM_A_PRINCIPAL] = { .type = NLA_U32 },
	[MHSM_A_PID] = { .type = NLA_U32 },
	[MHSM_A_ADMINS] = NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct mhsm_genl_admin),
					   MHSM_ADMINS_MAX * sizeof(struct mhsm_genl_admin)),
	[MHSM_A_REQUIRED] = NLA_POLICY_RANGE(NLA_U32, MHSM_SD_REQUIRED_MIN, MHSM_SD_CUSTODIANS_MAX),
	[MHSM_A_CUSTODIAN] = NLA_POLICY_NESTED(mhsm_custodian_policy),
	[MHSM_A_ENC] = NLA_POLICY_EXACT_LEN(65),
	[MHSM_A_CIPHERTEXT] = NLA_POLICY_RANGE(NLA_BINARY, 16, 256),
	[MHSM_A_RECORD] = NLA_POLICY_RANGE(NLA_BINARY, MHSM_RECORD_FIXED, MHSM_RECORD_MAX),
	[MHSM_A_TXID] = { .type = NLA_U64 },
	[MHSM_A_ERROR] = { .type = NLA_S32 },
	[MHSM_A_ACTION] = NLA_POLICY_RANGE(NLA_U32, 1, MHSM_ACT_MAX),
	[MHSM_A_NAME] = { .type = NLA_NUL_STRING, .len = MHSM_NAME_MAX },
};

#define A(name) BIT_ULL(MHSM_A_##name)
#define PRINCIPAL (A(PRINCIPAL_KIND) | A(PRINCIPAL) | A(PID))

/* What each command takes. An attribute that is not `many` may come once. */
static const struct rule {
	u64 required;
	u64 optional;
	u64 many; /* of the required */
	bool anyone; /* also from who is not the daemon */
} rules[] = {
	[MHSM_CMD_ATTACH] = { .required = A(NONCE) | A(ABI), .anyone = true },
	[MHSM_CMD_STATUS] = { .anyone = true },
	[MHSM_CMD_DOMAIN_SET] = { .required = A(DOMAIN) },
	[MHSM_CMD_DOMAIN_CREATE] = { .required = PRINCIPAL | A(ADMINS) },
	[MHSM_CMD_DOMAIN_EXPORT] = { .required = PRINCIPAL | A(REQUIRED) | A(CUSTODIAN), .many = A(CUSTODIAN) },
	[MHSM_CMD_DOMAIN_ACTIVATE] = { .required = PRINCIPAL },
	[MHSM_CMD_DOMAIN_TRANSFER] = { .required = PRINCIPAL },
	[MHSM_CMD_DOMAIN_UNLOCK] = { .required = PRINCIPAL | A(ENC) | A(CIPHERTEXT) },
	[MHSM_CMD_LOAD] = { .required = A(RECORD), .many = A(RECORD) },
	[MHSM_CMD_LOAD_DONE] = {},
	[MHSM_CMD_LOCK] = { .required = PRINCIPAL },
	[MHSM_CMD_ZEROIZE] = { .required = PRINCIPAL },
	[MHSM_CMD_ACK] = { .required = A(TXID) | A(ERROR) },
	[MHSM_CMD_DECIDE] = { .required = PRINCIPAL | A(ACTION), .optional = A(NAME) },
};

/* The policy checked each attribute by itself; this checks the set. */
static int check_rule(const struct rule *rule, struct genl_info *info)
{
	struct nlattr *nla;
	u64 seen = 0, bit;
	int rem;

	if (!rule->anyone && (!info->snd_portid || info->snd_portid != mhsm_attach_portid()))
		return -EPERM;
	mhsm_for_each_attr(nla, info, rem) {
		bit = BIT_ULL(nla_type(nla));
		if (!(bit & (rule->required | rule->optional)) || (seen & bit && !(rule->many & bit)))
			return -EINVAL;
		seen |= bit;
	}
	return (seen & rule->required) == rule->required ? 0 : -EINVAL;
}

static int doit(struct sk_buff *skb, struct genl_info *info)
{
	u8 cmd = info->genlhdr->cmd;
	int ret = check_rule(&rules[cmd], info);

	return ret ? ret : mhsm_commands[cmd](mhsm_domain_default(), info);
}

#define COMMAND(name) { .cmd = MHSM_CMD_##name, .doit = doit }

static const struct genl_small_ops ops[] = {
	COMMAND(ATTACH),	  COMMAND(STATUS),	   COMMAND(DOMAIN_SET),	   COMMAND(DOMAIN_CREATE),
	COMMAND(DOMAIN_EXPORT),	  COMMAND(DOMAIN_ACTIVATE), COMMAND(DOMAIN_TRANSFER), COMMAND(DOMAIN_UNLOCK),
	COMMAND(LOAD),		  COMMAND(LOAD_DONE),	   COMMAND(LOCK),	   COMMAND(ZEROIZE),
	COMMAND(ACK),		  COMMAND(DECIDE),
};

static const struct genl_multicast_group groups[] = {
	{ .name = MHSM_GENL_MCGRP_STATE, .flags = GENL_MCAST_CAP_SYS_ADMIN },
};

static struct genl_family family __ro_after_init = {
	.name = MHSM_GENL_NAME,
	.version = MHSM_GENL_VERSION,
	.maxattr = MHSM_A_MAX,
	.policy = policy,
	.netnsok = false,
	.parallel_ops = true, /* domain.h and store.h lock */
	.module = THIS_MODULE,
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int __init mhsm_netlink_init(void)
{
	int ret = genl_register_family(&family);

	WRITE_ONCE(registered, !ret);
	return ret;
}

void mhsm_netlink_exit(void)
{
	WRITE_ONCE(registered, false);
	genl_unregister_family(&family);
}
