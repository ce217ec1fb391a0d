// SPDX-License-Identifier: GPL-2.0-only
/* The vectors for RSA, its keys and primes: kmod/mech_rsa.c, kmod/pk */
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/mech_rsa.h"
#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"
#include "kmod/pk/rsa_key.h"
#include "tests/kunit/kunit_vectors.h"

#define KEYS "tests/vectors/rsa_keys.txt"
#define N_MAX MHSM_RSA_MAX_BYTES

static const struct vectors_bytes none;

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* In work->state: the key that was used last; cases with one key stand together. */
struct keys {
	struct vectors *file;
	char name[40];
	size_t n_len, e_len;
	u8 n[N_MAX], e[MHSM_RSA_MAX_E_BYTES], d[N_MAX];
	u8 secret[MHSM_RSA_SECRET_LEN(N_MAX)]; /* as mech_rsa.c stores it */
	bool private; /* there is one, and the module has keys like it: 65537, primes of one length */
	union {
		struct mhsm_rsa_private_scratch private;
		struct mhsm_rsa_key_scratch key;
		struct mhsm_rsa_scratch public;
	} *scratch;
};

static int random_bytes(void *ctx, u8 *out, size_t len)
{
	return mhsm_prim_random(out, len);
}

static const struct mhsm_pk_random random = { random_bytes };

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

static bool is_ours(const struct keys *k)
{
	size_t half = k->n_len / 2;

	return k->e_len == 3 && !memcmp(k->e, "\x01\x00\x01", 3) && k->secret[0] & 0x80 && k->secret[half] & 0x80;
}

/* The key of the present line of k->file */
static void read_key(struct kunit *test, struct keys *k)
{
	static const char *const parts[] = { "p", "q", "dp", "dq", "qinv" };
	struct vectors_bytes e = vectors_bytes(k->file, "e");
	unsigned int i;
	size_t half;

	k->n_len = vectors_bytes(k->file, "n").len;
	k->e_len = e.len;
	KUNIT_ASSERT_TRUE(test, k->n_len >= 256 && k->n_len <= N_MAX && e.len && e.len <= sizeof(k->e));
	KUNIT_ASSERT_TRUE(test, number(k->file, "n", k->n, k->n_len) && number(k->file, "d", k->d, k->n_len));
	memcpy(k->e, e.data, e.len);
	half = k->n_len / 2;
	memset(k->secret, 0, sizeof(k->secret));
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!number(k->file, parts[i], k->secret + i * half, half))
			break;
	k->private = i == ARRAY_SIZE(parts) && is_ours(k);
}

static struct keys *keys_of(struct kunit *test)
{
	struct kunit_vectors_work *work = test->priv;
	struct keys *k = (struct keys *)work->state;

	BUILD_BUG_ON(sizeof(*k) > sizeof(work->state));
	if (k->scratch)
		return k;
	k->scratch = kunit_kzalloc(test, sizeof(*k->scratch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, k->scratch);
	return k;
}

static struct keys *key_named(struct kunit *test, const char *path, const char *name)
{
	struct keys *k = keys_of(test);

	if (!strcmp(k->name, name))
		return k;
	if (!k->file)
		k->file = vectors_open(path);
	KUNIT_ASSERT_TRUE_MSG(test, vectors_find(k->file, "key", name), "%s", name);
	read_key(test, k);
	strscpy(k->name, name, sizeof(k->name));
	return k;
}

static struct keys *key_of(struct kunit *test, struct vectors *v)
{
	return key_named(test, KEYS, vectors_word(v, "key"));
}

/* The same as a key of the module, which knows one exponent only: or NULL */
static struct mhsm_key *module_key(struct kunit *test, const struct keys *k)
{
	struct vectors_bytes secret = { k->secret, MHSM_RSA_SECRET_LEN(k->n_len) }, n = { k->n, k->n_len };

