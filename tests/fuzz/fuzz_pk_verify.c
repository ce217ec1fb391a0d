// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/p256_fe.c kmod/pk/p256_sc.c kmod/pk/p256_pt.c
 *	kmod/pk/p256_mul.c kmod/pk/pk_env.c -lcrypto
 * runs: 4000
 */
/*
 * ECDSA verification and validation of public keys against OpenSSL.
 *
 * The input is a mode byte, a public key, a signature and a digest. By the mode,
 * the key is taken as it is, or made valid (a private key in the place of its x,
 * its other half then exclusive-ored on), and the signature is likewise taken as
 * it is or made with that private key and then changed by exclusive or. So both
 * what is random and what is almost right get compared. An input that is too short
 * is continued with bytes computed from it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include "kmod/pk/p256.h"

#define VALID_KEY	1
#define VALID_SIG	2
#define BEND_KEY	4
#define BEND_SIG	8

static EC_GROUP *group;

static EC_KEY *ossl_key(const u8 pub[64])
{
	EC_KEY *key = EC_KEY_new();
	EC_POINT *p = EC_POINT_new(group);
	u8 octets[65] = { 4 };

	memcpy(octets + 1, pub, 64);
	if (!EC_POINT_oct2point(group, p, octets, sizeof(octets), NULL) ||
	    !EC_KEY_set_group(key, group) || !EC_KEY_set_public_key(key, p)) {
		EC_KEY_free(key);
		key = NULL;
	}
	EC_POINT_free(p);
	return key;
}

static int ossl_verify(EC_KEY *key, const u8 *digest, size_t len, const u8 sig[64])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	int ok;

	ECDSA_SIG_set0(s, BN_bin2bn(sig, 32, NULL), BN_bin2bn(sig + 32, 32, NULL));
	ok = ECDSA_do_verify(digest, (int)len, s, key) == 1;
	ECDSA_SIG_free(s);
	return ok;
}

static void xor(u8 *to, const u8 *from, size_t len)
{
	while (len--)
		*to++ ^= *from++;
}

static void stretch(u8 *to, size_t room, const u8 *data, size_t size)
{
	u64 h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ data[i]) * 0x100000001b3;
	for (i = 0; i < room; i++) {
		h ^= h << 13;
		h ^= h >> 7;
		h ^= h << 17;
		to[i] = i < size ? data[i] : (u8)(h >> 24);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	u8 mode, pub[64], made[64], sig[64], made_sig[64] = { 0 }, k[40] = { 0 };
	u8 data[129 + 64];
	const u8 *digest = data + 129;
	size_t len = size > 129 && size < sizeof(data) ? size - 129 : 64;
	EC_KEY *key;
	int ret, want;

	stretch(data, sizeof(data), bytes, size);
	if (!group)
		group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	mode = data[0];
	memcpy(pub, data + 1, 64);
	memcpy(sig, data + 65, 64);

	if ((mode & VALID_KEY) && mhsm_p256_public(made, pub) == 0) {
		memcpy(k + 8, sig, 32);
		if ((mode & VALID_SIG) &&
		    mhsm_p256_sign(made_sig, pub, digest, len, k, sig + 32) == 0) {
			if (mode & BEND_SIG)
				xor(made_sig + 32, sig + 32, 32);
			memcpy(sig, made_sig, 64);
		}
		if (mode & BEND_KEY)
			xor(made + 32, pub + 32, 32);
		memcpy(pub, made, 64);
	}

	key = ossl_key(pub);
	want = key ? 0 : -EINVAL;
	if (mhsm_p256_check_public(pub) != want)
		__builtin_trap();
	if (key && !ossl_verify(key, digest, len, sig))
		want = -EBADMSG;
	ret = mhsm_p256_verify(pub, digest, len, sig);
	if (ret != want)
		__builtin_trap();
	/* a signature that was not bent is valid */
	if (key && (mode & (VALID_KEY | VALID_SIG | BEND_KEY | BEND_SIG)) ==
	    (VALID_KEY | VALID_SIG) && !memcmp(sig, made_sig, 64) && ret)
		__builtin_trap();
	EC_KEY_free(key);
	return 0;
}
