// SPDX-License-Identifier: GPL-2.0-only
/* X25519. See x25519.h. */
#include "x25519.h"
#include "ge25519.h"

/* RFC 7748, section 5: a multiple of 8 with bit 254 as its highest. */
static void clamp(u8 k[32], const u8 priv[32])
{
	memmove(k, priv, 32);
	k[0] &= 0xf8;
	k[31] &= 0x7f;
	k[31] |= 0x40;
}

/*
 * The base point is that of edwards25519, whose tables are at hand. The map between the
 * curves (RFC 7748, 4.1) is u = (1 + y) / (1 - y) = (Z + Y) / (Z - Y). A clamped scalar
 * is a multiple of 8 and below 8L, so not one of L: the point is not neutral and the
 * denominator not 0.
 */
int mhsm_x25519_public(u8 pub[32], const u8 priv[32])
{
	const struct fe25519 one = FE25519_ONE;
	struct fe25519 num, den;
	struct ge25519 p;
	struct sc25519 k;
	u8 clamped[32];

	clamp(clamped, priv);
	mhsm_sc25519_load(&k, clamped);
	mhsm_ge25519_mul_base(&p, &k, &one);
	fe_add(&num, &p.z, &p.y);
	fe_sub(&den, &p.z, &p.y);
	mhsm_fe25519_inv(&den, &den);
	fe_mul(&num, &num, &den);
	mhsm_fe25519_store(pub, &num);
	memzero_explicit(&p, sizeof(p));
	memzero_explicit(&k, sizeof(k));
	memzero_explicit(&num, sizeof(num));
	memzero_explicit(&den, sizeof(den));
	memzero_explicit(clamped, sizeof(clamped));
	mhsm_pk_burn_stack();
	return 0;
}

int mhsm_x25519_keygen(u8 priv[32], u8 pub[32], const u8 rnd[32])
{
	u8 k[32];

	clamp(k, rnd);
	mhsm_x25519_public(pub, k);
	memcpy(priv, k, sizeof(k));
	memzero_explicit(k, sizeof(k));
	return 0;
}

/* (x2 : z2) = 2 (x2 : z2), (x3 : z3) = (x2 : z2) + (x3 : z3), which differ by x1. */
static void ladder_step(const struct fe25519 *x1, struct fe25519 *x2, struct fe25519 *z2,
			struct fe25519 *x3, struct fe25519 *z3)
{
	static const struct fe25519 a24 = { { 121665, 0, 0, 0, 0 } };
	struct fe25519 a, b, c, d, e;

	fe_add(&a, x2, z2);
	fe_sub(&b, x2, z2);
	fe_add(&c, x3, z3);
	fe_sub(&d, x3, z3);
	fe_mul(&d, &d, &a);
	fe_mul(&c, &c, &b);
	fe_add(x3, &d, &c);
	fe_sub(z3, &d, &c);
	fe_sqr(x3, x3);
	fe_sqr(z3, z3);
	fe_mul(z3, z3, x1);
	fe_sqr(&a, &a);
	fe_sqr(&b, &b);
	fe_mul(x2, &a, &b);
	fe_sub(&e, &a, &b);
	fe_mul(z2, &e, &a24);
	fe_add(z2, z2, &a);
	fe_mul(z2, z2, &e);
}

/*
 * RFC 7748, section 5: the Montgomery ladder from bit 254, which is set, down. The last
 * three bits of a clamped scalar are 0; their steps are taken like all others.
 */
static void ladder(u8 out[32], const u8 k[32], const u8 u[32])
{
	struct fe25519 x1, x2 = FE25519_ONE, z2 = FE25519_ZERO, x3, z3 = FE25519_ONE;
	u64 bit, last = 0, swap;
	int i;

	mhsm_fe25519_load(&x1, u);
	x3 = x1;
	for (i = 254; i >= 0; i--) {
		bit = k[i / 8] >> (i % 8) & 1;
		swap = ct_hide((u64)0 - (bit ^ last));
		last = bit;
		fe_cswap(&x2, &x3, swap);
		fe_cswap(&z2, &z3, swap);
		ladder_step(&x1, &x2, &z2, &x3, &z3);
	}
	/* the last bit is 0: there is nothing left to swap back */
	mhsm_fe25519_inv(&z2, &z2);
	fe_mul(&x2, &x2, &z2);
	mhsm_fe25519_store(out, &x2);
	memzero_explicit(&x2, sizeof(x2));
	memzero_explicit(&z2, sizeof(z2));
	memzero_explicit(&x3, sizeof(x3));
	memzero_explicit(&z3, sizeof(z3));
}

int mhsm_x25519_shared(u8 out[32], const u8 priv[32], const u8 pub[32])
{
	u8 k[32], shared[32];
	u64 zero;
	int ret = -EINVAL;
	int i;

	clamp(k, priv);
	ladder(shared, k, pub);
	for (zero = 0, i = 0; i < 32; i++)
		zero |= shared[i];
	zero = ct_is_zero(zero);
	mhsm_pk_declassify(&zero, sizeof(zero));
	if (!zero) {
		memcpy(out, shared, sizeof(shared));
		ret = 0;
	}
	memzero_explicit(k, sizeof(k));
	memzero_explicit(shared, sizeof(shared));
	mhsm_pk_burn_stack();
	return ret;
}