	if (k->e_len != 3 || memcmp(k->e, "\x01\x00\x01", 3))
		return NULL;
	return kunit_vectors_key(test, MHSM_KEY_RSA, 8 * k->n_len, k->private ? secret : none, n);
}

static int public_power(struct keys *k, struct vectors_bytes in, u8 *out)
{
	return in.len == k->n_len ? mhsm_rsa_public(out, k->n, k->n_len, k->e, k->e_len, in.data, &k->scratch->public) :
				    -EINVAL;
}

static int private_power(struct kunit *test, struct keys *k, struct vectors_bytes in, u8 *out)
{
	size_t half = k->n_len / 2;
	const struct mhsm_rsa_key key = {
		.n_len = k->n_len,
		.n = k->n,
		.p = k->secret,
		.q = k->secret + half,
		.dp = k->secret + 2 * half,
		.dq = k->secret + 3 * half,
		.qinv = k->secret + 4 * half,
	};
	u8 rnd[MHSM_RSA_PRIVATE_RANDOM_BYTES];

	if (in.len != k->n_len)
		return -EINVAL;
	KUNIT_ASSERT_EQ(test, mhsm_prim_random(rnd, sizeof(rnd)), 0);
	return mhsm_rsa_private(out, &key, in.data, rnd, NULL, &k->scratch->private);
}

/* --- hashes ------------------------------------------------------------------------------------------------------- */

struct hash {
	struct kunit *test;
	const char *name;
	struct mhsm_pk_hash pk;
};

static int hash_digest(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	const struct hash *h = ctx;

	kunit_vectors_digest(h->test, h->name, (struct vectors_bytes){ in, in_len }, out);
	return 0;
}

/* The hash that the case has as @field */
static void hash_of(struct kunit *test, struct vectors *v, const char *field, struct hash *h)
{
	u8 digest[MHSM_HASH_MAX];

	h->test = test;
	h->name = vectors_word(v, field);
	h->pk = (struct mhsm_pk_hash){ kunit_vectors_digest(test, h->name, none, digest), hash_digest, h };
}

/* The algorithm of the module for this hash, if it has one for it: @algs for SHA-256, SHA-384, SHA-512 */
static const struct mhsm_sigalg *alg_of(const struct hash *h, const struct keys *k, const u32 algs[3])
{
	static const char *const names[] = { "sha256", "sha384", "sha512" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], h->name))
			return mhsm_sigalg_find(algs[i], MHSM_KEY_RSA, 8 * k->n_len);
	return NULL;
}

static const u32 pkcs1_algs[] = { MHSM_ALG_RS256, MHSM_ALG_RS384, MHSM_ALG_RS512 };
static const u32 pss_algs[] = { MHSM_ALG_PS256, MHSM_ALG_PS384, MHSM_ALG_PS512 };

/* --- signatures --------------------------------------------------------------------------------------------------- */

/* What the key's mechanism says, if the algorithm and the key are the module's, is what the arithmetic has said. */
static void verify_again(struct kunit *test, struct vectors *v, const struct keys *k, const struct mhsm_sigalg *alg,
			 const u8 *digest, int want)
{
	struct vectors_bytes sig = vectors_bytes(v, "signature");
	struct mhsm_key *key;

	if (!alg || sig.len != k->n_len)
		return;
	key = module_key(test, k);
	if (!key)
		return;
	KUNIT_EXPECT_EQ_MSG(test, key->mech->verify(key, alg, digest, mhsm_prim_hash_len(alg->hash), sig.data),
			    want ? -EBADMSG : 0, "%s", vectors_where(v));
	kunit_vectors_key_end(key);
}

static enum kunit_vectors_answer pkcs1_verify(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	u8 digest[MHSM_HASH_MAX], info[MHSM_PKCS1_INFO_MAX];
	struct kunit_vectors_work *work = test->priv;
	struct keys *k = key_of(test, v);
	size_t info_len;
	struct hash h;
	int ret;

	hash_of(test, v, "hash", &h);
	kunit_vectors_digest(test, h.name, vectors_bytes(v, "message"), digest);
	KUNIT_ASSERT_EQ(test, mhsm_pkcs1_info(info, &info_len, digest, h.pk.len), 0);
	ret = public_power(k, vectors_bytes(v, "signature"), work->out);
	if (!ret)
		ret = mhsm_pkcs1_sign_check(work->out, k->n_len, info, info_len);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	verify_again(test, v, k, alg_of(&h, k, pkcs1_algs), digest, ret);
	return kunit_vectors_accepted(!ret);
}

