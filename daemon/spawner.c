// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>


#define CHANNEL_FD 3

struct mhsm_spawner {
	int fd;
	pid_t pid;
	pthread_mutex_t lock;
};

/* --- in the spawner --- */

/* Does not return. @report is told the errno if the program cannot be executed, and closes if it can. */
static void execute(const char *path, int channel, int report)
{
	char *const argv[] = { (char *)"mhsm-quorum", NULL };
	char *const envp[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	sigset_t none;
	int error, null = open("/dev/null", O_RDWR);

	/* Nothing of ours but stderr, and the channel in its place. */
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		goto fail;
	if (report == CHANNEL_FD) {
		report = fcntl(report, F_DUPFD_CLOEXEC, CHANNEL_FD + 1);
		if (report < 0)
			_exit(127);
	}
	if (channel == CHANNEL_FD) {
		if (fcntl(channel, F_SETFD, 0))
			goto fail;
	} else if (dup2(channel, CHANNEL_FD) < 0) {
		goto fail;
	}
	if (close_range(CHANNEL_FD + 1, (unsigned)report - 1, 0) && report > CHANNEL_FD + 1)
		goto fail;
	if (close_range((unsigned)report + 1, ~0U, 0))
		goto fail;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execve(path, argv, envp);
fail:
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

static int start(const char *path, int channel)
{
	int report[2], error = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		execute(path, channel, report[1]);
	if (pid < 0)
		error = errno;
	close(report[1]);
	if (pid > 0) {
		do
			n = read(report[0], &error, sizeof(error));
		while (n < 0 && errno == EINTR);
		if (n != sizeof(error))
			error = n < 0 ? errno : 0;
	}
	close(report[0]);
	return -error;
}

/* The descriptor that came with one request, or -1 at the end. */
static int receive_channel(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c;
	int channel;
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&channel, CMSG_DATA(c), sizeof(int));
	return channel;
}

static void run(const char *path, int fd)
{
	int channel;

	prctl(PR_SET_NAME, "mhsmd-spawner");
	/* mhsmd's end of the socket closing is our end; a terminal's signals are mhsmd's to act on. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for mhsm-quorum: its channel says when it ends */
	while ((channel = receive_channel(fd)) >= 0) {
		int ret = start(path, channel);

		close(channel);
		if (send(fd, &ret, sizeof(ret), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

/* --- in mhsmd --- */

int mhsm_spawner_new(const char *path, struct mhsm_spawner **out)
{
	struct mhsm_spawner *s = calloc(1, sizeof(*s));
	int pair[2], ret;

	if (!s)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		ret = -errno;
		free(s);
		return ret;
	}
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		run(path, pair[1]);
	}
	close(pair[1]);
	if (s->pid < 0) {
		ret = -errno;
		close(pair[0]);
		free(s);
		return ret;
	}
	s->fd = pair[0];
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return 0;
}

int mhsm_spawner_spawn(void *context, int channel)
{
	struct mhsm_spawner *s = context;
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .buf = { 0 } };
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int ret, error;
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &channel, sizeof(int));
	pthread_mutex_lock(&s->lock);
	ret = sendmsg(s->fd, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
	if (!ret) {
		do
			n = recv(s->fd, &error, sizeof(error), 0);
		while (n < 0 && errno == EINTR);
		if (n == sizeof(error))
			ret = error;
		else
			ret = n < 0 ? -errno : -EPIPE;
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

void mhsm_spawner_free(struct mhsm_spawner *s)
{
	if (!s)
		return;
	close(s->fd);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_destroy(&s->lock);
	free(s);
}
