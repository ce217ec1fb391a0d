/* SPDX-License-Identifier: GPL-2.0-only */
/* native_timing.c's operations: what is drawn at random for each, and what is run. */
#ifndef TESTS_BENCH_NATIVE_TIMING_OPS_H
#define TESTS_BENCH_NATIVE_TIMING_OPS_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "kmod/pk/ed25519.h"
#include "kmod/pk/k256.h"
#include "kmod/pk/mont52.h"
#include "kmod/pk/p256.h"
#include "kmod/pk/p384.h"
#include "kmod/pk/p521.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/rsa_ifma.h"
#include "kmod/pk/x25519.h"
#include "tests/unit/ed25519_ossl.h"

/* ---- curves ------------------------------------------------------------------- */

static const u8 digest[64] = { 0x5a, 1, 2, 3 };

/* A private key: random, and below the order of every curve. */
#define EC_TIMING(c, bytes, top) \
static u8 c##_peer[2 * (bytes)]; \
\
static void c##_prepare(void) \
{ \
	u8 rnd[(bytes) + 8], priv[bytes]; \
\
	draw(rnd, sizeof(rnd)); \
	mhsm_##c##_keygen(priv, c##_peer, rnd); \
} \
\
static void c##_draw(u8 *in) \
{ \
	draw(in, 3 * (bytes) + 8); \
	in[0] &= (top); \
	in[(bytes) - 1] |= 1; \
} \
\
/* the key, the nonce, the blinding */ \
static bool c##_sign(const u8 *in) \
{ \
	u8 sig[2 * (bytes)]; \
\
	return !mhsm_##c##_sign(sig, in, digest, 32, in + (bytes), in + 2 * (bytes) + 8); \
} \
\
static bool c##_ecdh(const u8 *in) \
{ \
	u8 x[bytes]; \
\
	return !mhsm_##c##_ecdh(x, in, c##_peer, in + 2 * (bytes) + 8); \
} \
\
static bool c##_keygen(const u8 *in) \
{ \
	u8 priv[bytes], pub[2 * (bytes)]; \
\
	return !mhsm_##c##_keygen(priv, pub, in + (bytes)); \
}

EC_TIMING(p256, 32, 0x7f)
EC_TIMING(p384, 48, 0x7f)
EC_TIMING(p521, 66, 0)
EC_TIMING(k256, 32, 0x7f)

#define EC_OPERATIONS(c, bytes) \
	{ #c "/sign", 3 * (bytes) + 8, c##_prepare, c##_draw, c##_sign }, \
	{ #c "/ecdh", 3 * (bytes) + 8, c##_prepare, c##_draw, c##_ecdh }, \
	{ #c "/keygen", 3 * (bytes) + 8, c##_prepare, c##_draw, c##_keygen }

static u8 ed_pub[32], x_peer[32];

static void prepare_25519(void)
{
	u8 priv[32];

	draw(ed_pub, sizeof(ed_pub));
	draw(priv, sizeof(priv));
	mhsm_x25519_public(x_peer, priv);
}

static void draw_64(u8 *in)
{
	draw(in, 64);
}

/* the key and the blinding; the public key is only hashed */
static bool ed25519_sign(const u8 *in)
{
	static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };
	u8 sig[64];

	return !mhsm_ed25519_sign(sig, in, ed_pub, digest, 32, in + 32, &hash);
}

static bool ed25519_public(const u8 *in)
{
	static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };
	u8 pub[32];

	return !mhsm_ed25519_public(pub, in, &hash);
}

static bool x25519_shared(const u8 *in)
{
	u8 out[32];

	return !mhsm_x25519_shared(out, in, x_peer);
}

/* ---- RSA --------------------------------------------------------------------- */

#define POOL 32

/* Keys, and beside each a ciphertext and what blinds it: all of it is the input. */
struct rsa_input {
	u8 p[128], q[128], dp[128], dq[128], qinv[128], n[256], rnd[32], in[64];
};

static struct rsa_input pool[POOL];
static u8 large_n[512], large_p[256], large_q[256], large_dp[256], large_dq[256], large_qinv[256];
static size_t large_len;
static struct mhsm_rsa_private_scratch scratch;
static struct mhsm_rsa_ifma_scratch ifma_scratch;

static void number(EVP_PKEY *key, const char *name, u8 *out, size_t len)
{
	BIGNUM *bn = NULL;

	check(EVP_PKEY_get_bn_param(key, name, &bn) &&
	      BN_bn2binpad(bn, out, (int)len) == (int)len, name);
	BN_free(bn);
}

static void make_rsa(size_t len, u8 *n, u8 *p, u8 *q, u8 *dp, u8 *dq, u8 *qinv)
{
	EVP_PKEY *key = EVP_RSA_gen(8 * len);

	check(key, "EVP_RSA_gen");
	number(key, OSSL_PKEY_PARAM_RSA_N, n, len);
	number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, p, len / 2);
	number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, q, len / 2);
	number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp, len / 2);
	number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq, len / 2);
	number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv, len / 2);
	EVP_PKEY_free(key);
}

