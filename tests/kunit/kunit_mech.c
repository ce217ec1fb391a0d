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
	{ MHSM_KEY_RSA, 3072, MHSM_ALG_PS256, 384 },
	{ MHSM_KEY_RSA, 4096, MHSM_ALG_RS512, 512 },
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
	KUNIT_ASSERT_EQ(test, key->mech->sig_len(key), sig_len);
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
			a->scheme == MHSM_SCHEME_EDDSA || a->scheme == MHSM_SCHEME_PKCS1);
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
	kunit_hsm_stop(domain);
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
		{ MHSM_KEY_OKP, MHSM_CURVE_ED25519 }, { MHSM_KEY_RSA, 2048 },
		{ MHSM_KEY_RSA, 3072 },		    { MHSM_KEY_RSA, 4096 },
	};
	bool is_rsa_alg, want;
	size_t i, j;
	u32 alg;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		for (alg = 0; alg <= MHSM_ALG_MAX + 1; alg++) {
			is_rsa_alg = alg >= MHSM_ALG_RS256 && alg <= MHSM_ALG_PS512;
			want = is_rsa_alg && keys[i].type == MHSM_KEY_RSA;
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
	{}
};

static struct kunit_suite mech_suite = {
	.name = "mhsm_mech",
	.test_cases = mech_cases,
};

kunit_test_suite(mech_suite);
