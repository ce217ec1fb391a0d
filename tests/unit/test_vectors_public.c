// SPDX-License-Identifier: GPL-2.0-only
/* link: tests/unit/vectors.c -lcrypto */
/*
 * The vectors of tests/vectors for elliptic curves, by OpenSSL: every case is computed; a valid one must come out, an
 * invalid one must not. See test_vectors_symmetric.c for why, test_vectors_rsa.c for RSA.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/vec.h"
#include "tests/unit/vectors.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#define OCTETS_MAX 66

struct curve {
	const char *name;
	size_t octets;
	int nid;
	const char *hash; /* of p1363 and der */
};

static const struct curve p256 = { "P-256", 32, NID_X9_62_prime256v1, "SHA256" };
static const struct curve p384 = { "P-384", 48, NID_secp384r1, "SHA384" };
static const struct curve p521 = { "P-521", 66, NID_secp521r1, "SHA512" };
static const struct curve p256k = { "secp256k1", 32, NID_secp256k1, "SHA256" };

struct file {
	const char *name;
	/* Does OpenSSL agree that the case is valid, and with all outputs of it? */
	bool (*agree)(const struct file *f, struct vectors *v);
	unsigned int count, valid;
	const struct curve *curve;
	const char *hash; /* another than the curve's */
};

static bool equal(struct vectors_bytes want, const uint8_t *got, size_t len)
{
	return want.len == len && !memcmp(want.data, got, len);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* From x || y; NULL if OpenSSL refuses it */
static EVP_PKEY *ec_key(const struct curve *c, struct vectors_bytes public)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	uint8_t point[1 + 2 * OCTETS_MAX] = { 4 };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)c->name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + public.len),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;

	assert_int_equal(public.len, 2 * c->octets);
	memcpy(point + 1, public.data, public.len);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* x || y of private * base, base NULL for the base point; false if it is no point of the curve */
static bool ec_multiply(const struct curve *c, struct vectors_bytes private, const struct vectors_bytes *base,
			uint8_t out[2 * OCTETS_MAX])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(c->nid);
	EC_POINT *p = EC_POINT_new(group), *q = EC_POINT_new(group);
	BIGNUM *d = BN_bin2bn(private.data, (int)private.len, NULL);
	uint8_t point[1 + 2 * OCTETS_MAX] = { 4 };
	bool done = true;

	assert_int_equal(private.len, c->octets);
	if (base) {
		assert_int_equal(base->len, 2 * c->octets);
		memcpy(point + 1, base->data, base->len);
		done = EC_POINT_oct2point(group, q, point, 1 + base->len, NULL);
	}
	if (done) {
		assert_true(EC_POINT_mul(group, p, base ? NULL : d, base ? q : NULL, base ? d : NULL, NULL));
		assert_int_equal(EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
						    NULL), 1 + 2 * c->octets);
		memcpy(out, point + 1, 2 * c->octets);
	}
	BN_free(d);
	EC_POINT_free(p);
	EC_POINT_free(q);
	EC_GROUP_free(group);
	return done;
}

