// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * DERIVE: OpenSSL and the HSM come to the same secret, each with its own private key, on all curves and with all
 * functions that follow, as bytes and as keys; peers that are none are refused; and who may.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/unit/vectors.h"

#define PAGE 4096
#define SHARED_MAX 66
#define PEER_MAX 132
#define UNTOUCHED 0xa5

static struct hsm *hsm;
static int device;

/* What only OpenSSL can get wrong ends the program. */
#define must(condition)                                                                                              \
	do {                                                                                                         \
		if (!(condition)) {                                                                                  \
			printf("Bail out! line %d: %s\n", __LINE__, #condition);                                     \
			exit(1);                                                                                     \
		}                                                                                                    \
	} while (0)

static const struct curve {
	const char *name; /* OpenSSL's */
	const char *vectors; /* tests/vectors/..., of peers */
	uint32_t type, param;
	size_t len; /* bytes of the shared secret */
	unsigned int count; /* cases in the file */
} curves[] = {
	{ "P-256", "p256_ecdh", MHSM_KEY_EC, MHSM_CURVE_P256, 32, 695 },
	{ "P-384", "p384_ecdh", MHSM_KEY_EC, MHSM_CURVE_P384, 48, 1577 },
	{ "P-521", "p521_ecdh", MHSM_KEY_EC, MHSM_CURVE_P521, 66, 1299 },
	{ "secp256k1", "p256k_ecdh", MHSM_KEY_EC, MHSM_CURVE_P256K, 32, 492 },
	{ "X25519", "x25519", MHSM_KEY_OKP, MHSM_CURVE_X25519, 32, 518 },
};
#define CURVES (sizeof(curves) / sizeof(curves[0]))

static const struct kdf {
	uint32_t alg;
	const char *name, *digest; /* OpenSSL's */
} kdfs[] = {
	{ MHSM_ALG_HKDF_SHA256, "HKDF", "SHA256" },    { MHSM_ALG_HKDF_SHA384, "HKDF", "SHA384" },
	{ MHSM_ALG_HKDF_SHA512, "HKDF", "SHA512" },    { MHSM_ALG_KDF_CTR_SHA256, "KBKDF", "SHA256" },
	{ MHSM_ALG_KDF_CTR_SHA384, "KBKDF", "SHA384" }, { MHSM_ALG_KDF_CTR_SHA512, "KBKDF", "SHA512" },
};
#define KDFS (sizeof(kdfs) / sizeof(kdfs[0]))

/* --- OpenSSL ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *peer_make(const struct curve *c)
{
	EVP_PKEY *key = c->type == MHSM_KEY_OKP ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
						  EVP_PKEY_Q_keygen(NULL, NULL, "EC", c->name);

	must(key);
	return key;
}

/* Its public key in the HSM's form */
static size_t peer_public(EVP_PKEY *key, const struct curve *c, uint8_t public[PEER_MAX])
{
	uint8_t point[1 + PEER_MAX];
	size_t len = PEER_MAX;

	if (c->type == MHSM_KEY_OKP) {
		must(EVP_PKEY_get_raw_public_key(key, public, &len));
		return len;
	}
	must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len));
	must(point[0] == 4 && len == 1 + 2 * c->len);
	memcpy(public, point + 1, len - 1);
	return len - 1;
}

/* The secret by the peer's private key and the public one of the HSM's key @fd, as it is exported */
static void peer_agree(EVP_PKEY *key, int fd, const struct curve *c, uint8_t shared[SHARED_MAX])
{
	uint8_t der[512];
	const uint8_t *p = der;
	size_t len = sizeof(der);
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *ours;

	must(!mhsm_public_key(fd, der, &len));
	ours = d2i_PUBKEY(NULL, &p, (long)len);
	must(ours && p == der + len);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	len = SHARED_MAX;
	must(ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, ours) == 1 &&
	     EVP_PKEY_derive(ctx, shared, &len) == 1 && len == c->len);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(ours);
}

