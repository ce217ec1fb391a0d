// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * RSA encryption, key wrapping and RSNULL through the ioctls, with a key that OpenSSL made, so that each direction is
 * checked with OpenSSL's other one; and all that can be wrong with a call, with its errno and nothing written.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"
#include "tests/kselftest/hsm/rsakey.h"
#include "uapi/mhsm.h"

#define N_LEN 256
#define ROOM 8192
#define UNTOUCHED 0xa5

static int device, rsa_fd, aes_fd;
static EVP_PKEY *pkey;
static uint8_t out[ROOM], back[ROOM], message[ROOM];
static const uint8_t label[] = "a label";

static const struct alg {
	uint32_t alg;
	const char *name;
	const char *hash; /* of OAEP; NULL: PKCS#1 v1.5 */
	size_t max;
} algs[] = {
	{ MHSM_ALG_RSA1_5, "RSA1_5", NULL, N_LEN - 11 },
	{ MHSM_ALG_RSA_OAEP, "RSA_OAEP", "SHA1", N_LEN - 42 },
	{ MHSM_ALG_RSA_OAEP_256, "RSA_OAEP_256", "SHA256", N_LEN - 66 },
	{ MHSM_ALG_RSA_OAEP_384, "RSA_OAEP_384", "SHA384", N_LEN - 98 },
	{ MHSM_ALG_RSA_OAEP_512, "RSA_OAEP_512", "SHA512", N_LEN - 130 },
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

static const struct alg wraps[] = {
	{ MHSM_ALG_RSA_AES_KW, "RSA_AES_KW", "SHA1", 4096 },
	{ MHSM_ALG_RSA_AES_KW_256, "RSA_AES_KW_256", "SHA256", 4096 },
	{ MHSM_ALG_RSA_AES_KW_384, "RSA_AES_KW_384", "SHA384", 4096 },
};

#define WRAPS (sizeof(wraps) / sizeof(wraps[0]))

static uint64_t pointer(const void *p)
{
	return (uintptr_t)p;
}

/* A call that is right, from `in` to `out`, of which all is filled so that what is written shows */
static struct mhsm_ioc_crypt crypt_of(uint32_t alg, const void *in, size_t len)
{
	memset(out, UNTOUCHED, sizeof(out));
	return (struct mhsm_ioc_crypt){
		.size = sizeof(struct mhsm_ioc_crypt), .alg = alg,	      .in_len = (uint32_t)len,
		.out_len = sizeof(out),		       .in = pointer(in), .out = pointer(out),
	};
}

static bool untouched(size_t from)
{
	while (from < sizeof(out) && out[from] == UNTOUCHED)
		from++;
	return from == sizeof(out);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static long import(EVP_PKEY *key, uint32_t ops)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c),
		.type = MHSM_KEY_RSA,
		.param = 2048,
		.ops = ops,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	unsigned char *der = NULL;
	long ret;

	c.material_len = (uint32_t)i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	c.material = pointer(der);
	ret = retry_ioctl(device, MHSM_IOC_KEY_IMPORT, &c);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return ret;
}

static long aes_key(void)
{
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c), .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};

	return retry_ioctl(device, MHSM_IOC_KEY_CREATE, &c);
}

static void ops(void)
{
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c), .type = MHSM_KEY_RSA, .param = 2048, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	struct mhsm_ioc_key_info i = { .size = sizeof(i) };
	struct mhsm_ioc_crypt e;
	long fd;

	cases_begin();
	fd = retry_ioctl(device, MHSM_IOC_KEY_CREATE, &c);
	cases_is(fd >= 0, 1, "KEY_CREATE");
	cases_is(retry_ioctl((int)fd, MHSM_IOC_KEY_INFO, &i), 0, "KEY_INFO");
	cases_is(i.info.ops, 0x3f, "all six operations");
	e = crypt_of(MHSM_ALG_RSA_OAEP, message, 10);
	cases_is(retry_ioctl((int)fd, MHSM_IOC_ENCRYPT, &e), 0, "ENCRYPT with a new key");
	close((int)fd);
	fd = import(pkey, MHSM_OP_ENCRYPT | MHSM_OP_UNWRAP);
	cases_is(fd >= 0, 1, "KEY_IMPORT");
	e = crypt_of(MHSM_ALG_RSA_OAEP, message, 10);
	cases_is(retry_ioctl((int)fd, MHSM_IOC_WRAP, &e), -EPERM, "WRAP without the right");
	cases_is(retry_ioctl((int)fd, MHSM_IOC_ENCRYPT, &e), 0, "ENCRYPT with it");
	memcpy(back, out, N_LEN);
	e = crypt_of(MHSM_ALG_RSA_OAEP, back, N_LEN);
	cases_is(retry_ioctl((int)fd, MHSM_IOC_DECRYPT, &e), -EPERM, "DECRYPT without the right");
	cases_is(untouched(0), 1, "nothing is written");
	cases_is(retry_ioctl((int)fd, MHSM_IOC_UNWRAP, &e), 0, "UNWRAP with it");
	close((int)fd);
	cases_end("operations of RSA keys");
}

