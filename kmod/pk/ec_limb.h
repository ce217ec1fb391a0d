/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of EC_LIMBS limbs, least significant first.
 *
 * The ec_*.h headers are the parts that P-256, P-384, P-521 and secp256k1
 * have in common. They are included once, in this order, by one source per curve:
 *
 *	ec_limb.h	numbers
 *	<curve>_fe.h	the curve's field: struct ec_fe and fe_*()
 *	ec_inv.h	inversion
 *	ec_sc.h		scalars, modulo the order
 *	ec_pt.h		points
 *	<curve>_table.h	multiples of the base point
 *	ec_mul.h	scalar multiplication
 *	ec_api.h	the functions that the curve's header declares
 *
 * <curve>_fe.h is first, and defines for the rest:
 *
 *	EC_BITS		the length of the order and of the prime, in bits
 *	EC_BYTES	the same in bytes
 *	EC_LIMBS	the same in limbs
 *	EC_P, EC_N	prime and order, as initialisers of EC_LIMBS limbs
 *	EC_P_NEG_INV	-1 / p mod 2^64
 *	EC_N_NEG_INV	-1 / n mod 2^64
 *	EC_N_RR		2^(128 * EC_LIMBS) mod n, an initialiser
 *	EC_B		the curve's b as a field element, an initialiser
 *	EC_FE_ONE	1, likewise
 *	EC_A_IS_ZERO	1 for a = 0, 0 for a = -3
 *	EC_BASE_GROUPS	see ec_pt.h
 *	EC_API(name)	the name of a public function
 *
 * Everything is static, so that four curves can have the same names and the
 * compiler can adapt each function to its curve. All of it is constant time,
 * except where a comment says otherwise.
 */
#ifndef MHSM_EC_LIMB_H
#define MHSM_EC_LIMB_H

#include "pk_limb.h"

/* Loops over limbs are to be straight code: gcc leaves them alone at -O2. */
#if defined(__CHECKER__)
#define EC_UNROLL()
#elif defined(__clang__)
#define EC_UNROLL() _Pragma("unroll")
#else
#define EC_UNROLL() _Pragma("GCC unroll 16")
#endif

/* r += a; returns the carry, 0 or 1. */
static __always_inline u64 num_add(u64 r[EC_LIMBS], const u64 a[EC_LIMBS])
{
	u64 c = 0;
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < EC_LIMBS; i++)
		r[i] = limb_adc(r[i], a[i], &c);
	return c;
}

/* r -= a; returns a mask: all ones if it borrowed. */
static __always_inline u64 num_sub(u64 r[EC_LIMBS], const u64 a[EC_LIMBS])
{
	u64 c = 0;
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < EC_LIMBS; i++)
		r[i] = limb_sbb(r[i], a[i], &c);
	return ct_hide((u64)0 - c);
}

/* r = mask ? a : r */
static __always_inline void num_cmov(u64 r[EC_LIMBS], const u64 a[EC_LIMBS], u64 mask)
{
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < EC_LIMBS; i++)
		r[i] = ct_select(mask, a[i], r[i]);
}

/* r = t - m if that is not negative, else t; t has a further limb 'top', t < 2m. */
static __always_inline void num_reduce_once(u64 r[EC_LIMBS], const u64 t[EC_LIMBS],
					    u64 top, const u64 m[EC_LIMBS])
{
	u64 d[EC_LIMBS], c = 0, keep;
	unsigned int i;

	EC_UNROLL()
	for (i = 0; i < EC_LIMBS; i++)
		d[i] = limb_sbb(t[i], m[i], &c);
	limb_sbb(top, 0, &c);
	keep = ct_hide((u64)0 - c);
	EC_UNROLL()
	for (i = 0; i < EC_LIMBS; i++)
		r[i] = ct_select(keep, t[i], d[i]);
}

/* All ones if a == 0. */
static __always_inline u64 num_is_zero(const u64 a[EC_LIMBS])
{
	u64 x = 0;
	unsigned int i;

	for (i = 0; i < EC_LIMBS; i++)
		x |= a[i];
	return ct_is_zero(x);
}

/* All ones if a < m. */
static __always_inline u64 num_is_less(const u64 a[EC_LIMBS], const u64 m[EC_LIMBS])
{
	u64 t[EC_LIMBS];

	memcpy(t, a, sizeof(t));
	return num_sub(t, m);
}

/* Reads EC_BYTES big-endian bytes. */
static void num_load(u64 r[EC_LIMBS], const u8 b[EC_BYTES])
{
	unsigned int i;

	memset(r, 0, EC_LIMBS * sizeof(*r));
	for (i = 0; i < EC_BYTES; i++)
		r[i / 8] |= (u64)b[EC_BYTES - 1 - i] << (i % 8 * 8);
}

/* Writes EC_BYTES big-endian bytes. */
static void num_store(u8 b[EC_BYTES], const u64 a[EC_LIMBS])
{
	unsigned int i;

	for (i = 0; i < EC_BYTES; i++)
		b[EC_BYTES - 1 - i] = (u8)(a[i / 8] >> (i % 8 * 8));
}

#endif
