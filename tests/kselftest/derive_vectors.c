// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.12
 * timeout: 600
 *
 * DERIVE: the vectors of tests/vectors for key agreement and key derivation, each with a key made of the case's. On one
 * kernel: what differs between kernels, derive.c and macs.c do on both.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/derive.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/pkcs8.h"
#include "tests/unit/vectors.h"

static struct vectors *open_file(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", name);
	return vectors_open(path);
}

/* --- peers that are none ------------------------------------------------------------------------------------------ */

/* RFC 7748 section 6.1 refuses what comes out as zero: with any private key, what the vectors share nothing but zero with. */
static int refused(struct vectors *v, const struct curve *c)
{
	struct vectors_bytes shared;
	size_t i;

	if (c->type != MHSM_KEY_OKP)
		return !vectors_valid(v);
	shared = vectors_bytes(v, "shared");
	for (i = 0; i < shared.len; i++)
		if (shared.data[i])
			return 0;
	return 1;
}

static void peers(const struct curve *c)
{
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH };
	unsigned int wrong = 0;
	uint8_t out[SHARED_MAX + 1];
	struct vectors *v = open_file(c->vectors);
	size_t len;
	int fd;

	cases_begin();
	fd = session_key(c, BOTH);
	while (vectors_next(v)) {
		struct vectors_bytes peer = vectors_bytes(v, "public");

		/* With a private key of its own only a few of the many valid ones tell something new. */
		if (!refused(v, c) && vectors_count(v) % 16)
			continue;
		how.peer = peer.data;
		how.peer_len = peer.len;
		memset(out, UNTOUCHED, sizeof(out));
		len = c->len;
		wrong += refused(v, c);
		cases_is(bits(fd, &how, out, &len), refused(v, c) ? -EBADMSG : 0, "%s", vectors_where(v));
		if (refused(v, c))
			cases_is(out[0], UNTOUCHED, "%s: nothing is written", vectors_where(v));
	}
	cases_is(vectors_count(v), c->count, "cases in the file");
	cases_is(wrong > 0, 1, "some are wrong");
	vectors_close(v);
	close(fd);
	cases_end("%s: peers of %s, %u of them none", c->name, c->vectors, wrong);
}

/* A peer is x || y and nothing else: all these have other lengths. */
static void encoded(const struct curve *c, const char *name, unsigned int count)
{
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH };
	struct vectors *v = open_file(name);
	int fd = session_key(c, BOTH);
	uint8_t out[SHARED_MAX];
	size_t len;

	cases_begin();
	while (vectors_next(v)) {
		struct vectors_bytes peer = vectors_bytes(v, "public");

		how.peer = peer.data;
		how.peer_len = peer.len;
		memset(out, UNTOUCHED, sizeof(out));
		len = c->len;
		cases_is(bits(fd, &how, out, &len), -EINVAL, "%s", vectors_where(v));
		cases_is(out[0], UNTOUCHED, "%s: nothing is written", vectors_where(v));
	}
	cases_is(vectors_count(v), count, "cases in the file");
	vectors_close(v);
	close(fd);
	cases_end("%s: encodings that are none", name);
}

/* --- key agreement ------------------------------------------------------------------------------------------------ */

/* Imports @private, and derives with @peer: @shared comes out */
static void agree(const struct curve *c, const char *where, struct vectors_bytes private, struct vectors_bytes peer,
		  struct vectors_bytes shared)
{
	const struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .peer = peer.data, .peer_len = peer.len };
	static struct der_build der;
	uint8_t out[SHARED_MAX];
	size_t len = c->len;
	int fd;

	pkcs8_curve(&der, c->type, c->param, private);
	fd = import(c->type, c->param, der.data, der.len);
	cases_is(fd < 0 ? fd : 0, 0, "%s: import", where);
	cases_is(bits(fd, &how, out, &len), 0, "%s", where);
	cases_is((long)shared.len, (long)c->len, "%s: length", where);
	cases_is(memcmp(out, shared.data, c->len), 0, "%s: the secret", where);
	close(fd);
}

#define STEP 16 /* of the many cases that are valid each 16th: to import a key takes long in an emulated machine */

static void vectors_agree(const struct curve *c, const char *name, unsigned int count, unsigned int step)
{
	struct vectors *v = open_file(name);
	unsigned int done = 0;

	cases_begin();
	while (vectors_next(v)) {
		if (!vectors_valid(v) || refused(v, c) || vectors_count(v) % step)
			continue;
		agree(c, vectors_where(v), vectors_bytes(v, "private"), vectors_bytes(v, "public"), vectors_bytes(v, "shared"));
		done++;
	}
	cases_is(vectors_count(v), count, "cases in the file");
	cases_is(done >= count / (2 * step), 1, "enough of them");
	vectors_close(v);
	cases_end("%s: %u of the vectors of %s", c->name, done, name);
}

