// SPDX-License-Identifier: GPL-2.0-only
/* Ed25519. See ed25519.h. */
#include "ed25519.h"
#include "ge25519.h"

static const struct fe25519 fe_one = FE25519_ONE;

/*
 * RFC 8032, 5.1.5: the scalar, out of the clamped first half of the private key's
 * digest, and the prefix for nonces, which is the other half. Below 2^255 by the
 * clamping, the scalar is kept modulo L: both of its uses are.
 */
static int expand(struct sc25519 *a, u8 prefix[32], const u8 priv[32],
		  const struct mhsm_ed25519_hash *hash)
{
	const struct mhsm_part part = { priv, 32 };
	u8 digest[64];
	int ret;

	ret = hash->sha512(hash->ctx, &part, 1, digest);
	if (!ret) {
		digest[0] &= 0xf8;
		digest[31] &= 0x7f;
		digest[31] |= 0x40;
		mhsm_sc25519_load(a, digest);
		memcpy(prefix, digest + 32, 32);
	}
	memzero_explicit(digest, sizeof(digest));
	return ret;
}

/* A digest of up to three parts as a scalar. */
static int hash_to_scalar(struct sc25519 *r, const struct mhsm_part *parts,
			  unsigned int count, const struct mhsm_ed25519_hash *hash)
{
	u8 digest[64];
	int ret;

	ret = hash->sha512(hash->ctx, parts, count, digest);
	if (!ret)
		mhsm_sc25519_load_wide(r, digest);
	memzero_explicit(digest, sizeof(digest));
	return ret;
}

/* Encodes k * B. */
static void mul_base(u8 out[32], const struct sc25519 *k, const struct fe25519 *blind)
{
	struct ge25519 p;

	mhsm_ge25519_mul_base(&p, k, blind);
	mhsm_ge25519_store(out, &p);
	/* projective coordinates tell more about k than the affine ones */
	memzero_explicit(&p, sizeof(p));
}

int mhsm_ed25519_public(u8 pub[32], const u8 priv[32],
			const struct mhsm_ed25519_hash *hash)
{
	struct sc25519 a;
	u8 prefix[32];
	int ret;

	ret = expand(&a, prefix, priv, hash);
	if (!ret)
		mul_base(pub, &a, &fe_one);
	memzero_explicit(&a, sizeof(a));
	memzero_explicit(prefix, sizeof(prefix));
	mhsm_pk_burn_stack();
	return ret;
}

int mhsm_ed25519_keygen(u8 priv[32], u8 pub[32], const u8 rnd[32],
			const struct mhsm_ed25519_hash *hash)
{
	u8 seed[32];
	int ret;

	memcpy(seed, rnd, sizeof(seed));
	ret = mhsm_ed25519_public(pub, seed, hash);
	if (!ret)
		memcpy(priv, seed, sizeof(seed));
	memzero_explicit(seed, sizeof(seed));
	return ret;
}

/* Decodes a public key: 0 or -EINVAL. */
static int load_public(struct ge25519 *p, const u8 pub[32])
{
	if (!mhsm_ge25519_load(p, pub) || mhsm_ge25519_is_small(p))
		return -EINVAL;
	return 0;
}

int mhsm_ed25519_check_public(const u8 pub[32])
{
	struct ge25519 p;

	return load_public(&p, pub);
}

/* The blinding factor of coordinates, 1 in the place of 0, and the share of the key. */
static void load_blind(struct fe25519 *bp, struct sc25519 *share, const u8 blind[32])
{
	mhsm_fe25519_load(bp, blind);
	fe_cmov(bp, &fe_one, mhsm_fe25519_is_zero(bp));
	mhsm_sc25519_load(share, blind);
}

/* S = r + k a, computed as (r + k b) + k (a - b); replaces a by it. */
static void blinded_s(struct sc25519 *a, const struct sc25519 *r, const struct sc25519 *k,
		      const struct sc25519 *b)
{
	struct sc25519 t;

	mhsm_sc25519_mul(&t, k, b);
	mhsm_sc25519_add(&t, &t, r);
	mhsm_sc25519_sub(a, a, b);
	mhsm_sc25519_mul(a, a, k);
	mhsm_sc25519_add(a, a, &t);
	memzero_explicit(&t, sizeof(t));
}

int mhsm_ed25519_sign(u8 sig[64], const u8 priv[32], const u8 pub[32], const u8 *msg,
		      size_t len, const u8 blind[32], const struct mhsm_ed25519_hash *hash)
{
	struct sc25519 a, r, k, share;
	struct mhsm_part parts[3];
	struct fe25519 bp;
	u8 prefix[32], point[32];
	int ret;

	ret = expand(&a, prefix, priv, hash);
	if (ret)
		goto out;
	parts[0] = (struct mhsm_part){ prefix, 32 };
	parts[1] = (struct mhsm_part){ msg, len };
	ret = hash_to_scalar(&r, parts, 2, hash);
	if (ret)
		goto out;
	load_blind(&bp, &share, blind);
	mul_base(point, &r, &bp);

	parts[0] = (struct mhsm_part){ point, 32 };
	parts[1] = (struct mhsm_part){ pub, 32 };
	parts[2] = (struct mhsm_part){ msg, len };
	ret = hash_to_scalar(&k, parts, 3, hash);
	if (ret)
		goto out;
	blinded_s(&a, &r, &k, &share);
	memcpy(sig, point, 32);
	mhsm_sc25519_store(sig + 32, &a);
out:
	memzero_explicit(&a, sizeof(a));
	memzero_explicit(&r, sizeof(r));
	memzero_explicit(&share, sizeof(share));
	memzero_explicit(&bp, sizeof(bp));
	memzero_explicit(prefix, sizeof(prefix));
	mhsm_pk_burn_stack();
	return ret;
}

/*
 * That R is encoded as it must be needs no test of its own: what it is compared with
 * is an encoding made here.
 */
int mhsm_ed25519_verify(const u8 pub[32], const u8 *msg, size_t len, const u8 sig[64],
			const struct mhsm_ed25519_hash *hash)
{
	const struct mhsm_part parts[3] = { { sig, 32 }, { pub, 32 }, { msg, len } };
	struct ge25519 a, p;
	struct sc25519 s, k;
	u8 point[32];
	int ret;

	ret = load_public(&a, pub);
	if (ret)
		return ret;
	if (!mhsm_sc25519_load(&s, sig + 32))
		return -EBADMSG;
	ret = hash_to_scalar(&k, parts, 3, hash);
	if (ret)
		return ret;
	mhsm_ge25519_neg(&a, &a);
	mhsm_ge25519_mul_public(&p, &s, &k, &a);
	mhsm_ge25519_store(point, &p);
	return memcmp(point, sig, 32) ? -EBADMSG : 0;
}