static void kdf_openssl(const struct kdf *k, const uint8_t *secret, size_t secret_len,
			const struct mhsm_derivation *how, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, k->name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[7], *q = p;

	if (!strcmp(k->name, "KBKDF")) {
		*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"counter", 0);
		*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)"HMAC", 0);
	}
	*q++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)k->digest, 0);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(how->salt ? how->salt : ""), how->salt_len);
	*q++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(how->info ? how->info : ""), how->info_len);
	*q = OSSL_PARAM_construct_end();
	must(ctx && EVP_KDF_derive(ctx, out, len, p) == 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* AES-GCM of one zero byte under a zero IV: what tells whether the HSM has the key that OpenSSL has */
static void gcm_openssl(const uint8_t *key, size_t len, uint8_t ct[1], uint8_t tag[16])
{
	const EVP_CIPHER *cipher = len == 16 ? EVP_aes_128_gcm() : len == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t zero[12] = { 0 };
	int n;

	must(ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, key, zero) && EVP_EncryptUpdate(ctx, ct, &n, zero, 1) &&
	     EVP_EncryptFinal_ex(ctx, ct + n, &n) && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(ctx);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static long retry(long ret, int *tries)
{
	/* A program that is faster than the auditor is told to wait. */
	if (ret != -ENOBUFS || ++*tries == 1000)
		return 0;
	usleep(10000);
	return 1;
}

static long bits(int fd, const struct mhsm_derivation *how, void *out, size_t *len)
{
	size_t room = *len;
	int tries = 0;
	long ret;

	do {
		*len = room;
		ret = mhsm_derive_bits(fd, how, out, len);
	} while (retry(ret, &tries));
	return ret;
}

static int session_key(const struct curve *c, uint32_t ops)
{
	struct mhsm_key_spec spec = { .type = c->type, .param = c->param, .ops = ops,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	int tries = 0, fd;

	do
		fd = mhsm_key_create(device, &spec);
	while (retry(fd, &tries));
	return fd;
}

#define BOTH (MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS)

/* --- both directions ---------------------------------------------------------------------------------------------- */

static void kdf_each(const struct curve *c, int fd, struct mhsm_derivation how, const uint8_t *shared)
{
	static const struct {
		size_t salt, info, out;
	} lens[] = { { 13, 10, 42 }, { 0, 0, 1 }, { 1, 0, 32 }, { 0, 1, 64 }, { 64, 200, 65 },
		     { MHSM_DERIVE_PART_MAX, MHSM_DERIVE_PART_MAX, MHSM_DERIVE_OUT_MAX } };
	static uint8_t text[MHSM_DERIVE_PART_MAX], ours[MHSM_DERIVE_OUT_MAX + 1], theirs[MHSM_DERIVE_OUT_MAX];
	size_t i, j, len;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	for (i = 0; i < KDFS; i++)
		for (j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			how.kdf = kdfs[i].alg;
			how.salt = text;
			how.salt_len = lens[j].salt;
			how.info = text + 3;
			how.info_len = lens[j].info;
			if (lens[j].info == sizeof(text))
				how.info = text;
			memset(ours, UNTOUCHED, sizeof(ours));
			len = lens[j].out;
			cases_is(bits(fd, &how, ours, &len), 0, "%s, kdf %u, %zu bytes", c->name, how.kdf, len);
			kdf_openssl(&kdfs[i], shared, c->len, &how, theirs, lens[j].out);
			cases_is(!memcmp(ours, theirs, lens[j].out) && ours[lens[j].out] == UNTOUCHED, 1,
				 "%s: kdf %u, %zu bytes are OpenSSL's", c->name, how.kdf, lens[j].out);
		}
}

static void agree(const struct curve *c)
{
	uint8_t peer[PEER_MAX], ours[SHARED_MAX + 1], theirs[SHARED_MAX];
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .peer = peer };
	size_t len, room;
	EVP_PKEY *key;
	int fd, i;

	cases_begin();
	fd = session_key(c, BOTH);
	cases_is(fd < 0 ? fd : 0, 0, "a key");
	for (i = 0; i < 20; i++) {
		key = peer_make(c);
		how.peer_len = peer_public(key, c, peer);
		peer_agree(key, fd, c, theirs);
		memset(ours, UNTOUCHED, sizeof(ours));
		len = c->len;
		cases_is(bits(fd, &how, ours, &len), 0, "the secret");
		cases_is(!memcmp(ours, theirs, c->len) && ours[c->len] == UNTOUCHED, 1, "it is OpenSSL's");
		if (!i)
			kdf_each(c, fd, how, theirs);
		EVP_PKEY_free(key);
	}
	for (len = 0; len < c->len; len++) {
		room = len;
		memset(ours, UNTOUCHED, sizeof(ours));
		cases_is(bits(fd, &how, ours, &room), -ERANGE, "%zu bytes of room", len);
		cases_is((long)room, (long)c->len, "the length needed");
		cases_is(ours[0], UNTOUCHED, "nothing written");
	}
	len = c->len + 1;
	cases_is(bits(fd, &how, ours, &len), -EINVAL, "more than there is");
	for (i = 0, room = how.peer_len; i <= PEER_MAX; i++) {
		how.peer_len = (size_t)i;
		len = c->len;
		if ((size_t)i != room)
			cases_is(bits(fd, &how, ours, &len), -EINVAL, "a peer of %d bytes", i);
	}
	how.peer_len = room;
	/* In place: what is read was read before anything is written. */
	len = c->len;
	cases_is(bits(fd, &how, ours, &len), 0, "the secret again");
	len = c->len;
	cases_is(bits(fd, &how, peer, &len), 0, "over the peer's public key");
	cases_is(memcmp(ours, peer, c->len), 0, "in place");
	close(fd);
	cases_end("%s: the HSM and OpenSSL agree", c->name);
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

/* Coordinates that are not below p, points off the curve, infinity in what forms there are */
static void bent(const struct curve *c)
{
	uint8_t peer[PEER_MAX], good[PEER_MAX], out[SHARED_MAX];
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .peer = peer };
	EVP_PKEY *key = peer_make(c);
	size_t len, i;
	int fd;

	cases_begin();
	fd = session_key(c, BOTH);
	how.peer_len = peer_public(key, c, good);
	for (i = 0; i < how.peer_len; i++) {
		memcpy(peer, good, sizeof(peer));
		peer[i] ^= 1;
		len = c->len;
		cases_is(bits(fd, &how, out, &len), -EBADMSG, "byte %zu", i);
	}
	memset(peer, 0, sizeof(peer));
	cases_is(bits(fd, &how, out, &len), -EBADMSG, "zero");
	memset(peer, 0xff, sizeof(peer));
	cases_is(bits(fd, &how, out, &len), -EBADMSG, "ff..");
	memcpy(peer, good, sizeof(peer));
	memset(peer, 0xff, c->len);
	cases_is(bits(fd, &how, out, &len), -EBADMSG, "x >= p");
	memcpy(peer, good, sizeof(peer));
	memset(peer + c->len, 0xff, c->len);
	cases_is(bits(fd, &how, out, &len), -EBADMSG, "y >= p");
	EVP_PKEY_free(key);
	close(fd);
	cases_end("%s: points off the curve, coordinates out of range", c->name);
}

/* --- into keys ---------------------------------------------------------------------------------------------------- */

static void same_key(int fd, const uint8_t *want, size_t len, const char *what)
{
	uint8_t ours[1], theirs[1], tag[16], their_tag[16], iv[12] = { 0 }, zero[1] = { 0 };

	cases_is(fd < 0 ? fd : 0, 0, "%s: a key", what);
	if (fd < 0)
		return;
	cases_is(mhsm_encrypt_iv(fd, iv, NULL, 0, zero, 1, ours, tag), 0, "%s: it encrypts", what);
	gcm_openssl(want, len, theirs, their_tag);
	cases_is(memcmp(tag, their_tag, sizeof(tag)) || ours[0] != theirs[0], 0, "%s: it is OpenSSL's", what);
}

static void into_keys(const struct curve *c)
{
	uint8_t peer[PEER_MAX], shared[SHARED_MAX], want[32];
	struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .peer = peer, .salt = "label", .salt_len = 5, .info = "context",
				       .info_len = 7 };
	EVP_PKEY *key = peer_make(c);
	struct mhsm_key_info info;
	size_t i, bytes;
	int fd, made;

	cases_begin();
	fd = session_key(c, MHSM_OP_DERIVE);
	how.peer_len = peer_public(key, c, peer);
	peer_agree(key, fd, c, shared);
	for (i = 0; i < KDFS; i++)
		for (bytes = 16; bytes <= 32; bytes += 8) {
			how.kdf = kdfs[i].alg;
			spec.param = (uint32_t)(8 * bytes);
			made = mhsm_derive_key(fd, &how, &spec);
			kdf_openssl(&kdfs[i], shared, c->len, &how, want, bytes);
			same_key(made, want, bytes, "derived");
			cases_is(mhsm_key_info(made, &info) || info.type != MHSM_KEY_AES || info.param != spec.param ||
					 info.flags != (MHSM_KEY_ENABLED | MHSM_KEY_SESSION) || info.public_len,
				 0, "what is said of it");
			close(made);
		}
	/* The secret itself: only into a key as long as it is */
	how = (struct mhsm_derivation){ .alg = MHSM_ALG_ECDH, .peer = peer, .peer_len = how.peer_len };
	spec.param = 256;
	made = mhsm_derive_key(fd, &how, &spec);
	if (c->len == 32)
		same_key(made, shared, 32, "the secret itself");
	else
		cases_is(made, -EINVAL, "the secret is not as long as the key");
	if (made >= 0)
		close(made);
	spec.param = 128;
	cases_is(mhsm_derive_key(fd, &how, &spec), -EINVAL, "a shorter key");
	EVP_PKEY_free(key);
	close(fd);
	cases_end("%s: into AES keys", c->name);
}

static void stored(void)
{
	const struct curve *c = &curves[4];
	struct mhsm_key_spec spec = { .name = "derived", .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED };
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .kdf = MHSM_ALG_HKDF_SHA256 };
	size_t records = hsm_records(hsm);
	uint8_t peer[PEER_MAX], shared[SHARED_MAX], want[32];
	size_t used = hsm_audit_count(hsm, MHSM_ACT_DERIVE, 0), created = hsm_audit_count(hsm, MHSM_ACT_KEY_CREATE, 0);
	EVP_PKEY *key = peer_make(c);
	int fd = session_key(c, 0), made;

	cases_begin();
	how.peer = peer;
	how.peer_len = peer_public(key, c, peer);
	peer_agree(key, fd, c, shared);
	kdf_openssl(&kdfs[0], shared, c->len, &how, want, 32);
	made = mhsm_derive_key(fd, &how, &spec);
	same_key(made, want, 32, "stored");
	close(made);
	cases_is((long)hsm_records(hsm), (long)records + 1, "a record");
	cases_is(hsm_audit_wait(hsm, MHSM_ACT_DERIVE, 0, used + 1, 20), 0, "an audit record of the use");
	/* session_key() is the other creation */
	cases_is(hsm_audit_wait(hsm, MHSM_ACT_KEY_CREATE, 0, created + 2, 20), 0, "and one of the creation");
	cases_is(mhsm_derive_key(fd, &how, &spec), -EEXIST, "the name again");
	cases_is(hsm_lock(hsm), 0, "lock");
	cases_is(mhsm_derive_key(fd, &how, &spec), -ENOKEY, "from a locked HSM");
	cases_is(hsm_unlock(hsm), 0, "unlock");
	cases_is(mhsm_derive_key(fd, &how, &spec), -EKEYREVOKED, "from a key that the lock ended");
	made = mhsm_key_open(device, "derived", NULL, MHSM_OP_ENCRYPT);
	same_key(made, want, 32, "after the restart");
	close(made);
	close(fd);
	EVP_PKEY_free(key);
	cases_end("a stored key, its records, and after a lock");
}

