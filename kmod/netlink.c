// SPDX-License-Identifier: GPL-2.0-only
/* The netlink family: see uapi/mhsm_genl.h */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "kmod/audit.h"
#include "kmod/domain.h"
#include "kmod/netlink.h"
#include "kmod/op.h"
#include "kmod/prim.h"
#include "kmod/record.h"
#include "kmod/sdexport.h"
#include "kmod/session.h"
#include "kmod/store.h"
#include "uapi/mhsm_genl.h"

#define NONCE 32
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

static struct genl_family family;

/* --- the daemon's attachment ---------------------------------------------------------------------------------- */

bool mhsm_netlink_attached(void)
{
	return READ_ONCE(daemon.portid) != 0;
}

bool mhsm_netlink_is_daemon(const struct mhsm_session *session)
{
	bool yes;

	spin_lock(&daemon_lock);
	yes = daemon.portid && daemon.session == session;
	spin_unlock(&daemon_lock);
	return yes;
}

int mhsm_netlink_nonce(struct mhsm_session *session, u8 nonce[NONCE])
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
static int attach(const u8 *nonce, u32 portid)
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

/* Ends the attachment if it is that of @portid (0: any) or @session (NULL: any). */
static void detach(u32 portid, const struct mhsm_session *session)
{
	struct mhsm_domain *domain = mhsm_domain_default();
	bool was = false;

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
}

void mhsm_netlink_session_closed(struct mhsm_session *session)
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

static struct sk_buff *reply_new(struct genl_info *info, size_t room, void **head)
{
	return message(info->genlhdr->cmd, info->snd_portid, info->snd_seq, room, head);
}

static int reply_send(struct genl_info *info, struct sk_buff *skb, void *head, int err)
{
	if (err) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

static int put_status(struct sk_buff *skb, struct mhsm_domain *domain)
{
	static const u8 none[MHSM_ID_LEN];

	/* domain->id changes under locks that a transition's own announcement holds: it is read as it stands. */
	return nla_put_u32(skb, MHSM_A_STATE, READ_ONCE(domain->state)) ||
	       (memcmp(domain->id, none, MHSM_ID_LEN) && nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, domain->id)) ||
	       nla_put_u64_64bit(skb, MHSM_A_KEYS, READ_ONCE(domain->keys.count), MHSM_A_PAD) ||
	       nla_put_u32(skb, MHSM_A_ATTACHED, mhsm_netlink_attached());
}

void mhsm_netlink_state(struct mhsm_domain *domain)
{
	struct sk_buff *skb;
	void *head;

	skb = message(MHSM_CMD_STATE, 0, 0, NLMSG_DEFAULT_SIZE, &head);
	if (!skb)
		return;
	if (put_status(skb, domain)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, head);
	genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
}

int mhsm_netlink_send_tx(u64 id, struct mhsm_tx *tx)
{
	u32 portid = READ_ONCE(daemon.portid);
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

static const struct nla_policy custodian_policy[MHSM_A_MAX + 1] = {
	[MHSM_A_RSA_N] = NLA_POLICY_RANGE(NLA_BINARY, MHSM_SD_RSA_MIN, MHSM_SD_RSA_MAX),
	[MHSM_A_RSA_E] = NLA_POLICY_RANGE(NLA_BINARY, 1, 8),
	[MHSM_A_X5T] = NLA_POLICY_EXACT_LEN(32),
};

static const struct nla_policy policy[MHSM_A_MAX + 1] = {
	[MHSM_A_NONCE] = NLA_POLICY_EXACT_LEN(NONCE),
	[MHSM_A_ABI] = { .type = NLA_U32 },
	[MHSM_A_DOMAIN] = NLA_POLICY_EXACT_LEN(MHSM_ID_LEN),
	[MHSM_A_PRINCIPAL_KIND] = NLA_POLICY_RANGE(NLA_U32, MHSM_PRINCIPAL_UID, MHSM_PRINCIPAL_UID),
	[MHSM_A_PRINCIPAL] = { .type = NLA_U32 },
	[MHSM_A_PID] = { .type = NLA_U32 },
	[MHSM_A_ADMINS] = NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct mhsm_genl_admin),
					   MHSM_ADMINS_MAX * sizeof(struct mhsm_genl_admin)),
	[MHSM_A_REQUIRED] = NLA_POLICY_RANGE(NLA_U32, MHSM_SD_REQUIRED_MIN, MHSM_SD_CUSTODIANS_MAX),
	[MHSM_A_CUSTODIAN] = NLA_POLICY_NESTED(custodian_policy),
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

#define for_each_attr(nla, info, rem) \
	nla_for_each_attr(nla, (struct nlattr *)genlmsg_data((info)->genlhdr), genlmsg_len((info)->genlhdr), rem)

