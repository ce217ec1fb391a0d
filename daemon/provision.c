// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/provision.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/ceremony.h"
#include "daemon/file.h"
#include "daemon/hex.h"
#include "daemon/json.h"
#include "daemon/load.h"
#include "daemon/log.h"
#include "daemon/record.h"
#include "daemon/routes.h"

/* --- provision --- */

static bool parse_admin(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *value,
			struct mhsm_genl_admin *admin)
{
	const char *kind = NULL;
	uint64_t id = 0;

	if (!json_is_object(value)) {
		mhsm_reply_bad(request, reply, "an element of \"administrators\" is not an object");
		return false;
	}
	/* UINT32_MAX is (uid_t)-1, nobody's. */
	if (!mhsm_json_string(request, reply, value, "kind", true, &kind) ||
	    !mhsm_json_number(request, reply, value, "id", true, 0, UINT32_MAX - 1, &id))
		return false;
	if (!strcmp(kind, "user")) {
		admin->kind = MHSM_PRINCIPAL_UID;
	} else if (!strcmp(kind, "group")) {
		admin->kind = MHSM_PRINCIPAL_GID;
	} else {
		mhsm_reply_bad(request, reply, "\"kind\" is neither user nor group");
		return false;
	}
	admin->id = (uint32_t)id;
	return true;
}

