// SPDX-License-Identifier: GPL-2.0-only
/* Powers with a secret exponent. See mont_pow.h. */
#include "mont_pow.h"

#define WINDOW	MHSM_MONT_POW_WINDOW
#define ENTRIES	(1u << WINDOW)

/* Products between two calls of relax: 20 us at 1024 bits, 70 us at 2048. */
#define RELAX_PRODUCTS 60

/* Bits pos..pos + 4 of the exponent; those above its end are 0. 'pos' is public. */
static u64 window_at(const u64 *exp, size_t exp_limbs, size_t pos)
{
	size_t limb = pos / 64, shift = pos % 64;
	u64 x = exp[limb] >> shift;

	if (shift > 64 - WINDOW && limb + 1 < exp_limbs)
		x |= exp[limb + 1] << (64 - shift);
	return x & (ENTRIES - 1);
}

/*
 * r[0..7] = the eight limbs at table + index * limbs, of which every entry is read. A
 * conditional move from memory is one instruction for what masks take two or three for.
 */
static __always_inline void read8(u64 *r, const u64 *table, u64 index, size_t limbs)
{
	u64 x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0;
#if MHSM_PK_ASM
	u64 k = 0;

	__asm__ __volatile__(
		"1:	cmpq	%[index], %[k]\n\t"
		"cmoveq	0(%[table]), %[x0]\n\t"
		"cmoveq	8(%[table]), %[x1]\n\t"
		"cmoveq	16(%[table]), %[x2]\n\t"
		"cmoveq	24(%[table]), %[x3]\n\t"
		"cmoveq	32(%[table]), %[x4]\n\t"
		"cmoveq	40(%[table]), %[x5]\n\t"
		"cmoveq	48(%[table]), %[x6]\n\t"
		"cmoveq	56(%[table]), %[x7]\n\t"
		"addq	%[step], %[table]\n\t"
		"incq	%[k]\n\t"
		"cmpq	%[entries], %[k]\n\t"
		"jne	1b"
		: [x0] "+&r"(x0), [x1] "+&r"(x1), [x2] "+&r"(x2), [x3] "+&r"(x3),
		  [x4] "+&r"(x4), [x5] "+&r"(x5), [x6] "+&r"(x6), [x7] "+&r"(x7),
		  [k] "+&r"(k), [table] "+&r"(table)
		: [index] "r"(index), [step] "rm"(8 * limbs), [entries] "i"(ENTRIES)
		: "cc", "memory");
#else
	u64 k, mask;

	for (k = 0; k < ENTRIES; k++, table += limbs) {
		mask = ct_eq(k, index);
		x0 |= table[0] & mask;
		x1 |= table[1] & mask;
		x2 |= table[2] & mask;
		x3 |= table[3] & mask;
		x4 |= table[4] & mask;
		x5 |= table[5] & mask;
		x6 |= table[6] & mask;
		x7 |= table[7] & mask;
	}
#endif
	r[0] = x0;
	r[1] = x1;
	r[2] = x2;
	r[3] = x3;
	r[4] = x4;
	r[5] = x5;
	r[6] = x6;
	r[7] = x7;
}

static void read_table(u64 *r, const u64 *table, u64 index, size_t limbs)
{
	size_t i;

	for (i = 0; i < limbs; i += 8)
		read8(r + i, table + i, index, limbs);
}

static void fill_table(struct mhsm_mont *m, u64 *table, const u64 *base)
{
	size_t k, limbs = m->limbs;

	/* base^0 is R, reached from R^2 */
	mhsm_mont_leave(m, table, m->rr);
	memcpy(table + limbs, base, limbs * sizeof(*table));
	for (k = 2; k < ENTRIES; k += 2) {
		mhsm_mont_sqr(m, table + k * limbs, table + k / 2 * limbs);
		mhsm_mont_mul(m, table + (k + 1) * limbs, table + k * limbs,
			      table + limbs);
	}
}

int mhsm_mont_pow(struct mhsm_mont *m, u64 *r, const u64 *base, const u64 *exp,
		  size_t exp_limbs, struct mhsm_mont_pow *w,
		  const struct mhsm_pk_relax *relax)
{
	size_t pos, i, limbs = m->limbs, since = 0;
	int ret;

	fill_table(m, w->table, base);
	pos = (64 * exp_limbs - 1) / WINDOW * WINDOW;
	read_table(w->acc, w->table, window_at(exp, exp_limbs, pos), limbs);
	while (pos) {
		pos -= WINDOW;
		for (i = 0; i < WINDOW; i++)
			mhsm_mont_sqr(m, w->acc, w->acc);
		read_table(w->factor, w->table, window_at(exp, exp_limbs, pos), limbs);
		mhsm_mont_mul(m, w->acc, w->acc, w->factor);
		since += WINDOW + 1;
		if (since < RELAX_PRODUCTS)
			continue;
		since = 0;
		ret = mhsm_pk_relax(relax);
		if (ret)
			return ret;
	}
	memcpy(r, w->acc, limbs * sizeof(*r));
	return 0;
}
