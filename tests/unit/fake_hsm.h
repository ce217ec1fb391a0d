/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stand-in for /dev/mhsm: this ioctl() takes the place of libc's in the test that includes it, so that libmhsm and the
 * mhsm command run unchanged on any descriptor (the tests open /dev/null). It is as strict as uapi/mhsm.h about what
 * it is given, and does its arithmetic with OpenSSL.
 */
#ifndef TESTS_UNIT_FAKE_HSM_H
#define TESTS_UNIT_FAKE_HSM_H

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"

#define FAKE_KEYS 80
#define FAKE_FDS 1024

struct fake_key {
	struct mhsm_key_info info;
	unsigned char aes[64];
	EVP_PKEY *ec;
	int used;
};

static struct {
	uint32_t state;
	uint32_t abi;
	int error; /* the next call but INFO fails with it, once */
	unsigned int calls; /* but INFO */
	struct fake_key keys[FAKE_KEYS];
	uint64_t serial;
	uint8_t token_domain; /* INFO reports 0xd0 throughout */
	struct {
		struct fake_key *key;
		uint32_t rights;
	} fds[FAKE_FDS];
} hsm = { .state = MHSM_STATE_ACTIVE, .abi = MHSM_ABI, .token_domain = 0xd0 };

static void fake_reset(void)
{
	for (int i = 0; i < FAKE_KEYS; i++)
		EVP_PKEY_free(hsm.keys[i].ec);
	memset(&hsm, 0, sizeof(hsm));
	hsm.state = MHSM_STATE_ACTIVE;
	hsm.abi = MHSM_ABI;
	hsm.token_domain = 0xd0;
}

static int fake_fail(int err)
{
	errno = err;
	return -1;
}

static struct fake_key *fake_find(const char *name, const uint8_t *version, uint32_t state)
{
	static const uint8_t none[MHSM_VERSION_LEN];
	struct fake_key *found = NULL;

	for (int i = 0; i < FAKE_KEYS; i++) {
		struct fake_key *key = &hsm.keys[i];

		if (key->used && key->info.state == state && !strcmp(key->info.name, name) &&
		    (!version || !memcmp(version, none, sizeof(none)) ||
		     !memcmp(version, key->info.version, sizeof(none))) &&
		    (!found || found->info.serial < key->info.serial))
			found = key;
	}
	return found;
}

static int fake_fd(struct fake_key *key, uint32_t rights)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || fd >= FAKE_FDS)
		abort();
	hsm.fds[fd].key = key;
	hsm.fds[fd].rights = rights;
	return fd;
}

static int fake_create(struct mhsm_ioc_key_create *io, int import)
{
	const uint32_t usual_aes_ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP;
	const uint32_t ec_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY;
	struct fake_key *key = hsm.keys;
	uint32_t ops = io->type == MHSM_KEY_AES ? usual_aes_ops : ec_ops;

	if (import != (io->material_len > 0) || !io->material != !io->material_len || io->ops & ~(ops | ec_ops) ||
	    (!io->name[0] && !(io->flags & MHSM_KEY_SESSION)))
		return fake_fail(EINVAL);
	if (import && (io->type == MHSM_KEY_EC || io->material_len * 8 != io->param))
		return fake_fail(EINVAL);
	if (fake_find(io->name, NULL, MHSM_KEYSTATE_DELETED) ||
	    (!(io->flags & MHSM_KEY_NEW_VERSION) && fake_find(io->name, NULL, MHSM_KEYSTATE_ACTIVE)))
		return fake_fail(EEXIST);
	while (key->used)
		key++;
	key->used = 1;
	key->info = (struct mhsm_key_info){ .serial = ++hsm.serial, .type = io->type, .param = io->param,
					    .ops = io->ops ? io->ops : ops,
					    .flags = (io->flags & ~MHSM_KEY_NEW_VERSION) |
						     (import ? MHSM_KEY_IMPORTED : 0),
					    .state = MHSM_KEYSTATE_ACTIVE, .not_before = io->not_before,
					    .expires = io->expires, .created = 1700000000 };
	memcpy(key->info.name, io->name, sizeof(io->name));
	RAND_bytes(key->info.id, MHSM_ID_LEN);
	RAND_bytes(key->info.version, MHSM_VERSION_LEN);
	memcpy(io->id, key->info.id, MHSM_ID_LEN);
	memcpy(io->version, key->info.version, MHSM_VERSION_LEN);
	if (io->type == MHSM_KEY_EC)
		key->ec = EVP_EC_gen("P-256");
	else if (import)
		memcpy(key->aes, (void *)(uintptr_t)io->material, io->material_len);
	else
		RAND_bytes(key->aes, sizeof(key->aes));
	return fake_fd(key, key->info.ops);
}

