/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the mhsm command in a child of the test, and keeps its exit code and what it printed. */
#ifndef TESTS_UNIT_CLI_CHILD_H
#define TESTS_UNIT_CLI_CHILD_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/cli.h"

static struct {
	char out[65536], err[8192];
	const char *in; /* standard input of the next run */
	size_t in_len;
} child;

static void slurp(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
}

static int temporary(void)
{
	char path[] = "/tmp/mhsm-unit-out-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	unlink(path);
	return fd;
}

static int mhsm_argv(char **argv)
{
	int in = temporary(), out = temporary(), err = temporary(), argc = 0, status;
	pid_t pid;

	while (argv[argc])
		argc++;
	if (child.in && (write(in, child.in, child.in_len) < 0 || lseek(in, 0, SEEK_SET) < 0))
		abort();
	child.in = NULL;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		status = cli_main(argc, argv);
		fflush(NULL);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	close(in);
	slurp(out, child.out, sizeof(child.out));
	slurp(err, child.err, sizeof(child.err));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* mhsm("key", "list") */
#define mhsm(...) mhsm_argv((char *[]){ "mhsm", __VA_ARGS__, NULL })

/* What was run is in the message of a failure. */
#define assert_exit(code, ...) \
	do { \
		int ran = mhsm(__VA_ARGS__); \
		if (ran != (code)) \
			print_error("exit %d\nout: %s\nerr: %s\n", ran, child.out, child.err); \
		assert_int_equal(ran, code); \
	} while (0)
#define assert_has(text, part) \
	do { \
		if (!strstr(text, part)) \
			print_error("\"%s\" is not in:\n%s\n", part, text); \
		assert_non_null(strstr(text, part)); \
	} while (0)

#endif
