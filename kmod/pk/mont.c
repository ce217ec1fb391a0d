// SPDX-License-Identifier: GPL-2.0-only
/* Montgomery arithmetic for RSA. See mont.h. */
#include "mont.h"
#include "mont_block.h"

#if !MHSM_PK_ASM
static int has_adx(void)
{
	return 0;
}
#define STEP(m, step, ...) step##_c(__VA_ARGS__)
#else
/* the tests build the assembler for a machine that does not say that it has it */
#ifdef MHSM_MONT_FORCE_ADX
static int has_adx(void)
{
	return 1;
}
#elif defined(__KERNEL__)
#include <asm/cpufeature.h>
static int has_adx(void)
{
	return boot_cpu_has(X86_FEATURE_BMI2) && boot_cpu_has(X86_FEATURE_ADX);
}
#else
#include <cpuid.h>
/* Asked once: in a virtual machine, cpuid takes as long as many products. */
static int has_adx(void)
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
#define STEP(m, step, ...)			\
	do {					\
		if ((m)->has_adx)		\
			step##_adx(__VA_ARGS__);	\
		else				\
			step##_c(__VA_ARGS__);	\
	} while (0)
#endif

void mhsm_mont_load(u64 *r, size_t limbs, const u8 *b, size_t len)
{
	size_t i;

	memset(r, 0, limbs * sizeof(*r));
	for (i = 0; i < len; i++)
		r[i / 8] |= (u64)b[len - 1 - i] << (8 * (i % 8));
}

void mhsm_mont_store(u8 *b, size_t len, const u64 *a, size_t limbs)
{
	size_t i;

	for (i = 0; i < len && i / 8 < limbs; i++)
		b[len - 1 - i] = (u8)(a[i / 8] >> (8 * (i % 8)));
}

u64 mhsm_mont_is_less(const u64 *a, const u64 *b, size_t limbs)
{
	u64 borrow = 0;
	size_t i;

	for (i = 0; i < limbs; i++)
		limb_sbb(a[i], b[i], &borrow);
	return ct_hide((u64)0 - borrow);
}

u64 mhsm_mont_is_equal(const u64 *a, const u64 *b, size_t limbs)
{
	u64 differ = 0;
	size_t i;

	for (i = 0; i < limbs; i++)
		differ |= a[i] ^ b[i];
	return ct_is_zero(differ);
}

/* r = t - (mask & n), and the borrow is ignored; limbs is a multiple of eight. */
static void sub_masked(u64 *r, const u64 *t, const u64 *n, u64 mask, size_t limbs)
{
	u64 borrow = 0;
	size_t i;

#if MHSM_PK_ASM
	for (i = 0; i < limbs; i += 8)
		borrow = sub8(r + i, t + i, n + i, mask, borrow);
#else
	for (i = 0; i < limbs; i++)
		r[i] = limb_sbb(t[i], n[i] & mask, &borrow);
#endif
}

/* r = t - n if t >= n, else t, where t has one more limb, 'top', and t < 2n. */
static void reduce_once(u64 *r, const u64 *t, u64 top, const u64 *n, size_t limbs)
{
	u64 borrow = 0;
	size_t i;

	for (i = 0; i < limbs; i++)
		limb_sbb(t[i], n[i], &borrow);
	limb_sbb(top, 0, &borrow);
	sub_masked(r, t, n, ~ct_hide((u64)0 - borrow), limbs);
}

/* r = m->t / R mod n */
static void reduce(struct mhsm_mont *m, u64 *r)
{
	size_t i, limbs = m->limbs;
	u64 *t = m->t;

	m->work.carry = 0;
	for (i = 0; i < limbs; i += 8)
		STEP(m, reduce, &m->work, t + i, m->n, limbs);
	/* both factors below R make this below R + n */
	sub_masked(r, t + limbs, m->n, ct_hide((u64)0 - m->work.carry), limbs);
}

void mhsm_mont_product(struct mhsm_mont *m, u64 *t, const u64 *a, const u64 *b)
{
	size_t i, limbs = m->limbs;

	STEP(m, mul_first, t, a, b, limbs);
	for (i = 8; i < limbs; i += 8)
		STEP(m, mul, t + i, a, b + i, limbs);
}

void mhsm_mont_mul(struct mhsm_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	mhsm_mont_product(m, m->t, a, b);
	reduce(m, r);
}

void mhsm_mont_sqr(struct mhsm_mont *m, u64 *r, const u64 *a)
{
	size_t i, limbs = m->limbs;
	u64 *t = m->t;

	/* the products of different limbs, once */
	STEP(m, cross_first, t, a, limbs);
	for (i = 8; i < limbs; i += 8)
		STEP(m, cross, t + 2 * i, a + i, limbs - i);
	/* doubled, with the squares added */
	STEP(m, double_add, t, a, limbs);
	reduce(m, r);
}

void mhsm_mont_canon(const struct mhsm_mont *m, u64 *a)
{
	reduce_once(a, a, 0, m->n, m->limbs);
}

void mhsm_mont_leave(struct mhsm_mont *m, u64 *r, const u64 *a)
{
	memcpy(m->t, a, m->limbs * sizeof(*a));
	memset(m->t + m->limbs, 0, m->limbs * sizeof(*a));
	reduce(m, r);
	/* at most n */
	mhsm_mont_canon(m, r);
}

/* a = 2a mod n for a < n */
static void double_mod(const struct mhsm_mont *m, u64 *a)
{
	u64 top = 0, next;
	size_t i;

	for (i = 0; i < m->limbs; i++) {
		next = a[i] >> 63;
		a[i] = a[i] << 1 | top;
		top = next;
	}
	reduce_once(a, a, top, m->n, m->limbs);
}

/* The rest of m once m->n and m->limbs are there; full: the top bit of n is set. */
static void prepare(struct mhsm_mont *m, int full)
{
	size_t i, limbs = m->limbs;
	u64 x, borrow = 0;

	m->has_adx = has_adx();
	/* Newton: n is its own inverse to 3 bits, and each step doubles that */
	x = m->n[0];
	for (i = 0; i < 5; i++)
		x *= 2 - m->n[0] * x;
	m->work.n_neg_inv = 0 - x;

	/* R mod n: R - n, which is below n if its top bit is set; else by doubling */
	memset(m->rr, 0, limbs * sizeof(*m->rr));
	if (full) {
		for (i = 0; i < limbs; i++)
			m->rr[i] = limb_sbb(0, m->n[i], &borrow);
	} else {
		m->rr[0] = 1;
		for (i = 0; i < 64 * limbs; i++)
			double_mod(m, m->rr);
	}

	/*
	 * From 2^0 R to 2^limbs R by doubling, and by six squarings (each squares
	 * the factor of R) to 2^(64 limbs) R = R^2.
	 */
	for (i = 0; i < limbs; i++)
		double_mod(m, m->rr);
	for (i = 0; i < 6; i++)
		mhsm_mont_sqr(m, m->rr, m->rr);
}

void mhsm_mont_init(struct mhsm_mont *m, const u8 *n, size_t len)
{
	u8 top = n[0] & 0x80;

	mhsm_pk_declassify(&top, sizeof(top));
	m->limbs = (len + 63) / 64 * 8;
	mhsm_mont_load(m->n, m->limbs, n, len);
	prepare(m, top && len % 64 == 0);
}

void mhsm_mont_init_limbs(struct mhsm_mont *m, const u64 *n, size_t limbs)
{
	m->limbs = limbs;
	memcpy(m->n, n, limbs * sizeof(*n));
	prepare(m, 1);
}
