/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of a curve, see ec_tests.h: printed vectors and Wycheproof. */
#ifndef TESTS_UNIT_EC_VECTOR_TESTS_H
#define TESTS_UNIT_EC_VECTOR_TESTS_H

#include "tests/unit/ec_ossl.h"

/* ---- Wycheproof ---------------------------------------------------------- */

static size_t digest_of(const char *hash, const void *in, size_t len, u8 out[64])
{
	if (!strcmp(hash, "sha1"))
		return SHA1(in, len, out), 20;
	if (!strcmp(hash, "sha224"))
		return SHA224(in, len, out), 28;
	if (!strcmp(hash, "sha256"))
		return SHA256(in, len, out), 32;
	if (!strcmp(hash, "sha384"))
		return SHA384(in, len, out), 48;
	assert_string_equal(hash, "sha512");
	return SHA512(in, len, out), 64;
}

static unsigned int checked;
static const char *hash_name;

static void check_verify(char *const field[], const u8 *sig)
{
	static u8 message[4096];
	u8 pub[2 * B], digest[64];
	size_t len, mlen;

	assert_int_equal(vec_hex(pub, sizeof(pub), field[2]), 2 * B);
	mlen = vec_hex(message, sizeof(message), field[3]);
	len = digest_of(hash_name, message, mlen, digest);
	if (strcmp(field[1], "valid") == 0)
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), 0);
	else
		assert_int_equal(EC_API(verify)(pub, digest, len, sig), -EBADMSG);
	checked++;
}

static void each_p1363(char *const field[])
{
	u8 sig[4 * B];

	if (vec_hex(sig, sizeof(sig), field[4]) != 2 * B) {
		/* the length is the caller's to check: such cases are all invalid */
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig);
}

/*
 * DER by OpenSSL, strictly: what does not encode back to the same bytes, or does
 * not fit, never becomes r || s.
 */
static bool decode_der(u8 sig[2 * B], const u8 *der, size_t len)
{
	const unsigned char *p = der;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)len);
	unsigned char *again = NULL;
	bool ok = false;
	int n;

	if (!s)
		return false;
	n = i2d_ECDSA_SIG(s, &again);
	if (n == (int)len && memcmp(again, der, len) == 0 &&
	    !BN_is_negative(ECDSA_SIG_get0_r(s)) &&
	    !BN_is_negative(ECDSA_SIG_get0_s(s)) &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, B) == B &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + B, B) == B)
		ok = true;
	OPENSSL_free(again);
	ECDSA_SIG_free(s);
	return ok;
}

static void each_der(char *const field[])
{
	static u8 der[8192];
	u8 sig[2 * B];
	size_t len = vec_hex(der, sizeof(der), field[4]);

	if (!decode_der(sig, der, len)) {
		assert_string_equal(field[1], "invalid");
		return;
	}
	check_verify(field, sig);
}

/* Of all the cases in the file, at least 'least' get as far as verify. */
static void wycheproof_sigs(const char *name, const char *hash, bool der,
			    unsigned int cases, unsigned int least)
{
	char path[80];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", name);
	checked = 0;
	hash_name = hash;
	assert_int_equal(vec_each(path, 5, der ? each_der : each_p1363), cases);
	assert_in_range(checked, least, cases);
}

/* A test that has a twin can leave out most of the slow cases. */
#ifndef EC_STEP
#define EC_STEP 1
#endif

/* With some blinding factor or other, which must not change the result */
static int ecdh(u8 x[B], const u8 priv[B], const u8 pub[2 * B])
{
	u8 blind[B];

	vec_noise(blind, sizeof(blind));
	return EC_API(ecdh)(x, priv, pub, blind);
}

static void each_ecdh(char *const field[])
{
	u8 pub[2 * B], priv[B], want[B], got[B];
	int ret;

	if (checked++ % EC_STEP)
		return;
	assert_int_equal(vec_hex(pub, 2 * B, field[2]), 2 * B);
	assert_int_equal(vec_hex(priv, B, field[3]), B);
	ret = ecdh(got, priv, pub);
	if (strcmp(field[1], "valid") != 0) {
		assert_int_equal(ret, -EINVAL);
		assert_int_equal(EC_API(check_public)(pub), -EINVAL);
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(vec_hex(want, B, field[4]), B);
	assert_memory_equal(got, want, B);
}

/* ---- printed signatures: RFC 6979 ------------------------------------------- */

static void each_rfc6979(char *const field[])
{
	u8 priv[B], pub[2 * B], want_pub[2 * B], nonce[B], k[RND], blind[B];
	u8 message[64], digest[64], sig[2 * B], want[2 * B];
	size_t len = vec_hex(message, sizeof(message), field[3]);
	int round;

	len = digest_of(field[2], message, len, digest);
	assert_int_equal(vec_hex(priv, B, field[4]), B);
	assert_int_equal(vec_hex(want_pub, 2 * B, field[5]), 2 * B);
	assert_int_equal(vec_hex(nonce, B, field[6]), B);
	assert_int_equal(vec_hex(want, 2 * B, field[7]), 2 * B);
	assert_int_equal(EC_API(public)(pub, priv), 0);
	assert_memory_equal(pub, want_pub, 2 * B);
	extra_bits(k, nonce);
	/* blinding must not change the result: none, the largest, others */
	for (round = 0; round < 4; round++) {
		if (round < 2)
			memset(blind, round ? 0xff : 0, sizeof(blind));
		else
			vec_noise(blind, sizeof(blind));
		memset(sig, 0, sizeof(sig));
		assert_int_equal(EC_API(sign)(sig, priv, digest, len, k, blind), 0);
		assert_memory_equal(sig, want, 2 * B);
	}
	assert_int_equal(EC_API(verify)(pub, digest, len, sig), 0);
}

#endif
