// SPDX-License-Identifier: GPL-2.0-only
/* Powers with AVX-512 IFMA. See mont52.h. */
#include "mont52.h"

#if MHSM_MONT52 && defined(__KERNEL__)
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#endif

#if !MHSM_MONT52

int mhsm_mont52_available(void)
{
	return 0;
}

int mhsm_mont52_usable(void)
{
	return 0;
}

void mhsm_mont52_load(struct mhsm_mont52 *w, int side, struct mhsm_mont *m,
		      const u64 *base, const u64 *exp)
{
	(void)w;
	(void)side;
	(void)m;
	(void)base;
	(void)exp;
}

int mhsm_mont52_pow(struct mhsm_mont52 *w, u64 *r0, u64 *r1, size_t limbs,
		    const struct mhsm_pk_relax *relax)
{
	(void)w;
	(void)r0;
	(void)r1;
	(void)limbs;
	(void)relax;
	return -EOPNOTSUPP;
}

#else

#define MASK52	((1ull << 52) - 1)
#define WINDOW	5
#define TABLE_ENTRIES	32u

/* Products of each side between two calls of relax: 20 us at 1024 bits, 45 at 2048. */
#define RELAX_PRODUCTS 36

/* Of both compilers' kinds, so that neither's intrinsics are needed in the kernel. */
typedef u64 vec __attribute__((vector_size(64), aligned(8), may_alias));

#define WITH_IFMA __attribute__((target("avx512f,avx512ifma")))
#define INLINE_IFMA static inline WITH_IFMA __attribute__((always_inline))

/* The vectors of a number stay in registers only if no loop runs over them. */
#define UNROLLED _Pragma("GCC unroll 5")

/* acc + the low, or the high, 52 bits of the products of a's and b's lowest 52 */
#define MADD_LO(acc, a, b) \
	__asm__("vpmadd52luq	%2, %1, %0" : "+v"(acc) : "v"(b), "m"(a))
#define MADD_HI(acc, a, b) \
	__asm__("vpmadd52huq	%2, %1, %0" : "+v"(acc) : "v"(b), "m"(a))

/* r = the eight limbs from the second of low to the first of high */
#define SHIFT_LIMB(r, high, low) \
	__asm__("valignq	$1, %2, %1, %0" : "=v"(r) : "v"(high), "v"(low))

/* All lanes the limb in memory */
#define BROADCAST(r, x) \
	__asm__("vpbroadcastq	%1, %0" : "=v"(r) : "m"(x))

/* What one limb of b adds, and the quotient by which the lowest limb becomes 0. */
INLINE_IFMA void step(vec *t, const u64 *a, const u64 *b, const u64 *n, const vec *inv,
		      const vec *lowest, size_t i, size_t vectors)
{
	const vec zero = { 0 };
	vec bi, q, carry;
	size_t k;

	BROADCAST(bi, b[i]);
	UNROLLED
	for (k = 0; k < vectors; k++)
		MADD_LO(t[k], *(const vec *)(a + 8 * k), bi);
	q = zero;
	MADD_LO(q, *inv, t[0]);
	__asm__("vpbroadcastq	%x1, %0" : "=v"(q) : "v"(q));
	UNROLLED
	for (k = 0; k < vectors; k++)
		MADD_LO(t[k], *(const vec *)(n + 8 * k), q);
	carry = (t[0] >> 52) & *lowest;
	UNROLLED
	for (k = 0; k + 1 < vectors; k++)
		SHIFT_LIMB(t[k], t[k + 1], t[k]);
	SHIFT_LIMB(t[k], zero, t[k]);
	t[0] += carry;
	UNROLLED
	for (k = 0; k < vectors; k++) {
		MADD_HI(t[k], *(const vec *)(a + 8 * k), bi);
		MADD_HI(t[k], *(const vec *)(n + 8 * k), q);
	}
}

