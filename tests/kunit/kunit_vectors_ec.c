// SPDX-License-Identifier: GPL-2.0-only
/* The vectors for elliptic curves: kmod/mech_ec.c, kmod/mech_okp.c, kmod/pk */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/pk/k256.h"
#include "kmod/pk/p256.h"
#include "kmod/pk/p384.h"
#include "kmod/pk/p521.h"
#include "kmod/pk/x25519.h"
#include "tests/kunit/kunit_vectors.h"

#define OCTETS_MAX 66
#define RANDOM_MAX 80

static const struct vectors_bytes none;

/* f->alg is param; the functions are those of p256.h, under other names. */
static const struct curve {
	u32 param;
	size_t octets;
	size_t random;
	int (*public)(u8 *pub, const u8 *priv);
	int (*check_public)(const u8 *pub);
	int (*sign)(u8 *sig, const u8 *priv, const u8 *digest, size_t digest_len, const u8 *k, const u8 *blind);
} curves[] = {
	{ MHSM_CURVE_P256, 32, MHSM_P256_RANDOM_BYTES, mhsm_p256_public, mhsm_p256_check_public, mhsm_p256_sign },
	{ MHSM_CURVE_P384, 48, MHSM_P384_RANDOM_BYTES, mhsm_p384_public, mhsm_p384_check_public, mhsm_p384_sign },
	{ MHSM_CURVE_P521, 66, MHSM_P521_RANDOM_BYTES, mhsm_p521_public, mhsm_p521_check_public, mhsm_p521_sign },
	{ MHSM_CURVE_P256K, 32, MHSM_K256_RANDOM_BYTES, mhsm_k256_public, mhsm_k256_check_public, mhsm_k256_sign },
};

static const struct curve *curve_of(const struct kunit_vectors_file *f)
{
	const struct curve *c = curves;

	while (c->param != f->alg)
		c++;
	return c;
}

/* --- ECDSA -------------------------------------------------------------------------------------------------------- */

/* r || s, by the mechanism; @sig has the length that the key's signatures have. */
static bool ecdsa(struct kunit *test, u32 curve, struct vectors *v, const u8 *digest, size_t len, const u8 *sig)
{
	const struct mhsm_sigalg alg = { .type = MHSM_KEY_EC, .param = curve, .scheme = MHSM_SCHEME_ECDSA };
	struct mhsm_key *key = kunit_vectors_key(test, MHSM_KEY_EC, curve, none, vectors_bytes(v, "public"));
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, key);
	ret = key->mech->verify(key, &alg, digest, len, sig);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG, "%s: %d", vectors_where(v), ret);
	kunit_vectors_key_end(key);
	return !ret;
}

static size_t digest_of(struct kunit *test, enum mhsm_hash hash, struct vectors *v, u8 digest[MHSM_HASH_MAX])
{
	struct vectors_bytes message = vectors_bytes(v, "message");
	const struct mhsm_part part = { message.data, message.len };

	KUNIT_ASSERT_EQ(test, mhsm_prim_hash(hash, &part, 1, digest), 0);
	return mhsm_prim_hash_len(hash);
}

static enum kunit_vectors_answer ecdsa_p1363(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes sig = vectors_bytes(v, "signature");
	u8 digest[MHSM_HASH_MAX];
	size_t len;

	/* The length is the ioctl's to check. */
	if (sig.len != 2 * curve_of(f)->octets)
		return KUNIT_VECTORS_REFUSED;
	len = digest_of(test, f->hash, v, digest);
	return kunit_vectors_accepted(ecdsa(test, f->alg, v, digest, len, sig.data));
}

/* A positive INTEGER of DER (X.690 section 8.3) of at most @octets bytes, at @p; returns what follows it, or NULL. */
static const u8 *der_integer(u8 *out, size_t octets, const u8 *p, const u8 *end)
{
	size_t len;

	if (end - p < 3 || p[0] != 2 || p[1] > 0x7f || !p[1] || p[1] > end - p - 2)
		return NULL;
	len = p[1];
	p += 2;
	if (p[0] & 0x80 || (len > 1 && !p[0] && !(p[1] & 0x80)))
		return NULL;
	if (!p[0]) {
		p++;
		len--;
	}
	if (len > octets)
		return NULL;
	memset(out, 0, octets - len);
	memcpy(out + octets - len, p, len);
	return p + len;
}

/* The kernel has no DER of signatures: what is none is refused here, as libmhsm does. */
static bool der_signature(u8 *sig, size_t octets, struct vectors_bytes der)
{
	const u8 *p = der.data, *end = p + der.len;

	if (der.len < 2 || p[0] != 0x30)
		return false;
	if (p[1] < 0x80 && p[1] == der.len - 2)
		p += 2;
	else if (der.len > 2 && p[1] == 0x81 && p[2] >= 0x80 && p[2] == der.len - 3)
		p += 3;
	else
		return false;
	p = der_integer(sig, octets, p, end);
	if (p)
		p = der_integer(sig + octets, octets, p, end);
	return p == end;
}

