// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/request.h"
#include "daemon/routes.h"

#define IDLE_SECONDS 30
#define FINISH_SECONDS 10 /* for requests under way when we are told to end */
#define BACKLOG 128
#define OVERRUN_MAX (4 * MHSM_BODY_MAX) /* of a body that is refused anyway */
#define UIDS_MAX MHSM_HTTP_CONNECTIONS

struct mhsm_http {
	struct mhsm_daemon *daemon;
	struct MHD_Daemon *mhd;
	pthread_mutex_t lock;
	struct {
		uid_t uid;
		unsigned connections;
	} uids[UIDS_MAX]; /* with connections; under lock */
	size_t uid_count;
	unsigned under_way; /* requests; under lock */
	pthread_cond_t idle; /* under_way has become 0 */
};

/* One connection, as SO_PEERCRED has it. */
struct peer {
	struct mhsm_caller caller;
	bool counted;
};

/* One request being received. */
struct exchange {
	struct mhsm_request request;
	char *body;
	size_t len, room, dropped;
	bool too_long, no_memory;
};

/* --- connections --- */

/* Counts one more, or one less, connection of @uid. False: he has too many. */
static bool count_connection(struct mhsm_http *http, uid_t uid, int change)
{
	bool ok = true;
	size_t i;

	pthread_mutex_lock(&http->lock);
	for (i = 0; i < http->uid_count && http->uids[i].uid != uid; i++)
		;
	if (i == http->uid_count && i < UIDS_MAX) {
		http->uids[i].uid = uid;
		http->uids[i].connections = 0;
		http->uid_count++;
	}
	if (i == UIDS_MAX || (change > 0 && http->uids[i].connections >= MHSM_HTTP_CONNECTIONS_PER_UID))
		ok = false;
	else
		http->uids[i].connections += (unsigned)change;
	if (i < http->uid_count && !http->uids[i].connections)
		http->uids[i] = http->uids[--http->uid_count];
	pthread_mutex_unlock(&http->lock);
	return ok;
}

static void connection_begins(struct mhsm_http *http, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct peer *peer = calloc(1, sizeof(*peer));
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (!info || !peer || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ||
	    len != sizeof(cred) || cred.uid == (uid_t)-1) {
		free(peer);
		return; /* a connection without a peer is not served */
	}
	peer->caller.uid = cred.uid;
	peer->caller.gid = cred.gid;
	peer->caller.pid = cred.pid;
	peer->counted = count_connection(http, cred.uid, 1);
	*context = peer;
	/* What one user holds open must not keep others out. */
	if (!peer->counted)
		shutdown(info->connect_fd, SHUT_RDWR);
}

static void connection_notify(void *context, struct MHD_Connection *connection, void **socket_context,
			      enum MHD_ConnectionNotificationCode code)
{
	struct mhsm_http *http = context;
	struct peer *peer;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_begins(http, connection, socket_context);
		return;
	}
	peer = *socket_context;
	if (peer && peer->counted)
		count_connection(http, peer->caller.uid, -1);
	free(peer);
	*socket_context = NULL;
}

/* --- replies --- */

