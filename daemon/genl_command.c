// SPDX-License-Identifier: GPL-2.0-only
/* genl_command: the operations of daemon/kernel.h as commands of uapi/mhsm_genl.h. */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/device.h"
#include "daemon/genl.h"
#include "daemon/log.h"

struct genl_kernel {
	struct mhsm_kernel base;
	struct mhsm_genl *genl;
};

static struct mhsm_genl *to_genl(struct mhsm_kernel *kernel)
{
	return ((struct genl_kernel *)kernel)->genl;
}

static int put_caller(struct nl_msg *msg, const struct mhsm_caller *caller)
{
	return nla_put_u32(msg, MHSM_A_PRINCIPAL_KIND, MHSM_PRINCIPAL_UID) ||
	       nla_put_u32(msg, MHSM_A_PRINCIPAL, caller->uid) || nla_put_u32(msg, MHSM_A_PID, (uint32_t)caller->pid);
}

/* A command with a principal and nothing else. */
static int caller_command(struct mhsm_kernel *kernel, uint8_t cmd, const struct mhsm_caller *caller)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, cmd);

	if (!msg)
		return -ENOMEM;
	return mhsm_genl_request(g, msg, put_caller(msg, caller));
}

static int parse(struct nlmsghdr *h, struct nlattr **tb)
{
	return genlmsg_parse(h, 0, tb, MHSM_A_MAX, NULL) < 0 ? -EPROTO : 0;
}

static bool is_len(struct nlattr *a, int len)
{
	return a && nla_len(a) == len;
}

/* --- commands --- */

static int take_status(struct nlmsghdr *h, struct mhsm_kernel_status *status)
{
	struct nlattr *tb[MHSM_A_MAX + 1];

	if (parse(h, tb) || !is_len(tb[MHSM_A_STATE], 4))
		return -EPROTO;
	memset(status, 0, sizeof(*status));
	status->state = nla_get_u32(tb[MHSM_A_STATE]);
	if (is_len(tb[MHSM_A_DOMAIN], MHSM_ID_LEN)) {
		memcpy(status->domain, nla_data(tb[MHSM_A_DOMAIN]), MHSM_ID_LEN);
		status->has_domain = true;
	}
	if (is_len(tb[MHSM_A_KEYS], 8))
		status->keys = nla_get_u64(tb[MHSM_A_KEYS]);
	return 0;
}

static int genl_status(struct mhsm_kernel *kernel, struct mhsm_kernel_status *status)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_STATUS);
	struct nlmsghdr *reply;
	int ret;

	if (!msg)
		return -ENOMEM;
	ret = mhsm_genl_ask(g, msg, 0, &reply);
	if (!ret)
		ret = take_status(reply, status);
	free(reply);
	return ret;
}

static int genl_domain_set(struct mhsm_kernel *kernel, const uint8_t domain[MHSM_ID_LEN])
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_DOMAIN_SET);

	if (!msg)
		return -ENOMEM;
	return mhsm_genl_request(g, msg, nla_put(msg, MHSM_A_DOMAIN, MHSM_ID_LEN, domain));
}

static int genl_domain_create(struct mhsm_kernel *kernel, const struct mhsm_caller *caller,
			      const struct mhsm_genl_admin *admins, size_t count, uint8_t domain[MHSM_ID_LEN],
			      void *record, size_t *len)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_DOMAIN_CREATE);
	struct nlattr *tb[MHSM_A_MAX + 1];
	struct nlmsghdr *reply;
	int ret, bad;

	if (!msg)
		return -ENOMEM;
	bad = put_caller(msg, caller) || nla_put(msg, MHSM_A_ADMINS, (int)(count * sizeof(*admins)), admins);
	ret = mhsm_genl_ask(g, msg, bad, &reply);
	if (!ret)
		ret = parse(reply, tb);
	if (!ret && (!is_len(tb[MHSM_A_DOMAIN], MHSM_ID_LEN) || !tb[MHSM_A_RECORD] ||
		     (size_t)nla_len(tb[MHSM_A_RECORD]) > *len))
		ret = -EPROTO;
	if (!ret) {
		memcpy(domain, nla_data(tb[MHSM_A_DOMAIN]), MHSM_ID_LEN);
		*len = (size_t)nla_len(tb[MHSM_A_RECORD]);
		memcpy(record, nla_data(tb[MHSM_A_RECORD]), *len);
	}
	free(reply);
	return ret;
}

