// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scalar multiplication on P-256. See p256_pt.h.
 *
 * Secret scalars are written with odd digits only. For an odd k < 2^256 and
 * digits of w bits, N of them,
 *
 *	k = 2K - 2^(wN) + 1, with K = (k - 1) / 2 + 2^(wN - 1),
 *
 * and if c_i are the w-bit digits of K then d_i = 2 c_i - (2^w - 1), odd and in
 * -(2^w - 1)..2^w - 1, are digits of k: the sum of d_i 2^(wi) is k. No digit is
 * zero, and so no partial sum ever is the point at infinity: there is nothing to
 * skip and nothing to mask. An even k is replaced by n - k, which is odd, and
 * the result is negated.
 */
#include "p256_pt.h"
#include "p256_table.h"

/* k made odd: k or n - k. Returns all ones if it was negated. */
static u64 make_odd(struct p256_sc *r, const struct p256_sc *k)
{
	struct p256_sc negated;
	u64 even = ct_hide((k->v[0] & 1) - 1);

	mhsm_p256_sc_neg(&negated, k);
	*r = *k;
	limb4_cmov(r->v, negated.v, even);
	memzero_explicit(&negated, sizeof(negated));
	return even;
}

/* The w bits of k starting at 'bit'; reads zeros above bit 255. w, bit are public. */
static inline u64 get_bits(const u64 k[4], unsigned int bit, unsigned int w)
{
	u64 x = k[bit / 64] >> (bit % 64);

	if (bit % 64 + w > 64 && bit / 64 < 3)
		x |= k[bit / 64 + 1] << (64 - bit % 64);
	return x & ((1U << w) - 1);
}

/*
 * Splits the digit c of K into the index of its odd multiple (|d| = 2 index + 1)
 * and its sign: the upper half of the digits is positive and counts up, the
 * lower half negative and counts down.
 */
static inline u64 digit_index(u64 c, unsigned int w, u64 *negative)
{
	*negative = ct_hide((c >> (w - 1)) - 1);
	return (c ^ *negative) & ((1U << (w - 1)) - 1);
}

/* r = (x, +-y) of table entry 'index'; reads all entries. */
static inline void select_base(struct p256_affine *r,
			       const u64 row[P256_BASE_ENTRIES][8], u64 index,
			       u64 negative)
{
	struct p256_fe neg;
	u64 t[8] = { 0 };
	unsigned int i, j;

	for (i = 0; i < P256_BASE_ENTRIES; i++) {
		u64 mask = ct_eq(i, index);

		for (j = 0; j < 8; j++)
			t[j] |= row[i][j] & mask;
	}
	memcpy(r->x.v, t, sizeof(r->x.v));
	memcpy(r->y.v, t + 4, sizeof(r->y.v));
	fe_neg(&neg, &r->y);
	fe_cmov(&r->y, &neg, negative);
}

/*
 * Fixed base: w = 5, N = 52. K is below 2^255 + 2^259, so that its top digit is
 * 16 and d_51 = 1 always. Row i of the table holds the odd multiples 1..31 of
 * 32^i G, and the sum starts from the constant point 2^255 G and goes down from
 * i = 50.
 *
 * The additions have no exception. Before row i the sum is A = 32^(i+1) times an
 * odd number, with 32^(i+1) <= A <= 2^256 - 32^(i+1), and |d_i| 32^i < 32^(i+1).
 * So 0 < A + d_i 32^i < 2^256 and 0 < A - d_i 32^i < 2^256; an exception would
 * need one of them to be n (2n > 2^256).
 *  - i > 0: both are multiples of 32, n is odd.
 *  - i = 0, A + d_0 = k < n.
 *  - i = 0, A - d_0 = k - 2 d_0 = n. By construction k = d_0 + 32 modulo 64, so
 *    d_0 = 32 - n = 15 modulo 64, hence d_0 = 15 and k = n + 30 > n: impossible.
 */
