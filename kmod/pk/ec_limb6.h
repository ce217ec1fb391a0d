/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Six limbs: what pk_limb.h has for four, for P-384. The carry chains are a few
 * lines of assembler on x86-64 for the reason given there, and C elsewhere.
 */
#ifndef MHSM_EC_LIMB6_H
#define MHSM_EC_LIMB6_H

#include "pk_limb.h"

/* (c2, c1, c0) += a * b, three limbs that do not overflow */
static __always_inline void limb_acc3(u64 *c0, u64 *c1, u64 *c2, u64 a, u64 b)
{
	mhsm_u128 x = (mhsm_u128)a * b;
	u64 lo = (u64)x, hi = (u64)(x >> 64);

#if MHSM_PK_ASM
	__asm__("addq	%3, %0\n\t"
		"adcq	%4, %1\n\t"
		"adcq	$0, %2"
		: "+&r"(*c0), "+&r"(*c1), "+&r"(*c2)
		: "r"(lo), "r"(hi)
		: "cc");
#else
	u64 c = 0;

	*c0 = limb_adc(*c0, lo, &c);
	*c1 = limb_adc(*c1, hi, &c);
	*c2 += c;
#endif
}

/* r += a + c, with c in {0, 1}; returns the carry, 0 or 1. */
static __always_inline u64 limb6_add_carry(u64 r[6], const u64 a[6], u64 c)
{
#if MHSM_PK_ASM
	u64 r0 = r[0], r1 = r[1], r2 = r[2], r3 = r[3], r4 = r[4], r5 = r[5];

	/* adding -1 to c makes it the carry flag; mov leaves that alone */
	__asm__("addq	$-1, %6\n\t"
		"adcq	%7, %0\n\t"
		"adcq	%8, %1\n\t"
		"adcq	%9, %2\n\t"
		"adcq	%10, %3\n\t"
		"adcq	%11, %4\n\t"
		"adcq	%12, %5\n\t"
		"movl	$0, %k6\n\t"
		"adcq	$0, %6"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(r4), "+&r"(r5),
		  "+&r"(c)
		: "rm"(a[0]), "rm"(a[1]), "rm"(a[2]), "rm"(a[3]), "rm"(a[4]), "rm"(a[5])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
	r[4] = r4;
	r[5] = r5;
#else
	unsigned int i;

	for (i = 0; i < 6; i++)
		r[i] = limb_adc(r[i], a[i], &c);
#endif
	return c;
}

/* r += a; returns the carry, 0 or 1. */
static __always_inline u64 limb6_add(u64 r[6], const u64 a[6])
{
	return limb6_add_carry(r, a, 0);
}

/* r -= a; returns a mask: all ones if it borrowed. */
static __always_inline u64 limb6_sub(u64 r[6], const u64 a[6])
{
#if MHSM_PK_ASM
	u64 r0 = r[0], r1 = r[1], r2 = r[2], r3 = r[3], r4 = r[4], r5 = r[5], c;

	__asm__("subq	%7, %0\n\t"
		"sbbq	%8, %1\n\t"
		"sbbq	%9, %2\n\t"
		"sbbq	%10, %3\n\t"
		"sbbq	%11, %4\n\t"
		"sbbq	%12, %5\n\t"
		"sbbq	%6, %6"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(r4), "+&r"(r5),
		  "=&r"(c)
		: "rm"(a[0]), "rm"(a[1]), "rm"(a[2]), "rm"(a[3]), "rm"(a[4]), "rm"(a[5])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
	r[4] = r4;
	r[5] = r5;
	return c;
#else
	u64 c = 0;
	unsigned int i;

	for (i = 0; i < 6; i++)
		r[i] = limb_sbb(r[i], a[i], &c);
	return ct_hide((u64)0 - c);
#endif
}

/* r = t - m if that is not negative, else t; t has a seventh limb 'top', t < 2m. */
static __always_inline void limb6_reduce_once(u64 r[6], const u64 t[6], u64 top,
					      const u64 m[6])
{
#if MHSM_PK_ASM
	u64 r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3], r4 = t[4], r5 = t[5];

	__asm__("subq	%13, %0\n\t"
		"sbbq	%14, %1\n\t"
		"sbbq	%15, %2\n\t"
		"sbbq	%16, %3\n\t"
		"sbbq	%17, %4\n\t"
		"sbbq	%18, %5\n\t"
		"sbbq	$0, %6\n\t"
		"cmovcq	%7, %0\n\t"
		"cmovcq	%8, %1\n\t"
		"cmovcq	%9, %2\n\t"
		"cmovcq	%10, %3\n\t"
		"cmovcq	%11, %4\n\t"
		"cmovcq	%12, %5"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(r4), "+&r"(r5),
		  "+&r"(top)
		: "m"(t[0]), "m"(t[1]), "m"(t[2]), "m"(t[3]), "m"(t[4]), "m"(t[5]),
		  "me"(m[0]), "me"(m[1]), "me"(m[2]), "me"(m[3]), "me"(m[4]), "me"(m[5])
		: "cc");
	r[0] = r0;
	r[1] = r1;
	r[2] = r2;
	r[3] = r3;
	r[4] = r4;
	r[5] = r5;
#else
	u64 d[6], c = 0, keep;
	unsigned int i;

	for (i = 0; i < 6; i++)
		d[i] = limb_sbb(t[i], m[i], &c);
	limb_sbb(top, 0, &c);
	keep = ct_hide((u64)0 - c);
	for (i = 0; i < 6; i++)
		r[i] = ct_select(keep, t[i], d[i]);
#endif
}

#endif
