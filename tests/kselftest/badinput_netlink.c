// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: 6.1 6.12
 * Every netlink command with everything wrong in turn: who sends it, its attributes, their lengths, the state. Messages
 * are made by hand, because no library makes wrong ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/kselftest/hsm/cases.h"
#include "uapi/mhsm.h"
#include "uapi/mhsm_genl.h"

#define ROOM 65536

/* --- messages ----------------------------------------------------------------------------------------------------- */

struct message {
	size_t len; /* of the attributes */
	uint8_t attrs[ROOM / 2];
};

struct end {
	int fd;
	uint32_t seq;
};

static uint16_t family;
static uint8_t received[ROOM];

static void put(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *nla = (struct nlattr *)(m->attrs + m->len);

	nla->nla_type = type;
	nla->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(nla + 1, 0, NLA_ALIGN(len));
	if (len)
		memcpy(nla + 1, data, len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static void open_end(struct end *e)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = 20 };

	e->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	e->seq = 0;
	if (e->fd < 0 || bind(e->fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(e->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		abort();
}

/* Sends @len bytes of attributes; returns the acknowledgement's errno. What came before it is left in `received`. */
static int send_raw(struct end *e, uint16_t type, uint8_t cmd, const void *attrs, size_t len)
{
	static uint8_t out[ROOM];
	struct nlmsghdr *h = (struct nlmsghdr *)out;
	struct genlmsghdr *g = NLMSG_DATA(h);
	uint8_t in[ROOM];
	ssize_t n;

	memset(out, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	h->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + GENL_HDRLEN + len);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_seq = ++e->seq;
	g->cmd = cmd;
	g->version = MHSM_GENL_VERSION;
	memcpy((uint8_t *)g + GENL_HDRLEN, attrs, len);
	if (send(e->fd, out, h->nlmsg_len, 0) < 0)
		return -errno;
	memset(received, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	for (;;) {
		n = recv(e->fd, in, sizeof(in), 0);
		if (n < 0)
			return -ENOMSG;
		h = (struct nlmsghdr *)in;
		if (h->nlmsg_seq != e->seq)
			continue;
		if (h->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
		memcpy(received, in, (size_t)n);
	}
}

static int send_cmd(struct end *e, uint8_t cmd, const struct message *m)
{
	return send_raw(e, family, cmd, m->attrs, m->len);
}

/* The first attribute @type of the last reply, or NULL */
static void *reply_attr(uint16_t type)
{
	struct nlmsghdr *h = (struct nlmsghdr *)received;
	uint8_t *at = (uint8_t *)NLMSG_DATA(h) + GENL_HDRLEN, *end = received + h->nlmsg_len;

	while (at + NLA_HDRLEN <= end) {
		struct nlattr *nla = (struct nlattr *)at;

		if ((nla->nla_type & NLA_TYPE_MASK) == type)
			return nla + 1;
		at += NLA_ALIGN(nla->nla_len);
	}
	return NULL;
}

static void find_family(struct end *e)
{
	struct message m = { 0 };
	uint16_t *id;

	put(&m, CTRL_ATTR_FAMILY_NAME, MHSM_GENL_NAME, sizeof(MHSM_GENL_NAME));
	if (send_raw(e, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, m.attrs, m.len))
		abort();
	id = reply_attr(CTRL_ATTR_FAMILY_ID);
	if (!id)
		abort();
	family = *id;
}

/* --- the commands, each with attributes that are right ------------------------------------------------------------ */

#define ATTRS_MAX 24

struct attr {
	uint16_t type;
	uint16_t len;
	const void *data;
	bool fixed; /* no other length is right */
};

static uint8_t zeros[4096], ones[4096], modulus[5][256], x5t[5][32], nest[5][512];
static const uint32_t one = 1, two = 2, zero, abi = MHSM_ABI, audit_read = MHSM_ACT_AUDIT_READ;
static const uint64_t txid = 12345;
static const uint8_t exponent[3] = { 1, 0, 1 };
static const struct mhsm_genl_admin admin = { MHSM_PRINCIPAL_UID, 0 };

#define PRINCIPAL                                                                                                    \
	{ MHSM_A_PRINCIPAL_KIND, 4, &one, true }, { MHSM_A_PRINCIPAL, 4, &zero, true }, { MHSM_A_PID, 4, &one, true }

static struct command {
	const char *name;
	uint8_t cmd;
	bool anyone;
	int want; /* from the daemon, in an HSM that is not provisioned */
	uint64_t many; /* attributes that may be repeated */
	uint64_t optional;
	struct attr attrs[ATTRS_MAX];
} commands[] = {
	{ "ATTACH", MHSM_CMD_ATTACH, true, -EBUSY, 0, 0,
	  { { MHSM_A_NONCE, 32, zeros, true }, { MHSM_A_ABI, 4, &abi, true } } },
	{ "STATUS", MHSM_CMD_STATUS, true, 0, 0, 0, { { 0 } } },
	{ "DOMAIN_ACTIVATE", MHSM_CMD_DOMAIN_ACTIVATE, false, -EACCES, 0, 0, { PRINCIPAL } },
	{ "DOMAIN_TRANSFER", MHSM_CMD_DOMAIN_TRANSFER, false, -EACCES, 0, 0, { PRINCIPAL } },
	{ "DOMAIN_UNLOCK", MHSM_CMD_DOMAIN_UNLOCK, false, -EACCES, 0, 0,
	  { PRINCIPAL, { MHSM_A_ENC, 65, zeros, true }, { MHSM_A_CIPHERTEXT, 88, zeros, false } } },
	{ "LOAD", MHSM_CMD_LOAD, false, -EPROTO, 1ull << MHSM_A_RECORD, 0, { { MHSM_A_RECORD, 300, zeros, false } } },
	{ "LOAD_DONE", MHSM_CMD_LOAD_DONE, false, -EPROTO, 0, 0, { { 0 } } },
	{ "LOCK", MHSM_CMD_LOCK, false, -EACCES, 0, 0, { PRINCIPAL } },
	{ "ZEROIZE", MHSM_CMD_ZEROIZE, false, -EACCES, 0, 0, { PRINCIPAL } },
	{ "ACK", MHSM_CMD_ACK, false, -ENOENT, 0, 0, { { MHSM_A_TXID, 8, &txid, true }, { MHSM_A_ERROR, 4, &zero, true } } },
	{ "DECIDE", MHSM_CMD_DECIDE, false, -EACCES, 0, 1ull << MHSM_A_NAME,
	  { PRINCIPAL, { MHSM_A_ACTION, 4, &audit_read, true }, { MHSM_A_NAME, 5, "name", false } } },
	{ "DOMAIN_EXPORT", MHSM_CMD_DOMAIN_EXPORT, false, -EACCES, 1ull << MHSM_A_CUSTODIAN, 0,
	  { PRINCIPAL, { MHSM_A_REQUIRED, 4, &two, true }, { MHSM_A_CUSTODIAN | NLA_F_NESTED, 0, nest[0], false } } },
	/* These two change the state if they are right: never sent so before the end. */
	{ "DOMAIN_SET", MHSM_CMD_DOMAIN_SET, false, 1, 0, 0, { { MHSM_A_DOMAIN, 16, ones, true } } },
	{ "DOMAIN_CREATE", MHSM_CMD_DOMAIN_CREATE, false, 1, 0, 0, { PRINCIPAL, { MHSM_A_ADMINS, 8, &admin, false } } },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static size_t attr_count(const struct command *c)
{
	size_t n = 0;

	while (n < ATTRS_MAX && c->attrs[n].type)
		n++;
	return n;
}

static void put_attr(struct message *m, const struct attr *a)
{
	put(m, a->type, a->data, a->len);
}

static void put_all(struct message *m, const struct command *c)
{
	size_t i;

	m->len = 0;
	for (i = 0; i < attr_count(c); i++)
		put_attr(m, &c->attrs[i]);
}

static struct end daemon_end, stranger;

static uint32_t state(void)
{
	struct message m = { 0 };
	uint32_t *at;

	if (send_cmd(&stranger, MHSM_CMD_STATUS, &m))
		abort();
	at = reply_attr(MHSM_A_STATE);
	if (!at)
		abort();
	return *at;
}

/* What is not as the policy has it is EINVAL, or ERANGE for a value or a length out of range. */
static void refused(const struct command *c, const struct message *m, const char *how, unsigned int detail)
{
	int got = send_cmd(&daemon_end, c->cmd, m);

	cases_is(got == -ERANGE ? -EINVAL : got, -EINVAL, "%s: %s %u", c->name, how, detail);
}

static void from_a_stranger(void)
{
	struct message m;
	size_t i;

	cases_begin();
	for (i = 0; i < COMMANDS; i++) {
		put_all(&m, &commands[i]);
		cases_is(send_cmd(&stranger, commands[i].cmd, &m), commands[i].anyone ? commands[i].want : -EPERM, "%s",
			 commands[i].name);
		/* Who may not send it learns nothing of what it must look like, but for what the policy says. */
		m.len = 0;
		cases_is(send_cmd(&stranger, commands[i].cmd, &m),
			 commands[i].cmd == MHSM_CMD_STATUS ? 0 :
			 commands[i].anyone		    ? -EINVAL :
							      -EPERM,
			 "%s without anything", commands[i].name);
	}
	for (i = 0; i < 256; i++) {
		bool is_command = i >= MHSM_CMD_ATTACH && i <= MHSM_CMD_DECIDE;

		m.len = 0;
		if (!is_command)
			cases_is(send_cmd(&stranger, (uint8_t)i, &m), -EOPNOTSUPP, "command %zu", i);
		if (!is_command)
			cases_is(send_cmd(&daemon_end, (uint8_t)i, &m), -EOPNOTSUPP, "command %zu, daemon", i);
	}
	cases_end("commands of a stranger, and those that there are not");
}

static void right(const struct command *c)
{
	struct message m;

	if (c->want == 1)
		return;
	put_all(&m, c);
	tap_is(send_cmd(&daemon_end, c->cmd, &m), c->want, c->name);
}

static void wrong_set(const struct command *c)
{
	size_t n = attr_count(c), i, j;
	struct message m;

	cases_begin();
	for (i = 0; i < n; i++) {
		uint64_t bit = 1ull << (c->attrs[i].type & NLA_TYPE_MASK);

		m.len = 0;
		for (j = 0; j < n; j++)
			if (j != i)
				put_attr(&m, &c->attrs[j]);
		if (!(c->optional & bit))
			refused(c, &m, "without attribute", c->attrs[i].type & NLA_TYPE_MASK);
		put_attr(&m, &c->attrs[i]);
		put_attr(&m, &c->attrs[i]);
		if (!(c->many & bit))
			refused(c, &m, "twice attribute", c->attrs[i].type);
	}
	for (i = 0; i <= MHSM_A_MAX + 70; i++) {
		bool listed = false;

		for (j = 0; j < n; j++)
			listed |= (c->attrs[j].type & NLA_TYPE_MASK) == i;
		if (listed)
			continue;
		for (j = 0; j <= 64; j += j ? j : 1) {
			put_all(&m, c);
			put(&m, (uint16_t)i, ones, j);
			refused(c, &m, "foreign attribute", (unsigned int)i);
		}
	}
	put_all(&m, c);
	put(&m, (uint16_t)NLA_TYPE_MASK, ones, 4);
	refused(c, &m, "foreign attribute", NLA_TYPE_MASK);
	cases_end("%s: the wrong attributes", c->name);
}

static void wrong_lengths(const struct command *c)
{
	size_t n = attr_count(c), i, j, len;
	struct message m;

	if (!n)
		return;
	cases_begin();
	for (i = 0; i < n; i++)
		for (len = 0; len <= c->attrs[i].len + 8u; len++) {
			/* An empty nest is well formed. */
			if (len == c->attrs[i].len || (!c->attrs[i].fixed && len) || c->attrs[i].type & NLA_F_NESTED)
				continue;
			m.len = 0;
			for (j = 0; j < n; j++)
				if (j != i)
					put_attr(&m, &c->attrs[j]);
			put(&m, c->attrs[i].type, ones, len);
			refused(c, &m, "length", (unsigned int)len);
		}
	/* Not aligned, cut off, longer than the message, shorter than its header; and flags that do not belong */
	for (i = 1; i < 4; i++) {
		put_all(&m, c);
		memset(m.attrs + m.len, 0, 4);
		m.len += i;
		refused(c, &m, "trailing bytes", (unsigned int)i);
	}
	for (i = 0; i < 4; i++) {
		put_all(&m, c);
		((struct nlattr *)m.attrs)->nla_len = (uint16_t)i;
		refused(c, &m, "an attribute of length", (unsigned int)i);
	}
	put_all(&m, c);
	((struct nlattr *)m.attrs)->nla_len = UINT16_MAX;
	refused(c, &m, "an attribute of length", UINT16_MAX);
	put_all(&m, c);
	((struct nlattr *)m.attrs)->nla_type ^= NLA_F_NESTED;
	refused(c, &m, "nested flag, command", c->cmd);
	cases_end("%s: wrong lengths", c->name);
}

/* One attribute of one command has this value. */
static void wrong_values(void)
{
	static const uint32_t kinds[] = { 0, 2, 3, UINT32_MAX }, actions[] = { 0, MHSM_ACT_SIGN, MHSM_ACT_LOCK, MHSM_ACT_RANDOM, MHSM_ACT_MAX + 1,
							    UINT32_MAX };
	static const int32_t errors[] = { 1, 4095, -4096, INT32_MIN, INT32_MAX };
	static const uint32_t abis[] = { 0, MHSM_ABI + 1, UINT32_MAX };
	static const char *const names[] = { "a b", "a/b", "\xc3\xa4", "a.b", "" };
	uint8_t admins[65 * 8], many[129];
	struct attr saved;
	struct message m;
	size_t i, j, k;

	cases_begin();
	for (i = 0; i < COMMANDS; i++)
		for (j = 0; j < attr_count(&commands[i]); j++) {
			struct attr *a = &commands[i].attrs[j];

			saved = *a;
			for (k = 0; k < 4 && a->type == MHSM_A_PRINCIPAL_KIND; k++) {
				a->data = &kinds[k];
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "principal kind", kinds[k]);
			}
			for (k = 0; k < 6 && a->type == MHSM_A_ACTION; k++) {
				a->data = &actions[k];
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "action", actions[k]);
			}
			for (k = 0; k < 5 && a->type == MHSM_A_ERROR; k++) {
				a->data = &errors[k];
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "error", (unsigned int)errors[k]);
			}
			for (k = 0; k < 3 && a->type == MHSM_A_ABI; k++) {
				a->data = &abis[k];
				put_all(&m, &commands[i]);
				cases_is(send_cmd(&daemon_end, commands[i].cmd, &m), -EPROTONOSUPPORT, "ABI %u", abis[k]);
			}
			for (k = 0; k < 5 && a->type == MHSM_A_NAME; k++) {
				a->data = names[k];
				a->len = (uint16_t)(strlen(names[k]) + 1);
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "name", (unsigned int)k);
			}
			if (a->type == MHSM_A_NAME) {
				memset(many, 'a', sizeof(many));
				a->data = many;
				for (k = 4; k <= 129; k += k == 4 ? 124 : 1) { /* no NUL */
					a->len = (uint16_t)k;
					put_all(&m, &commands[i]);
					refused(&commands[i], &m, "name without end", (unsigned int)k);
				}
				many[128] = 0;
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "name of", 128);
			}
			if (a->type == MHSM_A_ADMINS) {
				memset(admins, 0, sizeof(admins));
				for (k = 0; k < 65; k++)
					admins[8 * k] = MHSM_PRINCIPAL_UID;
				a->data = admins;
				for (k = 0; k <= 65 * 8; k++) {
					if (k % 8 == 0 && k && k <= 64 * 8)
						continue;
					a->len = (uint16_t)k;
					put_all(&m, &commands[i]);
					refused(&commands[i], &m, "administrators, bytes", (unsigned int)k);
				}
				a->len = 16;
				admins[8] = MHSM_PRINCIPAL_GID;
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "a group as administrator", 0);
			}
			if (a->type == MHSM_A_DOMAIN) {
				a->data = zeros;
				put_all(&m, &commands[i]);
				refused(&commands[i], &m, "no domain", 0);
			}
			*a = saved;
		}
	cases_end("values of attributes");
}