/* --- what is wrong of a key to be made ---------------------------------------------------------------------------- */

static long derive_into(int fd, struct mhsm_ioc_derive *d, void *create)
{
	long ret;

	d->key = (uintptr_t)create;
	ret = ioctl(fd, MHSM_IOC_DERIVE, d);
	if (ret >= 0)
		close((int)ret);
	return ret < 0 ? -errno : 0;
}

static void wrong_keys(void)
{
	const struct curve *c = &curves[0];
	uint8_t peer[PEER_MAX], *edge;
	struct mhsm_ioc_key_create good = { .size = sizeof(good), .type = MHSM_KEY_AES, .param = 256,
					    .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION }, k;
	struct mhsm_ioc_derive d = { .size = sizeof(d), .alg = MHSM_ALG_ECDH, .peer = (uintptr_t)peer };
	EVP_PKEY *key = peer_make(c);
	int fd = session_key(c, BOTH);
	size_t n;

	cases_begin();
	edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(edge != MAP_FAILED && !munmap(edge + PAGE, PAGE));
	d.peer_len = (uint32_t)peer_public(key, c, peer);
#define TRY(change, want, what)                                                                                      \
	do {                                                                                                         \
		k = good;                                                                                            \
		change;                                                                                              \
		cases_is(derive_into(fd, &d, &k), want, what);                                                       \
	} while (0)
	TRY((void)0, 0, "right");
	for (n = 0; n < offsetof(struct mhsm_ioc_key_create, use_limit); n++)
		TRY(k.size = (uint32_t)n, -EINVAL, "a short struct");
	TRY(k.size = PAGE + 1, -E2BIG, "a long one");
	TRY(k.type = MHSM_KEY_EC; k.param = MHSM_CURVE_P256, -EOPNOTSUPP, "an EC key");
	TRY(k.type = MHSM_KEY_RSA; k.param = 2048, -EOPNOTSUPP, "an RSA key");
	TRY(k.type = MHSM_KEY_OKP; k.param = MHSM_CURVE_X25519, -EOPNOTSUPP, "an X25519 key");
	TRY(k.type = 77, -EOPNOTSUPP, "no type");
	TRY(k.param = 255, -EOPNOTSUPP, "no length");
	TRY(k.material = 1, -EINVAL, "material");
	TRY(k.material_len = 32, -EINVAL, "material's length");
	TRY(k.ops = MHSM_OP_SIGN, -EINVAL, "ops of another type");
	TRY(k.ops = 1u << 30, -EINVAL, "no op");
	TRY(k.flags = MHSM_KEY_ENABLED, -EINVAL, "no name");
	TRY(k.flags |= MHSM_KEY_IMPORTED, -EINVAL, "a flag that is only reported");
	TRY(k.id[3] = 1, -EINVAL, "an id");
	TRY(k.version[15] = 1, -EINVAL, "a version");
	TRY(k.expires = 5; k.not_before = 5, -EINVAL, "ends before it begins");
	TRY(memset(k.name, 'a', sizeof(k.name)), -EINVAL, "a name without end");
	d.out_len = 32;
	TRY((void)0, -EINVAL, "out_len");
	d.out_len = 0;
	d.out = (uintptr_t)peer;
	TRY((void)0, -EINVAL, "out too");
	d.out = 0;
	cases_is(derive_into(fd, &d, NULL), -EINVAL, "neither");
	cases_is(derive_into(fd, &d, (void *)-PAGE), -EFAULT, "a bad pointer");
	for (n = 1; n < sizeof(good); n++) {
		memcpy(edge + PAGE - n, &good, n);
		cases_is(derive_into(fd, &d, edge + PAGE - n), -EFAULT, "%zu bytes are there", n);
	}
	memcpy(edge, &good, sizeof(good));
	must(!mprotect(edge, PAGE, PROT_READ));
	cases_is(derive_into(fd, &d, edge), -EFAULT, "it cannot be written");
	munmap(edge, PAGE);
	EVP_PKEY_free(key);
	close(fd);
	cases_end("what is wrong of a key to be made");
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

#define STRANGER 4242

static void rights(const struct curve *c)
{
	struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	uint8_t peer[PEER_MAX], out[SHARED_MAX];
	struct mhsm_derivation how = { .alg = MHSM_ALG_ECDH, .kdf = MHSM_ALG_HKDF_SHA256, .peer = peer };
	int to_key = session_key(c, MHSM_OP_DERIVE), to_bits = session_key(c, MHSM_OP_DERIVE_BITS), usual = session_key(c, 0);
	EVP_PKEY *key = peer_make(c);
	struct mhsm_key_info info;
	size_t denied, len = 32;
	int made;

	cases_begin();
	how.peer_len = peer_public(key, c, peer);
	cases_is(bits(to_key, &how, out, &len), -EPERM, "no bits of a key that derives keys");
	cases_is(mhsm_derive_key(to_bits, &how, &spec), -EPERM, "no keys of one that derives bits");
	cases_is(bits(usual, &how, out, &len), -EPERM, "bits must be asked for");
	made = mhsm_derive_key(usual, &how, &spec);
	cases_is(made < 0 ? made : 0, c->type == MHSM_KEY_OKP ? 0 : -EPERM, "keys, as is usual for the type");
	if (made >= 0)
		close(made);
	cases_is(mhsm_key_info(usual, &info), 0, "info");
	cases_is(info.ops, c->type == MHSM_KEY_OKP ? MHSM_OP_DERIVE : MHSM_OP_SIGN | MHSM_OP_VERIFY, "the usual operations");
	/* The fd carries the right to derive, not the right to create. */
	denied = hsm_audit_count(hsm, MHSM_ACT_KEY_CREATE, -EACCES);
	must(!seteuid(STRANGER));
	made = mhsm_derive_key(to_key, &how, &spec);
	must(!seteuid(0));
	cases_is(made, -EACCES, "who may not create keys");
	cases_is(hsm_audit_wait(hsm, MHSM_ACT_KEY_CREATE, -EACCES, denied + 1, 20), 0, "is recorded");
	close(to_key);
	close(to_bits);
	close(usual);
	EVP_PKEY_free(key);
	cases_end("%s: rights", c->name);
}

int main(void)
{
	size_t i;
	int err;

	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, device);
	for (i = 0; i < CURVES; i++) {
		agree(&curves[i]);
		into_keys(&curves[i]);
		peers(&curves[i]);
		if (curves[i].type == MHSM_KEY_EC)
			bent(&curves[i]);
		rights(&curves[i]);
	}
	stored();
	wrong_keys();
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
