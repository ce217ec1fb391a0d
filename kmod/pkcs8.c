// SPDX-License-Identifier: GPL-2.0-only
/* Private keys in DER: see pkcs8.h */
#include "kmod/pkcs8.h"
#include "kmod/spki.h"

#define INTEGER 0x02
#define BIT_STRING 0x03
#define OCTET_STRING 0x04
#define SEQUENCE 0x30
#define ATTRIBUTES 0xa0 /* [0] of OneAsymmetricKey */
#define PUBLIC_KEY 0x81 /* [1] of it: the content of a BIT STRING */
#define EC_PARAMETERS 0xa0 /* [0] of ECPrivateKey */
#define EC_PUBLIC_KEY 0xa1 /* [1] of it: around a BIT STRING */

#define OID_EC_LEN 9 /* of id-ecPublicKey with its tag and length, before the curve's name */

/* What is left to be read */
struct der {
	const u8 *at;
	const u8 *end;
};

static size_t left(const struct der *d)
{
	return (size_t)(d->end - d->at);
}

static bool ends(const struct der *d)
{
	return d->at == d->end;
}

/* Is the next element one of @tag? */
static bool comes(const struct der *d, u8 tag)
{
	return !ends(d) && *d->at == tag;
}

/* Reads one element of @tag into @content. Lengths have their shortest form (X.690 section 10.1). */
static int take(struct der *d, u8 tag, struct der *content)
{
	size_t len, bytes = 0, i;

	if (left(d) < 2 || d->at[0] != tag)
		return -EBADMSG;
	len = d->at[1];
	d->at += 2;
	if (len >= 0x80) {
		bytes = len - 0x80;
		if (bytes < 1 || bytes > 2 || bytes > left(d))
			return -EBADMSG;
		for (len = 0, i = 0; i < bytes; i++)
			len = len << 8 | *d->at++;
		if (len < (bytes == 1 ? 0x80 : 0x100))
			return -EBADMSG;
	}
	if (len > left(d))
		return -EBADMSG;
	content->at = d->at;
	content->end = d->at + len;
	d->at += len;
	return 0;
}

static struct mhsm_pkcs8_part part_of(const struct der *d)
{
	return (struct mhsm_pkcs8_part){ d->at, left(d) };
}

/* Reads a number that is not negative, in its shortest form (X.690 section 8.3.2). */
static int take_number(struct der *d, struct mhsm_pkcs8_part *number)
{
	struct der c;
	u32 first, second, zero, bad;

	if (take(d, INTEGER, &c) || ends(&c))
		return -EBADMSG;
	first = c.at[0];
	second = left(&c) > 1 ? c.at[1] : 0x80;
	zero = mhsm_env_mask(first - 1);
	bad = (first | (zero & ~second)) & 0x80;
	/* Both show in how long the number is. */
	mhsm_pk_declassify(&bad, sizeof(bad));
	mhsm_pk_declassify(&zero, sizeof(zero));
	if (bad)
		return -EBADMSG;
	if (zero)
		c.at++;
	*number = part_of(&c);
	return 0;
}

/* Reads a number of one byte, a version. */
static int take_version(struct der *d, u8 *version)
{
	struct der c;

	if (take(d, INTEGER, &c) || left(&c) != 1)
		return -EBADMSG;
	*version = *c.at;
	return 0;
}

