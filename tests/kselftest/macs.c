// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * Codes by secret keys, SIGN and VERIFY with HMAC and CMAC: the vectors, OpenSSL at random, every wrong input, and the
 * way of an HMAC key through the store.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"
#include "tests/unit/vectors.h"

#define MAC_MAX 64

static struct hsm *hsm;
static int session;
static uint8_t message[MHSM_DATA_MAX + 1];

static const struct mac {
	uint32_t alg, type;
	size_t len;
	const char *hash; /* NULL: CMAC */
} macs[] = {
	{ MHSM_ALG_HS256, MHSM_KEY_HMAC, 32, "SHA256" },
	{ MHSM_ALG_HS384, MHSM_KEY_HMAC, 48, "SHA384" },
	{ MHSM_ALG_HS512, MHSM_KEY_HMAC, 64, "SHA512" },
	{ MHSM_ALG_AES_CMAC, MHSM_KEY_AES, 16, NULL },
};

#define MACS (sizeof(macs) / sizeof(macs[0]))

static long sign(int key, uint32_t alg, const void *in, size_t len, uint8_t *mac, size_t *mac_len)
{
	long ret;

	RETRY(ret, mhsm_sign(key, alg, MHSM_SIGN_MESSAGE, in, len, mac, mac_len));
	return ret;
}

static long verify(int key, uint32_t alg, const void *in, size_t len, const uint8_t *mac, size_t mac_len)
{
	long ret;

	RETRY(ret, mhsm_verify(key, alg, MHSM_SIGN_MESSAGE, in, len, mac, mac_len));
	return ret;
}

static int import(uint32_t type, const void *material, size_t len, uint32_t ops)
{
	struct mhsm_key_spec spec = {
		.type = type, .param = (uint32_t)(8 * len), .ops = ops, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	int ret;

	RETRY(ret, mhsm_key_import(session, &spec, material, len));
	return ret;
}

static bool offered(uint32_t type, size_t len)
{
	return type == MHSM_KEY_AES ? len == 16 || len == 24 || len == 32 : len >= 20 && len <= 64;
}

/* --- vectors ------------------------------------------------------------------------------------------------------ */

static void vector(struct vectors *v, const struct mac *m)
{
	struct vectors_bytes key = vectors_bytes(v, "key"), in = vectors_bytes(v, "message"), tag = vectors_bytes(v, "tag");
	int fd = import(m->type, key.data, key.len, MHSM_OP_SIGN | MHSM_OP_VERIFY);
	uint8_t made[MAC_MAX];
	size_t len = sizeof(made);
	const char *where = vectors_where(v);
	long want;

	cases_is(fd < 0 ? fd : 0, offered(m->type, key.len) ? 0 : key.len ? -EOPNOTSUPP : -EINVAL, "%s: KEY_IMPORT", where);
	if (fd < 0)
		return;
	/* Codes are whole. */
	want = tag.len != m->len ? -EINVAL : vectors_valid(v) ? 0 : -EBADMSG;
	cases_is(verify(fd, m->alg, in.data, in.len, tag.data, tag.len), want, "%s: VERIFY", where);
	cases_is(sign(fd, m->alg, in.data, in.len, made, &len), 0, "%s: SIGN", where);
	cases_is((long)len, (long)m->len, "%s: length", where);
	cases_is(tag.len <= len && !memcmp(made, tag.data, tag.len), vectors_valid(v), "%s: the code", where);
	close(fd);
}

static void vector_files(void)
{
	static const struct {
		const char *name;
		unsigned int mac, count;
	} files[] = {
		{ "hmac_sha256_rfc4231", 0, 7 },      { "hmac_sha384_rfc4231", 1, 7 },	    { "hmac_sha512_rfc4231", 2, 7 },
		{ "hmac_sha256_wycheproof", 0, 174 }, { "hmac_sha384_wycheproof", 1, 174 }, { "hmac_sha512_wycheproof", 2, 174 },
		{ "aes_cmac_rfc4493", 3, 12 },	      { "aes_cmac_wycheproof", 3, 311 },
	};
	char path[100];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct vectors *v;

		snprintf(path, sizeof(path), "tests/vectors/%s.txt", files[i].name);
		v = vectors_open(path);
		cases_begin();
		while (vectors_next(v))
			vector(v, &macs[files[i].mac]);
		cases_is(vectors_count(v), files[i].count, "%s: cases", files[i].name);
		cases_end("%s", files[i].name);
		vectors_close(v);
	}
}