/* --- the export --------------------------------------------------------------------------------------------------- */

/* A custodian's nest; parts: 1 modulus, 2 exponent, 4 certificate */
static size_t custodian(uint8_t *out, const uint8_t *n, size_t n_len, const uint8_t *e, size_t e_len, const uint8_t *cert,
			size_t cert_len, unsigned int parts)
{
	struct message m = { 0 };

	if (parts & 1)
		put(&m, MHSM_A_RSA_N, n, n_len);
	if (parts & 2)
		put(&m, MHSM_A_RSA_E, e, e_len);
	if (parts & 4)
		put(&m, MHSM_A_X5T, cert, cert_len);
	memcpy(out, m.attrs, m.len);
	return m.len;
}

/* EXPORT with @required of @count custodians, of whom the last is @odd (NULL: a right one) */
static int export_with(uint32_t required, unsigned int count, const void *odd, size_t odd_len)
{
	struct message m = { 0 };
	uint8_t right[512], n[256], cert[32];
	unsigned int i;
	size_t len;

	put(&m, MHSM_A_PRINCIPAL_KIND, &one, 4);
	put(&m, MHSM_A_PRINCIPAL, &zero, 4);
	put(&m, MHSM_A_PID, &one, 4);
	put(&m, MHSM_A_REQUIRED, &required, 4);
	for (i = 0; i + (odd ? 1 : 0) < count; i++) {
		memcpy(n, modulus[0], sizeof(n));
		n[100] = (uint8_t)i;
		memset(cert, 0x40 + (int)i, sizeof(cert));
		len = custodian(right, n, sizeof(n), exponent, 3, cert, 32, 7);
		put(&m, MHSM_A_CUSTODIAN | NLA_F_NESTED, right, len);
	}
	if (odd)
		put(&m, MHSM_A_CUSTODIAN | NLA_F_NESTED, odd, odd_len);
	return send_cmd(&daemon_end, MHSM_CMD_DOMAIN_EXPORT, &m);
}

