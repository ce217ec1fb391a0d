// SPDX-License-Identifier: GPL-2.0-only
/*
 * RSA's private operation by vectors: kmod/rsa_engine.c. User Mode Linux runs on the processor itself; that of guests is
 * emulated and has no AVX-512.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/pk/rsa_ifma.h"
#include "kmod/pk/rsa_key.h"
#include "kmod/prim.h"
#include "kmod/rsa_engine.h"

#define MESSAGES 16

struct work {
	struct mhsm_rsa_key_scratch scratch;
	struct mhsm_rsa_numbers numbers;
	u8 secret[MHSM_RSA_SECRET_LEN(MHSM_RSA_MAX)];
	u8 in[MHSM_RSA_MAX], scalar[MHSM_RSA_MAX], ifma[MHSM_RSA_MAX], chosen[MHSM_RSA_MAX];
	u64 scalar_ns, ifma_ns; /* of all */
};

/* A random key, as mech_rsa.c stores it */
static struct mhsm_rsa_ref make_key(struct kunit *test, struct work *w, size_t n_len)
{
	const struct mhsm_rsa_numbers *k = &w->numbers;
	const u8 *const parts[] = { k->p, k->q, k->dp, k->dq, k->qinv };
	size_t half = n_len / 2, i;

	KUNIT_ASSERT_EQ(test, mhsm_rsa_generate(&w->numbers, n_len, &mhsm_rsa_random, &mhsm_rsa_relax, &w->scratch), 0);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		memcpy(w->secret + i * half, parts[i], half);
	return (struct mhsm_rsa_ref){ k->n, n_len, w->secret };
}

/* w->in to the power of the private exponent, each way, which must return @want */
static void power_all(struct kunit *test, const struct mhsm_rsa_ref *key, struct work *w, int want)
{
	u64 start;

	memcpy(w->scalar, w->in, key->n_len);
	memcpy(w->ifma, w->in, key->n_len);
	memcpy(w->chosen, w->in, key->n_len);
	start = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, mhsm_rsa_engine_power(MHSM_RSA_SCALAR, key, w->scalar), want);
	w->scalar_ns += ktime_get_ns() - start;
	start = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, mhsm_rsa_engine_power(MHSM_RSA_IFMA, key, w->ifma), want);
	w->ifma_ns += ktime_get_ns() - start;
	KUNIT_ASSERT_EQ(test, mhsm_rsa_power(key, w->chosen), want);
	KUNIT_EXPECT_EQ(test, memcmp(w->scalar, w->ifma, key->n_len), 0);
	KUNIT_EXPECT_EQ(test, memcmp(w->scalar, w->chosen, key->n_len), 0);
}

static void agree(struct kunit *test, const struct mhsm_rsa_ref *key, struct work *w)
{
	power_all(test, key, w, 0);
	KUNIT_ASSERT_EQ(test, mhsm_rsa_public_power(key, w->ifma), 0);
	KUNIT_EXPECT_EQ(test, memcmp(w->ifma, w->in, key->n_len), 0);
}

/* All refuse, and leave what they were given. */
static void refuse(struct kunit *test, const struct mhsm_rsa_ref *key, struct work *w, int error)
{
	power_all(test, key, w, error);
	KUNIT_EXPECT_EQ(test, memcmp(w->ifma, w->in, key->n_len), 0);
}

static void edges(struct kunit *test, const struct mhsm_rsa_ref *key, struct work *w)
{
	size_t last = key->n_len - 1;

	memset(w->in, 0, key->n_len);
	agree(test, key, w);
	w->in[last] = 1;
	agree(test, key, w);
	memcpy(w->in, key->n, key->n_len);
	w->in[last] -= 1; /* n is odd */
	agree(test, key, w);
	w->in[last] += 1;
	refuse(test, key, w, -EINVAL);
	memset(w->in, 0xff, key->n_len);
	refuse(test, key, w, -EINVAL);
	/* multiples of the primes */
	memset(w->in, 0, key->n_len);
	memcpy(w->in + key->n_len / 2, w->numbers.p, key->n_len / 2);
	agree(test, key, w);
	memcpy(w->in + key->n_len / 2, w->numbers.q, key->n_len / 2);
	agree(test, key, w);
}

/* A fault in either half of the key is seen before the result leaves. */
static void faults(struct kunit *test, const struct mhsm_rsa_ref *key, struct work *w)
{
	size_t half = key->n_len / 2, at;

	memset(w->in, 0x5a, key->n_len);
	for (at = 2 * half; at < 4 * half; at += half) {
		w->secret[at + 7] ^= 0x10;
		refuse(test, key, w, -EIO);
		w->secret[at + 7] ^= 0x10;
	}
	agree(test, key, w);
}

static void engines_agree(struct kunit *test, size_t n_len)
{
	struct mhsm_rsa_ref key;
	struct work *w;
	int i;

	if (!mhsm_mont52_usable())
		kunit_skip(test, "this processor has no AVX-512 IFMA");
	w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	key = make_key(test, w, n_len);
	edges(test, &key, w);
	faults(test, &key, w);
	w->scalar_ns = 0;
	w->ifma_ns = 0;
	for (i = 0; i < MESSAGES; i++) {
		KUNIT_ASSERT_EQ(test, mhsm_prim_random(w->in, n_len), 0);
		w->in[0] &= 0x7f; /* below n */
		agree(test, &key, w);
	}
	kunit_info(test, "one takes %llu us, with AVX-512 IFMA %llu us\n", w->scalar_ns / MESSAGES / 1000,
		   w->ifma_ns / MESSAGES / 1000);
}

static void engines_agree_2048(struct kunit *test)
{
	engines_agree(test, 256);
}

static void engines_agree_3072(struct kunit *test)
{
	engines_agree(test, 384);
}

static void engines_agree_4096(struct kunit *test)
{
	engines_agree(test, 512);
}

static struct kunit_case rsa_engine_cases[] = {
	KUNIT_CASE_SLOW(engines_agree_2048),
	KUNIT_CASE_SLOW(engines_agree_3072),
	KUNIT_CASE_SLOW(engines_agree_4096),
	{}
};

static struct kunit_suite rsa_engine_suite = {
	.name = "mhsm_rsa_engine",
	.test_cases = rsa_engine_cases,
};

kunit_test_suite(rsa_engine_suite);
