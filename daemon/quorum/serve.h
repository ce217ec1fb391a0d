/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conversation of mhsm-quorum: one custodian at a time on the listening socket, mhsmd on the channel it was started
 * with. mhsm-quorum(8) has the messages.
 */
#ifndef _MHSM_SERVE_H
#define _MHSM_SERVE_H

#include <signal.h>

#include "daemon/quorum/ceremony.h"

#define MHSM_SERVE_DAEMON_MAX (128 * 1024) /* bytes of a message of mhsmd's */
#define MHSM_SERVE_CLIENT_MAX 4096 /* bytes of a custodian's */

struct mhsm_serve {
	int daemon_fd; /* the channel */
	int listen_fd; /* SOCK_SEQPACKET */
	struct mhsm_ceremony *ceremony;
	u8 domain[MHSM_ID_LEN]; /* what the kernel waits for, and its one-time key */
	u8 public[MHSM_HPKE_ENC];
	int idle_ms; /* the ceremony ends after so long without an approval */
	int client_ms; /* a custodian has so long to send his message, and each file of his */
	int result_ms; /* mhsmd has so long to unlock the HSM and load its keys */
	const volatile sig_atomic_t *stop; /* set by a signal that is blocked but while waiting */
	sigset_t wait_mask; /* of signals while waiting */
};

enum mhsm_serve_end {
	MHSM_SERVE_RESTORED,
	MHSM_SERVE_REFUSED, /* the kernel did not take what was sent, or mhsmd could not load */
	MHSM_SERVE_IDLE,
	MHSM_SERVE_STOPPED, /* by a signal, or mhsmd closed the channel */
	MHSM_SERVE_BROKEN, /* an error of ours or of mhsmd's */
};

/** mhsm_serve_ready() - tells mhsmd that custodians may come; 0 or a negative errno */
int mhsm_serve_ready(const struct mhsm_serve *s);

/** mhsm_serve_run() - holds the ceremony until its end; @why (of @room bytes) says in words what that was */
enum mhsm_serve_end mhsm_serve_run(struct mhsm_serve *s, char *why, size_t room);

#endif
