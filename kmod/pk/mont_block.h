/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Products of eight limbs by many, which longer ones are made of. For mont.c.
 *
 * Each step exists in C and, for x86-64 processors that have BMI2 and ADX, in
 * assembler: mulx leaves the flags alone, and adcx and adox carry through
 * different ones, so that the low and the high halves of the partial products are
 * added in two chains at once. The eight limbs that are being added to stay in
 * registers from the first block of eight limbs to the last. A compiler makes
 * neither of these.
 *
 * The assembler takes all registers that there are: the sum r0..r7, in which the limb
 * of weight k beyond t is r[k % 8], three pointers (t, to the lowest limb of the sum; a,
 * to the block being multiplied; b, to the eight limbs that it is multiplied by), and
 * rax, rcx, rdx.
 */
#ifndef MHSM_MONT_BLOCK_H
#define MHSM_MONT_BLOCK_H

#include "mont.h"

#if MHSM_PK_ASM

static const u64 mont_zero;

struct sum8 {
	u64 r0, r1, r2, r3, r4, r5, r6, r7;
};

static __always_inline struct sum8 sum8_load(const u64 *t)
{
	return (struct sum8){ t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7] };
}

static __always_inline void sum8_store(u64 *t, const struct sum8 *s)
{
	t[0] = s->r0;
	t[1] = s->r1;
	t[2] = s->r2;
	t[3] = s->r3;
	t[4] = s->r4;
	t[5] = s->r5;
	t[6] = s->r6;
	t[7] = s->r7;
}

#define R0 "%[r0]"
#define R1 "%[r1]"
#define R2 "%[r2]"
#define R3 "%[r3]"
#define R4 "%[r4]"
#define R5 "%[r5]"
#define R6 "%[r6]"
#define R7 "%[r7]"

/* What all of them are given. */
#define ON_SUM(code, s, t_, a_, b_)				\
	__asm__ __volatile__(code				\
		: [r0] "+&r"((s)->r0), [r1] "+&r"((s)->r1),	\
		  [r2] "+&r"((s)->r2), [r3] "+&r"((s)->r3),	\
		  [r4] "+&r"((s)->r4), [r5] "+&r"((s)->r5),	\
		  [r6] "+&r"((s)->r6), [r7] "+&r"((s)->r7)	\
		: [t] "r"(t_), [a] "r"(a_), [b] "r"(b_), [zero] "m"(mont_zero)	\
		: "rax", "rcx", "rdx", "cc", "memory")

/* The limb at a + 'at' times rdx: each half of the product is added to a limb of the sum. */
#define MULX_ADD(at, low, high)					\
	"mulxq	" at "(%[a]), %%rax, %%rcx\n\t"			\
	"adcxq	%%rax, " low "\n\t"				\
	"adoxq	%%rcx, " high "\n\t"

/*
 * The same for the last limb of a row, whose high half begins a limb of the sum. The zero
 * comes from memory because the units that add have enough to do.
 */
#define MULX_END(at, low, high)					\
	"movq	%[zero], %%rcx\n\t"				\
	"mulxq	" at "(%[a]), %%rax, " high "\n\t"		\
	"adcxq	%%rax, " low "\n\t"				\
	"adcxq	%%rcx, " high "\n\t"				\
	"adoxq	%%rcx, " high "\n\t"

#define STORE_LIMB(at, a0) "movq	" a0 ", " at "(%[t])\n\t"
#define FACTOR(at) "movq	" at "(%[b]), %%rdx\n\t"
/* also clears both carries */
#define CLEAR "xorl	%%eax, %%eax\n\t"

/* (a0..a7) += rdx * a[0..7]; 'done' is what to do with the lowest limb, final. */
#define ROW8(done, a0, a1, a2, a3, a4, a5, a6, a7)		\
	MULX_ADD("", a0, a1)					\
	done							\
	MULX_ADD("8", a1, a2)					\
	MULX_ADD("16", a2, a3)					\
	MULX_ADD("24", a3, a4)					\
	MULX_ADD("32", a4, a5)					\
	MULX_ADD("40", a5, a6)					\
	MULX_ADD("48", a6, a7)					\
	MULX_END("56", a7, a0)

