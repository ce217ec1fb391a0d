// SPDX-License-Identifier: GPL-2.0-only
/* See spki.h. Elements are written from the last to the first, so that each length is known when it is written. */
#include "kmod/spki.h"

#define INTEGER 0x02
#define BIT_STRING 0x03
#define NULL_TAG 0x05
#define SEQUENCE 0x30

/* AlgorithmIdentifiers: the content of the SEQUENCE */
static const u8 rsa_alg[] = { /* rsaEncryption, NULL */
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, NULL_TAG, 0x00,
};
static const u8 x25519_alg[] = { 0x06, 0x03, 0x2b, 0x65, 0x6e };
static const u8 ed25519_alg[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
/* id-ecPublicKey and the curve's name */
static const u8 p256_alg[] = {
	0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
};
static const u8 p384_alg[] = {
	0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
};
static const u8 p521_alg[] = {
	0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23,
};
static const u8 p256k_alg[] = {
	0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a,
};

static const struct {
	u32 param; /* enum mhsm_curve */
	const u8 *alg;
	size_t alg_len;
} curves[] = {
	{ MHSM_CURVE_P256, p256_alg, sizeof(p256_alg) },    { MHSM_CURVE_P384, p384_alg, sizeof(p384_alg) },
	{ MHSM_CURVE_P521, p521_alg, sizeof(p521_alg) },    { MHSM_CURVE_P256K, p256k_alg, sizeof(p256k_alg) },
	{ MHSM_CURVE_ED25519, ed25519_alg, sizeof(ed25519_alg) }, { MHSM_CURVE_X25519, x25519_alg, sizeof(x25519_alg) },
};

/* What has been written so far begins at @at and ends where the buffer ends. */
struct der {
	u8 *at;
	u8 *end;
};

static void put(struct der *d, const u8 *from, size_t len)
{
	d->at -= len;
	memcpy(d->at, from, len);
}

static void put_byte(struct der *d, u8 byte)
{
	*--d->at = byte;
}

/* Tag and length before the last @len bytes written (all of one element; below 65536) */
static void put_head(struct der *d, u8 tag, size_t len)
{
	put_byte(d, len & 0xff);
	if (len > 0xff) {
		put_byte(d, len >> 8);
		put_byte(d, 0x82);
	} else if (len > 0x7f) {
		put_byte(d, 0x81);
	}
	put_byte(d, tag);
}

static size_t written(const struct der *d)
{
	return d->end - d->at;
}

static void put_rsa_key(struct der *d, const u8 *n, size_t n_len)
{
	static const u8 exponent[] = { INTEGER, 0x03, 0x01, 0x00, 0x01 };

	put(d, exponent, sizeof(exponent));
	put(d, n, n_len);
	put_byte(d, 0); /* n has its top bit set, and is not negative */
	put_head(d, INTEGER, n_len + 1);
	put_head(d, SEQUENCE, written(d));
}

size_t mhsm_spki_encode(u8 out[MHSM_SPKI_MAX], u32 type, u32 param, const u8 *public, size_t public_len)
{
	struct der d = { out + MHSM_SPKI_MAX, out + MHSM_SPKI_MAX };
	const u8 *alg = rsa_alg;
	size_t alg_len = sizeof(rsa_alg), len, i;

	if (!public_len || public_len > MHSM_PUBLIC_MAX)
		return 0;
	if (type == MHSM_KEY_RSA) {
		put_rsa_key(&d, public, public_len);
	} else {
		for (i = 0; i < sizeof(curves) / sizeof(curves[0]) && curves[i].param != param; i++)
			;
		if ((type != MHSM_KEY_EC && type != MHSM_KEY_OKP) || i == sizeof(curves) / sizeof(curves[0]))
			return 0;
		alg = curves[i].alg;
		alg_len = curves[i].alg_len;
		put(&d, public, public_len);
		if (type == MHSM_KEY_EC)
			put_byte(&d, 4); /* SEC 1: uncompressed */
	}
	put_byte(&d, 0); /* no unused bits */
	put_head(&d, BIT_STRING, written(&d));
	len = written(&d);
	put(&d, alg, alg_len);
	put_head(&d, SEQUENCE, written(&d) - len);
	put_head(&d, SEQUENCE, written(&d));
	len = written(&d);
	memmove(out, d.at, len);
	return len;
}

int mhsm_spki_algorithm(const u8 *alg, size_t len, u32 *type, u32 *param)
{
	size_t i;

	*type = MHSM_KEY_RSA;
	*param = 0;
	if (len == sizeof(rsa_alg) && !memcmp(alg, rsa_alg, len))
		return 0;
	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (len == curves[i].alg_len && !memcmp(alg, curves[i].alg, len)) {
			/* id-ecPublicKey has a parameter, the OIDs of RFC 8410 have none */
			*type = len > sizeof(ed25519_alg) ? MHSM_KEY_EC : MHSM_KEY_OKP;
			*param = curves[i].param;
			return 0;
		}
	return -EOPNOTSUPP;
}