static void export_is(int got, int want, const char *how, size_t detail)
{
	cases_is(got == -ERANGE ? -EINVAL : got, want, "%s %zu", how, detail);
}

static void wrong_exports(void)
{
	uint8_t odd[1200], n[520], cert[40];
	unsigned int parts;
	size_t len;

	cases_begin();
	memset(n, 0x91, sizeof(n));
	memset(cert, 0x22, sizeof(cert));
	for (len = 0; len < 12; len++)
		export_is(export_with(2, (unsigned int)len, NULL, 0), len >= 3 && len <= 10 ? 0 : -EINVAL, "custodians", len);
	for (len = 0; len < 12; len++)
		export_is(export_with((uint32_t)len, 5, NULL, 0), len >= 2 && len <= 5 ? 0 : -EINVAL, "quorum", len);
	export_is(export_with(UINT32_MAX, 5, NULL, 0), -EINVAL, "quorum", UINT32_MAX);
	for (parts = 0; parts < 8; parts++)
		export_is(export_with(2, 3, odd, custodian(odd, n, 256, exponent, 3, cert, 32, parts)),
			  parts == 7 ? 0 : -EINVAL, "parts of a custodian", parts);
	for (len = 0; len <= 520; len += len < 250 ? 50 : len < 260 || len > 505 ? 1 : 50)
		export_is(export_with(2, 3, odd, custodian(odd, n, len, exponent, 3, cert, 32, 7)),
			  len >= 256 && len <= 512 ? 0 : -EINVAL, "bytes of a modulus", len);
	for (len = 0; len <= 9; len++)
		export_is(export_with(2, 3, odd, custodian(odd, n, 256, n, len, cert, 32, 7)),
			  len >= 1 && len <= 8 ? 0 : -EINVAL, "bytes of an exponent", len);
	for (len = 0; len <= 40; len++)
		export_is(export_with(2, 3, odd, custodian(odd, n, 256, exponent, 3, cert, len, 7)),
			  len == 32 ? 0 : -EINVAL, "bytes of a certificate's hash", len);
	len = custodian(odd, n, 256, exponent, 3, cert, 32, 7);
	len += custodian(odd + len, n, 256, exponent, 3, cert, 32, 1);
	export_is(export_with(2, 3, odd, len), -EINVAL, "a second modulus in a custodian", 0);
	len = custodian(odd, n, 256, exponent, 3, cert, 32, 7);
	memcpy(odd + len, "\x8\0\x5\0zzzz", 8); /* a STATE */
	export_is(export_with(2, 3, odd, len + 8), -EINVAL, "a foreign attribute in a custodian", 0);
	len = custodian(odd, n, 256, exponent, 3, cert, 32, 7);
	memset(odd + len, 0, 3);
	export_is(export_with(2, 3, odd, len + 3), -EINVAL, "bytes behind a custodian", 3);
	memset(cert, 0x40, sizeof(cert));
	export_is(export_with(2, 3, odd, custodian(odd, n, 256, exponent, 3, cert, 32, 7)), -EINVAL, "the same certificate", 0);
	memset(cert, 0x22, sizeof(cert));
	memcpy(n, modulus[0], 256);
	n[100] = 0;
	export_is(export_with(2, 3, odd, custodian(odd, n, 256, exponent, 3, cert, 32, 7)), -EINVAL, "the same modulus", 0);
	memset(n, 0x91, sizeof(n));
	n[0] = 0;
	export_is(export_with(2, 3, odd, custodian(odd, n, 257, exponent, 3, cert, 32, 7)), -EINVAL, "a leading zero", 0);
	n[0] = 0x91;
	n[255] = 0x90;
	export_is(export_with(2, 3, odd, custodian(odd, n, 256, exponent, 3, cert, 32, 7)), -EINVAL, "an even modulus", 0);
	cases_end("DOMAIN_EXPORT: custodians");
}

