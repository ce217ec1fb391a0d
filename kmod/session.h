/* SPDX-License-Identifier: GPL-2.0-only */
/* A session: an open /dev/mhsm or /dev/mhsm-daemon, and the principal that acts through it. */
#ifndef _MHSM_SESSION_H
#define _MHSM_SESSION_H

#include <linux/mutex.h>

#include "kmod/access.h"

struct mhsm_domain;

struct mhsm_session {
	struct mhsm_domain *domain;
	bool daemon; /* opened through /dev/mhsm-daemon */
	struct mutex lock; /* binding */
	bool bound; /* mhsmd gave it its principal; read with acquire */
	struct mhsm_subject who; /* fixed once bound; before that, the opener */
};

struct mhsm_session *mhsm_session_new(struct mhsm_domain *domain, bool daemon); /* ERR_PTR(-ENOMEM) */
void mhsm_session_free(struct mhsm_session *session);

/** mhsm_session_subject() - who acts now: the session's principal, through the calling process */
static inline void mhsm_session_subject(const struct mhsm_session *session, struct mhsm_subject *who)
{
	bool bound = smp_load_acquire(&session->bound);

	mhsm_subject_current(who, MHSM_VIA_IOCTL);
	who->kind = session->who.kind;
	who->principal = session->who.principal;
	if (bound) {
		who->via = MHSM_VIA_NETLINK;
		who->pid = session->who.pid;
	}
}

/**
 * mhsm_session_caller() - @to: a session like @from, for acts that need more than the rights of the fd which keeps @from, and
 * which may have been handed to another: the principal is the calling process, unless mhsmd bound it.
 */
void mhsm_session_caller(struct mhsm_session *to, const struct mhsm_session *from);

/** mhsm_session_bind() - acts for @principal from now on; -EALREADY */
int mhsm_session_bind(struct mhsm_session *session, u32 kind, u32 principal, u32 pid);

#endif