/* A row of a product whose lowest limb nothing was stored for. */
#define MUL_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	FACTOR(at)						\
	CLEAR							\
	ROW8(STORE_LIMB(at, a0), a0, a1, a2, a3, a4, a5, a6, a7)

/* The same, and what was stored for that limb is added. */
#define ADD_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	FACTOR(at)						\
	CLEAR							\
	"adoxq	" at "(%[t]), " a0 "\n\t"			\
	ROW8(STORE_LIMB(at, a0), a0, a1, a2, a3, a4, a5, a6, a7)

/* A row of a reduction, b being w->q: by what makes the lowest limb 0, which is kept there. */
_Static_assert(offsetof(struct mhsm_mont_work, n_neg_inv) -
	       offsetof(struct mhsm_mont_work, q) == 64, "as RED_ROW has it");
#define RED_ROW(at, a0, a1, a2, a3, a4, a5, a6, a7)		\
	"movq	" a0 ", %%rdx\n\t"				\
	"imulq	64(%[b]), %%rdx\n\t"				\
	"movq	%%rdx, " at "(%[b])\n\t"			\
	CLEAR							\
	ROW8("", a0, a1, a2, a3, a4, a5, a6, a7)

/* Eight rows; the limb that one row finishes becomes the top one of the next. */
#define ROWS(ROW)						\
	ROW("0", R0, R1, R2, R3, R4, R5, R6, R7)		\
	ROW("8", R1, R2, R3, R4, R5, R6, R7, R0)		\
	ROW("16", R2, R3, R4, R5, R6, R7, R0, R1)		\
	ROW("24", R3, R4, R5, R6, R7, R0, R1, R2)		\
	ROW("32", R4, R5, R6, R7, R0, R1, R2, R3)		\
	ROW("40", R5, R6, R7, R0, R1, R2, R3, R4)		\
	ROW("48", R6, R7, R0, R1, R2, R3, R4, R5)		\
	ROW("56", R7, R0, R1, R2, R3, R4, R5, R6)

/* t[0..limbs + 7] = a * b[0..7] */
static __always_inline void mul_first_adx(u64 *t, const u64 *a, const u64 *b, size_t limbs)
{
	struct sum8 s = { 0 };
	size_t i;

	for (i = 0; i < limbs; i += 8)
		ON_SUM(ROWS(MUL_ROW), &s, t + i, a + i, b);
	sum8_store(t + limbs, &s);
}

/* t[0..limbs + 7] = t[0..limbs - 1] + a * b[0..7] */
static __always_inline void mul_adx(u64 *t, const u64 *a, const u64 *b, size_t limbs)
{
	struct sum8 s = sum8_load(t);
	size_t i;

	ON_SUM(ROWS(MUL_ROW), &s, t, a, b);
	for (i = 8; i < limbs; i += 8)
		ON_SUM(ROWS(ADD_ROW), &s, t + i, a + i, b);
	sum8_store(t + limbs, &s);
}

/* t[0..7] += s + carry, which is 0 or 1; returns the carry. */
static __always_inline u64 add8(u64 *t, struct sum8 *s, u64 carry)
{
	/* carry - 1 sets the flag if there is one */
	__asm__("addq	$-1, %[carry]\n\t"
		"adcq	0(%[t]), " R0 "\n\t"
		"adcq	8(%[t]), " R1 "\n\t"
		"adcq	16(%[t]), " R2 "\n\t"
		"adcq	24(%[t]), " R3 "\n\t"
		"adcq	32(%[t]), " R4 "\n\t"
		"adcq	40(%[t]), " R5 "\n\t"
		"adcq	48(%[t]), " R6 "\n\t"
		"adcq	56(%[t]), " R7 "\n\t"
		"movl	$0, %k[carry]\n\t"
		"adcq	$0, %[carry]"
		: [r0] "+&r"(s->r0), [r1] "+&r"(s->r1), [r2] "+&r"(s->r2),
		  [r3] "+&r"(s->r3), [r4] "+&r"(s->r4), [r5] "+&r"(s->r5),
		  [r6] "+&r"(s->r6), [r7] "+&r"(s->r7), [carry] "+&r"(carry)
		: [t] "r"(t), "m"(*(const u64 (*)[8])t)
		: "cc");
	sum8_store(t, s);
	return carry;
}