static bool same(const struct mhsm_pkcs8_part *a, const struct mhsm_pkcs8_part *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

/* Takes a public key that is given, perhaps for the second time. */
static int note_public(struct mhsm_pkcs8 *key, struct mhsm_pkcs8_part public)
{
	if (key->public.len && !same(&key->public, &public))
		return -EKEYREJECTED;
	key->public = public;
	return 0;
}

/* --- EC, OKP -------------------------------------------------------------------------------------------------- */

static size_t curve_len(u32 curve)
{
	switch (curve) {
	case MHSM_CURVE_P384:
		return 48;
	case MHSM_CURVE_P521:
		return 66;
	default:
		return 32;
	}
}

/* The content of a BIT STRING that is a point (SEC 1 section 2.3.3) or an OKP's public key */
static int read_point(struct mhsm_pkcs8 *key, struct der c)
{
	size_t len = curve_len(key->param);

	if (ends(&c) || *c.at++)
		return -EBADMSG; /* unused bits */
	if (key->type == MHSM_KEY_EC) {
		if (left(&c) == 1 + len && (*c.at == 2 || *c.at == 3))
			return -EOPNOTSUPP;
		if (left(&c) != 1 + 2 * len || *c.at++ != 4)
			return -EBADMSG;
	} else if (left(&c) != len) {
		return -EBADMSG;
	}
	return note_public(key, part_of(&c));
}

/* ECPrivateKey. @alg: the AlgorithmIdentifier, whose curve must be named again if any is. */
static int read_ec(struct mhsm_pkcs8 *key, struct der d, const struct der *alg)
{
	struct der seq, c, bits;
	u8 version;
	int ret = 0;

	if (take(&d, SEQUENCE, &seq) || !ends(&d) || take_version(&seq, &version) || version != 1 ||
	    take(&seq, OCTET_STRING, &c) || left(&c) != curve_len(key->param))
		return -EBADMSG;
	key->private = part_of(&c);
	if (comes(&seq, EC_PARAMETERS)) {
		if (take(&seq, EC_PARAMETERS, &c) || left(&c) != left(alg) - OID_EC_LEN ||
		    memcmp(c.at, alg->at + OID_EC_LEN, left(&c)))
			return -EBADMSG;
	}
	if (comes(&seq, EC_PUBLIC_KEY)) {
		if (take(&seq, EC_PUBLIC_KEY, &c) || take(&c, BIT_STRING, &bits) || !ends(&c))
			return -EBADMSG;
		ret = read_point(key, bits);
	}
	return ret ? ret : ends(&seq) ? 0 : -EBADMSG;
}

/* CurvePrivateKey */
static int read_okp(struct mhsm_pkcs8 *key, struct der d)
{
	struct der c;

	if (take(&d, OCTET_STRING, &c) || !ends(&d) || left(&c) != curve_len(key->param))
		return -EBADMSG;
	key->private = part_of(&c);
	return 0;
}

/* --- RSA ------------------------------------------------------------------------------------------------------ */

static const u8 exponent[] = { 1, 0, 1 };

/* Modulus and public exponent: ones of a key that there may be here? */
static int read_modulus(struct mhsm_pkcs8 *key, struct der *d)
{
	const struct mhsm_pkcs8_part wanted = { exponent, sizeof(exponent) };
	struct mhsm_pkcs8_part n, e;

	if (take_number(d, &n) || take_number(d, &e))
		return -EBADMSG;
	if ((n.len != 256 && n.len != 384 && n.len != 512) || !(n.p[0] & 0x80) || !same(&e, &wanted))
		return -EOPNOTSUPP;
	key->param = (u32)(8 * n.len);
	return note_public(key, n);
}

/* RSAPrivateKey */
static int read_rsa(struct mhsm_pkcs8 *key, struct der d)
{
	struct mhsm_pkcs8_part *const parts[] = { &key->d, &key->p, &key->q, &key->dp, &key->dq, &key->qinv };
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	struct der seq;
	u8 version;
	size_t i;
	int ret;

	if (take(&d, SEQUENCE, &seq) || !ends(&d) || take_version(&seq, &version))
		return -EBADMSG;
	if (version == 1)
		return -EOPNOTSUPP; /* more than two primes */
	if (version)
		return -EBADMSG;
	ret = read_modulus(key, &seq);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		if (take_number(&seq, parts[i]))
			return -EBADMSG;
	if (!ends(&seq))
		return -EBADMSG;
	for (i = 0; i < count; i++)
		if (!parts[i]->len || parts[i]->len > (i ? key->public.len / 2 : key->public.len))
			return -EKEYREJECTED;
	return 0;
}

/* The public key that OneAsymmetricKey may have, of an RSA key: RSAPublicKey */
static int read_rsa_public(struct mhsm_pkcs8 *key, struct der c)
{
	struct der seq;
	int ret;

	if (ends(&c) || *c.at++ || take(&c, SEQUENCE, &seq) || !ends(&c))
		return -EBADMSG;
	ret = read_modulus(key, &seq);
	return ret ? ret : ends(&seq) ? 0 : -EBADMSG;
}

/* --- the frame ------------------------------------------------------------------------------------------------ */

static int read_private(struct mhsm_pkcs8 *key, struct der d, const struct der *alg)
{
	if (mhsm_spki_algorithm(alg->at, left(alg), &key->type, &key->param))
		return -EOPNOTSUPP;
	switch (key->type) {
	case MHSM_KEY_RSA:
		return read_rsa(key, d);
	case MHSM_KEY_EC:
		return read_ec(key, d, alg);
	default:
		return read_okp(key, d);
	}
}

static int read_public(struct mhsm_pkcs8 *key, struct der d)
{
	return key->type == MHSM_KEY_RSA ? read_rsa_public(key, d) : read_point(key, d);
}

int mhsm_pkcs8_parse(struct mhsm_pkcs8 *key, const u8 *der, size_t len)
{
	struct der d = { der, der + len }, seq, alg, private, public = {}, skipped;
	u8 version;
	int ret;

	memset(key, 0, sizeof(*key));
	if (take(&d, SEQUENCE, &seq) || !ends(&d) || take_version(&seq, &version) || version > 1 ||
	    take(&seq, SEQUENCE, &alg) || take(&seq, OCTET_STRING, &private))
		return -EBADMSG;
	if (comes(&seq, ATTRIBUTES) && take(&seq, ATTRIBUTES, &skipped))
		return -EBADMSG;
	/* A public key is what makes it version 2 (RFC 5958 section 2). */
	if (version && take(&seq, PUBLIC_KEY, &public))
		return -EBADMSG;
	if (!ends(&seq))
		return -EBADMSG;
	ret = read_private(key, private, &alg);
	if (!ret && version)
		ret = read_public(key, public);
	return ret;
}
