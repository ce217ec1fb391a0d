/* SPDX-License-Identifier: GPL-2.0-only */
/* AF_ALG: the kernel's algorithms from user space. Functions return a negative errno where they fail. */
#ifndef TESTS_ALG_H
#define TESTS_ALG_H

#include <errno.h>
#include <linux/if_alg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The socket of an algorithm; @type is "skcipher", "aead" or "hash" */
__attribute__((unused)) static int alg_bind(const char *type, const char *name)
{
	struct sockaddr_alg sa = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), ret;

	if (fd < 0)
		return -errno;
	strncpy((char *)sa.salg_type, type, sizeof(sa.salg_type) - 1);
	strncpy((char *)sa.salg_name, name, sizeof(sa.salg_name) - 1);
	if (!bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

__attribute__((unused)) static int alg_setkey(int fd, const void *key, size_t len)
{
	return setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, (socklen_t)len) ? -errno : 0;
}

/* The length of an authentication tag is the option's length. */
__attribute__((unused)) static int alg_set_tag_len(int fd, size_t len)
{
	return setsockopt(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, (socklen_t)len) ? -errno : 0;
}

/* Binds, sets the key, and returns the socket for operations; @tag_len is of "aead" only. */
__attribute__((unused)) static int alg_keyed(const char *type, const char *name, const void *key, size_t len,
					     size_t tag_len)
{
	int fd = alg_bind(type, name), op, ret;

	if (fd < 0)
		return fd;
	ret = alg_setkey(fd, key, len);
	if (!ret && tag_len)
		ret = alg_set_tag_len(fd, tag_len);
	if (!ret) {
		op = accept(fd, NULL, NULL);
		ret = op < 0 ? -errno : op;
	}
	close(fd);
	return ret;
}

/* One request. Of "aead", @in begins with @assoc bytes of additional data, and @out has them, too. */
struct alg_request {
	uint32_t op; /* ALG_OP_ENCRYPT, ALG_OP_DECRYPT */
	const void *iv;
	size_t iv_len; /* to 32 */
	size_t assoc;
	const void *in;
	size_t in_len;
	void *out;
	size_t out_len; /* 0 or less than expected: an error */
};

__attribute__((unused)) static int alg_run(int fd, const struct alg_request *r)
{
	char control[CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct af_alg_iv) + 32) + CMSG_SPACE(4)] = { 0 };
	struct iovec iov = { (void *)r->in, r->in_len };
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct af_alg_iv) + r->iv_len) + CMSG_SPACE(4),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	uint32_t assoc = (uint32_t)r->assoc;
	struct af_alg_iv *iv;
	ssize_t n;

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_OP;
	c->cmsg_len = CMSG_LEN(4);
	memcpy(CMSG_DATA(c), &r->op, 4);
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_IV;
	c->cmsg_len = CMSG_LEN(sizeof(*iv) + r->iv_len);
	iv = (struct af_alg_iv *)CMSG_DATA(c);
	iv->ivlen = (uint32_t)r->iv_len;
	memcpy(iv->iv, r->iv, r->iv_len);
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_AEAD_ASSOCLEN;
	c->cmsg_len = CMSG_LEN(4);
	memcpy(CMSG_DATA(c), &assoc, 4);
	n = sendmsg(fd, &msg, 0);
	if (n != (ssize_t)r->in_len)
		return n < 0 ? -errno : -EIO;
	n = read(fd, r->out, r->out_len);
	if (n != (ssize_t)r->out_len)
		return n < 0 ? -errno : -EIO;
	return 0;
}

/* A digest of @in, in two parts */
__attribute__((unused)) static int alg_digest(int fd, const void *in, size_t len, void *out, size_t out_len)
{
	size_t half = len / 2;
	ssize_t n;

	if (send(fd, in, half, MSG_MORE) != (ssize_t)half ||
	    send(fd, (const char *)in + half, len - half, 0) != (ssize_t)(len - half))
		return -errno;
	n = read(fd, out, out_len);
	if (n != (ssize_t)out_len)
		return n < 0 ? -errno : -EIO;
	return 0;
}

#endif
