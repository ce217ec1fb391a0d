// SPDX-License-Identifier: GPL-2.0-only
/* error: what an errno of the kernel or the store is to an HTTP client. */
#include <errno.h>
#include <string.h>

#include "daemon/request.h"

/* By errno. Messages name the remedy; those of EACCES and ENOENT are made from the request. */
static const struct {
	int error;
	unsigned status;
	const char *code;
	const char *message;
} table[] = {
	{ EINVAL, 400, "BadParameter", "the HSM refuses a parameter" },
	{ E2BIG, 400, "BadParameter", "a parameter is too long" },
	{ EOPNOTSUPP, 400, "BadParameter", "the HSM does not know this type or algorithm" },
	{ EEXIST, 409, "Conflict", "the name is in use, or is that of a soft-deleted key: recover or purge it first" },
	{ EBUSY, 409, "Conflict", "another act of this kind is under way: try again when it is done" },
	{ EPROTO, 409, "Conflict", "the HSM is not in the state for this: mhsm status" },
	{ EKEYREVOKED, 409, "Conflict", "the key is disabled, deleted, or the HSM was locked meanwhile" },
	{ EKEYREJECTED, 409, "Conflict", "it belongs to another security domain" },
	{ ENOKEY, 503, "HsmLocked", "the HSM is locked: mhsm security-domain approve" },
	{ ENODATA, 503, "HsmNotProvisioned", "the HSM is not provisioned: mhsm provision" },
	{ ESHUTDOWN, 503, "HsmNotProvisioned", "the HSM was zeroized: mhsm provision" },
	{ ENOTRECOVERABLE, 503, "HsmFailed", "a self-test failed: reload the mhsm module" },
	{ ENOBUFS, 503, "AuditFull", "the audit ring is full: see why mhsmd does not drain it (journalctl -u mhsmd)" },
	{ EAGAIN, 503, "ServerBusy", "too many changes are waiting for the store: try again" },
	{ ENOSPC, 507, "StoreFull", "the store is full: free space in the state directory" },
	{ ETIMEDOUT, 504, "Timeout", "the outcome is not known: look again later" },
};

void mhsm_reply_errno(const struct mhsm_request *request, struct mhsm_reply *reply, int error)
{
	if (error == -EACCES) {
		mhsm_reply_error(request, reply, 403, "Forbidden", error, "Not authorized to access %s on %s",
				 request->action ? request->action : "this", request->path_clean);
		return;
	}
	if (error == -ENOENT) {
		mhsm_reply_error(request, reply, 404, "KeyNotFound", error, "There is no such key: %s",
				 request->path_clean);
		return;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].error == -error) {
			mhsm_reply_error(request, reply, table[i].status, table[i].code, error, "%s: %s",
					 strerror(-error), table[i].message);
			return;
		}
	}
	mhsm_reply_error(request, reply, 500, "InternalServerError", error, "%s", strerror(-error));
}
