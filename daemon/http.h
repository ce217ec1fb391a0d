/* SPDX-License-Identifier: GPL-2.0-only */
/* http: the server on the Unix socket; a thread per connection, the caller known by SO_PEERCRED. */
#ifndef MHSM_DAEMON_HTTP_H
#define MHSM_DAEMON_HTTP_H

#include "daemon/daemon.h"

#define MHSM_HTTP_CONNECTIONS 256
#define MHSM_HTTP_CONNECTIONS_PER_UID 32

struct mhsm_http;

/*
 * A listening Unix socket at @path, which anyone may connect to. A socket that nobody serves any more is replaced.
 * Returns the descriptor or a negative errno (-EADDRINUSE: somebody serves it), with the reason logged.
 */
int mhsm_http_listen(const char *path);

/* Serves on @fd, which is taken over. 0 or a negative errno. */
int mhsm_http_start(struct mhsm_daemon *daemon, int fd, struct mhsm_http **out);

/* Accepts no more, finishes what is under way, and ends. */
void mhsm_http_stop(struct mhsm_http *http);

#endif
