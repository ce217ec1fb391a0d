// SPDX-License-Identifier: GPL-2.0-only
/* The attached daemon: see attach.h */
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "kmod/attach.h"
#include "kmod/audit.h"
#include "kmod/domain.h"
#include "kmod/prim.h"
#include "kmod/store.h"

#define NONCE MHSM_ATTACH_NONCE
#define NONCE_LIFE (60 * HZ)

/* Who is the daemon */
static DEFINE_SPINLOCK(daemon_lock);
static struct {
	u32 portid; /* 0: none attached */
	const struct mhsm_session *session; /* compared, never followed */
	const struct mhsm_session *candidate; /* holds the nonce */
	u8 nonce[NONCE];
	unsigned long nonce_expires;
} daemon;

bool mhsm_attach_present(void)
{
	return READ_ONCE(daemon.portid) != 0;
}

bool mhsm_attach_is_daemon(const struct mhsm_session *session)
{
	bool yes;

	spin_lock(&daemon_lock);
	yes = daemon.portid && daemon.session == session;
	spin_unlock(&daemon_lock);
	return yes;
}

int mhsm_attach_nonce(struct mhsm_session *session, u8 nonce[NONCE])
{
	u8 fresh[NONCE];
	int ret;

	ret = mhsm_prim_random(fresh, sizeof(fresh));
	if (ret)
		return ret;
	spin_lock(&daemon_lock);
	ret = daemon.portid ? -EBUSY : 0;
	if (!ret) {
		daemon.candidate = session;
		daemon.nonce_expires = jiffies + NONCE_LIFE;
		memcpy(daemon.nonce, fresh, NONCE);
		memcpy(nonce, fresh, NONCE);
	}
	spin_unlock(&daemon_lock);
	memzero_explicit(fresh, sizeof(fresh));
	return ret;
}

/* The nonce is good once; a wrong one does not spoil it, or anybody could keep the daemon out. */
static int take_nonce(const u8 nonce[NONCE], u32 portid)
{
	int ret = -EPERM;

	spin_lock(&daemon_lock);
	if (daemon.portid) {
		ret = -EBUSY;
	} else if (daemon.candidate && time_before(jiffies, daemon.nonce_expires) &&
		   !mhsm_prim_differ(nonce, daemon.nonce, NONCE)) {
		daemon.session = daemon.candidate;
		WRITE_ONCE(daemon.portid, portid);
		daemon.candidate = NULL;
		memzero_explicit(daemon.nonce, NONCE);
		ret = 0;
	}
	spin_unlock(&daemon_lock);
	return ret;
}

/* One attachment begins or ends at a time, with all that it means to the store and the audit. */
static DEFINE_MUTEX(changing);

/* Ends the attachment if it is that of @portid (0: any) or @session (NULL: any). */
static void detach(u32 portid, const struct mhsm_session *session)
{
	struct mhsm_domain *domain = mhsm_domain_default();
	bool was = false;

	mutex_lock(&changing);
	spin_lock(&daemon_lock);
	if (session && daemon.candidate == session)
		daemon.candidate = NULL;
	if (daemon.portid && (!portid || daemon.portid == portid) && (!session || daemon.session == session)) {
		WRITE_ONCE(daemon.portid, 0);
		daemon.session = NULL;
		was = true;
	}
	spin_unlock(&daemon_lock);
	if (was) {
		mhsm_store_detached(domain->store);
		mhsm_audit_detach(domain->audit);
	}
	mutex_unlock(&changing);
}

int mhsm_attach_begin(const u8 nonce[NONCE], u32 portid)
{
	struct mhsm_domain *domain = mhsm_domain_default();
	int ret;

	mutex_lock(&changing);
	ret = take_nonce(nonce, portid);
	if (!ret) {
		mhsm_audit_attach(domain->audit);
		mhsm_store_resend(domain->store);
	}
	mutex_unlock(&changing);
	return ret;
}

void mhsm_attach_session_closed(struct mhsm_session *session)
{
	detach(0, session);
}

static int socket_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC && net_eq(notify->net, &init_net) &&
	    notify->portid)
		detach(notify->portid, NULL);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = { .notifier_call = socket_event };

u32 mhsm_attach_portid(void)
{
	return READ_ONCE(daemon.portid);
}

int mhsm_attach_init(void)
{
	return netlink_register_notifier(&socket_notifier);
}

void mhsm_attach_exit(void)
{
	netlink_unregister_notifier(&socket_notifier);
	detach(0, NULL);
}
