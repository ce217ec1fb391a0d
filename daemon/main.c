// SPDX-License-Identifier: GPL-2.0-only
/* mhsmd: the librarian of the kernel HSM. See man/mhsmd.8. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/ceremony.h"
#include "daemon/daemon.h"
#include "daemon/http.h"
#include "daemon/lockfile.h"
#include "daemon/log.h"
#include "daemon/provision.h"
#include "daemon/seccomp.h"
#include "daemon/spawner.h"
#include "daemon/storequeue.h"

#ifndef MHSM_QUORUM_PATH
#define MHSM_QUORUM_PATH "/usr/libexec/mhsm/mhsm-quorum"
#endif

#define EXIT_USAGE 2

struct options {
	const char *state_dir;
	const char *runtime_dir;
	const char *quorum;
	bool foreground;
};

/* What has been started, in order; ended in the other. */
struct parts {
	struct mhsm_daemon daemon;
	struct mhsm_spawner *spawner;
	struct mhsm_storequeue *queue;
	struct mhsm_http *http;
	char socket[PATH_MAX];
	bool own_socket;
};

static void print_help(void)
{
	printf("Usage: mhsmd [OPTION]...\n"
	       "Keeps the sealed records, the security domain and the audit log of the kernel HSM,\n"
	       "and serves its management interface on a Unix socket.\n"
	       "\n"
	       "  --state-dir=DIR    records, security domain, audit log (default /var/lib/mhsm)\n"
	       "  --runtime-dir=DIR  sockets (default /run/mhsm)\n"
	       "  --quorum=PROGRAM   what holds a ceremony (default " MHSM_QUORUM_PATH ")\n"
	       "  --foreground       do not go into the background; implied under systemd\n"
	       "  --help             print this\n"
	       "  --version          print the version\n");
}

/* Returns an exit code, or -1 to go on. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "state-dir", required_argument, NULL, 's' },	{ "runtime-dir", required_argument, NULL, 'r' },
		{ "quorum", required_argument, NULL, 'q' },	{ "foreground", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 's':
			o->state_dir = optarg;
			break;
		case 'r':
			o->runtime_dir = optarg;
			break;
		case 'q':
			o->quorum = optarg;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'h':
			print_help();
			return EXIT_SUCCESS;
		case 'v':
			printf("mhsmd " MHSM_VERSION "\n");
			return EXIT_SUCCESS;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mhsmd: \"%s\" is no option: mhsmd --help\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (o->state_dir[0] != '/' || o->runtime_dir[0] != '/' || o->quorum[0] != '/') {
		fprintf(stderr, "mhsmd: paths must be absolute\n");
		return EXIT_USAGE;
	}
	return -1;
}

/*
 * Goes into the background. The first process stays until the second says that it serves, and takes its exit code.
 * Returns the descriptor to say it on.
 */
