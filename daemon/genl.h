/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * genl: a generic netlink socket to the family "mhsm": requests of any thread with their replies, and STORE as an event.
 * The commands made of them are in genl_command.c.
 */
#ifndef MHSM_DAEMON_GENL_H
#define MHSM_DAEMON_GENL_H

#include <netlink/msg.h>

#include "daemon/kernel.h"

struct mhsm_genl;

/* Connects, and starts to receive. 0 or a negative errno, with the reason logged. */
int mhsm_genl_open(const struct mhsm_kernel_events *events, struct mhsm_genl **out);
void mhsm_genl_close(struct mhsm_genl *genl);

/* An empty request of command @cmd with room for MHSM_GENL_MESSAGE_MAX bytes; NULL without memory. */
struct nl_msg *mhsm_genl_message(struct mhsm_genl *genl, uint8_t cmd);

/*
 * Sends @msg, which is freed, and waits for its acknowledgement, whose errno is returned. -ENOMEM if @msg is NULL,
 * -EMSGSIZE if @bad: an attribute did not fit.
 */
int mhsm_genl_request(struct mhsm_genl *genl, struct nl_msg *msg, bool bad);

/* The same for a command that has a reply, which the caller frees (NULL on failure); its absence is -EPROTO. */
int mhsm_genl_ask(struct mhsm_genl *genl, struct nl_msg *msg, bool bad, struct nlmsghdr **reply);

#endif
