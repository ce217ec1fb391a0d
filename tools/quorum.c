// SPDX-License-Identifier: GPL-2.0-only
/* The custodian's side of a ceremony: descriptors go to mhsm-quorum, what is in the files does not come here. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/cli.h"

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int send_approval(int fd, int key_fd, int passphrase_fd)
{
	static const char text[] = "{\"op\":\"approve\"}";
	struct iovec iov = { .iov_base = (void *)text, .iov_len = sizeof(text) - 1 };
	int fds[2] = { key_fd, passphrase_fd };
	size_t bytes = passphrase_fd >= 0 ? sizeof(fds) : sizeof(fds[0]);
	union {
		char space[CMSG_SPACE(sizeof(fds))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_SPACE(bytes),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	ssize_t n;

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(cmsg), fds, bytes);
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int parse_reply(const char *text, size_t len, struct quorum_reply *reply)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *error = json_object_get(root, "error");
	const char *status = json_string_value(json_object_get(root, "status"));
	int ret = 0;

	if (json_is_object(error)) {
		const char *code = json_string_value(json_object_get(error, "code"));
		const char *message = json_string_value(json_object_get(error, "message"));

		snprintf(reply->code, sizeof(reply->code), "%s", code ? code : "Failed");
		snprintf(reply->message, sizeof(reply->message), "%s", message ? message : "");
	} else if (status && json_is_integer(json_object_get(root, "approved")) &&
		   json_is_integer(json_object_get(root, "required"))) {
		reply->approved = json_integer_value(json_object_get(root, "approved"));
		reply->required = json_integer_value(json_object_get(root, "required"));
		reply->restored = !strcmp(status, "restored");
	} else {
		ret = -EPROTO;
	}
	json_decref(root);
	return ret;
}

int quorum_approve(const char *socket, int key_fd, int passphrase_fd, struct quorum_reply *reply)
{
	char text[4096];
	ssize_t n;
	int fd, ret;

	memset(reply, 0, sizeof(*reply));
	fd = open_socket(socket);
	if (fd < 0)
		return fd;
	ret = send_approval(fd, key_fd, passphrase_fd);
	if (!ret) {
		/* MSG_TRUNC: the real length, so that a reply that was cut is not taken for a whole one */
		do
			n = recv(fd, text, sizeof(text), MSG_TRUNC);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			ret = -errno;
		else if (!n)
			ret = -ECONNRESET;
		else if ((size_t)n > sizeof(text))
			ret = -EPROTO;
		else
			ret = parse_reply(text, n, reply);
	}
	close(fd);
	return ret;
}
