// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA and ECDH on P-256. See p256.h. */
#include "p256.h"
#include "p256_pt.h"

static const struct p256_fe fe_one = P256_FE_ONE;

/* Reads a private key; whether it is in 1..n-1 is the caller's to know. */
static int load_private(struct p256_sc *d, const u8 priv[32])
{
	u64 valid = mhsm_p256_sc_load(d, priv);

	valid &= ~sc_is_zero(d);
	mhsm_pk_declassify(&valid, sizeof(valid));
	return valid ? 0 : -EINVAL;
}

/* pub = d * G, d in 1..n-1 */
static void make_public(u8 pub[64], const struct p256_sc *d)
{
	struct p256_jacobian p;
	struct p256_fe x, y;

	mhsm_p256_pt_mul_base(&p, d, &fe_one);
	mhsm_p256_pt_to_affine(&x, &y, &p);
	mhsm_p256_fe_store(pub, &x);
	mhsm_p256_fe_store(pub + 32, &y);
	/* Jacobian coordinates tell more about d than the affine ones */
	memzero_explicit(&p, sizeof(p));
}

int mhsm_p256_keygen(u8 priv[32], u8 pub[64], const u8 rnd[40])
{
	struct p256_sc d;

	mhsm_p256_sc_load_extra(&d, rnd);
	make_public(pub, &d);
	mhsm_p256_sc_store(priv, &d);
	memzero_explicit(&d, sizeof(d));
	mhsm_pk_burn_stack();
	return 0;
}

int mhsm_p256_public(u8 pub[64], const u8 priv[32])
{
	struct p256_sc d;
	int ret;

	ret = load_private(&d, priv);
	if (!ret)
		make_public(pub, &d);
	memzero_explicit(&d, sizeof(d));
	mhsm_pk_burn_stack();
	return ret;
}

int mhsm_p256_check_public(const u8 pub[64])
{
	struct p256_affine p;

	return mhsm_p256_pt_load(&p, pub) ? 0 : -EINVAL;
}

int mhsm_p256_ecdh(u8 x[32], const u8 priv[32], const u8 pub[64])
{
	struct p256_jacobian shared;
	struct p256_affine peer;
	struct p256_fe ax;
	struct p256_sc d;
	int ret;

	if (!mhsm_p256_pt_load(&peer, pub))
		return -EINVAL;
	ret = load_private(&d, priv);
	if (ret)
		goto out;
	mhsm_p256_pt_mul(&shared, &d, &peer);
	mhsm_p256_pt_to_affine(&ax, NULL, &shared);
	mhsm_p256_fe_store(x, &ax);
	memzero_explicit(&shared, sizeof(shared));
	memzero_explicit(&ax, sizeof(ax));
out:
	memzero_explicit(&d, sizeof(d));
	mhsm_pk_burn_stack();
	return ret;
}

/* The x coordinate of a point, as a scalar: x mod n, with x < p < 2n. */
static void x_to_scalar(struct p256_sc *r, const struct p256_jacobian *p)
{
	const u64 n[4] = P256_N;
	struct p256_fe x;
	u64 t[4];

	mhsm_p256_pt_to_affine(&x, NULL, p);
	mhsm_p256_fe_to_int(t, &x);
	limb4_reduce_once(r->v, t, 0, n);
}

/* The blinding factors, as a field element and as a scalar; 1 in the place of 0. */
static void load_blind(struct p256_fe *bp, struct p256_sc *bn, const u8 blind[32])
{
	const struct p256_sc one = { { 1, 0, 0, 0 } };

	mhsm_p256_fe_load(bp, blind);
	fe_cmov(bp, &fe_one, fe_is_zero(bp));
	mhsm_p256_sc_load(bn, blind);
	limb4_cmov(bn->v, one.v, sc_is_zero(bn));
	mhsm_p256_sc_to_mont(bn, bn);
}

/*
 * s = (z + r d) / k, computed as (b z + r (b d)) / (b k): neither k nor d enters
 * the inversion or meets a known number unblinded. b, like every operand of the
 * product that has to lose the factor 2^-256, is in Montgomery form.
 */
