/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For constant-time tests: programs that run below valgrind's memcheck with
 * secrets marked as undefined memory. A branch or an address that depends on one
 * is then a use of an uninitialised value, which memcheck reports.
 *
 * A method that reports nothing proves nothing, so every program also runs a
 * second valgrind on itself with an argument naming a leak, and expects it to
 * complain.
 */
#ifndef MHSM_TESTS_CT_H
#define MHSM_TESTS_CT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

#define CT_REPORTED 99

static inline void ct_secret(void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static inline void ct_public(void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

/*
 * Does memcheck know every byte to depend on a secret? Asked of outputs: where the
 * knowledge got lost on the way, nothing would have been tested.
 */
static inline int ct_is_secret(const void *p, size_t len)
{
	const char *b = p;
	char bits;

	while (len--) {
		if (VALGRIND_GET_VBITS(b++, &bits, 1) != 1)
			return 0;
		ct_public(&bits, 1);
		if (!bits)
			return 0;
	}
	return 1;
}

/* Bytes that are the same in every run. */
static inline void ct_fill(void *p, size_t len)
{
	static uint64_t state = 0x9e3779b97f4a7c15;
	uint8_t *b = p;

	while (len--) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		*b++ = (uint8_t)(state >> 32);
	}
}

static unsigned int ct_count, ct_failed, ct_seen;

/* Reports one test: ok if it succeeded and memcheck reported nothing since the last. */
static inline void ct_result(const char *name, int ok)
{
	unsigned int errors = VALGRIND_COUNT_ERRORS;

	ok = ok && errors == ct_seen;
	ct_seen = errors;
	ct_failed += !ok;
	printf("%sok %u - %s\n", ok ? "" : "not ", ++ct_count, name);
	fflush(stdout);
}

/* Runs this program below another valgrind with one argument; its exit status. */
static inline int ct_run_self(const char *argument)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;
	pid_t pid;

	if (len < 0)
		return -1;
	self[len] = 0;
	/* memcheck answers for the program that it runs, or else says its own */
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		execlp("valgrind", "valgrind", "-q", "--error-exitcode=99", self,
		       argument, (char *)NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The negative controls. 'none' shows that the run itself is not what is reported. */
static inline void ct_controls(void)
{
	ct_result("control: no leak is not reported", ct_run_self("none") == 0);
	ct_result("control: a secret branch is reported",
		  ct_run_self("branch") == CT_REPORTED);
	ct_result("control: a secret index is reported",
		  ct_run_self("index") == CT_REPORTED);
}

/* A function that leaks its key in the way that 'how' names. */
static inline int ct_leak(const char *how)
{
	static volatile uint8_t table[256];
	static volatile int taken;
	uint8_t key[32];

	ct_fill(key, sizeof(key));
	ct_secret(key, sizeof(key));
	if (strcmp(how, "branch") == 0) {
		if (key[0] & 1)
			taken++;
	} else if (strcmp(how, "index") == 0) {
		taken += table[key[1]];
	}
	return 0;
}

static inline int ct_finish(void)
{
	printf("1..%u\n", ct_count);
	return ct_failed ? 1 : 0;
}

/* Without valgrind nothing would be tested. */
static inline int ct_start(void)
{
	if (RUNNING_ON_VALGRIND)
		return 0;
	printf("not ok 1 - not below valgrind: run with valgrind --error-exitcode=99\n1..1\n");
	return 1;
}

#endif