static int put_custodian(struct nl_msg *msg, const struct mhsm_custodian *c)
{
	struct nlattr *nest = nla_nest_start(msg, MHSM_A_CUSTODIAN);

	if (!nest || nla_put(msg, MHSM_A_RSA_N, (int)c->n_len, c->n) ||
	    nla_put(msg, MHSM_A_RSA_E, (int)c->e_len, c->e) ||
	    nla_put(msg, MHSM_A_X5T, sizeof(c->x5t), c->x5t))
		return -1;
	return nla_nest_end(msg, nest);
}

/* A string attribute as a string of ours: the kernel may or may not count the NUL. */
static char *take_string(struct nlattr *a)
{
	return a ? strndup(nla_data(a), (size_t)nla_len(a)) : NULL;
}

static int take_export(struct nlmsghdr *h, size_t count, struct mhsm_kernel_export *out)
{
	struct genlmsghdr *gh = nlmsg_data(h);
	struct nlattr *a;
	int rem;

	memset(out, 0, sizeof(*out));
	nla_for_each_attr(a, genlmsg_attrdata(gh, 0), genlmsg_attrlen(gh, 0), rem) {
		if (nla_type(a) == MHSM_A_SHARE && out->count < count) {
			out->shares[out->count] = take_string(a);
			if (!out->shares[out->count++])
				goto no_memory;
		} else if (nla_type(a) == MHSM_A_DATUM && !out->datum) {
			out->datum = take_string(a);
			if (!out->datum)
				goto no_memory;
		} else if (nla_type(a) == MHSM_A_DATUM_TAG && !out->datum_tag) {
			out->datum_tag = take_string(a);
			if (!out->datum_tag)
				goto no_memory;
		}
	}
	if (out->count == count && out->datum && out->datum_tag)
		return 0;
	mhsm_kernel_export_clear(out);
	return -EPROTO;
no_memory:
	mhsm_kernel_export_clear(out);
	return -ENOMEM;
}

static int genl_domain_export(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t required,
			      const struct mhsm_custodian *custodians, size_t count, struct mhsm_kernel_export *out)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_DOMAIN_EXPORT);
	struct nlmsghdr *reply;
	int ret, bad;

	if (!msg)
		return -ENOMEM;
	bad = put_caller(msg, caller) || nla_put_u32(msg, MHSM_A_REQUIRED, required);
	for (size_t i = 0; i < count && !bad; i++)
		bad = put_custodian(msg, &custodians[i]);
	ret = mhsm_genl_ask(g, msg, bad, &reply);
	if (!ret)
		ret = take_export(reply, count, out);
	free(reply);
	return ret;
}

static int genl_domain_activate(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return caller_command(kernel, MHSM_CMD_DOMAIN_ACTIVATE, caller);
}

static int genl_domain_transfer(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	/* The reply, the one-time public key, is not for us: mhsm-quorum asks the device itself. */
	return caller_command(kernel, MHSM_CMD_DOMAIN_TRANSFER, caller);
}

static int genl_domain_unlock(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, const uint8_t enc[65],
			      const void *ciphertext, size_t len)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_DOMAIN_UNLOCK);

	if (!msg)
		return -ENOMEM;
	return mhsm_genl_request(g, msg,
		      put_caller(msg, caller) || nla_put(msg, MHSM_A_ENC, 65, enc) ||
			      nla_put(msg, MHSM_A_CIPHERTEXT, (int)len, ciphertext));
}

static int take_load(struct nlmsghdr *h, size_t count, struct mhsm_load_result *result)
{
	struct genlmsghdr *gh = nlmsg_data(h);
	bool counted = false;
	struct nlattr *a;
	int rem;

	memset(result, 0, sizeof(*result));
	nla_for_each_attr(a, genlmsg_attrdata(gh, 0), genlmsg_attrlen(gh, 0), rem) {
		struct nlattr *tb[MHSM_A_MAX + 1];

		if (nla_type(a) == MHSM_A_LOADED && nla_len(a) == 4) {
			result->loaded = nla_get_u32(a);
			counted = true;
		}
		if (nla_type(a) != MHSM_A_REJECTED)
			continue;
		if (nla_parse_nested(tb, MHSM_A_MAX, a, NULL) < 0 || !is_len(tb[MHSM_A_INDEX], 4) ||
		    !is_len(tb[MHSM_A_ERROR], 4) || nla_get_u32(tb[MHSM_A_INDEX]) >= count ||
		    result->rejected == MHSM_LOAD_MAX)
			return -EPROTO;
		result->reject[result->rejected].index = nla_get_u32(tb[MHSM_A_INDEX]);
		result->reject[result->rejected++].error = nla_get_s32(tb[MHSM_A_ERROR]);
	}
	return counted ? 0 : -EPROTO;
}

