// SPDX-License-Identifier: GPL-2.0-only
/* RSA encryption: kmod/mech_rsa_crypt.c. That it is that of others is tested in guests. */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/kw.h"
#include "kmod/lifecycle.h"
#include "kmod/mech.h"
#include "kmod/mech_rsa.h"
#include "tests/kunit/kunit_hsm.h"

#define N_LEN 256
#define ROOM 8192

static const u32 algs[] = {
	MHSM_ALG_RSA1_5,       MHSM_ALG_RSA_OAEP,   MHSM_ALG_RSA_OAEP_256,   MHSM_ALG_RSA_OAEP_384,
	MHSM_ALG_RSA_OAEP_512, MHSM_ALG_RSA_AES_KW, MHSM_ALG_RSA_AES_KW_256, MHSM_ALG_RSA_AES_KW_384,
};

struct buffers {
	u8 in[ROOM], cipher[ROOM], back[ROOM];
};

static int encrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *a, struct buffers *b, size_t len,
		   size_t *cipher_len)
{
	struct mhsm_rsa_data d = { .label = "", .in = b->in, .in_len = len, .out = b->cipher };
	int ret = mhsm_rsa_encrypt(key, a, &d, &mhsm_rsa_random);

	*cipher_len = d.out_len;
	return ret;
}

static int decrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *a, struct buffers *b,
		   size_t cipher_len, size_t *len)
{
	struct mhsm_rsa_data d = { .label = "", .in = b->cipher, .in_len = cipher_len, .out = b->back };
	int ret = mhsm_rsa_decrypt(key, a, &d);

	*len = d.out_len;
	return ret;
}

static void round_trip(struct kunit *test, const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *a,
		       struct buffers *b, size_t len)
{
	size_t cipher_len, back_len;
	int room;

	memset(b->cipher, 0xa5, ROOM);
	KUNIT_ASSERT_EQ_MSG(test, encrypt(key, a, b, len, &cipher_len), 0, "algorithm %u, %zu", a->alg, len);
	KUNIT_EXPECT_EQ(test, cipher_len, mhsm_rsa_cipher_len(a, N_LEN, len));
	KUNIT_EXPECT_EQ(test, (int)b->cipher[cipher_len], 0xa5);
	room = mhsm_rsa_plain_room(a, N_LEN, cipher_len);
	KUNIT_ASSERT_GE(test, room, (int)len);
	memset(b->back, 0xa5, ROOM);
	KUNIT_EXPECT_EQ_MSG(test, decrypt(key, a, b, cipher_len, &back_len), 0, "algorithm %u, %zu", a->alg, len);
	KUNIT_EXPECT_EQ(test, back_len, len);
	KUNIT_EXPECT_EQ(test, memcmp(b->back, b->in, len), 0);
	KUNIT_EXPECT_EQ(test, (int)b->back[room], 0xa5);
	/* wrong */
	b->cipher[cipher_len - 1] ^= 1;
	if (a->padding == MHSM_RSA_PKCS1)
		KUNIT_EXPECT_EQ(test, decrypt(key, a, b, cipher_len, &back_len), 0);
	else
		KUNIT_EXPECT_EQ(test, decrypt(key, a, b, cipher_len, &back_len), -EBADMSG);
	memset(b->cipher, 0xff, N_LEN);
	KUNIT_EXPECT_EQ(test, decrypt(key, a, b, cipher_len, &back_len), -EBADMSG);
}

static void rsa_crypt(struct kunit *test)
{
	const struct mhsm_subject root = { .kind = MHSM_PRINCIPAL_UID, .via = MHSM_VIA_IOCTL };
	const struct mhsm_key_spec spec = {
		.name = "",
		.type = MHSM_KEY_RSA,
		.param = 2048,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	struct mhsm_domain *domain = kunit_hsm_start(test);
	struct buffers *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	const struct mhsm_rsa_cryptalg *a;
	struct mhsm_key *key = NULL;
	struct mhsm_rsa_ref ref;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_EQ(test, mhsm_lifecycle_create(domain, &root, &spec, &key), 0);
	KUNIT_EXPECT_EQ(test, key->ops, key->mech->ops);
	ref = (struct mhsm_rsa_ref){ key->public, key->public_len, key->secret.data };
	memset(b->in, 0x5a, ROOM);
	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		a = mhsm_rsa_cryptalg_find(algs[i]);
		KUNIT_ASSERT_NOT_NULL(test, a);
		round_trip(test, &ref, a, b, 1);
		round_trip(test, &ref, a, b, mhsm_rsa_plain_max(a, N_LEN));
	}
	mhsm_keytab_remove(&domain->keys, key);
	mhsm_key_put(key);
	kunit_hsm_stop(domain);
}

static void rsa_lengths(struct kunit *test)
{
	const struct mhsm_rsa_cryptalg *a = mhsm_rsa_cryptalg_find(MHSM_ALG_RSA_OAEP_256);
	const struct mhsm_rsa_cryptalg *w = mhsm_rsa_cryptalg_find(MHSM_ALG_RSA_AES_KW);

	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_max(a, 512), (size_t)446);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(a, 512, 512), 446);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(a, 512, 511), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(a, 512, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(w, 512, 512 + 16), 8);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(w, 512, 512 + 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(w, 512, 512 + 17), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(w, 512, 512 + MHSM_KW_MAX + 8), MHSM_KW_MAX);
	KUNIT_EXPECT_EQ(test, mhsm_rsa_plain_room(w, 512, 512 + MHSM_KW_MAX + 16), -EINVAL);
	KUNIT_EXPECT_NULL(test, mhsm_rsa_cryptalg_find(0));
	KUNIT_EXPECT_NULL(test, mhsm_rsa_cryptalg_find(MHSM_ALG_RSNULL));
}

static struct kunit_case rsa_cases[] = {
	KUNIT_CASE_SLOW(rsa_crypt),
	KUNIT_CASE(rsa_lengths),
	{}
};

static struct kunit_suite rsa_suite = {
	.name = "mhsm_rsa",
	.test_cases = rsa_cases,
};

kunit_test_suite(rsa_suite);
