// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: daemon/http.c daemon/routes.c daemon/request.c daemon/error.c daemon/json.c daemon/status.c daemon/provision.c
 * daemon/secdomain.c daemon/keys.c daemon/keylist.c daemon/key_json.c daemon/auditapi.c daemon/audit.c daemon/chain.c
 * daemon/segment.c daemon/ceremony.c daemon/load.c daemon/storequeue.c daemon/store/sqlite.c daemon/record.c
 * daemon/file.c daemon/hex.c daemon/b64url.c daemon/x509.c daemon/kernel.c daemon/device.c daemon/log.c
 * daemon/quorum/sdfile.c tests/unit/fake_kernel.c tests/unit/fake_daemon.c pkg:libmicrohttpd pkg:jansson -lsqlite3
 * -lcrypto
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/b64url.h"
#include "daemon/http.h"
#include "daemon/request.h"
#include "tests/unit/fake_daemon.h"

#define DOMAIN "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0"

static struct fake_daemon *fd;
static struct mhsm_http *http;
static char path[100];

struct answer {
	int status;
	char head[4096];
	json_t *body;
};

static void serve(void)
{
	int listener;

	snprintf(path, sizeof(path), "%s/mhsmd.sock", fd->dir);
	listener = mhsm_http_listen(path);
	assert_true(listener >= 0);
	assert_int_equal(mhsm_http_start(&fd->daemon, listener, &http), 0);
}

static int set_up(void **context)
{
	(void)context;
	fd = fake_daemon_new();
	serve();
	return 0;
}

static int tear_down(void **context)
{
	(void)context;
	mhsm_http_stop(http);
	fake_daemon_free(fd);
	return 0;
}

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(s, (struct sockaddr *)&address, sizeof(address)), 0);
	return s;
}

static void send_bytes(int s, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(s, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* refused early, which the answer says */
		data += n;
		len -= (size_t)n;
	}
}

/* Reads the whole answer, which ends with the connection. */
static void read_answer(int s, struct answer *a)
{
	size_t room = 1 << 20, len = 0;
	char *text = calloc(1, room + 1), *body;
	ssize_t n;

	assert_non_null(text);
	memset(a, 0, sizeof(*a));
	while (len < room && (n = recv(s, text + len, room - len, 0)) > 0)
		len += (size_t)n;
	close(s);
	if (len) {
		assert_int_equal(sscanf(text, "HTTP/1.1 %d", &a->status), 1);
		body = strstr(text, "\r\n\r\n");
		assert_non_null(body);
		*body = '\0';
		snprintf(a->head, sizeof(a->head), "%s", text);
		body += 4;
		a->body = json_loadb(body, len - (size_t)(body - text), 0, NULL);
	}
	free(text);
}

static void ask_bytes(struct answer *a, const char *method, const char *target, const char *body, size_t len)
{
	char head[1024];
	int s = dial();

	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", method, target,
		 len);
	send_bytes(s, head, strlen(head));
	send_bytes(s, body, len);
	read_answer(s, a);
}

/* Asks, checks the status and that an error has its form, and gives the body (a new reference). */
static json_t *ask(int status, const char *method, const char *target, const char *body)
{
	struct answer a;

	ask_bytes(&a, method, target, body ? body : "", body ? strlen(body) : 0);
	if (a.status != status)
		fail_msg("%s %s: %d, not %d: %s", method, target, a.status, status,
			 a.body ? json_dumps(a.body, 0) : "");
	assert_non_null(strstr(a.head, "x-ms-request-id: "));
	if (status >= 400) {
		json_t *error = json_object_get(a.body, "error");

		assert_true(json_is_string(json_object_get(error, "code")));
		assert_non_null(strstr(json_string_value(json_object_get(error, "message")), "(Activity ID: "));
		assert_non_null(json_object_get(error, "innererror"));
	}
	return a.body;
}

static void ask_only(int status, const char *method, const char *target, const char *body)
{
	json_decref(ask(status, method, target, body));
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static char *download_body(unsigned count, unsigned required)
{
	json_t *certificates = json_array(), *body;
	char *text;

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(certificates, fake_custodian(i, 2048));
	body = json_pack("{s:o,s:i}", "certificates", certificates, "required", (int)required);
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	assert_non_null(text);
	return text;
}

#define ADMINS "{\"administrators\":[{\"kind\":\"user\",\"id\":1000},{\"kind\":\"group\",\"id\":4}]}"

static void activate(void)
{
	char *body = download_body(3, 2);

	ask_only(200, "POST", "/provision", ADMINS);
	ask_only(202, "POST", "/securitydomain/download", body);
	free(body);
}

static void check_state(const char *state)
{
	json_t *status = ask(200, "GET", "/status", NULL);

	assert_string_equal(text_of(status, "state"), state);
	json_decref(status);
}

/* --- the journey --- */

static void test_provision_and_download(void **context)
{
	char file[128], *body = download_body(3, 2);
	struct answer a;
	struct stat st;
	json_t *b;

	(void)context;
	check_state("unprovisioned");
	ask_only(503, "POST", "/rng", "{\"count\":4}");
	b = ask(200, "POST", "/provision", ADMINS);
	assert_string_equal(text_of(b, "domain"), DOMAIN);
	json_decref(b);
	ask_only(409, "POST", "/provision", ADMINS);
	b = ask(200, "GET", "/securitydomain/download/pending", NULL);
	assert_string_equal(text_of(b, "status"), "InProgress");
	json_decref(b);
	ask_only(404, "GET", "/securitydomain", NULL);

	ask_bytes(&a, "POST", "/securitydomain/download", body, strlen(body));
	assert_int_equal(a.status, 202);
	assert_non_null(strstr(a.head, "Azure-AsyncOperation: /securitydomain/download/pending"));
	assert_non_null(strstr(a.head, "Retry-After: 5"));
	snprintf(file, sizeof(file), "%s/" MHSM_SD_FILE, fd->dir);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, strlen(text_of(a.body, "value")));
	b = ask(200, "GET", "/securitydomain", NULL);
	assert_string_equal(text_of(b, "value"), text_of(a.body, "value"));
	json_decref(b);
	json_decref(a.body);
	b = ask(200, "GET", "/securitydomain/download/pending", NULL);
	assert_string_equal(text_of(b, "status"), "Success");
	json_decref(b);
	check_state("active");
	ask_only(409, "POST", "/securitydomain/download", body);
	free(body);
}

