/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Products of eight limbs by eight, which longer ones are made of. For mont.c.
 *
 * Each step exists in C and, for x86-64 processors that have BMI2 and ADX, in
 * assembler: mulx leaves the flags alone, and adcx and adox carry through
 * different ones, so that the low and the high halves of the partial products are
 * added in two chains at once, with the eight limbs that are being added to kept
 * in registers. A compiler makes neither of these.
 *
 * The registers are named because all fourteen are needed.
 */
#ifndef MHSM_MONT_BLOCK_H
#define MHSM_MONT_BLOCK_H

#include "mont.h"

#if MHSM_PK_ASM

/* Two of a kind is half of the work: "low half into A, high half into B". */
#define MULX_ADD(src, a, b)					\
	"mulxq	" src ", %%rax, %%rcx\n\t"			\
	"adcxq	%%rax, " a "\n\t"				\
	"adoxq	%%rcx, " b "\n\t"

/*
 * The same for the last limb of a row: its high half begins B. A zero in memory
 * leaves the units that add to the others.
 */
#define MULX_END(src, a, b)					\
	"mulxq	" src ", %%rax, " b "\n\t"			\
	"adcxq	%%rax, " a "\n\t"				\
	"adcxq	%[zero], " b "\n\t"				\
	"adoxq	%[zero], " b "\n\t"

static const u64 mont_zero;

/* (a0..a7) += rdx * (%rsi)[0..7]; 'done' is what to do with the lowest limb, final. */
#define ROW8(done, a0, a1, a2, a3, a4, a5, a6, a7)		\
	MULX_ADD("(%%rsi)", a0, a1)				\
	done							\
	MULX_ADD("8(%%rsi)", a1, a2)				\
	MULX_ADD("16(%%rsi)", a2, a3)				\
	MULX_ADD("24(%%rsi)", a3, a4)				\
	MULX_ADD("32(%%rsi)", a4, a5)				\
	MULX_ADD("40(%%rsi)", a5, a6)				\
	MULX_ADD("48(%%rsi)", a6, a7)				\
	MULX_END("56(%%rsi)", a7, a0)

#define STORE_LOWEST(at, a0) "movq	" a0 ", " at "(%%rdi)\n\t"

/* A row of a product: by b[at / 8]. */
#define MUL_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	"movq	64+" at "(%%rbx), %%rdx\n\t"			\
	"xorl	%%eax, %%eax\n\t"				\
	ROW8(STORE_LOWEST(at, a0), a0, a1, a2, a3, a4, a5, a6, a7)

/* The same, and t[at / 8] is added. */
#define ADD_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	"movq	64+" at "(%%rbx), %%rdx\n\t"			\
	"xorl	%%eax, %%eax\n\t"				\
	"adoxq	" at "(%%rdi), " a0 "\n\t"			\
	ROW8(STORE_LOWEST(at, a0), a0, a1, a2, a3, a4, a5, a6, a7)

/* A row of a reduction: by what makes the lowest limb 0, which is kept in b. */
#define RED_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	"movq	" a0 ", %%rdx\n\t"				\
	"imulq	128(%%rbx), %%rdx\n\t"				\
	"movq	%%rdx, 64+" at "(%%rbx)\n\t"			\
	"xorl	%%eax, %%eax\n\t"				\
	ROW8("", a0, a1, a2, a3, a4, a5, a6, a7)

#define R8 "%%r8"
#define R9 "%%r9"
#define R10 "%%r10"
#define R11 "%%r11"
#define R12 "%%r12"
#define R13 "%%r13"
#define R14 "%%r14"
#define R15 "%%r15"

/* Eight rows; the limb that one row finishes becomes the top one of the next. */
#define ROWS(ROW)						\
	ROW("0", R8, R9, R10, R11, R12, R13, R14, R15)		\
	ROW("8", R9, R10, R11, R12, R13, R14, R15, R8)		\
	ROW("16", R10, R11, R12, R13, R14, R15, R8, R9)		\
	ROW("24", R11, R12, R13, R14, R15, R8, R9, R10)		\
	ROW("32", R12, R13, R14, R15, R8, R9, R10, R11)		\
	ROW("40", R13, R14, R15, R8, R9, R10, R11, R12)		\
	ROW("48", R14, R15, R8, R9, R10, R11, R12, R13)		\
	ROW("56", R15, R8, R9, R10, R11, R12, R13, R14)

