// SPDX-License-Identifier: GPL-2.0-only
/* The client of mhsmd's API: HTTP with JSON over a Unix socket. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define REPLY_MAX (16u << 20)
#define PAGES_MAX 100000

struct text {
	char *data;
	size_t len;
};

static size_t receive(char *data, size_t size, size_t count, void *arg)
{
	struct text *text = arg;
	char *longer;

	(void)size; /* always 1 */
	if (count > REPLY_MAX - text->len)
		return 0; /* makes curl fail */
	longer = realloc(text->data, text->len + count + 1);
	if (!longer)
		return 0;
	memcpy(longer + text->len, data, count);
	text->data = longer;
	text->len += count;
	longer[text->len] = '\0';
	return count;
}

static int map_error(CURLcode code, CURL *curl)
{
	long os = 0;

	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os);
		return os == EACCES || os == EPERM ? -EACCES : -ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	default:
		return -EPROTO;
	}
}

static int perform(CURL *curl, const char *socket, const char *method, const char *path, const char *body,
		   struct text *text)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	size_t room = sizeof("http://localhost") + strlen(path);
	char *url = malloc(room);
	int ret = -ENOMEM;

	if (!url || !headers)
		goto out;
	strcpy(stpcpy(url, "http://localhost"), path);
	ret = -EINVAL; /* a socket path that is too long */
	if (curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket))
		goto out;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "mhsm/" MHSM_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 300L); /* an audit log of years takes minutes to verify */
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	ret = map_error(curl_easy_perform(curl), curl);
out:
	curl_slist_free_all(headers);
	free(url);
	return ret;
}

int http_request(const char *socket, const char *method, const char *path, const json_t *body,
		 struct http_reply *reply)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct text received = { 0 };
	CURL *curl = curl_easy_init();
	int ret = -ENOMEM;

	memset(reply, 0, sizeof(*reply));
	if (!curl || (body && !text))
		goto out;
	ret = perform(curl, socket, method, path, text, &received);
	if (ret)
		goto out;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	if (received.len) {
		reply->body = json_loadb(received.data, received.len, JSON_REJECT_DUPLICATES, NULL);
		if (!reply->body)
			ret = -EPROTO;
	}
out:
	curl_easy_cleanup(curl);
	free(received.data);
	free(text);
	return ret;
}

static int errno_by_name(const char *name)
{
	for (int e = 1; name && e < 200; e++) {
		const char *known = strerrorname_np(e);

		if (known && !strcmp(known, name))
			return e;
	}
	return 0;
}

static int exit_by_status(long status)
{
	switch (status) {
	case 401:
	case 403:
		return CLI_DENIED;
	case 404:
		return CLI_MISSING;
	case 409:
		return CLI_CONFLICT;
	case 503:
		return CLI_UNAVAILABLE;
	default:
		return CLI_FAIL;
	}
}

/* Says what mhsmd said. Its message names scope and reason; ours are better where the errno alone tells it all. */
static int report(const char *what, const struct http_reply *reply)
{
	const json_t *error = json_object_get(reply->body, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *name = json_string_value(json_object_get(json_object_get(error, "innererror"), "errno"));
	int err = errno_by_name(name), exit_code = err ? cli_exit_code(err) : CLI_FAIL;
	const char *remedy = err ? mhsm_remedy(err) : NULL;

	if (exit_code == CLI_FAIL)
		exit_code = exit_by_status(reply->status);
	if (code && !strcmp(code, "KeyNotFound"))
		return cli_error(CLI_MISSING, "%s: not found: list keys with \"mhsm key list\"", what);
	if (exit_code == CLI_UNAVAILABLE && remedy)
		return cli_fail(err, "%s", what);
	if (!message)
		return cli_error(exit_code, "%s: mhsmd answered with HTTP status %ld and no reason", what,
				 reply->status);
	return cli_error(exit_code, "%s: %s%s%s", what, message, exit_code == CLI_DENIED && remedy ? ": " : "",
			 exit_code == CLI_DENIED && remedy ? remedy : "");
}

int http_call(const struct cli *cli, const char *what, const char *method, const char *path, const json_t *body,
	      json_t **reply_body)
{
	const char *socket = cli_socket(cli);
	struct http_reply reply;
	int ret;

	if (reply_body)
		*reply_body = NULL;
	ret = http_request(socket, method, path, body, &reply);
	if (!ret && reply.status / 100 == 2 && (!reply_body || reply.body)) {
		if (reply_body)
			*reply_body = reply.body;
		else
			json_decref(reply.body);
		return CLI_OK;
	}
	if (!ret && reply.status / 100 == 2)
		ret = -EPROTO;
	if (ret == -ECONNREFUSED)
		ret = cli_error(CLI_UNAVAILABLE, "%s: mhsmd does not answer at %s: start it: systemctl start mhsmd",
				what, socket);
	else if (ret == -EACCES)
		ret = cli_error(CLI_DENIED, "%s: no permission to connect to %s", what, socket);
	else if (ret == -ETIMEDOUT)
		ret = cli_error(CLI_UNAVAILABLE, "%s: mhsmd at %s did not answer in time: see journalctl -u mhsmd",
				what, socket);
	else if (ret == -EPROTO)
		ret = cli_error(CLI_FAIL, "%s: what answers at %s is not mhsmd", what, socket);
	else if (ret)
		ret = cli_fail(ret, "%s: %s", what, socket);
	else
		ret = report(what, &reply);
	json_decref(reply.body);
	return ret;
}

/* The path of an absolute or relative link; only ever used on our own socket. */
static const char *link_path(const char *link)
{
	const char *p = strstr(link, "://");

	return p ? strchr(p + 3, '/') : *link == '/' ? link : NULL;
}

int http_list(const struct cli *cli, const char *what, const char *path, json_t **ret)
{
	json_t *all = json_array(), *page = NULL;
	int code, pages = 0;

	for (;;) {
		const char *next;
		json_t *before = page; /* owns `path` */

		code = http_call(cli, what, "GET", path, NULL, &page);
		json_decref(before);
		if (code)
			break;
		if (!all || json_array_extend(all, json_object_get(page, "value")) || ++pages > PAGES_MAX) {
			code = cli_error(CLI_FAIL, "%s: mhsmd's list has not the form of one", what);
			break;
		}
		next = json_string_value(json_object_get(page, "nextLink"));
		if (!next)
			break;
		path = link_path(next);
		if (!path) {
			code = cli_error(CLI_FAIL, "%s: mhsmd's link to the next page is malformed", what);
			break;
		}
	}
	json_decref(page);
	if (code) {
		json_decref(all);
		return code;
	}
	*ret = all;
	return CLI_OK;
}
