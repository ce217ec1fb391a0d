// SPDX-License-Identifier: GPL-2.0-only
/*
 * genl: the kernel's side of daemon/kernel.h over generic netlink.
 *
 * The kernel binds the daemon to one socket, the one that attached. Any thread sends on it (a request is executed within
 * sendmsg(2), so a slow one keeps nobody else from sending); one thread receives, hands replies to whoever waits for
 * that sequence number, and STORE to the events. So a STORE is seen while a request of another thread is under way.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/device.h"
#include "daemon/kernel.h"
#include "daemon/log.h"

#define RECEIVE_MAX 65536
#define SOCKET_BUFFER (4 << 20)
#define STORE_CHANGES_MAX 1024

/* One request under way. */
struct waiter {
	struct waiter *next;
	uint32_t seq;
	bool sent; /* sendmsg has returned: what is to come has come */
	bool done;
	int error;
	void *reply; /* the reply message, malloc'ed, or NULL */
	size_t reply_len;
	pthread_cond_t changed;
};

struct genl_kernel {
	struct mhsm_kernel base;
	struct mhsm_kernel_events events;
	struct nl_sock *sock;
	int family;
	uint32_t port;
	int stop_fd; /* eventfd: the receiver is to end */
	pthread_t receiver;
	bool receiving;
	pthread_mutex_t lock; /* of what follows */
	uint32_t seq;
	bool broken;
	struct waiter *waiters;
};

static struct genl_kernel *to_genl(struct mhsm_kernel *kernel)
{
	return (struct genl_kernel *)kernel;
}

/* --- receiving --- */

static void finish_waiter(struct waiter *w, int error)
{
	w->error = error;
	w->done = true;
	pthread_cond_signal(&w->changed);
}

static void take_reply(struct genl_kernel *g, struct nlmsghdr *h)
{
	struct waiter *w;

	pthread_mutex_lock(&g->lock);
	for (w = g->waiters; w && w->seq != h->nlmsg_seq; w = w->next)
		;
	if (w && h->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *e = nlmsg_data(h);

		if (nlmsg_datalen(h) >= (int)sizeof(*e))
			finish_waiter(w, e->error);
	} else if (w && !w->reply) {
		/* The acknowledgement comes after it. */
		w->reply = malloc(h->nlmsg_len);
		if (w->reply) {
			memcpy(w->reply, h, h->nlmsg_len);
			w->reply_len = h->nlmsg_len;
		} else {
			finish_waiter(w, -ENOMEM);
		}
	}
	pthread_mutex_unlock(&g->lock);
}

static void take_store(struct genl_kernel *g, struct nlmsghdr *h)
{
	struct mhsm_kernel_change changes[STORE_CHANGES_MAX];
	struct genlmsghdr *gh = nlmsg_data(h);
	struct nlattr *a;
	uint64_t txid = 0;
	bool has_txid = false, bad = false;
	size_t count = 0;
	int rem;

	nla_for_each_attr(a, genlmsg_attrdata(gh, 0), genlmsg_attrlen(gh, 0), rem) {
		if (nla_type(a) == MHSM_A_TXID && nla_len(a) >= (int)sizeof(txid)) {
			txid = nla_get_u64(a);
			has_txid = true;
		}
		if (nla_type(a) != MHSM_A_RECORD && nla_type(a) != MHSM_A_REMOVE)
			continue;
		if (count == STORE_CHANGES_MAX) {
			bad = true;
		} else if (nla_type(a) == MHSM_A_RECORD) {
			changes[count++] = (struct mhsm_kernel_change){
				.record = nla_data(a),
				.len = (size_t)nla_len(a),
			};
		} else if (nla_len(a) == MHSM_ID_LEN) {
			changes[count++] = (struct mhsm_kernel_change){ .remove = nla_data(a) };
		} else {
			bad = true;
		}
	}
	/* All or nothing: what was not understood whole is refused, as an empty transaction is. */
	if (has_txid)
		g->events.store(g->events.context, txid, changes, bad ? 0 : count);
	else
		mhsm_log_error("netlink: a STORE without a transaction id: is the module of another version?");
}

static void take_messages(struct genl_kernel *g, void *buf, int len)
{
	for (struct nlmsghdr *h = buf; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		struct genlmsghdr *gh = nlmsg_data(h);

		if (h->nlmsg_type == NLMSG_ERROR)
			take_reply(g, h);
		else if (h->nlmsg_type != g->family || nlmsg_datalen(h) < (int)sizeof(*gh))
			continue;
		else if (gh->cmd == MHSM_CMD_STORE)
			take_store(g, h);
		else
			take_reply(g, h);
	}
}

/* The kernel had to drop messages: whoever still waits after the socket was emptied waits in vain. */
static void fail_waiters(struct genl_kernel *g, int error, bool all)
{
	pthread_mutex_lock(&g->lock);
	for (struct waiter *w = g->waiters; w; w = w->next)
		if (!w->done && (all || w->sent))
			finish_waiter(w, error);
	pthread_mutex_unlock(&g->lock);
}