static void make_id(char id[37])
{
	uint8_t r[16];

	/* Only a label; and getrandom of 16 bytes does not fail once the system has booted. */
	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		memset(r, 0, sizeof(r));
	/* RFC 4122 section 4.4: version 4, variant 1 */
	r[6] = (r[6] & 0x0f) | 0x40;
	r[8] = (r[8] & 0x3f) | 0x80;
	snprintf(id, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
		 r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct exchange *x, struct mhsm_reply *reply)
{
	char *text = reply->body ? json_dumps(reply->body, JSON_COMPACT) : NULL;
	struct MHD_Response *response;
	enum MHD_Result ret;
	unsigned status = reply->body && !text ? 500 : reply->status;

	response = MHD_create_response_from_buffer(text ? strlen(text) : 0, text ? text : (void *)"",
						   text ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	ret = MHD_add_response_header(response, "x-ms-request-id", x->request.id);
	if (ret == MHD_YES && text)
		ret = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json; charset=utf-8");
	if (ret == MHD_YES)
		ret = MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	for (size_t i = 0; ret == MHD_YES && i < reply->header_count; i++)
		ret = MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
	if (ret == MHD_YES)
		ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result reply_too_long(struct MHD_Connection *connection, struct exchange *x)
{
	struct mhsm_reply reply = { .status = 0 };
	enum MHD_Result ret;

	mhsm_reply_error(&x->request, &reply, 413, "RequestBodyTooLarge", 0, "the body is longer than %u bytes",
			 MHSM_BODY_MAX);
	ret = send_reply(connection, x, &reply);
	mhsm_reply_clear(&reply);
	return ret;
}

/* --- requests --- */

static enum MHD_Result take_query(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct mhsm_request *r = context;

	(void)kind;
	if (r->query_count == MHSM_QUERY_MAX)
		return MHD_NO;
	r->query[r->query_count].name = name;
	r->query[r->query_count++].value = value;
	return MHD_YES;
}

static enum MHD_Result serve(struct mhsm_http *http, struct MHD_Connection *connection, struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	const struct peer *peer = info ? info->socket_context : NULL;
	struct mhsm_reply reply = { .status = 0 };
	enum MHD_Result ret;

	if (!peer || !peer->counted)
		return MHD_NO;
	if (x->too_long)
		return reply_too_long(connection, x);
	if (x->no_memory) {
		mhsm_reply_errno(&x->request, &reply, -ENOMEM);
	} else {
		x->request.caller = peer->caller;
		x->request.body = x->body;
		x->request.body_len = x->len;
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, &x->request);
		mhsm_routes_serve(http->daemon, &x->request, &reply);
	}
	ret = send_reply(connection, x, &reply);
	mhsm_reply_clear(&reply);
	return ret;
}

/* Keeps a piece of the body. False: the client goes on sending what was refused. */
static bool take_piece(struct exchange *x, const char *data, size_t len)
{
	if (x->too_long || len > MHSM_BODY_MAX - x->len) {
		x->too_long = true;
		x->dropped += len;
		return x->dropped <= OVERRUN_MAX;
	}
	if (len > x->room - x->len) {
		size_t room = x->room ? 2 * x->room : 4096;
		char *more;

		while (room < x->len + len)
			room *= 2;
		more = realloc(x->body, room);
		if (!more) {
			x->no_memory = true;
			return true;
		}
		x->body = more;
		x->room = room;
	}
	memcpy(x->body + x->len, data, len);
	x->len += len;
	return true;
}

static struct exchange *new_exchange(struct mhsm_http *http, const char *path, const char *method)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	pthread_mutex_lock(&http->lock);
	http->under_way++;
	pthread_mutex_unlock(&http->lock);
	x->request.method = method;
	x->request.path = path;
	make_id(x->request.id);
	return x;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
			      const char *version, const char *data, size_t *len, void **state)
{
	struct exchange *x = *state;
	const char *announced;

	(void)version;
	if (!x) {
		*state = x = new_exchange(context, path, method);
		if (!x)
			return MHD_NO;
		announced = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
		if (announced && strtoull(announced, NULL, 10) > MHSM_BODY_MAX)
			return reply_too_long(connection, x);
		return MHD_YES;
	}
	if (*len) {
		if (!take_piece(x, data, *len))
			return MHD_NO;
		*len = 0;
		return MHD_YES;
	}
	return serve(context, connection, x);
}

static void completed(void *context, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode why)
{
	struct mhsm_http *http = context;
	struct exchange *x = *state;

	(void)connection;
	(void)why;
	if (!x)
		return;
	free(x->body);
	free(x);
	*state = NULL;
	pthread_mutex_lock(&http->lock);
	if (!--http->under_way)
		pthread_cond_broadcast(&http->idle);
	pthread_mutex_unlock(&http->lock);
}

/* --- starting and ending --- */

/* A socket file that refuses connections was left by a crash. */
static int remove_stale(const char *path, const struct sockaddr_un *address)
{
	struct stat st;
	int fd, ret = 0;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		ret = -EADDRINUSE;
	else if (errno != ECONNREFUSED && errno != ENOENT)
		ret = -errno;
	close(fd);
	if (!ret && unlink(path) && errno != ENOENT)
		ret = -errno;
	return ret;
}

int mhsm_http_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1, ret;

	if (strlen(path) >= sizeof(address.sun_path)) {
		mhsm_log_error("%s: a socket's path has at most %zu characters", path, sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(address.sun_path, path, strlen(path));
	ret = remove_stale(path, &address);
	if (!ret) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		/* Who may do what is decided per request: anyone may ask. */
		if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666) ||
		    listen(fd, BACKLOG))
			ret = -errno;
	}
	if (ret) {
		mhsm_log_error("cannot listen on %s: %s%s", path, strerror(-ret),
			       ret == -EADDRINUSE ? ": another mhsmd serves it" : "");
		if (fd >= 0)
			close(fd);
		return ret;
	}
	return fd;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Percent-decodes @text in place. "%00" stays as it is: decoded, it would end the string, and "/keys/a%00b" would act
 * on another key than it names.
 */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
	char *out = text;

	(void)context;
	(void)connection;
	for (const char *in = text; *in; in++) {
		int high = *in == '%' ? hex_value(in[1]) : -1, low = high >= 0 ? hex_value(in[2]) : -1;

		if (low < 0 || !(high << 4 | low)) {
			*out++ = *in;
			continue;
		}
		*out++ = (char)(high << 4 | low);
		in += 2;
	}
	*out = '\0';
	return (size_t)(out - text);
}

static void mhd_log(void *context, const char *format, va_list args)
{
	char line[256];

	(void)context;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	mhsm_log_info("http: %s", line);
}

int mhsm_http_start(struct mhsm_daemon *daemon, int fd, struct mhsm_http **out)
{
	struct mhsm_http *http = calloc(1, sizeof(*http));
	pthread_condattr_t attr;

	if (!http) {
		close(fd);
		return -ENOMEM;
	}
	http->daemon = daemon;
	pthread_mutex_init(&http->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&http->idle, &attr);
	pthread_condattr_destroy(&attr);
	http->mhd = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
					     MHD_USE_ERROR_LOG | MHD_USE_ITC,
				     0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, NULL,
				     MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_NOTIFY_COMPLETED, completed, http,
				     MHD_OPTION_NOTIFY_CONNECTION, connection_notify, http,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)MHSM_HTTP_CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
	if (!http->mhd) {
		mhsm_log_error("cannot start the HTTP server: %s", strerror(errno));
		close(fd);
		pthread_mutex_destroy(&http->lock);
		free(http);
		return -EIO;
	}
	*out = http;
	return 0;
}

void mhsm_http_stop(struct mhsm_http *http)
{
	struct timespec until;
	int listen_fd;

	if (!http)
		return;
	listen_fd = MHD_quiesce_daemon(http->mhd);
	if (listen_fd != MHD_INVALID_SOCKET)
		close(listen_fd);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += FINISH_SECONDS;
	pthread_mutex_lock(&http->lock);
	while (http->under_way && !pthread_cond_timedwait(&http->idle, &http->lock, &until))
		;
	pthread_mutex_unlock(&http->lock);
	MHD_stop_daemon(http->mhd);
	pthread_cond_destroy(&http->idle);
	pthread_mutex_destroy(&http->lock);
	free(http);
}