#define LOAD8(base)						\
	"movq	" base ", %%r8\n\t"				\
	"movq	8+" base ", %%r9\n\t"				\
	"movq	16+" base ", %%r10\n\t"				\
	"movq	24+" base ", %%r11\n\t"				\
	"movq	32+" base ", %%r12\n\t"				\
	"movq	40+" base ", %%r13\n\t"				\
	"movq	48+" base ", %%r14\n\t"				\
	"movq	56+" base ", %%r15\n\t"

#define STORE8(base)						\
	"movq	%%r8, " base "\n\t"				\
	"movq	%%r9, 8+" base "\n\t"				\
	"movq	%%r10, 16+" base "\n\t"				\
	"movq	%%r11, 24+" base "\n\t"				\
	"movq	%%r12, 32+" base "\n\t"				\
	"movq	%%r13, 40+" base "\n\t"				\
	"movq	%%r14, 48+" base "\n\t"				\
	"movq	%%r15, 56+" base "\n\t"

#define CLOBBERS "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",	\
		 "r14", "r15", "cc", "memory"

static __always_inline void begin8_adx(struct mhsm_mont_work *w, u64 *t, const u64 *a)
{
	__asm__ __volatile__(LOAD8("0(%%rdi)") ROWS(MUL_ROW) STORE8("0(%%rbx)")
			     : : "b"(w), "D"(t), "S"(a), [zero] "m"(mont_zero) : CLOBBERS);
}

static __always_inline void mul8_adx(struct mhsm_mont_work *w, u64 *t, const u64 *a)
{
	__asm__ __volatile__(LOAD8("0(%%rbx)") ROWS(ADD_ROW) STORE8("0(%%rbx)")
			     : : "b"(w), "D"(t), "S"(a), [zero] "m"(mont_zero) : CLOBBERS);
}

static __always_inline void reduce8_adx(struct mhsm_mont_work *w, const u64 *t, const u64 *n)
{
	__asm__ __volatile__(LOAD8("0(%%rdi)") ROWS(RED_ROW) STORE8("0(%%rbx)")
			     : : "b"(w), "D"(t), "S"(n), [zero] "m"(mont_zero) : CLOBBERS);
}

/*
 * The products of different limbs of a, each once. The limb of weight k is kept in
 * register 8 + (k - 1) % 8; row i adds a[i] * a[i + 1..7] and finishes two limbs.
 */
