/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_kernel: a kernel HSM in memory, as mhsmd sees one: states, decisions, keys without material, STORE and its
 * acknowledgement, an audit chain with real MACs. Enough to run all of mhsmd but the netlink and ioctl calls.
 */
#ifndef MHSM_TESTS_FAKE_KERNEL_H
#define MHSM_TESTS_FAKE_KERNEL_H

#include <pthread.h>

#include "daemon/device.h"
#include "daemon/kernel.h"
#include "daemon/segment.h"

#define FAKE_KEYS_MAX 4096
#define FAKE_RECORDS_MAX 4096

struct fake {
	struct mhsm_kernel kernel;
	struct fake_device {
		struct mhsm_device base;
		struct fake *fake;
	} device;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed;
	struct mhsm_kernel_events events; /* store NULL: nobody is attached */
	uint32_t state;
	uint8_t domain[MHSM_ID_LEN];
	bool exported;
	bool deny; /* every decision is EACCES */
	int fail; /* the next device call fails with this errno, negative */
	struct mhsm_caller last_caller;
	size_t loads, loaded, load_done;
	/* keys; a handle is 1000 + index of one, a session's is 1 */
	struct mhsm_key_info keys[FAKE_KEYS_MAX];
	size_t key_count;
	uint64_t next_serial;
	/* store */
	uint64_t next_txid, acked_txid;
	int ack_error;
	uint64_t acks;
	/* audit */
	struct mhsm_audit_rec records[FAKE_RECORDS_MAX];
	size_t record_count;
	uint64_t seq;
	uint64_t batch_number;
	uint8_t boot[16];
	uint8_t prev[MHSM_MAC_LEN];
	uint8_t batch[MHSM_BATCH_MAX];
	size_t batch_len; /* outstanding */
	bool begun;
	bool ending; /* nobody waits for records any more: mhsmd is about to end */
};

void fake_init(struct fake *fake);
void fake_clear(struct fake *fake);

/* As after a reboot: locked or unprovisioned, nothing loaded, sequences from 0. */
void fake_reboot(struct fake *fake);

/* A sealed record with a right header (and no content). Returns its length. */
size_t fake_record(uint8_t *out, uint8_t kind, const uint8_t domain[MHSM_ID_LEN], const uint8_t id[MHSM_ID_LEN],
		   uint64_t generation, const char *name);

/* One audit record by hand. */
void fake_audit(struct fake *fake, uint32_t action, int result);

/* A whole batch of @count records, with MAC: what the kernel would give. Returns its length. */
size_t fake_batch(uint8_t *out, uint64_t number, const uint8_t boot[16], const uint8_t prev[MHSM_MAC_LEN],
		  const struct mhsm_audit_rec *records, uint32_t count);

#endif
