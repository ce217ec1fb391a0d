// SPDX-License-Identifier: GPL-2.0-only
/* secdomain: the security domain, its download and the ceremony that brings it back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ceremony.h"
#include "daemon/file.h"
#include "daemon/json.h"
#include "daemon/log.h"
#include "daemon/quorum/sdfile.h"
#include "daemon/routes.h"
#include "daemon/x509.h"

#define PENDING_PATH "/securitydomain/download/pending"

/* --- download --- */

static bool parse_certificates(const struct mhsm_request *request, struct mhsm_reply *reply,
			       struct mhsm_custodian *custodians, size_t *count, uint32_t *required)
{
	const json_t *array = NULL;
	uint64_t quorum = 2;
	const char *why;

	if (!mhsm_json_array(request, reply, request->json, "certificates", true, MHSM_CUSTODIANS_MIN,
			     MHSM_CUSTODIANS_MAX, &array) ||
	    !mhsm_json_number(request, reply, request->json, "required", false, 2, json_array_size(array), &quorum))
		return false;
	*count = json_array_size(array);
	*required = (uint32_t)quorum;
	for (size_t i = 0; i < *count; i++) {
		if (!mhsm_x509_custodian(json_array_get(array, i), &custodians[i], &why)) {
			mhsm_reply_bad(request, reply, "certificate %zu: %s", i + 1, why);
			return false;
		}
		for (size_t k = 0; k < i; k++) {
			/* One key twice would let one custodian speak with two voices. */
			if (memcmp(custodians[k].x5t, custodians[i].x5t, sizeof(custodians[i].x5t)) &&
			    (custodians[k].n_len != custodians[i].n_len ||
			     memcmp(custodians[k].n, custodians[i].n, custodians[i].n_len)))
				continue;
			mhsm_reply_bad(request, reply, "certificates %zu and %zu have the same key", k + 1, i + 1);
			return false;
		}
	}
	return true;
}

static int build(const struct mhsm_kernel_export *export, const struct mhsm_custodian *custodians, size_t count,
		 uint32_t required, char **text)
{
	uint8_t x5t[MHSM_CUSTODIANS_MAX][MHSM_SDFILE_X5T];

	for (size_t i = 0; i < count; i++)
		memcpy(x5t[i], custodians[i].x5t, sizeof(x5t[i]));
	return mhsm_sdfile_build(text, (const char *const *)export->shares, (const uint8_t(*)[MHSM_SDFILE_X5T])x5t,
				 (unsigned)count, required, export->datum, export->datum_tag);
}

/* Exports, stores durably, and only then activates. Must hold domain_lock. */
static int download(struct mhsm_daemon *d, const struct mhsm_caller *caller, const struct mhsm_custodian *custodians,
		    size_t count, uint32_t required, char **text)
{
	struct mhsm_kernel_export export;
	int ret;

	ret = d->kernel->ops->domain_export(d->kernel, caller, required, custodians, count, &export);
	if (ret)
		return ret;
	ret = build(&export, custodians, count, required, text);
	mhsm_kernel_export_clear(&export);
	if (!ret)
		ret = mhsm_file_replace(d->state_dir, MHSM_SD_FILE, *text, strlen(*text), 0600);
	if (!ret)
		ret = d->kernel->ops->domain_activate(d->kernel, caller);
	return ret;
}

void mhsm_secdomain_download(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_custodian *custodians = calloc(MHSM_CUSTODIANS_MAX, sizeof(*custodians));
	char *text = NULL;
	uint32_t required;
	size_t count;
	int ret;

	if (!custodians) {
		mhsm_reply_errno(request, reply, -ENOMEM);
		return;
	}
	if (!parse_certificates(request, reply, custodians, &count, &required)) {
		free(custodians);
		return;
	}
	pthread_mutex_lock(&daemon->domain_lock);
	mhsm_audit_expect(daemon->audit);
	ret = download(daemon, &request->caller, custodians, count, required, &text);
	mhsm_audit_expected(daemon->audit);
	pthread_mutex_unlock(&daemon->domain_lock);
	if (ret == -EPROTO)
		mhsm_reply_error(request, reply, 409, "Conflict", ret,
				 "the security domain can be made only once, after mhsm provision; the stored copy is "
				 "at GET /securitydomain");
	else if (ret)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 202, json_pack("{s:s}", "value", text));
	if (!ret) {
		mhsm_reply_header(reply, "Azure-AsyncOperation", PENDING_PATH);
		mhsm_reply_header(reply, "Retry-After", "5");
		mhsm_log_notice("security domain: downloaded by uid %u, %u of %zu custodians; the HSM is active",
				request->caller.uid, required, count);
	}
	free(text);
	free(custodians);
}