static bool derive(EVP_PKEY *key, EVP_PKEY *peer, uint8_t *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	bool done = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
		    EVP_PKEY_derive(ctx, out, len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return done;
}

static bool verify(EVP_PKEY *key, const char *hash, struct vectors_bytes message, const uint8_t *sig, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit_ex(ctx, NULL, hash, NULL, NULL, key, NULL) == 1 &&
		  EVP_DigestVerify(ctx, sig, len, message.data, message.len) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* --- ECDSA -------------------------------------------------------------------------------------------------------- */

static bool ecdsa(const struct file *f, struct vectors *v, const char *hash, const uint8_t *der, size_t len)
{
	EVP_PKEY *key = ec_key(f->curve, vectors_bytes(v, "public"));
	bool ok;

	assert_non_null(key);
	ok = verify(key, hash, vectors_bytes(v, "message"), der, len);
	EVP_PKEY_free(key);
	return ok;
}

static bool ecdsa_der(const struct file *f, struct vectors *v)
{
	struct vectors_bytes sig = vectors_bytes(v, "signature");

	return ecdsa(f, v, f->hash ? f->hash : f->curve->hash, sig.data, sig.len);
}

static bool ecdsa_raw(const struct file *f, struct vectors *v, const char *hash)
{
	struct vectors_bytes sig = vectors_bytes(v, "signature");
	size_t half = f->curve->octets;
	unsigned char *der = NULL;
	ECDSA_SIG *s;
	bool ok;
	int len;

	if (sig.len != 2 * half)
		return false;
	s = ECDSA_SIG_new();
	ECDSA_SIG_set0(s, BN_bin2bn(sig.data, (int)half, NULL), BN_bin2bn(sig.data + half, (int)half, NULL));
	len = i2d_ECDSA_SIG(s, &der);
	assert_true(len > 0);
	ok = ecdsa(f, v, hash, der, (size_t)len);
	OPENSSL_free(der);
	ECDSA_SIG_free(s);
	return ok;
}

static bool ecdsa_p1363(const struct file *f, struct vectors *v)
{
	return ecdsa_raw(f, v, f->curve->hash);
}

/* The signature verifies; the public key is the private one's, r the nonce's. */
static bool ecdsa_nonce(const struct file *f, struct vectors *v)
{
	uint8_t point[2 * OCTETS_MAX];
	size_t octets = f->curve->octets;

	assert_true(ec_multiply(f->curve, vectors_bytes(v, "private"), NULL, point));
	assert_true(equal(vectors_bytes(v, "public"), point, 2 * octets));
	assert_true(ec_multiply(f->curve, vectors_bytes(v, "nonce"), NULL, point));
	/* None of these is between the order and the modulus, where r would be another number. */
	assert_memory_equal(vectors_bytes(v, "signature").data, point, octets);
	return ecdsa_raw(f, v, vectors_word(v, "hash"));
}

/* --- ECDH --------------------------------------------------------------------------------------------------------- */

static bool ecdh(const struct file *f, struct vectors *v)
{
	struct vectors_bytes public = vectors_bytes(v, "public");
	uint8_t point[2 * OCTETS_MAX];

	return ec_multiply(f->curve, vectors_bytes(v, "private"), &public, point) &&
	       equal(vectors_bytes(v, "shared"), point, f->curve->octets);
}

/*
 * OpenSSL takes more than mhsm does: compressed points, and curves spelled out. What it takes for a point of the curve,
 * and encodes as it came when asked for a whole point and a named curve, is valid.
 */
static bool ecdh_encoded(const struct file *f, struct vectors *v)
{
	struct vectors_bytes public = vectors_bytes(v, "public");
	const unsigned char *p = public.data;
	unsigned char *again = NULL;
	EVP_PKEY *key;
	bool same;
	int len;

	if (!strcmp(vectors_word(v, "form"), "point"))
		return public.len == 1 + 2 * f->curve->octets && public.data[0] == 4;
	assert_string_equal(vectors_word(v, "form"), "spki");
	key = d2i_PUBKEY(NULL, &p, (long)public.len);
	if (!key)
		return false;
	same = EVP_PKEY_is_a(key, "EC") && EC_GROUP_get_curve_name(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key))) ==
						   f->curve->nid;
	if (same) {
		EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
		EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP);
		len = i2d_PUBKEY(key, &again);
		same = len > 0 && equal(public, again, (size_t)len);
		OPENSSL_free(again);
	}
	EVP_PKEY_free(key);
	return same;
}

/* --- Curve25519 --------------------------------------------------------------------------------------------------- */

static bool ed25519(const struct file *f, struct vectors *v)
{
	struct vectors_bytes public = vectors_bytes(v, "public"), sig = vectors_bytes(v, "signature"), private;
	struct vectors_bytes message = vectors_bytes(v, "message");
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public.data, public.len);
	uint8_t made[64], pub[32];
	size_t len = sizeof(made);
	EVP_MD_CTX *ctx;
	bool ok;

	(void)f;
	assert_non_null(key);
	ok = verify(key, NULL, message, sig.data, sig.len);
	EVP_PKEY_free(key);
	if (!vectors_has(v, "private"))
		return ok;
	private = vectors_bytes(v, "private");
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private.data, private.len);
	ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, made, &len, message.data, message.len), 1);
	ok = ok && equal(sig, made, len);
	len = sizeof(pub);
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, pub, &len), 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok && equal(public, pub, len);
}

static bool x25519_run(struct vectors_bytes private, struct vectors_bytes public, uint8_t out[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private.data, private.len);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public.data, public.len);
	size_t len = 32;
	bool done;

	assert_non_null(key);
	assert_non_null(peer);
	done = derive(key, peer, out, &len) && len == 32;
	EVP_PKEY_free(key);
	EVP_PKEY_free(peer);
	return done;
}

static bool x25519(const struct file *f, struct vectors *v)
{
	uint8_t out[32];

	(void)f;
	return x25519_run(vectors_bytes(v, "private"), vectors_bytes(v, "public"), out) &&
	       equal(vectors_bytes(v, "shared"), out, 32);
}