/* The first round, in which scalar and point are 9. What comes after is KUnit's. */
static void iterated(const struct curve *c)
{
	static const uint8_t nine[32] = { 9 };
	const struct vectors_bytes start = { nine, sizeof(nine) };
	struct vectors *v = open_file("x25519_rfc7748_iterated");

	cases_begin();
	cases_is(vectors_next(v) && vectors_number(v, "rounds") == 1, 1, "the first case");
	agree(c, vectors_where(v), start, start, vectors_bytes(v, "shared"));
	vectors_close(v);
	cases_end("%s: the first round of x25519_rfc7748_iterated", c->name);
}

static void encoded_and_printed(void)
{
	static const struct {
		const char *name;
		unsigned int curve, count; /* of curves[] */
	} files[] = {
		{ "p256_ecdh_encoded", 0, 272 },
		{ "p384_ecdh_encoded", 1, 260 },
		{ "p521_ecdh_encoded", 2, 278 },
		{ "p256k_ecdh_encoded", 3, 260 },
	};
	const struct curve *x25519 = &curves[4];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		encoded(&curves[files[i].curve], files[i].name, files[i].count);
	vectors_agree(x25519, "x25519_rfc7748", 6, 1);
	iterated(x25519);
}

/* --- functions --------------------------------------------------------------------------------------------------- */

/* Lengths that a generic secret has */
static int secret_offered(size_t len)
{
	return len >= 20 && len <= 64;
}

static const struct {
	const char *name;
	uint32_t alg;
	unsigned int count; /* cases in the file */
	unsigned int done; /* of the others the key has a length that generic secrets do not have, or there is another MAC */
} kdf_files[] = {
	{ "hkdf_sha256_rfc5869", MHSM_ALG_HKDF_SHA256, 3, 2 },
	{ "hkdf_sha256_wycheproof", MHSM_ALG_HKDF_SHA256, 86, 62 },
	{ "hkdf_sha384_wycheproof", MHSM_ALG_HKDF_SHA384, 83, 60 },
	{ "hkdf_sha512_wycheproof", MHSM_ALG_HKDF_SHA512, 83, 60 },
	{ "kbkdf_sp800_108", MHSM_ALG_KDF_CTR_SHA256, 62, 15 },
	{ "kbkdf_sp800_108", MHSM_ALG_KDF_CTR_SHA384, 62, 15 },
	{ "kbkdf_sp800_108", MHSM_ALG_KDF_CTR_SHA512, 62, 15 },
};

#define KDF_FILES (sizeof(kdf_files) / sizeof(kdf_files[0]))

static void vectors_kdf(const char *name, uint32_t alg, unsigned int count, unsigned int todo)
{
	int counter = alg >= MHSM_ALG_KDF_CTR_SHA256;
	struct mhsm_derivation how = { .alg = alg };
	static uint8_t out[MHSM_DERIVE_OUT_MAX];
	struct vectors *v = open_file(name);
	unsigned int done = 0;
	size_t size, len;
	int fd;

	cases_begin();
	while (vectors_next(v)) {
		struct vectors_bytes key = vectors_bytes(v, counter ? "key" : "ikm");
		struct vectors_bytes salt = vectors_bytes(v, counter ? "label" : "salt");
		struct vectors_bytes info = vectors_bytes(v, counter ? "context" : "info");

		if (counter && strcmp(vectors_word(v, "mac"), alg == MHSM_ALG_KDF_CTR_SHA256 ? "hmac-sha256" :
							      alg == MHSM_ALG_KDF_CTR_SHA384 ? "hmac-sha384" :
											       "hmac-sha512"))
			continue;
		fd = import(MHSM_KEY_HMAC, (uint32_t)(8 * key.len), key.data, key.len);
		cases_is(fd < 0 ? fd : 0, secret_offered(key.len) ? 0 : -EOPNOTSUPP, "%s: import", vectors_where(v));
		if (fd < 0)
			continue;
		how.salt = salt.data;
		how.salt_len = salt.len;
		how.info = info.data;
		how.info_len = info.len;
		size = vectors_number(v, "size");
		len = size < sizeof(out) ? size : sizeof(out) + 1;
		memset(out, UNTOUCHED, sizeof(out));
		cases_is(bits(fd, &how, out, &len), size && size <= sizeof(out) ? 0 : -EINVAL, "%s", vectors_where(v));
		if (size && size <= sizeof(out))
			cases_is(memcmp(out, vectors_bytes(v, "okm").data, size), 0, "%s: the result", vectors_where(v));
		else
			cases_is(out[0], UNTOUCHED, "%s: nothing is written", vectors_where(v));
		close(fd);
		done++;
	}
	cases_is(vectors_count(v), count, "cases in the file");
	cases_is(done, todo, "cases done");
	vectors_close(v);
	cases_end("%u of the vectors of %s, algorithm %u", done, name, alg);
}

int main(void)
{
	struct hsm *hsm;
	size_t i;
	int err;

	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, device);
	for (i = 0; i < CURVES; i++) {
		peers(&curves[i]);
		vectors_agree(&curves[i], curves[i].vectors, curves[i].count, STEP);
	}
	encoded_and_printed();
	for (i = 0; i < KDF_FILES; i++)
		vectors_kdf(kdf_files[i].name, kdf_files[i].alg, kdf_files[i].count, kdf_files[i].done);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
