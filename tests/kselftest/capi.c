// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * Every algorithm that takes a token, beside the plain one with the data key in the token, through AF_ALG: the same
 * bytes. What revocation does to each kind.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/alg.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/tap.h"

#define DATA_MAX 4096
#define ASSOC 20
#define TAG 16

enum kind_of { SKCIPHER, AEAD, HASH };
static const char *const types[] = { "skcipher", "aead", "hash" };

static const struct kind {
	enum kind_of of;
	const char *plain, *ours;
	uint32_t alg;
	size_t lens[3]; /* of data keys */
	size_t iv_len; /* of HASH: of the digest */
	uint8_t iv0; /* first byte of the IV, where it means something */
} kinds[] = {
	{ SKCIPHER, "xts(aes)", "mhsm(xts(aes))", MHSM_TOKEN_XTS_AES, { 32, 64 }, 16, 1 },
	{ SKCIPHER, "cbc(aes)", "mhsm(cbc(aes))", MHSM_TOKEN_CBC_AES, { 16, 32 }, 16, 1 },
	{ SKCIPHER, "ctr(aes)", "mhsm(ctr(aes))", MHSM_TOKEN_CTR_AES, { 16, 32 }, 16, 1 },
	{ SKCIPHER, "xts(aes)", "xts(paes)", MHSM_TOKEN_XTS_AES, { 32, 64 }, 16, 1 },
	{ SKCIPHER, "cbc(aes)", "cbc(paes)", MHSM_TOKEN_CBC_AES, { 16, 32 }, 16, 1 },
	{ SKCIPHER, "ctr(aes)", "ctr(paes)", MHSM_TOKEN_CTR_AES, { 16, 32 }, 16, 1 },
	{ SKCIPHER, "adiantum(xchacha12,aes)", "mhsm(adiantum(xchacha12,aes))", MHSM_TOKEN_ADIANTUM_XCHACHA12, { 32 }, 32,
	  1 },
	{ SKCIPHER, "adiantum(xchacha20,aes)", "mhsm(adiantum(xchacha20,aes))", MHSM_TOKEN_ADIANTUM_XCHACHA20, { 32 }, 32,
	  1 },
	{ AEAD, "gcm(aes)", "mhsm(gcm(aes))", MHSM_TOKEN_GCM_AES, { 16, 32 }, 12, 1 },
	{ AEAD, "ccm(aes)", "mhsm(ccm(aes))", MHSM_TOKEN_CCM_AES, { 16, 32 }, 16, 3 },
	{ AEAD, "rfc4106(gcm(aes))", "mhsm(rfc4106(gcm(aes)))", MHSM_TOKEN_RFC4106_GCM_AES, { 20, 36 }, 8, 1 },
	{ HASH, "hmac(sha256)", "mhsm(hmac(sha256))", MHSM_TOKEN_HMAC_SHA256, { 16, 33, 64 }, 32, 0 },
	{ HASH, "hmac(sha384)", "mhsm(hmac(sha384))", MHSM_TOKEN_HMAC_SHA384, { 16, 33, 64 }, 48, 0 },
	{ HASH, "hmac(sha512)", "mhsm(hmac(sha512))", MHSM_TOKEN_HMAC_SHA512, { 16, 33, 64 }, 64, 0 },
	{ HASH, "hmac(sha256)", "phmac(sha256)", MHSM_TOKEN_HMAC_SHA256, { 32 }, 32, 0 },
	{ HASH, "hmac(sha384)", "phmac(sha384)", MHSM_TOKEN_HMAC_SHA384, { 48 }, 48, 0 },
	{ HASH, "hmac(sha512)", "phmac(sha512)", MHSM_TOKEN_HMAC_SHA512, { 64 }, 64, 0 },
	{ HASH, "cmac(aes)", "mhsm(cmac(aes))", MHSM_TOKEN_CMAC_AES, { 16, 32 }, 16, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const size_t sizes[] = { 16, 512, DATA_MAX };

static struct hsm *hsm;
static int session;
static uint8_t data_key[64], data[ASSOC + DATA_MAX + TAG];

/* One request of @len bytes of the pattern, in the form of the kind. @out has room for all. Returns bytes of it, or < 0. */
static long encrypt(const struct kind *k, int fd, size_t len, uint8_t *out)
{
	uint8_t iv[32] = { k->iv0, 2, 3, 4, 5, 6, 7, 8 };
	size_t assoc = k->of == AEAD ? ASSOC : 0;
	struct alg_request r = {
		.op = ALG_OP_ENCRYPT,
		.iv = iv,
		.iv_len = k->iv_len,
		.assoc = assoc,
		.in = data,
		.in_len = assoc + len,
		.out = out,
		.out_len = assoc + len + (k->of == AEAD ? TAG : 0),
	};
	int ret;

	if (k->of == HASH) {
		ret = alg_digest(fd, data, len, out, k->iv_len);
		return ret ? ret : (long)k->iv_len;
	}
	ret = alg_run(fd, &r);
	return ret ? ret : (long)r.out_len;
}

static int decrypt(const struct kind *k, int fd, const uint8_t *in, size_t in_len, uint8_t *out)
{
	uint8_t iv[32] = { k->iv0, 2, 3, 4, 5, 6, 7, 8 };
	const struct alg_request r = {
		.op = ALG_OP_DECRYPT,
		.iv = iv,
		.iv_len = k->iv_len,
		.assoc = k->of == AEAD ? ASSOC : 0,
		.in = in,
		.in_len = in_len,
		.out = out,
		.out_len = in_len - (k->of == AEAD ? TAG : 0),
	};

	return alg_run(fd, &r);
}

static void same(const struct kind *k, int ours, int plain, size_t key_len)
{
	static uint8_t a[sizeof(data)], b[sizeof(data)];
	long got, want;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(a, 0, sizeof(a));
		memset(b, 0xff, sizeof(b));
		got = encrypt(k, ours, sizes[i], a);
		want = encrypt(k, plain, sizes[i], b);
		tap_ok(got > 0 && got == want && !memcmp(a, b, (size_t)got),
		       "%s, data key of %zu, %zu bytes: as %s (%ld, %ld)", k->ours, key_len, sizes[i], k->plain, got, want);
		if (k->of == HASH || got <= 0)
			continue;
		memset(b, 0, sizeof(b));
		tap_is(decrypt(k, ours, a, (size_t)got, b), 0, "decrypts");
		tap_ok(!memcmp(b, data, (k->of == AEAD ? ASSOC : 0) + sizes[i]), "to what it was");
		a[got - 1] ^= 1;
		if (k->of == AEAD)
			tap_is(decrypt(k, ours, a, (size_t)got, b), -EBADMSG, "and not when altered");
	}
}

static void test_kinds(int kek)
{
	uint8_t token[MHSM_TOKEN_LEN];

	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];

		for (size_t j = 0; j < 3 && k->lens[j]; j++) {
			int plain = alg_keyed(types[k->of], k->plain, data_key, k->lens[j], k->of == AEAD ? TAG : 0), ours;

			if (plain == -ENOENT) {
				tap_ok(1, "%s # SKIP this kernel has no %s", k->ours, k->plain);
				break;
			}
			tap_is(mhsm_token_import(kek, k->alg, data_key, k->lens[j], token), 0, "a token is made");
			ours = alg_keyed(types[k->of], k->ours, token, sizeof(token), k->of == AEAD ? TAG : 0);
			if (tap_ok(plain >= 0 && ours >= 0, "%s and %s take keys (%d, %d)", k->plain, k->ours, plain,
				   ours))
				same(k, ours, plain, k->lens[j]);
			close(plain);
			close(ours);
		}
	}
}