/* --- attaching ---------------------------------------------------------------------------------------------------- */

static int nonce_get(int fd, struct mhsm_ioc_daemon_nonce *n)
{
	*n = (struct mhsm_ioc_daemon_nonce){ .size = sizeof(*n) };
	return ioctl(fd, MHSM_IOC_DAEMON_NONCE, n) ? -errno : 0;
}

static int attach(struct end *e, const uint8_t nonce[32])
{
	struct message m = { 0 };

	put(&m, MHSM_A_NONCE, nonce, 32);
	put(&m, MHSM_A_ABI, &abi, 4);
	return send_cmd(e, MHSM_CMD_ATTACH, &m);
}

/* Nonces that were never given, were replaced, were used, or whose session is closed; the right one still works. */
static void attaching(int device)
{
	int other = open(MHSM_DAEMON_DEVICE, O_RDWR | O_CLOEXEC);
	struct mhsm_ioc_daemon_nonce first, second, gone;
	unsigned int i;

	if (other < 0)
		abort();
	cases_begin();
	cases_is(attach(&stranger, zeros), -EPERM, "no nonce was given");
	cases_is(nonce_get(device, &first), 0, "a nonce");
	cases_is(nonce_get(device, &second), 0, "another");
	cases_is(memcmp(first.nonce, second.nonce, 32) ? 0 : -EEXIST, 0, "they differ");
	cases_is(attach(&stranger, first.nonce), -EPERM, "one that was replaced");
	for (i = 0; i < 256; i++) {
		second.nonce[i / 8] ^= (uint8_t)(1 << i % 8);
		cases_is(attach(&stranger, second.nonce), -EPERM, "bit %u wrong", i);
		second.nonce[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	cases_is(nonce_get(other, &gone), 0, "of another session");
	close(other);
	cases_is(attach(&stranger, gone.nonce), -EPERM, "whose session is closed");
	cases_is(nonce_get(device, &first), 0, "a nonce");
	cases_is(attach(&stranger, zeros), -EPERM, "a wrong one first");
	cases_is(attach(&daemon_end, first.nonce), 0, "the right one");
	cases_is(attach(&stranger, first.nonce), -EBUSY, "once more");
	cases_is(nonce_get(device, &second), -EBUSY, "a nonce while one is attached");
	cases_end("attaching");
}

int main(void)
{
	int device = open(MHSM_DAEMON_DEVICE, O_RDWR | O_CLOEXEC);
	struct message m;
	size_t i;

	if (device < 0)
		return tap_bail(MHSM_DAEMON_DEVICE, -errno);
	memset(ones, 1, sizeof(ones));
	for (i = 0; i < 5; i++) {
		memset(modulus[i], 0xc1 + (int)i, 256);
		modulus[i][255] |= 1;
		memset(x5t[i], (int)i + 1, 32);
	}
	for (i = 0; i < COMMANDS; i++)
		if (commands[i].cmd == MHSM_CMD_DOMAIN_EXPORT)
			commands[i].attrs[4].len =
				(uint16_t)custodian(nest[0], modulus[0], 256, exponent, 3, x5t[0], 32, 7);
	open_end(&daemon_end);
	open_end(&stranger);
	find_family(&daemon_end);
	attaching(device);
	tap_is(state(), MHSM_STATE_UNPROVISIONED, "a module that was just loaded is not provisioned");

	from_a_stranger();
	for (i = 0; i < COMMANDS; i++) {
		right(&commands[i]);
		wrong_set(&commands[i]);
		wrong_lengths(&commands[i]);
	}
	wrong_values();
	tap_is(state(), MHSM_STATE_UNPROVISIONED, "and is not after all that");

	put_all(&m, &commands[COMMANDS - 1]);
	tap_is(send_cmd(&daemon_end, MHSM_CMD_DOMAIN_CREATE, &m), 0, "DOMAIN_CREATE");
	tap_is(state(), MHSM_STATE_PROVISIONED, "provisioned");
	wrong_exports();
	put_all(&m, &commands[2]);
	tap_is(send_cmd(&daemon_end, MHSM_CMD_DOMAIN_ACTIVATE, &m), 0, "DOMAIN_ACTIVATE");
	tap_is(state(), MHSM_STATE_ACTIVE, "active");
	put_all(&m, &commands[COMMANDS - 2]);
	tap_is(send_cmd(&daemon_end, MHSM_CMD_DOMAIN_SET, &m), -EPROTO, "DOMAIN_SET is not for that state");

	/* The daemon is whose socket it is: gone with it. */
	close(daemon_end.fd);
	put_all(&m, &commands[2]);
	tap_is(send_cmd(&stranger, MHSM_CMD_LOCK, &m), -EPERM, "nobody is the daemon now");
	tap_is(state(), MHSM_STATE_ACTIVE, "and the HSM goes on");
	close(stranger.fd);
	close(device);
	return tap_end();
}
