// SPDX-License-Identifier: GPL-2.0-only
/* status: what the HSM is like, random bytes, locking. */
#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#include "daemon/b64url.h"
#include "daemon/ceremony.h"
#include "daemon/hex.h"
#include "daemon/json.h"
#include "daemon/routes.h"

#define RNG_MAX 128

static json_t *make_audit(struct mhsm_daemon *daemon, const struct mhsm_ioc_info *info)
{
	char trouble[256];
	json_t *audit = json_pack("{s:I,s:I}", "batches", (json_int_t)info->audit_batch, "lost",
				  (json_int_t)info->audit_lost);

	if (audit && mhsm_audit_trouble(daemon->audit, trouble, sizeof(trouble)) &&
	    json_object_set_new(audit, "trouble", json_string(trouble))) {
		json_decref(audit);
		return NULL;
	}
	return audit;
}

static json_t *make_ceremony(struct mhsm_daemon *daemon)
{
	struct mhsm_ceremony_status status;

	mhsm_ceremony_status(daemon->ceremony, &status);
	return status.state == MHSM_CEREMONY_NONE ? json_null() : mhsm_ceremony_json(&status);
}

void mhsm_status_get(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	static const uint8_t none[MHSM_ID_LEN];
	char domain[2 * MHSM_ID_LEN + 1];
	struct mhsm_ioc_info info;
	int ret = mhsm_device_info(daemon->device, &info);

	if (ret < 0) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_hex_encode(info.domain, MHSM_ID_LEN, domain);
	mhsm_reply_json(request, reply, 200,
			json_pack("{s:s,s:o,s:I,s:{s:i},s:s,s:b,s:o,s:o}", "state", mhsm_state_name(info.state),
				  "domain", memcmp(info.domain, none, MHSM_ID_LEN) ? json_string(domain) : json_null(),
				  "keys", (json_int_t)info.keys, "module", "abi", (int)info.abi, "version",
				  MHSM_VERSION, "lockdown", !!info.lockdown, "audit", make_audit(daemon, &info),
				  "ceremony", make_ceremony(daemon)));
}

void mhsm_rng_post(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	char text[MHSM_B64URL_LEN(RNG_MAX) + 1];
	uint8_t bytes[RNG_MAX];
	uint64_t count = 0;
	struct mhsm_ioc_random random = { .size = sizeof(random), .out = (uintptr_t)bytes };
	int session, ret;

	if (!mhsm_json_number(request, reply, request->json, "count", true, 1, RNG_MAX, &count))
		return;
	random.len = (uint32_t)count;
	session = ret = daemon->device->ops->session(daemon->device, &request->caller);
	if (session >= 0) {
		ret = daemon->device->ops->call(daemon->device, session, MHSM_IOC_RANDOM, &random);
		daemon->device->ops->release(daemon->device, session);
	}
	if (ret < 0) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_b64url_encode(text, bytes, count);
	mhsm_reply_json(request, reply, 200, json_pack("{s:s}", "value", text));
	/* What becomes of them is the caller's; our copies that can be reached do not stay. */
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(text, sizeof(text));
}

void mhsm_lock_post(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	int ret;

	pthread_mutex_lock(&daemon->domain_lock);
	mhsm_audit_expect(daemon->audit);
	ret = daemon->kernel->ops->lock(daemon->kernel, &request->caller);
	mhsm_audit_expected(daemon->audit);
	pthread_mutex_unlock(&daemon->domain_lock);
	if (ret)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, json_pack("{s:s}", "state", "locked"));
}