/* --- OpenSSL ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY_CTX *ossl(const struct alg *a, bool encrypt, size_t label_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool ok = ctx && (encrypt ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1;

	ok = ok && EVP_PKEY_CTX_set_rsa_padding(ctx, a->hash ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) == 1;
	if (a->hash)
		ok = ok && EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_get_digestbyname(a->hash)) == 1 &&
		     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_get_digestbyname(a->hash)) == 1;
	if (label_len)
		ok = ok && EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, OPENSSL_memdup(label, label_len), (int)label_len) == 1;
	if (!ok) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static bool ossl_encrypt(const struct alg *a, size_t label_len, const uint8_t *in, size_t len, uint8_t *cipher)
{
	EVP_PKEY_CTX *ctx = ossl(a, true, label_len);
	size_t n = N_LEN;
	bool ok = ctx && EVP_PKEY_encrypt(ctx, cipher, &n, in, len) == 1 && n == N_LEN;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool ossl_decrypts_to(const struct alg *a, size_t label_len, const uint8_t *cipher, const uint8_t *want, size_t len)
{
	EVP_PKEY_CTX *ctx = ossl(a, false, label_len);
	uint8_t got[N_LEN];
	size_t n = sizeof(got);
	bool ok = ctx && EVP_PKEY_decrypt(ctx, got, &n, cipher, N_LEN) == 1 && n == len && !memcmp(got, want, len);

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* AES key wrap with padding; the length of the result, or 0 */
static size_t ossl_kwp(const uint8_t key[32], bool wrap, const uint8_t *in, size_t len, uint8_t *result)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;
	bool ok;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ok = EVP_CipherInit_ex(ctx, EVP_aes_256_wrap_pad(), NULL, key, NULL, wrap) == 1 &&
	     EVP_CipherUpdate(ctx, result, &n, in, (int)len) == 1 && EVP_CipherFinal_ex(ctx, result + n, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok ? (size_t)(n + last) : 0;
}

/* --- encryption --------------------------------------------------------------------------------------------------- */

static void forth(const struct alg *a, unsigned long cmd, size_t len, size_t label_len)
{
	struct mhsm_ioc_crypt c = crypt_of(a->alg, message, len);

	c.aad = label_len ? pointer(label) : 0;
	c.aad_len = (uint32_t)label_len;
	c.out_len = N_LEN;
	cases_is(retry_ioctl(rsa_fd, cmd, &c), 0, "encrypting %zu bytes", len);
	cases_is(c.out_len, N_LEN, "out_len");
	cases_is(untouched(N_LEN), 1, "nothing beyond");
	cases_is(ossl_decrypts_to(a, label_len, out, message, len), 1, "OpenSSL decrypts %zu bytes", len);
}

static void and_back(const struct alg *a, unsigned long cmd, size_t len, size_t label_len)
{
	struct mhsm_ioc_crypt c = crypt_of(a->alg, back, N_LEN);

	c.aad = label_len ? pointer(label) : 0;
	c.aad_len = (uint32_t)label_len;
	c.out_len = (uint32_t)a->max;
	cases_is(ossl_encrypt(a, label_len, message, len, back), 1, "OpenSSL encrypts");
	cases_is(retry_ioctl(rsa_fd, cmd, &c), 0, "decrypting %zu bytes", len);
	cases_is(c.out_len, (long)len, "out_len of %zu bytes", len);
	cases_is(!memcmp(out, message, len) && untouched(len), 1, "the message of %zu bytes", len);
}

