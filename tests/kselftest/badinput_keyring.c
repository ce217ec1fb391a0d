// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12 debug
 *
 * Payloads of the key type "mhsm" and parameters of keyctl's public-key operations that are not right: each documented
 * form cut off at every byte, with every byte altered, and many that were altered at random. Only documented errors come
 * back, what is added is what was asked for, and nothing of it stays. MHSM_SEED=N takes a run's seed again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/keyring.h"

#define RANDOM 500 /* altered at random, of each form */
#define PAYLOAD_MAX 2048

static struct hsm *hsm;
static int device;
static uint64_t seed;

static uint32_t next(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1d) >> 32) % below;
}

/* --- payloads ----------------------------------------------------------------------------------------------------- */

static char forms[5][PAYLOAD_MAX] = { "key:ec", "key:ec/", "new:kek:32:cbc(aes)", "new:kek:64", "token:" };

/* The errors that doc/keyring.md has for adding a key; EAGAIN, too, as forged tokens are limited in their rate */
static int documented(int ret)
{
	return ret == -EINVAL || ret == -ENOENT || ret == -EOPNOTSUPP || ret == -EKEYREJECTED || ret == -EAGAIN;
}

/* A payload that may be right by chance is: its key reads, and goes. */
static void add(const char *payload, size_t len)
{
	int serial = keyring_add("one", payload, len);
	char out[1024];

	if (serial < 0) {
		cases_is(documented(serial), 1, "error %d: %.*s", serial, (int)len, payload);
		return;
	}
	cases_is(keyring_read(serial, out, sizeof(out)) > 0, 1, "what was added reads: %.*s", (int)len, payload);
	cases_is(keyring_unlink(serial), 0, "and goes");
}

static void cut_off(const char *form)
{
	cases_begin();
	for (size_t len = 0; len <= strlen(form); len++)
		add(form, len);
	cases_end("%.12s cut off", form);
}

static void each_byte(const char *form)
{
	static const unsigned char with[] = { 0, '/', ':', '0', 'g', ' ', 0x7f, 0x80, 0xff };
	size_t len = strlen(form);
	char altered[PAYLOAD_MAX];

	cases_begin();
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < sizeof(with); k++) {
			memcpy(altered, form, len);
			altered[i] = (char)with[k];
			add(altered, len);
		}
	cases_end("%.12s, each byte altered", form);
}

static void at_random(const char *form)
{
	char altered[PAYLOAD_MAX];

	cases_begin();
	for (unsigned int n = 0; n < RANDOM; n++) {
		size_t len = strlen(form);

		memcpy(altered, form, len);
		for (uint32_t changes = 1 + next(4); changes; changes--) {
			size_t at = next((uint32_t)len);

			switch (next(4)) {
			case 0:
				altered[at] = (char)next(256);
				break;
			case 1: /* left out */
				memmove(altered + at, altered + at + 1, len - at - 1);
				len -= len > 1;
				break;
			case 2: /* twice */
				if (len < sizeof(altered)) {
					memmove(altered + at + 1, altered + at, len - at);
					len++;
				}
				break;
			case 3: /* a part of another form behind it */
				{
					const char *other = forms[next(5)];
					size_t from = next((uint32_t)strlen(other)), more = strlen(other) - from;

					if (len + more <= sizeof(altered)) {
						memcpy(altered + len, other + from, more);
						len += more;
					}
				}
				break;
			}
		}
		add(altered, len);
	}
	cases_end("%.12s, altered at random", form);
}

/* --- parameters --------------------------------------------------------------------------------------------------- */

static const char *const hows[] = { "enc=x962 hash=sha256", "enc=raw", "enc=p1363" };
static uint8_t digest[2 * MHSM_SHA256_LEN]; /* and as much behind it */

/* The same, and what the kernel itself says of its parameters */
static int documented_pkey(int ret)
{
	return ret == -EINVAL || ret == -EOPNOTSUPP || ret == -EBADMSG || ret == -ERANGE;
}