static int fake_list(struct mhsm_ioc_key_list *io)
{
	struct mhsm_key_info *out = (void *)(uintptr_t)io->infos;
	uint32_t state = io->flags & MHSM_LIST_DELETED ? MHSM_KEYSTATE_DELETED : MHSM_KEYSTATE_ACTIVE, n = 0;

	if (io->flags & ~MHSM_LIST_DELETED || !io->count || io->count > 1024 || io->info_size != sizeof(*out))
		return fake_fail(EINVAL);
	for (int i = 0; i < FAKE_KEYS && n < io->count; i++)
		if (hsm.keys[i].used && hsm.keys[i].info.serial > io->after && hsm.keys[i].info.state == state &&
		    (!io->name[0] || !strcmp(io->name, hsm.keys[i].info.name)))
			out[n++] = hsm.keys[i].info;
	io->count = n;
	return 0;
}

static int fake_by_name(const char *name, uint32_t from, uint32_t to)
{
	if (!fake_find(name, NULL, from))
		return fake_fail(ENOENT);
	for (int i = 0; i < FAKE_KEYS; i++)
		if (hsm.keys[i].used && !strcmp(hsm.keys[i].info.name, name)) {
			hsm.keys[i].info.state = to;
			hsm.keys[i].used = to != 0;
		}
	return 0;
}

/* CBC, CBCPAD and CTR, as uapi/mhsm.h has them */
static int fake_cipher(struct fake_key *key, struct mhsm_ioc_crypt *io, int encrypt)
{
	int pad = io->alg == MHSM_ALG_AES_CBCPAD, blocks = io->alg == MHSM_ALG_AES_CBC || (pad && !encrypt), n = 0, last = 0;
	char name[20];
	EVP_CIPHER_CTX *ctx;
	int ok;

	if (key->info.ops & ~(MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT))
		return fake_fail(EOPNOTSUPP);
	if (io->flags & ~(encrypt ? MHSM_CRYPT_MAKE_IV : 0) || io->iv_len != 16 || io->tag_len || io->aad_len ||
	    (blocks && io->in_len % 16) || io->in_len > MHSM_BULK_MAX + 16)
		return fake_fail(EINVAL);
	if (io->out_len < io->in_len + (pad && encrypt ? 16 - io->in_len % 16 : 0))
		return fake_fail(ERANGE);
	if (io->flags & MHSM_CRYPT_MAKE_IV)
		RAND_bytes((void *)(uintptr_t)io->iv, 16);
	snprintf(name, sizeof(name), "AES-%u-%s", key->info.param, io->alg == MHSM_ALG_AES_CTR ? "CTR" : "CBC");
	ctx = EVP_CIPHER_CTX_new();
	ok = EVP_CipherInit_ex(ctx, EVP_get_cipherbyname(name), NULL, key->aes, (void *)(uintptr_t)io->iv, encrypt) &&
	     EVP_CIPHER_CTX_set_padding(ctx, pad) &&
	     EVP_CipherUpdate(ctx, (void *)(uintptr_t)io->out, &n, (void *)(uintptr_t)io->in, (int)io->in_len) &&
	     EVP_CipherFinal_ex(ctx, (unsigned char *)(uintptr_t)io->out + n, &last);
	EVP_CIPHER_CTX_free(ctx);
	io->out_len = (uint32_t)(n + last);
	return ok ? 0 : fake_fail(EBADMSG);
}