/* To limbs of 52 bits again, of those of up to 60. */
static void carry_limbs(u64 *r, const u64 *t, size_t limbs, size_t room)
{
	u64 carry = 0, x;
	size_t i;

	for (i = 0; i < limbs; i++) {
		x = t[i] + carry;
		r[i] = x & MASK52;
		carry = x >> 52;
	}
	for (; i < room; i++)
		r[i] = 0;
}

/* r = a * b / R mod n on both sides, for a, b < 2n */
INLINE_IFMA void mul_pair(struct mhsm_mont52 *w, u64 *r[2], const u64 *const a[2],
			  const u64 *const b[2], size_t limbs, size_t vectors)
{
	const vec lowest = { ~0ull };
	vec t0[5] = { { 0 } }, t1[5] = { { 0 } }, inv0, inv1;
	size_t i, k;

	BROADCAST(inv0, w->side[0].n_neg_inv);
	BROADCAST(inv1, w->side[1].n_neg_inv);
	for (i = 0; i < limbs; i++) {
		step(t0, a[0], b[0], w->side[0].n, &inv0, &lowest, i, vectors);
		step(t1, a[1], b[1], w->side[1].n, &inv1, &lowest, i, vectors);
	}
	UNROLLED
	for (k = 0; k < vectors; k++) {
		*(vec *)(w->side[0].wide + 8 * k) = t0[k];
		*(vec *)(w->side[1].wide + 8 * k) = t1[k];
	}
	carry_limbs(r[0], w->side[0].wide, limbs, 8 * vectors);
	carry_limbs(r[1], w->side[1].wide, limbs, 8 * vectors);
}

#define MUL_OF(bits, limbs, vectors)						\
static noinline WITH_IFMA void mul_##bits(struct mhsm_mont52 *w, u64 *r[2],	\
					  const u64 *const a[2],		\
					  const u64 *const b[2])		\
{										\
	mul_pair(w, r, a, b, limbs, vectors);					\
}
MUL_OF(1024, 20, 3)
MUL_OF(1536, 30, 4)
MUL_OF(2048, 40, 5)

/* 'bits' is public. */
static void mul(struct mhsm_mont52 *w, u64 *r0, u64 *r1, const u64 *a0, const u64 *a1,
		const u64 *b0, const u64 *b1, size_t bits)
{
	u64 *r[2] = { r0, r1 };
	const u64 *a[2] = { a0, a1 }, *b[2] = { b0, b1 };

	if (bits == 1024)
		mul_1024(w, r, a, b);
	else if (bits == 1536)
		mul_1536(w, r, a, b);
	else
		mul_2048(w, r, a, b);
}

/* ---- 64 bits to 52 and back ---------------------------------------------------- */

static void to_52(u64 *r, const u64 *a, size_t limbs)
{
	size_t i, at, shift;

	for (i = 0; i < MHSM_MONT52_LIMBS; i++) {
		at = 52 * i / 64;
		shift = 52 * i % 64;
		r[i] = at < limbs ? a[at] >> shift : 0;
		if (shift > 12 && at + 1 < limbs)
			r[i] |= a[at + 1] << (64 - shift);
		r[i] &= MASK52;
	}
}

static void from_52(u64 *r, const u64 *a, size_t limbs)
{
	size_t i, at, shift;

	for (i = 0; i < limbs; i++) {
		at = 64 * i / 52;
		shift = 64 * i % 52;
		r[i] = a[at] >> shift;
		if (at + 1 < MHSM_MONT52_LIMBS)
			r[i] |= a[at + 1] << (52 - shift);
		if (shift > 40 && at + 2 < MHSM_MONT52_LIMBS)
			r[i] |= a[at + 2] << (104 - shift);
	}
}

