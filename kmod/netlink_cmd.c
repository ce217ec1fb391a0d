// SPDX-License-Identifier: GPL-2.0-only
/* The commands of the netlink family, one function each: see uapi/mhsm_genl.h */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "kmod/attach.h"
#include "kmod/audit.h"
#include "kmod/domain.h"
#include "kmod/netlink_cmd.h"
#include "kmod/op.h"
#include "kmod/record.h"
#include "kmod/sdexport.h"
#include "kmod/store.h"

static void subject(struct genl_info *info, struct mhsm_subject *who)
{
	mhsm_subject_current(who, MHSM_VIA_NETLINK);
	who->kind = nla_get_u32(info->attrs[MHSM_A_PRINCIPAL_KIND]);
	who->principal = nla_get_u32(info->attrs[MHSM_A_PRINCIPAL]);
	who->pid = nla_get_u32(info->attrs[MHSM_A_PID]);
}

static int do_status(struct mhsm_domain *domain, struct genl_info *info)
{
	struct sk_buff *skb;
	void *head;
	int err;

	skb = mhsm_reply_new(info, NLMSG_DEFAULT_SIZE, &head);
	if (!skb)
		return -ENOMEM;
	mhsm_mutex_lock(&domain->lock);
	err = mhsm_reply_put_status(skb, domain);
	mhsm_mutex_unlock(&domain->lock);
	return mhsm_reply_send(info, skb, head, err);
}

static int do_attach(struct mhsm_domain *domain, struct genl_info *info)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if (nla_get_u32(info->attrs[MHSM_A_ABI]) != MHSM_ABI)
		return -EPROTONOSUPPORT;
	mhsm_subject_current(&who, MHSM_VIA_NETLINK);
	ret = mhsm_attach_begin(nla_data(info->attrs[MHSM_A_NONCE]), info->snd_portid);
	if (ret)
		return ret;
	/* A full ring refuses this too, but only a daemon can empty it: it attaches without a record then. */
	if (!mhsm_op_begin(&op, domain, &who, MHSM_ACT_DAEMON_ATTACH, NULL, NULL, 0, 0))
		mhsm_op_end(&op, 0, 0);
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
	u8 id[MHSM_ID_LEN], *record;
	struct sk_buff *skb;
	size_t record_len;
	void *head;
	int ret;

	/* The room first: a domain that was made but not told of would be lost. */
	skb = mhsm_reply_new(info, nla_total_size(MHSM_ID_LEN) + nla_total_size(MHSM_RECORD_MAX), &head);
	if (!skb)
		return -ENOMEM;
	ret = mhsm_domain_create(domain, nla_data(admins), count, id, &record, &record_len);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	ret = nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, id) ||
	      nla_put(skb, MHSM_A_RECORD, record_len, record);
	kvfree(record);
	return mhsm_reply_send(info, skb, head, ret);
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

	mhsm_for_each_attr(nla, info, rem) {
		if (nla_type(nla) != MHSM_A_CUSTODIAN)
			continue;
		if (count == MHSM_SD_CUSTODIANS_MAX)
			return -EINVAL;
		ret = nla_parse_nested(tb, MHSM_A_MAX, nla, mhsm_custodian_policy, extack);
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

	skb = mhsm_reply_new(info, sizeof(*sd) + 256, &head);
	if (!skb)
		return -ENOMEM;
	for (i = 0; !err && i < count; i++)
		err = nla_put_string(skb, MHSM_A_SHARE, sd->share[i]);
	if (!err)
		err = nla_put_string(skb, MHSM_A_DATUM, sd->datum) ||
		      nla_put_string(skb, MHSM_A_DATUM_TAG, MHSM_DATUM_TAG);
	return mhsm_reply_send(info, skb, head, err);
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
	u8 public[65], id[MHSM_ID_LEN];
	struct sk_buff *skb;
	void *head;
	int ret;

	ret = mhsm_domain_transfer(domain, public, id);
	if (ret)
		return ret;
	skb = mhsm_reply_new(info, NLMSG_DEFAULT_SIZE, &head);
	if (!skb)
		return -ENOMEM;
	ret = nla_put(skb, MHSM_A_PUBLIC, sizeof(public), public) ||
	      nla_put(skb, MHSM_A_DOMAIN, MHSM_ID_LEN, id);
	return mhsm_reply_send(info, skb, head, ret);
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
	mhsm_for_each_attr(nla, info, rem)
		count++;
	skb = mhsm_reply_new(info, nla_total_size(4) + count * (nla_total_size(0) + 2 * nla_total_size(4)), &head);
	if (!skb)
		return -ENOMEM;
	mhsm_for_each_attr(nla, info, rem) {
		err = mhsm_domain_load(domain, nla_data(nla), nla_len(nla));
		if (!err)
			loaded++;
		else if (!ret)
			ret = put_rejected(skb, index, err);
		index++;
		cond_resched();
	}
	return mhsm_reply_send(info, skb, head, ret || nla_put_u32(skb, MHSM_A_LOADED, loaded));
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

/* What the daemon does, or begins, by itself. What the kernel does is decided when it is done. */
static bool daemon_does(u32 action)
{
	switch (action) {
	case MHSM_ACT_DOMAIN_DOWNLOAD:
	case MHSM_ACT_DOMAIN_UPLOAD:
	case MHSM_ACT_ZEROIZE:
	case MHSM_ACT_AUDIT_READ:
	case MHSM_ACT_AUDIT_VERIFY:
		return true;
	default:
		return false;
	}
}

static int do_decide(struct mhsm_domain *domain, struct genl_info *info)
{
	u32 action = nla_get_u32(info->attrs[MHSM_A_ACTION]);
	const char *name = info->attrs[MHSM_A_NAME] ? nla_data(info->attrs[MHSM_A_NAME]) : NULL;
	struct mhsm_key *key = NULL;
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if ((name && !mhsm_name_valid(name, strlen(name))) || !daemon_does(action))
		return -EINVAL;
	subject(info, &who);
	who.via = MHSM_VIA_DAEMON;
	if (name)
		key = mhsm_keytab_find(&domain->keys, name, NULL);
	ret = mhsm_op_begin(&op, domain, &who, action, key, name, 0, 0);
	if (!ret)
		ret = mhsm_op_end(&op, 0, 0);
	mhsm_key_put(key);
	return ret;
}

const mhsm_command mhsm_commands[MHSM_CMD_MAX + 1] = {
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
