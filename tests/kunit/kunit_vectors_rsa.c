// SPDX-License-Identifier: GPL-2.0-only
/* The vectors for RSA signatures and encryption: kmod/mech_rsa_sign.c, kmod/mech_rsa_crypt.c, kmod/pk */
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"
#include "tests/kunit/kunit_vectors_rsa.h"

static const struct vectors_bytes none;

/* --- keys --------------------------------------------------------------------------------------------------------- */

static struct kunit_rsa_keys *key_of(struct kunit *test, struct vectors *v)
{
	return kunit_rsa_key(test, KUNIT_RSA_KEYS, vectors_word(v, "key"));
}

/* The same as a key of the module, which knows one exponent only: or NULL */
static struct mhsm_key *module_key(struct kunit *test, const struct kunit_rsa_keys *k)
{
	struct vectors_bytes secret = { k->secret, MHSM_RSA_SECRET_LEN(k->n_len) }, n = { k->n, k->n_len };

	if (k->e_len != 3 || memcmp(k->e, "\x01\x00\x01", 3))
		return NULL;
	return kunit_vectors_key(test, MHSM_KEY_RSA, 8 * k->n_len, k->private ? secret : none, n);
}

static int public_power(struct kunit_rsa_keys *k, struct vectors_bytes in, u8 *out)
{
	return in.len == k->n_len ? mhsm_rsa_public(out, k->n, k->n_len, k->e, k->e_len, in.data, &k->scratch->public) :
				    -EINVAL;
}

