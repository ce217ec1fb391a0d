// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * Many tokens of one key opened one after another, and all kept: the last take no longer than the first. MHSM_TOKENS is
 * how many (1000).
 */
#include <errno.h>
#include <linux/if_alg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/tap.h"

#define GROUPS 10 /* of which the fastest of one half is compared with that of the other */

static int open_token(const uint8_t *token)
{
	struct sockaddr_alg sa = { .salg_family = AF_ALG, .salg_type = "skcipher", .salg_name = "xts(paes)" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&sa, sizeof(sa)) &&
	    !setsockopt(fd, SOL_ALG, ALG_SET_KEY, token, MHSM_TOKEN_LEN))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Milliseconds per token, of each group */
static int open_all(int kek, int total, int *fds, double *each)
{
	int n = 0, per = total / GROUPS;

	for (int group = 0; group < GROUPS; group++) {
		double took = 0;

		for (int i = 0; i < per; i++) {
			uint8_t token[MHSM_TOKEN_LEN];
			double from;

			if (mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token))
				return n;
			from = now();
			fds[n] = open_token(token);
			took += now() - from;
			if (fds[n] < 0)
				return n;
			n++;
		}
		each[group] = 1000 * took / per;
	}
	return n;
}

static double least(const double *each, int from, int to)
{
	double found = each[from];

	for (int i = from; i < to; i++)
		found = each[i] < found ? each[i] : found;
	return found;
}

int main(void)
{
	const char *text = getenv("MHSM_TOKENS");
	int total = text ? atoi(text) : 1000, session, kek, ret, n;
	struct rlimit limit = { .rlim_cur = (rlim_t)total + 100, .rlim_max = (rlim_t)total + 100 };
	struct mhsm_key_spec spec = {
		.name = "many", .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS,
	};
	int *fds = calloc((size_t)total, sizeof(*fds));
	double each[GROUPS], first, last;
	struct hsm *hsm;

	if (!fds || total < GROUPS || setrlimit(RLIMIT_NOFILE, &limit))
		return tap_bail("MHSM_TOKENS", -EINVAL);
	ret = hsm_start(&hsm);
	if (ret)
		return tap_bail("the HSM does not start", ret);
	session = mhsm_open(NULL);
	kek = session < 0 ? session : mhsm_key_create(session, &spec);
	if (kek < 0)
		return tap_bail("no KEK", kek);
	n = open_all(kek, total, fds, each);
	if (tap_ok(n == total / GROUPS * GROUPS, "%d tokens are opened and kept", n)) {
		first = least(each, 0, GROUPS / 2);
		last = least(each, GROUPS / 2, GROUPS);
		tap_ok(last < 1.25 * first, "the last take as long as the first: %.3f and %.3f ms each", last, first);
	}
	tap_is(hsm_lock(hsm), 0, "locking revokes them all");
	while (n--)
		close(fds[n]);
	close(kek);
	close(session);
	hsm_stop(hsm);
	free(fds);
	return tap_end();
}
