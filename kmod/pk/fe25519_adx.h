/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integers modulo p = 2^255 - 19 in four full limbs, in assembler, for x86-64
 * processors with BMI2 and ADX: mulx leaves the flags alone, adcx and adox carry
 * through two chains at once. Sixteen products make one of two elements, where five
 * limbs of 51 bits take twenty-five, at the price of carries in additions.
 *
 * 2^256 is 38 modulo p, and 2^255 is 19, so what overflows comes back at the bottom times
 * one of these. Factors are any numbers below 2^256; products are "tight", below
 * 2^255 + 2^32, and so must be what is added and subtracted. All is constant time; a
 * result may be an operand.
 */
#ifndef MHSM_FE25519_ADX_H
#define MHSM_FE25519_ADX_H

#include "fe25519.h"

#if MHSM_PK_ASM

struct fe25519_full {
	u64 v[4];
};

/*
 * Whether the processor has the instructions. In a virtual machine cpuid takes as long
 * as many products, so that a user program asks it once.
 */
#ifdef MHSM_FE25519_FORCE_ADX
static inline int fe25519_has_adx(void)
{
	return 1;
}
#elif defined(__KERNEL__)
#include <asm/cpufeature.h>
static inline int fe25519_has_adx(void)
{
	return boot_cpu_has(X86_FEATURE_BMI2) && boot_cpu_has(X86_FEATURE_ADX);
}
#else
#include <cpuid.h>
static inline int fe25519_has_adx(void)
{
	static int known;
	unsigned int a, b, c, d;

	if (!known) {
		if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
			b = 0;
		known = (b & bit_BMI2) && (b & bit_ADX) ? 2 : 1;
	}
	return known == 2;
}
#endif

/* From limbs of 51 bits: the representative below p. */
static inline void full_load(struct fe25519_full *r, const struct fe25519 *a)
{
	u8 b[32];

	mhsm_fe25519_store(b, a);
	limb4_load_le(r->v, b);
	memzero_explicit(b, sizeof(b));
}

/* To limbs of 51 bits, tight there; the top bit goes back to the bottom as 19. */
static inline void full_store(struct fe25519 *r, const struct fe25519_full *a)
{
	fe_unpack(r, a->v);
	r->v[0] += (a->v[3] >> 63) * 19;
}

/* rdx times a limb of (rdi), added at two limbs; the flags' two chains go on. */
#define FULL_MAC(at, lo, hi)			\
	"mulxq	" at "(%%rdi), %%rax, %%rcx\n\t"	\
	"adcxq	%%rax, " lo "\n\t"		\
	"adoxq	%%rcx, " hi "\n\t"

/* One row: limb 'at' of (rsi) times (rdi), added at five limbs, the last of them new. */
#define FULL_ROW(at, t0, t1, t2, t3, t4, t4_low)	\
	"movq	" at "(%%rsi), %%rdx\n\t"	\
	"xorl	" t4_low ", " t4_low "\n\t"	\
	FULL_MAC("", t0, t1)			\
	FULL_MAC("8", t1, t2)			\
	FULL_MAC("16", t2, t3)			\
	FULL_MAC("24", t3, t4)			\
	"movl	$0, %%eax\n\t"			\
	"adcxq	%%rax, " t4 "\n\t"

/*
 * r8..r15 to four limbs: low + 38 high is below 39 * 2^256, so that the fifth limb is at
 * most 38.
 */
#define FULL_REDUCE				\
	"movl	$38, %%edx\n\t"			\
	"xorl	%%eax, %%eax\n\t"		\
	"mulxq	%%r12, %%rax, %%rcx\n\t"	\
	"adcxq	%%rax, %%r8\n\t"		\
	"adoxq	%%rcx, %%r9\n\t"		\
	"mulxq	%%r13, %%rax, %%rcx\n\t"	\
	"adcxq	%%rax, %%r9\n\t"		\
	"adoxq	%%rcx, %%r10\n\t"		\
	"mulxq	%%r14, %%rax, %%rcx\n\t"	\
	"adcxq	%%rax, %%r10\n\t"		\
	"adoxq	%%rcx, %%r11\n\t"		\
	"mulxq	%%r15, %%rax, %%r12\n\t"	\
	"adcxq	%%rax, %%r11\n\t"		\
	"movl	$0, %%eax\n\t"			\
	"adoxq	%%rax, %%r12\n\t"		\
	"adcxq	%%rax, %%r12\n\t"		\
	FULL_FOLD("%%r12")

