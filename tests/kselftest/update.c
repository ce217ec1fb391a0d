// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * KEY_UPDATE: each attribute changes what it is for at once, also for fds that are open, and nothing else changes; what is
 * refused changes nothing; it is there after a lock. What it does to live ciphers is in revoke.c.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/keyring.h"
#include "tests/kselftest/hsm/tap.h"

#define STRANGER 1000
#define HOUR 3600

static struct hsm *hsm;
static int session;
static uint8_t digest[32], sig[MHSM_ES256_LEN]; /* the last that was made */

static int sign(int key)
{
	size_t len = sizeof(sig);

	return mhsm_sign(key, MHSM_ALG_ES256, 0, digest, sizeof(digest), sig, &len);
}

static int update(const char *name, uint32_t what, uint32_t flags, uint64_t not_before, uint64_t expires)
{
	const struct mhsm_key_update u = { what, flags, not_before, expires };

	return mhsm_key_update(session, name, NULL, &u);
}

static int opened(const char *name, uint32_t rights)
{
	int key = mhsm_key_open(session, name, NULL, rights);

	if (key >= 0)
		close(key);
	return key < 0 ? key : 0;
}

static struct mhsm_key_info info_of(int key)
{
	struct mhsm_key_info info;

	if (mhsm_key_info(key, &info))
		abort();
	return info;
}

static void test_enabled(int key)
{
	struct mhsm_key_info before = info_of(key), after;

	tap_is(sign(key), 0, "a key signs");
	tap_is(update("k", MHSM_UPDATE_ENABLED, 0, 0, 0), 0, "it is disabled");
	tap_is(sign(key), -EKEYREVOKED, "and signs no more through the fd");
	tap_is(mhsm_verify(key, MHSM_ALG_ES256, 0, digest, sizeof(digest), sig, sizeof(sig)), -EKEYREVOKED, "nor verifies");
	tap_is(opened("k", MHSM_OP_SIGN), -EKEYREVOKED, "it is not opened to sign");
	after = info_of(key);
	tap_ok(after.generation == before.generation + 1 && after.flags == (before.flags & ~MHSM_KEY_ENABLED) &&
	       after.updated >= before.updated, "its record says so");
	after.generation = before.generation;
	after.flags = before.flags;
	after.updated = before.updated;
	tap_ok(!memcmp(&before, &after, sizeof(after)), "and nothing else is new in it");
	tap_is(update("k", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), 0, "it is enabled");
	tap_is(sign(key), 0, "and signs through the same fd");
}

static void test_window(int key)
{
	uint64_t now = (uint64_t)time(NULL);

	tap_is(update("k", MHSM_UPDATE_EXPIRES, 0, 0, now - HOUR), 0, "it expired an hour ago");
	tap_is(sign(key), -EKEYEXPIRED, "it does not sign");
	tap_is(mhsm_verify(key, MHSM_ALG_ES256, 0, digest, sizeof(digest), sig, sizeof(sig)), 0, "it verifies");
	tap_is(update("k", MHSM_UPDATE_NOT_BEFORE, 0, now - HOUR, 0), -EINVAL, "it cannot begin where it ended");
	tap_is(sign(key), -EKEYEXPIRED, "that changed nothing");
	tap_is(update("k", MHSM_UPDATE_NOT_BEFORE | MHSM_UPDATE_EXPIRES, 0, now + HOUR, now + 2 * HOUR), 0, "it begins later");
	tap_is(sign(key), -EKEYEXPIRED, "it does not sign");
	tap_is(update("k", MHSM_UPDATE_NOT_BEFORE, 0, 0, 0), 0, "it begins never");
	tap_is(sign(key), 0, "it signs");
	tap_ok(info_of(key).expires == now + 2 * HOUR, "and ends as was said");
}

static void test_consumers(void)
{
	const struct mhsm_key_spec limited = {
		.name = "limited", .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED, .use_limit = 5,
	};
	int kek = kek_new(session, "kek", MHSM_KEY_CONSUMERS), few = mhsm_key_create(session, &limited);
	uint8_t token[MHSM_TOKEN_LEN], again[MHSM_TOKEN_LEN];

	tap_ok(kek >= 0 && few >= 0, "keys for consumers and with a limit");
	tap_is(mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token), 0, "a token");
	tap_is(update("kek", MHSM_UPDATE_CONSUMERS, 0, 0, 0), 0, "the key is none of consumers' any more");
	tap_is(mhsm_token_rewrap(kek, token, again), -EACCES, "and its token not redeemed for one");
	tap_is(update("kek", MHSM_UPDATE_CONSUMERS | MHSM_UPDATE_REVOKE_LIVE, MHSM_KEY_CONSUMERS | MHSM_KEY_REVOKE_LIVE, 0, 0),
	       0, "it is again");
	tap_is(mhsm_token_rewrap(kek, token, again), 0, "and redeemed");
	tap_is(update("limited", MHSM_UPDATE_CONSUMERS, MHSM_KEY_CONSUMERS, 0, 0), -EINVAL, "none with a use limit");
	close(kek);
	close(few);
}

static int keyring_sign(int serial)
{
	int ret = keyring_pkey(KEYCTL_PKEY_SIGN, serial, "enc=raw", digest, sizeof(digest), sig, sizeof(sig));

	return ret < 0 ? ret : ret == sizeof(sig) ? 0 : -EPROTO;
}

