// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum body {
	NO_BODY, /* one that comes is not looked at */
	ANY_BODY, /* none, or a JSON object */
	BODY, /* a JSON object */
};

/* "{}" in a path stands for any one segment. The first that fits is taken. */
static const struct route {
	const char *method;
	const char *path;
	const char *action;
	enum body body;
	mhsm_handler *handler;
} routes[] = {
	{ "GET", "/status", "status/read", NO_BODY, mhsm_status_get },
	{ "POST", "/provision", "provision/action", BODY, mhsm_provision_post },
	{ "POST", "/lock", "lock/action", BODY, mhsm_lock_post },
	{ "POST", "/zeroize", "zeroize/action", BODY, mhsm_zeroize_post },
	{ "POST", "/rng", "rng/action", BODY, mhsm_rng_post },
	{ "GET", "/securitydomain", "securitydomain/download/read", NO_BODY, mhsm_secdomain_get },
	{ "POST", "/securitydomain/download", "securitydomain/download/action", BODY, mhsm_secdomain_download },
	{ "GET", "/securitydomain/download/pending", "securitydomain/download/read", NO_BODY, mhsm_secdomain_pending },
	{ "POST", "/securitydomain/ceremony", "securitydomain/upload/action", BODY, mhsm_secdomain_ceremony_start },
	{ "GET", "/securitydomain/ceremony", "securitydomain/upload/read", NO_BODY, mhsm_secdomain_ceremony_get },
	{ "DELETE", "/securitydomain/ceremony", "securitydomain/upload/action", NO_BODY, mhsm_secdomain_ceremony_end },
	{ "GET", "/keys", "keys/read/action", NO_BODY, mhsm_keys_list },
	{ "GET", "/keys/{}/versions", "keys/read/action", NO_BODY, mhsm_keys_versions },
	{ "POST", "/keys/{}/create", "keys/create", BODY, mhsm_keys_create },
	{ "GET", "/keys/{}", "keys/read/action", NO_BODY, mhsm_keys_get },
	{ "GET", "/keys/{}/{}", "keys/read/action", NO_BODY, mhsm_keys_get },
	{ "PATCH", "/keys/{}", "keys/write/action", BODY, mhsm_keys_update },
	{ "PATCH", "/keys/{}/{}", "keys/write/action", BODY, mhsm_keys_update },
	{ "DELETE", "/keys/{}", "keys/delete", NO_BODY, mhsm_keys_delete },
	{ "GET", "/deletedkeys", "keys/deletedKeys/read/action", NO_BODY, mhsm_keys_list_deleted },
	{ "GET", "/deletedkeys/{}", "keys/deletedKeys/read/action", NO_BODY, mhsm_keys_get_deleted },
	{ "POST", "/deletedkeys/{}/recover", "keys/deletedKeys/recover/action", ANY_BODY, mhsm_keys_recover },
	{ "DELETE", "/deletedkeys/{}", "keys/deletedKeys/delete", NO_BODY, mhsm_keys_purge },
	{ "GET", "/audit/records", "audit/read", NO_BODY, mhsm_audit_records },
	{ "GET", "/audit/verify", "audit/verify", NO_BODY, mhsm_audit_verify },
};

/* Collapses slashes and drops one at the end. False: too long. */
static bool clean_path(struct mhsm_request *request)
{
	size_t n = 0;

	for (const char *c = request->path; *c; c++) {
		if (*c == '/' && n && request->path_clean[n - 1] == '/')
			continue;
		if (n == sizeof(request->path_clean) - 1) {
			request->path_clean[n] = '\0';
			return false;
		}
		request->path_clean[n++] = *c;
	}
	if (n > 1 && request->path_clean[n - 1] == '/')
		n--;
	request->path_clean[n] = '\0';
	return true;
}

struct span {
	const char *at;
	size_t len;
};

/* Does @path fit @pattern? Fills @args with its variable segments. */
static bool matches(const char *pattern, const char *path, struct span args[MHSM_ARGS_MAX])
{
	size_t count = 0;

	while (*pattern) {
		if (!strncmp(pattern, "{}", 2)) {
			size_t len = strcspn(path, "/");

			if (!len || count == MHSM_ARGS_MAX)
				return false;
			args[count].at = path;
			args[count++].len = len;
			pattern += 2;
			path += len;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path;
}

static bool take_args(struct mhsm_request *request, struct mhsm_reply *reply, const struct span args[MHSM_ARGS_MAX])
{
	for (size_t i = 0; i < MHSM_ARGS_MAX && args[i].at; i++) {
		if (args[i].len > MHSM_ARG_MAX) {
			mhsm_reply_bad(request, reply, "a name in the path is longer than any can be");
			return false;
		}
		memcpy(request->arg[i], args[i].at, args[i].len);
		request->arg[i][args[i].len] = '\0';
	}
	return true;
}

static bool take_body(struct mhsm_request *request, struct mhsm_reply *reply, enum body body)
{
	json_error_t error;

	if (body == NO_BODY || (body == ANY_BODY && !request->body_len))
		return true;
	request->json = json_loadb(request->body ? request->body : "", request->body_len, JSON_REJECT_DUPLICATES,
				   &error);
	if (request->json && json_is_object(request->json))
		return true;
	if (request->json)
		mhsm_reply_bad(request, reply, "the body is JSON, but not an object");
	else
		mhsm_reply_bad(request, reply, "the body is not JSON: %s at byte %d", error.text, error.position);
	return false;
}

/* Methods of one path, for a 405. */
static void reply_method(const struct mhsm_request *request, struct mhsm_reply *reply, const char *allow)
{
	mhsm_reply_error(request, reply, 405, "MethodNotAllowed", 0, "%s is not possible here, only %s",
			 request->method, allow);
	mhsm_reply_header(reply, "Allow", allow);
}

void mhsm_routes_serve(struct mhsm_daemon *daemon, struct mhsm_request *request, struct mhsm_reply *reply)
{
	char allow[64] = "";

	memset(reply, 0, sizeof(*reply));
	request->json = NULL;
	request->action = NULL;
	memset(request->arg, 0, sizeof(request->arg));
	if (!clean_path(request)) {
		mhsm_reply_error(request, reply, 404, "NotFound", 0, "the path is longer than any that is served");
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *r = &routes[i];
		struct span args[MHSM_ARGS_MAX] = { { NULL, 0 } };

		if (!matches(r->path, request->path_clean, args))
			continue;
		if (strcmp(r->method, request->method)) {
			size_t n = strlen(allow);

			snprintf(allow + n, sizeof(allow) - n, "%s%s", n ? ", " : "", r->method);
			continue;
		}
		request->action = r->action;
		if (take_args(request, reply, args) && take_body(request, reply, r->body))
			r->handler(daemon, request, reply);
		json_decref(request->json);
		request->json = NULL;
		return;
	}
	if (*allow)
		reply_method(request, reply, allow);
	else
		mhsm_reply_error(request, reply, 404, "NotFound", 0, "nothing is served at %s", request->path_clean);
}