static void blinded_s(struct p256_sc *s, const struct p256_sc *z,
		      const struct p256_sc *r, const struct p256_sc *d,
		      const struct p256_sc *k, const struct p256_sc *b)
{
	struct p256_sc t;

	mhsm_p256_sc_mul(s, d, b);		/* b d */
	mhsm_p256_sc_to_mont(s, s);
	mhsm_p256_sc_mul(s, s, r);		/* b d r */
	mhsm_p256_sc_mul(&t, z, b);
	mhsm_p256_sc_add(s, s, &t);		/* b (z + r d) */
	mhsm_p256_sc_mul(&t, k, b);		/* b k */
	mhsm_p256_sc_to_mont(&t, &t);
	mhsm_p256_sc_inv(&t, &t);
	mhsm_p256_sc_mul(s, s, &t);
	memzero_explicit(&t, sizeof(t));
}

int mhsm_p256_sign(u8 sig[64], const u8 priv[32], const u8 *digest,
		   size_t digest_len, const u8 k[40], const u8 blind[32])
{
	struct p256_sc d, z, nonce, bn, r, s;
	struct p256_jacobian p;
	struct p256_fe bp;
	u64 again;
	int ret;

	if (!digest_len)
		return -EINVAL;
	ret = load_private(&d, priv);
	if (ret)
		goto out_key;
	mhsm_p256_sc_load_extra(&nonce, k);
	mhsm_p256_sc_load_digest(&z, digest, digest_len);
	load_blind(&bp, &bn, blind);

	mhsm_p256_pt_mul_base(&p, &nonce, &bp);
	x_to_scalar(&r, &p);
	blinded_s(&s, &z, &r, &d, &nonce, &bn);

	again = sc_is_zero(&r) | sc_is_zero(&s);
	mhsm_pk_declassify(&again, sizeof(again));
	if (again) {
		ret = -EAGAIN;
	} else {
		mhsm_p256_sc_store(sig, &r);
		mhsm_p256_sc_store(sig + 32, &s);
	}
	memzero_explicit(&nonce, sizeof(nonce));
	memzero_explicit(&bn, sizeof(bn));
	memzero_explicit(&bp, sizeof(bp));
	memzero_explicit(&p, sizeof(p));
	memzero_explicit(&s, sizeof(s));
out_key:
	memzero_explicit(&d, sizeof(d));
	mhsm_pk_burn_stack();
	return ret;
}

/*
 * Does the point's x coordinate equal r modulo n? Compared as X = r Z^2 modulo p,
 * which saves the inversion; x may also be r + n where that is below p.
 */
static int x_matches(const struct p256_jacobian *p, const struct p256_sc *r)
{
	const u64 n[4] = P256_N, prime[4] = P256_P;
	struct p256_fe zz, x;
	u64 t[4];

	fe_sqr(&zz, &p->z);
	mhsm_p256_fe_from_int(&x, r->v);
	fe_mul(&x, &x, &zz);
	if (fe_eq(&x, &p->x))
		return 1;

	memcpy(t, r->v, sizeof(t));
	if (limb4_add(t, n) || !limb4_is_less(t, prime))
		return 0;
	mhsm_p256_fe_from_int(&x, t);
	fe_mul(&x, &x, &zz);
	return fe_eq(&x, &p->x) != 0;
}

int mhsm_p256_verify(const u8 pub[64], const u8 *digest, size_t digest_len,
		     const u8 sig[64])
{
	struct p256_sc r, s, z, u1, u2;
	struct p256_jacobian sum;
	struct p256_affine q;

	if (!digest_len || !mhsm_p256_pt_load(&q, pub))
		return -EINVAL;
	if (!mhsm_p256_sc_load(&r, sig) || sc_is_zero(&r) ||
	    !mhsm_p256_sc_load(&s, sig + 32) || sc_is_zero(&s))
		return -EBADMSG;
	mhsm_p256_sc_load_digest(&z, digest, digest_len);

	mhsm_p256_sc_to_mont(&s, &s);
	mhsm_p256_sc_inv(&s, &s);
	mhsm_p256_sc_mul(&u1, &z, &s);
	mhsm_p256_sc_mul(&u2, &r, &s);
	mhsm_p256_pt_mul_public(&sum, &u1, &u2, &q);
	if (fe_is_zero(&sum.z) || !x_matches(&sum, &r))
		return -EBADMSG;
	return 0;
}
