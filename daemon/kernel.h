/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel: the management plane of the kernel HSM (uapi/mhsm_genl.h) as a const struct of operations, so that tests can
 * put another in its place. daemon/genl_command.c is the real one. Every operation returns 0 or a negative errno, -ENOTCONN if
 * the kernel does not answer. May be called from any thread; the callbacks come on a thread of the implementation.
 */
#ifndef MHSM_DAEMON_KERNEL_H
#define MHSM_DAEMON_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/caller.h"
#include "uapi/mhsm.h"
#include "uapi/mhsm_genl.h"

#define MHSM_CUSTODIANS_MIN 3
#define MHSM_CUSTODIANS_MAX 10
#define MHSM_ADMINS_MAX 64
#define MHSM_LOAD_MAX 128 /* records of one load */

struct mhsm_kernel;

struct mhsm_kernel_status {
	uint32_t state; /* enum mhsm_state */
	bool has_domain;
	uint8_t domain[MHSM_ID_LEN];
	uint64_t keys;
};

/* A custodian's RSA public key and the SHA-256 of his certificate. */
struct mhsm_custodian {
	uint8_t n[512];
	size_t n_len;
	uint8_t e[8];
	size_t e_len;
	uint8_t x5t[32];
};

/* What an export gives: compact JWEs. mhsm_kernel_export_clear() frees them. */
struct mhsm_kernel_export {
	char *shares[MHSM_CUSTODIANS_MAX];
	size_t count;
	char *datum;
	char *datum_tag;
};

struct mhsm_blob {
	const void *data;
	size_t len;
};

struct mhsm_load_result {
	uint32_t loaded;
	size_t rejected;
	struct {
		uint32_t index;
		int error; /* negative errno */
	} reject[MHSM_LOAD_MAX];
};

/* One change of a STORE: a record to put, or (record NULL) an object id to remove. */
struct mhsm_kernel_change {
	const void *record;
	size_t len;
	const uint8_t *remove;
};

/*
 * What the kernel asks of the daemon. @changes are the callee's to copy. Must not wait for the kernel.
 */
struct mhsm_kernel_events {
	void (*store)(void *context, uint64_t txid, const struct mhsm_kernel_change *changes, size_t count);
	void *context;
};

struct mhsm_kernel_ops {
	int (*status)(struct mhsm_kernel *kernel, struct mhsm_kernel_status *status);
	int (*domain_set)(struct mhsm_kernel *kernel, const uint8_t domain[MHSM_ID_LEN]);
	/* *@len: in, the room at @record; out, the length of the domain record. */
	int (*domain_create)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller,
			     const struct mhsm_genl_admin *admins, size_t count, uint8_t domain[MHSM_ID_LEN],
			     void *record, size_t *len);
	int (*domain_export)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t required,
			     const struct mhsm_custodian *custodians, size_t count, struct mhsm_kernel_export *out);
	int (*domain_activate)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller);
	int (*domain_transfer)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller);
	int (*domain_unlock)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, const uint8_t enc[65],
			     const void *ciphertext, size_t len);
	/* At most MHSM_LOAD_MAX records and MHSM_GENL_MESSAGE_MAX bytes, mhsm_kernel_load_size() each. */
	int (*load)(struct mhsm_kernel *kernel, const struct mhsm_blob *records, size_t count,
		    struct mhsm_load_result *result);
	int (*load_done)(struct mhsm_kernel *kernel);
	int (*lock)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller);
	int (*zeroize)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller);
	/* @error: 0 or a negative errno */
	int (*ack)(struct mhsm_kernel *kernel, uint64_t txid, int error);
	/* @name: a key's, or NULL. 0 or -EACCES. */
	int (*decide)(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t action, const char *name);
	void (*close)(struct mhsm_kernel *kernel);
};

struct mhsm_kernel {
	const struct mhsm_kernel_ops *ops;
};

/* Bytes that one record of @len takes in a load message, and what the message takes besides. */
#define MHSM_LOAD_OVERHEAD 64
static inline size_t mhsm_kernel_load_size(size_t len)
{
	return 4 + ((len + 3) & ~(size_t)3);
}

void mhsm_kernel_export_clear(struct mhsm_kernel_export *export);

/* "active" and so on. */
const char *mhsm_state_name(uint32_t state);

struct mhsm_device;

/*
 * Attaches this process as the daemon of the kernel HSM whose devices @device has open. On failure the reason and the
 * remedy are logged. @events come as soon as the daemon is attached.
 */
int mhsm_genl_attach(struct mhsm_device *device, const struct mhsm_kernel_events *events, struct mhsm_kernel **out);

#endif