static void test_keys(void **context)
{
	json_t *b, *key;
	char target[256];

	(void)context;
	activate();
	b = ask(200, "POST", "/keys/a-key/create",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"key_ops\":[\"sign\",\"verify\"],"
		"\"attributes\":{\"enabled\":true,\"nbf\":1,\"exp\":2000000000}}");
	key = json_object_get(b, "key");
	assert_string_equal(text_of(key, "kty"), "EC-HSM");
	assert_string_equal(text_of(key, "crv"), "P-256");
	assert_int_equal(strlen(text_of(key, "x")), 43);
	assert_int_equal(json_array_size(json_object_get(key, "key_ops")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(b, "attributes"), "exp")), 2000000000);
	assert_int_equal(strncmp(text_of(key, "kid"), "http://localhost/keys/a-key/", 28), 0);
	snprintf(target, sizeof(target), "%s", text_of(key, "kid") + strlen("http://localhost"));
	json_decref(b);
	/* It was stored before it was reported. */
	assert_int_equal(fd->fake.acks, 1);
	assert_int_equal(fd->fake.ack_error, 0);

	ask_only(200, "GET", target, NULL);
	ask_only(200, "GET", "/keys/a-key", NULL);
	ask_only(200, "GET", "///keys//a-key/?api%2Dversion=7.5", NULL);
	ask_only(404, "GET", "/keys/a-key/00000000000000000000000000000000", NULL);
	ask_only(404, "GET", "/keys/another", NULL);
	ask_only(200, "POST", "/keys/a-key/create", "{\"kty\":\"EC-HSM\"}");
	b = ask(200, "GET", "/keys/a-key/versions", NULL);
	assert_int_equal(json_array_size(json_object_get(b, "value")), 2);
	assert_true(json_is_null(json_object_get(b, "nextLink")));
	json_decref(b);
	b = ask(200, "GET", "/keys", NULL);
	assert_int_equal(json_array_size(json_object_get(b, "value")), 1);
	assert_string_equal(text_of(json_array_get(json_object_get(b, "value"), 0), "kid"),
			    "http://localhost/keys/a-key");
	json_decref(b);

	b = ask(200, "DELETE", "/keys/a-key", NULL);
	assert_non_null(text_of(b, "recoveryId"));
	assert_true(json_integer_value(json_object_get(b, "scheduledPurgeDate")) >
		    json_integer_value(json_object_get(b, "deletedDate")));
	json_decref(b);
	ask_only(404, "GET", "/keys/a-key", NULL);
	ask_only(409, "POST", "/keys/a-key/create", "{\"kty\":\"EC-HSM\"}");
	ask_only(200, "GET", "/deletedkeys/a-key", NULL);
	b = ask(200, "GET", "/deletedkeys", NULL);
	assert_int_equal(json_array_size(json_object_get(b, "value")), 1);
	json_decref(b);
	ask_only(200, "POST", "/deletedkeys/a-key/recover", NULL);
	ask_only(200, "GET", "/keys/a-key", NULL);
	ask_only(404, "DELETE", "/deletedkeys/a-key", NULL);
	ask_only(200, "DELETE", "/keys/a-key", NULL);
	ask_only(204, "DELETE", "/deletedkeys/a-key", NULL);
	ask_only(404, "GET", "/deletedkeys/a-key", NULL);
}