static void right(const struct alg *a)
{
	const size_t lens[] = { 0, 1, 32, a->max };

	cases_begin();
	for (size_t i = 0; i < 4; i++) {
		forth(a, i & 1 ? MHSM_IOC_ENCRYPT : MHSM_IOC_WRAP, lens[i], 0);
		and_back(a, i & 1 ? MHSM_IOC_DECRYPT : MHSM_IOC_UNWRAP, lens[i], 0);
	}
	if (a->hash) {
		forth(a, MHSM_IOC_ENCRYPT, 20, sizeof(label));
		and_back(a, MHSM_IOC_UNWRAP, 20, sizeof(label));
	}
	cases_end("%s, both ways, with OpenSSL's inverse", a->name);
}

/* --- wrong ciphertexts -------------------------------------------------------------------------------------------- */

/* RSA1_5: bytes come out, the same for the same, and not the message */
static void rejected_implicitly(const struct alg *a)
{
	struct mhsm_ioc_crypt c;
	uint8_t first[N_LEN];
	uint32_t len;

	c = crypt_of(a->alg, back, N_LEN);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_DECRYPT, &c), 0, "a wrong padding is no error");
	len = c.out_len;
	cases_is(len <= a->max && untouched(len), 1, "at most a message");
	cases_is(len == 32 && !memcmp(out, message, 32), 0, "not the message");
	memcpy(first, out, len);
	c = crypt_of(a->alg, back, N_LEN);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_UNWRAP, &c), 0, "nor the second time");
	cases_is(c.out_len == len && !memcmp(out, first, len), 1, "the same bytes");
}

static void refused(uint32_t alg, const uint8_t *in, const void *aad, size_t aad_len, const char *what)
{
	struct mhsm_ioc_crypt c = crypt_of(alg, in, N_LEN);

	c.aad = pointer(aad);
	c.aad_len = (uint32_t)aad_len;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_DECRYPT, &c), -EBADMSG, "DECRYPT, %s", what);
	c.aad = pointer(aad);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_UNWRAP, &c), -EBADMSG, "UNWRAP, %s", what);
	cases_is(untouched(0), 1, "nothing is written, %s", what);
}

static void wrong(const struct alg *a)
{
	size_t at;

	cases_begin();
	for (at = 0; at < N_LEN; at += 85) {
		ossl_encrypt(a, 0, message, 32, back);
		back[at] ^= at ? 0x10 : 0x01;
		if (a->hash)
			refused(a->alg, back, NULL, 0, "a bit is wrong");
		else
			rejected_implicitly(a);
	}
	memset(back, 0xff, N_LEN);
	refused(a->alg, back, NULL, 0, "not below the modulus");
	if (a->hash) {
		memset(back, 0, N_LEN);
		refused(a->alg, back, NULL, 0, "zero");
		ossl_encrypt(a, 0, message, 32, back);
		refused(a->alg, back, label, sizeof(label), "a label that is not its");
		ossl_encrypt(a, sizeof(label), message, 32, back);
		refused(a->alg, back, NULL, 0, "no label");
		refused(a->alg, back, label, sizeof(label) - 1, "another label");
		refused(a->alg == MHSM_ALG_RSA_OAEP ? MHSM_ALG_RSA_OAEP_256 : MHSM_ALG_RSA_OAEP, back, label, sizeof(label),
			"another hash");
	}
	cases_end("%s, wrong ciphertexts", a->name);
}

/* --- wrong calls -------------------------------------------------------------------------------------------------- */

static void field(const struct alg *a, unsigned long cmd, size_t len, struct mhsm_ioc_crypt wrong, long want,
		  const char *what)
{
	struct mhsm_ioc_crypt c = crypt_of(a->alg, message, len);

	c.flags |= wrong.flags;
	c.iv_len |= wrong.iv_len;
	c.tag_len |= wrong.tag_len;
	c.aad_len |= wrong.aad_len;
	c.iv |= wrong.iv;
	c.tag |= wrong.tag;
	c.aad |= wrong.aad;
	cases_is(retry_ioctl(rsa_fd, cmd, &c), want, "%s", what);
	cases_is(untouched(0), 1, "nothing is written, %s", what);
}

static void length(const struct alg *a, unsigned long cmd, size_t len, size_t room, long want, size_t needed)
{
	struct mhsm_ioc_crypt c = crypt_of(a->alg, message, len);

	c.out_len = (uint32_t)room;
	cases_is(retry_ioctl(rsa_fd, cmd, &c), want, "%zu bytes, room for %zu", len, room);
	cases_is(c.out_len, (long)(want == -ERANGE ? needed : room), "out_len");
	cases_is(untouched(0), 1, "nothing is written");
}