/* t[8..limbs + 7] += carry + that multiple of n by which t[0..7] becomes 0 */
static __always_inline void reduce_adx(struct mhsm_mont_work *w, u64 *t, const u64 *n,
				       size_t limbs)
{
	struct sum8 s = sum8_load(t);
	size_t i;

	ON_SUM(ROWS(RED_ROW), &s, t, n, w->q);
	for (i = 8; i < limbs; i += 8)
		ON_SUM(ROWS(ADD_ROW), &s, t + i, n + i, w->q);
	w->carry = add8(t + limbs, &s, w->carry);
}

/*
 * The products of different limbs of eight, each once: row i adds a[i] * a[i + 1..7] and
 * finishes two limbs.
 */
#define CROSS8							\
	STORE_LIMB("", R0)					\
	FACTOR("")						\
	CLEAR							\
	MULX_ADD("8", R1, R2)					\
	MULX_ADD("16", R2, R3)					\
	MULX_ADD("24", R3, R4)					\
	MULX_ADD("32", R4, R5)					\
	MULX_ADD("40", R5, R6)					\
	MULX_ADD("48", R6, R7)					\
	MULX_END("56", R7, R0)					\
	STORE_LIMB("8", R1)					\
	STORE_LIMB("16", R2)					\
	FACTOR("8")						\
	CLEAR							\
	MULX_ADD("16", R3, R4)					\
	MULX_ADD("24", R4, R5)					\
	MULX_ADD("32", R5, R6)					\
	MULX_ADD("40", R6, R7)					\
	MULX_ADD("48", R7, R0)					\
	MULX_END("56", R0, R1)					\
	STORE_LIMB("24", R3)					\
	STORE_LIMB("32", R4)					\
	FACTOR("16")						\
	CLEAR							\
	MULX_ADD("24", R5, R6)					\
	MULX_ADD("32", R6, R7)					\
	MULX_ADD("40", R7, R0)					\
	MULX_ADD("48", R0, R1)					\
	MULX_END("56", R1, R2)					\
	STORE_LIMB("40", R5)					\
	STORE_LIMB("48", R6)					\
	FACTOR("24")						\
	CLEAR							\
	MULX_ADD("32", R7, R0)					\
	MULX_ADD("40", R0, R1)					\
	MULX_ADD("48", R1, R2)					\
	MULX_END("56", R2, R3)					\
	STORE_LIMB("56", R7)					\
	FACTOR("32")						\
	CLEAR							\
	MULX_ADD("40", R1, R2)					\
	MULX_ADD("48", R2, R3)					\
	MULX_END("56", R3, R4)					\
	FACTOR("40")						\
	CLEAR							\
	MULX_ADD("48", R3, R4)					\
	MULX_END("56", R4, R5)					\
	FACTOR("48")						\
	CLEAR							\
	MULX_END("56", R5, R6)					\
	"movl	$0, %k[r7]\n\t"

/* t[0..limbs + 7] = a[0..7] * those limbs of a that are above each */
static __always_inline void cross_first_adx(u64 *t, const u64 *a, size_t limbs)
{
	struct sum8 s = { 0 };
	size_t i;

	ON_SUM(CROSS8, &s, t, a, a);
	for (i = 8; i < limbs; i += 8)
		ON_SUM(ROWS(MUL_ROW), &s, t + i, a + i, a);
	sum8_store(t + limbs, &s);
}

/* The same, and t[0..limbs - 1] is added. */
static __always_inline void cross_adx(u64 *t, const u64 *a, size_t limbs)
{
	struct sum8 s = sum8_load(t);
	size_t i;

	ON_SUM(CROSS8, &s, t, a, a);
	for (i = 8; i < limbs; i += 8)
		ON_SUM(ROWS(ADD_ROW), &s, t + i, a + i, a);
	sum8_store(t + limbs, &s);
}