/*
 * What is above 2^255, from a fifth limb of at most 2^26, back into four limbs, and these
 * to (rbx): below 2^255 + 19 * 2^27 + 19.
 */
#define FULL_FOLD(top)				\
	"shldq	$1, %%r11, " top "\n\t"		\
	"btrq	$63, %%r11\n\t"			\
	"imulq	$19, " top ", %%rdx\n\t"	\
	"addq	%%rdx, %%r8\n\t"		\
	"adcq	$0, %%r9\n\t"			\
	"adcq	$0, %%r10\n\t"			\
	"adcq	$0, %%r11\n\t"			\
	"movq	%%r8, (%%rbx)\n\t"		\
	"movq	%%r9, 8(%%rbx)\n\t"		\
	"movq	%%r10, 16(%%rbx)\n\t"		\
	"movq	%%r11, 24(%%rbx)\n\t"

#define FULL_CLOBBERS "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory"

static __always_inline void full_mul(struct fe25519_full *r, const struct fe25519_full *a,
				     const struct fe25519_full *b)
{
	__asm__ __volatile__(
		"movq	(%%rsi), %%rdx\n\t"
		"mulxq	(%%rdi), %%r8, %%r9\n\t"
		"mulxq	8(%%rdi), %%rax, %%r10\n\t"
		"addq	%%rax, %%r9\n\t"
		"mulxq	16(%%rdi), %%rax, %%r11\n\t"
		"adcq	%%rax, %%r10\n\t"
		"mulxq	24(%%rdi), %%rax, %%r12\n\t"
		"adcq	%%rax, %%r11\n\t"
		"adcq	$0, %%r12\n\t"
		FULL_ROW("8", "%%r9", "%%r10", "%%r11", "%%r12", "%%r13", "%%r13d")
		FULL_ROW("16", "%%r10", "%%r11", "%%r12", "%%r13", "%%r14", "%%r14d")
		FULL_ROW("24", "%%r11", "%%r12", "%%r13", "%%r14", "%%r15", "%%r15d")
		FULL_REDUCE
		: : "b"(r), "S"(a), "D"(b)
		: FULL_CLOBBERS, "r12", "r13", "r14", "r15");
}

/* The six mixed products, doubled in one chain while the other adds the squares. */
static __always_inline void full_sqr(struct fe25519_full *r, const struct fe25519_full *a)
{
	__asm__ __volatile__(
		"movq	(%%rsi), %%rdx\n\t"
		"mulxq	8(%%rsi), %%r9, %%r10\n\t"
		"mulxq	16(%%rsi), %%rax, %%r11\n\t"
		"addq	%%rax, %%r10\n\t"
		"mulxq	24(%%rsi), %%rax, %%r12\n\t"
		"adcq	%%rax, %%r11\n\t"
		"adcq	$0, %%r12\n\t"
		"movq	8(%%rsi), %%rdx\n\t"
		"xorl	%%r15d, %%r15d\n\t"
		"mulxq	16(%%rsi), %%rax, %%rcx\n\t"
		"adcxq	%%rax, %%r11\n\t"
		"adoxq	%%rcx, %%r12\n\t"
		"mulxq	24(%%rsi), %%rax, %%r13\n\t"
		"adcxq	%%rax, %%r12\n\t"
		"adoxq	%%r15, %%r13\n\t"
		"adcxq	%%r15, %%r13\n\t"
		"movq	16(%%rsi), %%rdx\n\t"
		"mulxq	24(%%rsi), %%rax, %%r14\n\t"
		"addq	%%rax, %%r13\n\t"
		"adcq	$0, %%r14\n\t"
		"movq	(%%rsi), %%rdx\n\t"
		"xorl	%%r15d, %%r15d\n\t"
		"mulxq	%%rdx, %%r8, %%rcx\n\t"
		"adcxq	%%r9, %%r9\n\t"
		"adoxq	%%rcx, %%r9\n\t"
		"movq	8(%%rsi), %%rdx\n\t"
		"mulxq	%%rdx, %%rax, %%rcx\n\t"
		"adcxq	%%r10, %%r10\n\t"
		"adoxq	%%rax, %%r10\n\t"
		"adcxq	%%r11, %%r11\n\t"
		"adoxq	%%rcx, %%r11\n\t"
		"movq	16(%%rsi), %%rdx\n\t"
		"mulxq	%%rdx, %%rax, %%rcx\n\t"
		"adcxq	%%r12, %%r12\n\t"
		"adoxq	%%rax, %%r12\n\t"
		"adcxq	%%r13, %%r13\n\t"
		"adoxq	%%rcx, %%r13\n\t"
		"movq	24(%%rsi), %%rdx\n\t"
		"mulxq	%%rdx, %%rax, %%rcx\n\t"
		"adcxq	%%r14, %%r14\n\t"
		"adoxq	%%rax, %%r14\n\t"
		"adcxq	%%r15, %%r15\n\t"
		"adoxq	%%rcx, %%r15\n\t"
		FULL_REDUCE
		: : "b"(r), "S"(a)
		: FULL_CLOBBERS, "r12", "r13", "r14", "r15");
}

