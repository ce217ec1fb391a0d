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

/* r = table[index], with every entry read; eight limbs at a time stay in registers. */
static void read_table(u64 *r, const u64 *table, u64 index, size_t limbs)
{
	u64 mask[ENTRIES], x0, x1, x2, x3, x4, x5, x6, x7;
	const u64 *e;
	size_t i, k;

	for (k = 0; k < ENTRIES; k++)
		mask[k] = ct_eq(k, index);
	for (i = 0; i < limbs; i += 8) {
		x0 = x1 = x2 = x3 = x4 = x5 = x6 = x7 = 0;
		for (k = 0, e = table + i; k < ENTRIES; k++, e += limbs) {
			x0 |= e[0] & mask[k];
			x1 |= e[1] & mask[k];
			x2 |= e[2] & mask[k];
			x3 |= e[3] & mask[k];
			x4 |= e[4] & mask[k];
			x5 |= e[5] & mask[k];
			x6 |= e[6] & mask[k];
			x7 |= e[7] & mask[k];
		}
		r[i] = x0;
		r[i + 1] = x1;
		r[i + 2] = x2;
		r[i + 3] = x3;
		r[i + 4] = x4;
		r[i + 5] = x5;
		r[i + 6] = x6;
		r[i + 7] = x7;
	}
	memzero_explicit(mask, sizeof(mask));
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
