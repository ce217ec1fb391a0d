// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ed25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c kmod/pk/x25519.c -lcrypto -Wno-unused-function
 */
/* edwards25519, Ed25519 and X25519 against OpenSSL, many times. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>

#include "kmod/pk/fe25519.h"
#include "kmod/pk/sc25519.h"
#include "kmod/pk/x25519.h"
#include "tests/differ/differ.h"
#include "tests/unit/ed25519_ossl.h"

#define STEPS 256

static BIGNUM *prime, *order, *sum;
static BN_CTX *bn_ctx;

static void set_up(void)
{
	bn_ctx = BN_CTX_new();
	sum = BN_new();
	BN_hex2bn(&prime, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
	BN_hex2bn(&order, "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
	differ_must(bn_ctx && sum && prime && order, "BN_hex2bn");
}

/* Sums and differences are factors once, as they are in the formulas of points. */
static void field_step(struct fe25519 reg[4], BIGNUM *bn[4], u8 op)
{
	unsigned int a = op & 3, b = op >> 2 & 3;
	struct fe25519 *r = &reg[a], t;
	u8 got[32], want[32];

	switch (op >> 4) {
	case 0: case 1: case 2: case 3: case 4:
		mhsm_fe25519_mul(r, r, &reg[b]);
		BN_mod_mul(bn[a], bn[a], bn[b], prime, bn_ctx);
		break;
	case 5: case 6: case 7:
		mhsm_fe25519_sqr(r, &reg[b]);
		BN_mod_sqr(bn[a], bn[b], prime, bn_ctx);
		break;
	case 8: case 9: case 10:
		fe_add(&t, r, &reg[b]);
		mhsm_fe25519_mul(r, &t, &reg[b]);
		BN_copy(sum, bn[b]);
		BN_mod_add(sum, sum, bn[a], prime, bn_ctx);
		BN_mod_mul(bn[a], sum, bn[b], prime, bn_ctx);
		break;
	case 11: case 12: case 13:
		fe_sub(&t, r, &reg[b]);
		mhsm_fe25519_sqr(r, &t);
		BN_mod_sub(bn[a], bn[a], bn[b], prime, bn_ctx);
		BN_mod_sqr(bn[a], bn[a], prime, bn_ctx);
		break;
	case 14:
		mhsm_fe25519_mul_small(r, r, 121665 + b);
		BN_mul_word(bn[a], 121665 + b);
		BN_nnmod(bn[a], bn[a], prime, bn_ctx);
		break;
	default:
		if (b || BN_is_zero(bn[a]))
			break;
		mhsm_fe25519_inv(r, r);
		BN_mod_inverse(bn[a], bn[a], prime, bn_ctx);
	}
	mhsm_fe25519_store(got, r);
	differ_must(BN_bn2lebinpad(bn[a], want, 32) == 32 && !memcmp(got, want, 32),
		    "a field operation");
	differ_must(mhsm_fe25519_is_zero(r) == (BN_is_zero(bn[a]) ? ~(u64)0 : 0), "is_zero");
}

static void scalar_step(struct sc25519 reg[4], BIGNUM *bn[4], u8 op)
{
	unsigned int a = op & 3, b = op >> 2 & 3;
	struct sc25519 *r = &reg[a];
	u8 got[32], want[32];

	switch (op >> 4 & 3) {
	case 0: case 1:
		mhsm_sc25519_mul(r, r, &reg[b]);
		BN_mod_mul(bn[a], bn[a], bn[b], order, bn_ctx);
		break;
	case 2:
		mhsm_sc25519_add(r, r, &reg[b]);
		BN_mod_add(bn[a], bn[a], bn[b], order, bn_ctx);
		break;
	default:
		mhsm_sc25519_sub(r, &reg[b], r);
		BN_mod_sub(bn[a], bn[b], bn[a], order, bn_ctx);
	}
	mhsm_sc25519_store(got, r);
	differ_must(BN_bn2lebinpad(bn[a], want, 32) == 32 && !memcmp(got, want, 32),
		    "a scalar operation");
}