/* A token is for the one algorithm it names. */
static void test_other_algorithms(int kek)
{
	uint8_t token[MHSM_TOKEN_LEN];
	size_t refused = 0, others = 0;

	tap_is(mhsm_token_import(kek, MHSM_TOKEN_HMAC_SHA256, data_key, 32, token), 0, "a token for HMAC-SHA-256");
	for (size_t i = 0; i < KINDS; i++) {
		int fd = alg_bind(types[kinds[i].of], kinds[i].ours);

		if (fd >= 0 && kinds[i].alg != MHSM_TOKEN_HMAC_SHA256) {
			others++;
			refused += alg_setkey(fd, token, sizeof(token)) == -EKEYREJECTED;
		}
		close(fd);
	}
	tap_ok(others >= 10 && refused == others, "no other algorithm takes it (%zu of %zu)", refused, others);
}

/* The length of a tag is the inner algorithm's to allow. */
static void test_tag_lengths(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		int ours, plain;
		size_t len, alike = 0;

		if (kinds[i].of != AEAD)
			continue;
		ours = alg_bind("aead", kinds[i].ours);
		plain = alg_bind("aead", kinds[i].plain);
		for (len = 1; len <= 17; len++)
			alike += alg_set_tag_len(ours, len) == alg_set_tag_len(plain, len);
		tap_ok(alike == 17, "%s allows the tags that %s does (%zu of 17 lengths)", kinds[i].ours, kinds[i].plain,
		       alike);
		close(ours);
		close(plain);
	}
}

/* All that one HSM's end ends: every kind at once, each keyed with a token of its own */
static void test_revocation(int kek)
{
	uint8_t token[MHSM_TOKEN_LEN], out[sizeof(data)];
	size_t live = 0, dead = 0, refused = 0;
	int fds[KINDS];

	for (size_t i = 0; i < KINDS; i++) {
		fds[i] = mhsm_token_import(kek, kinds[i].alg, data_key, kinds[i].lens[0], token);
		if (!fds[i])
			fds[i] = alg_keyed(types[kinds[i].of], kinds[i].ours, token, sizeof(token),
					   kinds[i].of == AEAD ? TAG : 0);
		live += fds[i] >= 0 && encrypt(&kinds[i], fds[i], 512, out) > 0;
	}
	tap_ok(live >= 13, "%zu algorithms work", live);
	tap_is(hsm_lock(hsm), 0, "the HSM is locked");
	for (size_t i = 0; i < KINDS; i++)
		dead += fds[i] >= 0 && encrypt(&kinds[i], fds[i], 512, out) == -EKEYREVOKED;
	tap_ok(dead == live, "none of them works any more (%zu)", dead);
	for (size_t i = 0; i < KINDS; i++) {
		int fd = alg_bind(types[kinds[i].of], kinds[i].ours);

		refused += fd >= 0 && alg_setkey(fd, token, sizeof(token)) < 0;
		close(fd);
		close(fds[i]);
	}
	tap_ok(refused == live, "none takes a token (%zu)", refused);
	tap_is(hsm_unlock(hsm), 0, "the HSM is unlocked");
}

int main(void)
{
	int kek, ret;

	for (size_t i = 0; i < sizeof(data_key); i++)
		data_key[i] = (uint8_t)(0x35 + 11 * i);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i ^ i >> 7);
	ret = hsm_start(&hsm);
	if (ret)
		return tap_bail("the HSM does not start", ret);
	session = mhsm_open(NULL);
	kek = session < 0 ? session : kek_new(session, "kek", MHSM_KEY_CONSUMERS);
	if (kek < 0)
		return tap_bail("no KEK", kek);
	test_kinds(kek);
	test_other_algorithms(kek);
	test_tag_lengths();
	test_revocation(kek);
	close(kek);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
