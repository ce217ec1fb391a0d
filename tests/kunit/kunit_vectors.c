// SPDX-License-Identifier: GPL-2.0-only
/* What the suites of vectors have in common: see kunit_vectors.h. And that no file is left unread. */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "kmod/mech.h"
#include "tests/kunit/kunit_vectors.h"

#define FOLDER "tests/vectors/"
#define PATH_ROOM 100

static void path_of(const struct kunit_vectors_file *f, char path[PATH_ROOM])
{
	snprintf(path, PATH_ROOM, FOLDER "%s.txt", f->name);
}

struct mhsm_key *kunit_vectors_key(struct kunit *test, u32 type, u32 param, struct vectors_bytes secret,
				   struct vectors_bytes public)
{
	const struct mhsm_mech *mech = mhsm_mech_find(type, param);
	struct mhsm_key *key;

	if (!mech)
		return NULL;
	key = mhsm_key_new(NULL, "", 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	key->mech = mech;
	key->type = type;
	key->param = param;
	key->ops = mech->ops;
	key->flags = MHSM_KEY_ENABLED;
	key->state = MHSM_KEYSTATE_ACTIVE;
	KUNIT_ASSERT_EQ(test, mhsm_key_set_public(key, public.data, public.len), 0);
	if (secret.len)
		KUNIT_ASSERT_EQ(test, mhsm_secret_set(&key->secret, secret.data, secret.len), 0);
	KUNIT_ASSERT_EQ(test, mhsm_key_open(key), 0);
	return key;
}

void kunit_vectors_key_end(struct mhsm_key *key)
{
	mhsm_key_close(key);
	mhsm_key_put(key);
}

size_t kunit_vectors_digest(struct kunit *test, const char *hash, struct vectors_bytes message, u8 out[MHSM_HASH_MAX])
{
	static const struct {
		const char *name;
		enum mhsm_hash hash;
	} ours[] = {
		{ "sha1", MHSM_SHA1 },
		{ "sha256", MHSM_SHA256 },
		{ "sha384", MHSM_SHA384 },
		{ "sha512", MHSM_SHA512 },
	};
	const struct mhsm_part part = { message.data, message.len };
	struct crypto_shash *tfm;
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(ours); i++)
		if (!strcmp(ours[i].name, hash)) {
			KUNIT_ASSERT_EQ(test, mhsm_prim_hash(ours[i].hash, &part, 1, out), 0);
			return mhsm_prim_hash_len(ours[i].hash);
		}
	tfm = crypto_alloc_shash(hash, 0, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tfm), "%s", hash);
	len = crypto_shash_digestsize(tfm);
	KUNIT_EXPECT_EQ(test, crypto_shash_tfm_digest(tfm, message.data, message.len, out), 0);
	crypto_free_shash(tfm);
	return len;
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

/* Does every case of the parameter's file: each has the answer that its result says. */
static void vectors_file(struct kunit *test)
{
	const struct kunit_vectors_file *f = test->param_value;
	unsigned int valid = 0, left_out = 0;
	enum kunit_vectors_answer answer;
	char path[PATH_ROOM];
	struct vectors *v;
	bool want;

	path_of(f, path);
	v = vectors_open(path);
	while (vectors_next(v)) {
		want = !vectors_has(v, "result") || vectors_valid(v);
		answer = f->one(test, f, v);
		if (answer == KUNIT_VECTORS_LEFT_OUT)
			left_out++;
		else if (answer != kunit_vectors_accepted(want))
			KUNIT_FAIL(test, "%s: %s", vectors_where(v), want ? "refused" : "accepted");
		valid += want;
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, vectors_count(v), f->count);
	KUNIT_EXPECT_EQ(test, valid, f->valid);
	KUNIT_EXPECT_EQ(test, left_out, f->left_out);
	vectors_close(v);
}

/* The file after @prev, and its name for the results */
static const void *next_file(const struct kunit_vectors_file *table, const struct kunit_vectors_file *prev, char *desc)
{
	const struct kunit_vectors_file *f = prev ? prev + 1 : table;

	if (!f->name)
		return NULL;
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
	return f;
}

static const void *symmetric_files(const void *prev, char *desc)
{
	return next_file(kunit_vectors_symmetric, prev, desc);
}

static const void *ec_files(const void *prev, char *desc)
{
	return next_file(kunit_vectors_ec, prev, desc);
}

static const void *rsa_files(const void *prev, char *desc)
{
	return next_file(kunit_vectors_rsa, prev, desc);
}

static int vectors_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct kunit_vectors_work), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static unsigned int lines_for(const struct kunit_vectors_file *f, const char *path)
{
	unsigned int count = 0;
	char want[PATH_ROOM];

	for (; f->name; f++) {
		path_of(f, want);
		count += !strcmp(want, path);
	}
	return count;
}

/* Each file of the image has one line in one of the tables. */
static void vectors_all(struct kunit *test)
{
	const struct kunit_vectors_text *t;
	unsigned int count;

	KUNIT_EXPECT_GE(test, kunit_vectors_text_end - kunit_vectors_text, 60L);
	for (t = kunit_vectors_text; t < kunit_vectors_text_end; t++) {
		count = lines_for(kunit_vectors_symmetric, t->path) + lines_for(kunit_vectors_ec, t->path) +
			lines_for(kunit_vectors_rsa, t->path);
		KUNIT_EXPECT_EQ_MSG(test, count, 1, "%s: no suite reads it, or more than one", t->path);
	}
}

#define SLOW .attr = { .speed = KUNIT_SPEED_SLOW }

static struct kunit_case vectors_cases[] = {
	{ .run_case = vectors_file, .name = "vectors_symmetric", .generate_params = symmetric_files, SLOW },
	{ .run_case = vectors_file, .name = "vectors_ec", .generate_params = ec_files, SLOW },
	{ .run_case = vectors_file, .name = "vectors_rsa", .generate_params = rsa_files, SLOW },
	KUNIT_CASE(vectors_all),
	{}
};

static struct kunit_suite vectors_suite = {
	.name = "mhsm_vectors",
	.init = vectors_init,
	.test_cases = vectors_cases,
};

kunit_test_suite(vectors_suite);
