// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: debug
 * timeout: 200
 *
 * As failnth.c: setting a token as the key of every cipher through AF_ALG, and netlink commands.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/kselftest/hsm/alg.h"
#include "tests/kselftest/hsm/faults.h"

static struct hsm *hsm;
static int device, kek;
static uint8_t token[MHSM_TOKEN_LEN];

/* --- ciphers ------------------------------------------------------------------------------------------------------ */

static const struct cipher {
	const char *name;
	uint32_t alg;
	size_t len;
	const char *type;
} ciphers[] = {
	{ "mhsm(xts(aes))", MHSM_TOKEN_XTS_AES, 64, "skcipher" },
	{ "mhsm(cbc(aes))", MHSM_TOKEN_CBC_AES, 32, "skcipher" },
	{ "mhsm(ctr(aes))", MHSM_TOKEN_CTR_AES, 16, "skcipher" },
	{ "xts(paes)", MHSM_TOKEN_XTS_AES, 32, "skcipher" },
	{ "cbc(paes)", MHSM_TOKEN_CBC_AES, 16, "skcipher" },
	{ "ctr(paes)", MHSM_TOKEN_CTR_AES, 32, "skcipher" },
	{ "mhsm(gcm(aes))", MHSM_TOKEN_GCM_AES, 32, "aead" },
	{ "mhsm(hmac(sha256))", MHSM_TOKEN_HMAC_SHA256, 32, "hash" },
	{ "phmac(sha512)", MHSM_TOKEN_HMAC_SHA512, 17, "hash" },
};

static int cipher_fd(int i)
{
	int fd = alg_bind(ciphers[i].type, ciphers[i].name);

	/* Without memory for a socket's inode, it is ENFILE. */
	return fd == -ENFILE ? -ENOMEM : fd;
}

static int cipher;

static int do_setkey(int unused)
{
	(void)unused;
	return alg_setkey(cipher, token, sizeof(token));
}

static int do_bind(int i)
{
	return faults_closed(cipher_fd(i));
}

static void all_ciphers(void)
{
	char name[64];

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		cases_begin();
		cases_is(mhsm_token_create(kek, ciphers[i].alg, ciphers[i].len, token), 0, "token");
		cipher = cipher_fd((int)i);
		cases_is(faults_ok(cipher), 0, "%s", ciphers[i].name);
		snprintf(name, sizeof(name), "setkey %s", ciphers[i].name);
		faults_each(name, do_setkey, NULL, 0, 0);
		close(cipher);
		snprintf(name, sizeof(name), "bind %s", ciphers[i].name);
		/* What the crypto API looks for, and has no memory to make, it says is not there. */
		faults_each(name, do_bind, NULL, (int)i, -ENOENT);
		cases_end("AF_ALG, %s", ciphers[i].name);
	}
}

/* --- netlink ------------------------------------------------------------------------------------------------------ */

static uint32_t hsm_state(void)
{
	return faults_look().hsm;
}

/*
 * LOCK: a message that did not go, or whose answer did not come, is ENOBUFS; in the second case the HSM is locked. What
 * was said to be done is done.
 */
static void netlink_lock(void)
{
	unsigned int nth;
	uint32_t state;
	int ret, hit;

	cases_begin();
	for (nth = 1; nth < FAULTS_MAX; nth++) {
		faults_set(nth);
		ret = hsm_lock(hsm);
		hit = faults_end();
		state = hsm_state();
		cases_is(!ret || (hit && (ret == -ENOMEM || ret == -ENOBUFS)), 1, "LOCK, allocation %u: %d", nth, ret);
		cases_is(state == MHSM_STATE_LOCKED || (ret && state == MHSM_STATE_ACTIVE), 1,
			 "LOCK, allocation %u: state %u", nth, state);
		if (state == MHSM_STATE_LOCKED)
			cases_is(hsm_unlock(hsm), 0, "UNLOCK after allocation %u", nth);
		if (!hit)
			break;
		faults_injected++;
	}
	cases_is(nth < FAULTS_MAX, 1, "LOCK: an end");
	printf("# LOCK: %u allocations\n", nth - 1);
	cases_end("netlink, LOCK");
}

/* The first allocations of an unlocking: the ceremony's beginning. The rest is OpenSSL's, in user space. */
static void netlink_unlock(void)
{
	unsigned int nth;
	int ret, hit;

	cases_begin();
	cases_is(hsm_lock(hsm), 0, "LOCK");
	for (nth = 1; nth <= 40; nth++) {
		faults_set(nth);
		ret = hsm_unlock(hsm);
		hit = faults_end();
		cases_is(ret && !hit, 0, "UNLOCK, allocation %u: %d", nth, ret);
		if (hsm_state() != MHSM_STATE_LOCKED)
			cases_is(hsm_lock(hsm), 0, "LOCK after allocation %u", nth);
		faults_injected += !!hit;
	}
	cases_is(hsm_unlock(hsm), 0, "UNLOCK, afterwards");
	cases_end("netlink, DOMAIN_TRANSFER and DOMAIN_UNLOCK");
}

int main(void)
{
	struct mhsm_key_spec spec = {
		.name = "kek", .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS,
	};
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	if (device < 0)
		return tap_bail("the device", device);
	kek = mhsm_key_create(device, &spec);
	if (kek < 0)
		return tap_bail("a key", kek);
	err = faults_prepare(hsm, device);
	if (err)
		return tap_bail("no fault injection in this kernel", err);
	all_ciphers();
	close(kek);
	netlink_lock();
	netlink_unlock();
	tap_ok(faults_injected > 50, "%u allocations failed", faults_injected);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
