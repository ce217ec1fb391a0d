// SPDX-License-Identifier: GPL-2.0-only
/* RSA encryption and key wrapping: see mech_rsa.h */
#include <linux/align.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/kw.h"
#include "kmod/mech_rsa.h"
#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/rsa_key.h"
#include "kmod/prim.h"

static const struct mhsm_rsa_cryptalg algs[] = {
	{ MHSM_ALG_RSA1_5, MHSM_RSA_PKCS1, MHSM_SHA256 },
	{ MHSM_ALG_RSA_OAEP, MHSM_RSA_OAEP, MHSM_SHA1 },
	{ MHSM_ALG_RSA_OAEP_256, MHSM_RSA_OAEP, MHSM_SHA256 },
	{ MHSM_ALG_RSA_OAEP_384, MHSM_RSA_OAEP, MHSM_SHA384 },
	{ MHSM_ALG_RSA_OAEP_512, MHSM_RSA_OAEP, MHSM_SHA512 },
	{ MHSM_ALG_RSA_AES_KW, MHSM_RSA_AES_KWP, MHSM_SHA1 },
	{ MHSM_ALG_RSA_AES_KW_256, MHSM_RSA_AES_KWP, MHSM_SHA256 },
	{ MHSM_ALG_RSA_AES_KW_384, MHSM_RSA_AES_KWP, MHSM_SHA384 },
};

const struct mhsm_rsa_cryptalg *mhsm_rsa_cryptalg_find(u32 alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].alg == alg)
			return &algs[i];
	return NULL;
}

size_t mhsm_rsa_plain_max(const struct mhsm_rsa_cryptalg *alg, size_t n_len)
{
	if (alg->padding == MHSM_RSA_AES_KWP)
		return MHSM_KW_MAX;
	if (alg->padding == MHSM_RSA_PKCS1)
		return n_len - MHSM_PKCS1_OVERHEAD;
	return MHSM_OAEP_MAX_MESSAGE(n_len, mhsm_prim_hash_len(alg->hash));
}

size_t mhsm_rsa_cipher_len(const struct mhsm_rsa_cryptalg *alg, size_t n_len, size_t len)
{
	return alg->padding == MHSM_RSA_AES_KWP ? n_len + mhsm_kwp_wrapped_len(len) : n_len;
}

int mhsm_rsa_plain_room(const struct mhsm_rsa_cryptalg *alg, size_t n_len, size_t len)
{
	if (alg->padding != MHSM_RSA_AES_KWP)
		return len == n_len ? mhsm_rsa_plain_max(alg, n_len) : -EINVAL;
	if (len < n_len + 16 || len > n_len + MHSM_KW_MAX + 8 || !IS_ALIGNED(len - n_len, 8))
		return -EINVAL;
	return len - n_len - 8;
}

static int label_digest(u8 *out, enum mhsm_hash hash, const struct mhsm_rsa_data *d)
{
	const struct mhsm_part part = { d->label, d->label_len };

	return mhsm_prim_hash(hash, &part, 1, out);
}

/* --- encryption ----------------------------------------------------------------------------------------------- */

static int oaep_pad(u8 *em, size_t em_len, enum mhsm_hash hash, const struct mhsm_rsa_data *d,
		    const struct mhsm_pk_random *random)
{
	struct mhsm_pk_hash h = mhsm_rsa_hash(&hash);
	u8 seed[MHSM_HASH_MAX], label[MHSM_HASH_MAX];
	int ret;

	ret = label_digest(label, hash, d);
	if (!ret)
		ret = random->bytes(random->ctx, seed, h.len);
	if (!ret)
		ret = mhsm_oaep_encode(em, em_len, d->in, d->in_len, seed, label, &h, &h);
	memzero_explicit(seed, sizeof(seed));
	return ret;
}

/* One block: RSAES-OAEP or RSAES-PKCS1-v1_5 of d->in into the first n_len bytes of d->out */
static int block_encrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg,
			 const struct mhsm_rsa_data *d, const struct mhsm_pk_random *random)
{
	int ret;

	if (alg->padding == MHSM_RSA_PKCS1)
		ret = mhsm_pkcs1_encrypt_encode(d->out, key->n_len, d->in, d->in_len, random);
	else
		ret = oaep_pad(d->out, key->n_len, alg->hash, d, random);
	if (!ret)
		ret = mhsm_rsa_public_power(key, d->out);
	if (ret)
		memzero_explicit(d->out, key->n_len);
	return ret;
}

/* @between: room for the AES key */
static int aes_wrap(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, const struct mhsm_rsa_data *d,
		    const struct mhsm_pk_random *random, u8 *between)
{
	const struct mhsm_rsa_data b = { .label = "", .in = between, .in_len = MHSM_RSA_AES_KEY, .out = d->out };
	struct mhsm_block *aes;
	int ret;

	ret = random->bytes(random->ctx, between, MHSM_RSA_AES_KEY);
	if (!ret)
		ret = mhsm_prim_block_new(&aes, between, MHSM_RSA_AES_KEY);
	if (ret)
		return ret;
	ret = block_encrypt(key, alg, &b, random);
	if (!ret)
		ret = mhsm_kwp_wrap(aes, d->out + key->n_len, d->in, d->in_len);
	mhsm_prim_block_free(aes);
	return ret;
}