static void calls(const struct alg *a)
{
	uint8_t *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mhsm_ioc_crypt c;

	mprotect(edge + 4096, 4096, PROT_NONE);
	cases_begin();
	for (int forward = 0; forward < 2; forward++) {
		unsigned long cmd = forward ? MHSM_IOC_ENCRYPT : MHSM_IOC_DECRYPT;
		size_t len = forward ? a->max : N_LEN;

		field(a, cmd, len, (struct mhsm_ioc_crypt){ .flags = MHSM_CRYPT_MAKE_IV }, -EINVAL, "a flag");
		field(a, cmd, len, (struct mhsm_ioc_crypt){ .iv_len = 12 }, -EINVAL, "an IV's length");
		field(a, cmd, len, (struct mhsm_ioc_crypt){ .tag_len = 16 }, -EINVAL, "a tag's length");
		field(a, cmd, len, (struct mhsm_ioc_crypt){ .iv = pointer(back) }, -EINVAL, "an IV");
		field(a, cmd, len, (struct mhsm_ioc_crypt){ .tag = pointer(back) }, -EINVAL, "a tag");
		if (a->hash)
			field(a, cmd, len, (struct mhsm_ioc_crypt){ .aad_len = MHSM_AAD_MAX + 1, .aad = pointer(back) }, -EINVAL,
			      "too long a label");
		else
			field(a, cmd, len, (struct mhsm_ioc_crypt){ .aad_len = 1, .aad = pointer(back) }, -EINVAL, "a label");
		if (a->hash)
			field(a, cmd, len, (struct mhsm_ioc_crypt){ .aad_len = 16, .aad = pointer(edge + 4088) }, -EFAULT,
			      "a label that ends half-way");
		c = crypt_of(a->alg, edge + 4096 - len + 1, len);
		cases_is(retry_ioctl(rsa_fd, cmd, &c), -EFAULT, "input that ends half-way");
		cases_is(untouched(0), 1, "nothing is written");
	}
	c = crypt_of(a->alg, message, 10);
	c.out = pointer(edge + 4096 - 100);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_ENCRYPT, &c), -EFAULT, "room that ends half-way");
	length(a, MHSM_IOC_ENCRYPT, a->max + 1, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_WRAP, UINT32_MAX, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_ENCRYPT, a->max, N_LEN - 1, -ERANGE, N_LEN);
	length(a, MHSM_IOC_WRAP, 0, 0, -ERANGE, N_LEN);
	length(a, MHSM_IOC_DECRYPT, 0, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_DECRYPT, N_LEN - 1, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_UNWRAP, N_LEN + 1, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_DECRYPT, N_LEN, a->max - 1, -ERANGE, a->max);
	length(a, MHSM_IOC_UNWRAP, N_LEN, 0, -ERANGE, a->max);
	/* out and in may be the same, or overlap */
	c = crypt_of(a->alg, out + 3, 20);
	memcpy(out + 3, message, 20);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_ENCRYPT, &c), 0, "in place");
	cases_is(ossl_decrypts_to(a, 0, out, message, 20), 1, "in place, OpenSSL decrypts");
	c = crypt_of(a->alg, message, 20);
	cases_is(retry_ioctl(aes_fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "ENCRYPT with an AES key");
	cases_is(retry_ioctl(aes_fd, MHSM_IOC_WRAP, &c), -EOPNOTSUPP, "WRAP with an AES key");
	munmap(edge, 8192);
	cases_end("%s, wrong calls", a->name);
}

