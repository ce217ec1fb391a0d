// SPDX-License-Identifier: GPL-2.0-only
/* Probable primes. See prime.h. */
#include "prime.h"

/* 1 / a mod 2^64 for odd a: Newton, from the three bits of which a is its own inverse */
static u64 invert_limb(u64 a)
{
	u64 x = a;
	int i;

	for (i = 0; i < 5; i++)
		x *= 2 - a * x;
	return x;
}

/* ---- the sieve -------------------------------------------------------------- */

void mhsm_prime_sieve_init(struct mhsm_prime_sieve *s)
{
	u8 composite[MHSM_PRIME_SIEVE_END / 16] = { 0 };
	size_t i, k, count = 0;

	/* bit k stands for 2k + 1 */
	for (i = 3; i < MHSM_PRIME_SIEVE_END; i += 2) {
		if (composite[i / 16] >> (i / 2 % 8) & 1)
			continue;
		for (k = i * i; k < MHSM_PRIME_SIEVE_END; k += 2 * i)
			composite[k / 16] |= (u8)(1 << (k / 2 % 8));
		s->prime[count] = (u32)i;
		s->inverse[count] = invert_limb(i);
		s->limit[count] = ~0ull / i;
		count++;
	}
}

/*
 * A number congruent to a / 2^(64 limbs) modulo the odd 'mod', at most that: 0 or mod
 * if it divides a. 'inverse' is that of mod.
 */
static u64 fold(const u64 *a, size_t limbs, u64 mod, u64 inverse)
{
	u64 x = 0, carry, high;
	size_t i;

	for (i = 0; i < limbs; i++) {
		carry = 0;
		x = limb_adc(x, a[i], &carry);
		limb_mac0(x, x * (0 - inverse), mod, &high);
		x = high + carry;
	}
	return x;
}

u64 mhsm_prime_sieve(const struct mhsm_prime_sieve *s, const u64 *a, size_t limbs)
{
	size_t i, end = 0;
	u64 mod, x, borrow, divided;

	for (i = 0; i < MHSM_PRIME_SIEVE_COUNT; i = end) {
		/* as many primes at once as have a product of one limb */
		mod = s->prime[i];
		for (end = i + 1; end < MHSM_PRIME_SIEVE_COUNT && mod <= s->limit[end]; end++)
			mod *= s->prime[end];
		x = fold(a, limbs, mod, invert_limb(mod));
		divided = 0;
		for (; i < end; i++) {
			/* a multiple times the inverse is the quotient, others are more */
			borrow = 0;
			limb_sbb(s->limit[i], x * s->inverse[i], &borrow);
			divided |= borrow ^ 1;
		}
		divided = ct_hide(divided);
		mhsm_pk_declassify(&divided, sizeof(divided));
		if (divided)
			return 0;
	}
	return ~0ull;
}

/* ---- Miller-Rabin ------------------------------------------------------------ */

/*
 * How many of the last squarings are looked at one by one, in limbs: more than two
 * divides the number less one, a. Not to show how often that is, it is a whole limb
 * of them. That a limb is not enough is public: one prime in 2^64 is like that.
 */
static size_t limbs_of_twos(const u64 *a)
{
	size_t limbs = 1;
	u64 more;

	for (;; limbs++) {
		more = ct_is_zero(a[limbs - 1]);
		mhsm_pk_declassify(&more, sizeof(more));
		if (!more)
			return limbs;
	}
}

/* A base in 2..a - 2, uniformly; those outside are drawn again. */
static int draw_base(struct mhsm_prime_scratch *s, size_t len, u8 top,
		     const struct mhsm_pk_random *random)
{
	size_t i, limbs = s->mont.limbs;
	u64 ok, high;
	int ret;

	top |= top >> 1;
	top |= top >> 2;
	top |= top >> 4;
	do {
		ret = random->bytes(random->ctx, s->bytes, len);
		if (ret)
			return ret;
		s->bytes[0] &= top;
		mhsm_mont_load(s->base, limbs, s->bytes, len);
		high = s->base[0] & ~1ull;
		for (i = 1; i < limbs; i++)
			high |= s->base[i];
		ok = ~ct_is_zero(high) & mhsm_mont_is_less(s->base, s->less_one, limbs);
		mhsm_pk_declassify(&ok, sizeof(ok));
	} while (!ok);
	return 0;
}

/*
 * With the power 1 / 2^steps of that which Fermat has, in x: is one of those that its
 * squares lead through what it has to be if the number is prime? They are
 * base^(less_one >> j) for j from steps down to 1, which counts where 2^j divides
 * less_one: -1 anywhere, 1 at the last such j, where the power is odd.
 */
static u64 is_witness_of_prime(struct mhsm_prime_scratch *s, size_t steps)
{
	struct mhsm_mont *m = &s->mont;
	size_t i, j, limbs = m->limbs;
	u64 bit, divides, odd, high, ok = 0;

	for (j = steps; j > 0; j--) {
		/* does 2^j divide less_one, and 2^(j + 1) not? */
		divides = 0;
		for (i = 0; i < j; i++)
			divides |= s->less_one[i / 64] >> (i % 64) & 1;
		divides = ct_is_zero(divides);
		odd = ct_hide((u64)0 - (s->less_one[j / 64] >> (j % 64) & 1));

		mhsm_mont_leave(m, s->y, s->x);
		ok |= divides & mhsm_mont_is_equal(s->y, s->less_one, limbs);
		high = s->y[0] ^ 1;
		for (i = 1; i < limbs; i++)
			high |= s->y[i];
		ok |= divides & odd & ct_is_zero(high);

		/* to the next: squared, and times the base where there is a bit */
		bit = ct_hide((u64)0 - (s->less_one[(j - 1) / 64] >> ((j - 1) % 64) & 1));
		mhsm_mont_sqr(m, s->x, s->x);
		mhsm_mont_mul(m, s->y, s->x, s->base);
		for (i = 0; i < limbs; i++)
			s->x[i] = ct_select(bit, s->y[i], s->x[i]);
	}
	return ok;
}

int mhsm_prime_test(const u8 *a, size_t len, unsigned int rounds,
		    const struct mhsm_pk_random *random,
		    const struct mhsm_pk_relax *relax, struct mhsm_prime_scratch *s)
{
	struct mhsm_mont *m = &s->mont;
	size_t skip;
	u64 ok;
	int ret;

	mhsm_mont_init(m, a, len);
	memcpy(s->less_one, m->n, m->limbs * sizeof(*m->n));
	s->less_one[0] &= ~1ull;
	skip = limbs_of_twos(s->less_one);
	memset(s->exp, 0, sizeof(s->exp));
	memcpy(s->exp, s->less_one + skip, (m->limbs - skip) * sizeof(*s->exp));

	while (rounds--) {
		ret = draw_base(s, len, a[0], random);
		if (ret)
			return ret;
		mhsm_mont_mul(m, s->base, s->base, m->rr);
		ret = mhsm_mont_pow(m, s->x, s->base, s->exp, m->limbs, &s->pow, relax);
		if (ret)
			return ret;
		ok = is_witness_of_prime(s, 64 * skip);
		mhsm_pk_declassify(&ok, sizeof(ok));
		if (!ok)
			return 0;
	}
	return 1;
}