static int go_background(void)
{
	int report[2], null;
	char byte;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(report[1]);
		_exit(read(report[0], &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(report[0]);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || setsid() < 0 || chdir("/") || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	close(null);
	return report[1];
}

static int make_dir(const char *path, mode_t mode)
{
	int ret;

	if (!mkdir(path, mode) || errno == EEXIST)
		return 0;
	ret = -errno;
	mhsm_log_error("cannot make the directory %s: %s", path, strerror(-ret));
	return ret;
}

/* The kernel's side: devices, attachment, and what serves its STOREs. */
static int start_kernel(struct parts *p)
{
	struct mhsm_daemon *d = &p->daemon;
	struct mhsm_kernel_events events = { .store = mhsm_storequeue_put };
	int ret;

	ret = mhsm_device_open(&d->device);
	if (ret)
		return ret;
	ret = mhsm_storequeue_new(d->store, &p->queue);
	if (ret)
		return ret;
	events.context = p->queue;
	ret = mhsm_genl_attach(d->device, &events, &d->kernel);
	if (ret)
		return ret;
	mhsm_storequeue_begin(p->queue, d->kernel);
	return 0;
}

static int start_audit(struct parts *p, const struct options *o)
{
	int ret = mhsm_audit_open(o->state_dir, p->daemon.device, MHSM_AUDIT_SEGMENT_MAX, &p->daemon.audit);

	return ret ? ret : mhsm_audit_start(p->daemon.audit);
}

/* The socket that systemd gave us, or one of our own. */
static int start_http(struct parts *p)
{
	int count = sd_listen_fds(1), fd = SD_LISTEN_FDS_START;

	if (count > 1) {
		mhsm_log_error("systemd gives %d sockets, one is wanted: correct the socket unit", count);
		return -EINVAL;
	}
	if (count <= 0) {
		fd = mhsm_http_listen(p->socket);
		if (fd < 0)
			return fd;
		p->own_socket = true;
	}
	return mhsm_http_start(&p->daemon, fd, &p->http);
}

static int start(struct parts *p, const struct options *o)
{
	struct mhsm_spawner_ops spawner = { .spawn = mhsm_spawner_spawn };
	int ret;

	p->daemon.state_dir = o->state_dir;
	p->daemon.runtime_dir = o->runtime_dir;
	pthread_mutex_init(&p->daemon.domain_lock, NULL);
	if (snprintf(p->socket, sizeof(p->socket), "%s/mhsmd.sock", o->runtime_dir) >= (int)sizeof(p->socket))
		return -ENAMETOOLONG;
	ret = make_dir(o->state_dir, 0700);
	if (!ret)
		ret = make_dir(o->runtime_dir, 0755);
	if (!ret)
		ret = mhsm_lockfile_take(o->state_dir);
	if (ret < 0)
		return ret;
	/* Before there is a thread or anything to inherit. */
	ret = mhsm_spawner_new(o->quorum, &p->spawner);
	if (ret) {
		mhsm_log_error("cannot fork: %s", strerror(-ret));
		return ret;
	}
	ret = mhsm_store_sqlite.open(o->state_dir, &p->daemon.store);
	if (!ret)
		ret = start_kernel(p);
	spawner.context = p->spawner;
	if (!ret)
		ret = start_audit(p, o);
	if (!ret)
		ret = mhsm_ceremony_new(&p->daemon, &spawner, &p->daemon.ceremony);
	if (!ret)
		ret = mhsm_provision_reconcile(&p->daemon);
	if (!ret)
		ret = start_http(p);
	if (ret)
		return ret;
	ret = mhsm_seccomp_apply();
	if (ret)
		mhsm_log_error("system calls cannot be filtered: %s: let the unit's SystemCallFilter include seccomp",
			       strerror(-ret));
	return ret;
}

static void stop(struct parts *p)
{
	mhsm_http_stop(p->http);
	if (p->own_socket)
		unlink(p->socket);
	mhsm_ceremony_free(p->daemon.ceremony);
	mhsm_audit_close(p->daemon.audit);
	/* The queue acknowledges what it has, so the kernel goes after it; the receiver must not feed a queue that is gone. */
	if (p->daemon.kernel && p->queue)
		mhsm_storequeue_finish(p->queue);
	if (p->daemon.kernel)
		p->daemon.kernel->ops->close(p->daemon.kernel);
	mhsm_storequeue_free(p->queue);
	if (p->daemon.device)
		p->daemon.device->ops->close(p->daemon.device);
	if (p->daemon.store)
		p->daemon.store->ops->close(p->daemon.store);
	mhsm_spawner_free(p->spawner);
	pthread_mutex_destroy(&p->daemon.domain_lock);
}

/* Signals come to sigwait alone: every thread inherits the mask. */
static void block_signals(sigset_t *ends)
{
	sigemptyset(ends);
	sigaddset(ends, SIGTERM);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A file size limit is an error to report, not a reason to end. */
	signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct options options = {
		.state_dir = "/var/lib/mhsm",
		.runtime_dir = "/run/mhsm",
		.quorum = MHSM_QUORUM_PATH,
		.foreground = getenv("NOTIFY_SOCKET") != NULL,
	};
	static struct parts parts;
	int ret, report = -1, signal_number;
	sigset_t ends;

	ret = parse_options(argc, argv, &options);
	if (ret >= 0)
		return ret;
	umask(0022);
	block_signals(&ends);
	if (!options.foreground) {
		report = go_background();
		if (report < 0) {
			mhsm_log_error("cannot go into the background: %s", strerror(-report));
			return EXIT_FAILURE;
		}
	}
	ret = start(&parts, &options);
	if (ret < 0) {
		mhsm_log_error("mhsmd cannot start: %s", strerror(-ret));
		stop(&parts);
		return EXIT_FAILURE;
	}
	sd_notify(0, "READY=1\nSTATUS=Serving");
	mhsm_log_notice("mhsmd " MHSM_VERSION " serves on %s", parts.own_socket ? parts.socket : "systemd's socket");
	if (report >= 0 && write(report, "", 1) == 1)
		close(report);
	do
		signal_number = sigwaitinfo(&ends, NULL);
	while (signal_number < 0 && errno == EINTR);
	sd_notify(0, "STOPPING=1");
	mhsm_log_notice("mhsmd ends: %s", signal_number > 0 ? strsignal(signal_number) : "sigwait failed");
	stop(&parts);
	return EXIT_SUCCESS;
}
