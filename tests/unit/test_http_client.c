// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tools/http.c tools/error.c tools/output.c tools/encode.c tools/file.c tools/cli.c tools/status.c tools/provision.c
 * tools/domain.c tools/quorum.c tools/key.c tools/keyderive.c tools/keyop.c tools/keycrypt.c tools/keyimport.c tools/keyrsa.c tools/pem.c tools/keysign.c
 * tools/sigalg.c tools/keyspec.c kmod/pkcs8.c kmod/spki.c tools/volume.c tools/volumerotate.c tools/volumeconvert.c tools/luks.c
 * tools/lukshdr.c tools/lukstoken.c tools/volumelive.c tools/volumelist.c pkg:libcryptsetup tools/run.c
 * tools/random.c tools/keyring.c tools/audit.c tools/lock.c tools/nouns.c libmhsm pkg:libcurl pkg:jansson pkg:libmicrohttpd -lcrypto
 */
/* The HTTP client against a small server: what it sends, and what it makes of good, bad and no answers. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/cli_child.h"
#include "tests/unit/fake_mhsmd.h"

static void test_request(void **state)
{
	static const struct route routes[] = {
		{ "GET", "/status", 200, "{\"state\":\"active\"}" },
		{ "POST", "/provision", 200, "{\"domain\":\"00\"}" },
		{ "DELETE", "/securitydomain/ceremony", 204, "" },
		{ 0 },
	};
	json_t *body = json_pack("{s:[s]}", "administrators", "x");
	struct http_reply reply;

	(void)state;
	mhsmd_answers(routes);
	assert_int_equal(http_request(mhsmd.socket, "GET", "/status", NULL, &reply), 0);
	assert_int_equal(reply.status, 200);
	assert_string_equal(json_string_value(json_object_get(reply.body, "state")), "active");
	json_decref(reply.body);
	assert_string_equal(mhsmd.last, "GET /status\n");

	assert_int_equal(http_request(mhsmd.socket, "POST", "/provision", body, &reply), 0);
	assert_string_equal(mhsmd.last, "POST /provision\n{\"administrators\":[\"x\"]}");
	json_decref(reply.body);
	json_decref(body);

	assert_int_equal(http_request(mhsmd.socket, "DELETE", "/securitydomain/ceremony", NULL, &reply), 0);
	assert_int_equal(reply.status, 204);
	assert_null(reply.body);

	assert_int_equal(http_request(mhsmd.socket, "GET", "/nothing", NULL, &reply), 0);
	assert_int_equal(reply.status, 418);
	json_decref(reply.body);
}

static void test_unreachable(void **state)
{
	char path[200], long_path[300];
	struct http_reply reply;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/none.sock", mhsmd.folder);
	assert_int_equal(http_request(path, "GET", "/status", NULL, &reply), -ECONNREFUSED);
	fd = listen_unix(path, SOCK_STREAM);
	close(fd); /* a socket whose server died */
	assert_int_equal(http_request(path, "GET", "/status", NULL, &reply), -ECONNREFUSED);
	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	long_path[299] = '\0';
	assert_int_not_equal(http_request(long_path, "GET", "/status", NULL, &reply), 0);
	assert_null(reply.body);
}

/* A peer that answers every connection with these bytes. */
static void *talk(void *arg)
{
	const char *const *answer = arg;
	char request[4096];
	int fd = accept(atoi(answer[0]), NULL, NULL);

	if (read(fd, request, sizeof(request)) > 0 && *answer[1] && write(fd, answer[1], strlen(answer[1])) < 0)
		abort();
	close(fd);
	return NULL;
}

static int against(const char *answer)
{
	char path[64], number[16];
	const char *args[2] = { number, answer };
	struct http_reply reply;
	pthread_t thread;
	int fd, ret;

	snprintf(path, sizeof(path), "%s/raw.sock", mhsmd.folder);
	fd = listen_unix(path, SOCK_STREAM);
	snprintf(number, sizeof(number), "%d", fd);
	pthread_create(&thread, NULL, talk, args);
	ret = http_request(path, "GET", "/status", NULL, &reply);
	pthread_join(thread, NULL);
	close(fd);
	json_decref(reply.body);
	return ret;
}