/* r = a + c b for a c below 2^26 and any a, b below 2^256: the fifth limb fits the fold. */
static __always_inline void full_mac_small(struct fe25519_full *r, const struct fe25519_full *a,
					   const struct fe25519_full *b, u64 c)
{
	__asm__ __volatile__(
		"mulxq	(%%rdi), %%r8, %%r9\n\t"
		"mulxq	8(%%rdi), %%rax, %%r10\n\t"
		"addq	%%rax, %%r9\n\t"
		"mulxq	16(%%rdi), %%rax, %%r11\n\t"
		"adcq	%%rax, %%r10\n\t"
		"mulxq	24(%%rdi), %%rax, %%rcx\n\t"
		"adcq	%%rax, %%r11\n\t"
		"adcq	$0, %%rcx\n\t"
		"addq	(%%rsi), %%r8\n\t"
		"adcq	8(%%rsi), %%r9\n\t"
		"adcq	16(%%rsi), %%r10\n\t"
		"adcq	24(%%rsi), %%r11\n\t"
		"adcq	$0, %%rcx\n\t"
		FULL_FOLD("%%rcx")
		: "+d"(c) : "b"(r), "S"(a), "D"(b)
		: "rax", "rcx", "r8", "r9", "r10", "r11", "cc", "memory");
}

/*
 * A carry is 38 more. What is left besides is below 2^33: it takes the 38 in its lowest
 * limb. The result is below 2^256, not tight.
 */
static __always_inline void full_add(struct fe25519_full *r, const struct fe25519_full *a,
				     const struct fe25519_full *b)
{
	u64 r0 = a->v[0], r1 = a->v[1], r2 = a->v[2], r3 = a->v[3], c;

	__asm__("addq	%5, %0\n\t"
		"adcq	%6, %1\n\t"
		"adcq	%7, %2\n\t"
		"adcq	%8, %3\n\t"
		"sbbq	%4, %4\n\t"
		"andl	$38, %k4\n\t"
		"addq	%4, %0"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "=&r"(c)
		: "rm"(b->v[0]), "rm"(b->v[1]), "rm"(b->v[2]), "rm"(b->v[3])
		: "cc");
	r->v[0] = r0;
	r->v[1] = r1;
	r->v[2] = r2;
	r->v[3] = r3;
}

/*
 * A borrow is 38 less. It leaves 2^256 - b or more, so more than 2^254, which does not
 * borrow again. The result is below 2^256, not tight.
 */
static __always_inline void full_sub(struct fe25519_full *r, const struct fe25519_full *a,
				     const struct fe25519_full *b)
{
	u64 r0 = a->v[0], r1 = a->v[1], r2 = a->v[2], r3 = a->v[3], c;

	__asm__("subq	%5, %0\n\t"
		"sbbq	%6, %1\n\t"
		"sbbq	%7, %2\n\t"
		"sbbq	%8, %3\n\t"
		"sbbq	%4, %4\n\t"
		"andl	$38, %k4\n\t"
		"subq	%4, %0\n\t"
		"sbbq	$0, %1\n\t"
		"sbbq	$0, %2\n\t"
		"sbbq	$0, %3"
		: "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "=&r"(c)
		: "rm"(b->v[0]), "rm"(b->v[1]), "rm"(b->v[2]), "rm"(b->v[3])
		: "cc");
	r->v[0] = r0;
	r->v[1] = r1;
	r->v[2] = r2;
	r->v[3] = r3;
}

#endif
#endif