static int genl_load(struct mhsm_kernel *kernel, const struct mhsm_blob *records, size_t count,
		     struct mhsm_load_result *result)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_LOAD);
	struct nlmsghdr *reply;
	int ret, bad = 0;

	if (!msg)
		return -ENOMEM;
	for (size_t i = 0; i < count && !bad; i++)
		bad = nla_put(msg, MHSM_A_RECORD, (int)records[i].len, records[i].data);
	ret = mhsm_genl_ask(g, msg, bad, &reply);
	if (!ret)
		ret = take_load(reply, count, result);
	free(reply);
	return ret;
}

static int genl_load_done(struct mhsm_kernel *kernel)
{
	struct mhsm_genl *g = to_genl(kernel);

	return mhsm_genl_request(g, mhsm_genl_message(g, MHSM_CMD_LOAD_DONE), false);
}

static int genl_lock(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return caller_command(kernel, MHSM_CMD_LOCK, caller);
}

static int genl_zeroize(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return caller_command(kernel, MHSM_CMD_ZEROIZE, caller);
}

static int genl_ack(struct mhsm_kernel *kernel, uint64_t txid, int error)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_ACK);

	if (!msg)
		return -ENOMEM;
	return mhsm_genl_request(g, msg, nla_put_u64(msg, MHSM_A_TXID, txid) || nla_put_s32(msg, MHSM_A_ERROR, error));
}

static int genl_decide(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t action, const char *name)
{
	struct mhsm_genl *g = to_genl(kernel);
	struct nl_msg *msg = mhsm_genl_message(g, MHSM_CMD_DECIDE);

	if (!msg)
		return -ENOMEM;
	return mhsm_genl_request(g, msg,
		      put_caller(msg, caller) || nla_put_u32(msg, MHSM_A_ACTION, action) ||
			      (name && nla_put_string(msg, MHSM_A_NAME, name)));
}

static void genl_close(struct mhsm_kernel *kernel)
{
	mhsm_genl_close(to_genl(kernel));
	free(kernel);
}

static const struct mhsm_kernel_ops genl_ops = {
	.status = genl_status,
	.domain_set = genl_domain_set,
	.domain_create = genl_domain_create,
	.domain_export = genl_domain_export,
	.domain_activate = genl_domain_activate,
	.domain_transfer = genl_domain_transfer,
	.domain_unlock = genl_domain_unlock,
	.load = genl_load,
	.load_done = genl_load_done,
	.lock = genl_lock,
	.zeroize = genl_zeroize,
	.ack = genl_ack,
	.decide = genl_decide,
	.close = genl_close,
};

/* --- attaching --- */

static int attach(struct mhsm_genl *g, struct mhsm_device *device)
{
	struct mhsm_ioc_daemon_nonce nonce = { .size = sizeof(nonce) };
	struct nl_msg *msg;
	int ret;

	ret = device->ops->daemon_call(device, MHSM_IOC_DAEMON_NONCE, &nonce);
	if (ret == -EBUSY) {
		mhsm_log_error("another mhsmd is attached to the kernel: stop it first");
		return ret;
	}
	if (ret < 0) {
		mhsm_log_error("cannot get a nonce from " MHSM_DAEMON_DEVICE ": %s", strerror(-ret));
		return ret;
	}
	msg = mhsm_genl_message(g, MHSM_CMD_ATTACH);
	if (!msg)
		return -ENOMEM;
	ret = mhsm_genl_request(g, msg,
		     nla_put(msg, MHSM_A_NONCE, sizeof(nonce.nonce), nonce.nonce) ||
			     nla_put_u32(msg, MHSM_A_ABI, MHSM_ABI));
	if (ret == -EBUSY)
		mhsm_log_error("another mhsmd is attached to the kernel: stop it first");
	else if (ret == -EPROTONOSUPPORT)
		mhsm_log_error("the mhsm module has another ABI than this mhsmd (%u): install the same version of both",
			       MHSM_ABI);
	else if (ret)
		mhsm_log_error("cannot attach to the kernel: %s", strerror(-ret));
	return ret;
}

int mhsm_genl_attach(struct mhsm_device *device, const struct mhsm_kernel_events *events, struct mhsm_kernel **out)
{
	struct genl_kernel *k = malloc(sizeof(*k));
	int ret;

	if (!k)
		return -ENOMEM;
	k->base.ops = &genl_ops;
	ret = mhsm_genl_open(events, &k->genl);
	if (ret) {
		free(k);
		return ret;
	}
	ret = attach(k->genl, device);
	if (ret) {
		genl_close(&k->base);
		return ret;
	}
	*out = &k->base;
	return 0;
}
