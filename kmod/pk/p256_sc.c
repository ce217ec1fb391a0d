// SPDX-License-Identifier: GPL-2.0-only
/* Arithmetic modulo the group order of P-256. See p256_sc.h. */
#include "p256_sc.h"

static const u64 sc_order[4] = P256_N;

/* -1 / n mod 2^64 */
#define N_NEG_INV 0xccd1c8aaee00bc4fULL

/* 2^512 mod n */
static const struct p256_sc sc_r_squared = { {
	0x83244c95be79eea2ULL, 0x4699799c49bd6fa6ULL,
	0x2845b2392b6bec59ULL, 0x66e12d94f3d95620ULL
} };

/* (a + m * n) / 2^64 with m chosen to clear the lowest limb; below 2^256. */
static __always_inline void sc_reduce_step(u64 a[4])
{
	u64 m = a[0] * N_NEG_INV, c;

	limb_mac0(a[0], m, sc_order[0], &c);
	a[0] = limb_mac(a[1], m, sc_order[1], &c);
	a[1] = limb_mac(a[2], m, sc_order[2], &c);
	a[2] = limb_mac(a[3], m, sc_order[3], &c);
	a[3] = c;
}

/* r = t / 2^256 mod n for t < n * 2^256; as in p256_fe.c. */
static __always_inline void sc_reduce(u64 r[4], const u64 t[8])
{
	u64 a[4] = { t[0], t[1], t[2], t[3] };
	u64 c;

	sc_reduce_step(a);
	sc_reduce_step(a);
	sc_reduce_step(a);
	sc_reduce_step(a);
	c = limb4_add(a, t + 4);
	limb4_reduce_once(r, a, c, sc_order);
}

void mhsm_p256_sc_mul(struct p256_sc *r, const struct p256_sc *a,
		      const struct p256_sc *b)
{
	u64 t[8];

	limb4_mul(t, a->v, b->v);
	sc_reduce(r->v, t);
}

static void sc_sqr_times(struct p256_sc *r, const struct p256_sc *a, unsigned int count)
{
	struct p256_sc x = *a;
	u64 t[8];

	while (count--) {
		limb4_sqr(t, x.v);
		sc_reduce(x.v, t);
	}
	*r = x;
}

void mhsm_p256_sc_add(struct p256_sc *r, const struct p256_sc *a,
		      const struct p256_sc *b)
{
	u64 t[4] = { a->v[0], a->v[1], a->v[2], a->v[3] };
	u64 c = limb4_add(t, b->v);

	limb4_reduce_once(r->v, t, c, sc_order);
}

void mhsm_p256_sc_neg(struct p256_sc *r, const struct p256_sc *a)
{
	u64 t[4] = { sc_order[0], sc_order[1], sc_order[2], sc_order[3] };

	/* n - a, and n itself, for a = 0, is reduced to 0 */
	limb4_sub(t, a->v);
	limb4_reduce_once(r->v, t, 0, sc_order);
}

void mhsm_p256_sc_to_mont(struct p256_sc *r, const struct p256_sc *a)
{
	mhsm_p256_sc_mul(r, a, &sc_r_squared);
}

/*
 * Fermat: a^(n-2). The upper half of n-2 is 32 ones, 32 zeros, 64 ones; the
 * lower half is cut into odd windows of at most four bits. Each entry says how
 * often to square, then which odd power to multiply by: the exponent is public.
 */
static const struct {
	u8 squarings;
	u8 power;
} low_windows[] = {
	{ 4, 11 }, { 2, 3 }, { 5, 7 }, { 6, 13 }, { 4, 15 }, { 4, 5 },
	{ 5, 11 }, { 5, 13 }, { 5, 7 }, { 7, 11 }, { 2, 3 }, { 6, 15 },
	{ 2, 1 }, { 8, 9 }, { 3, 7 }, { 5, 7 }, { 4, 7 }, { 5, 7 },
	{ 5, 5 }, { 3, 3 }, { 8, 11 }, { 4, 15 }, { 5, 3 }, { 5, 3 },
	{ 6, 9 }, { 4, 5 }, { 6, 15 }, { 0, 0 },
};

