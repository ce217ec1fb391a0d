// SPDX-License-Identifier: GPL-2.0-only
/* Making and checking RSA keys. See rsa_key.h. */
#include "rsa_key.h"

#define E 65537ull

/* sqrt(2) * 2^63, rounded down: the least top limb of a prime, less one */
#define SQRT2 0xb504f333f9de6484ull

/* ---- modulo 65537 ------------------------------------------------------------ */

/* x mod E for x < 2^34: 2^16 is -1 */
static u64 reduce_e(u64 x)
{
	u64 borrow = 0;

	x = (x & 0xffff) + 5 * E - (x >> 16 & 0xffff) + (x >> 32);	/* below 2^19 */
	x = (x & 0xffff) + E - (x >> 16);				/* below 2E */
	limb_sbb(x, E, &borrow);
	return x - (E & ~ct_hide((u64)0 - borrow));
}

static u64 mod_e(const u64 *a, size_t limbs)
{
	u64 x, sum = 0;
	size_t i;

	for (i = 0; i < limbs; i++) {
		/* 2^64 is 1 modulo E */
		x = (a[i] & 0xffff) + 2 * E - (a[i] >> 16 & 0xffff) +
		    (a[i] >> 32 & 0xffff) - (a[i] >> 48);
		sum = reduce_e(sum + x);
	}
	return sum;
}

/* 1 / a mod E by Fermat: a^(2^16 - 1) */
static u64 invert_mod_e(u64 a)
{
	u64 r = a;
	int i;

	for (i = 0; i < 15; i++)
		r = reduce_e(reduce_e(r * r) * a);
	return r;
}

/*
 * r = 1 / E mod a, where E does not divide a: (1 + k a) / E with the k below E for
 * which that has no remainder.
 */
static void invert_e(u64 *r, const u64 *a, size_t limbs)
{
	u64 inverse = E, k, x, carry = 1, borrow = 0, c, high;
	size_t i;

	for (i = 0; i < 5; i++)
		inverse *= 2 - E * inverse;
	k = E - invert_mod_e(mod_e(a, limbs));
	for (i = 0; i < limbs; i++) {
		x = limb_mac(0, a[i], k, &carry);
		c = 0;
		x = limb_sbb(x, borrow, &c);
		r[i] = x * inverse;
		limb_mac0(0, r[i], E, &high);
		borrow = high + c;
	}
}

/* r = 1 / E mod (prime - 1) */
static void exponent_of(u64 *r, u64 *tmp, const u64 *prime, size_t limbs)
{
	memcpy(tmp, prime, limbs * sizeof(*tmp));
	tmp[0] -= 1;
	invert_e(r, tmp, limbs);
}

/* ---- two primes ---------------------------------------------------------------- */

/* All ones if |p - q| > 2^(64 limbs - 100), or almost; tmp is overwritten. */
static u64 far_apart(u64 *tmp, const u64 *p, const u64 *q, size_t limbs)
{
	u64 borrow = 0, carry, mask, high, low;
	size_t i;

	for (i = 0; i < limbs; i++)
		tmp[i] = limb_sbb(p[i], q[i], &borrow);
	mask = ct_hide((u64)0 - borrow);
	carry = borrow;
	for (i = 0; i < limbs; i++)
		tmp[i] = limb_adc(tmp[i] ^ mask, 0, &carry);
	/* the top 100 bits, which have to be more than 1 */
	high = tmp[limbs - 1];
	low = tmp[limbs - 2] >> 28;
	return ~ct_is_zero(high | low >> 1);
}

/* r = a + (b - 1) with one limb more */
static void add_less_one(u64 *r, const u64 *a, const u64 *b, size_t limbs)
{
	u64 carry = 0;
	size_t i;

	for (i = 0; i < limbs; i++)
		r[i] = limb_adc(a[i], i ? b[i] : b[i] - 1, &carry);
	r[limbs] = carry;
}

/*
 * All ones if d, 1 / E modulo the least common multiple of p - 1 and q - 1, might be at
 * most 2^(64 limbs). It would then be dp or dp + (p - 1), for there is no room for
 * more, and likewise dq or dq + (q - 1): one of the four pairs would be equal.
 */