static void other_algorithms(void)
{
	static const uint32_t others[] = { 0,		       MHSM_ALG_AES_GCM, MHSM_ALG_AES_KW, MHSM_ALG_AES_KWP,
					   MHSM_ALG_RS256, MHSM_ALG_RSNULL, MHSM_ALG_MAX + 1, UINT32_MAX };
	struct mhsm_ioc_crypt c;

	cases_begin();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		c = crypt_of(others[i], message, 16);
		cases_is(retry_ioctl(rsa_fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "ENCRYPT, algorithm %u", others[i]);
		cases_is(retry_ioctl(rsa_fd, MHSM_IOC_UNWRAP, &c), -EOPNOTSUPP, "UNWRAP, algorithm %u", others[i]);
	}
	for (size_t i = 0; i < WRAPS; i++) {
		c = crypt_of(wraps[i].alg, message, 16);
		cases_is(retry_ioctl(rsa_fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "ENCRYPT, %s", wraps[i].name);
		cases_is(retry_ioctl(rsa_fd, MHSM_IOC_DECRYPT, &c), -EOPNOTSUPP, "DECRYPT, %s", wraps[i].name);
		cases_is(retry_ioctl(aes_fd, MHSM_IOC_WRAP, &c), -EOPNOTSUPP, "WRAP, %s, with an AES key", wraps[i].name);
	}
	cases_end("algorithms that are not for RSA keys, or not for the call");
}

/* --- RSA_AES_KW --------------------------------------------------------------------------------------------------- */

static size_t kwp_len(size_t len)
{
	return (len + 7) / 8 * 8 + 8;
}

static void wrap_one(const struct alg *a, size_t len)
{
	uint8_t key[N_LEN], got[4200];
	struct mhsm_ioc_crypt c = crypt_of(a->alg, message, len);
	EVP_PKEY_CTX *ctx = ossl(a, false, 0);
	size_t n = sizeof(key), total = N_LEN + kwp_len(len);

	c.out_len = (uint32_t)total;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_WRAP, &c), 0, "WRAP of %zu bytes", len);
	cases_is(c.out_len, (long)total, "out_len");
	cases_is(untouched(total), 1, "nothing beyond");
	cases_is(EVP_PKEY_decrypt(ctx, key, &n, out, N_LEN) == 1 && n == 32, 1, "an AES-256 key is under OAEP");
	cases_is((long)ossl_kwp(key, false, out + N_LEN, kwp_len(len), got), (long)len, "OpenSSL unwraps %zu bytes", len);
	cases_is(memcmp(got, message, len), 0, "the target of %zu bytes", len);
	EVP_PKEY_CTX_free(ctx);
	/* the other way, with a key of OpenSSL's side */
	memset(key, 0x42, 32);
	cases_is(ossl_encrypt(a, 0, key, 32, back), 1, "OpenSSL encrypts the key");
	cases_is((long)ossl_kwp(key, true, message, len, back + N_LEN), (long)kwp_len(len), "OpenSSL wraps");
	c = crypt_of(a->alg, back, total);
	c.out_len = (uint32_t)(kwp_len(len) - 8);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_UNWRAP, &c), 0, "UNWRAP of %zu bytes", len);
	cases_is(c.out_len, (long)len, "out_len");
	cases_is(!memcmp(out, message, len) && untouched(kwp_len(len) - 8), 1, "the target of %zu bytes", len);
}

static void unwrap_refused(const struct alg *a, size_t len, const char *what)
{
	struct mhsm_ioc_crypt c = crypt_of(a->alg, back, len);

	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_UNWRAP, &c), -EBADMSG, "%s", what);
	cases_is(untouched(0), 1, "nothing is written, %s", what);
}

static void wrap_wrong(const struct alg *a)
{
	static const uint8_t zero[32];
	size_t total = N_LEN + kwp_len(100);
	struct mhsm_ioc_crypt c = crypt_of(a->alg, message, 100);

	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_WRAP, &c), 0, "WRAP");
	memcpy(back, out, total);
	back[100] ^= 1;
	unwrap_refused(a, total, "the key's part is wrong");
	back[100] ^= 1;
	back[N_LEN + 50] ^= 1;
	unwrap_refused(a, total, "the target's part is wrong");
	memset(back, 0xff, N_LEN);
	unwrap_refused(a, total, "not below the modulus");
	/* a key of another length; one that is wrong, and a target that would be right under a key of zeros */
	cases_is(ossl_encrypt(a, 0, zero, 16, back), 1, "OpenSSL encrypts");
	ossl_kwp(zero, true, message, 100, back + N_LEN);
	unwrap_refused(a, total, "an AES-128 key");
	back[9] ^= 1;
	unwrap_refused(a, total, "a target under a key of zeros");
	length(a, MHSM_IOC_WRAP, 0, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_WRAP, 4097, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_WRAP, 9, N_LEN + 23, -ERANGE, N_LEN + 24);
	length(a, MHSM_IOC_UNWRAP, N_LEN, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_UNWRAP, N_LEN + 8, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_UNWRAP, N_LEN + 17, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_UNWRAP, N_LEN + 4112, ROOM, -EINVAL, 0);
	length(a, MHSM_IOC_UNWRAP, N_LEN + 24, 15, -ERANGE, 16);
	field(a, MHSM_IOC_WRAP, 16, (struct mhsm_ioc_crypt){ .aad_len = 1, .aad = pointer(label) }, -EINVAL, "a label");
}

