// SPDX-License-Identifier: GPL-2.0-only
/* See channel.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/quorum/channel.h"

int mhsm_channel_send(int fd, json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	int ret = -ENOMEM;
	ssize_t n;

	json_decref(message);
	if (text) {
		do
			n = send(fd, text, strlen(text), MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
		ret = n < 0 ? -errno : 0;
	}
	free(text);
	return ret;
}

json_t *mhsm_channel_parse(const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (root && !json_is_object(root)) {
		json_decref(root);
		root = NULL;
	}
	return root;
}

/* Collects the descriptors of @msg into @fds; those that do not fit are closed. Returns their number. */
static unsigned int take_fds(struct msghdr *msg, int *fds)
{
	unsigned int count = 0;
	struct cmsghdr *c;
	size_t i;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (count < MHSM_CHANNEL_FDS)
				fds[count] = fd;
			else
				close(fd);
			count++;
		}
	}
	return count;
}

int mhsm_channel_recv(int fd, json_t **message, size_t max, int fds[MHSM_CHANNEL_FDS])
{
	union {
		char space[CMSG_SPACE(MHSM_CHANNEL_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	int got[MHSM_CHANNEL_FDS] = { -1, -1 };
	unsigned int count = 0, i;
	struct iovec iov;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	json_t *root = NULL;
	ssize_t n;
	int ret;

	iov.iov_base = malloc(max);
	iov.iov_len = max;
	if (!iov.iov_base)
		return -ENOMEM;
	do
		n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		ret = -errno;
		goto out_free;
	}
	count = take_fds(&msg, got);
	ret = -EMSGSIZE;
	if (msg.msg_flags & MSG_TRUNC)
		goto out_free;
	ret = -EPROTO;
	if (msg.msg_flags & MSG_CTRUNC || count > (fds ? MHSM_CHANNEL_FDS : 0))
		goto out_free;
	ret = -ECONNRESET;
	if (n == 0)
		goto out_free;
	ret = -EPROTO;
	root = mhsm_channel_parse(iov.iov_base, (size_t)n);
	if (!root)
		goto out_free;
	*message = root;
	if (fds)
		memcpy(fds, got, sizeof(got));
	ret = 0;
out_free:
	free(iov.iov_base);
	for (i = 0; ret && i < MHSM_CHANNEL_FDS; i++)
		if (got[i] >= 0)
			close(got[i]);
	return ret;
}