static u64 may_be_short(struct mhsm_rsa_key_scratch *s, size_t limbs)
{
	u64 *a = s->n, *b = s->wide, found;

	found = mhsm_mont_is_equal(s->dp, s->dq, limbs);
	add_less_one(a, s->dp, s->p, limbs);
	add_less_one(b, s->dq, s->q, limbs);
	found |= mhsm_mont_is_equal(a, b, limbs + 1);
	found |= ct_is_zero(a[limbs]) & mhsm_mont_is_equal(a, s->dq, limbs);
	found |= ct_is_zero(b[limbs]) & mhsm_mont_is_equal(b, s->dp, limbs);
	return found;
}

static int check_len(size_t n_len)
{
	return n_len == 256 || n_len == 384 || n_len == 512 ? 0 : -EINVAL;
}

/* s->n, s->dp, s->dq of s->p and s->q, and the modulus p */
static void products(struct mhsm_rsa_key_scratch *s, size_t limbs)
{
	exponent_of(s->dp, s->tmp, s->p, limbs);
	exponent_of(s->dq, s->tmp, s->q, limbs);
	mhsm_mont_init_limbs(&s->prime.mont, s->p, limbs);
	mhsm_mont_product(&s->prime.mont, s->n, s->p, s->q);
}

/* The same, and 1 / q mod p in s->tmp */
static int complete(struct mhsm_rsa_key_scratch *s, size_t limbs,
		    const struct mhsm_pk_relax *relax)
{
	struct mhsm_mont *m = &s->prime.mont;
	u64 *exp = s->prime.exp, borrow = 0;
	size_t i;
	int ret;

	products(s, limbs);
	/* q^(p - 2) */
	for (i = 0; i < limbs; i++)
		exp[i] = limb_sbb(s->p[i], i ? 0 : 2, &borrow);
	mhsm_mont_mul(m, s->tmp, s->q, m->rr);
	ret = mhsm_mont_pow(m, s->tmp, s->tmp, exp, limbs, &s->prime.pow, relax);
	if (ret)
		return ret;
	mhsm_mont_leave(m, s->tmp, s->tmp);
	return 0;
}

static void store_key(struct mhsm_rsa_numbers *key, const struct mhsm_rsa_key_scratch *s,
		      size_t n_len)
{
	size_t half = n_len / 2, limbs = half / 8;

	memset(key, 0, sizeof(*key));
	mhsm_mont_store(key->n, n_len, s->n, 2 * limbs);
	mhsm_mont_store(key->p, half, s->p, limbs);
	mhsm_mont_store(key->q, half, s->q, limbs);
	mhsm_mont_store(key->dp, half, s->dp, limbs);
	mhsm_mont_store(key->dq, half, s->dq, limbs);
	mhsm_mont_store(key->qinv, half, s->tmp, limbs);
}

/* ---- generation ---------------------------------------------------------------- */

/*
 * A prime that is not too near to 'other', if that is given: FIPS 186-5 A.1.3, steps 4
 * and 5. 'tries' counts candidates that are large enough.
 */
static int find_prime(struct mhsm_rsa_key_scratch *s, u64 *r, const u64 *other,
		      size_t half, unsigned int tries, const struct mhsm_pk_random *random,
		      const struct mhsm_pk_relax *relax)
{
	size_t limbs = half / 8;
	u64 ok, borrow;
	int ret;

	while (tries) {
		ret = mhsm_pk_relax(relax);
		if (!ret)
			ret = random->bytes(random->ctx, s->bytes, half);
		if (ret)
			return ret;
		s->bytes[half - 1] |= 1;
		mhsm_mont_load(r, limbs, s->bytes, half);

		borrow = 0;
		limb_sbb(SQRT2, r[limbs - 1], &borrow);
		if (other)
			borrow &= far_apart(s->tmp, r, other, limbs);
		mhsm_pk_declassify(&borrow, sizeof(borrow));
		if (!borrow)
			continue;
		tries--;
		ok = ~ct_eq(mod_e(r, limbs), 1);
		mhsm_pk_declassify(&ok, sizeof(ok));
		if (!ok || !mhsm_prime_sieve(&s->sieve, r, limbs))
			continue;
		ret = mhsm_prime_test(s->bytes, half, half == 128 ? 5 : 4, random, relax,
				      &s->prime);
		if (ret)
			return ret < 0 ? ret : 0;
	}
	return -EIO;
}

