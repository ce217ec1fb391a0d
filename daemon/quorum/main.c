// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/hpke.c kmod/jwe.c kmod/kdf.c kmod/shamir.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/rsa.c kmod/pk/p256.c
 * kmod/pk/pk_env.c
 */
/*
 * mhsm-quorum: holds one ceremony and ends. mhsmd executes it with a channel on descriptor 3; see mhsm-quorum(8). It is the
 * only process that ever sees a custodian's key, a share or, for the moment of its encryption, a domain's master.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/quorum/channel.h"
#include "daemon/quorum/lock.h"
#include "daemon/quorum/serve.h"
#include "daemon/quorum/transfer.h"

#define CHANNEL_FD 3
#define START_MS (30 * 1000)
#define IDLE_MS (30 * 60 * 1000)
#define CLIENT_MS (30 * 1000)
#define RESULT_MS (10 * 60 * 1000)
#define BACKLOG 8

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* Signals are blocked but while mhsm_serve_run() waits, so that they cannot come between a look at `stop` and a wait */
static void set_signals(struct mhsm_serve *s)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&s->wait_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	s->stop = &stop;
}

static int check_channel(char *why, size_t room)
{
	int type, domain;
	socklen_t len = sizeof(int);

	if (getsockopt(CHANNEL_FD, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    getsockopt(CHANNEL_FD, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    type != SOCK_SEQPACKET || domain != AF_UNIX) {
		snprintf(why, room, "descriptor 3 is no channel: this program is started by mhsmd");
		return -EINVAL;
	}
	return 0;
}

/* The first message: {"op":"start","security_domain":...,"socket":...} */
static int receive_start(struct mhsm_serve *s, struct sockaddr_un *address, char *why, size_t room)
{
	struct pollfd p = { .fd = CHANNEL_FD, .events = POLLIN };
	const char *op, *sd, *path, *reason = "it does not parse";
	json_t *message;
	size_t sd_len;
	int err;

	err = poll(&p, 1, START_MS) == 1 ? 0 : -ETIMEDOUT;
	if (!err)
		err = mhsm_channel_recv(CHANNEL_FD, &message, MHSM_SERVE_DAEMON_MAX, NULL);
	if (err) {
		snprintf(why, room, "no start message from mhsmd: %s", strerror(-err));
		return err;
	}
	err = -EPROTO;
	if (json_unpack_ex(message, NULL, JSON_STRICT, "{s:s, s:s%, s:s}", "op", &op,
			   "security_domain", &sd, &sd_len, "socket", &path) ||
	    strcmp(op, "start") || path[0] != '/' || strlen(path) >= sizeof(address->sun_path)) {
		snprintf(why, room, "mhsmd's first message is not a start message");
		goto out_free;
	}
	strcpy(address->sun_path, path);
	err = mhsm_ceremony_new(&s->ceremony, sd, sd_len, &reason);
	if (err)
		snprintf(why, room, "the security domain file cannot be used: %s; restore it from another copy",
			 err == -EBADMSG ? reason : strerror(-err));
out_free:
	json_decref(message);
	return err;
}

/* The socket for custodians. Anybody may connect: what counts is the key. */
static int listen_at(struct sockaddr_un *address, char *why, size_t room)
{
	struct stat st;
	int fd;

	/* left over from a process that was killed */
	if (!lstat(address->sun_path, &st) && S_ISSOCK(st.st_mode))
		unlink(address->sun_path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	umask(0111);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof(*address)) || listen(fd, BACKLOG)) {
		int err = -errno;

		snprintf(why, room, "cannot listen at %s: %s", address->sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	return fd;
}

/* Why there is no ceremony goes to the journal, and to mhsmd for whoever asked for one */
static void report(const char *why)
{
	fprintf(stderr, "<%d>mhsm-quorum: %s\n", LOG_ERR, why);
	mhsm_channel_send(CHANNEL_FD, json_pack("{s:s, s:s}", "event", "failed", "message", why));
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct mhsm_serve s = {
		.daemon_fd = CHANNEL_FD,
		.idle_ms = IDLE_MS,
		.client_ms = CLIENT_MS,
		.result_ms = RESULT_MS,
	};
	enum mhsm_serve_end end = MHSM_SERVE_BROKEN;
	char why[256] = "";

	if (check_channel(why, sizeof(why)) || mhsm_lock_process(why, sizeof(why)))
		goto out_report;
	set_signals(&s);
	if (receive_start(&s, &address, why, sizeof(why)) ||
	    mhsm_transfer_read(s.domain, s.public, why, sizeof(why)))
		goto out_free;
	s.listen_fd = listen_at(&address, why, sizeof(why));
	if (s.listen_fd < 0)
		goto out_free;
	if (mhsm_lock_calls(why, sizeof(why)))
		goto out_unlink;
	if (mhsm_serve_ready(&s)) {
		snprintf(why, sizeof(why), "cannot reach mhsmd");
		goto out_unlink;
	}
	end = mhsm_serve_run(&s, why, sizeof(why));
out_unlink:
	unlink(address.sun_path);
out_free:
	mhsm_ceremony_free(s.ceremony);
out_report:
	if (end != MHSM_SERVE_RESTORED)
		report(why);
	return end == MHSM_SERVE_RESTORED ? 0 : 1;
}
