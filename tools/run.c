// SPDX-License-Identifier: GPL-2.0-only
/* Runs another program: argument arrays, no shell, no descriptor that it was not given. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/cli.h"

/* cryptsetup and blkid are in sbin, which the PATH of a user who became root by su often lacks. */
static void extend_path(void)
{
	const char *old = getenv("PATH");
	char *path;

	if (asprintf(&path, "%s%s/usr/sbin:/sbin:/usr/bin:/bin", old ? old : "", old && *old ? ":" : "") >= 0) {
		setenv("PATH", path, 1);
		free(path);
	}
}

static void child(const struct run *run, int in, int out) __attribute__((noreturn));
static void child(const struct run *run, int in, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(in >= 0 ? in : null, STDIN_FILENO) < 0 ||
	    (out >= 0 && dup2(out, STDOUT_FILENO) < 0) || (run->silent && dup2(null, STDERR_FILENO) < 0) ||
	    (run->keep_fd >= 0 && fcntl(run->keep_fd, F_SETFD, 0) < 0))
		_exit(127);
	extend_path();
	execvp(run->argv[0], (char *const *)run->argv);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The read end of a pipe that holds `len` bytes already and then ends. */
static int filled_pipe(const void *data, size_t len)
{
	int fds[2], ret;

	if (len > PIPE_BUF)
		return -EINVAL; /* it would block */
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	ret = file_write_fd(fds[1], data, len);
	close(fds[1]);
	if (ret) {
		close(fds[0]);
		return ret;
	}
	return fds[0];
}

int run_program(const struct run *run)
{
	int in = -1, out[2] = { -1, -1 }, ret = 0, err = 0;
	pid_t pid;

	if (run->in) {
		in = filled_pipe(run->in, run->in_len);
		if (in < 0)
			return in;
	}
	if (run->out && pipe2(out, O_CLOEXEC) < 0) {
		ret = -errno;
		goto out;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(run, in, out[1]);
	if (pid < 0) {
		ret = -errno;
		goto out;
	}
	if (run->out) {
		close(out[1]);
		out[1] = -1;
		err = file_read_fd(out[0], run->out);
		close(out[0]); /* before waiting: a child that still writes is to end */
		out[0] = -1;
	}
	ret = wait_for(pid);
	if (err)
		ret = err;
	else if (ret == 127)
		ret = -ENOENT;
out:
	if (in >= 0)
		close(in);
	if (out[0] >= 0)
		close(out[0]);
	if (out[1] >= 0)
		close(out[1]);
	return ret;
}