void mhsm_p256_pt_mul_base(struct p256_jacobian *r, const struct p256_sc *k,
			   const struct p256_fe *blind)
{
	struct p256_affine t;
	struct p256_sc odd;
	struct p256_fe b;
	u64 negated, negative, index;
	int i;

	negated = make_odd(&odd, k);

	/* 2^255 G, scaled to a random representative */
	memcpy(r->x.v, p256_base_top, sizeof(r->x.v));
	memcpy(r->y.v, p256_base_top + 4, sizeof(r->y.v));
	r->z = *blind;
	fe_sqr(&b, blind);
	fe_mul(&r->x, &r->x, &b);
	fe_mul(&b, &b, blind);
	fe_mul(&r->y, &r->y, &b);

	/* bit j of K is bit j + 1 of k up to bit 254 */
	for (i = P256_BASE_ROWS - 1; i >= 0; i--) {
		index = digit_index(get_bits(odd.v, i * 5 + 1, 5), 5, &negative);
		select_base(&t, p256_base_table[i], index, negative);
		mhsm_p256_pt_add_affine(r, r, &t);
	}

	fe_neg(&b, &r->y);
	fe_cmov(&r->y, &b, negated);
	memzero_explicit(&odd, sizeof(odd));
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(&b, sizeof(b));
	mhsm_pk_burn_stack();
}

#define WINDOW_ENTRIES 8

/* table[i] = (2i + 1) p. Multiples below 16 of a point of order n: no exception. */
static void odd_multiples(struct p256_jacobian table[WINDOW_ENTRIES],
			  const struct p256_affine *p)
{
	const struct p256_fe one = P256_FE_ONE;
	struct p256_jacobian twice;
	int i;

	table[0].x = p->x;
	table[0].y = p->y;
	table[0].z = one;
	mhsm_p256_pt_double(&twice, &table[0]);
	for (i = 1; i < WINDOW_ENTRIES; i++)
		mhsm_p256_pt_add(&table[i], &table[i - 1], &twice);
}

static void select_window(struct p256_jacobian *r,
			  const struct p256_jacobian table[WINDOW_ENTRIES],
			  u64 index, u64 negative)
{
	struct p256_fe neg;
	unsigned int i;

	*r = table[0];
	for (i = 1; i < WINDOW_ENTRIES; i++) {
		u64 mask = ct_eq(i, index);

		fe_cmov(&r->x, &table[i].x, mask);
		fe_cmov(&r->y, &table[i].y, mask);
		fe_cmov(&r->z, &table[i].z, mask);
	}
	fe_neg(&neg, &r->y);
	fe_cmov(&r->y, &neg, negative);
}

/*
 * Variable base: w = 4, N = 64. K = (k - 1) / 2 + 2^255, so that the top digit is
 * positive. The sum runs from the top: A = 16 A + d_i.
 *
 * Every A is odd and positive, so 16 A > |d_i| and neither 16 A + d_i nor
 * 16 A - d_i is 0; for i > 0 both are far below n. For i = 0 the former is
 * k < n. The latter is n for one k only: k = d_0 + 16 modulo 32 and k - 2 d_0 = n
 * give d_0 = 16 - n = -1 modulo 32, k = n - 2. Then the last addition is a
 * doubling; the addition gives z = 0, which it never does otherwise, and the
 * doubling, computed always, is put in its place.
 */
void mhsm_p256_pt_mul(struct p256_jacobian *r, const struct p256_sc *k,
		      const struct p256_affine *p)
{
	struct p256_jacobian table[WINDOW_ENTRIES], t;
	struct p256_sc odd;
	u64 negated, negative, index, same;
	int i, j;

	odd_multiples(table, p);
	negated = make_odd(&odd, k);

	/* the top digit of K is the top three bits of k after a one */
	select_window(r, table, get_bits(odd.v, 253, 3), 0);
	for (i = 62; i >= 0; i--) {
		for (j = 0; j < 4; j++)
			mhsm_p256_pt_double(r, r);
		index = digit_index(get_bits(odd.v, i * 4 + 1, 4), 4, &negative);
		select_window(&t, table, index, negative);
		if (i > 0)
			mhsm_p256_pt_add(r, r, &t);
	}
	mhsm_p256_pt_add(&t, r, &t);
	mhsm_p256_pt_double(r, r);
	same = fe_is_zero(&t.z);
	fe_cmov(&r->x, &t.x, ~same);
	fe_cmov(&r->y, &t.y, ~same);
	fe_cmov(&r->z, &t.z, ~same);

	fe_neg(&t.y, &r->y);
	fe_cmov(&r->y, &t.y, negated);
	memzero_explicit(table, sizeof(table));
	memzero_explicit(&t, sizeof(t));
	memzero_explicit(&odd, sizeof(odd));
	mhsm_pk_burn_stack();
}