static int fake_gcm(struct fake_key *key, struct mhsm_ioc_crypt *io, int encrypt)
{
	const EVP_CIPHER *cipher = key->info.param == 256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
	unsigned char *iv = (void *)(uintptr_t)io->iv, *tag = (void *)(uintptr_t)io->tag, none[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len, ok;

	if (io->flags & ~(encrypt ? MHSM_CRYPT_MAKE_IV : 0) || io->iv_len != 12 || io->tag_len != 16) {
		EVP_CIPHER_CTX_free(ctx);
		return fake_fail(EINVAL);
	}
	if (io->flags & MHSM_CRYPT_MAKE_IV)
		RAND_bytes(iv, 12);
	ok = EVP_CipherInit_ex(ctx, cipher, NULL, key->aes, iv, encrypt) &&
	     (!io->aad_len || EVP_CipherUpdate(ctx, NULL, &len, (void *)(uintptr_t)io->aad, io->aad_len)) &&
	     (!io->in_len || EVP_CipherUpdate(ctx, (void *)(uintptr_t)io->out, &len, (void *)(uintptr_t)io->in,
					      io->in_len)) &&
	     (encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag)) &&
	     EVP_CipherFinal_ex(ctx, none, &len) &&
	     (!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(ctx);
	io->out_len = io->in_len;
	return ok ? 0 : fake_fail(EBADMSG);
}

static int fake_wrap(struct fake_key *key, struct mhsm_ioc_crypt *io, int wrap)
{
	int large = key->info.param == 256, pad = io->alg == MHSM_ALG_AES_KWP, len = 0, ok;
	const EVP_CIPHER *cipher = pad ? (large ? EVP_aes_256_wrap_pad() : EVP_aes_128_wrap_pad()) :
					 (large ? EVP_aes_256_wrap() : EVP_aes_128_wrap());
	unsigned char out[4096 + 32];
	EVP_CIPHER_CTX *ctx;

	if ((io->alg != MHSM_ALG_AES_KW && !pad) || (!pad && io->in_len % 8) || io->in_len > 4096 + 16)
		return fake_fail(EINVAL);
	ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = EVP_CipherInit_ex(ctx, cipher, NULL, key->aes, NULL, wrap) &&
	     EVP_CipherUpdate(ctx, out, &len, (void *)(uintptr_t)io->in, io->in_len) > 0;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return fake_fail(EBADMSG);
	if ((uint32_t)len > io->out_len) {
		io->out_len = len;
		return fake_fail(ERANGE);
	}
	io->out_len = len;
	memcpy((void *)(uintptr_t)io->out, out, len);
	return 0;
}

static int fake_digest(const struct mhsm_ioc_sign *io, unsigned char digest[32])
{
	if (io->alg != MHSM_ALG_ES256)
		return -EOPNOTSUPP;
	if (io->flags & ~MHSM_SIGN_MESSAGE || io->pad)
		return -EINVAL;
	if (io->flags & MHSM_SIGN_MESSAGE) {
		if (io->in_len > MHSM_DATA_MAX)
			return -EINVAL;
		EVP_Digest((void *)(uintptr_t)io->in, io->in_len, digest, NULL, EVP_sha256(), NULL);
	} else {
		if (io->in_len != 32)
			return -EINVAL;
		memcpy(digest, (void *)(uintptr_t)io->in, 32);
	}
	return 0;
}

static int fake_sign(struct fake_key *key, struct mhsm_ioc_sign *io)
{
	unsigned char digest[32], der[80];
	const unsigned char *p = der;
	size_t len = sizeof(der);
	EVP_PKEY_CTX *ctx;
	ECDSA_SIG *sig;
	int err = fake_digest(io, digest);

	if (err)
		return fake_fail(-err);
	if (io->sig_len < 64) {
		io->sig_len = 64;
		return fake_fail(ERANGE);
	}
	ctx = EVP_PKEY_CTX_new(key->ec, NULL);
	if (EVP_PKEY_sign_init(ctx) <= 0 || EVP_PKEY_sign(ctx, der, &len, digest, 32) <= 0)
		abort();
	EVP_PKEY_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &p, len);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), (void *)(uintptr_t)io->sig, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), (unsigned char *)(uintptr_t)io->sig + 32, 32);
	ECDSA_SIG_free(sig);
	io->sig_len = 64;
	return 0;
}

