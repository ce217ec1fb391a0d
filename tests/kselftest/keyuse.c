// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: libmhsm
 *
 * No test: uses up keys with a use limit, for the scripts of tests/vm.
 *
 *   keyuse NAME           uses the key (wrapping under it), until it is refused; says "used NAME", a line for each use, at
 *                         once, and at last "refused NAME ERROR"
 *   keyuse NAME COUNT     the same, at most so often
 *
 * Exit status 1 if the key does not open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"

int main(int argc, char **argv)
{
	unsigned char in[16] = { 0 }, out[24];
	int session, key, ret = 0;
	char line[300];
	long n;

	if (argc < 2)
		return 2;
	session = mhsm_open(NULL);
	key = session < 0 ? session : mhsm_key_open(session, argv[1], NULL, MHSM_OP_WRAP);
	if (key < 0) {
		printf("%s does not open: %s\n", argv[1], mhsm_strerror(key));
		return 1;
	}
	for (n = argc > 2 ? atol(argv[2]) : -1; n; n--) {
		size_t len = sizeof(out);

		ret = mhsm_wrap(key, MHSM_ALG_AES_KW, in, sizeof(in), out, &len);
		if (ret)
			break;
		/* With one write: it is whole, or not there. */
		snprintf(line, sizeof(line), "used %s\n", argv[1]);
		if (write(STDOUT_FILENO, line, strlen(line)) < 0)
			return 1;
	}
	if (ret)
		printf("refused %s %s\n", argv[1], strerrorname_np(-ret));
	return 0;
}