/* a + b for public points: any a, b not infinity. */
static noinline void add_public(struct p256_jacobian *r,
				const struct p256_jacobian *a,
				const struct p256_jacobian *b)
{
	struct p256_jacobian sum;
	struct p256_fe za, zb, sa, sb;

	if (fe_is_zero(&a->z)) {
		*r = *b;
		return;
	}
	mhsm_p256_pt_add(&sum, a, b);
	if (fe_is_zero(&sum.z)) {
		/* the same x: the same point, or opposite ones */
		fe_sqr(&za, &a->z);
		fe_mul(&za, &za, &a->z);
		fe_sqr(&zb, &b->z);
		fe_mul(&zb, &zb, &b->z);
		fe_mul(&sa, &a->y, &zb);
		fe_mul(&sb, &b->y, &za);
		if (fe_eq(&sa, &sb))
			mhsm_p256_pt_double(&sum, a);
	}
	*r = sum;
}

/* The same for an affine b. */
static noinline void add_affine_public(struct p256_jacobian *r,
				       const struct p256_jacobian *a,
				       const struct p256_affine *b)
{
	const struct p256_fe one = P256_FE_ONE;
	struct p256_jacobian sum, t;

	if (!fe_is_zero(&a->z)) {
		mhsm_p256_pt_add_affine(&sum, a, b);
		if (!fe_is_zero(&sum.z)) {
			*r = sum;
			return;
		}
	}
	t.x = b->x;
	t.y = b->y;
	t.z = one;
	add_public(r, a, &t);
}

#define NAF_DIGITS 257

/*
 * The width-w non-adjacent form of k: digits zero or odd and below 2^(w-1) in
 * size, of any w in a row at most one not zero. Returns how many there are.
 */
static int recode_naf(s8 naf[NAF_DIGITS], const struct p256_sc *k, unsigned int w)
{
	int bit = 0, top = 0, carry = 0, digit;

	memset(naf, 0, NAF_DIGITS);
	while (bit < 256) {
		if ((int)get_bits(k->v, bit, 1) == carry) {
			bit++;
			continue;
		}
		digit = (int)get_bits(k->v, bit, w) + carry;
		carry = digit >> (w - 1);
		digit -= carry << w;
		naf[bit] = (s8)digit;
		top = bit + 1;
		bit += (int)w;
	}
	if (carry) {
		naf[256] = 1;
		top = NAF_DIGITS;
	}
	return top;
}

void mhsm_p256_pt_mul_public(struct p256_jacobian *r, const struct p256_sc *u1,
			     const struct p256_sc *u2,
			     const struct p256_affine *p)
{
	struct p256_jacobian table[WINDOW_ENTRIES], t;
	struct p256_affine g;
	s8 naf1[NAF_DIGITS], naf2[NAF_DIGITS];
	const u64 *entry;
	int i, n1, n2;

	/* row 0 of the base table has 1, 3, .. 31: digits of six bits */
	n1 = recode_naf(naf1, u1, 6);
	n2 = recode_naf(naf2, u2, 5);
	odd_multiples(table, p);

	memset(r, 0, sizeof(*r));
	for (i = (n1 > n2 ? n1 : n2) - 1; i >= 0; i--) {
		mhsm_p256_pt_double(r, r);
		if (naf2[i]) {
			t = table[(naf2[i] < 0 ? -naf2[i] : naf2[i]) / 2];
			if (naf2[i] < 0)
				fe_neg(&t.y, &t.y);
			add_public(r, r, &t);
		}
		if (naf1[i]) {
			entry = p256_base_table[0][(naf1[i] < 0 ? -naf1[i] : naf1[i]) / 2];
			memcpy(g.x.v, entry, sizeof(g.x.v));
			memcpy(g.y.v, entry + 4, sizeof(g.y.v));
			if (naf1[i] < 0)
				fe_neg(&g.y, &g.y);
			add_affine_public(r, r, &g);
		}
	}
}