static enum kunit_vectors_answer pkcs1_sign(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	const struct mhsm_sigalg *alg;
	struct keys *k = key_of(test, v);
	u8 digest[MHSM_HASH_MAX];
	struct mhsm_key *key;
	struct hash h;

	hash_of(test, v, "hash", &h);
	alg = alg_of(&h, k, pkcs1_algs);
	if (!alg || !k->private)
		return KUNIT_VECTORS_LEFT_OUT;
	kunit_vectors_digest(test, h.name, vectors_bytes(v, "message"), digest);
	key = module_key(test, k);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_EQ(test, key->mech->check(key), 0);
	KUNIT_EXPECT_EQ(test, key->mech->sign(key, alg, digest, h.pk.len, work->out), 0);
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "signature"), work->out, k->n_len));
}

static enum kunit_vectors_answer pss_verify(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	size_t salt = vectors_number(v, "salt");
	struct keys *k = key_of(test, v);
	u8 digest[MHSM_HASH_MAX];
	struct hash h, mgf;
	int ret;

	hash_of(test, v, "hash", &h);
	hash_of(test, v, "mgf", &mgf);
	kunit_vectors_digest(test, h.name, vectors_bytes(v, "message"), digest);
	ret = public_power(k, vectors_bytes(v, "signature"), work->out);
	if (!ret)
		ret = mhsm_pss_verify(work->out, k->n_len, digest, salt, &h.pk, &mgf.pk);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	if (!strcmp(h.name, mgf.name) && salt == h.pk.len)
		verify_again(test, v, k, alg_of(&h, k, pss_algs), digest, ret);
	return kunit_vectors_accepted(!ret);
}

/* --- encryption --------------------------------------------------------------------------------------------------- */

static enum kunit_vectors_answer oaep_decrypt(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct keys *k = key_of(test, v);
	u8 label[MHSM_HASH_MAX];
	struct hash h, mgf;
	size_t len;
	int ret;

	KUNIT_ASSERT_TRUE(test, k->private);
	hash_of(test, v, "hash", &h);
	hash_of(test, v, "mgf", &mgf);
	kunit_vectors_digest(test, h.name, vectors_bytes(v, "label"), label);
	ret = private_power(test, k, vectors_bytes(v, "ciphertext"), work->in);
	if (!ret)
		ret = mhsm_oaep_decode(work->out, &len, work->in, k->n_len, label, &h.pk, &mgf.pk);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	return kunit_vectors_accepted(!ret && kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
}

/* With the seed given: the ciphertext comes out. */
static enum kunit_vectors_answer oaep_encrypt(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes n = vectors_bytes(v, "n"), e = vectors_bytes(v, "e"), seed = vectors_bytes(v, "seed");
	struct vectors_bytes message = vectors_bytes(v, "message");
	struct kunit_vectors_work *work = test->priv;
	struct keys *k = keys_of(test);
	struct hash h = { test, "sha256", { 32, hash_digest, &h } };

	KUNIT_ASSERT_EQ(test, seed.len, 32);
	KUNIT_ASSERT_EQ(test, mhsm_oaep_encode(work->in, n.len, message.data, message.len, seed.data, NULL, &h.pk, &h.pk),
			0);
	KUNIT_ASSERT_EQ(test, mhsm_rsa_public(work->out, n.data, n.len, e.data, e.len, work->in, &k->scratch->public), 0);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "ciphertext"), work->out, n.len));
}

static int hmac_sha256(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	const struct mhsm_part part = { in, in_len };

	return mhsm_prim_hmac(MHSM_SHA256, key, 32, &part, 1, out);
}

static const struct mhsm_pk_hmac hmac = { hmac_sha256 };