/* Reads all there is. Returns 0, or a negative errno when the socket is of no more use. */
static int receive(struct genl_kernel *g, void *buf)
{
	int fd = nl_socket_get_fd(g->sock);
	bool dropped = false;

	for (;;) {
		struct sockaddr_nl from;
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, RECEIVE_MAX, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from,
				     &from_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			mhsm_log_warning("netlink: the receive buffer overflowed; requests under way fail");
			dropped = true;
			continue;
		}
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return -errno;
		if (from_len < sizeof(from) || from.nl_pid != 0)
			continue; /* not from the kernel */
		if (n > RECEIVE_MAX) {
			mhsm_log_error("netlink: a message of %zd bytes is longer than any of this protocol", n);
			continue;
		}
		take_messages(g, buf, (int)n);
	}
	if (dropped)
		fail_waiters(g, -ENOBUFS, false);
	return 0;
}

static void *receive_thread(void *context)
{
	struct genl_kernel *g = context;
	struct pollfd fds[2] = {
		{ .fd = nl_socket_get_fd(g->sock), .events = POLLIN },
		{ .fd = g->stop_fd, .events = POLLIN },
	};
	void *buf = malloc(RECEIVE_MAX);
	int ret = buf ? 0 : -ENOMEM;

	while (!ret) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			ret = -errno;
		if (fds[1].revents)
			break;
		if (!ret && fds[0].revents)
			ret = receive(g, buf);
	}
	if (ret)
		mhsm_log_error("netlink: receiving ended: %s: restart mhsmd", strerror(-ret));
	pthread_mutex_lock(&g->lock);
	g->broken = true;
	pthread_mutex_unlock(&g->lock);
	fail_waiters(g, -ENOTCONN, true);
	free(buf);
	return NULL;
}

/* --- sending --- */

static struct nl_msg *new_message(struct genl_kernel *g, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(MHSM_GENL_MESSAGE_MAX + 1024);

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, g->port, 0, g->family, 0, NLM_F_REQUEST | NLM_F_ACK, cmd, MHSM_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int put_caller(struct nl_msg *msg, const struct mhsm_caller *caller)
{
	return nla_put_u32(msg, MHSM_A_PRINCIPAL_KIND, MHSM_PRINCIPAL_UID) ||
	       nla_put_u32(msg, MHSM_A_PRINCIPAL, caller->uid) || nla_put_u32(msg, MHSM_A_PID, (uint32_t)caller->pid);
}

static int send_message(struct genl_kernel *g, struct nlmsghdr *h)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	ssize_t n;

	do
		n = sendto(nl_socket_get_fd(g->sock), h, h->nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/*
 * Sends @msg, which it frees, and waits for the answer. @reply gets the reply message if there was one (the caller
 * frees it); may be NULL. @msg NULL: no memory, or an attribute did not fit.
 */
static int request(struct genl_kernel *g, struct nl_msg *msg, struct nlmsghdr **reply)
{
	struct waiter w = { .next = NULL }, **at;
	int ret;

	if (!msg)
		return -ENOMEM;
	pthread_cond_init(&w.changed, NULL);
	pthread_mutex_lock(&g->lock);
	if (g->broken) {
		w.done = true;
		w.error = -ENOTCONN;
	}
	w.seq = ++g->seq ? g->seq : ++g->seq;
	w.next = g->waiters;
	g->waiters = &w;
	pthread_mutex_unlock(&g->lock);

	nlmsg_hdr(msg)->nlmsg_seq = w.seq;
	ret = send_message(g, nlmsg_hdr(msg));
	nlmsg_free(msg);

	pthread_mutex_lock(&g->lock);
	w.sent = true;
	if (ret && !w.done)
		finish_waiter(&w, ret);
	while (!w.done)
		pthread_cond_wait(&w.changed, &g->lock);
	for (at = &g->waiters; *at != &w; at = &(*at)->next)
		;
	*at = w.next;
	pthread_mutex_unlock(&g->lock);
	pthread_cond_destroy(&w.changed);
	if (reply && !w.error && w.reply)
		*reply = w.reply;
	else
		free(w.reply);
	return w.error;
}

/* @bad: an attribute did not fit. */
static int simple(struct genl_kernel *g, struct nl_msg *msg, int bad)
{
	if (bad) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return request(g, msg, NULL);
}

/* A command with a principal and nothing else. */
static int caller_command(struct mhsm_kernel *kernel, uint8_t cmd, const struct mhsm_caller *caller)
{
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, cmd);

	if (!msg)
		return -ENOMEM;
	return simple(g, msg, put_caller(msg, caller));
}

/* As request(), for commands that have a reply: its absence is an error. */
static int request_reply(struct genl_kernel *g, struct nl_msg *msg, int bad, struct nlmsghdr **reply)
{
	int ret;

	*reply = NULL;
	if (bad) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	ret = request(g, msg, reply);
	if (!ret && !*reply)
		ret = -EPROTO;
	return ret;
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
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_STATUS);
	struct nlmsghdr *reply;
	int ret;

	if (!msg)
		return -ENOMEM;
	ret = request_reply(g, msg, 0, &reply);
	if (!ret)
		ret = take_status(reply, status);
	free(reply);
	return ret;
}