/* The policy checked each attribute by itself; this checks the set. */
static int check_rule(const struct rule *rule, struct genl_info *info)
{
	struct nlattr *nla;
	u64 seen = 0, bit;
	int rem;

	if (!rule->anyone && (!info->snd_portid || info->snd_portid != READ_ONCE(daemon.portid)))
		return -EPERM;
	for_each_attr(nla, info, rem) {
		bit = BIT_ULL(nla_type(nla));
		if (!(bit & (rule->required | rule->optional)) || (seen & bit && !(rule->many & bit)))
			return -EINVAL;
		seen |= bit;
	}
	return (seen & rule->required) == rule->required ? 0 : -EINVAL;
}

static void subject(struct genl_info *info, struct mhsm_subject *who)
{
	mhsm_subject_current(who, MHSM_VIA_NETLINK);
	who->kind = nla_get_u32(info->attrs[MHSM_A_PRINCIPAL_KIND]);
	who->principal = nla_get_u32(info->attrs[MHSM_A_PRINCIPAL]);
	who->pid = nla_get_u32(info->attrs[MHSM_A_PID]);
}

/* --- commands ------------------------------------------------------------------------------------------------- */

static int do_status(struct mhsm_domain *domain, struct genl_info *info)
{
	struct sk_buff *skb;
	void *head;

	skb = reply_new(info, NLMSG_DEFAULT_SIZE, &head);
	return skb ? reply_send(info, skb, head, put_status(skb, domain)) : -ENOMEM;
}

static int do_attach(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if (nla_get_u32(info->attrs[MHSM_A_ABI]) != MHSM_ABI)
		return -EPROTONOSUPPORT;
	mhsm_subject_current(&who, MHSM_VIA_NETLINK);
	ret = attach(nla_data(info->attrs[MHSM_A_NONCE]), info->snd_portid);
	if (ret)
		return ret;
	/* A full ring refuses this too, but only a daemon can empty it: it attaches without a record then. */
	if (!mhsm_op_begin(&op, domain, &who, MHSM_ACT_DAEMON_ATTACH, NULL, NULL, 0, 0))
		mhsm_op_end(&op, 0, 0);
	mhsm_audit_attach(domain->audit);
	mhsm_store_resend(domain->store);
	return do_status(domain, info);
}

static int do_domain_set(struct mhsm_domain *domain, struct genl_info *info)
{
	const u8 *id = nla_data(info->attrs[MHSM_A_DOMAIN]);

	return memchr_inv(id, 0, MHSM_ID_LEN) ? mhsm_domain_set(domain, id) : -EINVAL;
}

static int create_and_reply(struct mhsm_domain *domain, struct genl_info *info)
{
	struct nlattr *admins = info->attrs[MHSM_A_ADMINS];
	u32 count = nla_len(admins) / sizeof(struct mhsm_genl_admin);
	struct sk_buff *skb;
	size_t record_len;
	u8 *record;
	void *head;
	int ret;

	/* The room first: a domain that was made but not told of would be lost. */
	skb = reply_new(info, nla_total_size(MHSM_ID_LEN) + nla_total_size(MHSM_RECORD_MAX), &head);
	if (!skb)
		return -ENOMEM;
	ret = mhsm_domain_create(domain, nla_data(admins), count, &record, &record_len);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	ret = nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, domain->id) ||
	      nla_put(skb, MHSM_A_RECORD, record_len, record);
	kvfree(record);
	return reply_send(info, skb, head, ret);
}

static int do_domain_create(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if (nla_len(info->attrs[MHSM_A_ADMINS]) % sizeof(struct mhsm_genl_admin))
		return -EINVAL;
	subject(info, &who);
	ret = mhsm_op_begin(&op, domain, &who, MHSM_ACT_PROVISION, NULL, NULL, 0, 0);
	return ret ? ret : mhsm_op_end(&op, create_and_reply(domain, info), 0);
}

static unsigned int nested_count(const struct nlattr *nest)
{
	const struct nlattr *nla;
	unsigned int n = 0;
	int rem;

	nla_for_each_nested(nla, nest, rem)
		n++;
	return n;
}

