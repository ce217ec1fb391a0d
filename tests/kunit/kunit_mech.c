// SPDX-License-Identifier: GPL-2.0-only
/* Key types and signature algorithms: kmod/mech*.c, kmod/alg.c. That others accept the signatures is tested in guests. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/alg.h"
#include "kmod/lifecycle.h"
#include "kmod/mech.h"
#include "tests/kunit/kunit_hsm.h"

static const struct mhsm_subject root = { .kind = MHSM_PRINCIPAL_UID, .via = MHSM_VIA_IOCTL };

static const struct {
	u32 type;
	u32 param;
	u32 alg;
	u32 sig_len;
} combinations[] = {
	{ MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_ALG_ES256, 64 },
	{ MHSM_KEY_EC, MHSM_CURVE_P384, MHSM_ALG_ES384, 96 },
	{ MHSM_KEY_EC, MHSM_CURVE_P521, MHSM_ALG_ES512, 132 },
	{ MHSM_KEY_EC, MHSM_CURVE_P256K, MHSM_ALG_ES256K, 64 },
	{ MHSM_KEY_OKP, MHSM_CURVE_ED25519, MHSM_ALG_EDDSA, 64 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_RS256, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_RS384, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_RS512, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_PS256, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_PS384, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_PS512, 256 },
	{ MHSM_KEY_RSA, 2048, MHSM_ALG_RSNULL, 256 },
	{ MHSM_KEY_RSA, 3072, MHSM_ALG_PS256, 384 },
	{ MHSM_KEY_RSA, 4096, MHSM_ALG_RS512, 512 },
	{ MHSM_KEY_HMAC, 160, MHSM_ALG_HS256, 32 },
	{ MHSM_KEY_HMAC, 512, MHSM_ALG_HS256, 32 },
	{ MHSM_KEY_HMAC, 512, MHSM_ALG_HS384, 48 },
	{ MHSM_KEY_HMAC, 512, MHSM_ALG_HS512, 64 },
};

static struct mhsm_key *session_key(struct kunit *test, struct mhsm_domain *domain, u32 type, u32 param)
{
	const struct mhsm_key_spec spec = {
		.name = "",
		.type = type,
		.param = param,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	struct mhsm_key *key = NULL;

	KUNIT_ASSERT_EQ_MSG(test, mhsm_lifecycle_create(domain, &root, &spec, &key), 0, "type %u, %u", type, param);
	return key;
}

static void key_end(struct mhsm_domain *domain, struct mhsm_key *key)
{
	mhsm_keytab_remove(&domain->keys, key);
	mhsm_key_put(key);
}

static void sign_and_verify(struct kunit *test, struct mhsm_key *key, u32 alg, size_t sig_len)
{
	const struct mhsm_sigalg *a = mhsm_sigalg_find(alg, key->type, key->param);
	u8 digest[MHSM_HASH_MAX], *sig, *other;
	size_t n, i;

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_EQ(test, key->mech->sig_len(key, a), sig_len);
	n = mhsm_prim_hash_len(a->hash);
	sig = kunit_kzalloc(test, MHSM_SIG_MAX, GFP_KERNEL);
	other = kunit_kzalloc(test, MHSM_SIG_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sig);
	KUNIT_ASSERT_NOT_NULL(test, other);
	memset(digest, 0x5a, sizeof(digest));
	KUNIT_ASSERT_EQ_MSG(test, key->mech->sign(key, a, digest, n, sig), 0, "algorithm %u", alg);
	KUNIT_EXPECT_NULL(test, memchr_inv(sig + sig_len, 0, MHSM_SIG_MAX - sig_len));
	KUNIT_EXPECT_EQ_MSG(test, key->mech->verify(key, a, digest, n, sig), 0, "algorithm %u", alg);
	for (i = 0; i < sig_len; i += sig_len / 8 + 1) {
		sig[i] ^= 0x10;
		KUNIT_EXPECT_EQ_MSG(test, key->mech->verify(key, a, digest, n, sig), -EBADMSG, "byte %zu", i);
		sig[i] ^= 0x10;
	}
	digest[n - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, key->mech->verify(key, a, digest, n, sig), -EBADMSG);
	digest[n - 1] ^= 1;
	/* Signed again: another nonce or salt, or the same signature where there is none. Right in any case. */
	KUNIT_ASSERT_EQ(test, key->mech->sign(key, a, digest, n, other), 0);
	KUNIT_EXPECT_EQ(test, key->mech->verify(key, a, digest, n, other), 0);
	KUNIT_EXPECT_EQ(test, !memcmp(sig, other, sig_len),
			mhsm_sigalg_of_message(a) || a->scheme == MHSM_SCHEME_PKCS1 ||
				a->scheme == MHSM_SCHEME_RAW);
	kunit_kfree(test, sig);
	kunit_kfree(test, other);
}