/* --- OpenSSL ------------------------------------------------------------------------------------------------------ */

static size_t openssl_mac(const struct mac *m, const uint8_t *key, size_t key_len, size_t len, uint8_t out[MAC_MAX])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, m->hash ? "HMAC" : "CMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	size_t out_len = 0;
	OSSL_PARAM params[2];
	char cipher[20];

	snprintf(cipher, sizeof(cipher), "AES-%zu-CBC", 8 * key_len);
	params[0] = OSSL_PARAM_construct_utf8_string(m->hash ? "digest" : "cipher", m->hash ? (char *)m->hash : cipher, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (!EVP_MAC_init(ctx, key, key_len, params) || !EVP_MAC_update(ctx, message, len) ||
	    !EVP_MAC_final(ctx, out, &out_len, MAC_MAX))
		out_len = 0;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return out_len;
}

static void compare(const struct mac *m, size_t key_len)
{
	static const size_t lens[] = { 0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 111, 112, 127, 128, 129, 4095, 8193, 70001,
				       MHSM_DATA_MAX };
	uint8_t key[MAC_MAX], theirs[MAC_MAX], ours[MAC_MAX];
	size_t i, len;
	int fd;

	RAND_bytes(key, sizeof(key));
	fd = import(m->type, key, key_len, MHSM_OP_SIGN | MHSM_OP_VERIFY);
	cases_is(fd < 0 ? fd : 0, 0, "a key of %zu bytes", key_len);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		if (lens[i] > 100000 && key_len % 32)
			continue;
		len = sizeof(ours);
		cases_is(sign(fd, m->alg, message, lens[i], ours, &len), 0, "SIGN of %zu", lens[i]);
		cases_is((long)openssl_mac(m, key, key_len, lens[i], theirs), (long)len, "OpenSSL");
		cases_is(memcmp(ours, theirs, len), 0, "%zu bytes, key of %zu", lens[i], key_len);
		cases_is(verify(fd, m->alg, message, lens[i], theirs, len), 0, "VERIFY of %zu", lens[i]);
		theirs[lens[i] % len] ^= (uint8_t)(1 << lens[i] % 8);
		cases_is(verify(fd, m->alg, message, lens[i], theirs, len), -EBADMSG, "VERIFY of %zu, altered", lens[i]);
	}
	close(fd);
}

static void compare_all(void)
{
	size_t i, n;

	RAND_bytes(message, sizeof(message));
	for (i = 0; i < MACS; i++) {
		cases_begin();
		for (n = 16; n <= 64; n += macs[i].hash ? 4 : 8)
			if (offered(macs[i].type, n))
				compare(&macs[i], n);
		cases_end("OpenSSL makes the same with algorithm %u", macs[i].alg);
	}
}

/* --- wrong inputs ------------------------------------------------------------------------------------------------- */

