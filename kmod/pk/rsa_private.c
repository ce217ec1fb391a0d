// SPDX-License-Identifier: GPL-2.0-only
/* The RSA private operation. See rsa_private.h. */
#include "rsa_private.h"

/* ---- modulo one limb -------------------------------------------------------- */

/*
 * The input is blinded by the factor r^e, r = r1 * r2 with both of 63 bits, and the
 * result unblinded by dividing it by r1 and r2 modulo n. To divide by a number of one
 * limb needs no inverse modulo n, only one modulo that limb, which is as good as free.
 */
struct small {
	u64 r;			/* odd, 2^62 < r < 2^63 */
	u64 r_inv;		/* 1 / r mod 2^64 */
};

static void small_load(struct small *s, const u8 b[8])
{
	size_t i;
	u64 x;

	s->r = (limb_load_be(b) >> 1 | 1ull << 62) | 1;
	x = s->r;
	for (i = 0; i < 5; i++)
		x *= 2 - s->r * x;
	s->r_inv = x;
}

/* x / 2^64 mod r, below r, for x of two limbs, below 2^64 * r */
static u64 small_reduce(const struct small *s, u64 lo, u64 hi)
{
	u64 c, borrow = 0, d;

	limb_mac0(lo, lo * (0 - s->r_inv), s->r, &c);
	hi += c;		/* below 2r */
	d = limb_sbb(hi, s->r, &borrow);
	return ct_select(ct_hide((u64)0 - borrow), hi, d);
}

/* The number a divided by 2^(64 limbs), mod r. */
static u64 small_mod(const struct small *s, const u64 *a, size_t limbs)
{
	u64 x = 0, carry;
	size_t i;

	for (i = 0; i < limbs; i++) {
		carry = 0;
		x = limb_adc(x, a[i], &carry);
		x = small_reduce(s, x, carry);
	}
	return x;
}

/*
 * 1 / a mod r: Stein's algorithm, always as many steps as two numbers of 63 bits can
 * need. A * a = u and C * a = v modulo r throughout.
 */
static u64 small_invert(const struct small *s, u64 a)
{
	u64 u = a, v = s->r, A = 1, C = 0, odd, swap, x, borrow;
	int i;

	for (i = 0; i < 126; i++) {
		odd = ct_hide((u64)0 - (u & 1));
		borrow = 0;
		limb_sbb(u, v, &borrow);
		swap = odd & ct_hide((u64)0 - borrow);
		x = (u ^ v) & swap;
		u ^= x;
		v ^= x;
		x = (A ^ C) & swap;
		A ^= x;
		C ^= x;
		u = (u - (v & odd)) >> 1;
		borrow = 0;
		A = limb_sbb(A, C & odd, &borrow);
		A += s->r & ct_hide((u64)0 - borrow);
		A = (A + (s->r & ct_hide((u64)0 - (A & 1)))) >> 1;
	}
	return C;
}

/* a = a / r mod n: (a + k n) / r with the k below r for which that has no remainder. */
static void small_divide(const struct small *s, u64 *a, const u64 *n, size_t limbs)
{
	u64 k, x, lo, hi, carry = 0, borrow = 0, c;
	size_t i;

	/* the inverse has the factor that the product loses again */
	k = small_invert(s, small_reduce(s, small_mod(s, n, limbs), 0));
	lo = limb_mac0(0, small_mod(s, a, limbs), k, &hi);
	k = small_reduce(s, lo, hi);		/* a / n */
	k = (s->r - k) & ~ct_is_zero(k);	/* -a / n */

	for (i = 0; i < limbs; i++) {
		x = limb_mac(a[i], n[i], k, &carry);
		c = 0;
		x = limb_sbb(x, borrow, &c);
		a[i] = x * s->r_inv;
		limb_mac0(0, a[i], s->r, &hi);
		borrow = hi + c;
	}
}

/* ---- modulo a prime --------------------------------------------------------- */

/* r = a + b mod n for a, b < R, where the top bit of n is set; r is neither. */
static void add_mod(struct mhsm_mont *m, u64 *r, u64 *a, u64 *b)
{
	u64 carry = 0, borrow = 0, keep;
	size_t i;

	mhsm_mont_canon(m, a);
	mhsm_mont_canon(m, b);
	for (i = 0; i < m->limbs; i++)
		r[i] = limb_adc(a[i], b[i], &carry);
	/* below 2n: R fewer if there was a carry, which subtracting n borrows again */
	for (i = 0; i < m->limbs; i++)
		limb_sbb(r[i], m->n[i], &borrow);
	keep = ct_hide((u64)0 - (borrow & ~carry));
	borrow = 0;
	for (i = 0; i < m->limbs; i++)
		r[i] = limb_sbb(r[i], m->n[i] & ~keep, &borrow);
}