/* Where the padding is wrong, another message comes out; an error only where the ciphertext is no number below n. */
static int pkcs1_run(struct kunit *test, struct keys *k, struct vectors *v, size_t *len)
{
	struct vectors_bytes in = vectors_bytes(v, "ciphertext"), d = { k->d, k->n_len };
	struct kunit_vectors_work *work = test->priv;
	u8 d_hash[MHSM_HASH_MAX];
	int ret;

	KUNIT_ASSERT_TRUE(test, k->private);
	kunit_vectors_digest(test, "sha256", d, d_hash);
	ret = private_power(test, k, in, work->in);
	if (ret)
		return ret;
	KUNIT_ASSERT_EQ(test, mhsm_pkcs1_decrypt_decode(work->out, len, work->in, k->n_len, d_hash, in.data, &hmac), 0);
	KUNIT_EXPECT_LE(test, *len, k->n_len - MHSM_PKCS1_OVERHEAD);
	return 0;
}

static enum kunit_vectors_answer pkcs1_decrypt(struct kunit *test, const struct kunit_vectors_file *f,
					       struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct keys *k = key_of(test, v);
	size_t len;
	int ret;

	ret = pkcs1_run(test, k, v, &len);
	KUNIT_EXPECT_EQ_MSG(test, ret, vectors_flag(v, "InvalidCiphertextFormat") ? -EINVAL : 0, "%s", vectors_where(v));
	return kunit_vectors_accepted(!ret && kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
}

static enum kunit_vectors_answer implicit_rejection(struct kunit *test, const struct kunit_vectors_file *f,
						    struct vectors *v)
{
	struct keys *k = key_named(test, "tests/vectors/rsa_implicit_rejection_key.txt", "rejection");
	struct kunit_vectors_work *work = test->priv;
	size_t len;

	KUNIT_ASSERT_EQ(test, pkcs1_run(test, k, v, &len), 0);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* All follows from the primes, and these are some: one round for each is enough for numbers that are published. */
static enum kunit_vectors_answer key(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	static const char *const parts[] = { "n", "p", "q", "dp", "dq", "qinv" };
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_rsa_numbers *made = (struct mhsm_rsa_numbers *)work->out;
	const u8 *const got[] = { made->n, made->p, made->q, made->dp, made->dq, made->qinv };
	struct keys *k = keys_of(test);
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
	return kunit_vectors_accepted(!mhsm_rsa_key_check(&pk, 1, &random, NULL, &k->scratch->key));
}

/* Odd numbers from 5 to 2048 bits are what the test is for. */
static enum kunit_vectors_answer prime(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
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
	ret = mhsm_prime_test(value.data, value.len, 20, &random, NULL, (struct mhsm_prime_scratch *)work->out);
	KUNIT_ASSERT_GE(test, ret, 0);
	return kunit_vectors_accepted(ret);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

const struct kunit_vectors_file kunit_vectors_rsa[] = {
	{ "rsa_pkcs1_2048_verify", pkcs1_verify, 776, 24 },
	{ "rsa_pkcs1_3072_verify", pkcs1_verify, 778, 23 },
	{ "rsa_pkcs1_4096_verify", pkcs1_verify, 776, 21 },
	{ "rsa_pkcs1_sign", pkcs1_sign, 93, 93, 21 },
	{ "rsa_pss_verify", pss_verify, 1038, 722 },
	{ "rsa_oaep_decrypt", oaep_decrypt, 250, 118 },
	{ "rsa_oaep_sha256", oaep_encrypt, 30, 30 },
	{ "rsa_pkcs1_decrypt", pkcs1_decrypt, 201, 124 },
	{ "rsa_implicit_rejection", implicit_rejection, 10, 10 },
	{ "rsa_implicit_rejection_key", key, 1, 1 },
	{ "rsa_keys", key, 119, 119, 6 },
	{ "rsa_keys_pkcs8", kunit_vectors_none, 118, 118, 118 },
	{ "primality", prime, 303, 66, 93 },
	{}
};
