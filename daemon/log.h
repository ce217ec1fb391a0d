/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log: messages to stderr, one line each, with the priority prefixes of sd-daemon(3) ("<3>...") unless stderr is a
 * terminal. Never given key bytes, shares or record contents.
 */
#ifndef MHSM_DAEMON_LOG_H
#define MHSM_DAEMON_LOG_H

#include <syslog.h>

void mhsm_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define mhsm_log_error(...) mhsm_log(LOG_ERR, __VA_ARGS__)
#define mhsm_log_warning(...) mhsm_log(LOG_WARNING, __VA_ARGS__)
#define mhsm_log_notice(...) mhsm_log(LOG_NOTICE, __VA_ARGS__)
#define mhsm_log_info(...) mhsm_log(LOG_INFO, __VA_ARGS__)

#endif