void mhsm_p256_sc_inv(struct p256_sc *r, const struct p256_sc *a)
{
	struct p256_sc odd[8];	/* odd[i] = a^(2i+1) */
	struct p256_sc x32, t;
	size_t i;

	odd[0] = *a;
	sc_sqr_times(&t, a, 1);
	for (i = 1; i < 8; i++)
		mhsm_p256_sc_mul(&odd[i], &odd[i - 1], &t);

	sc_sqr_times(&t, &odd[7], 4);
	mhsm_p256_sc_mul(&t, &t, &odd[7]);	/* 8 ones */
	sc_sqr_times(&x32, &t, 8);
	mhsm_p256_sc_mul(&t, &x32, &t);		/* 16 */
	sc_sqr_times(&x32, &t, 16);
	mhsm_p256_sc_mul(&x32, &x32, &t);

	sc_sqr_times(&t, &x32, 64);
	mhsm_p256_sc_mul(&t, &t, &x32);
	sc_sqr_times(&t, &t, 32);
	mhsm_p256_sc_mul(&t, &t, &x32);
	for (i = 0; low_windows[i].squarings; i++) {
		sc_sqr_times(&t, &t, low_windows[i].squarings);
		mhsm_p256_sc_mul(&t, &t, &odd[low_windows[i].power / 2]);
	}
	*r = t;
	memzero_explicit(odd, sizeof(odd));
	memzero_explicit(&x32, sizeof(x32));
	memzero_explicit(&t, sizeof(t));
}

u64 mhsm_p256_sc_load(struct p256_sc *r, const u8 b[32])
{
	u64 t[4], below;

	limb4_load_be(t, b);
	below = limb4_is_less(t, sc_order);
	limb4_reduce_once(r->v, t, 0, sc_order);
	return below;
}

/*
 * Reduction modulo m = n - 1 by folding: 2^256 = f modulo m with
 * f = 2^256 - m < 2^224, so that hi * 2^256 + lo becomes hi * f + lo. A 64-bit
 * hi leaves a hi of at most 2^32, that one a hi of at most 1. If the third fold
 * carries again, it leaves lo < f, and the fourth cannot carry. Then one
 * subtraction suffices, as 2m > 2^256.
 */
void mhsm_p256_sc_load_extra(struct p256_sc *r, const u8 b[40])
{
	static const u64 f[4] = {
		0x0c46353d039cdab0ULL, 0x4319055258e8617bULL,
		0x0000000000000000ULL, 0x00000000ffffffffULL
	};
	const u64 m[4] = { sc_order[0] - 1, sc_order[1], sc_order[2], sc_order[3] };
	const u64 one[4] = { 1, 0, 0, 0 };
	u64 t[4], hi, c;
	int i;

	hi = limb_load_be(b);
	limb4_load_be(t, b + 8);
	for (i = 0; i < 4; i++) {
		t[0] = limb_mac0(t[0], hi, f[0], &c);
		t[1] = limb_mac(t[1], hi, f[1], &c);
		t[2] = limb_mac(t[2], hi, f[2], &c);
		t[3] = limb_mac(t[3], hi, f[3], &c);
		hi = c;
	}
	limb4_reduce_once(t, t, 0, m);
	limb4_add(t, one);
	memcpy(r->v, t, sizeof(r->v));
	memzero_explicit(t, sizeof(t));
}

void mhsm_p256_sc_load_digest(struct p256_sc *r, const u8 *digest, size_t len)
{
	u8 b[32] = { 0 };

	if (len >= sizeof(b))
		memcpy(b, digest, sizeof(b));
	else
		memcpy(b + sizeof(b) - len, digest, len);
	mhsm_p256_sc_load(r, b);
}

void mhsm_p256_sc_store(u8 b[32], const struct p256_sc *a)
{
	limb4_store_be(b, a->v);
}