static int private_power(struct kunit *test, struct kunit_rsa_keys *k, struct vectors_bytes in, u8 *out)
{
	const struct mhsm_rsa_key key = mhsm_rsa_key_of(k->n, k->n_len, k->secret);
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
static const struct mhsm_sigalg *alg_of(const struct hash *h, const struct kunit_rsa_keys *k, const u32 algs[3])
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
static void verify_again(struct kunit *test, struct vectors *v, const struct kunit_rsa_keys *k,
			 const struct mhsm_sigalg *alg, const u8 *digest, int want)
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
	struct kunit_rsa_keys *k = key_of(test, v);
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
	struct kunit_rsa_keys *k = key_of(test, v);
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
	struct kunit_rsa_keys *k = key_of(test, v);
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

/* By the mechanism, with the key as it is stored; n_len bytes of ciphertext, the message in work->out */
static int decrypt(struct kunit *test, const struct kunit_rsa_keys *k, u32 alg, struct vectors *v,
		   struct vectors_bytes label, size_t *len)
{
	const struct mhsm_rsa_ref key = { .n = k->n, .n_len = k->n_len, .secret = k->secret };
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_rsa_data d = {
		.label = label.data,
		.label_len = label.len,
		.in = vectors_bytes(v, "ciphertext").data,
		.in_len = k->n_len,
		.out = work->out,
	};
	int ret = mhsm_rsa_decrypt(&key, mhsm_rsa_cryptalg_find(alg), &d);

	*len = d.out_len;
	return ret;
}

/* The module's algorithm for this hash, if it has one for it */
static u32 oaep_alg(const struct hash *h)
{
	static const struct {
		const char *hash;
		u32 alg;
	} algs[] = {
		{ "sha1", MHSM_ALG_RSA_OAEP },
		{ "sha256", MHSM_ALG_RSA_OAEP_256 },
		{ "sha384", MHSM_ALG_RSA_OAEP_384 },
		{ "sha512", MHSM_ALG_RSA_OAEP_512 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (!strcmp(algs[i].hash, h->name))
			return algs[i].alg;
	return 0;
}

/* What the module does not offer: another hash, or another in MGF1 */
static int oaep_other(struct kunit *test, struct kunit_rsa_keys *k, struct vectors *v, const struct hash *h,
		      const struct hash *mgf, size_t *len)
{
	struct kunit_vectors_work *work = test->priv;
	u8 label[MHSM_HASH_MAX];
	int ret;

	kunit_vectors_digest(test, h->name, vectors_bytes(v, "label"), label);
	ret = private_power(test, k, vectors_bytes(v, "ciphertext"), work->in);
	return ret ? ret : mhsm_oaep_decode(work->out, len, work->in, k->n_len, label, &h->pk, &mgf->pk);
}

static enum kunit_vectors_answer oaep_decrypt(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct kunit_rsa_keys *k = key_of(test, v);
	struct hash h, mgf;
	size_t len;
	int ret;

	KUNIT_ASSERT_TRUE(test, k->private);
	/* The length is the ioctl's to check. */
	if (vectors_bytes(v, "ciphertext").len != k->n_len)
		return KUNIT_VECTORS_REFUSED;
	hash_of(test, v, "hash", &h);
	hash_of(test, v, "mgf", &mgf);
	if (oaep_alg(&h) && !strcmp(h.name, mgf.name))
		ret = decrypt(test, k, oaep_alg(&h), v, vectors_bytes(v, "label"), &len);
	else
		ret = oaep_other(test, k, v, &h, &mgf, &len);
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	return kunit_vectors_accepted(!ret && kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
}

/* With the seed given: the ciphertext comes out. */
static enum kunit_vectors_answer oaep_encrypt(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes n = vectors_bytes(v, "n"), e = vectors_bytes(v, "e"), seed = vectors_bytes(v, "seed");
	struct vectors_bytes message = vectors_bytes(v, "message");
	struct kunit_vectors_work *work = test->priv;
	struct kunit_rsa_keys *k = kunit_rsa_keys(test);
	struct hash h = { test, "sha256", { 32, hash_digest, &h } };

	KUNIT_ASSERT_EQ(test, seed.len, 32);
	KUNIT_ASSERT_EQ(test, mhsm_oaep_encode(work->in, n.len, message.data, message.len, seed.data, NULL, &h.pk, &h.pk),
			0);
	KUNIT_ASSERT_EQ(test, mhsm_rsa_public(work->out, n.data, n.len, e.data, e.len, work->in, &k->scratch->public), 0);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "ciphertext"), work->out, n.len));
}

/* Where the padding is wrong, another message comes out; an error only where the ciphertext is no number below n. */
static enum kunit_vectors_answer pkcs1_decrypt(struct kunit *test, const struct kunit_vectors_file *f,
					       struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct kunit_rsa_keys *k = key_of(test, v);
	size_t len;
	int ret;

	KUNIT_ASSERT_TRUE(test, k->private);
	if (vectors_bytes(v, "ciphertext").len != k->n_len) {
		KUNIT_EXPECT_TRUE(test, vectors_flag(v, "InvalidCiphertextFormat"));
		return KUNIT_VECTORS_REFUSED;
	}
	ret = decrypt(test, k, MHSM_ALG_RSA1_5, v, none, &len);
	KUNIT_EXPECT_EQ_MSG(test, ret, vectors_flag(v, "InvalidCiphertextFormat") ? -EBADMSG : 0, "%s", vectors_where(v));
	if (ret)
		return KUNIT_VECTORS_REFUSED;
	KUNIT_EXPECT_LE(test, len, k->n_len - MHSM_PKCS1_OVERHEAD);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
}

static enum kunit_vectors_answer implicit_rejection(struct kunit *test, const struct kunit_vectors_file *f,
						    struct vectors *v)
{
	struct kunit_rsa_keys *k = kunit_rsa_key(test, "tests/vectors/rsa_implicit_rejection_key.txt", "rejection");
	struct kunit_vectors_work *work = test->priv;
	size_t len;

	KUNIT_ASSERT_TRUE(test, k->private);
	KUNIT_ASSERT_EQ(test, vectors_bytes(v, "ciphertext").len, k->n_len);
	KUNIT_ASSERT_EQ(test, decrypt(test, k, MHSM_ALG_RSA1_5, v, none, &len), 0);
	return kunit_vectors_accepted(kunit_vectors_equal(vectors_bytes(v, "message"), work->out, len));
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
	{ "rsa_implicit_rejection_key", kunit_rsa_numbers, 1, 1 },
	{ "rsa_keys", kunit_rsa_numbers, 119, 119, 6 },
	{ "rsa_keys_pkcs8", kunit_rsa_pkcs8, 118, 118, 5 },
	{ "primality", kunit_rsa_prime, 303, 66, 93 },
	{}
};