/* a = a - b mod n for a, b < n */
static void sub_mod(const struct mhsm_mont *m, u64 *a, const u64 *b)
{
	u64 carry = 0, borrow = 0, mask;
	size_t i;

	for (i = 0; i < m->limbs; i++)
		a[i] = limb_sbb(a[i], b[i], &borrow);
	mask = ct_hide((u64)0 - borrow);
	for (i = 0; i < m->limbs; i++)
		a[i] = limb_adc(a[i], m->n[i] & mask, &carry);
}

/* r = a^65537, in Montgomery form; r is not a */
static void pow_e(struct mhsm_mont *m, u64 *r, const u64 *a)
{
	int i;

	mhsm_mont_sqr(m, r, a);
	for (i = 1; i < 16; i++)
		mhsm_mont_sqr(m, r, r);
	mhsm_mont_mul(m, r, r, a);
}

/*
 * r = in * blind^e mod prime, in Montgomery form, and s->exp = d + k (prime - 1),
 * where the prime is m->n and k the eight bytes.
 */
static void blind_for_prime(struct mhsm_rsa_private_scratch *s, u64 *r, const u8 *d,
			    const u8 k_bytes[8])
{
	struct mhsm_mont *m = &s->mont;
	u64 k = limb_load_be(k_bytes), carry = 0;
	size_t i, limbs = m->limbs;

	mhsm_mont_load(s->exp, limbs, d, 8 * limbs);
	for (i = 0; i < limbs; i++)
		s->exp[i] = limb_mac(s->exp[i], i ? m->n[i] : m->n[i] - 1, k, &carry);
	s->exp[limbs] = carry;

	/* to Montgomery form: the upper half of the input is in * R already */
	mhsm_mont_mul(m, r, s->in + limbs, m->rr);
	mhsm_mont_mul(m, r, r, m->rr);
	mhsm_mont_mul(m, s->tmp, s->in, m->rr);
	add_mod(m, s->pow.acc, r, s->tmp);

	mhsm_mont_mul(m, s->tmp, s->blind, m->rr);
	pow_e(m, r, s->tmp);
	mhsm_mont_mul(m, r, r, s->pow.acc);
}

/* r = r^(s->exp) mod prime, plain; or has it computed later */
static int power(struct mhsm_rsa_private_scratch *s, u64 *r, int side,
		 const struct mhsm_rsa_pair *pair, const struct mhsm_pk_relax *relax)
{
	struct mhsm_mont *m = &s->mont;
	int ret;

	if (pair) {
		pair->load(pair->work, side, m, r, s->exp);
		return 0;
	}
	ret = mhsm_mont_pow(m, r, r, s->exp, m->limbs + 1, &s->pow, relax);
	if (ret)
		return ret;
	mhsm_mont_leave(m, r, r);
	return 0;
}

/* out = in^d blind mod n, by the primes (Garner's formula) */
static int pow_blinded(struct mhsm_rsa_private_scratch *s, const struct mhsm_rsa_key *key,
		       const u8 rnd[32], const struct mhsm_rsa_pair *pair,
		       const struct mhsm_pk_relax *relax)
{
	size_t i, half = key->n_len / 2, limbs = half / 8;
	struct mhsm_mont *m = &s->mont;
	u64 carry = 0;
	int ret;

	mhsm_mont_load(s->q, limbs, key->q, half);
	mhsm_mont_init_limbs(m, s->q, limbs);
	blind_for_prime(s, s->mod_q, key->dq, rnd + 16);
	ret = power(s, s->mod_q, 0, pair, relax);
	if (ret)
		return ret;

	mhsm_mont_load(s->tmp, limbs, key->p, half);
	mhsm_mont_init_limbs(m, s->tmp, limbs);
	blind_for_prime(s, s->mod_p, key->dp, rnd + 24);
	ret = power(s, s->mod_p, 1, pair, relax);
	if (!ret && pair)
		ret = pair->pow(pair->work, s->mod_q, s->mod_p, limbs, relax);
	if (ret)
		return ret;

	/* h = (mod_p - mod_q) / q mod p, out = mod_q + h q */
	memcpy(s->tmp, s->mod_q, limbs * sizeof(*s->tmp));
	mhsm_mont_canon(m, s->tmp);
	sub_mod(m, s->mod_p, s->tmp);
	mhsm_mont_load(s->tmp, limbs, key->qinv, half);
	mhsm_mont_mul(m, s->tmp, s->tmp, m->rr);
	mhsm_mont_mul(m, s->mod_p, s->mod_p, s->tmp);
	mhsm_mont_canon(m, s->mod_p);
	mhsm_mont_product(m, s->out, s->mod_p, s->q);
	for (i = 0; i < limbs; i++)
		s->out[i] = limb_adc(s->out[i], s->mod_q[i], &carry);
	for (; i < 2 * limbs; i++)
		s->out[i] = limb_adc(s->out[i], 0, &carry);
	return 0;
}