/* Only what a request names changes, of the version that it names. */
static void test_key_update(void **context)
{
	static const struct {
		const char *body;
		bool enabled, consumers, revoke_live;
		json_int_t nbf, exp;
	} steps[] = {
		{ "{\"attributes\":{\"enabled\":false}}", false, false, false, 0, 0 },
		{ "{\"attributes\":{\"nbf\":5,\"exp\":2000000000}}", false, false, false, 5, 2000000000 },
		{ "{\"attributes\":{\"enabled\":true,\"nbf\":null}}", true, false, false, 5, 2000000000 },
		{ "{\"mhsm\":{\"consumers\":true,\"revoke_live\":true},\"tags\":{}}", true, true, true, 5, 2000000000 },
		{ "{\"attributes\":{\"nbf\":0},\"mhsm\":{\"revoke_live\":false}}", true, true, false, 0, 2000000000 },
		{ "{\"attributes\":{\"exp\":0}}", true, true, false, 0, 0 },
	};
	static const char *const bad[] = {
		"{}", "{\"attributes\":{}}", "{\"attributes\":{\"enabled\":1}}", "{\"attributes\":{\"exp\":-1}}",
		"{\"attributes\":{\"exp\":\"5\"}}", "{\"attributes\":[]}", "{\"mhsm\":{\"consumers\":0}}",
		"{\"key_ops\":[\"sign\"]}", "{\"attributes\":{\"enabled\":true},\"tags\":{\"a\":\"b\"}}",
		"{\"attributes\":{\"nbf\":5,\"exp\":5}}", "{\"attributes\":{\"enabled\":true}", "[]",
	};
	char first[160];
	json_t *b, *a, *m;

	(void)context;
	activate();
	b = ask(200, "POST", "/keys/k/create", "{\"kty\":\"oct\"}");
	snprintf(first, sizeof(first), "%s", text_of(json_object_get(b, "key"), "kid") + strlen("http://localhost"));
	json_decref(b);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		json_decref(ask(200, "PATCH", i % 2 ? first : "/keys/k", steps[i].body));
		b = ask(200, "GET", first, NULL);
		a = json_object_get(b, "attributes");
		m = json_object_get(b, "mhsm");
		assert_int_equal(json_is_true(json_object_get(a, "enabled")), steps[i].enabled);
		assert_int_equal(json_integer_value(json_object_get(a, "nbf")), steps[i].nbf);
		assert_int_equal(json_integer_value(json_object_get(a, "exp")), steps[i].exp);
		assert_int_equal(json_is_true(json_object_get(m, "consumers")), steps[i].consumers);
		assert_int_equal(json_is_true(json_object_get(m, "revoke_live")), steps[i].revoke_live);
		json_decref(b);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ask_only(400, "PATCH", "/keys/k", bad[i]);
	ask_only(200, "POST", "/keys/k/create", "{\"kty\":\"oct\"}");
	b = ask(200, "PATCH", "/keys/k", "{\"attributes\":{\"enabled\":false}}");
	assert_string_not_equal(text_of(json_object_get(b, "key"), "kid") + strlen("http://localhost"), first);
	json_decref(b);
	b = ask(200, "GET", first, NULL);
	assert_true(json_is_true(json_object_get(json_object_get(b, "attributes"), "enabled")));
	json_decref(b);
	ask_only(404, "PATCH", "/keys/k/00000000000000000000000000000001", steps[0].body);
	ask_only(404, "PATCH", "/keys/k/no-version", steps[0].body);
	ask_only(404, "PATCH", "/keys/another", steps[0].body);
	ask_only(400, "PATCH", "/keys/not_a_name", steps[0].body);
	ask_only(200, "DELETE", "/keys/k", NULL);
	ask_only(404, "PATCH", "/keys/k", steps[0].body);
}

/* What each type's key is made of and shown as: the members of RFC 7518 sections 6.2, 6.3 and RFC 8037 */
static void test_key_types(void **context)
{
	static const struct {
		const char *body, *kty, *crv;
		size_t x, y, n; /* characters of base64url; 0: not there */
	} types[] = {
		{ "{\"kty\":\"EC\"}", "EC-HSM", "P-256", 43, 43, 0 },
		{ "{\"kty\":\"EC-HSM\",\"crv\":\"P-384\"}", "EC-HSM", "P-384", 64, 64, 0 },
		{ "{\"kty\":\"EC-HSM\",\"crv\":\"P-521\"}", "EC-HSM", "P-521", 88, 88, 0 },
		{ "{\"kty\":\"EC-HSM\",\"crv\":\"P-256K\"}", "EC-HSM", "P-256K", 43, 43, 0 },
		{ "{\"kty\":\"OKP-HSM\"}", "OKP-HSM", "Ed25519", 43, 0, 0 },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"key_ops\":[\"deriveKey\",\"deriveBits\"]}", "OKP-HSM", "X25519",
		  43, 0, 0 },
		{ "{\"kty\":\"RSA\"}", "RSA-HSM", NULL, 0, 0, 342 },
		{ "{\"kty\":\"RSA-HSM\",\"key_size\":3072}", "RSA-HSM", NULL, 0, 0, 512 },
		{ "{\"kty\":\"RSA-HSM\",\"key_size\":4096}", "RSA-HSM", NULL, 0, 0, 683 },
		{ "{\"kty\":\"oct\",\"key_size\":128}", "oct-HSM", NULL, 0, 0, 0 },
		{ "{\"kty\":\"oct\",\"key_size\":192}", "oct-HSM", NULL, 0, 0, 0 },
		{ "{\"kty\":\"HMAC-HSM\"}", "HMAC-HSM", NULL, 0, 0, 0 },
		{ "{\"kty\":\"HMAC\",\"key_size\":168}", "HMAC-HSM", NULL, 0, 0, 0 },
	};
	json_t *b, *key;
	const char *e;

	(void)context;
	activate();
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		b = ask(200, "POST", "/keys/typed/create", types[i].body);
		key = json_object_get(b, "key");
		assert_string_equal(text_of(key, "kty"), types[i].kty);
		assert_int_equal(!!json_object_get(key, "crv"), !!types[i].crv);
		if (types[i].crv)
			assert_string_equal(text_of(key, "crv"), types[i].crv);
		assert_int_equal(json_string_length(json_object_get(key, "x")), types[i].x);
		assert_int_equal(json_string_length(json_object_get(key, "y")), types[i].y);
		assert_int_equal(json_string_length(json_object_get(key, "n")), types[i].n);
		e = json_string_value(json_object_get(key, "e"));
		assert_int_equal(!!e, !!types[i].n);
		if (e)
			assert_string_equal(e, "AQAB");
		json_decref(b);
	}
}

