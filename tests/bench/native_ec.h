/* SPDX-License-Identifier: GPL-2.0-only */
/* native.c's part for P-256, P-384, P-521 and secp256k1: EC_BENCH() makes all of one curve. */
#ifndef TESTS_BENCH_NATIVE_EC_H
#define TESTS_BENCH_NATIVE_EC_H

#include "kmod/pk/k256.h"
#include "kmod/pk/p256.h"
#include "kmod/pk/p384.h"
#include "kmod/pk/p521.h"

#define EC_MAX 66

/* One key pair, known to both sides, and another public key. */
struct ec_operands {
	u8 priv[EC_MAX], pub[2 * EC_MAX], peer_pub[2 * EC_MAX], digest[64];
	u8 sig[2 * EC_MAX], der_sig[150];
	size_t digest_len, der_sig_len;
	EVP_PKEY_CTX *sign, *verify, *derive, *keygen;
};

static EVP_PKEY *ec_make_key(const char *group, size_t bytes, u8 *d, u8 *xy)
{
	EVP_PKEY *key = EVP_EC_gen(group);
	u8 octets[2 * EC_MAX + 1];
	BIGNUM *bn = NULL;
	size_t len;

	check(key, "EVP_EC_gen");
	check(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &bn) &&
	      BN_bn2binpad(bn, d, (int)bytes) == (int)bytes, "reading a private key");
	check(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets,
					      sizeof(octets), &len) && len == 2 * bytes + 1,
	      "reading a public key");
	memcpy(xy, octets + 1, 2 * bytes);
	BN_clear_free(bn);
	return key;
}

static void ec_set_up(struct ec_operands *o, const char *group, size_t bytes,
		      size_t digest_len)
{
	EVP_PKEY *key, *peer;
	u8 unused[EC_MAX];

	key = ec_make_key(group, bytes, o->priv, o->pub);
	peer = ec_make_key(group, bytes, unused, o->peer_pub);
	o->digest_len = digest_len;
	check(RAND_bytes(o->digest, sizeof(o->digest)) == 1, "RAND_bytes");
	o->sign = EVP_PKEY_CTX_new(key, NULL);
	o->verify = EVP_PKEY_CTX_new(key, NULL);
	o->derive = EVP_PKEY_CTX_new(key, NULL);
	o->keygen = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	check(EVP_PKEY_sign_init(o->sign) == 1, "EVP_PKEY_sign_init");
	check(EVP_PKEY_verify_init(o->verify) == 1, "EVP_PKEY_verify_init");
	check(EVP_PKEY_derive_init(o->derive) == 1 &&
	      EVP_PKEY_derive_set_peer(o->derive, peer) == 1, "EVP_PKEY_derive_init");
	check(EVP_PKEY_keygen_init(o->keygen) == 1 &&
	      EVP_PKEY_CTX_set_group_name(o->keygen, group) == 1, "EVP_PKEY_keygen_init");
	o->der_sig_len = sizeof(o->der_sig);
	check(EVP_PKEY_sign(o->sign, o->der_sig, &o->der_sig_len, o->digest,
			    digest_len) == 1, "EVP_PKEY_sign");
	EVP_PKEY_free(key);
	EVP_PKEY_free(peer);
}

static void ec_tear_down(struct ec_operands *o)
{
	EVP_PKEY_CTX_free(o->sign);
	EVP_PKEY_CTX_free(o->verify);
	EVP_PKEY_CTX_free(o->derive);
	EVP_PKEY_CTX_free(o->keygen);
}

static bool ec_theirs_sign(const struct ec_operands *o)
{
	u8 out[150];
	size_t len = sizeof(out);

	return EVP_PKEY_sign(o->sign, out, &len, o->digest, o->digest_len) == 1;
}

static bool ec_theirs_verify(const struct ec_operands *o)
{
	return EVP_PKEY_verify(o->verify, o->der_sig, o->der_sig_len, o->digest,
			       o->digest_len) == 1;
}

static bool ec_theirs_ecdh(const struct ec_operands *o)
{
	u8 x[EC_MAX];
	size_t len = sizeof(x);

	return EVP_PKEY_derive(o->derive, x, &len) == 1;
}

static bool ec_theirs_keygen(const struct ec_operands *o)
{
	EVP_PKEY *key = NULL;
	bool ok = EVP_PKEY_keygen(o->keygen, &key) == 1;

	EVP_PKEY_free(key);
	return ok;
}

#define EC_BENCH(c, bytes) \
static struct ec_operands c; \
\
static bool ours_##c##_sign(void) \
{ \
	u8 rnd[(bytes) + 8 + (bytes)]; \
\
	return RAND_bytes(rnd, sizeof(rnd)) == 1 && \
	       mhsm_##c##_sign(c.sig, c.priv, c.digest, c.digest_len, rnd, \
			       rnd + (bytes) + 8) == 0; \
} \
\
static bool ours_##c##_verify(void) \
{ \
	return mhsm_##c##_verify(c.pub, c.digest, c.digest_len, c.sig) == 0; \
} \
\
static bool ours_##c##_ecdh(void) \
{ \
	u8 x[bytes], blind[bytes]; \
\
	return RAND_bytes(blind, sizeof(blind)) == 1 && \
	       mhsm_##c##_ecdh(x, c.priv, c.peer_pub, blind) == 0; \
} \
\
static bool ours_##c##_keygen(void) \
{ \
	u8 rnd[(bytes) + 8], d[bytes], xy[2 * (bytes)]; \
\
	return RAND_bytes(rnd, sizeof(rnd)) == 1 && mhsm_##c##_keygen(d, xy, rnd) == 0; \
} \
\
static bool theirs_##c##_sign(void) { return ec_theirs_sign(&c); } \
static bool theirs_##c##_verify(void) { return ec_theirs_verify(&c); } \
static bool theirs_##c##_ecdh(void) { return ec_theirs_ecdh(&c); } \
static bool theirs_##c##_keygen(void) { return ec_theirs_keygen(&c); }

EC_BENCH(p256, 32)
EC_BENCH(p384, 48)
EC_BENCH(p521, 66)
EC_BENCH(k256, 32)

/* In this order: verify uses what sign has left. */
#define EC_FIGURES(c) \
	{ "native/" #c "/sign", ours_##c##_sign, theirs_##c##_sign }, \
	{ "native/" #c "/verify", ours_##c##_verify, theirs_##c##_verify }, \
	{ "native/" #c "/ecdh", ours_##c##_ecdh, theirs_##c##_ecdh }, \
	{ "native/" #c "/keygen", ours_##c##_keygen, theirs_##c##_keygen }

static void set_up_curves(void)
{
	ec_set_up(&p256, "P-256", 32, 32);
	ec_set_up(&p384, "P-384", 48, 48);
	ec_set_up(&p521, "P-521", 66, 64);
	ec_set_up(&k256, "secp256k1", 32, 32);
}

static void tear_down_curves(void)
{
	ec_tear_down(&p256);
	ec_tear_down(&p384);
	ec_tear_down(&p521);
	ec_tear_down(&k256);
}

#endif
