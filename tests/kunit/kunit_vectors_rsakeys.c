// SPDX-License-Identifier: GPL-2.0-only
/* The vectors for RSA keys and primes: kmod/mech_rsa.c, kmod/pkcs8.c, kmod/pk; and these keys for the other vectors */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/pkcs8.h"
#include "tests/kunit/kunit_vectors_rsa.h"

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Big-endian, in @len bytes; false if it is longer */
static bool number(struct vectors *v, const char *field, u8 *out, size_t len)
{
	struct vectors_bytes b = vectors_bytes(v, field);

	while (b.len && !*b.data) {
		b.data++;
		b.len--;
	}
	if (b.len > len)
		return false;
	memset(out, 0, len - b.len);
	memcpy(out + len - b.len, b.data, b.len);
	return true;
}

static bool is_ours(const struct kunit_rsa_keys *k)
{
	size_t half = k->n_len / 2;

	return k->e_len == 3 && !memcmp(k->e, "\x01\x00\x01", 3) && k->secret[0] & 0x80 && k->secret[half] & 0x80;
}

/* The key of the present line of k->file */
static void read_key(struct kunit *test, struct kunit_rsa_keys *k)
{
	static const char *const parts[] = { "p", "q", "dp", "dq", "qinv" };
	struct vectors_bytes e = vectors_bytes(k->file, "e");
	unsigned int i;
	size_t half;

	k->n_len = vectors_bytes(k->file, "n").len;
	k->e_len = e.len;
	KUNIT_ASSERT_TRUE(test, k->n_len >= 256 && k->n_len <= MHSM_RSA_MAX_BYTES && e.len && e.len <= sizeof(k->e));
	KUNIT_ASSERT_TRUE(test, number(k->file, "n", k->n, k->n_len) && number(k->file, "d", k->d, k->n_len));
	memcpy(k->e, e.data, e.len);
	half = k->n_len / 2;
	memset(k->secret, 0, sizeof(k->secret));
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!number(k->file, parts[i], k->secret + i * half, half))
			break;
	k->private = i == ARRAY_SIZE(parts) && is_ours(k);
}

struct kunit_rsa_keys *kunit_rsa_keys(struct kunit *test)
{
	struct kunit_vectors_work *work = test->priv;
	struct kunit_rsa_keys *k = (struct kunit_rsa_keys *)work->state;

	BUILD_BUG_ON(sizeof(*k) > sizeof(work->state));
	if (k->scratch)
		return k;
	k->scratch = kunit_kzalloc(test, sizeof(*k->scratch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, k->scratch);
	return k;
}

struct kunit_rsa_keys *kunit_rsa_key(struct kunit *test, const char *path, const char *name)
{
	struct kunit_rsa_keys *k = kunit_rsa_keys(test);

	if (!strcmp(k->name, name))
		return k;
	if (!k->file)
		k->file = vectors_open(path);
	KUNIT_ASSERT_TRUE_MSG(test, vectors_find(k->file, "key", name), "%s", name);
	read_key(test, k);
	strscpy(k->name, name, sizeof(k->name));
	return k;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* All follows from the primes, and these are some: one round for each is enough for numbers that are published. */
enum kunit_vectors_answer kunit_rsa_numbers(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	static const char *const parts[] = { "n", "p", "q", "dp", "dq", "qinv" };
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_rsa_numbers *made = (struct mhsm_rsa_numbers *)work->out;
	const u8 *const got[] = { made->n, made->p, made->q, made->dp, made->dq, made->qinv };
	struct kunit_rsa_keys *k = kunit_rsa_keys(test);
	struct mhsm_rsa_key pk;
	unsigned int i;
	size_t len;

	BUILD_BUG_ON(sizeof(*made) > sizeof(work->out));
	k->file = v;
	read_key(test, k);
	if (!k->private)
		return KUNIT_VECTORS_LEFT_OUT;
	KUNIT_ASSERT_EQ(test, mhsm_rsa_key_complete(made, k->n_len, k->secret, k->secret + k->n_len / 2,
						    &k->scratch->key), 0);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		len = i ? k->n_len / 2 : k->n_len;
		KUNIT_ASSERT_TRUE(test, number(v, parts[i], work->in, len));
		if (memcmp(work->in, got[i], len))
			return KUNIT_VECTORS_REFUSED;
	}
	pk = mhsm_rsa_numbers_key(made, k->n_len);
	return kunit_vectors_accepted(!mhsm_rsa_key_check(&pk, 1, &mhsm_rsa_random, NULL, &k->scratch->key));
}

/* Are these the numbers of the key? */
static void expect_numbers(struct kunit *test, const struct kunit_rsa_keys *k, struct vectors *v,
			   const struct mhsm_pkcs8 *got)
{
	const struct {
		const struct mhsm_pkcs8_part *part;
		const u8 *want;
		size_t len;
	} numbers[] = {
		{ &got->public, k->n, k->n_len },
		{ &got->d, k->d, k->n_len },
		{ &got->p, k->secret, k->n_len / 2 },
		{ &got->q, k->secret + k->n_len / 2, k->n_len / 2 },
		{ &got->dp, k->secret + k->n_len, k->n_len / 2 },
		{ &got->dq, k->secret + 3 * k->n_len / 2, k->n_len / 2 },
		{ &got->qinv, k->secret + 2 * k->n_len, k->n_len / 2 },
	};
	unsigned int i;
	size_t zeros;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		KUNIT_ASSERT_LE(test, numbers[i].part->len, numbers[i].len);
		zeros = numbers[i].len - numbers[i].part->len;
		KUNIT_EXPECT_TRUE_MSG(test, !memchr_inv(numbers[i].want, 0, zeros) &&
				      !memcmp(numbers[i].want + zeros, numbers[i].part->p, numbers[i].part->len),
				      "%s: number %u", vectors_where(v), i);
	}
}

