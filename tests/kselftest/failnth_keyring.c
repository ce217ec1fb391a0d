// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: debug
 * timeout: 200
 *
 * As failnth.c: keys in keyrings, added in each of their forms, read, and used by keyctl's public-key operations; and data
 * keys that are placed in a logon key.
 */
#include <errno.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/kselftest/hsm/faults.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/keyring.h"
#include "tests/kselftest/hsm/rsakey.h"

static struct hsm *hsm;
static int device;
static uint8_t raw_token[MHSM_TOKEN_LEN];

/* --- adding ------------------------------------------------------------------------------------------------------- */

static char payloads[3][2 * MHSM_TOKEN_LEN + 32] = { "key:ec", "new:kek:64", "token:" };
static int added;

static int do_add(int i)
{
	added = keyring_add("one", payloads[i], strlen(payloads[i]));
	return faults_ok(added);
}

static int undo_add(void)
{
	return keyring_unlink(added);
}

static int do_release(int unused)
{
	(void)unused;
	added = mhsm_keyring_release(device, MHSM_RELEASE_LOGON, "test:one", raw_token, KEYRING);
	return faults_ok(added);
}

static void all_added(void)
{
	char name[64];

	for (int i = 0; i < 3; i++) {
		cases_begin();
		snprintf(name, sizeof(name), "add_key %.7s", payloads[i]);
		faults_each(name, do_add, undo_add, i, 0);
		cases_end("%s", name);
	}
	cases_begin();
	faults_each("RELEASE", do_release, undo_add, 0, 0);
	cases_end("RELEASE");
}

/* --- using -------------------------------------------------------------------------------------------------------- */

static int ec, rsa;
static uint8_t digest[MHSM_SHA256_LEN], ec_sig[64], rsa_sig[256], ciphertext[256];
static const char ec_how[] = "enc=raw", sig_how[] = "enc=pss hash=sha256", crypt_how[] = "enc=oaep hash=sha256";

static int sized(int got, size_t want)
{
	return got < 0 ? got : got == (int)want ? 0 : -EPROTO;
}

static int do_read(int serial)
{
	uint8_t spki[1024];

	return faults_ok(keyring_read(serial, spki, sizeof(spki)));
}

static int do_query(int serial)
{
	struct keyctl_pkey_query info;

	return keyring_query(serial, serial == ec ? ec_how : sig_how, &info);
}

static int do_sign(int serial)
{
	if (serial == ec)
		return sized(keyring_pkey(KEYCTL_PKEY_SIGN, ec, ec_how, digest, sizeof(digest), ec_sig, sizeof(ec_sig)),
			     sizeof(ec_sig));
	return sized(keyring_pkey(KEYCTL_PKEY_SIGN, rsa, sig_how, digest, sizeof(digest), rsa_sig, sizeof(rsa_sig)),
		     sizeof(rsa_sig));
}

static int do_verify(int serial)
{
	if (serial == ec)
		return keyring_pkey(KEYCTL_PKEY_VERIFY, ec, ec_how, digest, sizeof(digest), ec_sig, sizeof(ec_sig));
	return keyring_pkey(KEYCTL_PKEY_VERIFY, rsa, sig_how, digest, sizeof(digest), rsa_sig, sizeof(rsa_sig));
}

static int do_encrypt(int serial)
{
	return sized(keyring_pkey(KEYCTL_PKEY_ENCRYPT, serial, crypt_how, digest, sizeof(digest), ciphertext,
				  sizeof(ciphertext)), sizeof(ciphertext));
}

static int do_decrypt(int serial)
{
	uint8_t plain[256];
	int ret = keyring_pkey(KEYCTL_PKEY_DECRYPT, serial, crypt_how, ciphertext, sizeof(ciphertext), plain, sizeof(plain));

	ret = sized(ret, sizeof(digest));
	return ret ? ret : memcmp(plain, digest, sizeof(digest)) ? -EPROTO : 0;
}

static void all_used(void)
{
	const struct {
		const char *name;
		int (*call)(int serial);
		int serial;
	} calls[] = {
		{ "read", do_read, ec },
		{ "pkey_query", do_query, ec },
		{ "pkey_sign, P-256", do_sign, ec },
		{ "pkey_verify, P-256", do_verify, ec },
		{ "pkey_sign, RSA-2048", do_sign, rsa },
		{ "pkey_verify, RSA-2048", do_verify, rsa },
		{ "pkey_encrypt, RSA-2048", do_encrypt, rsa },
		{ "pkey_decrypt, RSA-2048", do_decrypt, rsa },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		cases_begin();
		faults_each(calls[i].name, calls[i].call, NULL, calls[i].serial, 0);
		cases_end("%s", calls[i].name);
	}
}

/* ------------------------------------------------------------------------------------------------------------------ */

static int import_rsa(void)
{
	const struct mhsm_key_spec spec = {
		.name = "rsa", .type = MHSM_KEY_RSA, .param = 2048, .flags = MHSM_KEY_ENABLED,
	};
	EVP_PKEY *key = rsa_key(2048, 1);
	PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	int ret = len < 0 ? -EINVAL : faults_closed(mhsm_key_import(device, &spec, der, (size_t)len));

	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
	return ret;
}

static int set_up(void)
{
	const struct mhsm_key_spec spec = {
		.name = "ec", .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256, .flags = MHSM_KEY_ENABLED,
	};
	int kek = kek_new(device, "kek", MHSM_KEY_CONSUMERS | MHSM_KEY_RELEASE), ret;
	uint8_t token[MHSM_TOKEN_LEN];

	if (kek < 0)
		return kek;
	ret = mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token);
	keyring_hex(payloads[2] + strlen("token:"), token, sizeof(token));
	if (!ret)
		ret = mhsm_token_create(kek, MHSM_TOKEN_RAW, 32, raw_token);
	close(kek);
	if (!ret)
		ret = faults_closed(mhsm_key_create(device, &spec));
	if (!ret)
		ret = import_rsa();
	if (ret)
		return ret;
	memset(digest, 0x5a, sizeof(digest));
	ec = keyring_add("ec", "key:ec", 6);
	rsa = keyring_add("rsa", "key:rsa", 7);
	return ec < 0 ? ec : faults_ok(rsa);
}

/* The kernel destroys keys some time after they were unlinked. */
static int all_gone(void)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	for (int tries = 0; tries < 1200 && keyring_count(); tries++)
		nanosleep(&pause, NULL);
	return keyring_count();
}

int main(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	if (device < 0)
		return tap_bail("the device", device);
	err = set_up();
	if (err)
		return tap_bail("keys in a keyring", err);
	err = faults_prepare(hsm, device);
	if (err)
		return tap_bail("no fault injection in this kernel", err);
	all_added();
	all_used();
	tap_ok(faults_injected > 50, "%u allocations failed", faults_injected);
	keyring_unlink(ec);
	keyring_unlink(rsa);
	tap_is(all_gone(), 0, "no key of ours is left");
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