static int fake_verify(struct fake_key *key, struct mhsm_ioc_sign *io)
{
	unsigned char digest[32], *der = NULL, *raw = (void *)(uintptr_t)io->sig;
	EVP_PKEY_CTX *ctx;
	ECDSA_SIG *sig;
	int err = fake_digest(io, digest), len, ok;

	if (err || io->sig_len != 64)
		return fake_fail(err ? -err : EBADMSG);
	sig = ECDSA_SIG_new();
	ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
	len = i2d_ECDSA_SIG(sig, &der);
	ctx = EVP_PKEY_CTX_new(key->ec, NULL);
	ok = EVP_PKEY_verify_init(ctx) > 0 && EVP_PKEY_verify(ctx, der, len, digest, 32) == 1;
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return ok ? 0 : fake_fail(EBADMSG);
}

static int fake_public(struct fake_key *key, struct mhsm_ioc_public *io)
{
	unsigned char *der = NULL;
	uint32_t room = io->len;
	int len;

	if (!key->ec)
		return fake_fail(EOPNOTSUPP);
	len = i2d_PUBKEY(key->ec, &der);
	io->len = len;
	if ((uint32_t)len <= room)
		memcpy((void *)(uintptr_t)io->out, der, len);
	OPENSSL_free(der);
	return (uint32_t)len <= room ? 0 : fake_fail(ERANGE);
}

static int fake_token(struct fake_key *key, struct mhsm_ioc_token *io)
{
	const uint8_t *old = (void *)(uintptr_t)io->material;

	if (key->info.type != MHSM_KEY_AES)
		return fake_fail(EINVAL);
	if (io->flags == MHSM_TOKEN_REWRAP) {
		if (io->key_len != MHSM_TOKEN_LEN || old[8] != 0xd0)
			return fake_fail(old[8] != 0xd0 ? EKEYREJECTED : EINVAL);
		io->key_len = old[6];
	}
	if (io->flags & ~MHSM_TOKEN_REWRAP || (io->key_len != 16 && io->key_len != 32 && io->key_len != 64))
		return fake_fail(EINVAL);
	RAND_bytes(io->token, sizeof(io->token));
	memcpy(io->token, "mhT1", 4);
	io->token[4] = 1;
	io->token[5] = io->alg;
	io->token[6] = io->key_len;
	memset(io->token + 8, hsm.token_domain, MHSM_ID_LEN);
	memcpy(io->token + 24, key->info.id, MHSM_ID_LEN);
	return 0;
}