#define DOUBLE_ADD(at, low, high)				\
	"movq	" at "(%%rsi), %%rdx\n\t"			\
	"mulxq	%%rdx, %%rax, %%rdx\n\t"			\
	"movq	" low "(%%rdi), %%r10\n\t"			\
	"movq	" high "(%%rdi), %%r11\n\t"			\
	"adcxq	%%r10, %%r10\n\t"				\
	"adoxq	%%rax, %%r10\n\t"				\
	"adcxq	%%r11, %%r11\n\t"				\
	"adoxq	%%rdx, %%r11\n\t"				\
	"movq	%%r10, " low "(%%rdi)\n\t"			\
	"movq	%%r11, " high "(%%rdi)\n\t"

/* lea and jrcxz leave the two carries alone */
static __always_inline void double_add_adx(u64 *t, const u64 *a, size_t limbs)
{
	size_t blocks = limbs / 8;

	__asm__ __volatile__(
		CLEAR
		"1:\n\t"
		DOUBLE_ADD("", "", "8")
		DOUBLE_ADD("8", "16", "24")
		DOUBLE_ADD("16", "32", "40")
		DOUBLE_ADD("24", "48", "56")
		DOUBLE_ADD("32", "64", "72")
		DOUBLE_ADD("40", "80", "88")
		DOUBLE_ADD("48", "96", "104")
		DOUBLE_ADD("56", "112", "120")
		"leaq	64(%%rsi), %%rsi\n\t"
		"leaq	128(%%rdi), %%rdi\n\t"
		"leaq	-1(%%rcx), %%rcx\n\t"
		"jrcxz	2f\n\t"
		"jmp	1b\n"
		"2:\n\t"
		: "+D"(t), "+S"(a), "+c"(blocks) : : "rax", "rdx", "r10", "r11", "cc", "memory");
}

#define SUB_STORE(at, x)					\
	"movq	" at "(%%rsi), %%rax\n\t"			\
	"sbbq	" x ", %%rax\n\t"				\
	"movq	%%rax, " at "(%%rdi)\n\t"

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

static inline void mul_c(u64 *t, const u64 *a, const u64 *b, size_t limbs)
{
	size_t i, j;
	u64 c;

	for (i = 0; i < 8; i++) {
		c = 0;
		for (j = 0; j < limbs; j++)
			t[i + j] = limb_mac(t[i + j], a[j], b[i], &c);
		t[i + limbs] = c;
	}
}

static inline void mul_first_c(u64 *t, const u64 *a, const u64 *b, size_t limbs)
{
	memset(t, 0, limbs * sizeof(*t));
	mul_c(t, a, b, limbs);
}

static inline void reduce_c(struct mhsm_mont_work *w, u64 *t, const u64 *n, size_t limbs)
{
	size_t i, j;
	u64 q, c;

	for (i = 0; i < 8; i++) {
		q = t[i] * w->n_neg_inv;
		limb_mac0(t[i], n[0], q, &c);
		for (j = 1; j < limbs; j++)
			t[i + j] = limb_mac(t[i + j], n[j], q, &c);
		t[i + limbs] = limb_adc(t[i + limbs], c, &w->carry);
	}
}

static inline void cross_c(u64 *t, const u64 *a, size_t limbs)
{
	size_t i, j;
	u64 c;

	for (i = 0; i < 8; i++) {
		c = 0;
		for (j = i + 1; j < limbs; j++)
			t[i + j] = limb_mac(t[i + j], a[i], a[j], &c);
		t[i + limbs] = c;
	}
}

static inline void cross_first_c(u64 *t, const u64 *a, size_t limbs)
{
	memset(t, 0, limbs * sizeof(*t));
	cross_c(t, a, limbs);
}

static inline void double_add_c(u64 *t, const u64 *a, size_t limbs)
{
	u64 lo, hi, square, high, top = 0, carry = 0;
	size_t i;

	for (i = 0; i < limbs; i++) {
		square = limb_mac0(0, a[i], a[i], &high);
		lo = t[2 * i];
		hi = t[2 * i + 1];
		t[2 * i] = limb_adc(lo << 1 | top, square, &carry);
		t[2 * i + 1] = limb_adc(hi << 1 | lo >> 63, high, &carry);
		top = hi >> 63;
	}
}

#endif