/* A key by the mechanism's import, which tests its primes */
static void import(struct kunit *test, const struct kunit_rsa_keys *k, struct vectors_bytes der)
{
	struct vectors_bytes secret = { k->secret, MHSM_RSA_SECRET_LEN(k->n_len) }, n = { k->n, k->n_len };
	struct mhsm_key *key = mhsm_key_new(NULL, "", 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	key->mech = &mhsm_mech_rsa;
	key->type = MHSM_KEY_RSA;
	key->param = 8 * k->n_len;
	key->ops = mhsm_mech_rsa.ops;
	KUNIT_ASSERT_EQ(test, mhsm_secret_alloc(&key->secret, secret.len), 0);
	KUNIT_EXPECT_EQ(test, key->mech->import(key, der.data, der.len), 0);
	KUNIT_EXPECT_TRUE(test, kunit_vectors_equal(n, key->public, key->public_len));
	KUNIT_EXPECT_TRUE(test, kunit_vectors_equal(secret, key->secret.data, key->secret.len));
	mhsm_key_put(key);
}

/* Each is read; to test the primes of one of each size is enough. */
enum kunit_vectors_answer kunit_rsa_pkcs8(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	const char *name = vectors_word(v, "key"), *dash = strchr(name, '-');
	struct kunit_rsa_keys *k = kunit_rsa_key(test, KUNIT_RSA_KEYS, name);
	struct vectors_bytes der = vectors_bytes(v, "pkcs8");
	struct mhsm_pkcs8 got;
	int ret = mhsm_pkcs8_parse(&got, der.data, der.len);

	KUNIT_EXPECT_EQ_MSG(test, ret, k->private ? 0 : -EOPNOTSUPP, "%s", vectors_where(v));
	if (ret)
		return KUNIT_VECTORS_LEFT_OUT;
	KUNIT_EXPECT_EQ(test, got.type, (u32)MHSM_KEY_RSA);
	KUNIT_EXPECT_EQ(test, got.param, (u32)(8 * k->n_len));
	expect_numbers(test, k, v, &got);
	KUNIT_ASSERT_NOT_NULL(test, dash);
	if (!strcmp(dash, "-1"))
		import(test, k, der);
	return KUNIT_VECTORS_ACCEPTED;
}

/* Odd numbers from 5 to 2048 bits are what the test is for. */
enum kunit_vectors_answer kunit_rsa_prime(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes value = vectors_bytes(v, "value");
	struct kunit_vectors_work *work = test->priv;
	int ret;

	BUILD_BUG_ON(sizeof(struct mhsm_prime_scratch) > sizeof(work->out));
	while (value.len && !*value.data) {
		value.data++;
		value.len--;
	}
	if (!value.len || !(value.data[value.len - 1] & 1) || (value.len == 1 && value.data[0] < 5) || value.len > 256)
		return KUNIT_VECTORS_LEFT_OUT;
	ret = mhsm_prime_test(value.data, value.len, 20, &mhsm_rsa_random, NULL, (struct mhsm_prime_scratch *)work->out);
	KUNIT_ASSERT_GE(test, ret, 0);
	return kunit_vectors_accepted(ret);
}