static void test_bad_keys(void **context)
{
	static const char *const bodies[] = {
		"{}",
		"{\"kty\":1}",
		"{\"kty\":\"DSA-HSM\"}",
		"{\"kty\":\"RSA-\"}",
		"{\"kty\":\"RSA-HSMs\"}",
		"{\"kty\":\"\"}",
		"{\"kty\":\"RSA\",\"key_size\":1024}",
		"{\"kty\":\"RSA\",\"key_size\":2049}",
		"{\"kty\":\"EC\",\"crv\":\"P-224\"}",
		"{\"kty\":\"EC\",\"crv\":\"Ed25519\"}",
		"{\"kty\":\"OKP\",\"crv\":\"P-256\"}",
		"{\"kty\":\"oct\",\"key_size\":193}",
		"{\"kty\":\"oct\",\"key_size\":0}",
		"{\"kty\":\"HMAC\",\"key_size\":152}",
		"{\"kty\":\"HMAC\",\"key_size\":161}",
		"{\"kty\":\"HMAC\",\"key_size\":520}",
		"{\"kty\":\"HMAC\",\"crv\":\"P-256\",\"key_size\":0}",
		"{\"kty\":\"oct\",\"key_size\":-1}",
		"{\"kty\":\"oct\",\"key_size\":\"256\"}",
		"{\"kty\":\"oct\",\"key_size\":256.0}",
		"{\"kty\":\"oct\",\"key_size\":18446744073709551616}",
		"{\"kty\":\"EC\",\"key_ops\":[\"derive\"]}",
		"{\"kty\":\"EC\",\"key_ops\":[1]}",
		"{\"kty\":\"EC\",\"key_ops\":\"sign\"}",
		"{\"kty\":\"EC\",\"attributes\":[]}",
		"{\"kty\":\"EC\",\"attributes\":{\"enabled\":1}}",
		"{\"kty\":\"EC\",\"attributes\":{\"exportable\":true}}",
		"{\"kty\":\"EC\",\"attributes\":{\"nbf\":5,\"exp\":5}}",
		"{\"kty\":\"EC\",\"mhsm\":{\"consumers\":\"yes\"}}",
		"{\"kty\":\"EC\",\"mhsm\":{\"keyring_release\":1}}",
		"{\"kty\":\"EC\",\"mhsm\":{\"use_limit\":0}}",
		"{\"kty\":\"EC\",\"mhsm\":{\"use_limit\":\"1\"}}",
		"{\"kty\":\"oct\",\"mhsm\":{\"use_limit\":1,\"consumers\":true}}",
		"{\"kty\":\"EC\",\"tags\":{\"a\":\"b\"}}",
		"{\"kty\":\"EC\",\"release_policy\":{}}",
		"{\"kty\":\"EC\",\"kty\":\"oct\"}",
		"[]",
		"\"kty\"",
		"{\"kty\":\"EC\"} x",
	};
	char name[200] = "/keys/";

	(void)context;
	activate();
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		ask_only(400, "POST", "/keys/k/create", bodies[i]);
	ask_only(400, "GET", "/keys/under_score", NULL);
	ask_only(400, "GET", "/keys/a%00b", NULL);
	ask_only(400, "GET", "/keys/a%20b", NULL);
	ask_only(400, "GET", "/keys/%ff%fe", NULL);
	ask_only(404, "GET", "/keys/a%2fb%2fc%2fd", NULL);
	memset(name + 6, 'a', 127);
	ask_only(404, "GET", name, NULL);
	memset(name + 6, 'a', 128);
	ask_only(400, "GET", name, NULL);
}

/* Keys come once each over pages of every size, in one order. */
static void test_pages(void **context)
{
	(void)context;
	activate();
	for (int i = 0; i < 53; i++) {
		char target[64];

		snprintf(target, sizeof(target), "/keys/k-%d/create", i % 50);
		ask_only(200, "POST", target, "{\"kty\":\"oct\",\"key_size\":128}");
	}
	for (int size = 1; size <= 25; size += 8) {
		char target[512];
		size_t seen = 0;

		snprintf(target, sizeof(target), "/keys?maxresults=%d", size);
		while (target[0]) {
			json_t *b = ask(200, "GET", target, NULL), *value = json_object_get(b, "value");
			const char *next = text_of(b, "nextLink");

			assert_true(json_array_size(value) <= (size_t)size);
			for (size_t i = 0; i < json_array_size(value); i++) {
				char kid[64];

				snprintf(kid, sizeof(kid), "http://localhost/keys/k-%zu", seen++);
				assert_string_equal(text_of(json_array_get(value, i), "kid"), kid);
			}
			snprintf(target, sizeof(target), "%s", next ? next + strlen("http://localhost") : "");
			json_decref(b);
		}
		assert_int_equal(seen, 50);
	}
	ask_only(400, "GET", "/keys?maxresults=0", NULL);
	ask_only(400, "GET", "/keys?maxresults=26", NULL);
	ask_only(400, "GET", "/keys?max%72esults=x", NULL);
	ask_only(400, "GET", "/keys?%24skiptoken=-1", NULL);
	ask_only(400, "GET", "/keys?%24skiptoken=99999999999999999999999", NULL);
	ask_only(200, "GET", "/keys?%24skiptoken=3&api-version=7.5", NULL);
}