static void wrapping(const struct alg *a)
{
	static const size_t lens[] = { 1, 8, 9, 1218, 4095, 4096 };

	cases_begin();
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		wrap_one(a, lens[i]);
	wrap_wrong(a);
	cases_end("%s, both ways, with OpenSSL's inverse; and wrong", a->name);
}

/* --- RSNULL ------------------------------------------------------------------------------------------------------- */

static struct mhsm_ioc_sign sign_of(size_t len, void *sig)
{
	return (struct mhsm_ioc_sign){
		.size = sizeof(struct mhsm_ioc_sign), .alg = MHSM_ALG_RSNULL,	.in_len = (uint32_t)len,
		.sig_len = N_LEN,		      .in = pointer(message), .sig = pointer(sig),
	};
}

static void sign_one(size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	struct mhsm_ioc_sign s = sign_of(len, out);
	uint8_t got[N_LEN];
	size_t n = sizeof(got);

	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), 0, "SIGN of %zu bytes", len);
	cases_is(EVP_PKEY_verify_recover_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
			 EVP_PKEY_verify_recover(ctx, got, &n, out, N_LEN) == 1 && n == len && !memcmp(got, message, len),
		 1, "OpenSSL recovers %zu bytes", len);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	n = N_LEN;
	cases_is(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
			 EVP_PKEY_sign(ctx, back, &n, message, len) == 1 && n == N_LEN,
		 1, "OpenSSL signs %zu bytes", len);
	EVP_PKEY_CTX_free(ctx);
	s = sign_of(len, back);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_VERIFY, &s), 0, "VERIFY of %zu bytes", len);
	back[N_LEN - 1] ^= 1;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_VERIFY, &s), -EBADMSG, "a wrong signature of %zu bytes", len);
	back[N_LEN - 1] ^= 1;
	if (len) {
		s.in_len--;
		cases_is(retry_ioctl(rsa_fd, MHSM_IOC_VERIFY, &s), -EBADMSG, "one of more than %zu bytes", len - 1);
	}
}

static void rsnull(void)
{
	struct mhsm_ioc_sign s;

	cases_begin();
	sign_one(1);
	sign_one(51);
	sign_one(100);
	sign_one(N_LEN - 11);
	s = sign_of(0, out);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), 0, "SIGN of nothing");
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_VERIFY, &s), 0, "VERIFY of nothing");
	memset(out, UNTOUCHED, sizeof(out));
	s = sign_of(N_LEN - 10, out);
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), -EINVAL, "SIGN of too much");
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_VERIFY, &s), -EINVAL, "VERIFY of too much");
	s = sign_of(20, out);
	s.flags = MHSM_SIGN_MESSAGE;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), -EINVAL, "SIGN of a message");
	s = sign_of(20, out);
	s.sig_len = N_LEN - 1;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), -ERANGE, "too little room");
	cases_is(s.sig_len, N_LEN, "sig_len");
	s = sign_of(20, out);
	s.in = 8;
	cases_is(retry_ioctl(rsa_fd, MHSM_IOC_SIGN, &s), -EFAULT, "no input");
	s = sign_of(20, out);
	cases_is(retry_ioctl(aes_fd, MHSM_IOC_SIGN, &s), -EOPNOTSUPP, "SIGN with an AES key");
	cases_is(untouched(0), 1, "nothing is written");
	cases_end("RSNULL, both ways, with OpenSSL's inverse; and wrong");
}

int main(void)
{
	struct hsm *hsm;
	int err;

	device = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, -errno);
	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 7 + 1);
	pkey = rsa_key(2048, 1);
	rsa_fd = (int)import(pkey, 0);
	aes_fd = (int)aes_key();
	if (!tap_ok(rsa_fd >= 0 && aes_fd >= 0, "keys"))
		return tap_bail("KEY_IMPORT", rsa_fd);
	ops();
	for (size_t i = 0; i < ALGS; i++) {
		right(&algs[i]);
		wrong(&algs[i]);
		calls(&algs[i]);
	}
	other_algorithms();
	for (size_t i = 0; i < WRAPS; i++)
		wrapping(&wraps[i]);
	rsnull();
	close(rsa_fd);
	close(aes_fd);
	close(device);
	hsm_stop(hsm);
	EVP_PKEY_free(pkey);
	return tap_end();
}
