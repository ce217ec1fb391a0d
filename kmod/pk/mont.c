// SPDX-License-Identifier: GPL-2.0-only
/* Montgomery arithmetic for RSA. See mont.h. */
#include "mont.h"

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

/* r = t - n if t >= n, else t, where t has one more limb, 'top', and t < 2n. */
static void reduce_once(u64 *r, const u64 *t, u64 top, const u64 *n, size_t limbs)
{
	u64 borrow = 0, carry = 0, keep;
	size_t i;

	for (i = 0; i < limbs; i++)
		limb_sbb(t[i], n[i], &borrow);
	limb_sbb(top, 0, &borrow);
	keep = ct_hide((u64)0 - borrow);
	for (i = 0; i < limbs; i++)
		r[i] = limb_sbb(t[i], n[i] & ~keep, &carry);
}

/* r[0..limbs-1] += a * b; returns the carry limb. */
static __always_inline u64 mul_add_row(u64 *r, const u64 *a, u64 b, size_t limbs)
{
	u64 c = 0;
	size_t i;

	for (i = 0; i + 4 <= limbs; i += 4) {
		r[i] = limb_mac(r[i], a[i], b, &c);
		r[i + 1] = limb_mac(r[i + 1], a[i + 1], b, &c);
		r[i + 2] = limb_mac(r[i + 2], a[i + 2], b, &c);
		r[i + 3] = limb_mac(r[i + 3], a[i + 3], b, &c);
	}
	for (; i < limbs; i++)
		r[i] = limb_mac(r[i], a[i], b, &c);
	return c;
}

/* r = m->t / R mod n for m->t < n * R */
static void reduce(struct mhsm_mont *m, u64 *r)
{
	u64 *t = m->t, c, carry = 0;
	size_t i, limbs = m->limbs;

	for (i = 0; i < limbs; i++) {
		c = mul_add_row(t + i, m->n, t[i] * m->n_neg_inv, limbs);
		t[i + limbs] = limb_adc(t[i + limbs], c, &carry);
	}
	reduce_once(r, t + limbs, carry, m->n, limbs);
}

void mhsm_mont_mul(struct mhsm_mont *m, u64 *r, const u64 *a, const u64 *b)
{
	size_t i, limbs = m->limbs;

	memset(m->t, 0, limbs * sizeof(*m->t));
	for (i = 0; i < limbs; i++)
		m->t[i + limbs] = mul_add_row(m->t + i, a, b[i], limbs);
	reduce(m, r);
}

void mhsm_mont_sqr(struct mhsm_mont *m, u64 *r, const u64 *a)
{
	size_t i, limbs = m->limbs;
	u64 *t = m->t, lo, hi, square, high, shifted = 0, carry = 0;

	/* the products of different limbs, once */
	memset(t, 0, 2 * limbs * sizeof(*t));
	for (i = 0; i + 1 < limbs; i++)
		t[i + limbs] = mul_add_row(t + 2 * i + 1, a + i + 1, a[i],
					   limbs - 1 - i);
	/* doubled, with the squares added */
	for (i = 0; i < limbs; i++) {
		square = limb_mac0(0, a[i], a[i], &high);
		lo = t[2 * i];
		hi = t[2 * i + 1];
		t[2 * i] = limb_adc(lo << 1 | shifted, square, &carry);
		t[2 * i + 1] = limb_adc(hi << 1 | lo >> 63, high, &carry);
		shifted = hi >> 63;
	}
	reduce(m, r);
}

/* a = 2a mod n */
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

void mhsm_mont_init(struct mhsm_mont *m, const u8 *n, size_t len)
{
	size_t i, limbs = (len + 7) / 8;
	u64 x, borrow = 0;

	m->limbs = limbs;
	mhsm_mont_load(m->n, limbs, n, len);

	/* Newton: n is its own inverse to 3 bits, and each step doubles that */
	x = m->n[0];
	for (i = 0; i < 5; i++)
		x *= 2 - m->n[0] * x;
	m->n_neg_inv = 0 - x;

	/*
	 * R mod n: 2^(8 len) - n, which is below n if its top bit is set as it is
	 * in RSA; if not, or if len is no multiple of 8, by doubling.
	 */
	memset(m->rr, 0, limbs * sizeof(*m->rr));
	if (n[0] & 0x80 && len % 8 == 0) {
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