static int genl_domain_set(struct mhsm_kernel *kernel, const uint8_t domain[MHSM_ID_LEN])
{
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_DOMAIN_SET);

	if (!msg)
		return -ENOMEM;
	return simple(g, msg, nla_put(msg, MHSM_A_DOMAIN, MHSM_ID_LEN, domain));
}

static int genl_domain_create(struct mhsm_kernel *kernel, const struct mhsm_caller *caller,
			      const struct mhsm_genl_admin *admins, size_t count, uint8_t domain[MHSM_ID_LEN],
			      void *record, size_t *len)
{
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_DOMAIN_CREATE);
	struct nlattr *tb[MHSM_A_MAX + 1];
	struct nlmsghdr *reply;
	int ret, bad;

	if (!msg)
		return -ENOMEM;
	bad = put_caller(msg, caller) || nla_put(msg, MHSM_A_ADMINS, (int)(count * sizeof(*admins)), admins);
	ret = request_reply(g, msg, bad, &reply);
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
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_DOMAIN_EXPORT);
	struct nlmsghdr *reply;
	int ret, bad;

	if (!msg)
		return -ENOMEM;
	bad = put_caller(msg, caller) || nla_put_u32(msg, MHSM_A_REQUIRED, required);
	for (size_t i = 0; i < count && !bad; i++)
		bad = put_custodian(msg, &custodians[i]);
	ret = request_reply(g, msg, bad, &reply);
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
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_DOMAIN_UNLOCK);

	if (!msg)
		return -ENOMEM;
	return simple(g, msg,
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
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_LOAD);
	struct nlmsghdr *reply;
	int ret, bad = 0;

	if (!msg)
		return -ENOMEM;
	for (size_t i = 0; i < count && !bad; i++)
		bad = nla_put(msg, MHSM_A_RECORD, (int)records[i].len, records[i].data);
	ret = request_reply(g, msg, bad, &reply);
	if (!ret)
		ret = take_load(reply, count, result);
	free(reply);
	return ret;
}

static int genl_load_done(struct mhsm_kernel *kernel)
{
	struct genl_kernel *g = to_genl(kernel);

	return request(g, new_message(g, MHSM_CMD_LOAD_DONE), NULL);
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
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_ACK);

	if (!msg)
		return -ENOMEM;
	return simple(g, msg, nla_put_u64(msg, MHSM_A_TXID, txid) || nla_put_s32(msg, MHSM_A_ERROR, error));
}

static int genl_decide(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t action, const char *name)
{
	struct genl_kernel *g = to_genl(kernel);
	struct nl_msg *msg = new_message(g, MHSM_CMD_DECIDE);

	if (!msg)
		return -ENOMEM;
	return simple(g, msg,
		      put_caller(msg, caller) || nla_put_u32(msg, MHSM_A_ACTION, action) ||
			      (name && nla_put_string(msg, MHSM_A_NAME, name)));
}

static void genl_close(struct mhsm_kernel *kernel)
{
	struct genl_kernel *g = to_genl(kernel);
	uint64_t one = 1;

	if (!g)
		return;
	if (g->receiving && write(g->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(g->receiver, NULL);
	if (g->stop_fd >= 0)
		close(g->stop_fd);
	nl_socket_free(g->sock);
	pthread_mutex_destroy(&g->lock);
	free(g);
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

static int open_socket(struct genl_kernel *g)
{
	int ret;

	g->sock = nl_socket_alloc();
	if (!g->sock)
		return -ENOMEM;
	ret = genl_connect(g->sock);
	if (ret) {
		mhsm_log_error("netlink: cannot connect: %s", nl_geterror(ret));
		return -ENOTCONN;
	}
	g->family = genl_ctrl_resolve(g->sock, MHSM_GENL_NAME);
	if (g->family < 0) {
		mhsm_log_error("netlink: the kernel has no family \"" MHSM_GENL_NAME
			       "\": the mhsm module is not loaded: modprobe mhsm");
		return -ENOENT;
	}
	g->port = nl_socket_get_local_port(g->sock);
	/* As much as the limit allows; a full buffer makes creations fail, it does not lose them. */
	nl_socket_set_buffer_size(g->sock, SOCKET_BUFFER, SOCKET_BUFFER);
	return 0;
}

static int attach(struct genl_kernel *g, struct mhsm_device *device)
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
	msg = new_message(g, MHSM_CMD_ATTACH);
	if (!msg)
		return -ENOMEM;
	ret = simple(g, msg,
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
	struct genl_kernel *g = calloc(1, sizeof(*g));
	int ret;

	if (!g)
		return -ENOMEM;
	g->base.ops = &genl_ops;
	g->events = *events;
	pthread_mutex_init(&g->lock, NULL);
	g->stop_fd = eventfd(0, EFD_CLOEXEC);
	ret = g->stop_fd < 0 ? -errno : open_socket(g);
	if (!ret) {
		ret = -pthread_create(&g->receiver, NULL, receive_thread, g);
		g->receiving = !ret;
	}
	if (!ret)
		ret = attach(g, device);
	if (ret) {
		genl_close(&g->base);
		return ret;
	}
	*out = &g->base;
	return 0;
}
