/* SPDX-License-Identifier: GPL-2.0-only */
/* Shuts this process off: memory that cannot be read or swapped, no other descriptors, few system calls. */
#ifndef _MHSM_LOCK_H
#define _MHSM_LOCK_H

#include <stddef.h>

/**
 * mhsm_lock_process() - first thing: empties the environment, closes all descriptors from 4 up, points 0 and 1 to /dev/null,
 * forbids core dumps, ptrace and new privileges, locks all memory, and sets up OpenSSL without configuration file and
 * with a secure heap
 * @why: (of @room bytes) what failed and what to do, on error
 *
 * Return: 0 or a negative errno.
 */
int mhsm_lock_process(char *why, size_t room);

/**
 * mhsm_lock_calls() - last thing before strangers' input: a seccomp filter that leaves reading, writing, accepting, and
 * memory that is not executable. What else is called fails with EPERM: above all no file is opened, no socket made and no
 * program executed any more.
 */
int mhsm_lock_calls(char *why, size_t room);

#endif