static void test_x25519_iterated(void **state)
{
	struct vectors *v = vectors_open("tests/vectors/x25519_rfc7748_iterated.txt");
	uint8_t k[32] = { 9 }, u[32] = { 9 }, next[32];
	unsigned int i, done = 0, checked = 0;

	(void)state;
	while (vectors_next(v)) {
		/* A million would take a minute, and more with sanitizers. */
		if (vectors_number(v, "rounds") > 1000)
			continue;
		for (i = vectors_number(v, "rounds"); done < i; done++) {
			assert_true(x25519_run((struct vectors_bytes){ k, 32 }, (struct vectors_bytes){ u, 32 }, next));
			memcpy(u, k, 32);
			memcpy(k, next, 32);
		}
		assert_true(equal(vectors_bytes(v, "shared"), k, 32));
		checked++;
	}
	assert_int_equal(checked, 2);
	vectors_close(v);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static const struct file files[] = {
	{ "p256_ecdsa_p1363", ecdsa_p1363, 262, 173, &p256, NULL },
	{ "p256_ecdsa_der", ecdsa_der, 484, 174, &p256, NULL },
	{ "p256_ecdsa_sha512_der", ecdsa_der, 554, 243, &p256, "SHA512" },
	{ "p256_ecdsa_rfc6979", ecdsa_nonce, 10, 10, &p256, NULL },
	{ "p384_ecdsa_p1363", ecdsa_p1363, 280, 193, &p384, NULL },
	{ "p384_ecdsa_der", ecdsa_der, 504, 194, &p384, NULL },
	{ "p384_ecdsa_sha512_der", ecdsa_der, 542, 231, &p384, "SHA512" },
	{ "p384_ecdsa_rfc6979", ecdsa_nonce, 10, 10, &p384, NULL },
	{ "p521_ecdsa_p1363", ecdsa_p1363, 318, 231, &p521, NULL },
	{ "p521_ecdsa_der", ecdsa_der, 542, 232, &p521, NULL },
	{ "p521_ecdsa_rfc6979", ecdsa_nonce, 10, 10, &p521, NULL },
	{ "p256k_ecdsa_p1363", ecdsa_p1363, 252, 167, &p256k, NULL },
	{ "p256k_ecdsa_der", ecdsa_der, 476, 168, &p256k, NULL },
	{ "p256k_ecdsa_bitcoin_der", ecdsa_der, 463, 164, &p256k, NULL },
	{ "p256_ecdh", ecdh, 695, 660, &p256, NULL },
	{ "p384_ecdh", ecdh, 1577, 1542, &p384, NULL },
	{ "p521_ecdh", ecdh, 1299, 1264, &p521, NULL },
	{ "p256k_ecdh", ecdh, 492, 473, &p256k, NULL },
	{ "p256_ecdh_encoded", ecdh_encoded, 272, 0, &p256, NULL },
	{ "p384_ecdh_encoded", ecdh_encoded, 260, 0, &p384, NULL },
	{ "p521_ecdh_encoded", ecdh_encoded, 278, 0, &p521, NULL },
	{ "p256k_ecdh_encoded", ecdh_encoded, 260, 0, &p256k, NULL },
	{ "ed25519", ed25519, 151, 88, NULL, NULL },
	{ "ed25519_rfc8032", ed25519, 5, 5, NULL, NULL },
	{ "x25519", x25519, 518, 487, NULL, NULL },
	{ "x25519_rfc7748", x25519, 6, 6, NULL, NULL },
};

#define FILES (sizeof(files) / sizeof(files[0]))

static void test_file(void **state)
{
	const struct file *f = *state;
	unsigned int valid = 0;
	struct vectors *v;
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", f->name);
	v = vectors_open(path);
	while (vectors_next(v)) {
		if (f->agree(f, v) != vectors_valid(v))
			fail_msg("%s: OpenSSL differs", vectors_where(v));
		valid += vectors_valid(v);
	}
	assert_int_equal(vectors_count(v), f->count);
	assert_int_equal(valid, f->valid);
	vectors_close(v);
}

int main(void)
{
	static struct CMUnitTest tests[FILES + 1];
	unsigned int i;

	for (i = 0; i < FILES; i++)
		tests[i] = (struct CMUnitTest){ files[i].name, test_file, NULL, NULL, (void *)&files[i] };
	tests[FILES] = (struct CMUnitTest)cmocka_unit_test(test_x25519_iterated);
	return cmocka_run_group_tests_name("vectors_public", tests, NULL, NULL);
}