static void test_rng_lock_zeroize(void **context)
{
	char file[128];
	json_t *b;

	(void)context;
	activate();
	b = ask(200, "POST", "/rng", "{\"count\":128}");
	assert_int_equal(strlen(text_of(b, "value")), MHSM_B64URL_LEN(128));
	json_decref(b);
	ask_only(400, "POST", "/rng", "{\"count\":0}");
	ask_only(400, "POST", "/rng", "{\"count\":129}");
	ask_only(200, "POST", "/keys/k/create", "{\"kty\":\"oct\"}");
	ask_only(200, "POST", "/lock", "{}");
	check_state("locked");
	b = ask(503, "POST", "/rng", "{\"count\":1}");
	assert_string_equal(text_of(json_object_get(b, "error"), "code"), "HsmLocked");
	assert_string_equal(text_of(json_object_get(json_object_get(b, "error"), "innererror"), "errno"), "ENOKEY");
	json_decref(b);

	ask_only(400, "POST", "/zeroize", "{\"confirm\":\"\"}");
	ask_only(400, "POST", "/zeroize", "{\"confirm\":\"00d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0\"}");
	check_state("locked");
	snprintf(file, sizeof(file), "%s/" MHSM_SD_FILE, fd->dir);
	assert_int_equal(access(file, F_OK), 0);
	ask_only(200, "POST", "/zeroize", "{\"confirm\":\"" DOMAIN "\"}");
	check_state("zeroized");
	assert_int_equal(access(file, F_OK), -1);
	ask_only(503, "POST", "/zeroize", "{\"confirm\":\"" DOMAIN "\"}");
	/* And again from the beginning. */
	activate();
	check_state("active");
}

static void test_denied(void **context)
{
	static const struct {
		const char *method, *target, *body;
	} all[] = {
		{ "POST", "/rng", "{\"count\":1}" },
		{ "POST", "/lock", "{}" },
		{ "POST", "/zeroize", "{\"confirm\":\"" DOMAIN "\"}" },
		{ "GET", "/securitydomain", NULL },
		{ "DELETE", "/securitydomain/ceremony", NULL },
		{ "GET", "/keys", NULL },
		{ "GET", "/keys/k", NULL },
		{ "GET", "/keys/k/versions", NULL },
		{ "POST", "/keys/k/create", "{\"kty\":\"EC\"}" },
		{ "PATCH", "/keys/k", "{\"attributes\":{\"enabled\":false}}" },
		{ "DELETE", "/keys/k", NULL },
		{ "GET", "/deletedkeys", NULL },
		{ "GET", "/deletedkeys/k", NULL },
		{ "POST", "/deletedkeys/k/recover", "{}" },
		{ "DELETE", "/deletedkeys/k", NULL },
		{ "GET", "/audit/records", NULL },
		{ "GET", "/audit/verify", NULL },
	};
	json_t *b;

	(void)context;
	activate();
	fd->fake.deny = true;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ask_only(403, all[i].method, all[i].target, all[i].body);
	b = ask(403, "POST", "/keys/k/create", "{\"kty\":\"EC\"}");
	assert_non_null(strstr(text_of(json_object_get(b, "error"), "message"),
			       "Not authorized to access keys/create on /keys/k/create"));
	json_decref(b);
	check_state("active");
	assert_int_equal(fd->fake.last_caller.uid, getuid());
	assert_int_equal(fd->fake.last_caller.pid, getpid());
}

/* What the kernel may answer, as HTTP has it. */
static void test_errors(void **context)
{
	static const struct {
		int error, status;
		const char *code;
	} all[] = {
		{ EINVAL, 400, "BadParameter" },      { ENOENT, 404, "KeyNotFound" },
		{ EEXIST, 409, "Conflict" },	      { EACCES, 403, "Forbidden" },
		{ ENOKEY, 503, "HsmLocked" },	      { ENODATA, 503, "HsmNotProvisioned" },
		{ ESHUTDOWN, 503, "HsmNotProvisioned" }, { ENOBUFS, 503, "AuditFull" },
		{ ENOSPC, 507, "StoreFull" },	      { ETIMEDOUT, 504, "Timeout" },
		{ EUNATCH, 500, "InternalServerError" }, { EIO, 500, "InternalServerError" },
	};

	(void)context;
	activate();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_t *b, *error;

		fd->fake.fail = -all[i].error;
		b = ask(all[i].status, "POST", "/keys/k/create", "{\"kty\":\"EC\"}");
		error = json_object_get(b, "error");
		assert_string_equal(text_of(error, "code"), all[i].code);
		assert_string_equal(text_of(json_object_get(error, "innererror"), "errno"),
				    strerrorname_np(all[i].error));
		json_decref(b);
	}
}

/* --- what strangers send --- */

static void test_paths_and_methods(void **context)
{
	static const char *const unknown[] = { "/", "/key", "/keys/a/b/c", "/statuses", "/status/x", "/..", "/keys//x/create/y",
					       "/securitydomain/upload" };
	char *target = calloc(1, 3000);
	struct answer a;

	(void)context;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		ask_only(404, "GET", unknown[i], NULL);
	target[0] = '/';
	memset(target + 1, 'x', 800);
	ask_only(404, "GET", target, NULL);
	free(target);
	ask_bytes(&a, "PUT", "/keys/k", "", 0);
	assert_int_equal(a.status, 405);
	assert_non_null(strstr(a.head, "Allow: GET, PATCH, DELETE"));
	json_decref(a.body);
	ask_only(405, "GET", "/lock", NULL);
	ask_only(405, "PATCH", "/status", NULL);
	ask_only(200, "GET", "/status/", NULL);
}

