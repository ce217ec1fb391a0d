// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

int cli_exit_code(int err)
{
	switch (err < 0 ? -err : err) {
	case 0:
		return CLI_OK;
	case EACCES:
	case EPERM:
	case EKEYREVOKED:
	case EKEYEXPIRED:
	case EDQUOT:
		return CLI_DENIED;
	case ENOENT:
		return CLI_MISSING;
	case ENOKEY:
	case ENODATA:
	case ESHUTDOWN:
	case ENOTRECOVERABLE:
	case ENOBUFS:
	case EUNATCH:
	case ENODEV:
	case ECONNREFUSED:
	case EPROTONOSUPPORT:
		return CLI_UNAVAILABLE;
	case EEXIST:
		return CLI_CONFLICT;
	case EBADMSG:
		return CLI_INVALID;
	default:
		return CLI_FAIL;
	}
}

int cli_fail(int err, const char *what, ...)
{
	const char *remedy = mhsm_remedy(err);
	va_list args;

	fflush(stdout);
	fputs("mhsm: ", stderr);
	va_start(args, what);
	vfprintf(stderr, what, args);
	va_end(args);
	fprintf(stderr, ": %s%s%s\n", mhsm_strerror(err), remedy ? ": " : "", remedy ? remedy : "");
	return cli_exit_code(err);
}

int cli_error(int code, const char *text, ...)
{
	va_list args;

	fflush(stdout);
	fputs("mhsm: ", stderr);
	va_start(args, text);
	vfprintf(stderr, text, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

int cli_fail_file(int err, const char *path)
{
	err = err < 0 ? -err : err;
	if (!strcmp(path, "-"))
		path = "standard input or output";
	if (err == EFBIG)
		return cli_error(CLI_FAIL, "%s: longer than this command takes", path);
	/* In a file's name, ENOENT and the like mean what they always did, not what the HSM means by them. */
	return cli_error(cli_exit_code(err), "%s: %s", path, strerror(err));
}
