// SPDX-License-Identifier: GPL-2.0-only
/* See kunit_daemon.h */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "kmod/attach.h"
#include "kmod/compat/unaligned.h"
#include "kmod/domain.h"
#include "tests/kunit/kunit_daemon.h"

#define ROOM 65536

/* Sends @cmd of @family. */
static int send(struct kunit_daemon *d, u16 family, u8 cmd, const void *attrs, size_t len)
{
	struct nlmsghdr *nlh = (void *)d->buf;
	struct genlmsghdr *genl = nlmsg_data(nlh);
	struct msghdr msg = {};
	struct kvec vec;

	memset(nlh, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	nlh->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + len;
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++d->seq;
	genl->cmd = cmd;
	genl->version = 1;
	if (len)
		memcpy(genl + 1, attrs, len);
	vec = (struct kvec){ nlh, nlh->nlmsg_len };
	return kernel_sendmsg(d->sock, &msg, &vec, 1, vec.iov_len);
}

/* Receives one datagram into d->buf; its length, or a negative errno. */
static int receive(struct kunit_daemon *d, unsigned int ms)
{
	struct kvec vec = { d->buf, ROOM };
	struct msghdr msg = {};

	d->sock->sk->sk_rcvtimeo = msecs_to_jiffies(ms);
	return kernel_recvmsg(d->sock, &msg, &vec, 1, ROOM, ms ? 0 : MSG_DONTWAIT);
}

static int family_find(struct kunit *test, struct kunit_daemon *d)
{
	struct {
		struct nlattr head;
		char name[8];
	} attr = { { NLA_HDRLEN + sizeof(MHSM_GENL_NAME), CTRL_ATTR_FAMILY_NAME }, MHSM_GENL_NAME };
	struct nlmsghdr *nlh = (void *)d->buf;
	struct nlattr *nla;
	int len;

	static_assert(sizeof(MHSM_GENL_NAME) <= 8);
	KUNIT_ASSERT_GT(test, send(d, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, &attr, sizeof(attr)), 0);
	len = receive(d, 1000);
	KUNIT_ASSERT_GT(test, len, (int)(NLMSG_HDRLEN + GENL_HDRLEN));
	nla = nlmsg_find_attr(nlh, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	KUNIT_ASSERT_NOT_NULL(test, nla);
	d->family = nla_get_u16(nla);
	receive(d, 1000); /* the acknowledgement */
	return 0;
}

void kunit_daemon_open(struct kunit *test, struct kunit_daemon *d)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	*d = (struct kunit_daemon){};
	d->buf = kunit_kmalloc(test, ROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, d->buf);
	d->session = mhsm_session_new(mhsm_domain_default(), true);
	KUNIT_ASSERT_FALSE(test, IS_ERR(d->session));
	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_GENERIC, &d->sock), 0);
	KUNIT_ASSERT_EQ(test, kernel_bind(d->sock, (struct sockaddr *)&any, sizeof(any)), 0);
	family_find(test, d);
}

/* Is the message in d->buf a STORE? Then it is read into @store. */
static bool store_read(struct kunit *test, struct kunit_daemon *d, struct kunit_daemon_store *store)
{
	struct nlmsghdr *nlh = (void *)d->buf;
	struct genlmsghdr *genl = nlmsg_data(nlh);
	struct nlattr *nla;
	int rem;

	if (nlh->nlmsg_type != d->family || genl->cmd != MHSM_CMD_STORE)
		return false;
	*store = (struct kunit_daemon_store){};
	nla_for_each_attr(nla, (struct nlattr *)genlmsg_data(genl), genlmsg_len(genl), rem) {
		const u8 *at = nla_data(nla);

		switch (nla_type(nla)) {
		case MHSM_A_TXID:
			store->txid = nla_get_u64(nla);
			break;
		case MHSM_A_RECORD:
			store->records++;
			memcpy(store->last_id, at + 32, MHSM_ID_LEN);
			store->last_state = at[11];
			store->last_generation = get_unaligned_le64(at + 64);
			store->last_uses = get_unaligned_le64(at + 168);
			store->last_gcm_uses = get_unaligned_le64(at + 176);
			break;
		case MHSM_A_REMOVE:
			store->removes++;
			memcpy(store->last_id, at, MHSM_ID_LEN);
			break;
		case MHSM_A_PAD:
			break;
		default:
			KUNIT_FAIL(test, "attribute %d in a STORE", nla_type(nla));
		}
	}
	return true;
}

bool kunit_daemon_receive(struct kunit *test, struct kunit_daemon *d, struct kunit_daemon_store *store, unsigned int ms)
{
	*store = d->kept;
	d->kept = (struct kunit_daemon_store){};
	if (store->txid)
		return true;
	while (receive(d, ms) > 0)
		if (store_read(test, d, store))
			return true;
	return false;
}

int kunit_daemon_command(struct kunit *test, struct kunit_daemon *d, u8 cmd, const void *attrs, size_t len)
{
	struct nlmsghdr *nlh = (void *)d->buf;
	int got;

	got = send(d, d->family, cmd, attrs, len);
	if (got < 0)
		return got;
	while ((got = receive(d, 1000)) > 0) {
		if (nlh->nlmsg_type == NLMSG_ERROR && nlh->nlmsg_seq == d->seq)
			return ((struct nlmsgerr *)nlmsg_data(nlh))->error;
		store_read(test, d, &d->kept);
	}
	KUNIT_FAIL(test, "command %u was not acknowledged: %d", cmd, got);
	return got;
}

int kunit_daemon_attach(struct kunit *test, struct kunit_daemon *d)
{
	struct {
		struct nlattr nonce;
		u8 nonce_bytes[32];
		struct nlattr abi;
		u32 abi_value;
	} attrs = { { NLA_HDRLEN + 32, MHSM_A_NONCE }, {}, { NLA_HDRLEN + 4, MHSM_A_ABI }, MHSM_ABI };
	int ret = mhsm_attach_nonce(d->session, attrs.nonce_bytes);

	return ret ? ret : kunit_daemon_command(test, d, MHSM_CMD_ATTACH, &attrs, sizeof(attrs));
}

void kunit_daemon_close(struct kunit_daemon *d)
{
	if (d->sock)
		sock_release(d->sock);
	d->sock = NULL;
	if (!IS_ERR_OR_NULL(d->session)) {
		mhsm_attach_session_closed(d->session);
		mhsm_session_free(d->session);
	}
	d->session = NULL;
}

int kunit_daemon_ack(struct kunit *test, struct kunit_daemon *d, u64 txid, s32 error)
{
	struct {
		struct nlattr txid;
		u8 txid_value[8];
		struct nlattr error;
		s32 error_value;
	} attrs = { { NLA_HDRLEN + 8, MHSM_A_TXID }, {}, { NLA_HDRLEN + 4, MHSM_A_ERROR }, error };

	memcpy(attrs.txid_value, &txid, sizeof(txid));
	return kunit_daemon_command(test, d, MHSM_CMD_ACK, &attrs, sizeof(attrs));
}