void mhsm_mont52_load(struct mhsm_mont52 *w, int side, struct mhsm_mont *m,
		      const u64 *base, const u64 *exp)
{
	struct mhsm_mont52_side *s = &w->side[side];
	u64 *one = s->factor, *x = s->acc;
	size_t limbs = m->limbs;

	/* this R is 2^16, 2^24 or 2^32 of m's */
	memset(one, 0, limbs * sizeof(*one));
	one[0] = 1ull << limbs;
	mhsm_mont_mul(m, one, one, m->rr);
	mhsm_mont_mul(m, x, base, one);
	to_52(s->n, m->n, limbs);
	to_52(s->table, one, limbs);
	to_52(s->table + MHSM_MONT52_LIMBS, x, limbs);
	memcpy(s->exp, exp, (limbs + 1) * sizeof(*exp));
	s->n_neg_inv = m->work.n_neg_inv;
}

/* ---- powers -------------------------------------------------------------------- */

/* Bits pos..pos + 4 of the exponent; those above its end are 0. 'pos' is public. */
static u64 window_at(const u64 *exp, size_t exp_limbs, size_t pos)
{
	size_t limb = pos / 64, shift = pos % 64;
	u64 x = exp[limb] >> shift;

	if (shift > 64 - WINDOW && limb + 1 < exp_limbs)
		x |= exp[limb + 1] << (64 - shift);
	return x & (TABLE_ENTRIES - 1);
}

/* r = table[index], with every entry read */
static WITH_IFMA void read_table(u64 *r, const u64 *table, u64 index)
{
	vec x0 = { 0 }, x1 = { 0 }, x2 = { 0 }, x3 = { 0 }, x4 = { 0 }, mask;
	const vec *e = (const vec *)table;
	u64 here;
	size_t k;

	for (k = 0; k < TABLE_ENTRIES; k++, e += MHSM_MONT52_LIMBS / 8) {
		here = ct_eq(k, index);
		__asm__("vpbroadcastq	%1, %0" : "=v"(mask) : "r"(here));
		x0 |= e[0] & mask;
		x1 |= e[1] & mask;
		x2 |= e[2] & mask;
		x3 |= e[3] & mask;
		x4 |= e[4] & mask;
	}
	((vec *)r)[0] = x0;
	((vec *)r)[1] = x1;
	((vec *)r)[2] = x2;
	((vec *)r)[3] = x3;
	((vec *)r)[4] = x4;
}

static void fill_tables(struct mhsm_mont52 *w, size_t bits)
{
	u64 *t0 = w->side[0].table, *t1 = w->side[1].table;
	size_t k, one = MHSM_MONT52_LIMBS;

	memset(t0 + 2 * one, 0, 30 * one * sizeof(*t0));
	memset(t1 + 2 * one, 0, 30 * one * sizeof(*t1));
	for (k = 2; k < TABLE_ENTRIES; k++)
		mul(w, t0 + k * one, t1 + k * one, t0 + (k - 1) * one, t1 + (k - 1) * one,
		    t0 + one, t1 + one, bits);
}

/* Out of Montgomery form, to 64 bits, below n; the product is at most n. */
static void leave(u64 *r, struct mhsm_mont52_side *s, size_t limbs)
{
	/* the table is not needed any more */
	u64 *modulus = s->table, borrow = 0, keep;
	size_t i;

	from_52(r, s->acc, limbs);
	from_52(modulus, s->n, limbs);
	for (i = 0; i < limbs; i++)
		limb_sbb(r[i], modulus[i], &borrow);
	keep = ct_hide((u64)0 - borrow);
	borrow = 0;
	for (i = 0; i < limbs; i++)
		r[i] = limb_sbb(r[i], modulus[i] & ~keep, &borrow);
}

#define CLEAR(n) "vpxorq %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
#define CLEAR_8(a, b, c, d, e, f, g, h) \
	CLEAR(a) CLEAR(b) CLEAR(c) CLEAR(d) CLEAR(e) CLEAR(f) CLEAR(g) CLEAR(h)