static void wrong_lengths(const struct mac *m, int fd)
{
	uint8_t mac[MAC_MAX + 1], untouched[MAC_MAX + 1];
	size_t len, n, i;

	memset(mac, 0xa5, sizeof(mac));
	memset(untouched, 0xa5, sizeof(untouched));
	for (n = 0; n < m->len; n++) {
		len = n;
		cases_is(sign(fd, m->alg, message, 10, mac, &len), -ERANGE, "room for %zu", n);
		cases_is((long)len, (long)m->len, "needed");
	}
	cases_is(memcmp(mac, untouched, sizeof(mac)), 0, "nothing was written");
	len = sizeof(mac);
	cases_is(sign(fd, m->alg, message, MHSM_DATA_MAX + 1, mac, &len), -EINVAL, "a message too long");
	cases_is(memcmp(mac, untouched, sizeof(mac)), 0, "nothing was written");
	cases_is(mhsm_sign(fd, m->alg, 0, message, m->len, mac, &len), -EINVAL, "a digest");
	cases_is(mhsm_verify(fd, m->alg, 0, message, m->len, mac, m->len), -EINVAL, "a digest");
	len = sizeof(mac);
	cases_is(sign(fd, m->alg, message, 10, mac, &len), 0, "right");
	cases_is(memcmp(mac + m->len, untouched, sizeof(mac) - m->len), 0, "and no more was written");
	for (n = 0; n <= MAC_MAX; n++)
		if (n != m->len)
			cases_is(verify(fd, m->alg, message, 10, mac, n), -EINVAL, "a code of %zu", n);
	for (i = 0; i < 8 * m->len; i++) {
		mac[i / 8] ^= (uint8_t)(1 << i % 8);
		cases_is(verify(fd, m->alg, message, 10, mac, m->len), -EBADMSG, "bit %zu", i);
		mac[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	cases_is(verify(fd, m->alg, message, 9, mac, m->len), -EBADMSG, "another message");
	cases_is(verify(fd, m->alg, message, 10, mac, m->len), 0, "the message");
}

static void wrong_memory(const struct mac *m, int fd)
{
	uint8_t *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t mac[MAC_MAX];
	size_t len = sizeof(mac);

	munmap(edge + 4096, 4096);
	cases_is(sign(fd, m->alg, edge + 4096 - 10, 11, mac, &len), -EFAULT, "a message that ends in nothing");
	len = MAC_MAX;
	cases_is(sign(fd, m->alg, message, 10, edge + 4097 - m->len, &len), -EFAULT, "a code that does not fit");
	cases_is(verify(fd, m->alg, message, 10, edge + 4097 - m->len, m->len), -EFAULT, "a code that is not there");
	/* What is signed may be where the code goes. */
	memcpy(edge, message, 100);
	len = MAC_MAX;
	cases_is(sign(fd, m->alg, edge, 100, edge + 4, &len), 0, "over the message");
	cases_is(verify(fd, m->alg, message, 100, edge + 4, len), 0, "is right");
	munmap(edge, 4096);
}

static void wrong_keys(void)
{
	static const uint32_t sizes[] = { 0, 8, 152, 159, 161, 168 + 1, 513, 520, UINT32_MAX & ~7u };
	uint8_t key[65], mac[MAC_MAX];
	struct mhsm_key_spec spec = { .type = MHSM_KEY_HMAC, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	size_t len = sizeof(mac), i;
	int hmac, aes, one;

	cases_begin();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		spec.param = sizes[i];
		cases_is(mhsm_key_create(session, &spec), -EOPNOTSUPP, "%u bits", sizes[i]);
	}
	spec.param = 256;
	for (i = 1; i <= sizeof(key); i++)
		if (i != 32)
			cases_is(mhsm_key_import(session, &spec, key, i), -EINVAL, "%zu bytes for 256 bits", i);
	for (i = 0; i < 6; i++) {
		spec.ops = 1u << i;
		one = mhsm_key_create(session, &spec);
		cases_is(one < 0 ? one : 0, spec.ops & (MHSM_OP_SIGN | MHSM_OP_VERIFY) ? 0 : -EINVAL, "operation %#x", spec.ops);
		if (one >= 0)
			close(one);
	}
	memset(key, 7, sizeof(key));
	hmac = import(MHSM_KEY_HMAC, key, 32, 0);
	aes = import(MHSM_KEY_AES, key, 32, 0);
	cases_is(sign(hmac, MHSM_ALG_AES_CMAC, key, 1, mac, &len), -EOPNOTSUPP, "CMAC with HMAC's key");
	cases_is(sign(aes, MHSM_ALG_HS256, key, 1, mac, &len), -EOPNOTSUPP, "HMAC with an AES key");
	cases_is(sign(aes, MHSM_ALG_AES_CMAC, key, 1, mac, &len), -EPERM, "CMAC is not among the usual operations");
	cases_is(verify(aes, MHSM_ALG_AES_CMAC, key, 1, mac, 16), -EPERM, "nor its verification");
	len = sizeof(mac);
	cases_is(mhsm_wrap(hmac, MHSM_ALG_AES_KW, key, 32, mac, &len), -EOPNOTSUPP, "WRAP");
	cases_is(mhsm_encrypt(hmac, mac, NULL, 0, key, 1, mac + 20, mac + 30), -EOPNOTSUPP, "ENCRYPT");
	len = sizeof(mac);
	cases_is(mhsm_public_key(hmac, mac, &len), -EOPNOTSUPP, "PUBLIC");
	close(hmac);
	close(aes);
	one = import(MHSM_KEY_HMAC, key, 32, MHSM_OP_VERIFY);
	len = sizeof(mac);
	cases_is(sign(one, MHSM_ALG_HS256, key, 1, mac, &len), -EPERM, "a key that only verifies");
	cases_is(verify(one, MHSM_ALG_HS256, key, 1, mac, 32), -EBADMSG, "verifies");
	close(one);
	cases_end("keys, and what they are not for");
}

static void wrong_inputs(void)
{
	uint8_t key[32];
	size_t i;
	int fd;

	RAND_bytes(key, sizeof(key));
	for (i = 0; i < MACS; i++) {
		cases_begin();
		fd = import(macs[i].type, key, sizeof(key), MHSM_OP_SIGN | MHSM_OP_VERIFY);
		cases_is(fd < 0 ? fd : 0, 0, "a key");
		wrong_lengths(&macs[i], fd);
		wrong_memory(&macs[i], fd);
		close(fd);
		cases_end("wrong inputs, algorithm %u", macs[i].alg);
	}
	wrong_keys();
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

static void stored(void)
{
	struct mhsm_key_spec spec = { .name = "hmac", .type = MHSM_KEY_HMAC, .param = 344, .flags = MHSM_KEY_ENABLED };
	uint8_t mac[MAC_MAX];
	struct mhsm_key_info info;
	size_t len = sizeof(mac);
	int fd = mhsm_key_create(session, &spec);

	tap_ok(fd >= 0, "a key that lasts is made");
	tap_is(sign(fd, MHSM_ALG_HS512, message, 1000, mac, &len), 0, "it signs");
	tap_is(hsm_lock(hsm), 0, "the HSM is locked");
	tap_ok(verify(fd, MHSM_ALG_HS512, message, 1000, mac, len) == -ENOKEY, "the key is not there");
	close(fd);
	tap_is(hsm_unlock(hsm), 0, "the HSM is unlocked");
	fd = mhsm_key_open(session, "hmac", NULL, MHSM_OP_SIGN | MHSM_OP_VERIFY);
	tap_is(verify(fd, MHSM_ALG_HS512, message, 1000, mac, len), 0, "the key of the store verifies");
	tap_is(mhsm_key_info(fd, &info), 0, "what is public of it");
	tap_ok(info.type == MHSM_KEY_HMAC && info.param == 344 && !info.public_len &&
	       info.ops == (MHSM_OP_SIGN | MHSM_OP_VERIFY), "is its type, size and operations");
	close(fd);
}

int main(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	session = mhsm_open(NULL);
	if (session < 0)
		return tap_bail("mhsm_open", session);
	vector_files();
	compare_all();
	wrong_inputs();
	stored();
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