void mhsm_secdomain_pending(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_kernel_status status;
	const char *text = "Success", *details = "";
	int ret = daemon->kernel->ops->status(daemon->kernel, &status);

	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	if (status.state == MHSM_STATE_PROVISIONED) {
		text = "InProgress";
		details = "the security domain was not downloaded yet";
	} else if (!status.has_domain || status.state == MHSM_STATE_ERROR) {
		text = "Failed";
		details = "the HSM has no domain to download";
	}
	mhsm_reply_json(request, reply, 200, json_pack("{s:s,s:s}", "status", text, "status_details", details));
}

void mhsm_secdomain_get(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	size_t len;
	char *text;
	int ret = daemon->kernel->ops->decide(daemon->kernel, &request->caller, MHSM_ACT_DOMAIN_DOWNLOAD, NULL);

	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	ret = mhsm_file_read(daemon->state_dir, MHSM_SD_FILE, MHSM_SD_MAX, &text, &len);
	if (ret == -ENOENT) {
		mhsm_reply_error(request, reply, 404, "NotFound", ret,
				 "no security domain is stored here: mhsm security-domain download");
	} else if (ret) {
		mhsm_reply_errno(request, reply, ret);
	} else {
		mhsm_reply_json(request, reply, 200, json_pack("{s:s}", "value", text));
		free(text);
	}
}

/* --- ceremony --- */

void mhsm_secdomain_ceremony_start(struct mhsm_daemon *daemon, const struct mhsm_request *request,
				   struct mhsm_reply *reply)
{
	struct mhsm_ceremony_status status;
	int ret = mhsm_ceremony_start(daemon->ceremony, &request->caller, &status);

	if (!ret)
		mhsm_reply_json(request, reply, 200, mhsm_ceremony_json(&status));
	else if (ret == -EPROTO)
		mhsm_reply_error(request, reply, 409, "Conflict", ret, "the HSM is not locked: mhsm status");
	else if (ret == -ENOENT)
		mhsm_reply_error(request, reply, 409, "Conflict", ret,
				 "the security domain file is not in the state directory: put the downloaded one there "
				 "(if it never was downloaded, the HSM has held no key yet: mhsm zeroize, mhsm provision)");
	else if (ret == -EBADMSG)
		mhsm_reply_error(request, reply, 409, "Conflict", ret,
				 "the security domain file in the state directory is damaged: put the downloaded one "
				 "there");
	else if (ret == -EACCES)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_error(request, reply, ret == -ETIMEDOUT ? 504 : 500, "CeremonyFailed", ret,
				 "the ceremony cannot begin: %s", status.message[0] ? status.message : strerror(-ret));
}

void mhsm_secdomain_ceremony_get(struct mhsm_daemon *daemon, const struct mhsm_request *request,
				 struct mhsm_reply *reply)
{
	struct mhsm_ceremony_status status;

	mhsm_ceremony_status(daemon->ceremony, &status);
	mhsm_reply_json(request, reply, 200, mhsm_ceremony_json(&status));
}

void mhsm_secdomain_ceremony_end(struct mhsm_daemon *daemon, const struct mhsm_request *request,
				 struct mhsm_reply *reply)
{
	int ret = daemon->kernel->ops->decide(daemon->kernel, &request->caller, MHSM_ACT_DOMAIN_UPLOAD, NULL);

	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_ceremony_end(daemon->ceremony);
	reply->status = 204;
}
