// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pkcs8.c kmod/spki.c tests/unit/vectors.c -lcrypto */
/*
 * Private keys in PKCS#8: what OpenSSL writes is read, with the numbers that OpenSSL has; the examples of RFC 8410;
 * everything that is not DER, or not a key that there is here, is refused with its error.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "kmod/pkcs8.h"
#include "tests/unit/der_build.h"
#include "tests/unit/vectors.h"

/* A copy that ends where its memory ends, so that reading on is noticed */
static int parse(struct mhsm_pkcs8 *k, const u8 *der, size_t len)
{
	u8 *exact = malloc(len ? len : 1);
	const struct mhsm_pkcs8_part *parts[] = { &k->private, &k->public, &k->d, &k->p, &k->q, &k->dp, &k->dq, &k->qinv };
	int ret;
	size_t i;

	assert_non_null(exact);
	memcpy(exact, der, len);
	ret = mhsm_pkcs8_parse(k, exact, len);
	for (i = 0; !ret && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i]->len) {
			assert_true(parts[i]->p >= exact && parts[i]->p + parts[i]->len <= exact + len);
			((struct mhsm_pkcs8_part *)parts[i])->p = der + (parts[i]->p - exact);
		}
	free(exact);
	return ret;
}

static void refused(const u8 *der, size_t len, int want)
{
	struct mhsm_pkcs8 k;

	assert_int_equal(parse(&k, der, len), want);
}

/* --- as OpenSSL writes them ----------------------------------------------------------------------------------- */

static size_t encode(EVP_PKEY *key, u8 *der)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	u8 *end = der;
	int len;

	assert_non_null(info);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &end);
	assert_true(len > 0);
	PKCS8_PRIV_KEY_INFO_free(info);
	return (size_t)len;
}

static void same_number(EVP_PKEY *key, const char *name, const struct mhsm_pkcs8_part *part)
{
	BIGNUM *want = NULL;
	u8 bytes[512];

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &want), 1);
	assert_int_equal(BN_num_bytes(want), part->len);
	BN_bn2bin(want, bytes);
	assert_memory_equal(bytes, part->p, part->len);
	BN_clear_free(want);
}

/* No prefix is a key, nor is what goes on; and no byte that is changed makes the parser leave its input. */
static void broken(u8 *der, size_t len)
{
	struct mhsm_pkcs8 k;
	size_t i;
	int ret;

	for (i = 0; i < len; i++)
		refused(der, i, -EBADMSG);
	der[len] = 0;
	refused(der, len + 1, -EBADMSG);
	for (i = 0; i < len; i++) {
		der[i] ^= 1u << i % 8;
		ret = parse(&k, der, len);
		assert_true(!ret || ret == -EBADMSG || ret == -EOPNOTSUPP || ret == -EKEYREJECTED);
		der[i] ^= 1u << i % 8;
	}
}

static void ec_one(const char *name, u32 param, size_t len)
{
	EVP_PKEY *key = EVP_EC_gen(name);
	u8 der[1024], point[256], private[80];
	BIGNUM *d = NULL;
	struct mhsm_pkcs8 k;
	size_t n, point_len;

	assert_non_null(key);
	n = encode(key, der);
	assert_int_equal(parse(&k, der, n), 0);
	assert_int_equal(k.type, MHSM_KEY_EC);
	assert_int_equal(k.param, param);
	assert_int_equal(k.private.len, len);
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d), 1);
	assert_int_equal(BN_bn2binpad(d, private, (int)len), (int)len);
	assert_memory_equal(k.private.p, private, len);
	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &point_len), 1);
	assert_int_equal(k.public.len, 2 * len);
	assert_memory_equal(k.public.p, point + 1, 2 * len);
	broken(der, n);
	/* A point that is compressed, and a curve that is spelled out */
	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"), 1);
	n = encode(key, der);
	refused(der, n, -EOPNOTSUPP);
	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"), 1);
	n = encode(key, der);
	refused(der, n, -EOPNOTSUPP);
	BN_clear_free(d);
	EVP_PKEY_free(key);
}

static void test_ec(void **state)
{
	(void)state;
	ec_one("P-256", MHSM_CURVE_P256, 32);
	ec_one("P-384", MHSM_CURVE_P384, 48);
	ec_one("P-521", MHSM_CURVE_P521, 66);
	ec_one("secp256k1", MHSM_CURVE_P256K, 32);
}

