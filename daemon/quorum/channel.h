/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON messages over SOCK_SEQPACKET, one object each. */
#ifndef _MHSM_CHANNEL_H
#define _MHSM_CHANNEL_H

#include <stddef.h>
#include <jansson.h>

#define MHSM_CHANNEL_FDS 2 /* most descriptors that come with a message */

/** mhsm_channel_send() - sends @message, and gives up the reference to it; 0 or a negative errno */
int mhsm_channel_send(int fd, json_t *message);

/**
 * mhsm_channel_recv() - takes one message off a socket that has something to read
 * @max: longest message in bytes
 * @fds: set to the descriptors that came with it, -1 for none; the caller closes them. NULL: none may come
 *
 * Return: 0; -ECONNRESET at the end; -EMSGSIZE, -EPROTO (no JSON object, or too many descriptors), -EAGAIN, or the errno
 * of recvmsg(). On error nothing is left open.
 */
int mhsm_channel_recv(int fd, json_t **message, size_t max, int fds[MHSM_CHANNEL_FDS]);

/** mhsm_channel_parse() - a JSON object out of @len bytes, or NULL */
json_t *mhsm_channel_parse(const char *text, size_t len);

#endif