static void test_bad_answers(void **state)
{
	(void)state;
	assert_int_equal(against(""), -EPROTO);
	assert_int_equal(against("SSH-2.0-OpenSSH\r\n"), -EPROTO);
	assert_int_equal(against("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot json!"), -EPROTO);
	assert_int_equal(against("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"cut\":1"), -EPROTO);
	assert_int_equal(against("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"a\":1,\"a\":2}"), -EPROTO);
	/* a redirection is not followed, wherever it leads */
	assert_int_equal(against("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"), 0);
	assert_int_equal(against("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), 0);
}

static void test_large_answer(void **state)
{
	size_t size = 17 << 20;
	char *text = malloc(size + 100);
	int len = sprintf(text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n\"", size);

	(void)state;
	memset(text + len, 'a', size);
	strcpy(text + len + size - 2, "\"");
	signal(SIGPIPE, SIG_IGN);
	{
		struct route routes[] = { { "GET", "/large", 200, strchr(text, '"') }, { 0 } };
		struct http_reply reply;

		mhsmd_answers(routes);
		assert_int_equal(http_request(mhsmd.socket, "GET", "/large", NULL, &reply), -EPROTO);
	}
	free(text);
}

/* --- what the command makes of errors; "mhsm key show" asks for /keys/k1 ---------------------------------------- */

static void expect(int status, const char *code, const char *message, const char *name, int exit_code,
		   const char *said)
{
	char body[512];
	struct route routes[] = { { "GET", "/keys/k1", status, body }, { 0 } };

	snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"innererror\":{\"errno\":\"%s\"}}}",
		 code, message, name);
	mhsmd_answers(routes);
	assert_exit(exit_code, "key", "show", "--name", "k1", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "");
	assert_has(child.err, said);
	assert_has(child.err, "mhsm: key \"k1\": ");
}

static void test_errors(void **state)
{
	static const struct route no_body[] = { { "GET", "/keys/k1", 500, "" }, { 0 } };
	static const struct route empty[] = { { "GET", "/keys/k1", 200, "" }, { 0 } };

	(void)state;
	expect(404, "KeyNotFound", "A key with (name/id) k1 was not found", "ENOENT", CLI_MISSING,
	       "mhsm: key \"k1\": not found: list keys with \"mhsm key list\"\n");
	expect(403, "Forbidden", "Not authorized to access keys/read/action on /keys/k1", "EACCES", CLI_DENIED,
	       "Not authorized to access keys/read/action on /keys/k1: ask an administrator");
	expect(503, "HsmLocked", "locked (Activity ID: 1)", "ENOKEY", CLI_UNAVAILABLE, "mhsm security-domain approve");
	expect(503, "HsmNotProvisioned", "x", "ENODATA", CLI_UNAVAILABLE, "mhsm provision");
	expect(503, "AuditFull", "x", "ENOBUFS", CLI_UNAVAILABLE, "audit ring is full");
	expect(409, "Conflict", "in this state it cannot", "EEXIST", CLI_CONFLICT, "in this state it cannot");
	expect(409, "Conflict", "a ceremony is open", "EBUSY", CLI_CONFLICT, "a ceremony is open");
	expect(507, "StoreFull", "the store is full", "ENOSPC", CLI_FAIL, "the store is full");
	expect(500, "InternalError", "oops (Activity ID: 7)", "EWHATEVER", CLI_FAIL, "oops (Activity ID: 7)");
	expect(404, "NotFound", "no ceremony", "", CLI_MISSING, "no ceremony");

	mhsmd_answers(no_body);
	assert_exit(CLI_FAIL, "key", "show", "--name", "k1", "--socket", mhsmd.socket);
	assert_has(child.err, "HTTP status 500");
	mhsmd_answers(empty);
	assert_exit(CLI_FAIL, "key", "show", "--name", "k1", "--socket", mhsmd.socket);
	assert_has(child.err, "is not mhsmd");
	assert_exit(CLI_UNAVAILABLE, "key", "show", "--name", "k1", "--socket", "/nowhere/mhsmd.sock");
	assert_has(child.err, "mhsmd does not answer at /nowhere/mhsmd.sock: start it: systemctl start mhsmd");
}

static void test_pages(void **state)
{
	static const struct route routes[] = {
		{ "GET", "/keys", 200, "{\"value\":[{\"kid\":\"http://localhost/keys/a/1\"},"
				       "{\"kid\":\"http://localhost/keys/b/1\"}],"
				       "\"nextLink\":\"http://localhost/keys?$skiptoken=b2\"}" },
		{ "GET", "/keys?$skiptoken=b2", 200, "{\"value\":[{\"kid\":\"http://localhost/keys/c/1\"}],"
						     "\"nextLink\":\"/keys?$skiptoken=c3\"}" },
		{ "GET", "/keys?$skiptoken=c3", 200, "{\"value\":[],\"nextLink\":null}" },
		{ 0 },
	};
	static const struct route no_list[] = { { "GET", "/keys", 200, "{\"value\":7}" }, { 0 } };
	static const struct route bad_link[] = {
		{ "GET", "/keys", 200, "{\"value\":[],\"nextLink\":\"keys?2\"}" }, { 0 }
	};
	static const struct route lost_page[] = {
		{ "GET", "/keys", 200, "{\"value\":[],\"nextLink\":\"http://localhost/keys?p=2\"}" },
		{ "GET", "/keys?p=2", 503, "{\"error\":{\"code\":\"HsmLocked\",\"message\":\"locked\","
					   "\"innererror\":{\"errno\":\"ENOKEY\"}}}" },
		{ 0 }
	};

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "key", "list", "-o", "tsv", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "a\t\t\t\t\nb\t\t\t\t\nc\t\t\t\t\n");
	assert_int_equal(mhsmd.requests, 3);
	mhsmd_answers(no_list);
	assert_exit(CLI_FAIL, "key", "list", "--socket", mhsmd.socket);
	mhsmd_answers(bad_link);
	assert_exit(CLI_FAIL, "key", "list", "--socket", mhsmd.socket);
	assert_has(child.err, "next page");
	mhsmd_answers(lost_page); /* no list is better than a part that looks like all of it */
	assert_exit(CLI_UNAVAILABLE, "key", "list", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),	    cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_bad_answers), cmocka_unit_test(test_large_answer),
		cmocka_unit_test(test_errors),	    cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, mhsmd_start, mhsmd_stop);
}
