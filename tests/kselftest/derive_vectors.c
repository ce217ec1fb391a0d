// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * DERIVE: the vectors of tests/vectors for key agreement and key derivation, each with a key made of the case's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* EC_KEY: to make a key of its number */
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/derive.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/unit/vectors.h"

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
	struct vectors *v;
	char path[100];
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", c->vectors);
	v = vectors_open(path);
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

/* --- key agreement ------------------------------------------------------------------------------------------------ */

/* A private key of @c as PKCS#8; the length */
static size_t pkcs8(const struct curve *c, struct vectors_bytes private, uint8_t der[512])
{
	EC_GROUP *group = NULL;
	EC_POINT *point = NULL;
	PKCS8_PRIV_KEY_INFO *info;
	EC_KEY *ec = NULL;
	EVP_PKEY *key;
	BIGNUM *d;
	int len;

	if (c->type == MHSM_KEY_OKP) {
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private.data, private.len);
	} else {
		key = EVP_PKEY_new();
		group = EC_GROUP_new_by_curve_name(c->param == MHSM_CURVE_P256K ? OBJ_txt2nid(c->name) :
										  EC_curve_nist2nid(c->name));
		ec = EC_KEY_new();
		d = BN_bin2bn(private.data, (int)private.len, NULL);
		must(key && group && ec && d && EC_KEY_set_group(ec, group));
		point = EC_POINT_new(group);
		must(point && EC_POINT_mul(group, point, d, NULL, NULL, NULL) && EC_KEY_set_private_key(ec, d) &&
		     EC_KEY_set_public_key(ec, point) && EVP_PKEY_assign_EC_KEY(key, ec));
		BN_free(d);
	}
	info = EVP_PKEY2PKCS8(key);
	len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
	must(key && len > 0 && len <= 512);
	PKCS8_PRIV_KEY_INFO_free(info);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	EVP_PKEY_free(key);
	return (size_t)len;
}

#define STEP 16 /* of the many cases that are valid each 16th: to import a key takes long in an emulated machine */

static void vectors_agree(const struct curve *c)
{
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH };
	unsigned int done = 0;
	uint8_t out[SHARED_MAX], der[512];
	struct vectors *v;
	char path[100];
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", c->vectors);
	v = vectors_open(path);
	cases_begin();
	while (vectors_next(v)) {
		struct vectors_bytes peer = vectors_bytes(v, "public"), shared = vectors_bytes(v, "shared");

		if (!vectors_valid(v) || refused(v, c) || vectors_count(v) % STEP)
			continue;
		fd = import(c->type, c->param, der, pkcs8(c, vectors_bytes(v, "private"), der));
		cases_is(fd < 0 ? fd : 0, 0, "%s: import", vectors_where(v));
		how.peer = peer.data;
		how.peer_len = peer.len;
		len = c->len;
		cases_is(bits(fd, &how, out, &len), 0, "%s", vectors_where(v));
		cases_is(memcmp(out, shared.data, c->len), 0, "%s: the secret", vectors_where(v));
		close(fd);
		done++;
	}
	cases_is(done >= c->count / (2 * STEP), 1, "enough of them");
	vectors_close(v);
	cases_end("%s: %u of the vectors of %s", c->name, done, c->vectors);
}

/* --- functions --------------------------------------------------------------------------------------------------- */

/* Lengths that a generic secret has */
static int secret_offered(size_t len)
{
	return len >= 20 && len <= 64;
}

static void vectors_kdf(const char *name, uint32_t alg, unsigned int count)
{
	int counter = alg >= MHSM_ALG_KDF_CTR_SHA256;
	struct mhsm_derivation how = { .alg = alg };
	static uint8_t out[MHSM_DERIVE_OUT_MAX];
	unsigned int done = 0;
	struct vectors *v;
	char path[100];
	size_t size, len;
	int fd;

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", name);
	v = vectors_open(path);
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
	cases_is(done > 10, 1, "enough of them");
	vectors_close(v);
	cases_end("%u of the vectors of %s, algorithm %u", done, name, alg);
}

int main(void)
{
	struct hsm *hsm;
	char name[40];
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
		vectors_agree(&curves[i]);
	}
	for (i = 0; i < KDFS; i++) {
		if (kdfs[i].alg < MHSM_ALG_KDF_CTR_SHA256)
			snprintf(name, sizeof(name), "hkdf_sha%s_wycheproof", kdfs[i].digest + 3);
		else
			snprintf(name, sizeof(name), "kbkdf_sp800_108");
		vectors_kdf(name, kdfs[i].alg, kdfs[i].count);
	}
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
