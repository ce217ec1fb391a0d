/* SPDX-License-Identifier: GPL-2.0-only */
/* The netlink family (uapi/mhsm_genl.h). */
#ifndef _MHSM_NETLINK_H
#define _MHSM_NETLINK_H

#include <linux/types.h>

struct mhsm_domain;

int mhsm_netlink_init(void);
void mhsm_netlink_exit(void);

/** mhsm_netlink_state() - tells the group "state" of domain's state; what cannot be sent is lost */
void mhsm_netlink_state(struct mhsm_domain *domain);

#endif
