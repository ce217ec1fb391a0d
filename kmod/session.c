// SPDX-License-Identifier: GPL-2.0-only
/* Sessions: see session.h */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/session.h"

struct mhsm_session *mhsm_session_new(struct mhsm_domain *domain, bool daemon)
{
	struct mhsm_session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return ERR_PTR(-ENOMEM);
	session->domain = domain;
	session->daemon = daemon;
	mutex_init(&session->lock);
	mhsm_subject_current(&session->who, MHSM_VIA_IOCTL);
	return session;
}

void mhsm_session_free(struct mhsm_session *session)
{
	kfree(session);
}

void mhsm_session_caller(struct mhsm_session *to, const struct mhsm_session *from)
{
	memset(to, 0, sizeof(*to));
	mutex_init(&to->lock);
	to->domain = from->domain;
	to->bound = smp_load_acquire(&from->bound);
	if (to->bound)
		to->who = from->who;
	else
		mhsm_subject_current(&to->who, MHSM_VIA_IOCTL);
}

int mhsm_session_bind(struct mhsm_session *session, u32 kind, u32 principal, u32 pid)
{
	int ret = -EALREADY;

	mutex_lock(&session->lock);
	if (!session->bound) {
		session->who.kind = kind;
		session->who.principal = principal;
		session->who.pid = pid;
		smp_store_release(&session->bound, true);
		ret = 0;
	}
	mutex_unlock(&session->lock);
	return ret;
}