int mhsm_rsa_generate(struct mhsm_rsa_numbers *key, size_t n_len,
		      const struct mhsm_pk_random *random,
		      const struct mhsm_pk_relax *relax,
		      struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	size_t half = n_len / 2, limbs = half / 8, i;
	unsigned int bits = (unsigned int)(8 * n_len);
	u64 less, x;
	int ret;

	ret = check_len(n_len);
	if (ret)
		return ret;
	mhsm_prime_sieve_init(&s->sieve);
	do {
		ret = find_prime(s, s->p, NULL, half, 5 * bits, random, relax);
		if (!ret)
			ret = find_prime(s, s->q, s->p, half, 10 * bits, random, relax);
		if (ret)
			goto out_wipe;
		/* the larger is p */
		less = mhsm_mont_is_less(s->p, s->q, limbs);
		for (i = 0; i < limbs; i++) {
			x = (s->p[i] ^ s->q[i]) & less;
			s->p[i] ^= x;
			s->q[i] ^= x;
		}
		exponent_of(s->dp, s->tmp, s->p, limbs);
		exponent_of(s->dq, s->tmp, s->q, limbs);
		less = may_be_short(s, limbs);
		mhsm_pk_declassify(&less, sizeof(less));
	} while (less);
	ret = complete(s, limbs, relax);
	if (!ret)
		store_key(key, s, n_len);
out_wipe:
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ret;
}

/* ---- keys from outside ----------------------------------------------------------- */

/* Loads p and q; that they are odd and of full length is public. */
static int load_primes(struct mhsm_rsa_key_scratch *s, size_t n_len, const u8 *p,
		       const u8 *q)
{
	size_t half = n_len / 2;
	u8 odd, full;

	if (check_len(n_len))
		return -EINVAL;
	odd = p[half - 1] & q[half - 1] & 1;
	full = p[0] & q[0] & 0x80;
	mhsm_pk_declassify(&odd, sizeof(odd));
	mhsm_pk_declassify(&full, sizeof(full));
	if (!odd || !full)
		return -EINVAL;
	mhsm_mont_load(s->p, half / 8, p, half);
	mhsm_mont_load(s->q, half / 8, q, half);
	return 0;
}

int mhsm_rsa_key_complete(struct mhsm_rsa_numbers *out, size_t n_len, const u8 *p,
			  const u8 *q, struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	u64 top;
	int ret;

	ret = load_primes(s, n_len, p, q);
	if (ret)
		return ret;
	ret = complete(s, n_len / 16, NULL);
	top = s->n[n_len / 8 - 1] >> 63;
	mhsm_pk_declassify(&top, sizeof(top));
	if (!top)
		ret = -EINVAL;
	if (!ret)
		store_key(out, s, n_len);
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ret;
}

/* All ones if the bytes are the number; tmp is overwritten. */
static u64 same(u64 *tmp, const u8 *b, const u64 *a, size_t limbs)
{
	mhsm_mont_load(tmp, limbs, b, 8 * limbs);
	return mhsm_mont_is_equal(tmp, a, limbs);
}

/* All ones if n, dp and dq are what products() has computed; s->wide is overwritten. */
static u64 same_products(struct mhsm_rsa_key_scratch *s, const struct mhsm_rsa_key *key,
			 size_t limbs)
{
	u64 *tmp = s->wide, ok;

	ok = same(tmp, key->n, s->n, 2 * limbs);
	ok &= same(tmp, key->dp, s->dp, limbs) & same(tmp, key->dq, s->dq, limbs);
	/* without these there is no dp or dq, and what was computed is none */
	ok &= ~ct_eq(mod_e(s->p, limbs), 1) & ~ct_eq(mod_e(s->q, limbs), 1);
	return ok & ((u64)0 - (s->n[2 * limbs - 1] >> 63));
}

int mhsm_rsa_key_fits(const struct mhsm_rsa_key *key, struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	size_t half = key->n_len / 2, limbs = half / 8;
	struct mhsm_mont *m = &s->prime.mont;
	u64 ok, *qinv = s->tmp, *one = s->wide;
	int ret;

	ret = load_primes(s, key->n_len, key->p, key->q);
	if (ret)
		return ret;
	products(s, limbs);
	ok = same_products(s, key, limbs);
	/* q times its inverse is 1, and there is one such number below p */
	mhsm_mont_load(qinv, limbs, key->qinv, half);
	ok &= mhsm_mont_is_less(qinv, s->p, limbs);
	mhsm_mont_mul(m, qinv, qinv, m->rr);
	mhsm_mont_mul(m, qinv, qinv, s->q);
	mhsm_mont_canon(m, qinv);
	memset(one, 0, limbs * sizeof(*one));
	one[0] = 1;
	ok &= mhsm_mont_is_equal(qinv, one, limbs);
	mhsm_pk_declassify(&ok, sizeof(ok));
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ok ? 0 : -EINVAL;
}

