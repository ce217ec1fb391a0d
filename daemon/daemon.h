/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon: what the parts of mhsmd share. */
#ifndef MHSM_DAEMON_DAEMON_H
#define MHSM_DAEMON_DAEMON_H

#include <pthread.h>

#include "daemon/audit.h"
#include "daemon/device.h"
#include "daemon/kernel.h"
#include "daemon/store/store.h"

struct mhsm_ceremony;

#ifndef MHSM_VERSION
#define MHSM_VERSION "0.1.0"
#endif

/* The stored security domain, below the state directory, and its most bytes. */
#define MHSM_SD_FILE "security-domain.json"
#define MHSM_SD_MAX (256u << 10)

struct mhsm_daemon {
	const char *state_dir;
	const char *runtime_dir;
	struct mhsm_device *device;
	struct mhsm_kernel *kernel;
	struct mhsm_store *store;
	struct mhsm_audit *audit;
	struct mhsm_ceremony *ceremony;
	pthread_mutex_t domain_lock; /* acts that change the domain: one at a time */
};

#endif