static __always_inline void cross8_adx(u64 *t, const u64 *a)
{
	__asm__ __volatile__(
		"movq	(%%rsi), %%rdx\n\t"
		"mulxq	8(%%rsi), %%r8, %%r9\n\t"
		"mulxq	16(%%rsi), %%rax, %%r10\n\t"
		"addq	%%rax, %%r9\n\t"
		"mulxq	24(%%rsi), %%rax, %%r11\n\t"
		"adcq	%%rax, %%r10\n\t"
		"mulxq	32(%%rsi), %%rax, %%r12\n\t"
		"adcq	%%rax, %%r11\n\t"
		"mulxq	40(%%rsi), %%rax, %%r13\n\t"
		"adcq	%%rax, %%r12\n\t"
		"mulxq	48(%%rsi), %%rax, %%r14\n\t"
		"adcq	%%rax, %%r13\n\t"
		"mulxq	56(%%rsi), %%rax, %%r15\n\t"
		"adcq	%%rax, %%r14\n\t"
		"adcq	$0, %%r15\n\t"
		"movq	$0, (%%rdi)\n\t"
		"movq	%%r8, 8(%%rdi)\n\t"
		"movq	%%r9, 16(%%rdi)\n\t"

		"movq	8(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_ADD("16(%%rsi)", R10, R11)
		MULX_ADD("24(%%rsi)", R11, R12)
		MULX_ADD("32(%%rsi)", R12, R13)
		MULX_ADD("40(%%rsi)", R13, R14)
		MULX_ADD("48(%%rsi)", R14, R15)
		MULX_END("56(%%rsi)", R15, R8)
		"movq	%%r10, 24(%%rdi)\n\t"
		"movq	%%r11, 32(%%rdi)\n\t"

		"movq	16(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_ADD("24(%%rsi)", R12, R13)
		MULX_ADD("32(%%rsi)", R13, R14)
		MULX_ADD("40(%%rsi)", R14, R15)
		MULX_ADD("48(%%rsi)", R15, R8)
		MULX_END("56(%%rsi)", R8, R9)
		"movq	%%r12, 40(%%rdi)\n\t"
		"movq	%%r13, 48(%%rdi)\n\t"

		"movq	24(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_ADD("32(%%rsi)", R14, R15)
		MULX_ADD("40(%%rsi)", R15, R8)
		MULX_ADD("48(%%rsi)", R8, R9)
		MULX_END("56(%%rsi)", R9, R10)
		"movq	%%r14, 56(%%rdi)\n\t"
		"movq	%%r15, 64(%%rdi)\n\t"

		"movq	32(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_ADD("40(%%rsi)", R8, R9)
		MULX_ADD("48(%%rsi)", R9, R10)
		MULX_END("56(%%rsi)", R10, R11)
		"movq	%%r8, 72(%%rdi)\n\t"
		"movq	%%r9, 80(%%rdi)\n\t"

		"movq	40(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_ADD("48(%%rsi)", R10, R11)
		MULX_END("56(%%rsi)", R11, R12)
		"movq	%%r10, 88(%%rdi)\n\t"
		"movq	%%r11, 96(%%rdi)\n\t"

		"movq	48(%%rsi), %%rdx\n\t"
		"xorl	%%eax, %%eax\n\t"
		MULX_END("56(%%rsi)", R12, R13)
		"movq	%%r12, 104(%%rdi)\n\t"
		"movq	%%r13, 112(%%rdi)\n\t"
		"movq	$0, 120(%%rdi)\n\t"
		: : "D"(t), "S"(a), [zero] "m"(mont_zero) : CLOBBERS);
}

#define DOUBLE_ADD(at, low, high)				\
	"movq	" at "(%%rsi), %%rdx\n\t"			\
	"mulxq	%%rdx, %%rax, %%rcx\n\t"			\
	"movq	" low "(%%rdi), %%r10\n\t"			\
	"movq	" high "(%%rdi), %%r11\n\t"			\
	"adcxq	%%r10, %%r10\n\t"				\
	"adoxq	%%rax, %%r10\n\t"				\
	"adcxq	%%r11, %%r11\n\t"				\
	"adoxq	%%rcx, %%r11\n\t"				\
	"movq	%%r10, " low "(%%rdi)\n\t"			\
	"movq	%%r11, " high "(%%rdi)\n\t"

#define SUB_STORE(at, x)					\
	"movq	" at "(%%rsi), %%rax\n\t"			\
	"sbbq	" x ", %%rax\n\t"				\
	"movq	%%rax, " at "(%%rdi)\n\t"

static __always_inline void square8_adx(u64 *t, const u64 *a, u64 carry[2])
{
	u64 c = carry[0], o = carry[1];

	/* -1 + carry sets the flag that the carry came from */
	__asm__ __volatile__(
		"xorl	%%eax, %%eax\n\t"
		"movq	$-1, %%rcx\n\t"
		"adcxq	%%rcx, %0\n\t"
		"adoxq	%%rcx, %1\n\t"
		DOUBLE_ADD("0", "0", "8")
		DOUBLE_ADD("8", "16", "24")
		DOUBLE_ADD("16", "32", "40")
		DOUBLE_ADD("24", "48", "56")
		DOUBLE_ADD("32", "64", "72")
		DOUBLE_ADD("40", "80", "88")
		DOUBLE_ADD("48", "96", "104")
		DOUBLE_ADD("56", "112", "120")
		"movl	$0, %k0\n\t"
		"movl	$0, %k1\n\t"
		"movl	$0, %%eax\n\t"
		"adcxq	%%rax, %0\n\t"
		"adoxq	%%rax, %1\n\t"
		: "+&r"(c), "+&r"(o) : "D"(t), "S"(a)
		: "rax", "rcx", "rdx", "r10", "r11", "cc", "memory");
	carry[0] = c;
	carry[1] = o;
}

