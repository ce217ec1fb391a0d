/* SPDX-License-Identifier: GPL-2.0-only */
/* request: one request and its reply, free of how they came; the server (http.c) fills the one and sends the other. */
#ifndef MHSM_DAEMON_REQUEST_H
#define MHSM_DAEMON_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/caller.h"

#define MHSM_BODY_MAX (1u << 20)
#define MHSM_QUERY_MAX 16
#define MHSM_ARG_MAX 127
#define MHSM_ARGS_MAX 2

struct mhsm_request {
	const char *method;
	const char *path; /* percent-decoded */
	struct {
		const char *name, *value; /* percent-decoded; value NULL if there is no '=' */
	} query[MHSM_QUERY_MAX];
	size_t query_count;
	const char *body;
	size_t body_len;
	struct mhsm_caller caller;
	char id[37]; /* x-ms-request-id */
	/* filled in by routing */
	const char *action; /* for messages: "keys/create" */
	char path_clean[512]; /* with slashes collapsed */
	char arg[MHSM_ARGS_MAX][MHSM_ARG_MAX + 1]; /* what {} in the route stood for */
	json_t *json; /* the body: an object, or NULL */
};

#define MHSM_REPLY_HEADERS 3

struct mhsm_reply {
	unsigned status;
	json_t *body; /* owned; NULL: none */
	size_t header_count;
	struct {
		const char *name;
		char value[128];
	} headers[MHSM_REPLY_HEADERS];
};

/* The value of query parameter @name, or NULL. */
const char *mhsm_request_query(const struct mhsm_request *request, const char *name);

/*
 * Query parameter @name as a number in @min to @max, @fallback if it is absent. False: it is neither, and @reply says so.
 */
bool mhsm_request_query_number(const struct mhsm_request *request, struct mhsm_reply *reply, const char *name,
			       unsigned long long min, unsigned long long max, unsigned long long fallback,
			       unsigned long long *out);

/* @body is taken over; NULL means that there was no memory to make it. */
void mhsm_reply_json(const struct mhsm_request *request, struct mhsm_reply *reply, unsigned status, json_t *body);
void mhsm_reply_header(struct mhsm_reply *reply, const char *name, const char *value);
void mhsm_reply_clear(struct mhsm_reply *reply);

/* {"error":{...}}; @error: 0 or a negative errno, named in innererror. */
void mhsm_reply_error(const struct mhsm_request *request, struct mhsm_reply *reply, unsigned status, const char *code,
		      int error, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* 400 BadParameter. */
#define mhsm_reply_bad(request, reply, ...) mhsm_reply_error(request, reply, 400, "BadParameter", -EINVAL, __VA_ARGS__)

/* The reply for a negative errno that the kernel or the store gave (daemon/error.c). */
void mhsm_reply_errno(const struct mhsm_request *request, struct mhsm_reply *reply, int error);

#endif
