/* SPDX-License-Identifier: GPL-2.0-only */
/* A daemon for the suites: a netlink socket of the kernel's own that attaches, and answers as mhsmd does. */
#ifndef _KUNIT_DAEMON_H
#define _KUNIT_DAEMON_H

#include <kunit/test.h>
#include <linux/net.h>

#include "kmod/session.h"
#include "uapi/mhsm_genl.h"

struct kunit_daemon_store {
	u64 txid;
	unsigned int records;
	unsigned int removes;
	u8 last_id[MHSM_ID_LEN]; /* of the last record or removal */
	u8 last_state; /* of the last record */
	u64 last_generation;
	u64 last_uses;
	u64 last_gcm_uses;
};

struct kunit_daemon {
	struct mhsm_session *session;
	struct socket *sock;
	u16 family;
	u32 seq;
	u8 *buf;
	struct kunit_daemon_store kept; /* a STORE that came while an answer was waited for; txid 0: none */
};

/* Opens the socket and the session; not attached yet. */
void kunit_daemon_open(struct kunit *test, struct kunit_daemon *d);
/* Attaches with a fresh nonce: 0 or what the kernel answers. */
int kunit_daemon_attach(struct kunit *test, struct kunit_daemon *d);
/* Closes the socket, which detaches. Twice is allowed. */
void kunit_daemon_close(struct kunit_daemon *d);

/* Sends one command with @len bytes of attributes: what the kernel answers */
int kunit_daemon_command(struct kunit *test, struct kunit_daemon *d, u8 cmd, const void *attrs, size_t len);

/* Waits up to @ms for a STORE: true if one came */
bool kunit_daemon_receive(struct kunit *test, struct kunit_daemon *d, struct kunit_daemon_store *store, unsigned int ms);

/* Sends ACK: what the kernel answers */
int kunit_daemon_ack(struct kunit *test, struct kunit_daemon *d, u64 txid, s32 error);

#endif