static void differ_arithmetic(void)
{
	unsigned long want = differ_count(20000, 10000000), done;
	struct fe25519 fe[4];
	struct sc25519 sc[4];
	BIGNUM *bn[4];
	u8 b[32], op[STEPS];
	unsigned int i, scalars;

	for (done = 0; done < want; done += STEPS) {
		scalars = done / STEPS % 2;
		for (i = 0; i < 4; i++) {
			differ_operand(b, sizeof(b));
			mhsm_fe25519_load(&fe[i], b);
			mhsm_sc25519_load(&sc[i], b);
			if (!scalars)
				b[31] &= 0x7f;
			bn[i] = BN_lebin2bn(b, sizeof(b), NULL);
			BN_nnmod(bn[i], bn[i], scalars ? order : prime, bn_ctx);
		}
		differ_fill(op, sizeof(op));
		for (i = 0; i < STEPS; i++) {
			if (scalars)
				scalar_step(sc, bn, op[i]);
			else
				field_step(fe, bn, op[i]);
		}
		for (i = 0; i < 4; i++)
			BN_free(bn[i]);
	}
	differ_done(done, "field and scalar operations");
}

static void differ_signatures(void)
{
	static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };
	unsigned long want = differ_count(50, 100000), i;
	u8 priv[32], pub[32], theirs_pub[32], blind[32], msg[96], sig[64], theirs[64];
	size_t len;

	for (i = 0; i < want; i++) {
		differ_operand(priv, sizeof(priv));
		differ_fill(blind, sizeof(blind));
		len = differ_next() % (sizeof(msg) + 1);
		differ_operand(msg, len);
		differ_must(mhsm_ed25519_public(pub, priv, &hash) == 0 &&
			    mhsm_ed25519_sign(sig, priv, pub, msg, len, blind, &hash) == 0, "sign");
		ossl_sign(theirs, theirs_pub, priv, msg, len);
		differ_must(!memcmp(pub, theirs_pub, sizeof(pub)), "the public key");
		differ_must(!memcmp(sig, theirs, sizeof(sig)), "the signature, the same as OpenSSL's");
		differ_must(ossl_verify(pub, msg, len, sig), "ours, verified by OpenSSL");
		differ_must(mhsm_ed25519_verify(pub, msg, len, theirs, &hash) == 0,
			    "OpenSSL's, verified by ours");
		sig[differ_next() % sizeof(sig)] ^= (u8)(1 << (differ_next() >> 61));
		differ_must((mhsm_ed25519_verify(pub, msg, len, sig, &hash) == 0) ==
			    ossl_verify(pub, msg, len, sig), "with one bit changed");
	}
	differ_done(want, "signatures in each direction");
}

static void differ_x25519(void)
{
	unsigned long want = differ_count(50, 100000), i;
	u8 priv[32], peer[32], ours[32], theirs[32];
	EVP_PKEY *key, *other;
	EVP_PKEY_CTX *ctx;
	size_t len;
	int ok;

	for (i = 0; i < want; i++) {
		differ_operand(priv, sizeof(priv));
		differ_operand(peer, sizeof(peer));
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, priv, 32);
		other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
		ctx = EVP_PKEY_CTX_new(key, NULL);
		len = sizeof(theirs);
		ok = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, other) == 1 &&
		     EVP_PKEY_derive(ctx, theirs, &len) == 1;
		differ_must((mhsm_x25519_shared(ours, priv, peer) == 0) == ok, "shared: is there one");
		differ_must(!ok || !memcmp(ours, theirs, 32), "shared");
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(key);
		EVP_PKEY_free(other);
	}
	differ_done(want, "shared secrets");
}

int main(void)
{
	set_up();
	differ_begin(3);
	differ_arithmetic();
	differ_signatures();
	differ_x25519();
	return 0;
}