int mhsm_rsa_key_check(const struct mhsm_rsa_key *key, unsigned int rounds,
		       const struct mhsm_pk_random *random,
		       const struct mhsm_pk_relax *relax,
		       struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	size_t half = key->n_len / 2, limbs = half / 8;
	u64 ok, *tmp = s->wide;
	int ret;

	ret = load_primes(s, key->n_len, key->p, key->q);
	if (ret)
		return ret;
	ret = complete(s, limbs, relax);
	if (ret)
		goto out_wipe;
	ok = same_products(s, key, limbs) & same(tmp, key->qinv, s->tmp, limbs);
	ok &= far_apart(tmp, s->p, s->q, limbs);
	mhsm_pk_declassify(&ok, sizeof(ok));
	ret = -EINVAL;
	if (!ok)
		goto out_wipe;
	ret = mhsm_prime_test(key->p, half, rounds, random, relax, &s->prime);
	if (ret > 0)
		ret = mhsm_prime_test(key->q, half, rounds, random, relax, &s->prime);
	if (ret == 0)
		ret = -EINVAL;
	else if (ret > 0)
		ret = 0;
out_wipe:
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ret;
}

int mhsm_rsa_key_exponent(u8 *d, const struct mhsm_rsa_key *key,
			  struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	size_t limbs = key->n_len / 16;
	int ret;

	ret = load_primes(s, key->n_len, key->p, key->q);
	if (ret)
		return ret;
	mhsm_mont_init_limbs(&s->prime.mont, s->p, limbs);
	s->p[0] -= 1;
	s->q[0] -= 1;
	mhsm_mont_product(&s->prime.mont, s->n, s->p, s->q);
	invert_e(s->wide, s->n, 2 * limbs);
	mhsm_mont_store(d, key->n_len, s->wide, 2 * limbs);
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return 0;
}

/* All ones if d, in s->n, is the bytes modulo (prime - 1): shift and subtract. */
static u64 is_congruent(struct mhsm_rsa_key_scratch *s, const u8 *bytes, u64 *prime,
			size_t limbs)
{
	u64 *r = s->wide, *less = s->tmp, carry, borrow, x, fits;
	size_t i, j;

	prime[0] -= 1;
	memset(r, 0, limbs * sizeof(*r));
	for (i = 128 * limbs; i-- > 0;) {
		carry = s->n[i / 64] >> (i % 64) & 1;
		for (j = 0; j < limbs; j++) {
			x = r[j];
			r[j] = x << 1 | carry;
			carry = x >> 63;
		}
		borrow = 0;
		for (j = 0; j < limbs; j++)
			less[j] = limb_sbb(r[j], prime[j], &borrow);
		fits = ct_hide((u64)0 - (carry | (borrow ^ 1)));
		for (j = 0; j < limbs; j++)
			r[j] = ct_select(fits, less[j], r[j]);
	}
	return same(s->tmp, bytes, r, limbs);
}

int mhsm_rsa_key_check_exponent(const struct mhsm_rsa_key *key, const u8 *d, size_t d_len,
				struct mhsm_rsa_key_scratch *scratch)
{
	struct mhsm_rsa_key_scratch *s = scratch;
	size_t limbs = key->n_len / 16;
	u64 ok;
	int ret;

	if (!d_len || d_len > key->n_len)
		return -EINVAL;
	ret = load_primes(s, key->n_len, key->p, key->q);
	if (ret)
		return ret;
	mhsm_mont_load(s->n, 2 * limbs, d, d_len);
	ok = is_congruent(s, key->dp, s->p, limbs) & is_congruent(s, key->dq, s->q, limbs);
	mhsm_pk_declassify(&ok, sizeof(ok));
	memzero_explicit(s, sizeof(*s));
	mhsm_pk_burn_stack();
	return ok ? 0 : -EINVAL;
}
