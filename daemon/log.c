// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void mhsm_log(int priority, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* One call, so that lines of different threads do not mix. */
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "mhsmd: %s\n", line);
	else
		fprintf(stderr, "<%d>%s\n", priority, line);
}
