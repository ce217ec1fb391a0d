// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any method, path, query and body, to every handler, over a fake kernel in each of its states: one answer, a known
 * status, an error in its form.
 *
 * Input: one byte state, one byte route, then a path or body as the route has it.
 *
 * runs: 5000
 *
 * link: daemon/routes.c daemon/request.c daemon/error.c daemon/json.c daemon/status.c daemon/provision.c
 * daemon/secdomain.c daemon/keys.c daemon/keylist.c daemon/key_json.c daemon/auditapi.c daemon/audit.c daemon/chain.c
 * daemon/segment.c daemon/ceremony.c daemon/load.c daemon/storequeue.c daemon/store/sqlite.c daemon/record.c
 * daemon/file.c daemon/hex.c daemon/b64url.c daemon/x509.c daemon/kernel.c daemon/device.c
 * daemon/quorum/sdfile.c tests/unit/fake_kernel.c tests/unit/fake_daemon.c pkg:jansson -lsqlite3 -lcrypto
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/routes.h"
#include "tests/unit/fake_daemon.h"

static const struct {
	const char *method, *path; /* path NULL: the input begins with it, up to a NUL */
} routes[] = {
	{ "POST", "/provision" },
	{ "POST", "/securitydomain/download" },
	{ "POST", "/zeroize" },
	{ "POST", "/lock" },
	{ "POST", "/rng" },
	{ "POST", "/securitydomain/ceremony" },
	{ "POST", "/keys/k/create" },
	{ "POST", "/deletedkeys/k/recover" },
	{ "POST", NULL },
	{ "GET", NULL },
	{ "DELETE", NULL },
};

static const uint32_t states[] = {
	MHSM_STATE_UNPROVISIONED, MHSM_STATE_PROVISIONED, MHSM_STATE_ACTIVE,   MHSM_STATE_LOCKED,
	MHSM_STATE_ZEROIZED,	  MHSM_STATE_ERROR,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fake_daemon *fd;

/* Thousands of complaints a second help nobody. */
void mhsm_log(int priority, const char *format, ...)
{
	(void)priority;
	(void)format;
}

static void clean_up(void)
{
	fake_daemon_free(fd);
}

static void check(const struct mhsm_reply *reply)
{
	const json_t *error = json_object_get(reply->body, "error");

	if (reply->status < 200 || reply->status > 599)
		abort();
	if (reply->status >= 400 && (!json_is_string(json_object_get(error, "code")) ||
				     !json_is_string(json_object_get(error, "message"))))
		abort();
	if (reply->body)
		free(json_dumps(reply->body, 0));
}

/* "path?name=value&name=value", in place. */
static void split(struct mhsm_request *request, char *path)
{
	char *at = strchr(path, '?');

	request->path = path;
	while (at && request->query_count < MHSM_QUERY_MAX) {
		char *value;

		*at++ = '\0';
		request->query[request->query_count].name = at;
		at = strchr(at, '&');
		value = strchr(request->query[request->query_count].name, '=');
		if (value && (!at || value < at)) {
			*value = '\0';
			request->query[request->query_count].value = value + 1;
		}
		request->query_count++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mhsm_request *request;
	struct mhsm_reply reply;
	char *text, *body;
	size_t route;

	if (size < 2)
		return 0;
	if (!fd) {
		/* In this thread, and before our atexit(): it is to clean up after us. */
		OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
		fd = fake_daemon_new();
		atexit(clean_up);
	}
	pthread_mutex_lock(&fd->fake.lock);
	fd->fake.state = states[data[0] % COUNT(states)];
	memset(fd->fake.domain, fd->fake.state == MHSM_STATE_UNPROVISIONED ? 0 : 0xd0, MHSM_ID_LEN);
	fd->fake.record_count = 0;
	if (fd->fake.key_count > 200)
		fd->fake.key_count = 0;
	pthread_mutex_unlock(&fd->fake.lock);
	route = data[1] % COUNT(routes);
	text = calloc(1, size);
	request = calloc(1, sizeof(*request));
	if (!text || !request)
		abort();
	memcpy(text, data + 2, size - 2);
	body = text;
	request->method = routes[route].method;
	request->path = routes[route].path;
	if (!request->path) {
		body = text + strlen(text);
		body += body < text + size - 2;
		split(request, text);
	}
	request->body = body;
	request->body_len = (size_t)(text + size - 2 - body);
	strcpy(request->id, "fuzz");
	mhsm_routes_serve(&fd->daemon, request, &reply);
	check(&reply);
	mhsm_reply_clear(&reply);
	free(request);
	free(text);
	return 0;
}