static void test_rsa(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct mhsm_pkcs8 k;
	u8 der[2048];
	size_t n;

	(void)state;
	n = encode(key, der);
	assert_int_equal(parse(&k, der, n), 0);
	assert_int_equal(k.type, MHSM_KEY_RSA);
	assert_int_equal(k.param, 2048);
	same_number(key, OSSL_PKEY_PARAM_RSA_N, &k.public);
	same_number(key, OSSL_PKEY_PARAM_RSA_D, &k.d);
	same_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &k.p);
	same_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &k.q);
	same_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, &k.dp);
	same_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, &k.dq);
	same_number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &k.qinv);
	broken(der, n);
	EVP_PKEY_free(key);
}

static void other_kind(EVP_PKEY *key)
{
	u8 der[8192];

	assert_non_null(key);
	refused(der, encode(key, der), -EOPNOTSUPP);
	EVP_PKEY_free(key);
}

static void test_others(void **state)
{
	(void)state;
	other_kind(EVP_RSA_gen(1024));
	other_kind(EVP_EC_gen("P-224"));
	other_kind(EVP_EC_gen("brainpoolP256r1"));
	other_kind(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
	other_kind(EVP_PKEY_Q_keygen(NULL, NULL, "X448"));
}

/* The private keys of Wycheproof as it has them: with 65537 read, with 3 refused */
static void test_wycheproof(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/rsa_keys_pkcs8.txt");
	struct vectors *n = vectors_open("tests/vectors/rsa_keys.txt");
	struct vectors_bytes der, e, want;
	unsigned int usual = 0;
	struct mhsm_pkcs8 k;

	(void)state;
	while (vectors_next(v)) {
		assert_true(vectors_find(n, "key", vectors_word(v, "key")));
		der = vectors_bytes(v, "pkcs8");
		e = vectors_bytes(n, "e");
		want = vectors_bytes(n, "n");
		if (e.len != 3) {
			refused(der.data, der.len, -EOPNOTSUPP);
			continue;
		}
		usual++;
		assert_int_equal(parse(&k, der.data, der.len), 0);
		assert_int_equal(k.public.len, want.len);
		assert_memory_equal(k.public.p, want.data, want.len);
	}
	assert_int_equal(vectors_count(v), 118);
	assert_true(usual > 10);
	vectors_close(v);
	vectors_close(n);
}

/* --- RFC 8410 section 10.3 ------------------------------------------------------------------------------------ */

static const char *const rfc8410[] = {
	"302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
	"3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842a01f301d060a2a864886"
	"f70d01090914310f0c0d437572646c6520436861697273812100"
	"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
};

static void test_rfc8410(void **state)
{
	struct mhsm_pkcs8 k;
	size_t i, len = 0;
	u8 *der;

	(void)state;
	for (i = 0; i < 2; i++) {
		long n;

		der = OPENSSL_hexstr2buf(rfc8410[i], &n);
		assert_non_null(der);
		len = (size_t)n;
		assert_int_equal(parse(&k, der, len), 0);
		assert_int_equal(k.type, MHSM_KEY_OKP);
		assert_int_equal(k.param, MHSM_CURVE_ED25519);
		assert_int_equal(k.private.len, 32);
		assert_int_equal(k.private.p[0], 0xd4);
		assert_int_equal(k.public.len, i ? 32 : 0);
		/* A public key makes it version 2, and only that does. */
		der[4] ^= 1;
		refused(der, len, -EBADMSG);
		OPENSSL_free(der);
	}
}

/* --- made by hand --------------------------------------------------------------------------------------------- */

static const u8 p256_alg[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
			       0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const u8 rsa_alg[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

/* The frame around a private key that was built in @inner */
static void frame(struct der_build *d, u8 version, const u8 *alg, size_t alg_len, const struct der_build *inner)
{
	d->len = 0;
	der_put(d, 0x02, &version, 1);
	der_put(d, 0x30, alg, alg_len);
	der_put(d, 0x04, inner->data, inner->len);
}

struct ec_form {
	u8 version;
	size_t private_len;
	const u8 *curve; /* NULL: not named again */
	size_t curve_len;
	u8 form; /* of the point: 4; 0: there is none */
	u8 unused; /* bits */
	u8 outer; /* first byte of a second point's x; 0: there is none */
	u8 tail; /* an element after the last; 0: there is none */
	int want;
};

static void ec_form(const struct ec_form *f)
{
	static struct der_build d, inner;
	u8 point[66] = { 0 }, private[40] = { 1 };
	struct mhsm_pkcs8 k;
	size_t from;

	inner.len = d.len = 0;
	der_put(&inner, 0x02, &f->version, 1);
	der_put(&inner, 0x04, private, f->private_len);
	if (f->curve)
		der_put(&inner, 0xa0, f->curve, f->curve_len);
	point[0] = f->unused;
	point[1] = f->form;
	point[2] = 7;
	if (f->form) {
		from = inner.len;
		der_put(&inner, 0x03, point, f->form == 4 ? 66 : 34);
		der_wrap(&inner, from, 0xa1);
	}
	if (f->tail)
		der_put(&inner, f->tail, "", 1);
	der_wrap(&inner, 0, 0x30);
	frame(&d, !!f->outer, p256_alg, sizeof(p256_alg), &inner);
	point[0] = 0;
	point[1] = 4;
	point[2] = f->outer;
	if (f->outer)
		der_put(&d, 0x81, point, 66);
	der_wrap(&d, 0, 0x30);
	assert_int_equal(parse(&k, d.data, d.len), f->want);
}

static void test_ec_forms(void **state)
{
	static const struct ec_form forms[] = {
		{ 1, 32, NULL, 0, 4, 0, 0, 0, 0 },
		{ 1, 32, NULL, 0, 0, 0, 0, 0, 0 },
		{ 1, 32, p256_alg + 9, 10, 4, 0, 0, 0, 0 },
		{ 1, 32, p256_alg + 9, 10, 4, 0, 7, 0, 0 },
		{ 1, 32, NULL, 0, 0, 0, 7, 0, 0 },
		{ 1, 32, NULL, 0, 4, 0, 8, 0, -EKEYREJECTED }, /* two that differ */
		{ 0, 32, NULL, 0, 4, 0, 0, 0, -EBADMSG },
		{ 2, 32, NULL, 0, 4, 0, 0, 0, -EBADMSG },
		{ 1, 31, NULL, 0, 4, 0, 0, 0, -EBADMSG },
		{ 1, 33, NULL, 0, 4, 0, 0, 0, -EBADMSG },
		{ 1, 0, NULL, 0, 4, 0, 0, 0, -EBADMSG },
		{ 1, 32, p256_alg + 9, 9, 4, 0, 0, 0, -EBADMSG }, /* another curve */
		{ 1, 32, p256_alg, 10, 4, 0, 0, 0, -EBADMSG },
		{ 1, 32, NULL, 0, 4, 1, 0, 0, -EBADMSG },
		{ 1, 32, NULL, 0, 2, 0, 0, 0, -EOPNOTSUPP },
		{ 1, 32, NULL, 0, 3, 0, 0, 0, -EOPNOTSUPP },
		{ 1, 32, NULL, 0, 5, 0, 0, 0, -EBADMSG },
		{ 1, 32, NULL, 0, 4, 0, 0, 0xa2, -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		ec_form(&forms[i]);
}

/* An RSA key of 2048 bits whose numbers are nothing but of the right length, with number @i being these bytes instead */
static int rsa_form(u8 version, size_t which, const u8 *bytes, size_t len, bool raw)
{
	static const size_t lens[8] = { 256, 3, 256, 128, 128, 128, 128, 128 };
	static struct der_build d, inner;
	struct mhsm_pkcs8 k;
	u8 number[256];
	size_t i;

	inner.len = 0;
	der_put(&inner, 0x02, &version, 1);
	for (i = 0; i < 8; i++) {
		memset(number, 0x80 + (int)i, sizeof(number));
		if (i == which && raw)
			der_put(&inner, 0x02, bytes, len);
		else if (i == which)
			der_number(&inner, bytes, len);
		else
			der_number(&inner, i == 1 ? (const u8 *)"\1\0\1" : number, lens[i]);
	}
	der_wrap(&inner, 0, 0x30);
	frame(&d, 0, rsa_alg, sizeof(rsa_alg), &inner);
	der_wrap(&d, 0, 0x30);
	return parse(&k, d.data, d.len);
}

static void test_rsa_forms(void **state)
{
	u8 bytes[520] = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(rsa_form(0, 8, NULL, 0, false), 0);
	assert_int_equal(rsa_form(1, 8, NULL, 0, false), -EOPNOTSUPP);
	assert_int_equal(rsa_form(2, 8, NULL, 0, false), -EBADMSG);
	assert_int_equal(rsa_form(0, 1, (const u8 *)"\3", 1, false), -EOPNOTSUPP);
	assert_int_equal(rsa_form(0, 1, (const u8 *)"\1\0\2", 3, false), -EOPNOTSUPP);
	assert_int_equal(rsa_form(0, 1, (const u8 *)"\0", 1, false), -EOPNOTSUPP);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(rsa_form(0, 0, bytes, 384, false), 0); /* 3072 bits, to which the others are not too long */
	assert_int_equal(rsa_form(0, 0, bytes, 255, false), -EOPNOTSUPP);
	assert_int_equal(rsa_form(0, 0, bytes, 257, false), -EOPNOTSUPP);
	bytes[0] = 0x7f;
	assert_int_equal(rsa_form(0, 0, bytes, 256, false), -EOPNOTSUPP);
	for (i = 2; i < 8; i++) {
		bytes[0] = 0xff;
		assert_int_equal(rsa_form(0, i, bytes, i == 2 ? 256 : 128, false), 0);
		assert_int_equal(rsa_form(0, i, bytes, 1, false), 0);
		assert_int_equal(rsa_form(0, i, bytes, i == 2 ? 257 : 129, false), -EKEYREJECTED);
		assert_int_equal(rsa_form(0, i, (const u8 *)"\0", 1, true), -EKEYREJECTED); /* zero */
		assert_int_equal(rsa_form(0, i, bytes, 0, true), -EBADMSG);
		assert_int_equal(rsa_form(0, i, bytes, 20, true), -EBADMSG); /* negative */
		assert_int_equal(rsa_form(0, i, (const u8 *)"\0\x7f", 2, true), -EBADMSG); /* a zero too many */
		assert_int_equal(rsa_form(0, i, (const u8 *)"\0\x80", 2, true), 0);
	}
}

/* Lengths that BER allows and DER does not, in each place where one can be */
static void test_lengths(void **state)
{
	static struct der_build d, inner;
	static const u8 private[34] = { 0x04, 0x20, 1 }, ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
	struct mhsm_pkcs8 k;
	u8 bent[80];
	size_t at;

	(void)state;
	inner.len = 0;
	der_raw(&inner, private, sizeof(private));
	frame(&d, 0, ed25519, sizeof(ed25519), &inner);
	der_wrap(&d, 0, 0x30);
	assert_int_equal(parse(&k, d.data, d.len), 0);
	/* 81 before the length of the whole, which has one byte more for each of the others */
	for (at = 1; at < d.len; at++) {
		if (at != 1 && at != 3 && at != 6 && at != 8 && at != 13 && at != 15)
			continue;
		memcpy(bent, d.data, at);
		bent[at] = 0x81;
		memcpy(bent + at + 1, d.data + at, d.len - at);
		if (at > 1)
			bent[1]++;
		if (at == 8)
			bent[6]++;
		if (at == 15)
			bent[13]++;
		refused(bent, d.len + 1, at == 8 ? -EOPNOTSUPP : -EBADMSG); /* 8: in the OID, which is then another */
	}
	memcpy(bent, d.data, d.len);
	bent[1] = 0x80; /* indefinite */
	refused(bent, d.len, -EBADMSG);
	bent[1] = 0xff;
	refused(bent, d.len, -EBADMSG);
	bent[1] = 0x84;
	refused(bent, d.len, -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ec),	   cmocka_unit_test(test_rsa),	    cmocka_unit_test(test_others),
		cmocka_unit_test(test_wycheproof), cmocka_unit_test(test_rfc8410),  cmocka_unit_test(test_ec_forms),
		cmocka_unit_test(test_rsa_forms),  cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
