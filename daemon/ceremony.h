/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ceremony: the custodians' approvals that unlock the HSM after a restart. The work is mhsm-quorum's, a process of its
 * own; what is here starts it, relays what it says, and once it has the domain datum (encrypted to the kernel's one-time
 * key) unlocks the kernel and loads the store. One ceremony at a time.
 */
#ifndef MHSM_DAEMON_CEREMONY_H
#define MHSM_DAEMON_CEREMONY_H

#include "daemon/caller.h"
#include "daemon/daemon.h"

enum mhsm_ceremony_state {
	MHSM_CEREMONY_NONE,
	MHSM_CEREMONY_WAITING,
	MHSM_CEREMONY_RESTORING,
	MHSM_CEREMONY_DONE,
	MHSM_CEREMONY_FAILED,
};

struct mhsm_ceremony_status {
	enum mhsm_ceremony_state state;
	unsigned approved, required, total;
	char message[256];
	char socket[108];
};

/* Starts one mhsm-quorum with @channel as its fd 3; the callee does not take @channel over. 0 or a negative errno. */
struct mhsm_spawner_ops {
	int (*spawn)(void *context, int channel);
	void *context;
};

int mhsm_ceremony_new(struct mhsm_daemon *daemon, const struct mhsm_spawner_ops *spawner, struct mhsm_ceremony **out);
void mhsm_ceremony_free(struct mhsm_ceremony *ceremony); /* ends one that runs */

/*
 * Opens a ceremony for @caller, or finds the one that is open. 0 with *@status; -EPROTO if the HSM is not locked; -ENOENT
 * if the security domain file is not there, -EBADMSG if it is damaged; another negative errno.
 */
int mhsm_ceremony_start(struct mhsm_ceremony *ceremony, const struct mhsm_caller *caller,
			struct mhsm_ceremony_status *status);
void mhsm_ceremony_status(struct mhsm_ceremony *ceremony, struct mhsm_ceremony_status *status);

/* Ends it; none is no error. */
void mhsm_ceremony_end(struct mhsm_ceremony *ceremony);

const char *mhsm_ceremony_state_name(enum mhsm_ceremony_state state);

/* {"status":...,"approved":...} for a reply. */
struct json_t *mhsm_ceremony_json(const struct mhsm_ceremony_status *status);

#endif