/* Each body cut off at each byte: refused, never more. */
static void test_truncated_bodies(void **context)
{
	char *download = download_body(3, 2);
	const struct {
		const char *target, *body;
	} all[] = {
		{ "/provision", ADMINS },
		{ "/rng", "{\"count\":16}" },
		{ "/lock", "{}" },
		{ "/zeroize", "{\"confirm\":\"" DOMAIN "\"}" },
		{ "/securitydomain/ceremony", "{}" },
		{ "/keys/k/create", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"key_ops\":[\"sign\"],\"attributes\":"
				    "{\"enabled\":true,\"exp\":99},\"mhsm\":{\"consumers\":true}}" },
		{ "/securitydomain/download", download },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t whole = strlen(all[i].body), step = whole > 1000 ? 41 : 1;

		for (size_t len = 0; len < whole; len += step) {
			struct answer a;

			ask_bytes(&a, "POST", all[i].target, all[i].body, len);
			if (a.status != 400)
				fail_msg("%s, %zu bytes: %d", all[i].target, len, a.status);
			json_decref(a.body);
		}
	}
	check_state("unprovisioned");
	free(download);
}

/* Every member of every body as every type that it is not. */
static void mutate(const char *target, json_t *root, json_t *at)
{
	static const char *const others[] = { "null", "true", "-1", "1.5", "\"\"", "\"x\"", "[]", "{}", "[[[]]]",
					      "9223372036854775807" };
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(at, next, name, value) {
		json_incref(value);
		if (json_is_object(value))
			mutate(target, root, value);
		if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
			mutate(target, root, json_array_get(value, 0));
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			struct answer a;
			char *text;

			json_object_set_new(at, name, json_loads(others[i], JSON_DECODE_ANY, NULL));
			text = json_dumps(root, JSON_COMPACT);
			ask_bytes(&a, "POST", target, text, strlen(text));
			/* Unprovisioned, so that what is accepted is refused by state, and nothing changes. */
			if (a.status != 400 && a.status != 503 && a.status != 409)
				fail_msg("%s: %d for %s", target, a.status, text);
			json_decref(a.body);
			free(text);
		}
		json_object_set_new(at, name, value);
	}
}

static void test_wrong_types(void **context)
{
	char *download = download_body(3, 2);
	const struct {
		const char *target, *body;
	} all[] = {
		{ "/rng", "{\"count\":16}" },
		{ "/zeroize", "{\"confirm\":\"" DOMAIN "\"}" },
		{ "/keys/k/create", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"key_size\":128,\"key_ops\":[\"sign\"],"
				    "\"attributes\":{\"enabled\":true,\"nbf\":1,\"exp\":99},\"mhsm\":{\"use_limit\":7}}" },
		{ "/securitydomain/download", download },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_t *root = json_loads(all[i].body, 0, NULL);

		mutate(all[i].target, root, root);
		json_decref(root);
	}
	free(download);
	check_state("unprovisioned");
}

