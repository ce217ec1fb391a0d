// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * Wrapping the data key of a token anew: who may, what is refused, and that the new token lasts longer than the key of
 * the old one. That it is the same data key, test_volume.sh shows with the data on a disk.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/tap.h"

#define STRANGER 1000

static struct hsm *hsm;

static int rewrap(int key, const uint8_t *old)
{
	uint8_t token[MHSM_TOKEN_LEN];

	return mhsm_token_rewrap(key, old, token);
}

static void test_refused(int kek, int quiet, const uint8_t *token)
{
	static const uint8_t at[] = { 8, 23, 24, 39, 40, 111, 112, 127 };
	uint8_t bad[MHSM_TOKEN_LEN], quiets[MHSM_TOKEN_LEN];
	size_t before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED), n = 0;

	for (size_t i = 0; i < sizeof(at); i++) {
		memcpy(bad, token, sizeof(bad));
		bad[at[i]] ^= 1;
		n += rewrap(kek, bad) == -EKEYREJECTED;
	}
	tap_ok(n == sizeof(at), "a token with one bit altered is refused, wherever (%zu of %zu)", n, sizeof(at));
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED, before + sizeof(at), 10), 0,
	       "every one is in the audit");
	memcpy(bad, token, sizeof(bad));
	bad[0] = 0;
	tap_is(rewrap(kek, bad), -EBADMSG, "what is no token is told apart by the library");
	tap_is(mhsm_token_create(quiet, MHSM_TOKEN_XTS_AES, 64, quiets), 0, "a token that no consumer may use");
	tap_is(rewrap(kek, quiets), -EACCES, "is not wrapped anew for one");
	before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EACCES);
	if (seteuid(STRANGER))
		abort();
	tap_is(rewrap(kek, token), -EACCES, "who may not unwrap may not wrap anew");
	if (seteuid(0))
		abort();
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EACCES, before + 1, 10), 0, "which is in the audit");
}

int main(void)
{
	uint8_t token[MHSM_TOKEN_LEN], moved[MHSM_TOKEN_LEN];
	struct mhsm_token_info info;
	struct mhsm_key_info key;
	size_t before;
	int session, old, new, quiet, ret;

	ret = hsm_start(&hsm);
	if (ret)
		return tap_bail("the HSM does not start", ret);
	session = mhsm_open(NULL);
	old = kek_new(session, "old", MHSM_KEY_CONSUMERS);
	new = kek_new(session, "new", MHSM_KEY_CONSUMERS);
	quiet = kek_new(session, "quiet", 0);
	if (old < 0 || new < 0 || quiet < 0)
		return tap_bail("no KEK", old);
	tap_is(mhsm_token_create(old, MHSM_TOKEN_XTS_AES, 64, token), 0, "a token is made");
	test_refused(new, quiet, token);

	before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, 0);
	tap_is(mhsm_token_rewrap(new, token, moved), 0, "the owner of both wraps anew");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, 0, before + 1, 10), 0, "that redeems, by the audit");
	tap_is(mhsm_key_info(new, &key), 0, "info of the new key");
	tap_ok(!mhsm_token_info(moved, &info) && !memcmp(info.kek, key.id, MHSM_ID_LEN), "is named by the new token");
	tap_ok(info.key_len == 64 && info.alg == MHSM_TOKEN_XTS_AES, "which is for the same");
	tap_is(rewrap(quiet, token), 0, "the old token is still good");
	tap_is(mhsm_key_delete(session, "old"), 0, "the old key is deleted");
	tap_is(rewrap(new, token), -EKEYREVOKED, "its token is refused");
	tap_is(rewrap(quiet, moved), 0, "the new one is good");
	close(old);
	close(new);
	close(quiet);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
