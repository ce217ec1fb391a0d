/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that is faster than the auditor is told so, with ENOBUFS, until the audit ring is drained: it waits, for ten
 * seconds at most.
 */
#ifndef TESTS_RETRY_H
#define TESTS_RETRY_H

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* @ret becomes what @call gives: a negative errno, or what is no error */
#define RETRY(ret, call) \
	do { \
		int tries_ = 0; \
		while (((ret) = (call)) == -ENOBUFS && tries_++ < 1000) \
			usleep(10000); \
	} while (0)

/* An ioctl's result, or a negative errno */
__attribute__((unused)) static long retry_ioctl(int fd, unsigned long cmd, void *arg)
{
	long ret;

	RETRY(ret, (ret = ioctl(fd, cmd, arg)) < 0 ? -errno : ret);
	return ret;
}

#endif