/* What the vectors held must not be found in registers by whoever has them next. */
static noinline WITH_IFMA void clear_vectors(void)
{
	__asm__ __volatile__(CLEAR_8(0, 1, 2, 3, 4, 5, 6, 7)
			     CLEAR_8(8, 9, 10, 11, 12, 13, 14, 15)
			     CLEAR_8(16, 17, 18, 19, 20, 21, 22, 23)
			     CLEAR_8(24, 25, 26, 27, 28, 29, 30, 31)
			     : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			     "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
			     "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18",
			     "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",
			     "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",
			     "xmm31");
}

/* ---- whose the vectors are ------------------------------------------------------ */

#ifdef __KERNEL__
int mhsm_mont52_available(void)
{
#ifndef CONFIG_UML
	/* the registers, too: User Mode Linux has its features from a host that does this */
	if (!cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
			       XFEATURE_MASK_AVX512, NULL))
		return 0;
#endif
	/* a compiler that may use AVX512F may use AVX2 */
	return boot_cpu_has(X86_FEATURE_AVX2) && boot_cpu_has(X86_FEATURE_AVX512F) &&
	       boot_cpu_has(X86_FEATURE_AVX512IFMA);
}

int mhsm_mont52_usable(void)
{
	return mhsm_mont52_available() && irq_fpu_usable();
}

static void begin_vectors(void)
{
	kernel_fpu_begin();
}

static void end_vectors(void)
{
	clear_vectors();
	kernel_fpu_end();
}
#else
int mhsm_mont52_available(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

int mhsm_mont52_usable(void)
{
	return mhsm_mont52_available();
}

static void begin_vectors(void)
{
}

static void end_vectors(void)
{
	clear_vectors();
}
#endif

/* What is done between two windows when it is time: others may run. */
static int pause_vectors(const struct mhsm_pk_relax *relax)
{
	int ret;

	end_vectors();
	ret = mhsm_pk_relax(relax);
	begin_vectors();
	return ret;
}

/* The powers, from the tables; within vectors. */
static int pow_windows(struct mhsm_mont52 *w, size_t limbs, const struct mhsm_pk_relax *relax)
{
	struct mhsm_mont52_side *s0 = &w->side[0], *s1 = &w->side[1];
	size_t bits = 64 * limbs, exp_limbs = limbs + 1, pos, i, since = TABLE_ENTRIES - 2;
	int ret;

	pos = (64 * exp_limbs - 1) / WINDOW * WINDOW;
	read_table(s0->acc, s0->table, window_at(s0->exp, exp_limbs, pos));
	read_table(s1->acc, s1->table, window_at(s1->exp, exp_limbs, pos));
	while (pos) {
		pos -= WINDOW;
		for (i = 0; i < WINDOW; i++)
			mul(w, s0->acc, s1->acc, s0->acc, s1->acc, s0->acc, s1->acc, bits);
		read_table(s0->factor, s0->table, window_at(s0->exp, exp_limbs, pos));
		read_table(s1->factor, s1->table, window_at(s1->exp, exp_limbs, pos));
		mul(w, s0->acc, s1->acc, s0->acc, s1->acc, s0->factor, s1->factor, bits);
		since += WINDOW + 1;
		if (since < RELAX_PRODUCTS)
			continue;
		since = 0;
		ret = pause_vectors(relax);
		if (ret)
			return ret;
	}
	memset(s0->factor, 0, sizeof(s0->factor));
	memset(s1->factor, 0, sizeof(s1->factor));
	s0->factor[0] = 1;
	s1->factor[0] = 1;
	mul(w, s0->acc, s1->acc, s0->acc, s1->acc, s0->factor, s1->factor, bits);
	return 0;
}

int mhsm_mont52_pow(struct mhsm_mont52 *w, u64 *r0, u64 *r1, size_t limbs,
		    const struct mhsm_pk_relax *relax)
{
	int ret;

	begin_vectors();
	fill_tables(w, 64 * limbs);
	ret = pow_windows(w, limbs, relax);
	end_vectors();
	if (ret)
		return ret;
	leave(r0, &w->side[0], limbs);
	leave(r1, &w->side[1], limbs);
	return 0;
}

#endif