static void test_certificates(void **context)
{
	json_t *list, *body, *copy;
	char *text;

	(void)context;
	ask_only(200, "POST", "/provision", ADMINS);
	for (int variant = 0; variant < 9; variant++) {
		int required = 2, count = 3;

		list = json_array();
		for (int i = 0; i < 3; i++)
			json_array_append_new(list, fake_custodian((unsigned)i, 2048));
		copy = json_array_get(list, 2);
		switch (variant) {
		case 0: /* too few */
			json_array_remove(list, 2);
			break;
		case 1:
			required = 4;
			break;
		case 2:
			required = 1;
			break;
		case 3: /* the same twice */
			json_array_set_new(list, 2, fake_custodian(0, 2048));
			break;
		case 4: /* too small */
			json_array_set_new(list, 2, fake_custodian(7, 1024));
			break;
		case 5: /* not its thumbprint */
			json_object_set_new(copy, "x5t#S256",
					    json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
			break;
		case 6: /* not its modulus */
			json_object_set_new(copy, "n", json_string("AQAB"));
			break;
		case 7: /* one byte more */
			text = strdup(json_string_value(json_array_get(json_object_get(copy, "x5c"), 0)));
			json_object_set_new(copy, "x5c", json_pack("[s+]", text, "AAAA"));
			free(text);
			break;
		case 8:
			json_object_del(copy, "x5c");
			break;
		}
		(void)count;
		body = json_pack("{s:o,s:i}", "certificates", list, "required", required);
		text = json_dumps(body, 0);
		ask_only(400, "POST", "/securitydomain/download", text);
		free(text);
		json_decref(body);
	}
	check_state("provisioned");
	text = download_body(3, 3);
	ask_only(202, "POST", "/securitydomain/download", text);
	free(text);
}

static void test_huge_bodies(void **context)
{
	size_t len = (1 << 20) + 1;
	char *body = malloc(len), piece[64];
	struct answer a;
	int s;

	(void)context;
	memset(body, ' ', len);
	ask_bytes(&a, "POST", "/rng", body, len);
	assert_int_equal(a.status, 413);
	json_decref(a.body);
	/* As long as is allowed. */
	memcpy(body + len - 14, "{\"count\":1}", 11);
	ask_bytes(&a, "POST", "/rng", body, len - 1);
	assert_int_equal(a.status, 503);
	json_decref(a.body);
	/* Without saying beforehand how long. */
	s = dial();
	snprintf(piece, sizeof(piece), "POST /rng HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
	send_bytes(s, piece, strlen(piece));
	send_bytes(s, "Transfer-Encoding: chunked\r\n\r\n", 30);
	for (int i = 0; i < 33; i++) {
		send_bytes(s, "8000\r\n", 6);
		send_bytes(s, body, 0x8000);
		send_bytes(s, "\r\n", 2);
	}
	send_bytes(s, "0\r\n\r\n", 5);
	read_answer(s, &a);
	assert_int_equal(a.status, 413);
	json_decref(a.body);
	/* Deep nesting. */
	memset(body, '[', len - 1);
	ask_bytes(&a, "POST", "/rng", body, len - 1);
	assert_int_equal(a.status, 400);
	json_decref(a.body);
	free(body);
	check_state("unprovisioned");
}

/* One user's idle connections leave no room for more of his, and it comes back when they close. */
static void test_connection_limit(void **context)
{
	int idle[MHSM_HTTP_CONNECTIONS_PER_UID];
	struct answer a;
	int extra, tries;

	(void)context;
	for (size_t i = 0; i < MHSM_HTTP_CONNECTIONS_PER_UID; i++) {
		const char *hello = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
		char byte;

		idle[i] = dial();
		send_bytes(idle[i], hello, strlen(hello));
		assert_int_equal(recv(idle[i], &byte, 1, MSG_PEEK), 1);
	}
	extra = dial();
	send_bytes(extra, "GET /status HTTP/1.1\r\nHost: x\r\n\r\n", 34);
	read_answer(extra, &a);
	assert_int_equal(a.status, 0);
	for (size_t i = 0; i < MHSM_HTTP_CONNECTIONS_PER_UID; i++)
		close(idle[i]);
	/* The server sees the ends one after the other. */
	for (tries = 0, a.status = 0; tries < 500 && a.status != 200; tries++) {
		ask_bytes(&a, "GET", "/status", "", 0);
		json_decref(a.body);
		usleep(10000);
	}
	assert_int_equal(a.status, 200);
}

/* --- the audit log over HTTP --- */

static void test_audit(void **context)
{
	json_int_t last = -1;
	size_t seen = 0;
	json_t *b;

	(void)context;
	activate();
	for (int i = 0; i < 5; i++)
		ask_only(200, "POST", "/rng", "{\"count\":1}");
	/* The drain is another thread's: until all of it has come. */
	for (int tries = 0; tries < 500 && seen < 8; tries++) {
		char target[64];
		json_t *value;

		snprintf(target, sizeof(target), "/audit/records?after=%lld&max=2", (long long)last);
		b = ask(200, "GET", target, NULL);
		value = json_object_get(b, "value");
		assert_true(json_is_integer(json_object_get(b, "next")));
		for (size_t i = 0; i < json_array_size(value); i++, seen++) {
			json_t *r = json_array_get(value, i);

			assert_int_equal(json_integer_value(json_object_get(r, "seq")), seen);
			assert_true(json_is_string(json_object_get(r, "operationName")));
			assert_true(json_is_string(json_object_get(r, "time")));
			assert_string_equal(text_of(r, "resultType"), "Success");
		}
		last = json_integer_value(json_object_get(b, "next"));
		json_decref(b);
	}
	assert_true(seen >= 8);
	b = ask(200, "GET", "/audit/verify", NULL);
	assert_true(json_is_true(json_object_get(b, "verified")));
	assert_true(json_integer_value(json_object_get(b, "records")) >= 8);
	assert_int_equal(json_integer_value(json_object_get(b, "boots")), 1);
	assert_true(json_is_null(json_object_get(b, "failure")));
	json_decref(b);
	/* The kernel knows of more than the log has. */
	pthread_mutex_lock(&fd->fake.lock);
	fd->fake.batch_number += 100;
	pthread_mutex_unlock(&fd->fake.lock);
	b = ask(200, "GET", "/audit/verify", NULL);
	assert_true(json_is_false(json_object_get(b, "verified")));
	assert_non_null(text_of(json_object_get(b, "failure"), "reason"));
	json_decref(b);
	ask_only(400, "GET", "/audit/records?after=x", NULL);
	ask_only(400, "GET", "/audit/records?after=-2", NULL);
	ask_only(400, "GET", "/audit/records?max=0", NULL);
}

/* --- restarts and ceremonies --- */

static void restart(void)
{
	mhsm_http_stop(http);
	fake_daemon_stop(fd);
	fake_daemon_start(fd);
	serve();
}

/* What mhsm-quorum does, as a thread; misbehaving on demand. */
static struct {
	int channel;
	const char *unlock; /* ciphertext to send, NULL: garbage instead */
	pthread_t thread;
	int error;
} quorum;

static void tell(const char *text)
{
	assert_int_equal(send(quorum.channel, text, strlen(text), 0), strlen(text));
}

static void *quorum_thread(void *context)
{
	static char buf[1 << 18];
	char text[512];
	json_t *message;
	ssize_t n;

	(void)context;
	n = recv(quorum.channel, buf, sizeof(buf), 0);
	message = json_loadb(buf, n > 0 ? (size_t)n : 0, 0, NULL);
	quorum.error = -EPROTO;
	if (message && !strcmp(text_of(message, "op"), "start") && text_of(message, "security_domain") &&
	    text_of(message, "socket")) {
		tell("{\"event\":\"ready\",\"required\":2,\"total\":3}");
		tell("{\"event\":\"approved\",\"approved\":1,\"required\":2,\"x5t_256\":\"x\"}");
		if (quorum.unlock) {
			snprintf(text, sizeof(text), "{\"event\":\"unlock\",\"enc\":\"%.87s\",\"ciphertext\":\"%s\"}",
				 "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
				 quorum.unlock);
			tell(text);
			json_decref(message);
			n = recv(quorum.channel, buf, sizeof(buf), 0);
			message = json_loadb(buf, n > 0 ? (size_t)n : 0, 0, NULL);
			quorum.error = (int)json_integer_value(json_object_get(message, "error"));
		} else {
			tell("{\"event\":\"nonsense\"}");
		}
	}
	json_decref(message);
	/* Until mhsmd ends it. */
	while (recv(quorum.channel, buf, sizeof(buf), 0) > 0)
		;
	close(quorum.channel);
	return NULL;
}

static int spawn_quorum(void *context, int channel)
{
	(void)context;
	quorum.channel = dup(channel);
	return pthread_create(&quorum.thread, NULL, quorum_thread, NULL) ? -EAGAIN : 0;
}

static void wait_ceremony(const char *status)
{
	char last[64] = "";

	for (int tries = 0; tries < 500 && strcmp(last, status); tries++) {
		json_t *b = ask(200, "GET", "/securitydomain/ceremony", NULL);

		snprintf(last, sizeof(last), "%s", text_of(b, "status"));
		json_decref(b);
		usleep(10000);
	}
	assert_string_equal(last, status);
}

/* 88 bytes: a ciphertext of the right length. */
#define CIPHERTEXT \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void test_ceremony(void **context)
{
	json_t *b;

	(void)context;
	fd->spawner.spawn = spawn_quorum;
	restart();
	ask_only(409, "POST", "/securitydomain/ceremony", "{}");
	activate();
	ask_only(409, "POST", "/securitydomain/ceremony", "{}");
	for (int i = 0; i < 300; i++) {
		char target[64];

		snprintf(target, sizeof(target), "/keys/k-%d/create", i);
		ask_only(200, "POST", target, "{\"kty\":\"oct\"}");
	}
	/* A reboot: the new mhsmd tells the kernel of the domain. */
	mhsm_http_stop(http);
	fake_daemon_stop(fd);
	fake_reboot(&fd->fake);
	fake_daemon_start(fd);
	serve();
	check_state("locked");

	/* A quorum that is taken over, or mad, ends its ceremony. */
	quorum.unlock = NULL;
	b = ask(200, "POST", "/securitydomain/ceremony", "{}");
	json_decref(b);
	wait_ceremony("failed");
	pthread_join(quorum.thread, NULL);
	check_state("locked");

	/* The kernel does not open what it sends. */
	quorum.unlock = "AAAA";
	ask_only(200, "POST", "/securitydomain/ceremony", "{}");
	wait_ceremony("failed");
	ask_only(204, "DELETE", "/securitydomain/ceremony", NULL);
	pthread_join(quorum.thread, NULL);
	assert_int_equal(quorum.error, -EBADMSG);
	wait_ceremony("none");

	quorum.unlock = CIPHERTEXT;
	b = ask(200, "POST", "/securitydomain/ceremony", "{}");
	assert_int_equal(json_integer_value(json_object_get(b, "required")), 2);
	assert_int_equal(json_integer_value(json_object_get(b, "total")), 3);
	json_decref(b);
	wait_ceremony("done");
	check_state("active");
	assert_int_equal(fd->fake.loaded, 301);
	assert_int_equal(fd->fake.load_done, 1);
	ask_only(204, "DELETE", "/securitydomain/ceremony", NULL);
	pthread_join(quorum.thread, NULL);
	assert_int_equal(quorum.error, 0);
}

/* mhsmd died while loading: the next one sends everything again. */
static void test_restart_while_restoring(void **context)
{
	(void)context;
	activate();
	ask_only(200, "POST", "/keys/k/create", "{\"kty\":\"oct\"}");
	mhsm_http_stop(http);
	fake_daemon_stop(fd);
	fd->fake.state = MHSM_STATE_RESTORING;
	fake_daemon_start(fd);
	serve();
	check_state("active");
	assert_int_equal(fd->fake.loaded, 2);
}

/* The power failed between the kernel's zeroize and the store's. */
static void test_interrupted_zeroize(void **context)
{
	uint8_t domain[MHSM_ID_LEN];
	size_t len;

	(void)context;
	activate();
	memset(domain, 0xd0, sizeof(domain));
	assert_int_equal(fd->daemon.store->ops->meta_set(fd->daemon.store, MHSM_STORE_ZEROIZING, domain, sizeof(domain)),
			 0);
	/* The kernel did not do it: the note goes, the domain stays. */
	restart();
	check_state("active");
	assert_int_equal(fd->daemon.store->ops->meta_get(fd->daemon.store, MHSM_STORE_ZEROIZING, domain, sizeof(domain),
							 &len),
			 -ENOENT);
	memset(domain, 0xd0, sizeof(domain));
	fd->daemon.store->ops->meta_set(fd->daemon.store, MHSM_STORE_ZEROIZING, domain, sizeof(domain));
	fake_reboot(&fd->fake);
	restart();
	check_state("unprovisioned");
	assert_int_equal(fd->daemon.store->ops->meta_get(fd->daemon.store, MHSM_STORE_DOMAIN, domain, sizeof(domain),
							 &len),
			 -ENOENT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_provision_and_download),
		T(test_keys),
		T(test_key_update),
		T(test_key_types),
		T(test_bad_keys),
		T(test_pages),
		T(test_rng_lock_zeroize),
		T(test_denied),
		T(test_errors),
		T(test_paths_and_methods),
		T(test_truncated_bodies),
		T(test_wrong_types),
		T(test_certificates),
		T(test_huge_bodies),
		T(test_connection_limit),
		T(test_audit),
		T(test_ceremony),
		T(test_restart_while_restoring),
		T(test_interrupted_zeroize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
