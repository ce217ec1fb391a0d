// SPDX-License-Identifier: GPL-2.0-only
/*
 * See genl.h.
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

#include "daemon/genl.h"
#include "daemon/log.h"

#define RECEIVE_MAX 65536
#define SOCKET_BUFFER (4 << 20)
#define STORE_CHANGES_MAX 1024

/* One request under way. */
struct waiter {
	struct waiter *next;
	uint32_t seq;
	bool done;
	int error;
	void *reply; /* the reply message, malloc'ed, or NULL */
	size_t reply_len;
	pthread_cond_t changed;
};

struct mhsm_genl {
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

/* --- receiving --- */

static void finish_waiter(struct waiter *w, int error)
{
	w->error = error;
	w->done = true;
	pthread_cond_signal(&w->changed);
}

static void take_reply(struct mhsm_genl *g, struct nlmsghdr *h)
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

static void take_store(struct mhsm_genl *g, struct nlmsghdr *h)
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

static void take_messages(struct mhsm_genl *g, void *buf, int len)
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

static void fail_waiters(struct mhsm_genl *g, int error)
{
	pthread_mutex_lock(&g->lock);
	for (struct waiter *w = g->waiters; w; w = w->next)
		if (!w->done)
			finish_waiter(w, error);
	pthread_mutex_unlock(&g->lock);
}

/* Reads all there is. Returns 0, or a negative errno when the socket is of no more use. */
static int receive(struct mhsm_genl *g, void *buf)
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
	/*
	 * The kernel had to drop messages: whoever still waits after the socket was emptied may wait in vain. That
	 * includes those who are within sendmsg(2), whose answer may be what was dropped.
	 */
	if (dropped)
		fail_waiters(g, -ENOBUFS);
	return 0;
}

static void *receive_thread(void *context)
{
	struct mhsm_genl *g = context;
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
	fail_waiters(g, -ENOTCONN);
	free(buf);
	return NULL;
}

/* --- sending --- */

struct nl_msg *mhsm_genl_message(struct mhsm_genl *g, uint8_t cmd)
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

static int send_message(struct mhsm_genl *g, struct nlmsghdr *h)
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
static int request(struct mhsm_genl *g, struct nl_msg *msg, struct nlmsghdr **reply)
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

int mhsm_genl_request(struct mhsm_genl *g, struct nl_msg *msg, bool bad)
{
	if (msg && bad) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return request(g, msg, NULL);
}

int mhsm_genl_ask(struct mhsm_genl *g, struct nl_msg *msg, bool bad, struct nlmsghdr **reply)
{
	int ret;

	*reply = NULL;
	if (msg && bad) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	ret = request(g, msg, reply);
	if (!ret && !*reply)
		ret = -EPROTO;
	return ret;
}

/* --- opening and closing --- */

static int open_socket(struct mhsm_genl *g)
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

void mhsm_genl_close(struct mhsm_genl *g)
{
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

int mhsm_genl_open(const struct mhsm_kernel_events *events, struct mhsm_genl **out)
{
	struct mhsm_genl *g = calloc(1, sizeof(*g));
	int ret;

	if (!g)
		return -ENOMEM;
	g->events = *events;
	pthread_mutex_init(&g->lock, NULL);
	g->stop_fd = eventfd(0, EFD_CLOEXEC);
	ret = g->stop_fd < 0 ? -errno : open_socket(g);
	if (!ret) {
		ret = -pthread_create(&g->receiver, NULL, receive_thread, g);
		g->receiving = !ret;
	}
	if (ret) {
		mhsm_genl_close(g);
		return ret;
	}
	*out = g;
	return 0;
}
