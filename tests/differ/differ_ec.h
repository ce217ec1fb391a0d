/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A curve against OpenSSL, by the steps of tests/fuzz/fuzz_ec.h: differ_p256.c and its
 * like include the curve's source and define CURVE_NID.
 */
#ifndef TESTS_DIFFER_EC_H
#define TESTS_DIFFER_EC_H

#include "tests/differ/differ.h"
#include "tests/fuzz/fuzz_ec.h"

/* Programs of STEPS operations, in turn on field elements and on scalars. */
static void differ_arithmetic(void)
{
	unsigned long want = differ_count(20000, 10000000), done;
	u8 data[SIG_INPUT + STEPS];
	unsigned int i;

	for (done = 0; done < want; done += STEPS) {
		for (i = 0; i < 4; i++)
			differ_operand(data + 1 + i * B, B);
		differ_fill(data + SIG_INPUT, STEPS);
		data[0] = done / STEPS % 2 ? PROGRAM | SCALARS : PROGRAM;
		fuzz_program(data);
	}
	differ_done(done, "field and scalar operations");
}

/* A key pair by ours; the public key is OpenSSL's, too. */
static EC_KEY *differ_key(u8 priv[B], u8 pub[2 * B])
{
	u8 rnd[EC_RANDOM_BYTES];
	EC_KEY *key;
	BIGNUM *d;

	differ_fill(rnd, sizeof(rnd));
	differ_must(EC_API(keygen)(priv, pub, rnd) == 0, "keygen");
	key = ossl_key(pub);
	d = BN_bin2bn(priv, B, NULL);
	differ_must(key && EC_KEY_set_private_key(key, d), "a key of ours, in OpenSSL");
	BN_free(d);
	return key;
}

static void differ_signatures(void)
{
	unsigned long want = differ_count(50, 100000), i;
	u8 priv[B], pub[2 * B], digest[B + 8], sig[2 * B], k[EC_RANDOM_BYTES], blind[B];
	EC_KEY *key = NULL;
	ECDSA_SIG *s;
	size_t len;

	for (i = 0; i < want; i++) {
		if (i % 50 == 0) {
			EC_KEY_free(key);
			key = differ_key(priv, pub);
			differ_must(EC_KEY_check_key(key), "the public key, by OpenSSL");
		}
		len = 1 + differ_next() % sizeof(digest);
		differ_operand(digest, len);
		differ_fill(k, sizeof(k));
		differ_fill(blind, sizeof(blind));
		differ_must(EC_API(sign)(sig, priv, digest, len, k, blind) == 0, "sign");
		differ_must(ossl_verify(key, digest, len, sig), "ours, verified by OpenSSL");

		s = ECDSA_do_sign(digest, (int)len, key);
		differ_must(s && BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, B) == B &&
			    BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + B, B) == B, "ECDSA_do_sign");
		ECDSA_SIG_free(s);
		differ_must(EC_API(verify)(pub, digest, len, sig) == 0,
			    "OpenSSL's, verified by ours");
		sig[differ_next() % sizeof(sig)] ^= (u8)(1 << (differ_next() >> 61));
		differ_must(EC_API(verify)(pub, digest, len, sig) ==
			    (ossl_verify(key, digest, len, sig) ? 0 : -EBADMSG),
			    "OpenSSL's, with one bit changed");
	}
	EC_KEY_free(key);
	differ_done(want, "signatures in each direction");
}

/* Shared secrets: ours with OpenSSL's point, and the other way round. */
static void differ_ecdh(void)
{
	unsigned long want = differ_count(50, 10000), i;
	u8 priv[B], pub[2 * B], peer_priv[B], peer[2 * B], x[B], y[2 * B + 1];
	EC_POINT *p = EC_POINT_new(group);
	const BIGNUM *d;
	EC_KEY *key, *other;

	for (i = 0; i < want; i++) {
		key = differ_key(priv, pub);
		other = differ_key(peer_priv, peer);
		d = EC_KEY_get0_private_key(key);
		differ_must(EC_POINT_mul(group, p, NULL, EC_KEY_get0_public_key(other), d,
					 bn_ctx) &&
			    EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, y,
					       sizeof(y), bn_ctx) == sizeof(y), "EC_POINT_mul");
		differ_must(EC_API(ecdh)(x, priv, peer, peer_priv) == 0 && !memcmp(x, y + 1, B), "ecdh");
		differ_must(EC_API(ecdh)(x, peer_priv, pub, priv) == 0 && !memcmp(x, y + 1, B),
			    "ecdh, the other way round");
		EC_KEY_free(key);
		EC_KEY_free(other);
	}
	EC_POINT_free(p);
	differ_done(want, "shared secrets");
}

int main(void)
{
	set_up();
	differ_begin(3);
	differ_arithmetic();
	differ_signatures();
	differ_ecdh();
	return 0;
}

#endif