static bool parse_admins(const struct mhsm_request *request, struct mhsm_reply *reply, struct mhsm_genl_admin *admins,
			 size_t *count)
{
	const json_t *array = NULL;

	if (!mhsm_json_array(request, reply, request->json, "administrators", true, 1, MHSM_ADMINS_MAX, &array))
		return false;
	*count = json_array_size(array);
	for (size_t i = 0; i < *count; i++) {
		if (!parse_admin(request, reply, json_array_get(array, i), &admins[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (admins[k].kind == admins[i].kind && admins[k].id == admins[i].id) {
				mhsm_reply_bad(request, reply, "an administrator is named twice: %u", admins[i].id);
				return false;
			}
	}
	return true;
}

/* What an earlier domain left behind in the state directory, out of the way. Must hold domain_lock. */
static int clear_leftovers(struct mhsm_daemon *d, const char *old_domain)
{
	char aside[64];
	int ret;

	/* The same name twice cannot be: a domain is made once, and the time tells apart what has no name. */
	if (old_domain)
		snprintf(aside, sizeof(aside), "%s", old_domain);
	else
		snprintf(aside, sizeof(aside), "unknown-%lld", (long long)time(NULL));
	ret = mhsm_audit_put_aside(d->audit, aside);
	if (!ret)
		ret = mhsm_file_remove(d->state_dir, MHSM_SD_FILE);
	return ret ? ret : d->store->ops->destroy(d->store);
}

/* Must hold domain_lock. */
static int provision(struct mhsm_daemon *d, const struct mhsm_caller *caller, const struct mhsm_genl_admin *admins,
		     size_t count, uint8_t domain[MHSM_ID_LEN])
{
	uint8_t record[MHSM_RECORD_MAX], stored[MHSM_ID_LEN];
	struct mhsm_kernel_status status;
	size_t len = sizeof(record), stored_len;
	int ret;

	ret = d->kernel->ops->status(d->kernel, &status);
	if (ret)
		return ret;
	if (status.state != MHSM_STATE_UNPROVISIONED && status.state != MHSM_STATE_ZEROIZED)
		return -EPROTO;
	ret = d->store->ops->meta_get(d->store, MHSM_STORE_DOMAIN, stored, sizeof(stored), &stored_len);
	if (ret != -ENOENT)
		return ret ? ret : -EPROTO;
	ret = d->kernel->ops->domain_create(d->kernel, caller, admins, count, domain, record, &len);
	if (ret)
		return ret;
	/* Only who may has come so far; what lies about is of no domain. */
	ret = clear_leftovers(d, NULL);
	if (!ret)
		ret = d->store->ops->put_with_meta(d->store, record, len, MHSM_STORE_DOMAIN, domain, MHSM_ID_LEN);
	if (ret) {
		/* Nothing depends on this domain yet. */
		mhsm_log_error("provision: the domain record cannot be stored: %s: the domain is given up",
			       strerror(-ret));
		if (d->kernel->ops->zeroize(d->kernel, caller))
			mhsm_log_error("provision: the kernel keeps it: mhsm zeroize, then provision again");
	}
	return ret;
}

void mhsm_provision_post(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_genl_admin admins[MHSM_ADMINS_MAX];
	uint8_t domain[MHSM_ID_LEN];
	char text[2 * MHSM_ID_LEN + 1];
	size_t count;
	int ret;

	if (!parse_admins(request, reply, admins, &count))
		return;
	pthread_mutex_lock(&daemon->domain_lock);
	mhsm_audit_expect(daemon->audit);
	ret = provision(daemon, &request->caller, admins, count, domain);
	mhsm_audit_expected(daemon->audit);
	pthread_mutex_unlock(&daemon->domain_lock);
	if (ret == -EPROTO) {
		mhsm_reply_error(request, reply, 409, "Conflict", ret, "the HSM is provisioned already: mhsm status");
		return;
	}
	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_hex_encode(domain, MHSM_ID_LEN, text);
	mhsm_log_notice("provision: domain %s was made by uid %u", text, request->caller.uid);
	mhsm_reply_json(request, reply, 200, json_pack("{s:s}", "domain", text));
}

/* --- zeroize --- */

/* What is left to do once the kernel has forgotten the domain. Must hold domain_lock. */
static int destroy_rest(struct mhsm_daemon *d, const uint8_t domain[MHSM_ID_LEN])
{
	char text[2 * MHSM_ID_LEN + 1];

	mhsm_hex_encode(domain, MHSM_ID_LEN, text);
	return clear_leftovers(d, text);
}

/* Must hold domain_lock. */
static int zeroize(struct mhsm_daemon *d, const struct mhsm_caller *caller, const uint8_t domain[MHSM_ID_LEN])
{
	int ret;

	/*
	 * First whether he may, then a note of it, then the act: if the power fails in between, the next start
	 * completes what was granted and nothing else.
	 */
	ret = d->kernel->ops->decide(d->kernel, caller, MHSM_ACT_ZEROIZE, NULL);
	if (ret)
		return ret;
	ret = d->store->ops->meta_set(d->store, MHSM_STORE_ZEROIZING, domain, MHSM_ID_LEN);
	if (ret)
		/* A full or failing disk must not keep anybody from destroying the keys. */
		mhsm_log_error("zeroize: cannot note it in the store (%s); going on", strerror(-ret));
	ret = d->kernel->ops->zeroize(d->kernel, caller);
	if (ret) {
		d->store->ops->meta_set(d->store, MHSM_STORE_ZEROIZING, NULL, 0);
		return ret;
	}
	ret = destroy_rest(d, domain);
	if (ret)
		mhsm_log_error("zeroize: the kernel has forgotten the domain, but its sealed records cannot be removed "
			       "from %s: %s: remove them by hand",
			       d->state_dir, strerror(-ret));
	return ret;
}

void mhsm_zeroize_post(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_kernel_status status;
	uint8_t confirmed[MHSM_ID_LEN];
	const char *confirm = NULL;
	int ret;

	if (!mhsm_json_string(request, reply, request->json, "confirm", true, &confirm))
		return;
	pthread_mutex_lock(&daemon->domain_lock);
	ret = daemon->kernel->ops->status(daemon->kernel, &status);
	if (!ret && !status.has_domain)
		ret = status.state == MHSM_STATE_ZEROIZED ? -ESHUTDOWN : -ENODATA;
	if (!ret && (mhsm_hex_decode(confirm, confirmed, sizeof(confirmed)) ||
		     memcmp(confirmed, status.domain, MHSM_ID_LEN))) {
		pthread_mutex_unlock(&daemon->domain_lock);
		mhsm_reply_bad(request, reply, "\"confirm\" is not the id of this HSM's domain, which mhsm status shows");
		return;
	}
	if (!ret) {
		mhsm_audit_expect(daemon->audit);
		ret = zeroize(daemon, &request->caller, status.domain);
		mhsm_audit_expected(daemon->audit);
	}
	pthread_mutex_unlock(&daemon->domain_lock);
	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_log_notice("zeroize: done by uid %u", request->caller.uid);
	mhsm_reply_json(request, reply, 200, json_pack("{s:s}", "state", "zeroized"));
}

/* --- starting --- */

static int complete_zeroize(struct mhsm_daemon *d, const struct mhsm_kernel_status *status, bool *done)
{
	uint8_t domain[MHSM_ID_LEN];
	size_t len;
	int ret = d->store->ops->meta_get(d->store, MHSM_STORE_ZEROIZING, domain, sizeof(domain), &len);

	*done = false;
	if (ret == -ENOENT)
		return 0;
	if (ret || len != MHSM_ID_LEN)
		return ret ? ret : -EBADMSG;
	if (status->has_domain) {
		/* The kernel refused it, or never heard of it. */
		return d->store->ops->meta_set(d->store, MHSM_STORE_ZEROIZING, NULL, 0);
	}
	mhsm_log_notice("zeroize: completing one that was interrupted");
	*done = true;
	return destroy_rest(d, domain);
}

static int other_domain(const struct mhsm_daemon *d, const uint8_t *kernel, const uint8_t *store)
{
	char a[2 * MHSM_ID_LEN + 1], b[2 * MHSM_ID_LEN + 1] = "none";

	mhsm_hex_encode(kernel, MHSM_ID_LEN, a);
	if (store)
		mhsm_hex_encode(store, MHSM_ID_LEN, b);
	mhsm_log_error("the kernel holds domain %s, but the store in %s is of %s: start mhsmd with the store of that "
		       "domain, or reload the mhsm module (its keys are lost if nothing else stores them)",
		       a, d->state_dir, b);
	return -EKEYREJECTED;
}

int mhsm_provision_reconcile(struct mhsm_daemon *d)
{
	struct mhsm_kernel_status status;
	struct mhsm_load_summary summary;
	uint8_t domain[MHSM_ID_LEN];
	size_t len;
	bool zeroized;
	int ret = d->kernel->ops->status(d->kernel, &status);

	if (!ret)
		ret = complete_zeroize(d, &status, &zeroized);
	if (ret || zeroized)
		return ret;
	ret = d->store->ops->meta_get(d->store, MHSM_STORE_DOMAIN, domain, sizeof(domain), &len);
	if (ret && ret != -ENOENT)
		return ret;
	if (!ret && len != MHSM_ID_LEN)
		return -EBADMSG;
	if (ret == -ENOENT) {
		if (!status.has_domain)
			return 0;
		if (status.state == MHSM_STATE_PROVISIONED) {
			mhsm_log_warning("the kernel was provisioned but its domain record was not stored: mhsm "
					 "zeroize, then provision again");
			return 0;
		}
		return other_domain(d, status.domain, NULL);
	}
	if (status.has_domain && memcmp(status.domain, domain, MHSM_ID_LEN))
		return other_domain(d, status.domain, domain);
	if (status.state == MHSM_STATE_UNPROVISIONED)
		return d->kernel->ops->domain_set(d->kernel, domain);
	if (status.state == MHSM_STATE_RESTORING) {
		mhsm_log_notice("load: an earlier mhsmd was cut off; sending all records again");
		ret = mhsm_load_all(d->kernel, d->store, &summary);
		/* The ceremony can be opened again, which tries this again. */
		if (ret)
			mhsm_log_error("load: the HSM stays in state restoring: mhsm security-domain init-recovery");
	}
	return 0;
}
