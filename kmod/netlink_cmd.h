/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the netlink family (netlink.c) and its commands (netlink_cmd.c). */
#ifndef _MHSM_NETLINK_CMD_H
#define _MHSM_NETLINK_CMD_H

#include <net/genetlink.h>

#include "uapi/mhsm_genl.h"

struct mhsm_domain;

typedef int (*mhsm_command)(struct mhsm_domain *domain, struct genl_info *info);

/* By number. The family has checked which attributes came, how often, from whom, and each by itself. */
extern const mhsm_command mhsm_commands[MHSM_CMD_MAX + 1];

extern const struct nla_policy mhsm_custodian_policy[MHSM_A_MAX + 1];

/** mhsm_reply_new() - a reply to @info with @room bytes for attributes; NULL if there is no memory */
struct sk_buff *mhsm_reply_new(struct genl_info *info, size_t room, void **head);

/** mhsm_reply_send() - sends it, or, if an attribute did not fit (@err), drops it: -EMSGSIZE */
int mhsm_reply_send(struct genl_info *info, struct sk_buff *skb, void *head, int err);

/** mhsm_reply_put_status() - the attributes of STATUS; not 0 if they do not fit */
int mhsm_reply_put_status(struct sk_buff *skb, struct mhsm_domain *domain);

#define mhsm_for_each_attr(nla, info, rem) \
	nla_for_each_attr(nla, (struct nlattr *)genlmsg_data((info)->genlhdr), genlmsg_len((info)->genlhdr), rem)

#endif