static void prepare_pool(void)
{
	size_t i;

	for (i = 0; i < POOL && !pool[i].n[0]; i++)
		make_rsa(256, pool[i].n, pool[i].p, pool[i].q, pool[i].dp, pool[i].dq,
			 pool[i].qinv);
}

static void draw_pool(u8 *in)
{
	struct rsa_input input;
	u8 which;

	draw(&which, 1);
	input = pool[which % POOL];
	draw(input.rnd, sizeof(input.rnd));
	draw(input.in, sizeof(input.in));
	memcpy(in, &input, sizeof(input));
}

static bool run_2048(const u8 *in, bool ifma)
{
	const struct rsa_input *i = (const struct rsa_input *)(const void *)in;
	const struct mhsm_rsa_key key = { 256, i->n, i->p, i->q, i->dp, i->dq, i->qinv };
	u8 x[256], out[256];
	size_t k;

	for (k = 0; k < sizeof(x); k++)
		x[k] = i->in[k % 64] ^ (u8)k;
	x[0] = 0;
	return ifma ? !mhsm_rsa_private_ifma(out, &key, x, i->rnd, NULL, &ifma_scratch) :
		      !mhsm_rsa_private(out, &key, x, i->rnd, NULL, &scratch);
}

static bool rsa2048_private(const u8 *in)
{
	return run_2048(in, false);
}

static bool rsa2048_ifma(const u8 *in)
{
	return run_2048(in, true);
}

static void prepare_large(size_t len)
{
	make_rsa(len, large_n, large_p, large_q, large_dp, large_dq, large_qinv);
	large_len = len;
}

static void prepare_3072(void)
{
	prepare_large(384);
}

static void prepare_4096(void)
{
	prepare_large(512);
}

/* a ciphertext and what blinds it, for one key */
static void draw_large(u8 *in)
{
	draw(in, 512 + 32);
	in[0] = 0;
}

static bool rsa_large(const u8 *in)
{
	const struct mhsm_rsa_key key = {
		large_len, large_n, large_p, large_q, large_dp, large_dq, large_qinv
	};
	u8 out[512];

	return !mhsm_rsa_private(out, &key, in, in + 512, NULL, &scratch);
}

/* A right encoding of a message of 32 bytes in one class, anything in the other. */
static int hmac_256(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	(void)ctx;
	return HMAC(EVP_sha256(), key, 32, in, in_len, out, NULL) ? 0 : -EIO;
}

static void draw_encoding(u8 *in)
{
	static bool right;

	draw(in, 256);
	if (!right) {
		/* the fixed input is drawn first */
		memset(in + 2, 0x77, 256 - 2 - 33);
		memcpy(in, "\x00\x02", 2);
		in[256 - 33] = 0;
		right = true;
	}
}

static bool pkcs1_decode(const u8 *in)
{
	static const struct mhsm_pk_hmac hmac = { hmac_256, NULL };
	u8 em[256], msg[256];
	size_t len;

	memcpy(em, in, sizeof(em));
	return !mhsm_pkcs1_decrypt_decode(msg, &len, em, sizeof(em), digest, in, &hmac);
}

/* ---- the control ------------------------------------------------------------- */

static u8 sigs[POOL][64 + 64];

static void prepare_control(void)
{
	u8 priv[32], rnd[40], k[40], blind[32];
	size_t i;

	for (i = 0; i < POOL; i++) {
		draw(rnd, sizeof(rnd));
		draw(k, sizeof(k));
		draw(blind, sizeof(blind));
		check(!mhsm_p256_keygen(priv, sigs[i], rnd) &&
		      !mhsm_p256_sign(sigs[i] + 64, priv, digest, 32, k, blind), "control");
	}
}

static void draw_control(u8 *in)
{
	u8 which;

	draw(&which, 1);
	memcpy(in, sigs[which % POOL], sizeof(sigs[0]));
}

static bool control(const u8 *in)
{
	return !mhsm_p256_verify(in, digest, 32, in + 64);
}

static const struct operation {
	const char *name;
	size_t len;			/* of the input */
	void (*prepare)(void);		/* what is not secret */
	void (*draw)(u8 *in);
	bool (*run)(const u8 *in);
} operations[] = {
	EC_OPERATIONS(p256, 32),
	EC_OPERATIONS(k256, 32),
	{ "ed25519/sign", 64, prepare_25519, draw_64, ed25519_sign },
	{ "ed25519/public", 64, prepare_25519, draw_64, ed25519_public },
	{ "x25519/derive", 64, prepare_25519, draw_64, x25519_shared },
	EC_OPERATIONS(p384, 48),
	EC_OPERATIONS(p521, 66),
	{ "rsa2048/private", sizeof(struct rsa_input), prepare_pool, draw_pool, rsa2048_private },
	{ "rsa2048/private-ifma", sizeof(struct rsa_input), prepare_pool, draw_pool, rsa2048_ifma },
	{ "rsa3072/private", 512 + 32, prepare_3072, draw_large, rsa_large },
	{ "rsa4096/private", 512 + 32, prepare_4096, draw_large, rsa_large },
	{ "rsa1_5/decode", 256, NULL, draw_encoding, pkcs1_decode },
	{ "control/p256-verify", sizeof(sigs[0]), prepare_control, draw_control, control },
};

#endif
