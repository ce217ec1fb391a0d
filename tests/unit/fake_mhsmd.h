/* SPDX-License-Identifier: GPL-2.0-only */
/* A stand-in for mhsmd: answers on a Unix socket what the test has put into a table, and keeps what it was asked. */
#ifndef TESTS_UNIT_FAKE_MHSMD_H
#define TESTS_UNIT_FAKE_MHSMD_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct route {
	const char *method, *path; /* with the query */
	int status;
	const char *body;
};

static struct {
	struct MHD_Daemon *daemon;
	char folder[32], socket[64];
	pthread_mutex_t lock;
	const struct route *routes; /* ends with a NULL method */
	char last[16384]; /* "METHOD path\nbody" of the last request */
	int requests;
} mhsmd = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct request {
	char path[1024];
	char body[8192];
	size_t len;
};

static enum MHD_Result collect_query(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *request = arg;
	size_t len = strlen(request->path);

	(void)kind;
	snprintf(request->path + len, sizeof(request->path) - len, "%c%s=%s", strchr(request->path, '?') ? '&' : '?',
		 name, value ? value : "");
	return MHD_YES;
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *data, size_t *size, void **state)
{
	static const struct route none = { "", "", 418, "{\"error\":{\"code\":\"NoRoute\",\"message\":\"the test has "
						       "no answer for this\"}}" };
	struct request *request = *state;
	const struct route *route;
	struct MHD_Response *response;
	enum MHD_Result ret;

	(void)arg;
	(void)version;
	if (!request) {
		*state = request = calloc(1, sizeof(*request));
		snprintf(request->path, sizeof(request->path), "%s", url);
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, collect_query, request);
		return MHD_YES;
	}
	if (*size) {
		if (*size < sizeof(request->body) - request->len) {
			memcpy(request->body + request->len, data, *size);
			request->len += *size;
		}
		*size = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&mhsmd.lock);
	for (route = mhsmd.routes; route && route->method; route++)
		if (!strcmp(route->method, method) && !strcmp(route->path, request->path))
			break;
	snprintf(mhsmd.last, sizeof(mhsmd.last), "%s %s\n%s", method, request->path, request->body);
	mhsmd.requests++;
	if (!route || !route->method)
		route = &none;
	response = MHD_create_response_from_buffer(strlen(route->body), (void *)route->body, MHD_RESPMEM_MUST_COPY);
	ret = MHD_queue_response(connection, route->status, response);
	MHD_destroy_response(response);
	pthread_mutex_unlock(&mhsmd.lock);
	return ret;
}

static void completed(void *arg, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode code)
{
	(void)arg;
	(void)connection;
	(void)code;
	free(*state);
	*state = NULL;
}

static int listen_unix(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		abort();
	return fd;
}

static int mhsmd_start(void **state)
{
	(void)state;
	strcpy(mhsmd.folder, "/tmp/mhsm-unit-XXXXXX");
	if (!mkdtemp(mhsmd.folder))
		return -1;
	snprintf(mhsmd.socket, sizeof(mhsmd.socket), "%s/mhsmd.sock", mhsmd.folder);
	mhsmd.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL,
					MHD_OPTION_LISTEN_SOCKET, listen_unix(mhsmd.socket, SOCK_STREAM),
					MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	return mhsmd.daemon ? 0 : -1;
}

static int mhsmd_stop(void **state)
{
	char command[64];

	(void)state;
	MHD_stop_daemon(mhsmd.daemon);
	snprintf(command, sizeof(command), "rm -rf %s", mhsmd.folder);
	return system(command);
}

static void mhsmd_answers(const struct route *routes)
{
	pthread_mutex_lock(&mhsmd.lock);
	mhsmd.routes = routes;
	mhsmd.last[0] = '\0';
	mhsmd.requests = 0;
	pthread_mutex_unlock(&mhsmd.lock);
}

#endif
