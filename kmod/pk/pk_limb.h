/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 64-bit limbs: multiply-accumulate, carry chains, masks, byte order.
 *
 * Everything here runs in constant time: no branch and no address depends on a
 * value. Masks are all zeros or all ones.
 *
 * gcc turns a 128-bit sum of 64-bit values into many more instructions than the
 * carry flag needs, which costs half of the speed of a field multiplication. On
 * x86-64 the four-limb chains are therefore a few lines of assembler; elsewhere,
 * and with MHSM_PK_NO_ASM defined (as the tests also build it), they are C.
 */
#ifndef MHSM_PK_LIMB_H
#define MHSM_PK_LIMB_H

#include "pk_env.h"

#if defined(__x86_64__) && !defined(MHSM_PK_NO_ASM) && !defined(__CHECKER__)
#define MHSM_PK_ASM 1
#else
#define MHSM_PK_ASM 0
#endif

/* Hides from the compiler that x is a mask, so that it cannot make a branch of it. */
static __always_inline u64 ct_hide(u64 x)
{
	__asm__("" : "+r"(x));
	return x;
}

/* All ones if x == 0. */
static __always_inline u64 ct_is_zero(u64 x)
{
	return ct_hide((u64)0 - ((~x & (x - 1)) >> 63));
}

/* All ones if a == b. */
static __always_inline u64 ct_eq(u64 a, u64 b)
{
	return ct_is_zero(a ^ b);
}

/* mask ? a : b */
static __always_inline u64 ct_select(u64 mask, u64 a, u64 b)
{
	return b ^ (mask & (a ^ b));
}

/* t + a * b: returns the low limb, *carry is the high one. Cannot overflow. */
static __always_inline u64 limb_mac0(u64 t, u64 a, u64 b, u64 *carry)
{
	mhsm_u128 x = (mhsm_u128)a * b;
	u64 lo = (u64)x, hi = (u64)(x >> 64);

	lo += t;
	hi += lo < t;
	*carry = hi;
	return lo;
}

/* t + a * b + *carry: returns the low limb, *carry the high one. Cannot overflow. */
static __always_inline u64 limb_mac(u64 t, u64 a, u64 b, u64 *carry)
{
	mhsm_u128 x = (mhsm_u128)a * b;
	u64 lo = (u64)x, hi = (u64)(x >> 64), c = *carry;

	lo += t;
	hi += lo < t;
	lo += c;
	hi += lo < c;
	*carry = hi;
	return lo;
}

/* a + b + *carry with *carry in {0, 1} before and after. */
static __always_inline u64 limb_adc(u64 a, u64 b, u64 *carry)
{
	u64 s = a + b, c = s < a;

	s += *carry;
	c |= s < *carry;
	*carry = c;
	return s;
}

/* a - b - *borrow with *borrow in {0, 1} before and after. */
static __always_inline u64 limb_sbb(u64 a, u64 b, u64 *borrow)
{
	u64 d = a - b, c = a < b;

	c |= d < *borrow;
	d -= *borrow;
	*borrow = c;
	return d;
}

