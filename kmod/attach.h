/* SPDX-License-Identifier: GPL-2.0-only */
/* The attached daemon: one netlink socket, tied to one session of /dev/mhsm-daemon by a nonce, until either closes. */
#ifndef _MHSM_ATTACH_H
#define _MHSM_ATTACH_H

#include <linux/types.h>

struct mhsm_session;

#define MHSM_ATTACH_NONCE 32 /* bytes */

int mhsm_attach_init(void);
void mhsm_attach_exit(void);

/** mhsm_attach_nonce() - a nonce for @session to attach with, good for a minute; -EBUSY if a daemon is attached */
int mhsm_attach_nonce(struct mhsm_session *session, u8 nonce[MHSM_ATTACH_NONCE]);

/**
 * mhsm_attach_begin() - the socket @portid brings a nonce back and is the daemon's from now on; what waits for the store is
 * sent to it. -EPERM (wrong nonce), -EBUSY
 */
int mhsm_attach_begin(const u8 nonce[MHSM_ATTACH_NONCE], u32 portid);

bool mhsm_attach_present(void);

/** mhsm_attach_portid() - the daemon's socket, 0 if there is none */
u32 mhsm_attach_portid(void);

/** mhsm_attach_is_daemon() - is @session that of the attached daemon? */
bool mhsm_attach_is_daemon(const struct mhsm_session *session);

/** mhsm_attach_session_closed() - a session of /dev/mhsm-daemon ends: so does its attachment */
void mhsm_attach_session_closed(struct mhsm_session *session);

#endif