static enum kunit_vectors_answer ecdsa_der(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	u8 digest[MHSM_HASH_MAX], sig[2 * OCTETS_MAX];
	size_t len;

	if (!der_signature(sig, curve_of(f)->octets, vectors_bytes(v, "signature")))
		return KUNIT_VECTORS_REFUSED;
	len = digest_of(test, f->hash, v, digest);
	return kunit_vectors_accepted(ecdsa(test, f->alg, v, digest, len, sig));
}

/* nonce - 1 below zeros: what sign() makes the nonce of */
static void nonce_bytes(const struct curve *c, struct vectors_bytes nonce, u8 k[RANDOM_MAX])
{
	size_t i = c->random;

	memset(k, 0, c->random);
	memcpy(k + c->random - c->octets, nonce.data, c->octets);
	while (!k[--i]--)
		;
}

/* Printed signatures: the nonce given, any blinding makes the same. */
static enum kunit_vectors_answer ecdsa_nonce(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes private = vectors_bytes(v, "private"), sig = vectors_bytes(v, "signature");
	u8 digest[MHSM_HASH_MAX], out[2 * OCTETS_MAX], k[RANDOM_MAX], blind[OCTETS_MAX];
	const struct curve *c = curve_of(f);
	size_t len;
	int round;

	KUNIT_ASSERT_EQ(test, private.len, c->octets);
	KUNIT_ASSERT_EQ(test, vectors_bytes(v, "nonce").len, c->octets);
	KUNIT_ASSERT_EQ(test, sig.len, 2 * c->octets);
	KUNIT_ASSERT_EQ(test, c->public(out, private.data), 0);
	KUNIT_EXPECT_TRUE(test, kunit_vectors_equal(vectors_bytes(v, "public"), out, 2 * c->octets));
	len = kunit_vectors_digest(test, vectors_word(v, "hash"), vectors_bytes(v, "message"), digest);
	nonce_bytes(c, vectors_bytes(v, "nonce"), k);
	for (round = 0; round < 3; round++) {
		memset(blind, round ? 0xff : 0, sizeof(blind));
		if (round > 1)
			KUNIT_ASSERT_EQ(test, mhsm_prim_random(blind, sizeof(blind)), 0);
		KUNIT_ASSERT_EQ(test, c->sign(out, private.data, digest, len, k, blind), 0);
		if (!kunit_vectors_equal(sig, out, 2 * c->octets))
			return KUNIT_VECTORS_REFUSED;
	}
	return kunit_vectors_accepted(ecdsa(test, f->alg, v, digest, len, sig.data));
}

/* --- ECDH --------------------------------------------------------------------------------------------------------- */

/* The secret that a key of the case's private half, whose public one is @own, shares with the public key */
static enum kunit_vectors_answer agree(struct kunit *test, u32 type, u32 curve, struct vectors *v,
				       struct vectors_bytes own)
{
	struct vectors_bytes public = vectors_bytes(v, "public"), private = vectors_bytes(v, "private");
	struct mhsm_key *key = kunit_vectors_key(test, type, curve, private, own);
	u8 out[OCTETS_MAX];
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_ASSERT_EQ(test, public.len, own.len);
	KUNIT_ASSERT_LE(test, private.len, sizeof(out));
	KUNIT_ASSERT_EQ(test, private.len, key->mech->secret_len(curve));
	ret = key->mech->agree(key, public.data, out);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG, "%s: %d", vectors_where(v), ret);
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(!ret && kunit_vectors_equal(vectors_bytes(v, "shared"), out, private.len));
}

static enum kunit_vectors_answer ecdh(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	const struct curve *c = curve_of(f);
	u8 own[2 * OCTETS_MAX];

	KUNIT_ASSERT_EQ(test, c->public(own, vectors_bytes(v, "private").data), 0);
	return agree(test, MHSM_KEY_EC, f->alg, v, (struct vectors_bytes){ own, 2 * c->octets });
}

/*
 * DERIVE takes x || y of the right length and nothing else: either the length of an encoding is another, or it is not
 * x || y of a point.
 */
static enum kunit_vectors_answer ecdh_encoded(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes public = vectors_bytes(v, "public");
	const struct curve *c = curve_of(f);

	return kunit_vectors_accepted(public.len == 2 * c->octets && !c->check_public(public.data));
}

static enum kunit_vectors_answer x25519(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	u8 own[MHSM_X25519_PUBLIC_BYTES];

	KUNIT_ASSERT_EQ(test, mhsm_x25519_public(own, vectors_bytes(v, "private").data), 0);
	return agree(test, MHSM_KEY_OKP, MHSM_CURVE_X25519, v, (struct vectors_bytes){ own, sizeof(own) });
}

/* Each case goes on from the one before: work->state. */
static enum kunit_vectors_answer x25519_iterated(struct kunit *test, const struct kunit_vectors_file *f,
						 struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct {
		u8 k[32], u[32];
		u32 done;
	} *s = (void *)work->state;
	u8 next[32];

	/* A million would take minutes. */
	if (vectors_number(v, "rounds") > 1000)
		return KUNIT_VECTORS_LEFT_OUT;
	if (!s->done)
		s->k[0] = s->u[0] = 9;
	for (; s->done < vectors_number(v, "rounds"); s->done++) {
		KUNIT_ASSERT_EQ(test, mhsm_x25519_shared(next, s->k, s->u), 0);
		memcpy(s->u, s->k, 32);
		memcpy(s->k, next, 32);
	}
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "shared"), s->k, 32));
}

