/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the program "scan" */
#ifndef TESTS_SCAN_H
#define TESTS_SCAN_H

#include <stddef.h>

/* Says what went wrong, and errno, on standard output; exits with 1. */
__attribute__((noreturn)) void scan_die(const char *what);

/* Reads a needle, at least 16 bytes, as it is; returns its length. */
size_t scan_read_needle(const char *path, unsigned char *inverted, size_t room);

/*
 * Opens the security domain file @sd with the PEM keys of custodians (@count >= its quorum), and writes needles to @dir:
 * shareN.needle, wrapping.needle (of the datum), master.needle, and what is derived from the master: seal, audit, token.
 * Returns an exit status.
 */
int scan_secrets(const char *dir, const char *sd, int count, char **keys);

#endif