/* All ones if out^65537 mod n is the input; uses the memory of the table. */
static u64 verifies(struct mhsm_rsa_private_scratch *s, size_t limbs)
{
	u64 *base = s->pow.table, *r = s->pow.table + limbs;
	struct mhsm_mont *m = &s->mont;
	int i;

	mhsm_mont_init_limbs(m, s->n, limbs);
	mhsm_mont_mul(m, base, s->out, m->rr);
	mhsm_mont_sqr(m, r, base);
	for (i = 1; i < 16; i++)
		mhsm_mont_sqr(m, r, r);
	/* out of Montgomery form by multiplying with what is not in it */
	mhsm_mont_mul(m, r, r, s->out);
	mhsm_mont_canon(m, r);
	return mhsm_mont_is_equal(r, s->in, limbs) &
	       mhsm_mont_is_less(s->out, s->n, limbs);
}

static int check_shape(const struct mhsm_rsa_key *key)
{
	size_t half = key->n_len / 2;
	u8 odd, full;

	if (key->n_len != 256 && key->n_len != 384 && key->n_len != 512)
		return -EINVAL;
	odd = key->n[key->n_len - 1] & key->p[half - 1] & key->q[half - 1] & 1;
	full = key->n[0] & key->p[0] & key->q[0] & 0x80;
	mhsm_pk_declassify(&odd, sizeof(odd));
	mhsm_pk_declassify(&full, sizeof(full));
	return odd && full ? 0 : -EINVAL;
}

int mhsm_rsa_private_by(const struct mhsm_rsa_pair *pair, u8 *out,
			const struct mhsm_rsa_key *key, const u8 *in, const u8 rnd[32],
			const struct mhsm_pk_relax *relax,
			struct mhsm_rsa_private_scratch *scratch)
{
	struct mhsm_rsa_private_scratch *s = scratch;
	struct small r1, r2;
	size_t limbs;
	u64 ok;
	int ret;

	ret = check_shape(key);
	if (ret)
		return ret;
	limbs = key->n_len / 8;
	mhsm_mont_load(s->n, limbs, key->n, key->n_len);
	mhsm_mont_load(s->in, limbs, in, key->n_len);
	ok = mhsm_mont_is_less(s->in, s->n, limbs);
	mhsm_pk_declassify(&ok, sizeof(ok));
	if (!ok) {
		ret = -EINVAL;
		goto out_wipe;
	}

	small_load(&r1, rnd);
	small_load(&r2, rnd + 8);
	memset(s->blind, 0, sizeof(s->blind));
	s->blind[0] = limb_mac0(0, r1.r, r2.r, &s->blind[1]);

	ret = pow_blinded(s, key, rnd, pair, relax);
	if (ret)
		goto out_wipe;
	small_divide(&r1, s->out, s->n, limbs);
	small_divide(&r2, s->out, s->n, limbs);

	ok = verifies(s, limbs);
	mhsm_pk_declassify(&ok, sizeof(ok));
	if (ok)
		mhsm_mont_store(out, key->n_len, s->out, limbs);
	else
		ret = -EIO;
out_wipe:
	memzero_explicit(&r1, sizeof(r1));
	memzero_explicit(&r2, sizeof(r2));
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ret;
}

int mhsm_rsa_private(u8 *out, const struct mhsm_rsa_key *key, const u8 *in,
		     const u8 rnd[32], const struct mhsm_pk_relax *relax,
		     struct mhsm_rsa_private_scratch *scratch)
{
	return mhsm_rsa_private_by(NULL, out, key, in, rnd, relax, scratch);
}