/* --- Ed25519 ------------------------------------------------------------------------------------------------------ */

/* With a private key: the signature is the one that is made. */
static enum kunit_vectors_answer ed25519(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	const struct mhsm_sigalg *alg = mhsm_sigalg_find(MHSM_ALG_EDDSA, MHSM_KEY_OKP, MHSM_CURVE_ED25519);
	struct vectors_bytes message = vectors_bytes(v, "message"), sig = vectors_bytes(v, "signature");
	bool pair = vectors_has(v, "private");
	struct mhsm_key *key = kunit_vectors_key(test, MHSM_KEY_OKP, MHSM_CURVE_ED25519,
						 pair ? vectors_bytes(v, "private") : none, vectors_bytes(v, "public"));
	u8 out[64];
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_ASSERT_EQ(test, key->public_len, 32);
	if (pair) {
		KUNIT_EXPECT_EQ(test, key->mech->check(key), 0);
		KUNIT_EXPECT_EQ(test, key->mech->sign(key, alg, message.data, message.len, out), 0);
		KUNIT_EXPECT_TRUE(test, kunit_vectors_equal(sig, out, sizeof(out)));
	}
	/* The length is the ioctl's to check. */
	ret = sig.len == 64 ? key->mech->verify(key, alg, message.data, message.len, sig.data) : -EBADMSG;
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(!ret);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

const struct kunit_vectors_file kunit_vectors_ec[] = {
	{ "p256_ecdsa_p1363", ecdsa_p1363, 262, 173, 0, MHSM_CURVE_P256, MHSM_SHA256 },
	{ "p256_ecdsa_der", ecdsa_der, 484, 174, 0, MHSM_CURVE_P256, MHSM_SHA256 },
	{ "p256_ecdsa_sha512_der", ecdsa_der, 554, 243, 0, MHSM_CURVE_P256, MHSM_SHA512 },
	{ "p256_ecdsa_rfc6979", ecdsa_nonce, 10, 10, 0, MHSM_CURVE_P256 },
	{ "p384_ecdsa_p1363", ecdsa_p1363, 280, 193, 0, MHSM_CURVE_P384, MHSM_SHA384 },
	{ "p384_ecdsa_der", ecdsa_der, 504, 194, 0, MHSM_CURVE_P384, MHSM_SHA384 },
	{ "p384_ecdsa_sha512_der", ecdsa_der, 542, 231, 0, MHSM_CURVE_P384, MHSM_SHA512 },
	{ "p384_ecdsa_rfc6979", ecdsa_nonce, 10, 10, 0, MHSM_CURVE_P384 },
	{ "p521_ecdsa_p1363", ecdsa_p1363, 318, 231, 0, MHSM_CURVE_P521, MHSM_SHA512 },
	{ "p521_ecdsa_der", ecdsa_der, 542, 232, 0, MHSM_CURVE_P521, MHSM_SHA512 },
	{ "p521_ecdsa_rfc6979", ecdsa_nonce, 10, 10, 0, MHSM_CURVE_P521 },
	{ "p256k_ecdsa_p1363", ecdsa_p1363, 252, 167, 0, MHSM_CURVE_P256K, MHSM_SHA256 },
	{ "p256k_ecdsa_der", ecdsa_der, 476, 168, 0, MHSM_CURVE_P256K, MHSM_SHA256 },
	{ "p256k_ecdsa_bitcoin_der", ecdsa_der, 463, 164, 0, MHSM_CURVE_P256K, MHSM_SHA256 },
	{ "p256_ecdh", ecdh, 695, 660, 0, MHSM_CURVE_P256 },
	{ "p384_ecdh", ecdh, 1577, 1542, 0, MHSM_CURVE_P384 },
	{ "p521_ecdh", ecdh, 1299, 1264, 0, MHSM_CURVE_P521 },
	{ "p256k_ecdh", ecdh, 492, 473, 0, MHSM_CURVE_P256K },
	{ "p256_ecdh_encoded", ecdh_encoded, 272, 0, 0, MHSM_CURVE_P256 },
	{ "p384_ecdh_encoded", ecdh_encoded, 260, 0, 0, MHSM_CURVE_P384 },
	{ "p521_ecdh_encoded", ecdh_encoded, 278, 0, 0, MHSM_CURVE_P521 },
	{ "p256k_ecdh_encoded", ecdh_encoded, 260, 0, 0, MHSM_CURVE_P256K },
	{ "ed25519", ed25519, 151, 88 },
	{ "ed25519_rfc8032", ed25519, 5, 5 },
	{ "x25519", x25519, 518, 487 },
	{ "x25519_rfc7748", x25519, 6, 6 },
	{ "x25519_rfc7748_iterated", x25519_iterated, 3, 3, 1 },
	{}
};