/* Keys in keyrings that stand for a key which is disabled */
static void test_keyring(void)
{
	const struct mhsm_key_spec spec = {
		.name = "ring", .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256, .flags = MHSM_KEY_ENABLED,
	};
	int key = mhsm_key_create(session, &spec), serial = keyring_add("ring", "key:ring", 8);
	uint8_t spki[256];

	tap_ok(key >= 0 && serial > 0, "a key in a keyring");
	tap_is(keyring_sign(serial), 0, "keyctl signs with it");
	tap_is(update("ring", MHSM_UPDATE_ENABLED, 0, 0, 0), 0, "it is disabled");
	tap_is(keyring_sign(serial), -EKEYREVOKED, "keyctl does not sign");
	tap_ok(keyring_read(serial, spki, sizeof(spki)) > 0, "and reads the public half");
	tap_is(update("ring", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), 0, "it is enabled");
	tap_is(keyring_sign(serial), 0, "keyctl signs again");
	tap_is(update("ring", MHSM_UPDATE_REVOKE_LIVE, MHSM_KEY_REVOKE_LIVE, 0, 0), 0, "it is to end what is live");
	tap_is(keyring_sign(serial), 0, "which it does not do yet");
	tap_is(update("ring", MHSM_UPDATE_ENABLED, 0, 0, 0), 0, "it is disabled");
	tap_is(keyring_sign(serial), -EKEYREVOKED, "keyctl does not sign");
	tap_is(update("ring", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), 0, "it is enabled");
	tap_is(keyring_sign(serial), -EKEYREVOKED, "the keyring's key stays revoked");
	keyring_unlink(serial);
	serial = keyring_add("ring", "key:ring", 8);
	tap_is(keyring_sign(serial), 0, "added again, it signs");
	keyring_unlink(serial);
	close(key);
}

static void test_versions(int first)
{
	const struct mhsm_key_spec spec = {
		.name = "k", .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_NEW_VERSION,
	};
	const struct mhsm_key_update disable = { .what = MHSM_UPDATE_ENABLED };
	struct mhsm_key_info info = info_of(first);
	int second = mhsm_key_create(session, &spec);
	char version[2 * MHSM_VERSION_LEN + 1];

	tap_ok(second >= 0, "a second version");
	for (size_t i = 0; i < MHSM_VERSION_LEN; i++)
		snprintf(version + 2 * i, 3, "%02x", info.version[i]);
	tap_is(mhsm_key_update(session, "k", version, &disable), 0, "the first is disabled");
	tap_is(sign(first), -EKEYREVOKED, "it does not sign");
	tap_is(sign(second), 0, "the second does");
	tap_is(update("k", MHSM_UPDATE_ENABLED, 0, 0, 0), 0, "the latest is disabled");
	tap_is(sign(second), -EKEYREVOKED, "it does not sign");
	tap_is(mhsm_key_update(session, "k", "00112233445566778899aabbccddeeff", &disable), -ENOENT, "no such version");
	tap_is(mhsm_key_update(session, "k", "0011", &disable), -EINVAL, "no version");
	close(second);
}

static void test_refused(void)
{
	size_t denied = hsm_audit_count(hsm, MHSM_ACT_KEY_UPDATE, -EACCES);
	int own = session;

	tap_is(update("absent", MHSM_UPDATE_ENABLED, 0, 0, 0), -ENOENT, "a key that is not there");
	if (chmod("/dev/mhsm", 0666) || seteuid(STRANGER))
		abort();
	session = mhsm_open(NULL);
	tap_is(update("k", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), -ENOENT, "a stranger does not know of it");
	close(session);
	session = own;
	if (seteuid(0))
		abort();
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_KEY_UPDATE, -EACCES, denied + 1, 10), 0, "the audit knows of him");
	tap_is(mhsm_key_delete(session, "limited"), 0, "a key is deleted");
	tap_is(update("limited", MHSM_UPDATE_ENABLED, 0, 0, 0), -ENOENT, "and is not changed");
}

static void test_lasts(void)
{
	size_t done = hsm_audit_count(hsm, MHSM_ACT_KEY_UPDATE, 0);

	tap_ok(done >= 8, "every change is in the audit (%zu)", done);
	tap_is(hsm_lock(hsm), 0, "the HSM is locked");
	tap_is(update("k", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), -ENOKEY, "nothing is changed in it");
	tap_is(hsm_unlock(hsm), 0, "it is unlocked");
	tap_is(opened("k", MHSM_OP_SIGN), -EKEYREVOKED, "what was disabled is");
	tap_is(update("k", MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED, 0, 0), 0, "it is enabled");
	tap_is(opened("k", MHSM_OP_SIGN), 0, "and opened to sign");
}

int main(void)
{
	const struct mhsm_key_spec spec = {
		.name = "k", .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256, .flags = MHSM_KEY_ENABLED,
	};
	int key = hsm_start(&hsm);

	if (key)
		return tap_bail("the HSM does not start", key);
	session = mhsm_open(NULL);
	key = mhsm_key_create(session, &spec);
	if (key < 0)
		return tap_bail("no key", key);
	test_enabled(key);
	test_window(key);
	test_consumers();
	test_keyring();
	test_versions(key);
	test_refused();
	test_lasts();
	close(key);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