static void mech_sign(struct kunit *test)
{
	struct mhsm_domain *domain = kunit_hsm_start(test);
	struct mhsm_key *key = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(combinations); i++) {
		if (key && (key->type != combinations[i].type || key->param != combinations[i].param)) {
			key_end(domain, key);
			key = NULL;
		}
		if (!key)
			key = session_key(test, domain, combinations[i].type, combinations[i].param);
		sign_and_verify(test, key, combinations[i].alg, combinations[i].sig_len);
	}
	key_end(domain, key);
	kunit_hsm_stop(domain);
}

/* What is loaded from a store: the halves must belong together. */
static void mech_check(struct kunit *test)
{
	struct mhsm_domain *domain = kunit_hsm_start(test);
	struct mhsm_key *key;
	u8 last;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(combinations); i++) {
		if (i && combinations[i].type == combinations[i - 1].type &&
		    combinations[i].param == combinations[i - 1].param)
			continue;
		if (combinations[i].type == MHSM_KEY_HMAC) /* there is no public half */
			continue;
		key = session_key(test, domain, combinations[i].type, combinations[i].param);
		last = key->public[key->public_len - 1];
		KUNIT_EXPECT_EQ(test, key->mech->check(key), 0);
		key->public[key->public_len - 1] = last ^ 2;
		KUNIT_EXPECT_EQ_MSG(test, key->mech->check(key), -EBADMSG, "type %u, %u", key->type, key->param);
		key->public[key->public_len - 1] = last;
		key->public_len--;
		KUNIT_EXPECT_EQ(test, key->mech->check(key), -EBADMSG);
		key->public_len++;
		KUNIT_EXPECT_EQ(test, key->mech->check(key), 0);
		key_end(domain, key);
	}
	key = session_key(test, domain, MHSM_KEY_OKP, MHSM_CURVE_X25519);
	KUNIT_EXPECT_EQ(test, key->mech->check(key), 0);
	key->public[0] ^= 1;
	KUNIT_EXPECT_EQ(test, key->mech->check(key), -EBADMSG);
	key->public[0] ^= 1;
	key->public_len--;
	KUNIT_EXPECT_EQ(test, key->mech->check(key), -EBADMSG);
	key->public_len++;
	key_end(domain, key);
	kunit_hsm_stop(domain);
}

static const struct {
	u32 type;
	u32 param;
	size_t len; /* of the secret */
} agreements[] = {
	{ MHSM_KEY_EC, MHSM_CURVE_P256, 32 },	{ MHSM_KEY_EC, MHSM_CURVE_P384, 48 },
	{ MHSM_KEY_EC, MHSM_CURVE_P521, 66 },	{ MHSM_KEY_EC, MHSM_CURVE_P256K, 32 },
	{ MHSM_KEY_OKP, MHSM_CURVE_X25519, 32 },
};

/* Two keys come to one secret, a third to another; what is no public key is refused and nothing written. */
static void mech_agree(struct kunit *test)
{
	struct mhsm_domain *domain = kunit_hsm_start(test);
	u8 one[68], other[68], third[68], bad[2 * 66];
	struct mhsm_key *a, *b, *c;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(agreements); i++) {
		len = agreements[i].len;
		a = session_key(test, domain, agreements[i].type, agreements[i].param);
		b = session_key(test, domain, agreements[i].type, agreements[i].param);
		c = session_key(test, domain, agreements[i].type, agreements[i].param);
		KUNIT_EXPECT_EQ(test, a->secret.len, len);
		memset(one, 0x5a, sizeof(one));
		KUNIT_EXPECT_EQ(test, a->mech->agree(a, b->public, one), 0);
		KUNIT_EXPECT_EQ(test, b->mech->agree(b, a->public, other), 0);
		KUNIT_EXPECT_EQ(test, c->mech->agree(c, a->public, third), 0);
		KUNIT_EXPECT_MEMEQ(test, one, other, len);
		KUNIT_EXPECT_MEMNEQ(test, one, third, len);
		KUNIT_EXPECT_NULL(test, memchr_inv(one + len, 0x5a, sizeof(one) - len));
		/* Infinity or of small order; and off the curve, where every u is on one or the other */
		memset(bad, 0, sizeof(bad));
		memset(one, 0x5a, sizeof(one));
		KUNIT_EXPECT_EQ_MSG(test, a->mech->agree(a, bad, one), -EBADMSG, "type %u, %u", a->type, a->param);
		memcpy(bad, b->public, b->public_len);
		bad[b->public_len - 1] ^= 1;
		KUNIT_EXPECT_EQ_MSG(test, a->mech->agree(a, bad, other), a->type == MHSM_KEY_EC ? -EBADMSG : 0,
				    "type %u, %u", a->type, a->param);
		KUNIT_EXPECT_NULL(test, memchr_inv(one, 0x5a, sizeof(one)));
		key_end(domain, a);
		key_end(domain, b);
		key_end(domain, c);
	}
	kunit_hsm_stop(domain);
}

