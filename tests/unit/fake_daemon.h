/* SPDX-License-Identifier: GPL-2.0-only */
/* fake_daemon: all of mhsmd but main(), in a temporary directory, over a fake kernel; and custodians to provision it. */
#ifndef MHSM_TESTS_FAKE_DAEMON_H
#define MHSM_TESTS_FAKE_DAEMON_H

#include <jansson.h>

#include "daemon/ceremony.h"
#include "daemon/daemon.h"
#include "daemon/storequeue.h"
#include "tests/unit/fake_kernel.h"

struct fake_daemon {
	char dir[64];
	struct fake fake;
	struct mhsm_daemon daemon;
	struct mhsm_storequeue *queue;
	struct mhsm_spawner_ops spawner; /* none: spawning fails */
};

/* Aborts on failure: there is no test without it. */
struct fake_daemon *fake_daemon_new(void);
/* Starts and ends the parts, keeping the directory and the kernel: a restart of mhsmd. */
void fake_daemon_start(struct fake_daemon *fd);
void fake_daemon_stop(struct fake_daemon *fd);
void fake_daemon_free(struct fake_daemon *fd);

/* A custodian's certificate with an RSA key of @bits, as a JWK; made once per process and index. A new reference. */
json_t *fake_custodian(unsigned index, int bits);

#endif
