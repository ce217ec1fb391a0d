/* SPDX-License-Identifier: GPL-2.0-only */
/* The netlink family (uapi/mhsm_genl.h) and the attached daemon. */
#ifndef _MHSM_NETLINK_H
#define _MHSM_NETLINK_H

#include <linux/types.h>

struct mhsm_domain;
struct mhsm_session;

int mhsm_netlink_init(void);
void mhsm_netlink_exit(void);

/** mhsm_netlink_nonce() - a nonce for @session to attach with, good for a minute; -EBUSY if a daemon is attached */
int mhsm_netlink_nonce(struct mhsm_session *session, u8 nonce[32]);

/** mhsm_netlink_is_daemon() - is @session that of the attached daemon? */
bool mhsm_netlink_is_daemon(const struct mhsm_session *session);

bool mhsm_netlink_attached(void);

/** mhsm_netlink_session_closed() - a session of /dev/mhsm-daemon ends: so does its attachment */
void mhsm_netlink_session_closed(struct mhsm_session *session);

/** mhsm_netlink_state() - tells the group "state" of domain's state; what cannot be sent is lost */
void mhsm_netlink_state(struct mhsm_domain *domain);

#endif