static int fake_key_call(int fd, unsigned long request, void *arg)
{
	static const struct {
		unsigned long request;
		uint32_t right;
	} rights[] = {
		{ MHSM_IOC_ENCRYPT, MHSM_OP_ENCRYPT }, { MHSM_IOC_DECRYPT, MHSM_OP_DECRYPT },
		{ MHSM_IOC_WRAP, MHSM_OP_WRAP },       { MHSM_IOC_UNWRAP, MHSM_OP_UNWRAP },
		{ MHSM_IOC_SIGN, MHSM_OP_SIGN },       { MHSM_IOC_VERIFY, MHSM_OP_VERIFY },
		{ MHSM_IOC_TOKEN, MHSM_OP_WRAP },
	};
	struct fake_key *key = hsm.fds[fd].key;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].request == request && !(hsm.fds[fd].rights & rights[i].right))
			return fake_fail(EPERM);
	switch (request) {
	case MHSM_IOC_KEY_INFO:
		((struct mhsm_ioc_key_info *)arg)->info = key->info;
		((struct mhsm_ioc_key_info *)arg)->info.rights = hsm.fds[fd].rights;
		return 0;
	case MHSM_IOC_PUBLIC:
		return fake_public(key, arg);
	case MHSM_IOC_ENCRYPT:
	case MHSM_IOC_DECRYPT:
		if (((struct mhsm_ioc_crypt *)arg)->alg != MHSM_ALG_AES_GCM)
			return fake_cipher(key, arg, request == MHSM_IOC_ENCRYPT);
		return fake_gcm(key, arg, request == MHSM_IOC_ENCRYPT);
	case MHSM_IOC_WRAP:
	case MHSM_IOC_UNWRAP:
		return fake_wrap(key, arg, request == MHSM_IOC_WRAP);
	case MHSM_IOC_SIGN:
		return fake_sign(key, arg);
	case MHSM_IOC_VERIFY:
		return fake_verify(key, arg);
	case MHSM_IOC_TOKEN:
		return fake_token(key, arg);
	default:
		return fake_fail(ENOTTY);
	}
}

static int fake_key_open(struct mhsm_ioc_key_open *io)
{
	struct fake_key *key = fake_find(io->name, io->version, MHSM_KEYSTATE_ACTIVE);

	if (!key)
		return fake_fail(ENOENT);
	if (io->rights & ~key->info.ops)
		return fake_fail(EPERM);
	return fake_fd(key, io->rights);
}

static int fake_device_call(unsigned long request, void *arg)
{
	struct mhsm_ioc_random *random = arg;
	char *name = ((struct mhsm_ioc_key_name *)arg)->name;

	switch (request) {
	case MHSM_IOC_KEY_OPEN:
		return fake_key_open(arg);
	case MHSM_IOC_KEY_CREATE:
	case MHSM_IOC_KEY_IMPORT:
		return fake_create(arg, request == MHSM_IOC_KEY_IMPORT);
	case MHSM_IOC_KEY_LIST:
		return fake_list(arg);
	case MHSM_IOC_KEY_DELETE:
		return fake_by_name(name, MHSM_KEYSTATE_ACTIVE, MHSM_KEYSTATE_DELETED);
	case MHSM_IOC_KEY_RECOVER:
		return fake_by_name(name, MHSM_KEYSTATE_DELETED, MHSM_KEYSTATE_ACTIVE);
	case MHSM_IOC_KEY_PURGE:
		return fake_by_name(name, MHSM_KEYSTATE_DELETED, 0);
	case MHSM_IOC_RANDOM:
		if (!random->len || random->len > MHSM_RANDOM_MAX)
			return fake_fail(EINVAL);
		RAND_bytes((void *)(uintptr_t)random->out, random->len);
		return 0;
	default:
		return fake_fail(ENOTTY);
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	static const int state_errors[] = { ENODATA, ENODATA, 0, ENOKEY, ENOKEY, ESHUTDOWN, ENOTRECOVERABLE };
	struct mhsm_ioc_info *info;
	va_list args;
	void *arg;
	int err;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (_IOC_TYPE(request) != MHSM_IOC)
		return fake_fail(ENOTTY);
	if (*(uint32_t *)arg != _IOC_SIZE(request))
		return fake_fail(EINVAL);
	if (request == MHSM_IOC_INFO) {
		info = arg;
		info->abi = hsm.abi;
		info->state = hsm.state;
		info->keys = hsm.serial;
		memset(info->domain, 0xd0, sizeof(info->domain));
		return 0;
	}
	hsm.calls++;
	err = hsm.error ? hsm.error : state_errors[hsm.state];
	hsm.error = 0;
	if (err)
		return fake_fail(err);
	if (fd >= 0 && fd < FAKE_FDS && hsm.fds[fd].key && _IOC_NR(request) >= 0x80)
		return fake_key_call(fd, request, arg);
	return fake_device_call(request, arg);
}

#endif
