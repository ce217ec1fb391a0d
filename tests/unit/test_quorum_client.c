// SPDX-License-Identifier: GPL-2.0-only
/* link: tools/quorum.c tools/error.c lib/error.c pkg:jansson */
/* The custodian's client against a peer on quorum.sock: what it hands over, and what it makes of the replies. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/cli.h"

static struct {
	char folder[32], path[64];
	int listener;
	const char *reply; /* NULL: hang up without one */
	size_t reply_len;
	/* what came */
	char message[256];
	int fds[4], fd_count;
} peer;

static int start(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	strcpy(peer.folder, "/tmp/mhsm-unit-XXXXXX");
	if (!mkdtemp(peer.folder))
		return -1;
	snprintf(peer.path, sizeof(peer.path), "%s/quorum.sock", peer.folder);
	strcpy(address.sun_path, peer.path);
	peer.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return bind(peer.listener, (struct sockaddr *)&address, sizeof(address)) || listen(peer.listener, 1);
}

static int stop(void **state)
{
	(void)state;
	close(peer.listener);
	unlink(peer.path);
	return rmdir(peer.folder);
}

static void *serve(void *arg)
{
	char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec iov = { peer.message, sizeof(peer.message) - 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd = accept(peer.listener, NULL, NULL);
	ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	(void)arg;
	peer.message[n > 0 ? n : 0] = '\0';
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS) {
		peer.fd_count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(peer.fds, CMSG_DATA(cmsg), peer.fd_count * sizeof(int));
	}
	if (peer.reply)
		send(fd, peer.reply, peer.reply_len ? peer.reply_len : strlen(peer.reply), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static int approve(const char *answer, size_t len, int key_fd, int passphrase_fd, struct quorum_reply *reply)
{
	pthread_t thread;
	int ret;

	peer.reply = answer;
	peer.reply_len = len;
	peer.fd_count = 0;
	pthread_create(&thread, NULL, serve, NULL);
	ret = quorum_approve(peer.path, key_fd, passphrase_fd, reply);
	pthread_join(thread, NULL);
	return ret;
}

static int file_with(const char *text)
{
	char path[] = "/tmp/mhsm-unit-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void test_hand_over(void **state)
{
	struct quorum_reply reply;
	int key = file_with("key"), pass = file_with("passphrase");
	char text[16] = "";

	(void)state;
	assert_int_equal(approve("{\"approved\":1,\"required\":2,\"status\":\"waiting\"}", 0, key, -1, &reply), 0);
	assert_string_equal(peer.message, "{\"op\":\"approve\"}");
	assert_int_equal(peer.fd_count, 1);
	assert_int_equal(reply.approved, 1);
	assert_int_equal(reply.required, 2);
	assert_false(reply.restored);
	assert_string_equal(reply.code, "");
	/* nothing of the file was read: the offset, which the descriptors share, is where it was */
	assert_int_equal(lseek(peer.fds[0], 0, SEEK_CUR), 0);
	assert_int_equal(read(peer.fds[0], text, sizeof(text)), 3);
	assert_string_equal(text, "key");
	close(peer.fds[0]);

	lseek(key, 0, SEEK_SET);
	assert_int_equal(approve("{\"approved\":2,\"required\":2,\"status\":\"restored\"}", 0, key, pass, &reply), 0);
	assert_int_equal(peer.fd_count, 2);
	assert_true(reply.restored);
	assert_int_equal(read(peer.fds[1], text, sizeof(text)), 10);
	assert_memory_equal(text, "passphrase", 10);
	close(peer.fds[0]);
	close(peer.fds[1]);
	close(key);
	close(pass);
}

static void test_errors(void **state)
{
	struct quorum_reply reply;
	char large[6000], message[1000];
	int key = file_with("key");

	(void)state;
	assert_int_equal(approve("{\"error\":{\"code\":\"WrongKey\",\"message\":\"no share\"}}", 0, key, -1, &reply), 0);
	assert_string_equal(reply.code, "WrongKey");
	assert_string_equal(reply.message, "no share");
	close(peer.fds[0]);
	assert_int_equal(approve("{\"error\":{}}", 0, key, -1, &reply), 0);
	assert_string_equal(reply.code, "Failed");
	close(peer.fds[0]);
	memset(large, 'x', sizeof(large));
	snprintf(message, sizeof(message), "{\"error\":{\"code\":\"%.200s\",\"message\":\"%.600s\"}}", large, large);
	assert_int_equal(approve(message, 0, key, -1, &reply), 0); /* is cut, and ends with NUL */
	assert_int_equal(strlen(reply.code), sizeof(reply.code) - 1);
	assert_int_equal(strlen(reply.message), sizeof(reply.message) - 1);
	close(peer.fds[0]);

	assert_int_equal(approve(NULL, 0, key, -1, &reply), -ECONNRESET);
	close(peer.fds[0]);
	assert_int_equal(approve("not json", 0, key, -1, &reply), -EPROTO);
	close(peer.fds[0]);
	assert_int_equal(approve("{}", 0, key, -1, &reply), -EPROTO);
	close(peer.fds[0]);
	assert_int_equal(approve("{\"approved\":\"1\",\"required\":2,\"status\":\"waiting\"}", 0, key, -1, &reply),
			 -EPROTO);
	close(peer.fds[0]);
	memset(large, ' ', sizeof(large)); /* JSON in its first 4096 bytes, and not all of the message */
	memcpy(large, "{\"error\":{}}", 12);
	assert_int_equal(approve(large, sizeof(large), key, -1, &reply), -EPROTO);
	close(peer.fds[0]);
	close(key);
}

static void test_unreachable(void **state)
{
	struct quorum_reply reply;
	char path[200];

	(void)state;
	assert_int_equal(quorum_approve("/tmp/no-such-folder/quorum.sock", 0, -1, &reply), -ENOENT);
	memset(path, 'x', sizeof(path));
	path[199] = '\0';
	assert_int_equal(quorum_approve(path, 0, -1, &reply), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hand_over),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