int mhsm_rsa_encrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d,
		     const struct mhsm_pk_random *random)
{
	u8 between[MHSM_RSA_AES_KEY];
	int ret;

	if (alg->padding == MHSM_RSA_AES_KWP) {
		ret = aes_wrap(key, alg, d, random, between);
		memzero_explicit(between, sizeof(between));
	} else {
		ret = block_encrypt(key, alg, d, random);
	}
	d->out_len = mhsm_rsa_cipher_len(alg, key->n_len, d->in_len);
	return ret;
}

/* --- decryption ----------------------------------------------------------------------------------------------- */

static int hmac_sha256(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	const struct mhsm_part part = { in, in_len };

	return mhsm_prim_hmac(MHSM_SHA256, key, 32, &part, 1, out);
}

static const struct mhsm_pk_hmac hmac = { .mac = hmac_sha256 };

/* The digest of the private exponent, of which implicit rejection makes its bytes */
static int exponent_digest(const struct mhsm_rsa_ref *ref, u8 out[32])
{
	struct {
		struct mhsm_rsa_key_scratch scratch;
		u8 d[MHSM_RSA_MAX];
	} *work;
	const struct mhsm_rsa_key key = {
		.n_len = ref->n_len,
		.p = ref->secret,
		.q = ref->secret + ref->n_len / 2,
	};
	struct mhsm_part part;
	int ret;

	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	part = (struct mhsm_part){ work->d, ref->n_len };
	ret = mhsm_rsa_key_exponent(work->d, &key, &work->scratch);
	if (!ret)
		ret = mhsm_prim_hash(MHSM_SHA256, &part, 1, out);
	memzero_explicit(work->d, sizeof(work->d));
	kvfree(work); /* the scratch is left wiped */
	return ret;
}

static int unpad(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d, u8 *em)
{
	enum mhsm_hash hash = alg->hash;
	struct mhsm_pk_hash h = mhsm_rsa_hash(&hash);
	u8 digest[MHSM_HASH_MAX];
	int ret;

	if (alg->padding == MHSM_RSA_PKCS1) {
		ret = exponent_digest(key, digest);
		if (!ret)
			ret = mhsm_pkcs1_decrypt_decode(d->out, &d->out_len, em, key->n_len, digest, d->in, &hmac);
		memzero_explicit(digest, 32);
		return ret;
	}
	ret = label_digest(digest, hash, d);
	return ret ? ret : mhsm_oaep_decode(d->out, &d->out_len, em, key->n_len, digest, &h, &h);
}

/* One block. d->in has n_len bytes, d->out has room for the longest message. */
static int block_decrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d)
{
	bool below = memcmp(d->in, key->n, key->n_len) < 0; /* both are public */
	u8 *em = kmemdup(d->in, key->n_len, GFP_KERNEL);
	int ret;

	if (!em)
		return -ENOMEM;
	/* What is not below n is wrong, and takes as long as what is wrong otherwise: n has its top bit set. */
	if (!below)
		em[0] &= 0x7f;
	ret = mhsm_rsa_power(key, em);
	if (!ret)
		ret = unpad(key, alg, d, em);
	if (!ret && !below) {
		memzero_explicit(d->out, d->out_len);
		ret = -EBADMSG;
	}
	kfree_sensitive(em);
	return ret;
}

/* @between: room for the longest message under the modulus, of which the AES key should be one */
static int aes_unwrap(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d,
		      u8 *between)
{
	struct mhsm_rsa_data b = { .label = "", .in = d->in, .in_len = key->n_len, .out = between };
	struct mhsm_block *aes;
	bool bad;
	int ret;

	ret = block_decrypt(key, alg, &b);
	if (ret && ret != -EBADMSG)
		return ret;
	/* Goes on with a key that is none: which of the two parts is wrong does not show. */
	bad = ret || b.out_len != MHSM_RSA_AES_KEY;
	ret = mhsm_prim_block_new(&aes, between, MHSM_RSA_AES_KEY);
	if (ret)
		return ret;
	ret = mhsm_kwp_unwrap(aes, d->out, &d->out_len, d->in + key->n_len, d->in_len - key->n_len);
	mhsm_prim_block_free(aes);
	if (!ret && bad) {
		memzero_explicit(d->out, d->in_len - key->n_len - 8);
		ret = -EBADMSG;
	}
	return ret;
}

int mhsm_rsa_decrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d)
{
	u8 *between;
	int ret;

	if (alg->padding != MHSM_RSA_AES_KWP)
		return block_decrypt(key, alg, d);
	between = kzalloc(MHSM_RSA_MAX, GFP_KERNEL);
	if (!between)
		return -ENOMEM;
	ret = aes_unwrap(key, alg, d, between);
	kfree_sensitive(between);
	return ret;
}
