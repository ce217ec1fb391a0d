// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 900
 *
 * KEY_IMPORT of key pairs in PKCS#8: keys that OpenSSL made have the same public half here and sign for it; numbers that
 * are no key, and what is no PKCS#8, are refused with their errno and leave nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"
#include "tests/kselftest/hsm/rsakey.h"
#include "tests/unit/der_build.h"
#include "uapi/mhsm.h"

#define DER_MAX 4096

static struct hsm *hsm;
static int device;

static uint64_t pointer(const void *p)
{
	return (uintptr_t)p;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

struct der {
	size_t len;
	uint8_t data[DER_MAX + 8];
};

static void encode(EVP_PKEY *key, struct der *der)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *end = der->data;

	der->len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &end);
	PKCS8_PRIV_KEY_INFO_free(info);
}

static struct mhsm_ioc_key_create create_of(uint32_t type, uint32_t param, const void *material, size_t len)
{
	return (struct mhsm_ioc_key_create){
		.size = sizeof(struct mhsm_ioc_key_create),
		.type = type,
		.param = param,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
		.material_len = (uint32_t)len,
		.material = pointer(material),
	};
}

static long import(uint32_t type, uint32_t param, const void *material, size_t len)
{
	struct mhsm_ioc_key_create c = create_of(type, param, material, len);

	return retry_ioctl(device, MHSM_IOC_KEY_IMPORT, &c);
}

static uint64_t keys(void)
{
	struct mhsm_ioc_info i = { .size = sizeof(i) };

	retry_ioctl(device, MHSM_IOC_INFO, &i);
	return i.keys;
}

/* Refused, and nothing is left of it */
static void refused(uint32_t type, uint32_t param, const void *material, size_t len, long want, const char *what)
{
	uint64_t before = keys();
	long ret = import(type, param, material, len);

	cases_is(ret, want, "%s", what);
	cases_is((long)keys(), (long)before, "nothing is left of: %s", what);
	if (ret >= 0)
		close((int)ret);
}

/* --- key pairs that are right ------------------------------------------------------------------------------------- */

