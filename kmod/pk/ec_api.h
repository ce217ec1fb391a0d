/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys, ECDH and ECDSA: the functions that p256.h and its like for the other curves
 * declare and document. See ec_limb.h for the headers of this family.
 */
#ifndef MHSM_EC_API_H
#define MHSM_EC_API_H

#include "ec_mul_public.h"

/* Reads a private key; whether it is in 1..n-1 is the caller's to know. */
static int load_private(struct ec_sc *d, const u8 priv[EC_BYTES])
{
	u64 valid = sc_load(d, priv);

	valid &= ~sc_is_zero(d);
	mhsm_pk_declassify(&valid, sizeof(valid));
	return valid ? 0 : -EINVAL;
}

/* pub = d * G, d in 1..n-1 */
static noinline void make_public(u8 pub[2 * EC_BYTES], const struct ec_sc *d)
{
	struct ec_jacobian p;
	struct ec_fe x, y;

	pt_mul_base(&p, d, &fe_one);
	pt_to_affine(&x, &y, &p);
	fe_store(pub, &x);
	fe_store(pub + EC_BYTES, &y);
	/* Jacobian coordinates tell more about d than the affine ones */
	memzero_explicit(&p, sizeof(p));
}

int EC_API(keygen)(u8 priv[EC_BYTES], u8 pub[2 * EC_BYTES], const u8 rnd[EC_RANDOM_BYTES])
{
	struct ec_sc d;

	sc_load_extra(&d, rnd);
	make_public(pub, &d);
	sc_store(priv, &d);
	memzero_explicit(&d, sizeof(d));
	burn_stack();
	return 0;
}

int EC_API(public)(u8 pub[2 * EC_BYTES], const u8 priv[EC_BYTES])
{
	struct ec_sc d;
	int ret;

	ret = load_private(&d, priv);
	if (!ret)
		make_public(pub, &d);
	memzero_explicit(&d, sizeof(d));
	burn_stack();
	return ret;
}

int EC_API(check_public)(const u8 pub[2 * EC_BYTES])
{
	struct ec_affine p;

	return pt_load(&p, pub) ? 0 : -EINVAL;
}

/* A blinding factor as a field element; 1 in the place of 0. */
static inline void load_blind_fe(struct ec_fe *b, const u8 blind[EC_BYTES])
{
	fe_load(b, blind);
	fe_cmov(b, &fe_one, fe_is_zero(b));
}

int EC_API(ecdh)(u8 x[EC_BYTES], const u8 priv[EC_BYTES], const u8 pub[2 * EC_BYTES],
		 const u8 blind[EC_BYTES])
{
	struct ec_jacobian shared;
	struct ec_affine peer;
	struct ec_fe ax, b;
	struct ec_sc d;
	int ret;

	if (!pt_load(&peer, pub))
		return -EINVAL;
	ret = load_private(&d, priv);
	if (ret)
		goto out;
	load_blind_fe(&b, blind);
	pt_mul(&shared, &d, &peer, &b);
	pt_to_affine(&ax, NULL, &shared);
	fe_store(x, &ax);
	memzero_explicit(&shared, sizeof(shared));
	memzero_explicit(&ax, sizeof(ax));
	memzero_explicit(&b, sizeof(b));
out:
	memzero_explicit(&d, sizeof(d));
	burn_stack();
	return ret;
}

/* The x coordinate of a point, as a scalar: x mod n, with x < p < 2n. */
static noinline void x_to_scalar(struct ec_sc *r, const struct ec_jacobian *p)
{
	struct ec_fe x;
	u64 t[EC_LIMBS];

	pt_to_affine(&x, NULL, p);
	fe_to_int(t, &x);
	num_reduce_once(r->v, t, 0, sc_order);
}

/* The blinding factors, as a field element and as a scalar; 1 in the place of 0. */
static noinline void load_blind(struct ec_fe *bp, struct ec_sc *bn, const u8 blind[EC_BYTES])
{
	const struct ec_sc one = { { 1 } };

	load_blind_fe(bp, blind);
	sc_load(bn, blind);
	num_cmov(bn->v, one.v, sc_is_zero(bn));
	sc_to_mont(bn, bn);
}