/* Operations that a type cannot do are not given to its keys, and those that must be asked for not without. */
static void mech_ops(struct kunit *test)
{
	const struct mhsm_mech *ec = mhsm_mech_find(MHSM_KEY_EC, MHSM_CURVE_P256);
	const struct mhsm_mech *ed = mhsm_mech_find(MHSM_KEY_OKP, MHSM_CURVE_ED25519);
	const struct mhsm_mech *x = mhsm_mech_find(MHSM_KEY_OKP, MHSM_CURVE_X25519);
	const u32 sign = MHSM_OP_SIGN | MHSM_OP_VERIFY, derive = MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS;

	KUNIT_ASSERT_TRUE(test, ec && ed && x);
	KUNIT_EXPECT_EQ(test, ec->ops, sign | derive);
	KUNIT_EXPECT_EQ(test, ec->default_ops, sign);
	KUNIT_EXPECT_EQ(test, ed->ops, sign);
	KUNIT_EXPECT_TRUE(test, !ed->agree && ed->sign);
	KUNIT_EXPECT_EQ(test, x->ops, derive);
	KUNIT_EXPECT_EQ(test, x->default_ops, (u32)MHSM_OP_DERIVE);
	KUNIT_EXPECT_TRUE(test, x->agree && !x->sign);
	KUNIT_ASSERT_NOT_NULL(test, mhsm_mech_find(MHSM_KEY_HMAC, 256));
	KUNIT_EXPECT_EQ(test, mhsm_mech_find(MHSM_KEY_HMAC, 256)->ops, sign | derive);
	KUNIT_EXPECT_EQ(test, mhsm_mech_find(MHSM_KEY_HMAC, 256)->default_ops, sign);
	KUNIT_EXPECT_NULL(test, mhsm_mech_find(MHSM_KEY_EC, MHSM_CURVE_X25519));
	KUNIT_EXPECT_NULL(test, mhsm_mech_find(MHSM_KEY_OKP, MHSM_CURVE_P256));
	KUNIT_EXPECT_NULL(test, mhsm_mech_find(MHSM_KEY_AES, 129));
	KUNIT_EXPECT_NULL(test, mhsm_mech_find(0, 0));
}

/* An algorithm is for the keys of the table above and no others. */
static void mech_algorithms(struct kunit *test)
{
	static const struct {
		u32 type;
		u32 param;
	} keys[] = {
		{ MHSM_KEY_AES, 128 },		    { MHSM_KEY_AES, 256 },
		{ MHSM_KEY_EC, MHSM_CURVE_P256 },   { MHSM_KEY_EC, MHSM_CURVE_P384 },
		{ MHSM_KEY_EC, MHSM_CURVE_P521 },   { MHSM_KEY_EC, MHSM_CURVE_P256K },
		{ MHSM_KEY_OKP, MHSM_CURVE_ED25519 }, { MHSM_KEY_OKP, MHSM_CURVE_X25519 },
		{ MHSM_KEY_RSA, 2048 },
		{ MHSM_KEY_RSA, 3072 },		    { MHSM_KEY_RSA, 4096 },
		{ MHSM_KEY_HMAC, 160 },		    { MHSM_KEY_HMAC, 168 },
	};
	bool is_rsa_alg, is_hmac_alg, want;
	size_t i, j;
	u32 alg;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		for (alg = 0; alg <= MHSM_ALG_MAX + 1; alg++) {
			is_rsa_alg = alg >= MHSM_ALG_RS256 && alg <= MHSM_ALG_RSNULL;
			is_hmac_alg = alg >= MHSM_ALG_HS256 && alg <= MHSM_ALG_HS512;
			want = (is_rsa_alg && keys[i].type == MHSM_KEY_RSA) ||
			       (is_hmac_alg && keys[i].type == MHSM_KEY_HMAC) ||
			       (alg == MHSM_ALG_AES_CMAC && keys[i].type == MHSM_KEY_AES);
			for (j = 0; j < ARRAY_SIZE(combinations); j++)
				want |= combinations[j].type == keys[i].type && combinations[j].param == keys[i].param &&
					combinations[j].alg == alg;
			KUNIT_EXPECT_EQ_MSG(test, !!mhsm_sigalg_find(alg, keys[i].type, keys[i].param), want,
					    "algorithm %u, type %u, %u", alg, keys[i].type, keys[i].param);
		}
}

static struct kunit_case mech_cases[] = {
	KUNIT_CASE_SLOW(mech_sign),
	KUNIT_CASE_SLOW(mech_check),
	KUNIT_CASE(mech_algorithms),
	KUNIT_CASE_SLOW(mech_agree),
	KUNIT_CASE(mech_ops),
	{}
};

static struct kunit_suite mech_suite = {
	.name = "mhsm_mech",
	.test_cases = mech_cases,
};

kunit_test_suite(mech_suite);