/* Reads the custodians; no two certificates may be the same. Returns their number. */
static int custodians_read(struct genl_info *info, struct mhsm_sd_custodian *custodian, struct netlink_ext_ack *extack)
{
	const u8 *x5t[MHSM_SD_CUSTODIANS_MAX];
	struct nlattr *tb[MHSM_A_MAX + 1], *nla;
	int count = 0, rem, i, ret;

	for_each_attr(nla, info, rem) {
		if (nla_type(nla) != MHSM_A_CUSTODIAN)
			continue;
		if (count == MHSM_SD_CUSTODIANS_MAX)
			return -EINVAL;
		ret = nla_parse_nested(tb, MHSM_A_MAX, nla, custodian_policy, extack);
		if (ret)
			return ret;
		/* All three, each once: nothing else gets past the policy. */
		if (!tb[MHSM_A_RSA_N] || !tb[MHSM_A_RSA_E] || !tb[MHSM_A_X5T] || nested_count(nla) != 3)
			return -EINVAL;
		custodian[count].n = nla_data(tb[MHSM_A_RSA_N]);
		custodian[count].n_len = nla_len(tb[MHSM_A_RSA_N]);
		custodian[count].e = nla_data(tb[MHSM_A_RSA_E]);
		custodian[count].e_len = nla_len(tb[MHSM_A_RSA_E]);
		x5t[count] = nla_data(tb[MHSM_A_X5T]);
		for (i = 0; i < count; i++)
			if (!memcmp(x5t[i], x5t[count], 32))
				return -EINVAL;
		count++;
	}
	return count;
}

static int export_reply(struct genl_info *info, const struct mhsm_sdexport *sd, unsigned int count)
{
	struct sk_buff *skb;
	unsigned int i;
	void *head;
	int err = 0;

	skb = reply_new(info, sizeof(*sd) + 256, &head);
	if (!skb)
		return -ENOMEM;
	for (i = 0; !err && i < count; i++)
		err = nla_put_string(skb, MHSM_A_SHARE, sd->share[i]);
	if (!err)
		err = nla_put_string(skb, MHSM_A_DATUM, sd->datum) ||
		      nla_put_string(skb, MHSM_A_DATUM_TAG, MHSM_DATUM_TAG);
	return reply_send(info, skb, head, err);
}

static int export_run(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_sd_custodian custodian[MHSM_SD_CUSTODIANS_MAX];
	u32 required = nla_get_u32(info->attrs[MHSM_A_REQUIRED]);
	struct mhsm_secret datum = {};
	struct mhsm_sdexport *sd;
	int count, ret;

	count = custodians_read(info, custodian, info->extack);
	if (count < 0)
		return count;
	sd = kvzalloc(sizeof(*sd), GFP_KERNEL);
	if (!sd)
		return -ENOMEM;
	ret = mhsm_secret_alloc(&datum, MHSM_SD_DATUM);
	if (!ret)
		ret = mhsm_domain_datum(domain, datum.data);
	if (!ret)
		ret = mhsm_sdexport_make(sd, datum.data, MHSM_DATUM_TAG, required, custodian, count);
	mhsm_secret_free(&datum);
	if (!ret)
		ret = export_reply(info, sd, count);
	if (!ret)
		mhsm_domain_exported(domain);
	kvfree(sd);
	return ret;
}

static int do_domain_export(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	subject(info, &who);
	ret = mhsm_op_begin(&op, domain, &who, MHSM_ACT_DOMAIN_DOWNLOAD, NULL, NULL, 0, 0);
	return ret ? ret : mhsm_op_end(&op, export_run(domain, info), 0);
}

static int transfer_run(struct mhsm_domain *domain, struct genl_info *info)
{
	u8 public[65];
	struct sk_buff *skb;
	void *head;
	int ret;

	ret = mhsm_domain_transfer(domain, public);
	if (ret)
		return ret;
	skb = reply_new(info, NLMSG_DEFAULT_SIZE, &head);
	if (!skb)
		return -ENOMEM;
	ret = nla_put(skb, MHSM_A_PUBLIC, sizeof(public), public) ||
	      nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, domain->id);
	return reply_send(info, skb, head, ret);
}

static int do_domain_transfer(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	subject(info, &who);
	ret = mhsm_op_begin(&op, domain, &who, MHSM_ACT_DOMAIN_UPLOAD, NULL, NULL, 0, 0);
	return ret ? ret : mhsm_op_end(&op, transfer_run(domain, info), 0);
}

static int do_domain_unlock(struct mhsm_domain *domain, struct genl_info *info)
{
	struct nlattr *ct = info->attrs[MHSM_A_CIPHERTEXT];
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	subject(info, &who);
	ret = mhsm_op_begin(&op, domain, &who, MHSM_ACT_DOMAIN_UPLOAD, NULL, NULL, 0, 0);
	if (ret)
		return ret;
	ret = mhsm_domain_unlock(domain, nla_data(info->attrs[MHSM_A_ENC]), nla_data(ct), nla_len(ct));
	return mhsm_op_end(&op, ret, 0);
}