/*
 * s = (z + r d) / k, computed as (b z + r (b d)) / (b k): neither k nor d enters
 * the inversion or meets a known number unblinded. b, like every operand of the
 * product that has to lose the factor 1 / R, is in Montgomery form.
 */
static noinline void blinded_s(struct ec_sc *s, const struct ec_sc *z, const struct ec_sc *r,
		      const struct ec_sc *d, const struct ec_sc *k, const struct ec_sc *b)
{
	struct ec_sc t;

	sc_mul(s, d, b);		/* b d */
	sc_to_mont(s, s);
	sc_mul(s, s, r);		/* b d r */
	sc_mul(&t, z, b);
	sc_add(s, s, &t);		/* b (z + r d) */
	sc_mul(&t, k, b);		/* b k */
	sc_inv(&t, &t);
	sc_to_mont(&t, &t);
	sc_mul(s, s, &t);
	memzero_explicit(&t, sizeof(t));
}

int EC_API(sign)(u8 sig[2 * EC_BYTES], const u8 priv[EC_BYTES], const u8 *digest,
		 size_t digest_len, const u8 k[EC_RANDOM_BYTES], const u8 blind[EC_BYTES])
{
	struct ec_sc d, z, nonce, bn, r, s;
	struct ec_jacobian p;
	struct ec_fe bp;
	u64 again;
	int ret;

	if (!digest_len)
		return -EINVAL;
	ret = load_private(&d, priv);
	if (ret)
		goto out_key;
	sc_load_extra(&nonce, k);
	sc_load_digest(&z, digest, digest_len);
	load_blind(&bp, &bn, blind);

	pt_mul_base(&p, &nonce, &bp);
	x_to_scalar(&r, &p);
	blinded_s(&s, &z, &r, &d, &nonce, &bn);

	again = sc_is_zero(&r) | sc_is_zero(&s);
	mhsm_pk_declassify(&again, sizeof(again));
	if (again) {
		ret = -EAGAIN;
	} else {
		sc_store(sig, &r);
		sc_store(sig + EC_BYTES, &s);
	}
	memzero_explicit(&nonce, sizeof(nonce));
	memzero_explicit(&bn, sizeof(bn));
	memzero_explicit(&bp, sizeof(bp));
	memzero_explicit(&p, sizeof(p));
	memzero_explicit(&s, sizeof(s));
out_key:
	memzero_explicit(&d, sizeof(d));
	burn_stack();
	return ret;
}

/*
 * Does the point's x coordinate equal r modulo n? Compared as X = r Z^2 modulo p,
 * which saves the inversion; x may also be r + n where that is below p.
 */
static noinline int x_matches(const struct ec_jacobian *p, const struct ec_sc *r)
{
	struct ec_fe zz, x;
	u64 t[EC_LIMBS];

	fe_sqr(&zz, &p->z);
	fe_from_int(&x, r->v);
	fe_mul(&x, &x, &zz);
	if (fe_eq(&x, &p->x))
		return 1;

	memcpy(t, r->v, sizeof(t));
	if (num_add(t, sc_order) || !num_is_less(t, fe_prime))
		return 0;
	fe_from_int(&x, t);
	fe_mul(&x, &x, &zz);
	return fe_eq(&x, &p->x) != 0;
}

int EC_API(verify)(const u8 pub[2 * EC_BYTES], const u8 *digest, size_t digest_len,
		   const u8 sig[2 * EC_BYTES])
{
	struct ec_sc r, s, z, u1, u2;
	struct ec_jacobian sum;
	struct ec_affine q;

	if (!digest_len || !pt_load(&q, pub))
		return -EINVAL;
	if (!sc_load(&r, sig) || sc_is_zero(&r) ||
	    !sc_load(&s, sig + EC_BYTES) || sc_is_zero(&s))
		return -EBADMSG;
	sc_load_digest(&z, digest, digest_len);

	sc_inv(&s, &s);
	sc_to_mont(&s, &s);
	sc_mul(&u1, &z, &s);
	sc_mul(&u2, &r, &s);
	pt_mul_public(&sum, &u1, &u2, &q);
	if (fe_is_zero(&sum.z) || !x_matches(&sum, &r))
		return -EBADMSG;
	return 0;
}

#endif