/* r += a over four limbs; returns the carry, 0 or 1. */
static __always_inline u64 limb4_add(u64 r[4], const u64 a[4])
{
	u64 c = 0;

#if MHSM_PK_ASM
	u64 r0 = r[0], r1 = r[1], r2 = r[2], r3 = r[3];

	__asm__("addq	%5, %0\n\t"
		"adcq	%6, %1\n\t"
		"adcq	%7, %2\n\t"
		"adcq	%8, %3\n\t"
		"adcq	$0, %4"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(c)
		: "rm"(a[0]), "rm"(a[1]), "rm"(a[2]), "rm"(a[3])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
#else
	r[0] = limb_adc(r[0], a[0], &c);
	r[1] = limb_adc(r[1], a[1], &c);
	r[2] = limb_adc(r[2], a[2], &c);
	r[3] = limb_adc(r[3], a[3], &c);
#endif
	return c;
}

/* r -= a over four limbs; returns a mask: all ones if it borrowed. */
static __always_inline u64 limb4_sub(u64 r[4], const u64 a[4])
{
#if MHSM_PK_ASM
	u64 r0 = r[0], r1 = r[1], r2 = r[2], r3 = r[3], c;

	__asm__("subq	%5, %0\n\t"
		"sbbq	%6, %1\n\t"
		"sbbq	%7, %2\n\t"
		"sbbq	%8, %3\n\t"
		"sbbq	%4, %4"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "=&r"(c)
		: "rm"(a[0]), "rm"(a[1]), "rm"(a[2]), "rm"(a[3])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
	return c;
#else
	u64 c = 0;

	r[0] = limb_sbb(r[0], a[0], &c);
	r[1] = limb_sbb(r[1], a[1], &c);
	r[2] = limb_sbb(r[2], a[2], &c);
	r[3] = limb_sbb(r[3], a[3], &c);
	return ct_hide((u64)0 - c);
#endif
}

/*
 * r = t - m if that is not negative, else t, where t has a fifth limb 'top' and
 * t < 2m.
 */
static __always_inline void limb4_reduce_once(u64 r[4], const u64 t[4], u64 top,
				     const u64 m[4])
{
#if MHSM_PK_ASM
	u64 r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3];

	__asm__("subq	%9, %0\n\t"
		"sbbq	%10, %1\n\t"
		"sbbq	%11, %2\n\t"
		"sbbq	%12, %3\n\t"
		"sbbq	$0, %4\n\t"
		"cmovcq	%5, %0\n\t"
		"cmovcq	%6, %1\n\t"
		"cmovcq	%7, %2\n\t"
		"cmovcq	%8, %3"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(top)
		: "rm"(t[0]), "rm"(t[1]), "rm"(t[2]), "rm"(t[3]),
		  "rme"(m[0]), "rme"(m[1]), "rme"(m[2]), "rme"(m[3])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
#else
	u64 d[4], c = 0, keep;

	d[0] = limb_sbb(t[0], m[0], &c);
	d[1] = limb_sbb(t[1], m[1], &c);
	d[2] = limb_sbb(t[2], m[2], &c);
	d[3] = limb_sbb(t[3], m[3], &c);
	limb_sbb(top, 0, &c);
	keep = ct_hide((u64)0 - c);
	r[0] = ct_select(keep, t[0], d[0]);
	r[1] = ct_select(keep, t[1], d[1]);
	r[2] = ct_select(keep, t[2], d[2]);
	r[3] = ct_select(keep, t[3], d[3]);
#endif
}

/* r = mask ? a : r */
static __always_inline void limb4_cmov(u64 r[4], const u64 a[4], u64 mask)
{
	r[0] = ct_select(mask, a[0], r[0]);
	r[1] = ct_select(mask, a[1], r[1]);
	r[2] = ct_select(mask, a[2], r[2]);
	r[3] = ct_select(mask, a[3], r[3]);
}

/* All ones if a == 0. */
static __always_inline u64 limb4_is_zero(const u64 a[4])
{
	return ct_is_zero(a[0] | a[1] | a[2] | a[3]);
}

/* All ones if a < m. */
static __always_inline u64 limb4_is_less(const u64 a[4], const u64 m[4])
{
	u64 t[4] = { a[0], a[1], a[2], a[3] };

	return limb4_sub(t, m);
}

/* The full product of two four-limb numbers. */
static __always_inline void limb4_mul(u64 t[8], const u64 a[4], const u64 b[4])
{
	u64 c;

	t[0] = limb_mac0(0, a[0], b[0], &c);
	t[1] = limb_mac0(c, a[1], b[0], &c);
	t[2] = limb_mac0(c, a[2], b[0], &c);
	t[3] = limb_mac0(c, a[3], b[0], &t[4]);

	t[1] = limb_mac0(t[1], a[0], b[1], &c);
	t[2] = limb_mac(t[2], a[1], b[1], &c);
	t[3] = limb_mac(t[3], a[2], b[1], &c);
	t[4] = limb_mac(t[4], a[3], b[1], &c);
	t[5] = c;

	t[2] = limb_mac0(t[2], a[0], b[2], &c);
	t[3] = limb_mac(t[3], a[1], b[2], &c);
	t[4] = limb_mac(t[4], a[2], b[2], &c);
	t[5] = limb_mac(t[5], a[3], b[2], &c);
	t[6] = c;

	t[3] = limb_mac0(t[3], a[0], b[3], &c);
	t[4] = limb_mac(t[4], a[1], b[3], &c);
	t[5] = limb_mac(t[5], a[2], b[3], &c);
	t[6] = limb_mac(t[6], a[3], b[3], &c);
	t[7] = c;
}

/* The full square: the six mixed products once, doubled, then the squares. */
static __always_inline void limb4_sqr(u64 t[8], const u64 a[4])
{
	u64 s0, s1, s2, s3, s4, s5, s6, s7, c;

	t[1] = limb_mac0(0, a[0], a[1], &c);
	t[2] = limb_mac0(c, a[0], a[2], &c);
	t[3] = limb_mac0(c, a[0], a[3], &t[4]);
	t[3] = limb_mac0(t[3], a[1], a[2], &c);
	t[4] = limb_mac(t[4], a[1], a[3], &c);
	t[5] = limb_mac0(c, a[2], a[3], &t[6]);

	t[7] = t[6] >> 63;
	t[6] = t[6] << 1 | t[5] >> 63;
	t[5] = t[5] << 1 | t[4] >> 63;
	t[4] = t[4] << 1 | t[3] >> 63;
	t[3] = t[3] << 1 | t[2] >> 63;
	t[2] = t[2] << 1 | t[1] >> 63;
	t[1] = t[1] << 1;

	s0 = limb_mac0(0, a[0], a[0], &s1);
	s2 = limb_mac0(0, a[1], a[1], &s3);
	s4 = limb_mac0(0, a[2], a[2], &s5);
	s6 = limb_mac0(0, a[3], a[3], &s7);
	t[0] = s0;
#if MHSM_PK_ASM
	__asm__("addq	%7, %0\n\t"
		"adcq	%8, %1\n\t"
		"adcq	%9, %2\n\t"
		"adcq	%10, %3\n\t"
		"adcq	%11, %4\n\t"
		"adcq	%12, %5\n\t"
		"adcq	%13, %6"
		: "+&r"(t[1]), "+&r"(t[2]), "+&r"(t[3]), "+&r"(t[4]),
		  "+&r"(t[5]), "+&r"(t[6]), "+&r"(t[7])
		: "rm"(s1), "rm"(s2), "rm"(s3), "rm"(s4), "rm"(s5), "rm"(s6),
		  "rm"(s7)
		: "cc");
#else
	c = 0;
	t[1] = limb_adc(t[1], s1, &c);
	t[2] = limb_adc(t[2], s2, &c);
	t[3] = limb_adc(t[3], s3, &c);
	t[4] = limb_adc(t[4], s4, &c);
	t[5] = limb_adc(t[5], s5, &c);
	t[6] = limb_adc(t[6], s6, &c);
	t[7] = limb_adc(t[7], s7, &c);
#endif
}

/* Eight big-endian bytes to a limb; b need not be aligned. */
static __always_inline u64 limb_load_be(const u8 *b)
{
	return (u64)b[0] << 56 | (u64)b[1] << 48 | (u64)b[2] << 40 |
	       (u64)b[3] << 32 | (u64)b[4] << 24 | (u64)b[5] << 16 |
	       (u64)b[6] << 8 | b[7];
}

#endif