static const struct kind {
	const char *name;
	const char *group; /* EC */
	unsigned int bits; /* RSA */
	uint32_t type, param, alg; /* alg 0: it does not sign */
	const char *digest; /* NULL: of the message */
	size_t sig_len;
} kinds[] = {
	{ "P-256", "P-256", 0, MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_ALG_ES256, "SHA256", 64 },
	{ "P-384", "P-384", 0, MHSM_KEY_EC, MHSM_CURVE_P384, MHSM_ALG_ES384, "SHA384", 96 },
	{ "P-521", "P-521", 0, MHSM_KEY_EC, MHSM_CURVE_P521, MHSM_ALG_ES512, "SHA512", 132 },
	{ "P-256K", "secp256k1", 0, MHSM_KEY_EC, MHSM_CURVE_P256K, MHSM_ALG_ES256K, "SHA256", 64 },
	{ "Ed25519", NULL, 0, MHSM_KEY_OKP, MHSM_CURVE_ED25519, MHSM_ALG_EDDSA, NULL, 64 },
	{ "RSA-2048", NULL, 2048, MHSM_KEY_RSA, 2048, MHSM_ALG_RS256, "SHA256", 256 },
	{ "RSA-3072", NULL, 3072, MHSM_KEY_RSA, 3072, MHSM_ALG_RS256, "SHA256", 384 },
	{ "RSA-4096", NULL, 4096, MHSM_KEY_RSA, 4096, MHSM_ALG_RS256, "SHA256", 512 },
	{ "X25519", NULL, 0, MHSM_KEY_OKP, MHSM_CURVE_X25519, 0, NULL, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static EVP_PKEY *generate(const struct kind *k)
{
	return k->group ? EVP_EC_gen(k->group) : k->bits ? rsa_key(k->bits, 1) : EVP_PKEY_Q_keygen(NULL, NULL, k->name);
}

/* Does OpenSSL's key verify what the HSM's signs? */
static bool verifies(const struct kind *k, EVP_PKEY *key, int fd)
{
	static const uint8_t text[] = "what is signed";
	uint8_t sig[MHSM_SIG_MAX], der[160];
	const uint8_t *p = sig;
	size_t len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct mhsm_ioc_sign s = {
		.size = sizeof(s), .alg = k->alg, .flags = MHSM_SIGN_MESSAGE, .in_len = sizeof(text),
		.sig_len = sizeof(sig), .in = pointer(text), .sig = pointer(sig),
	};
	bool ok;

	ok = !retry_ioctl(fd, MHSM_IOC_SIGN, &s) && s.sig_len == k->sig_len;
	if (k->group) {
		ok = ok && !mhsm_signature_to_der(sig, s.sig_len, der, &len);
		p = der;
	} else {
		len = s.sig_len;
	}
	ok = ok && EVP_DigestVerifyInit(ctx, NULL, k->digest ? EVP_get_digestbyname(k->digest) : NULL, NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, p, len, text, sizeof(text)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void same_public(EVP_PKEY *key, int fd)
{
	uint8_t got[1024];
	struct mhsm_ioc_public p = { .size = sizeof(p), .len = sizeof(got), .out = pointer(got) };
	unsigned char *want = NULL;
	int len = i2d_PUBKEY(key, &want);

	cases_is(retry_ioctl(fd, MHSM_IOC_PUBLIC, &p), 0, "PUBLIC");
	cases_is(p.len, len, "its length");
	cases_is(memcmp(got, want, (size_t)len), 0, "the public key");
	OPENSSL_free(want);
}

static void right(const struct kind *k)
{
	struct mhsm_ioc_key_info i = { .size = sizeof(i) };
	EVP_PKEY *key = generate(k);
	struct der der;
	long fd;

	cases_begin();
	encode(key, &der);
	fd = import(k->type, k->param, der.data, der.len);
	if (cases_is(fd < 0 ? fd : 0, 0, "KEY_IMPORT")) {
		same_public(key, (int)fd);
		if (k->alg)
			cases_is(verifies(k, key, (int)fd), 1, "OpenSSL verifies its signature");
		cases_is(retry_ioctl((int)fd, MHSM_IOC_KEY_INFO, &i), 0, "KEY_INFO");
		cases_is(i.info.flags, MHSM_KEY_ENABLED | MHSM_KEY_SESSION | MHSM_KEY_IMPORTED, "flags");
		close((int)fd);
	}
	/* of another key, or not whole */
	refused(k->type, k->param, der.data, der.len - 1, -EBADMSG, "cut");
	der.data[der.len] = 0;
	refused(k->type, k->param, der.data, der.len + 1, -EBADMSG, "longer");
	for (size_t j = 0; j < KINDS; j++)
		if (&kinds[j] != k)
			refused(kinds[j].type, kinds[j].param, der.data, der.len, -EINVAL, "as another key");
	refused(MHSM_KEY_AES, 256, der.data, der.len, -EINVAL, "as an AES key");
	EVP_PKEY_free(key);
	cases_end("%s", k->name);
}

/* --- stored ------------------------------------------------------------------------------------------------------- */

static void stored(const struct kind *k)
{
	struct mhsm_ioc_key_open o = { .size = sizeof(o), .rights = MHSM_OP_SIGN };
	EVP_PKEY *key = generate(k);
	struct mhsm_ioc_key_create c;
	struct der der;
	long fd;

	cases_begin();
	encode(key, &der);
	c = create_of(k->type, k->param, der.data, der.len);
	c.flags = MHSM_KEY_ENABLED;
	strcpy(c.name, k->name);
	strcpy(o.name, k->name);
	fd = retry_ioctl(device, MHSM_IOC_KEY_IMPORT, &c);
	cases_is(fd < 0 ? fd : 0, 0, "KEY_IMPORT");
	close((int)fd);
	cases_is(hsm_lock(hsm), 0, "locked");
	cases_is(import(k->type, k->param, der.data, der.len), -ENOKEY, "KEY_IMPORT into a locked HSM");
	cases_is(hsm_unlock(hsm), 0, "unlocked");
	fd = retry_ioctl(device, MHSM_IOC_KEY_OPEN, &o);
	if (cases_is(fd < 0 ? fd : 0, 0, "KEY_OPEN")) {
		same_public(key, (int)fd);
		cases_is(verifies(k, key, (int)fd), 1, "OpenSSL verifies its signature");
		close((int)fd);
	}
	EVP_PKEY_free(key);
	cases_end("%s, stored, after the HSM was locked and unlocked", k->name);
}

/* --- EC keys that are none ---------------------------------------------------------------------------------------- */

static const uint8_t p256_alg[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
				    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const uint8_t p256_order[32] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

/* A P-256 key of this scalar, with this point (04 x y) or none */
static void ec_build(struct der_build *d, const uint8_t scalar[32], const uint8_t *point)
{
	struct der_build inner = { 0 };
	uint8_t bits[66] = { 0 };
	size_t from;

	der_put(&inner, 0x02, "\1", 1);
	der_put(&inner, 0x04, scalar, 32);
	if (point) {
		memcpy(bits + 1, point, 65);
		from = inner.len;
		der_put(&inner, 0x03, bits, sizeof(bits));
		der_wrap(&inner, from, 0xa1);
	}
	der_wrap(&inner, 0, 0x30);
	d->len = 0;
	der_put(d, 0x02, "", 1);
	der_put(d, 0x30, p256_alg, sizeof(p256_alg));
	der_put(d, 0x04, inner.data, inner.len);
	der_wrap(d, 0, 0x30);
}

static void ec_scalar(const uint8_t scalar[32], const uint8_t *point, long want, const char *what)
{
	static struct der_build d;
	long ret;

	ec_build(&d, scalar, point);
	if (want) {
		refused(MHSM_KEY_EC, MHSM_CURVE_P256, d.data, d.len, want, what);
		return;
	}
	ret = import(MHSM_KEY_EC, MHSM_CURVE_P256, d.data, d.len);
	cases_is(ret < 0 ? ret : 0, 0, "%s", what);
	if (ret >= 0)
		close((int)ret);
}

static void ec_wrong(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	uint8_t scalar[32] = { 0 }, point[65], wrong[65];
	BIGNUM *d = NULL;
	size_t len;

	EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len);
	cases_begin();
	ec_scalar(scalar, NULL, -EKEYREJECTED, "zero");
	ec_scalar(p256_order, NULL, -EKEYREJECTED, "the order");
	memset(scalar, 0xff, sizeof(scalar));
	ec_scalar(scalar, NULL, -EKEYREJECTED, "more than the order");
	memcpy(scalar, p256_order, 32);
	scalar[31]++;
	ec_scalar(scalar, NULL, -EKEYREJECTED, "the order and one");
	scalar[31] -= 2;
	ec_scalar(scalar, NULL, 0, "the order less one");
	EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d);
	BN_bn2binpad(d, scalar, 32);
	ec_scalar(scalar, point, 0, "with its point");
	ec_scalar(scalar, NULL, 0, "without it");
	memcpy(wrong, point, sizeof(wrong));
	wrong[64] ^= 1;
	ec_scalar(scalar, wrong, -EKEYREJECTED, "a point off the curve");
	memset(wrong + 1, 0, 64);
	ec_scalar(scalar, wrong, -EKEYREJECTED, "zeros for a point");
	EVP_PKEY_get_octet_string_param(other, OSSL_PKEY_PARAM_PUB_KEY, wrong, sizeof(wrong), &len);
	ec_scalar(scalar, wrong, -EKEYREJECTED, "another's point");
	cases_end("EC: numbers that are no key");
	BN_clear_free(d);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

/* --- RSA keys that are none --------------------------------------------------------------------------------------- */

enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

static const char *const numbers[NUMBERS] = { "n", "e", "d", "p", "q", "dp", "dq", "qinv" };
static const uint8_t rsa_alg[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

static void rsa_refused(BIGNUM *const b[NUMBERS], uint32_t param, long want, const char *what)
{
	static struct der_build d, inner;
	uint8_t bytes[600];

	inner.len = d.len = 0;
	der_put(&inner, 0x02, "", 1);
	for (int i = 0; i < NUMBERS; i++)
		der_number(&inner, bytes, (size_t)BN_bn2bin(b[i], bytes));
	der_wrap(&inner, 0, 0x30);
	der_put(&d, 0x02, "", 1);
	der_put(&d, 0x30, rsa_alg, sizeof(rsa_alg));
	der_put(&d, 0x04, inner.data, inner.len);
	der_wrap(&d, 0, 0x30);
	if (want) {
		refused(MHSM_KEY_RSA, param, d.data, d.len, want, what);
	} else {
		long fd = import(MHSM_KEY_RSA, param, d.data, d.len);

		cases_is(fd < 0 ? fd : 0, 0, "%s", what);
		close((int)fd);
	}
}

/* All that follows from p, q and e */
static void complete(BIGNUM *b[NUMBERS], BN_CTX *ctx)
{
	BIGNUM *p1 = BN_dup(b[P]), *q1 = BN_dup(b[Q]), *lcm = BN_new(), *gcd = BN_new();

	BN_sub_word(p1, 1);
	BN_sub_word(q1, 1);
	BN_mul(b[N], b[P], b[Q], ctx);
	BN_gcd(gcd, p1, q1, ctx);
	BN_mul(lcm, p1, q1, ctx);
	BN_div(lcm, NULL, lcm, gcd, ctx);
	BN_mod_inverse(b[D], b[E], lcm, ctx);
	BN_mod(b[DP], b[D], p1, ctx);
	BN_mod(b[DQ], b[D], q1, ctx);
	if (!BN_mod_inverse(b[QINV], b[Q], b[P], ctx))
		BN_one(b[QINV]);
	BN_free(p1);
	BN_free(q1);
	BN_free(lcm);
	BN_free(gcd);
}

static void rsa_wrong(void)
{
	EVP_PKEY *key = rsa_key(2048, 1);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *b[NUMBERS];
	int i;

	for (i = 0; i < NUMBERS; i++)
		b[i] = BN_new();
	BN_set_word(b[E], 65537);
	cases_begin();
	cases_is(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &b[P]) &&
			 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &b[Q]),
		 1, "two primes");
	complete(b, ctx);
	rsa_refused(b, 2048, 0, "as it is");
	for (i = 0; i < NUMBERS; i++) {
		if (i == E)
			continue;
		BN_add_word(b[i], 2);
		rsa_refused(b, 2048, -EKEYREJECTED, numbers[i]);
		BN_sub_word(b[i], 2);
	}
	BN_swap(b[DP], b[DQ]);
	rsa_refused(b, 2048, -EKEYREJECTED, "dp and dq exchanged");
	BN_swap(b[DP], b[DQ]);
	BN_set_word(b[E], 3);
	rsa_refused(b, 2048, -EOPNOTSUPP, "e = 3");
	BN_set_word(b[E], 65539);
	rsa_refused(b, 2048, -EOPNOTSUPP, "e = 65539");
	BN_set_word(b[E], 65537);
	/* p that is no prime, of a key that fits together */
	do {
		BN_rand(b[P], 1024, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD);
		complete(b, ctx);
	} while (BN_num_bits(b[N]) != 2048 || BN_is_zero(b[D]) || BN_is_one(b[QINV]));
	rsa_refused(b, 2048, -EKEYREJECTED, "p is no prime");
	BN_copy(b[P], b[Q]);
	complete(b, ctx);
	rsa_refused(b, 2048, -EKEYREJECTED, "p = q");
	/* primes that are not half as long as the modulus */
	do {
		BN_generate_prime_ex(b[P], 1032, 0, NULL, NULL, NULL);
		BN_generate_prime_ex(b[Q], 1016, 0, NULL, NULL, NULL);
		complete(b, ctx);
	} while (BN_num_bits(b[N]) != 2048);
	rsa_refused(b, 2048, -EKEYREJECTED, "primes of different lengths");
	BN_generate_prime_ex(b[P], 512, 0, NULL, NULL, NULL);
	BN_generate_prime_ex(b[Q], 512, 0, NULL, NULL, NULL);
	complete(b, ctx);
	rsa_refused(b, 2048, -EOPNOTSUPP, "1024 bits");
	cases_end("RSA: numbers that are no key");
	for (i = 0; i < NUMBERS; i++)
		BN_clear_free(b[i]);
	EVP_PKEY_free(key);
	BN_CTX_free(ctx);
}

/* --- material that is none ---------------------------------------------------------------------------------------- */

static void other_kind(EVP_PKEY *key, const char *what)
{
	struct der der;

	encode(key, &der);
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, der.len, -EOPNOTSUPP, what);
	EVP_PKEY_free(key);
}

static void encrypted(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	X509_SIG *sealed = PKCS8_encrypt(-1, EVP_aes_128_cbc(), "word", 4, NULL, 0, 1000, info);
	unsigned char *der = NULL;
	int len = i2d_X509_SIG(sealed, &der);

	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der, (size_t)len, -EBADMSG, "an encrypted key");
	OPENSSL_free(der);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
}

static void material(void)
{
	uint8_t *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct der der;

	mprotect(edge + 4096, 4096, PROT_NONE);
	encode(key, &der);
	cases_begin();
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, 0, -EINVAL, "nothing");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, 1, -EBADMSG, "a byte");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, DER_MAX, -EBADMSG, "the most that there can be");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, DER_MAX + 1, -EINVAL, "one more");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, UINT32_MAX, -EINVAL, "far more");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, NULL, der.len, -EFAULT, "nowhere");
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, edge + 4096 - 20, der.len, -EFAULT, "half of it nowhere");
	refused(MHSM_KEY_EC, 99, der.data, der.len, -EOPNOTSUPP, "to a curve that there is not");
	encrypted(key);
	other_kind(EVP_EC_gen("P-224"), "P-224");
	other_kind(EVP_EC_gen("brainpoolP256r1"), "brainpoolP256r1");
	other_kind(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "Ed448");
	EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed");
	encode(key, &der);
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, der.len, -EOPNOTSUPP, "a compressed point");
	EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit");
	encode(key, &der);
	refused(MHSM_KEY_EC, MHSM_CURVE_P256, der.data, der.len, -EOPNOTSUPP, "a curve that is spelled out");
	cases_end("material that is no PKCS#8, or of other keys");
	munmap(edge, 8192);
	EVP_PKEY_free(key);
}

int main(void)
{
	int err;

	device = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, -errno);
	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	for (size_t i = 0; i < KINDS; i++)
		right(&kinds[i]);
	stored(&kinds[0]);
	stored(&kinds[5]);
	ec_wrong();
	rsa_wrong();
	material();
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