/* r[0..7] = t[0..7] - (n[0..7] & mask) - borrow; returns the borrow. */
static __always_inline u64 sub8(u64 *r, const u64 *t, const u64 *n, u64 mask, u64 borrow)
{
	__asm__ __volatile__(
		"movq	%%rdx, %%r8\n\t"
		"andq	(%%rcx), %%r8\n\t"
		"movq	%%rdx, %%r9\n\t"
		"andq	8(%%rcx), %%r9\n\t"
		"movq	%%rdx, %%r10\n\t"
		"andq	16(%%rcx), %%r10\n\t"
		"movq	%%rdx, %%r11\n\t"
		"andq	24(%%rcx), %%r11\n\t"
		"movq	%%rdx, %%r12\n\t"
		"andq	32(%%rcx), %%r12\n\t"
		"movq	%%rdx, %%r13\n\t"
		"andq	40(%%rcx), %%r13\n\t"
		"movq	%%rdx, %%r14\n\t"
		"andq	48(%%rcx), %%r14\n\t"
		"andq	56(%%rcx), %%rdx\n\t"
		/* 0 - borrow sets the carry again */
		"negq	%0\n\t"
		SUB_STORE("0", "%%r8")
		SUB_STORE("8", "%%r9")
		SUB_STORE("16", "%%r10")
		SUB_STORE("24", "%%r11")
		SUB_STORE("32", "%%r12")
		SUB_STORE("40", "%%r13")
		SUB_STORE("48", "%%r14")
		SUB_STORE("56", "%%rdx")
		"sbbq	%0, %0\n\t"
		"negq	%0\n\t"
		: "+&b"(borrow), "+&d"(mask)
		: "D"(r), "S"(t), "c"(n)
		: "rax", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
	return borrow;
}

#endif /* MHSM_PK_ASM */

static inline void mul8_c(struct mhsm_mont_work *w, u64 *t, const u64 *a)
{
	size_t i, j;
	u64 c;

	for (i = 0; i < 8; i++) {
		c = t[i];
		t[i] = limb_mac(w->acc[0], a[0], w->b[i], &c);
		for (j = 1; j < 8; j++)
			w->acc[j - 1] = limb_mac(w->acc[j], a[j], w->b[i], &c);
		w->acc[7] = c;
	}
}

static inline void begin8_c(struct mhsm_mont_work *w, u64 *t, const u64 *a)
{
	memcpy(w->acc, t, sizeof(w->acc));
	memset(t, 0, sizeof(w->acc));
	mul8_c(w, t, a);
}

static inline void reduce8_c(struct mhsm_mont_work *w, const u64 *t, const u64 *n)
{
	size_t i, j;
	u64 c;

	memcpy(w->acc, t, sizeof(w->acc));
	for (i = 0; i < 8; i++) {
		w->b[i] = w->acc[0] * w->n_neg_inv;
		limb_mac0(w->acc[0], n[0], w->b[i], &c);
		for (j = 1; j < 8; j++)
			w->acc[j - 1] = limb_mac(w->acc[j], n[j], w->b[i], &c);
		w->acc[7] = c;
	}
}

static inline void cross8_c(u64 *t, const u64 *a)
{
	size_t i, j;
	u64 c;

	memset(t, 0, 16 * sizeof(*t));
	for (i = 0; i < 7; i++) {
		c = 0;
		for (j = i + 1; j < 8; j++)
			t[i + j] = limb_mac(t[i + j], a[i], a[j], &c);
		t[i + 8] = c;
	}
}

static inline void square8_c(u64 *t, const u64 *a, u64 carry[2])
{
	u64 lo, hi, square, high;
	size_t i;

	for (i = 0; i < 8; i++) {
		square = limb_mac0(0, a[i], a[i], &high);
		lo = t[2 * i];
		hi = t[2 * i + 1];
		t[2 * i] = limb_adc(lo << 1 | carry[0], square, &carry[1]);
		t[2 * i + 1] = limb_adc(hi << 1 | lo >> 63, high, &carry[1]);
		carry[0] = hi >> 63;
	}
}

#endif
