// SPDX-License-Identifier: GPL-2.0-only
/* X25519. See x25519.h. */
#include "x25519.h"
#include "fe25519_adx.h"
#include "ge25519.h"

/* RFC 7748, section 5: a multiple of 8 with bit 254 as its highest. */
static void clamp_scalar(u8 k[32], const u8 priv[32])
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

	clamp_scalar(clamped, priv);
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

	clamp_scalar(k, rnd);
	mhsm_x25519_public(pub, k);
	memcpy(priv, k, sizeof(k));
	memzero_explicit(k, sizeof(k));
	return 0;
}

/* (486662 - 2) / 4, of the curve v^2 = u^3 + 486662 u^2 + u */
#define A24 121665

/* A point without its v: u = x / z, or infinity if z = 0. */
struct xz {
	struct fe25519 x, z;
};

/*
 * One step of the ladder: of two points whose difference has the coordinate x1, p[0] is
 * replaced by twice the one (p[0], or p[1] where mask is all ones) and p[1] by the sum.
 * That is symmetric in the two but for a sign, which is squared: only what is doubled
 * has to be selected, and nothing has to be swapped.
 */
static void ladder_step(struct xz p[2], const struct fe25519 *x1, u64 mask)
{
	struct fe25519 a, b, c, d;

	fe_add(&a, &p[0].x, &p[0].z);
	fe_sub(&b, &p[0].x, &p[0].z);
	fe_add(&c, &p[1].x, &p[1].z);
	fe_sub(&d, &p[1].x, &p[1].z);
	fe_mul(&p[1].x, &d, &a);
	fe_mul(&p[1].z, &c, &b);
	fe_cmov(&a, &c, mask);
	fe_cmov(&b, &d, mask);
	fe_add(&c, &p[1].x, &p[1].z);
	fe_sub(&d, &p[1].x, &p[1].z);
	fe_sqr(&p[1].x, &c);
	fe_sqr(&d, &d);
	fe_mul(&p[1].z, &d, x1);
	fe_sqr(&a, &a);
	fe_sqr(&b, &b);
	fe_mul(&p[0].x, &a, &b);
	fe_sub(&b, &a, &b);
	mhsm_fe25519_mul_small(&c, &b, A24);
	fe_add(&c, &c, &a);
	fe_mul(&p[0].z, &c, &b);
}

/*
 * RFC 7748, section 5: the ladder from bit 254, which is set, down. The last three bits
 * of a clamped scalar are 0: their steps are taken like all others, and the result is
 * in p[0].
 */
static noinline void ladder(struct xz *r, const u8 k[32], const struct fe25519 *x1)
{
	struct xz p[2] = { { FE25519_ONE, FE25519_ZERO }, { *x1, FE25519_ONE } };
	u64 bit, last = 0;
	int i;

	for (i = 254; i >= 0; i--) {
		bit = k[i / 8] >> (i % 8) & 1;
		ladder_step(p, x1, ct_hide((u64)0 - (bit ^ last)));
		last = bit;
	}
	*r = p[0];
	memzero_explicit(p, sizeof(p));
	mhsm_pk_burn_stack();
}

#if MHSM_PK_ASM
/* The same with four full limbs. */
struct xz_full {
	struct fe25519_full x, z;
};

static __always_inline void ladder_step_adx(struct xz_full p[2], const struct fe25519_full *x1,
					    u64 mask)
{
	struct fe25519_full a, b, c, d;

	full_add(&a, &p[0].x, &p[0].z);
	full_sub(&b, &p[0].x, &p[0].z);
	full_add(&c, &p[1].x, &p[1].z);
	full_sub(&d, &p[1].x, &p[1].z);
	full_mul(&p[1].x, &d, &a);
	full_mul(&p[1].z, &c, &b);
	limb4_cmov(a.v, c.v, mask);
	limb4_cmov(b.v, d.v, mask);
	full_sqr(&a, &a);
	full_sqr(&b, &b);
	full_sub(&d, &p[1].x, &p[1].z);
	full_add(&c, &p[1].x, &p[1].z);
	full_sqr(&d, &d);
	full_mul(&p[0].x, &a, &b);
	full_sub(&b, &a, &b);
	full_mac_small(&p[0].z, &a, &b, A24);
	full_mul(&p[1].z, &d, x1);
	full_mul(&p[0].z, &p[0].z, &b);
	full_sqr(&p[1].x, &c);
}

static noinline void ladder_adx(struct xz *r, const u8 k[32], const struct fe25519 *u)
{
	struct xz_full p[2] = { { { { 1 } }, { { 0 } } }, { { { 0 } }, { { 1 } } } };
	struct fe25519_full x1;
	u64 bit, last = 0;
	int i;

	full_load(&x1, u);
	p[1].x = x1;
	for (i = 254; i >= 0; i--) {
		bit = k[i / 8] >> (i % 8) & 1;
		ladder_step_adx(p, &x1, ct_hide((u64)0 - (bit ^ last)));
		last = bit;
	}
	full_store(&r->x, &p[0].x);
	full_store(&r->z, &p[0].z);
	memzero_explicit(p, sizeof(p));
	mhsm_pk_burn_stack();
}
#endif

static void multiply(u8 out[32], const u8 k[32], const u8 u[32])
{
	struct fe25519 x1;
	struct xz r;

	mhsm_fe25519_load(&x1, u);
#if MHSM_PK_ASM
	if (fe25519_has_adx())
		ladder_adx(&r, k, &x1);
	else
#endif
		ladder(&r, k, &x1);
	mhsm_fe25519_inv(&r.z, &r.z);
	fe_mul(&r.x, &r.x, &r.z);
	mhsm_fe25519_store(out, &r.x);
	memzero_explicit(&r, sizeof(r));
}

int mhsm_x25519_shared(u8 out[32], const u8 priv[32], const u8 pub[32])
{
	u8 k[32], shared[32];
	u64 zero;
	int ret = -EINVAL;
	int i;

	clamp_scalar(k, priv);
	multiply(shared, k, pub);
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
