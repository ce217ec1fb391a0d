// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: debug
 * timeout: 400
 *
 * Every allocation of every call fails, one at a time (the kernel's fault injection, /proc/thread-self/fail-nth): the
 * call says ENOMEM, or does without; nothing is changed by a call that failed, nothing is left behind, and the call works
 * when it is made again. What leaks, the scan at the end of this folder's boot finds (scan.c), and KASAN whatever is
 * freed twice. Ciphers and netlink are in failnth_kernel.c.
 *
 * A new call, key type or algorithm is one line in one of the tables.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/kselftest/hsm/faults.h"

#define INFOS 32

static struct hsm *hsm;
static int device;
static uint8_t in[70000], out[70000], ciphertext[70000], iv[12], tag[16], token[MHSM_TOKEN_LEN];
/* --- keys --------------------------------------------------------------------------------------------------------- */

static const struct type {
	const char *name;
	uint32_t type, param;
} types[] = {
	{ "AES-256", MHSM_KEY_AES, 256 },
	{ "P-256", MHSM_KEY_EC, MHSM_CURVE_P256 },
	{ "P-384", MHSM_KEY_EC, MHSM_CURVE_P384 },
	{ "P-521", MHSM_KEY_EC, MHSM_CURVE_P521 },
	{ "P-256K", MHSM_KEY_EC, MHSM_CURVE_P256K },
	{ "Ed25519", MHSM_KEY_OKP, MHSM_CURVE_ED25519 },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

static int create(const char *name, int type, uint32_t flags, uint64_t limit)
{
	struct mhsm_key_spec spec = {
		.name = name,
		.type = types[type].type,
		.param = types[type].param,
		.flags = MHSM_KEY_ENABLED | flags,
		.use_limit = limit,
	};

	return mhsm_key_create(device, &spec);
}

static int do_session_key(int type)
{
	return faults_closed(create(NULL, type, MHSM_KEY_SESSION, 0));
}

static int do_stored_key(int type)
{
	return faults_closed(create("fresh", type, 0, 0));
}

static int undo_key(void)
{
	int ret = mhsm_key_delete(device, "fresh");

	return ret ? ret : mhsm_key_purge(device, "fresh");
}

static int do_new_version(int type)
{
	return faults_closed(create("versions", type, MHSM_KEY_NEW_VERSION, 0));
}

/* Versions cannot be taken away one by one. */
static int undo_version(void)
{
	int ret = mhsm_key_delete(device, "versions");

	if (!ret)
		ret = mhsm_key_purge(device, "versions");
	return ret ? ret : faults_closed(create("versions", 0, 0, 0));
}

static int do_import(int unused)
{
	struct mhsm_key_spec spec = { .name = "fresh", .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED };

	(void)unused;
	return faults_closed(mhsm_key_import(device, &spec, in, 32));
}

static int do_open(int type)
{
	return faults_closed(mhsm_key_open(device, types[type].name, NULL,
				    types[type].type == MHSM_KEY_AES ? MHSM_OP_ENCRYPT | MHSM_OP_WRAP :
								       MHSM_OP_SIGN));
}

static int do_list(int unused)
{
	struct mhsm_ioc_key_list l = {
		.size = sizeof(l), .count = INFOS, .infos = (uintptr_t)out, .info_size = sizeof(struct mhsm_key_info),
	};

	(void)unused;
	_Static_assert(INFOS * sizeof(struct mhsm_key_info) <= sizeof(out), "room for a page of the listing");
	return ioctl(device, MHSM_IOC_KEY_LIST, &l) ? -errno : 0;
}

static int do_delete(int unused)
{
	(void)unused;
	return mhsm_key_delete(device, "versions");
}

static int undo_delete(void)
{
	return mhsm_key_recover(device, "versions");
}

static int do_update(int unused)
{
	const struct mhsm_key_update update = { .what = MHSM_UPDATE_EXPIRES };

	(void)unused;
	return mhsm_key_update(device, "versions", NULL, &update);
}

static int do_recover(int unused)
{
	(void)unused;
	return mhsm_key_recover(device, "deleted");
}

static int undo_recover(void)
{
	return mhsm_key_delete(device, "deleted");
}

static int do_purge(int unused)
{
	(void)unused;
	return mhsm_key_purge(device, "purged");
}

static int undo_purge(void)
{
	int ret = faults_closed(create("purged", 0, 0, 0));

	return ret ? ret : mhsm_key_delete(device, "purged");
}

/* --- the rest of the device --------------------------------------------------------------------------------------- */

static int do_device(int unused)
{
	(void)unused;
	return faults_closed(mhsm_open(NULL));
}

static int do_info(int unused)
{
	struct mhsm_ioc_info info;

	(void)unused;
	return mhsm_info(device, &info);
}

static int do_random(int len)
{
	return mhsm_random(device, out, (size_t)len);
}

static int do_audit_verify(int unused)
{
	struct mhsm_ioc_audit_verify v = { .size = sizeof(v), .len = 300, .batch = (uintptr_t)in };

	(void)unused;
	/* Noise is no batch: that is what it says when it has memory. */
	return ioctl(device, MHSM_IOC_AUDIT_VERIFY, &v) && errno != EINVAL ? -errno : 0;
}

static int do_daemon_nonce(int unused)
{
	struct mhsm_ioc_daemon_nonce n = { .size = sizeof(n) };
	int fd = open(MHSM_DAEMON_DEVICE, O_RDWR | O_CLOEXEC), ret;

	(void)unused;
	if (fd < 0)
		return -errno;
	ret = ioctl(fd, MHSM_IOC_DAEMON_NONCE, &n) && errno != EBUSY ? -errno : 0;
	close(fd);
	return ret;
}

/* --- key fds ------------------------------------------------------------------------------------------------------ */

static int keys[TYPES], limited;
static uint8_t wrapped[64], sig[MHSM_SIG_MAX];
static size_t wrapped_len, sig_len;

static int do_key_info(int type)
{
	struct mhsm_key_info info;

	return mhsm_key_info(keys[type], &info);
}

static int do_public(int type)
{
	size_t len = sizeof(out);

	return mhsm_public_key(keys[type], out, &len);
}

static int do_encrypt(int len)
{
	return mhsm_encrypt(keys[0], iv, in, (size_t)len / 2, in, (size_t)len, ciphertext, tag);
}

static int do_decrypt(int len)
{
	return mhsm_decrypt(keys[0], iv, in, (size_t)len / 2, ciphertext, (size_t)len, out, tag);
}

static int do_wrap(int alg)
{
	wrapped_len = sizeof(wrapped);
	return mhsm_wrap(keys[0], (uint32_t)alg, in, 32, wrapped, &wrapped_len);
}

static int do_unwrap(int alg)
{
	size_t len = sizeof(out);

	return mhsm_unwrap(keys[0], (uint32_t)alg, wrapped, wrapped_len, out, &len);
}

static int do_token(int unused)
{
	(void)unused;
	return mhsm_token_create(keys[0], MHSM_TOKEN_XTS_AES, 64, token);
}

/*
 * The most of which each use is a block of its own, and so waits for the store. A use that fails is spent, and there may
 * be some tens of them before one works and the key is made anew.
 */
#define LIMIT 31

static int do_limited(int unused)
{
	size_t len = sizeof(out);

	(void)unused;
	return mhsm_wrap(limited, MHSM_ALG_AES_KW, in, 32, out, &len);
}

static int undo_limited(void)
{
	int ret;

	close(limited);
	ret = mhsm_key_delete(device, "limited");
	if (!ret)
		ret = mhsm_key_purge(device, "limited");
	if (!ret)
		limited = create("limited", 0, 0, LIMIT);
	return ret ? ret : faults_ok(limited);
}

static const struct sign {
	const char *name;
	int type; /* of types[] */
	uint32_t alg;
	size_t digest;
} signs[] = {
	{ "ES256", 1, MHSM_ALG_ES256, 32 },  { "ES384", 2, MHSM_ALG_ES384, 48 }, { "ES512", 3, MHSM_ALG_ES512, 64 },
	{ "ES256K", 4, MHSM_ALG_ES256K, 32 }, { "EdDSA", 5, MHSM_ALG_EDDSA, 0 },
};

static int do_sign(int i)
{
	sig_len = sizeof(sig);
	return mhsm_sign(keys[signs[i].type], signs[i].alg, signs[i].digest ? 0 : MHSM_SIGN_MESSAGE, in,
			 signs[i].digest ? signs[i].digest : 100, sig, &sig_len);
}

static int do_sign_message(int i)
{
	sig_len = sizeof(sig);
	return mhsm_sign(keys[signs[i].type], signs[i].alg, MHSM_SIGN_MESSAGE, in, 20000, sig, &sig_len);
}

static int do_verify(int i)
{
	return mhsm_verify(keys[signs[i].type], signs[i].alg, MHSM_SIGN_MESSAGE, in, 20000, sig, sig_len);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void all_of_type(int i)
{
	char name[64];

	cases_begin();
	snprintf(name, sizeof(name), "%s: session key", types[i].name);
	faults_each(name, do_session_key, NULL, i, 0);
	snprintf(name, sizeof(name), "%s: stored key", types[i].name);
	faults_each(name, do_stored_key, undo_key, i, 0);
	snprintf(name, sizeof(name), "%s: open", types[i].name);
	faults_each(name, do_open, NULL, i, 0);
	snprintf(name, sizeof(name), "%s: info", types[i].name);
	faults_each(name, do_key_info, NULL, i, 0);
	if (types[i].type != MHSM_KEY_AES) {
		snprintf(name, sizeof(name), "%s: public", types[i].name);
		faults_each(name, do_public, NULL, i, 0);
	}
	cases_end("%s: keys", types[i].name);
}

static const struct {
	const char *name;
	int (*call)(int arg);
	int (*undo)(void);
	int arg;
} calls[] = {
	{ "open the device", do_device, NULL, 0 },
	{ "INFO", do_info, NULL, 0 },
	{ "RANDOM, 16 bytes", do_random, NULL, 16 },
	{ "RANDOM, 65536 bytes", do_random, NULL, 65536 },
	{ "AUDIT_VERIFY", do_audit_verify, NULL, 0 },
	{ "DAEMON_NONCE", do_daemon_nonce, NULL, 0 },
	{ "KEY_IMPORT", do_import, undo_key, 0 },
	{ "KEY_CREATE, a new version", do_new_version, undo_version, 0 },
	{ "KEY_LIST", do_list, NULL, 0 },
	{ "KEY_DELETE", do_delete, undo_delete, 0 },
	{ "KEY_UPDATE", do_update, NULL, 0 },
	{ "KEY_RECOVER", do_recover, undo_recover, 0 },
	{ "KEY_PURGE", do_purge, undo_purge, 0 },
	{ "ENCRYPT, 64 bytes", do_encrypt, NULL, 64 },
	{ "DECRYPT, 64 bytes", do_decrypt, NULL, 64 },
	{ "ENCRYPT, 6000 bytes", do_encrypt, NULL, 6000 },
	{ "DECRYPT, 6000 bytes", do_decrypt, NULL, 6000 },
	{ "ENCRYPT, 70000 bytes", do_encrypt, NULL, 70000 },
	{ "DECRYPT, 70000 bytes", do_decrypt, NULL, 70000 },
	{ "WRAP, KW", do_wrap, NULL, MHSM_ALG_AES_KW },
	{ "UNWRAP, KW", do_unwrap, NULL, MHSM_ALG_AES_KW },
	{ "WRAP, KWP", do_wrap, NULL, MHSM_ALG_AES_KWP },
	{ "UNWRAP, KWP", do_unwrap, NULL, MHSM_ALG_AES_KWP },
	{ "TOKEN", do_token, NULL, 0 },
	{ "a use that waits for the store", do_limited, undo_limited, 0 },
};

static void all_signs(void)
{
	char name[64];

	for (int i = 0; i < (int)(sizeof(signs) / sizeof(signs[0])); i++) {
		cases_begin();
		snprintf(name, sizeof(name), "SIGN, %s", signs[i].name);
		faults_each(name, do_sign, NULL, i, 0);
		snprintf(name, sizeof(name), "SIGN, %s, a message", signs[i].name);
		faults_each(name, do_sign_message, NULL, i, 0);
		snprintf(name, sizeof(name), "VERIFY, %s", signs[i].name);
		faults_each(name, do_verify, NULL, i, 0);
		cases_end("%s", signs[i].name);
	}
}

static int prepare(void)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < TYPES; i++) {
		keys[i] = create(types[i].name, (int)i, 0, 0);
		ret = faults_ok(keys[i]);
	}
	limited = create("limited", 0, 0, LIMIT);
	if (!ret)
		ret = faults_ok(limited);
	if (!ret)
		ret = faults_closed(create("versions", 0, 0, 0));
	if (!ret)
		ret = faults_closed(create("deleted", 0, 0, 0));
	if (!ret)
		ret = mhsm_key_delete(device, "deleted");
	return ret ? ret : undo_purge();
}

int main(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	err = device < 0 ? device : prepare();
	if (err)
		return tap_bail("keys", err);
	err = faults_prepare(hsm, device);
	if (err)
		return tap_bail("no fault injection in this kernel", err);
	for (int i = 0; i < (int)TYPES; i++)
		all_of_type(i);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		cases_begin();
		faults_each(calls[i].name, calls[i].call, calls[i].undo, calls[i].arg, 0);
		cases_end("%s", calls[i].name);
	}
	all_signs();
	for (size_t i = 0; i < TYPES; i++)
		close(keys[i]);
	close(limited);
	tap_ok(faults_injected > 200, "%u allocations failed", faults_injected);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
