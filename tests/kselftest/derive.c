// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * DERIVE: OpenSSL and the HSM come to the same secret, each with its own private key, on all curves and with all
 * functions that follow, as bytes and as keys; peers that are none are refused; and who may.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/derive.h"
#include "tests/kselftest/hsm/hsm.h"

#define PAGE 4096

static struct hsm *hsm;

/* --- OpenSSL ------------------------------------------------------------------------------------------------------ */

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

/* Generic secrets: the functions by themselves, into keys too, and what is wrong of such a call */
static void secrets(void)
{
	struct mhsm_derivation how = { .salt = "label", .salt_len = 5, .info = "context", .info_len = 7 }, bad;
	struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	struct mhsm_key_spec secret = { .type = MHSM_KEY_HMAC, .param = 512, .ops = BOTH, .flags = spec.flags };
	uint8_t material[64], want[64], next[32], out[64];
	size_t i, len;
	int fd, made;

	cases_begin();
	for (i = 0; i < sizeof(material); i++)
		material[i] = (uint8_t)(3 * i);
	fd = import(MHSM_KEY_HMAC, 512, material, sizeof(material));
	cases_is(fd < 0 ? fd : 0, 0, "a secret");
	for (i = 0; i < KDFS; i++) {
		how.alg = kdfs[i].alg;
		made = mhsm_derive_key(fd, &how, &spec);
		kdf_openssl(&kdfs[i], material, sizeof(material), &how, want, 32);
		same_key(made, want, 32, "derived");
		close(made);
		/* A secret of the secret, and of that a key */
		made = mhsm_derive_key(fd, &how, &secret);
		cases_is(made < 0 ? made : 0, 0, "a secret derived");
		kdf_openssl(&kdfs[i], material, sizeof(material), &how, want, 64);
		kdf_openssl(&kdfs[i], want, 64, &how, next, 32);
		len = 32;
		cases_is(bits(made, &how, out, &len) || memcmp(out, next, 32), 0, "what follows from it");
		close(made);
	}
#define WRONG(change, want, what)                                                                                    \
	do {                                                                                                         \
		bad = how;                                                                                           \
		change;                                                                                              \
		len = 32;                                                                                            \
		cases_is(bits(fd, &bad, out, &len), want, what);                                                     \
	} while (0)
	WRONG((void)0, 0, "right");
	WRONG(bad.kdf = MHSM_ALG_HKDF_SHA256, -EINVAL, "a second function");
	WRONG(bad.peer = "p"; bad.peer_len = 1, -EINVAL, "a peer");
	WRONG(bad.peer = "p", -EINVAL, "a peer without a length");
	WRONG(bad.alg = MHSM_ALG_ECDH, -EOPNOTSUPP, "ECDH");
	WRONG(bad.alg = MHSM_ALG_AES_GCM, -EOPNOTSUPP, "AES");
	WRONG(bad.alg = 0, -EOPNOTSUPP, "none");
	close(fd);
	fd = import(MHSM_KEY_AES, 256, material, 32);
	cases_is(fd, -EINVAL, "an AES key that derives");
	cases_end("generic secrets");
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
	TRY(k.ops = MHSM_OP_DERIVE, -EINVAL, "ops of another type");
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
	size_t denied, used, len = 32;
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
	/* The fd carries the right to derive, not the right to create: without that, the key is not used either. */
	used = hsm_audit_count(hsm, MHSM_ACT_DERIVE, 0);
	denied = hsm_audit_count(hsm, MHSM_ACT_KEY_CREATE, -EACCES);
	must(!seteuid(STRANGER));
	made = mhsm_derive_key(to_key, &how, &spec);
	must(!seteuid(0));
	cases_is(made, -EACCES, "who may not create keys");
	cases_is(hsm_audit_wait(hsm, MHSM_ACT_KEY_CREATE, -EACCES, denied + 1, 20), 0, "is recorded");
	cases_is((long)hsm_audit_count(hsm, MHSM_ACT_DERIVE, 0), (long)used, "and nothing else");
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
		if (curves[i].type == MHSM_KEY_EC)
			bent(&curves[i]);
		rights(&curves[i]);
	}
	secrets();
	stored();
	wrong_keys();
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
