// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.12
 * timeout: 600
 *
 * The vectors for RSA, ECDSA and EdDSA whose private keys are known, through the ioctls: the keys are imported. Where
 * the HSM does not offer a case's parameters, the case is refused. Of the RSA keys some are left out (`rsa_keys`), and
 * cases with them: an emulated processor takes seconds to test the primes of one. KUnit has all of them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/pkcs8.h"
#include "tests/kselftest/hsm/retry.h"
#include "tests/unit/vectors.h"

#define UNTOUCHED 0xa5

static int session;
static struct der_build der;
static uint8_t out[MHSM_PUBLIC_MAX];

/* A session key with all that its type can do; its fd, or a negative errno */
static int import(uint32_t type, uint32_t param, const void *material, size_t len)
{
	struct mhsm_key_spec spec = { .type = type, .param = param, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	int fd;

	RETRY(fd, mhsm_key_import(session, &spec, material, len));
	return fd;
}

static long verify(int fd, uint32_t alg, struct vectors_bytes message, struct vectors_bytes sig)
{
	long ret;

	RETRY(ret, mhsm_verify(fd, alg, MHSM_SIGN_MESSAGE, message.data, message.len, sig.data, sig.len));
	return ret;
}

static bool is_public(int fd, struct vectors_bytes want)
{
	struct mhsm_key_info info;

	return !mhsm_key_info(fd, &info) && info.public_len == want.len && !memcmp(info.pub, want.data, want.len);
}

static bool untouched(size_t from)
{
	while (from < sizeof(out) && out[from] == UNTOUCHED)
		from++;
	return from == sizeof(out);
}

/* --- RSA keys ----------------------------------------------------------------------------------------------------- */

/* Keys of rsa_keys_pkcs8.txt that are imported: of 2048 bits, those with many cases; of the others one each */
static struct rsa_key {
	const char *name;
	size_t n_len;
	int fd;
} rsa_keys[] = {
	{ "2048-1", 256, -1 }, { "2048-4", 256, -1 },  { "2048-5", 256, -1 },  { "2048-7", 256, -1 },
	{ "2048-8", 256, -1 }, { "2048-10", 256, -1 }, { "2048-11", 256, -1 }, { "3072-1", 384, -1 },
	{ "4096-1", 512, -1 },
};

#define RSA_KEYS (sizeof(rsa_keys) / sizeof(rsa_keys[0]))

/* The key of the present case, or NULL if it was not imported */
static struct rsa_key *rsa_key_of(const struct vectors *v)
{
	for (size_t i = 0; i < RSA_KEYS; i++)
		if (!strcmp(rsa_keys[i].name, vectors_word(v, "key")))
			return &rsa_keys[i];
	return NULL;
}

/* With exponent 3 */
static bool rsa_refused(const char *name)
{
	static const char *const names[] = { "2048-2", "2048-3", "2048-6", "3072-2", "3072-5" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool pkcs8(struct vectors *v)
{
	struct vectors_bytes material = vectors_bytes(v, "pkcs8");
	struct rsa_key *k = rsa_key_of(v);
	int fd;

	if (!k && !rsa_refused(vectors_word(v, "key")))
		return false;
	fd = import(MHSM_KEY_RSA, k ? (uint32_t)(8 * k->n_len) : 2048, material.data, material.len);
	cases_is(fd < 0 ? fd : 0, k ? 0 : -EOPNOTSUPP, "key %s: KEY_IMPORT", vectors_word(v, "key"));
	if (k)
		k->fd = fd;
	return true;
}

/* --- RSA signatures ----------------------------------------------------------------------------------------------- */

/* The HSM's algorithm for the hash that is @field of the case, or 0; @algs for SHA-1, SHA-256, SHA-384, SHA-512 */
static uint32_t alg_of(const struct vectors *v, const char *field, const uint32_t algs[4])
{
	static const char *const hashes[] = { "sha1", "sha256", "sha384", "sha512" };

	for (size_t i = 0; i < 4; i++)
		if (!strcmp(hashes[i], vectors_word(v, field)))
			return algs[i];
	return 0;
}

static const uint32_t pkcs1_algs[] = { 0, MHSM_ALG_RS256, MHSM_ALG_RS384, MHSM_ALG_RS512 };
static const uint32_t pss_algs[] = { 0, MHSM_ALG_PS256, MHSM_ALG_PS384, MHSM_ALG_PS512 };

static void rsa_verified(struct vectors *v, const struct rsa_key *k, uint32_t alg, bool valid)
{
	struct vectors_bytes sig = vectors_bytes(v, "signature");
	long want = sig.len != k->n_len ? -EINVAL : valid ? 0 : -EBADMSG;

	cases_is(verify(k->fd, alg, vectors_bytes(v, "message"), sig), want, "%s: VERIFY", vectors_where(v));
}

static bool pkcs1_verify(struct vectors *v)
{
	uint32_t alg = alg_of(v, "hash", pkcs1_algs);
	const struct rsa_key *k = rsa_key_of(v);

	if (k)
		rsa_verified(v, k, alg ? alg : MHSM_ALG_RS256, alg && vectors_valid(v));
	return k;
}

static bool pkcs1_sign(struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), want = vectors_bytes(v, "signature");
	uint32_t alg = alg_of(v, "hash", pkcs1_algs);
	const struct rsa_key *k = rsa_key_of(v);
	size_t len = sizeof(out);
	long ret;

	if (!k)
		return false;
	rsa_verified(v, k, alg ? alg : MHSM_ALG_RS256, alg && vectors_valid(v));
	if (!alg)
		return true;
	RETRY(ret, mhsm_sign(k->fd, alg, MHSM_SIGN_MESSAGE, message.data, message.len, out, &len));
	cases_is(ret, 0, "%s: SIGN", vectors_where(v));
	cases_is(len == want.len && !memcmp(out, want.data, len), true, "%s: the signature", vectors_where(v));
	return true;
}

/* Wrong because its salt has 32 bytes and should have none: so it is a signature by PS256. */
static bool salt_is_ours(const struct vectors *v)
{
	return !strcmp(vectors_word(v, "id"), "69") && !strcmp(vectors_word(v, "key"), "2048-1") &&
	       !vectors_number(v, "salt");
}

/* Where there is no algorithm for the case, PS256 refuses it. */
static bool pss_verify(struct vectors *v)
{
	static const uint32_t salts[] = { 20, 32, 48, 64 };
	uint32_t alg = alg_of(v, "hash", pss_algs);
	const struct rsa_key *k = rsa_key_of(v);

	if (strcmp(vectors_word(v, "hash"), vectors_word(v, "mgf")) || vectors_number(v, "salt") != alg_of(v, "hash", salts))
		alg = 0;
	if (k)
		rsa_verified(v, k, alg ? alg : MHSM_ALG_PS256, alg ? vectors_valid(v) : salt_is_ours(v));
	return k;
}

/* --- RSA encryption ----------------------------------------------------------------------------------------------- */

static long decrypt(struct vectors *v, const struct rsa_key *k, uint32_t alg, struct vectors_bytes label, size_t *len)
{
	struct vectors_bytes in = vectors_bytes(v, "ciphertext");
	long ret;

	memset(out, UNTOUCHED, sizeof(out));
	*len = sizeof(out);
	RETRY(ret, mhsm_rsa_decrypt(k->fd, alg, label.data, label.len, in.data, in.len, out, len));
	return ret;
}

static bool came_out(struct vectors *v, size_t len)
{
	struct vectors_bytes want = vectors_bytes(v, "message");

	return len == want.len && !memcmp(out, want.data, len) && untouched(len);
}

static bool oaep_decrypt(struct vectors *v)
{
	static const uint32_t algs[] = { MHSM_ALG_RSA_OAEP, MHSM_ALG_RSA_OAEP_256, MHSM_ALG_RSA_OAEP_384,
					 MHSM_ALG_RSA_OAEP_512 };
	uint32_t alg = alg_of(v, "hash", algs);
	bool offered = alg && !strcmp(vectors_word(v, "hash"), vectors_word(v, "mgf"));
	const struct rsa_key *k = rsa_key_of(v);
	long want, ret;
	size_t len;

	if (!k)
		return false;
	want = vectors_bytes(v, "ciphertext").len != k->n_len ? -EINVAL : offered && vectors_valid(v) ? 0 : -EBADMSG;
	ret = decrypt(v, k, alg ? alg : MHSM_ALG_RSA_OAEP_256, vectors_bytes(v, "label"), &len);
	cases_is(ret, want, "%s: DECRYPT", vectors_where(v));
	cases_is(ret ? untouched(0) : came_out(v, len), true, "%s: what DECRYPT writes", vectors_where(v));
	return true;
}

static const struct vectors_bytes no_label = { (const uint8_t *)"", 0 };

/* A wrong padding is no error: something else comes out. */
static bool pkcs1_decrypt(struct vectors *v)
{
	const struct rsa_key *k = rsa_key_of(v);
	long want = 0, ret;
	size_t len;

	if (!k)
		return false;
	if (vectors_bytes(v, "ciphertext").len != k->n_len)
		want = -EINVAL;
	else if (vectors_flag(v, "InvalidCiphertextFormat"))
		want = -EBADMSG;
	ret = decrypt(v, k, MHSM_ALG_RSA1_5, no_label, &len);
	cases_is(ret, want, "%s: DECRYPT", vectors_where(v));
	if (ret)
		cases_is(untouched(0), true, "%s: DECRYPT writes nothing", vectors_where(v));
	else
		cases_is(came_out(v, len), vectors_valid(v), "%s: is it the message?", vectors_where(v));
	return true;
}

static struct rsa_key rejection = { "rejection", 256, -1 };

static bool rejection_key(struct vectors *v)
{
	pkcs8_rsa(&der, v);
	rejection.n_len = vectors_bytes(v, "n").len;
	rejection.fd = import(MHSM_KEY_RSA, (uint32_t)(8 * rejection.n_len), der.data, der.len);
	cases_is(rejection.fd < 0 ? rejection.fd : 0, 0, "KEY_IMPORT");
	return true;
}

static bool implicit_rejection(struct vectors *v)
{
	size_t len;

	cases_is(decrypt(v, &rejection, MHSM_ALG_RSA1_5, no_label, &len), 0, "%s: DECRYPT", vectors_where(v));
	cases_is(came_out(v, len), true, "%s: what DECRYPT writes", vectors_where(v));
	return true;
}

/* --- curves ------------------------------------------------------------------------------------------------------- */

/* The case's private key, whose public half is the case's; or a negative errno */
static int curve_key(struct vectors *v, uint32_t type, uint32_t param)
{
	int fd;

	pkcs8_curve(&der, type, param, vectors_bytes(v, "private"));
	fd = import(type, param, der.data, der.len);
	cases_is(fd < 0 ? fd : 0, 0, "%s: KEY_IMPORT", vectors_where(v));
	cases_is(is_public(fd, vectors_bytes(v, "public")), true, "%s: the public key", vectors_where(v));
	return fd;
}

/* The nonce is the HSM's own, so that only the printed signature can be looked at; with another hash it is none. */
static bool ecdsa(struct vectors *v, uint32_t curve, uint32_t alg, const char *hash)
{
	long want = strcmp(vectors_word(v, "hash"), hash) ? -EBADMSG : 0;
	int fd = curve_key(v, MHSM_KEY_EC, curve);

	cases_is(verify(fd, alg, vectors_bytes(v, "message"), vectors_bytes(v, "signature")), want, "%s: VERIFY",
		 vectors_where(v));
	close(fd);
	return true;
}

static bool p256(struct vectors *v)
{
	return ecdsa(v, MHSM_CURVE_P256, MHSM_ALG_ES256, "sha256");
}

static bool p384(struct vectors *v)
{
	return ecdsa(v, MHSM_CURVE_P384, MHSM_ALG_ES384, "sha384");
}

static bool p521(struct vectors *v)
{
	return ecdsa(v, MHSM_CURVE_P521, MHSM_ALG_ES512, "sha512");
}

static bool ed25519(struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), sig = vectors_bytes(v, "signature");
	int fd = curve_key(v, MHSM_KEY_OKP, MHSM_CURVE_ED25519);
	size_t len = sizeof(out);
	long ret;

	RETRY(ret, mhsm_sign(fd, MHSM_ALG_EDDSA, MHSM_SIGN_MESSAGE, message.data, message.len, out, &len));
	cases_is(ret, 0, "%s: SIGN", vectors_where(v));
	cases_is(len == sig.len && !memcmp(out, sig.data, len), true, "%s: the signature", vectors_where(v));
	cases_is(verify(fd, MHSM_ALG_EDDSA, message, sig), 0, "%s: VERIFY", vectors_where(v));
	out[len / 2] ^= 1;
	cases_is(verify(fd, MHSM_ALG_EDDSA, message, (struct vectors_bytes){ out, len }), -EBADMSG, "%s: VERIFY, altered",
		 vectors_where(v));
	close(fd);
	return true;
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool (*one)(struct vectors *v); /* false: it is left out */
	unsigned int count; /* cases in the file: none is to be missing */
	unsigned int done;
} files[] = {
	{ "rsa_keys_pkcs8", pkcs8, 118, 14 },
	{ "rsa_pkcs1_2048_verify", pkcs1_verify, 776, 773 },
	{ "rsa_pkcs1_3072_verify", pkcs1_verify, 778, 258 },
	{ "rsa_pkcs1_4096_verify", pkcs1_verify, 776, 258 },
	{ "rsa_pss_verify", pss_verify, 1038, 568 },
	{ "rsa_pkcs1_sign", pkcs1_sign, 93, 56 },
	{ "rsa_oaep_decrypt", oaep_decrypt, 250, 177 },
	{ "rsa_pkcs1_decrypt", pkcs1_decrypt, 201, 35 },
	{ "rsa_implicit_rejection_key", rejection_key, 1, 1 },
	{ "rsa_implicit_rejection", implicit_rejection, 10, 10 },
	{ "p256_ecdsa_rfc6979", p256, 10, 10 },
	{ "p384_ecdsa_rfc6979", p384, 10, 10 },
	{ "p521_ecdsa_rfc6979", p521, 10, 10 },
	{ "ed25519_rfc8032", ed25519, 5, 5 },
};

static void run_file(size_t i)
{
	unsigned int done = 0;
	struct vectors *v;
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", files[i].name);
	v = vectors_open(path);
	cases_begin();
	while (vectors_next(v))
		done += files[i].one(v);
	cases_is(vectors_count(v), files[i].count, "%s: cases", files[i].name);
	cases_is(done, files[i].done, "%s: cases done", files[i].name);
	cases_end("%s: %u of %u vectors", files[i].name, done, files[i].count);
	vectors_close(v);
}

int main(void)
{
	struct hsm *hsm;
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	session = mhsm_open(NULL);
	if (session < 0)
		return tap_bail("mhsm_open", session);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		run_file(i);
	for (size_t i = 0; i < RSA_KEYS; i++)
		close(rsa_keys[i].fd);
	close(rejection.fd);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