static int put_rejected(struct sk_buff *skb, u32 index, int error)
{
	struct nlattr *nest = nla_nest_start(skb, MHSM_A_REJECTED);

	if (!nest || nla_put_u32(skb, MHSM_A_INDEX, index) || nla_put_s32(skb, MHSM_A_ERROR, error))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int do_load(struct mhsm_domain *domain, struct genl_info *info)
{
	u32 index = 0, loaded = 0, count = 0;
	struct sk_buff *skb;
	struct nlattr *nla;
	void *head;
	int rem, err, ret = 0;

	if (domain->state != MHSM_STATE_RESTORING)
		return -EPROTO;
	for_each_attr(nla, info, rem)
		count++;
	skb = reply_new(info, nla_total_size(4) + count * (nla_total_size(0) + 2 * nla_total_size(4)), &head);
	if (!skb)
		return -ENOMEM;
	for_each_attr(nla, info, rem) {
		err = mhsm_domain_load(domain, nla_data(nla), nla_len(nla));
		if (!err)
			loaded++;
		else if (!ret)
			ret = put_rejected(skb, index, err);
		index++;
		cond_resched();
	}
	return reply_send(info, skb, head, ret || nla_put_u32(skb, MHSM_A_LOADED, loaded));
}

static int do_load_done(struct mhsm_domain *domain, struct genl_info *info)
{
	return mhsm_domain_load_done(domain);
}

/* Commands that only name who asks */
static int transition(struct mhsm_domain *domain, struct genl_info *info, u32 action,
		      int (*run)(struct mhsm_domain *domain))
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	subject(info, &who);
	ret = mhsm_op_begin(&op, domain, &who, action, NULL, NULL, 0, 0);
	return ret ? ret : mhsm_op_end(&op, run(domain), 0);
}

static int do_domain_activate(struct mhsm_domain *domain, struct genl_info *info)
{
	return transition(domain, info, MHSM_ACT_DOMAIN_DOWNLOAD, mhsm_domain_activate);
}

static int do_lock(struct mhsm_domain *domain, struct genl_info *info)
{
	return transition(domain, info, MHSM_ACT_LOCK, mhsm_domain_lock);
}

static int do_zeroize(struct mhsm_domain *domain, struct genl_info *info)
{
	return transition(domain, info, MHSM_ACT_ZEROIZE, mhsm_domain_zeroize);
}

static int do_ack(struct mhsm_domain *domain, struct genl_info *info)
{
	int error = nla_get_s32(info->attrs[MHSM_A_ERROR]);

	if (error > 0 || error < -MAX_ERRNO)
		return -EINVAL;
	return mhsm_store_ack(domain->store, nla_get_u64(info->attrs[MHSM_A_TXID]), error);
}

static int do_decide(struct mhsm_domain *domain, struct genl_info *info)
{
	const char *name = info->attrs[MHSM_A_NAME] ? nla_data(info->attrs[MHSM_A_NAME]) : NULL;
	struct mhsm_key *key = NULL;
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if (name && !mhsm_name_valid(name, strlen(name)))
		return -EINVAL;
	subject(info, &who);
	if (name)
		key = mhsm_keytab_find(&domain->keys, name, NULL);
	ret = mhsm_op_begin(&op, domain, &who, nla_get_u32(info->attrs[MHSM_A_ACTION]), key, name, 0, 0);
	if (!ret)
		ret = mhsm_op_end(&op, 0, 0);
	mhsm_key_put(key);
	return ret;
}

static int (*const commands[])(struct mhsm_domain *domain, struct genl_info *info) = {
	[MHSM_CMD_ATTACH] = do_attach,
	[MHSM_CMD_STATUS] = do_status,
	[MHSM_CMD_DOMAIN_SET] = do_domain_set,
	[MHSM_CMD_DOMAIN_CREATE] = do_domain_create,
	[MHSM_CMD_DOMAIN_EXPORT] = do_domain_export,
	[MHSM_CMD_DOMAIN_ACTIVATE] = do_domain_activate,
	[MHSM_CMD_DOMAIN_TRANSFER] = do_domain_transfer,
	[MHSM_CMD_DOMAIN_UNLOCK] = do_domain_unlock,
	[MHSM_CMD_LOAD] = do_load,
	[MHSM_CMD_LOAD_DONE] = do_load_done,
	[MHSM_CMD_LOCK] = do_lock,
	[MHSM_CMD_ZEROIZE] = do_zeroize,
	[MHSM_CMD_ACK] = do_ack,
	[MHSM_CMD_DECIDE] = do_decide,
};

static int doit(struct sk_buff *skb, struct genl_info *info)
{
	u8 cmd = info->genlhdr->cmd;
	int ret = check_rule(&rules[cmd], info);

	return ret ? ret : commands[cmd](mhsm_domain_default(), info);
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
	int ret = netlink_register_notifier(&socket_notifier);

	if (ret)
		return ret;
	ret = genl_register_family(&family);
	if (ret)
		netlink_unregister_notifier(&socket_notifier);
	return ret;
}

void mhsm_netlink_exit(void)
{
	genl_unregister_family(&family);
	netlink_unregister_notifier(&socket_notifier);
	detach(0, NULL);
}