static void parameters(int serial)
{
	char altered[64];
	uint8_t sig[80];

	cases_begin();
	for (unsigned int n = 0; n < 3 * RANDOM; n++) {
		const char *how = hows[n % 3];
		size_t len = strlen(how) + 1;
		int ret;

		memcpy(altered, how, len);
		for (uint32_t changes = next(3); changes; changes--)
			altered[next((uint32_t)len - 1)] = (char)(1 + next(255));
		ret = keyring_pkey(KEYCTL_PKEY_SIGN, serial, altered, digest, next(sizeof(digest)), sig, next(sizeof(sig)));
		cases_is(ret > 0 || documented_pkey(ret), 1, "pkey_sign %s: %d", altered, ret);
		ret = keyring_pkey(KEYCTL_PKEY_VERIFY, serial, altered, digest, MHSM_SHA256_LEN, sig, next(sizeof(sig)));
		cases_is(!ret || documented_pkey(ret), 1, "pkey_verify %s: %d", altered, ret);
	}
	cases_end("parameters altered at random");
}

/* Bytes of a signature in DER altered: none verifies, unless it is as it was. */
static void signatures(int serial)
{
	uint8_t sig[80], altered[80];
	struct keyctl_pkey_query info;
	int len;

	cases_begin();
	cases_is(keyring_query(serial, hows[0], &info), 0, "a query");
	/* keyctl takes no larger buffer. */
	len = keyring_pkey(KEYCTL_PKEY_SIGN, serial, hows[0], digest, MHSM_SHA256_LEN, sig, info.max_sig_size);
	if (!cases_is(len > 0, 1, "a signature in DER"))
		len = 0;
	cases_is(keyring_pkey(KEYCTL_PKEY_VERIFY, serial, hows[0], digest, MHSM_SHA256_LEN, sig, (size_t)len), 0, "verifies");
	/* The kernel takes as many bytes as the longest signature has, however many it is told. */
	memset(altered, 0, sizeof(altered));
	for (int cut = 0; cut < len - 1; cut++) {
		cases_is(keyring_pkey(KEYCTL_PKEY_VERIFY, serial, hows[0], digest, MHSM_SHA256_LEN, altered, (size_t)cut),
			 -EBADMSG, "cut off at %d", cut);
		altered[cut] = sig[cut];
	}
	for (unsigned int n = 0; len && n < RANDOM; n++) {
		int at = (int)next((uint32_t)len);

		memcpy(altered, sig, sizeof(sig));
		altered[at] ^= (uint8_t)(1 + next(255));
		cases_is(keyring_pkey(KEYCTL_PKEY_VERIFY, serial, hows[0], digest, MHSM_SHA256_LEN, altered, (size_t)len),
			 -EBADMSG, "byte %d: %02x", at, altered[at]);
	}
	cases_end("signatures in DER, altered");
}

/* ------------------------------------------------------------------------------------------------------------------ */

static int set_up(void)
{
	const struct mhsm_key_spec spec = {
		.name = "ec", .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256, .flags = MHSM_KEY_ENABLED,
	};
	int kek = kek_new(device, "kek", MHSM_KEY_CONSUMERS), ec, ret;
	uint8_t token[MHSM_TOKEN_LEN];
	struct mhsm_key_info info;

	if (kek < 0)
		return kek;
	ret = mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token);
	close(kek);
	if (ret)
		return ret;
	keyring_hex(forms[4] + strlen("token:"), token, sizeof(token));
	ec = mhsm_key_create(device, &spec);
	if (ec < 0)
		return ec;
	ret = mhsm_key_info(ec, &info);
	close(ec);
	keyring_hex(forms[1] + strlen("key:ec/"), info.version, sizeof(info.version));
	return ret;
}

int main(void)
{
	const char *given = getenv("MHSM_SEED");
	struct mhsm_ioc_info before, after;
	int err = hsm_start(&hsm), serial;

	if (err)
		return tap_bail("hsm_start", err);
	if (given)
		seed = strtoull(given, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return tap_bail("getrandom", -errno);
	seed |= 1;
	printf("# MHSM_SEED=0x%llx\n", (unsigned long long)seed);
	device = mhsm_open(NULL);
	err = device < 0 ? device : set_up();
	if (err)
		return tap_bail("keys", err);
	serial = keyring_add("ec", forms[0], strlen(forms[0]));
	if (serial < 0 || mhsm_info(device, &before))
		return tap_bail("a key in a keyring", serial);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		cut_off(forms[i]);
		each_byte(forms[i]);
		at_random(forms[i]);
	}
	parameters(serial);
	signatures(serial);
	tap_ok(!mhsm_info(device, &after) && after.keys == before.keys && after.state == before.state,
	       "the HSM has the keys that it had");
	keyring_unlink(serial);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
