// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mhsm_request_query(const struct mhsm_request *request, const char *name)
{
	for (size_t i = 0; i < request->query_count; i++)
		if (!strcmp(request->query[i].name, name))
			return request->query[i].value ? request->query[i].value : "";
	return NULL;
}

bool mhsm_request_query_number(const struct mhsm_request *request, struct mhsm_reply *reply, const char *name,
			       unsigned long long min, unsigned long long max, unsigned long long fallback,
			       unsigned long long *out)
{
	const char *text = mhsm_request_query(request, name);

	*out = fallback;
	if (!text)
		return true;
	errno = 0;
	if (*text && strspn(text, "0123456789") == strlen(text))
		*out = strtoull(text, NULL, 10);
	else
		errno = EINVAL;
	if (errno || *out < min || *out > max) {
		mhsm_reply_bad(request, reply, "query parameter %s is not a number from %llu to %llu", name, min, max);
		return false;
	}
	return true;
}

void mhsm_reply_clear(struct mhsm_reply *reply)
{
	json_decref(reply->body);
	memset(reply, 0, sizeof(*reply));
}

void mhsm_reply_json(const struct mhsm_request *request, struct mhsm_reply *reply, unsigned status, json_t *body)
{
	if (!body) {
		mhsm_reply_errno(request, reply, -ENOMEM);
		return;
	}
	json_decref(reply->body);
	reply->status = status;
	reply->body = body;
}

void mhsm_reply_header(struct mhsm_reply *reply, const char *name, const char *value)
{
	if (reply->header_count == MHSM_REPLY_HEADERS)
		return;
	reply->headers[reply->header_count].name = name;
	snprintf(reply->headers[reply->header_count++].value, sizeof(reply->headers[0].value), "%s", value);
}

void mhsm_reply_error(const struct mhsm_request *request, struct mhsm_reply *reply, unsigned status, const char *code,
		      int error, const char *format, ...)
{
	const char *name = error ? strerrorname_np(-error) : NULL;
	char text[768], message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Bytes that are no UTF-8 can come from a path; JSON cannot hold them. */
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	snprintf(message, sizeof(message), "%s (Activity ID: %s)", text, request->id);
	json_decref(reply->body);
	reply->header_count = 0;
	reply->status = status;
	/* Without memory the status has to do. */
	reply->body = json_pack("{s:{s:s,s:s,s:o}}", "error", "code", code, "message", message, "innererror",
				name ? json_pack("{s:s}", "errno", name) : json_null());
}
