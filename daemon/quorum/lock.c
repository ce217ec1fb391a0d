// SPDX-License-Identifier: GPL-2.0-only
/* See lock.h. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "daemon/quorum/lock.h"

#define SECURE_HEAP (512 * 1024) /* the key file takes a quarter: blocks are powers of two */
#define SECURE_MIN 32
#define MEMORY (16 << 20) /* more than a ceremony takes after the start */

__attribute__((format(printf, 3, 4)))
static int failed(char *why, size_t room, const char *format, ...)
{
	int err = errno;
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(why, room, format, args);
	va_end(args);
	len = strlen(why);
	snprintf(why + len, room - len, ": %s", strerror(err));
	return -err;
}

static int shut_descriptors(char *why, size_t room)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		return failed(why, room, "cannot open /dev/null");
	if (fd > 1 && fd != 3)
		close(fd);
	if (close_range(4, ~0u, 0))
		return failed(why, room, "cannot close inherited descriptors");
	return 0;
}

/*
 * Locks what is mapped and what will be. A limit that is reached only later would fail an allocation in the middle of a
 * ceremony, or the growth of the stack, so that it is found out here.
 */
static int lock_memory(char *why, size_t room)
{
	struct rlimit limit;
	void *p;

	if (!getrlimit(RLIMIT_MEMLOCK, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	p = MAP_FAILED;
	if (!mlockall(MCL_CURRENT | MCL_FUTURE))
		p = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return failed(why, room, "cannot lock memory; set LimitMEMLOCK=64M in mhsmd's unit");
	munmap(p, MEMORY);
	return 0;
}

int mhsm_lock_process(char *why, size_t room)
{
	const struct rlimit none = { 0, 0 };
	unsigned char seed[32];
	int err;

	clearenv();
	err = shut_descriptors(why, room);
	if (err)
		return err;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    setrlimit(RLIMIT_CORE, &none))
		return failed(why, room, "cannot forbid core dumps and new privileges");
	err = lock_memory(why, room);
	if (err)
		return err;
	errno = ENOMEM;
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) ||
	    CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_MIN) != 1)
		return failed(why, room, "cannot set up OpenSSL's secure heap");
	/* seeds the generator, and loads what is loaded once */
	if (RAND_priv_bytes(seed, sizeof(seed)) != 1)
		return failed(why, room, "OpenSSL's random generator does not start");
	OPENSSL_cleanse(seed, sizeof(seed));
	return 0;
}

static const int calls[] = {
	/* the conversation */
	SCMP_SYS(accept4), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(ppoll), SCMP_SYS(poll),
	SCMP_SYS(close),
	/* files that custodians send, and the log */
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(pread64), SCMP_SYS(read), SCMP_SYS(write),
	/* the socket's name, at the end */
	SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	/* memory (mmap and mprotect below) */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	/* time, randomness, signals, the end */
	SCMP_SYS(clock_gettime), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

int mhsm_lock_calls(char *why, size_t room)
{
	static const int memory[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	unsigned int i;
	int err = ctx ? 0 : -ENOMEM;

	for (i = 0; !err && i < sizeof(calls) / sizeof(calls[0]); i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	for (i = 0; !err && i < 2; i++) /* the third argument is the protection */
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, memory[i], 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (err) {
		errno = -err;
		return failed(why, room, "cannot install the system call filter");
	}
	return 0;
}
