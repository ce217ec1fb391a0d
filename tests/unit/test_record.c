// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/record.c kmod/seal.c kmod/kdf.c daemon/quorum/prim.c -lcrypto */
/*
 * Sealed records (doc/formats.md, section 2): the layout against a reading of it that is written here, sealing against
 * OpenSSL, and every byte and every length wrong.
 */
#include "tests/unit/vec.h"
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "kmod/record.h"
#include "kmod/seal.h"

#define FIXED 192
#define TAG 16

static const u8 root[MHSM_SEAL_ROOT_LEN] = { 0xa0, 0xa1, 0xa2 };

static u8 secret[MHSM_RECORD_SECRET_MAX], public[MHSM_RECORD_PUBLIC_MAX];
static char name[MHSM_NAME_MAX];

static struct mhsm_record key_record(void)
{
	struct mhsm_record r = {
		.kind = MHSM_RECORD_KEY,
		.state = MHSM_KEYSTATE_ACTIVE,
		.generation = 0x0102030405060708,
		.created = 0x1112131415161718,
		.updated = 0x2122232425262728,
		.not_before = 0x3132333435363738,
		.expires = 0x4142434445464748,
		.type = 0x51525354,
		.param = 0x61626364,
		.ops = 0x71727374,
		.flags = 0x81828384,
		.owner_kind = 0x91929394,
		.owner = 0xa1a2a3a4,
		.secret_len = 32,
		.public_len = 64,
		.name_len = 5,
		.name = "a-Z09",
		.public = public,
	};

	memset(r.domain, 0xd0, sizeof(r.domain));
	memset(r.id, 0x1d, sizeof(r.id));
	memset(r.version, 0x7e, sizeof(r.version));
	return r;
}

static struct mhsm_record domain_record(unsigned int admins)
{
	struct mhsm_record r = {
		.kind = MHSM_RECORD_DOMAIN,
		.state = 1,
		.generation = 1,
		.public_len = 8 * admins,
		.name = "",
		.public = public,
	};

	memset(r.domain, 0xd0, sizeof(r.domain));
	memcpy(r.id, r.domain, sizeof(r.id));
	return r;
}

static int setup(void **state)
{
	(void)state;
	vec_noise(secret, sizeof(secret));
	vec_noise(public, sizeof(public));
	memset(name, 'n', sizeof(name));
	return 0;
}

/* The little-endian number of @size bytes at @offset */
static u64 number(const u8 *p, size_t offset, size_t size)
{
	u64 v = 0;

	while (size--)
		v = v << 8 | p[offset + size];
	return v;
}

static void test_layout(void **state)
{
	struct mhsm_record r = key_record();
	u8 out[MHSM_RECORD_MAX], zero[32] = { 0 };

	(void)state;
	assert_int_equal(mhsm_seal_make(root, &r, secret, out), 0);
	assert_int_equal(mhsm_record_len(&r), FIXED + 5 + 64 + 32 + TAG);
	assert_memory_equal(out, "MHSMREC1", 8);
	assert_int_equal(number(out, 8, 2), 1);
	assert_int_equal(out[10], 1);
	assert_int_equal(out[11], 1);
	assert_int_equal(number(out, 12, 4), FIXED + 5 + 64);
	assert_memory_equal(out + 16, r.domain, 16);
	assert_memory_equal(out + 32, r.id, 16);
	assert_memory_equal(out + 48, r.version, 16);
	assert_true(number(out, 64, 8) == r.generation);
	assert_true(number(out, 72, 8) == r.created);
	assert_true(number(out, 80, 8) == r.updated);
	assert_true(number(out, 88, 8) == r.not_before);
	assert_true(number(out, 96, 8) == r.expires);
	assert_int_equal(number(out, 104, 4), r.type);
	assert_int_equal(number(out, 108, 4), r.param);
	assert_int_equal(number(out, 112, 4), r.ops);
	assert_int_equal(number(out, 116, 4), r.flags);
	assert_int_equal(number(out, 120, 4), r.owner_kind);
	assert_int_equal(number(out, 124, 4), r.owner);
	assert_true(number(out, 128, 8) == 0);
	assert_int_equal(number(out, 136, 2), 32);
	assert_int_equal(number(out, 138, 2), 64);
	assert_int_equal(out[140], 5);
	assert_memory_equal(out + 141, zero, 3);
	assert_memory_equal(out + 144, r.salt, 16);
	assert_memory_equal(out + 160, zero, 32);
	assert_memory_equal(out + 192, "a-Z09", 5);
	assert_memory_equal(out + 197, public, 64);
}

/* What version 1 has no place for: version 2, and only then */
static void test_layout_counts(void **state)
{
	struct mhsm_record r = key_record();
	u8 out[MHSM_RECORD_MAX];

	(void)state;
	r.use_limit = 0x1112131415161718;
	r.uses = 0x0102030405060708;
	r.gcm_uses = 0x0000000098765432;
	assert_int_equal(mhsm_seal_make(root, &r, secret, out), 0);
	assert_int_equal(number(out, 8, 2), 2);
	assert_true(number(out, 160, 8) == r.use_limit);
	assert_true(number(out, 168, 8) == r.uses);
	assert_true(number(out, 176, 8) == r.gcm_uses);
	assert_true(number(out, 184, 8) == 0);
}

static void assert_same(const struct mhsm_record *a, const struct mhsm_record *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->state, b->state);
	assert_memory_equal(a->domain, b->domain, 16);
	assert_memory_equal(a->id, b->id, 16);
	assert_memory_equal(a->version, b->version, 16);
	assert_true(a->generation == b->generation && a->created == b->created && a->updated == b->updated);
	assert_true(a->not_before == b->not_before && a->expires == b->expires && a->deleted == b->deleted);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->param, b->param);
	assert_int_equal(a->ops, b->ops);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->owner_kind, b->owner_kind);
	assert_int_equal(a->owner, b->owner);
	assert_true(a->use_limit == b->use_limit && a->uses == b->uses && a->gcm_uses == b->gcm_uses);
	assert_int_equal(a->secret_len, b->secret_len);
	assert_int_equal(a->public_len, b->public_len);
	assert_int_equal(a->name_len, b->name_len);
	assert_memory_equal(a->salt, b->salt, 16);
	assert_memory_equal(a->name, b->name, a->name_len);
	assert_memory_equal(a->public, b->public, a->public_len);
}

/* Seals and opens @r in memory of exactly its length. */
static void round_trip(struct mhsm_record *r)
{
	size_t len = mhsm_record_len(r);
	u8 *out = malloc(len), opened[MHSM_RECORD_SECRET_MAX];
	struct mhsm_record got;

	assert_non_null(out);
	memset(opened, 0, sizeof(opened));
	assert_int_equal(mhsm_seal_make(root, r, secret, out), 0);
	assert_int_equal(mhsm_seal_open(root, out, len, &got, opened), 0);
	assert_same(&got, r);
	assert_int_equal(got.header_len, len - r->secret_len - TAG);
	assert_memory_equal(opened, secret, r->secret_len);
	assert_int_equal(mhsm_seal_open(root, out, len, &got, NULL), 0);
	free(out);
}

static void test_round_trip(void **state)
{
	static const u16 lens[] = { 1, 16, 32, 2047, 2048 }, publics[] = { 0, 1, 64, 1023, 1024 };
	static const u8 names[] = { 1, 2, 40, 126, 127 };
	struct mhsm_record r = key_record();
	unsigned int i, j, k;

	(void)state;
	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++)
			for (k = 0; k < 5; k++) {
				r.secret_len = lens[i];
				r.public_len = publics[j];
				r.name = name;
				r.name_len = names[k];
				round_trip(&r);
			}
	r.state = MHSM_KEYSTATE_DELETED;
	r.deleted = 1;
	round_trip(&r);
	r = key_record();
	r.gcm_uses = MHSM_RECORD_GCM_MAX;
	round_trip(&r);
	r.use_limit = r.uses = 1;
	round_trip(&r);
	r.gcm_uses = 0;
	r.use_limit = UINT64_MAX;
	r.uses = UINT64_MAX - 1;
	round_trip(&r);
	for (i = 1; i <= 128; i += i < 3 ? 1 : 25) {
		r = domain_record(i);
		round_trip(&r);
	}
}

/* SP 800-108 and AES-256-GCM of OpenSSL */
static int open_apart(const u8 *in, size_t len, u8 *out)
{
	size_t h = number(in, 12, 4), s = number(in, 136, 2);
	u8 fixed[4 + 14 + 1 + 16 + 4] = { 0, 0, 0, 1 }, key[64], iv[12] = { 0 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, ok;

	assert_int_equal(len, h + s + TAG);
	memcpy(fixed + 4, "mhsm record v1", 14);
	memcpy(fixed + 19, in + 144, 16);
	fixed[37] = 1;
	assert_non_null(HMAC(EVP_sha512(), root, sizeof(root), fixed, sizeof(fixed), key, NULL));
	assert_non_null(ctx);
	assert_true(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv));
	assert_true(EVP_DecryptUpdate(ctx, NULL, &n, in, (int)h));
	assert_true(EVP_DecryptUpdate(ctx, out, &n, in + h, (int)s));
	assert_true(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(in + h + s)));
	ok = EVP_DecryptFinal_ex(ctx, out + n, &n);
	EVP_CIPHER_CTX_free(ctx);
	return ok == 1;
}

static void test_sealed_as_documented(void **state)
{
	u8 out[MHSM_RECORD_MAX], got[MHSM_RECORD_SECRET_MAX], salt[16] = { 0 };
	struct mhsm_record r = key_record();
	unsigned int i;

	(void)state;
	for (i = 0; i < 50; i++) {
		assert_int_equal(mhsm_seal_make(root, &r, secret, out), 0);
		assert_memory_not_equal(salt, r.salt, 16);
		memcpy(salt, r.salt, 16);
		assert_true(open_apart(out, mhsm_record_len(&r), got));
		assert_memory_equal(got, secret, 32);
	}
}

/* Opens a copy of @len bytes in memory of that size. */
static int open_copy(const u8 *key, const u8 *in, size_t len, u8 *opened)
{
	u8 *copy = malloc(len ? len : 1);
	struct mhsm_record got;
	int ret;

	assert_non_null(copy);
	if (len)
		memcpy(copy, in, len);
	ret = mhsm_seal_open(key, copy, len, &got, opened);
	free(copy);
	return ret;
}

static void every_byte(struct mhsm_record *r)
{
	u8 out[MHSM_RECORD_MAX + 1] = { 0 }, opened[MHSM_RECORD_SECRET_MAX] = { 0 }, none[MHSM_RECORD_SECRET_MAX] = { 0 };
	size_t len = mhsm_record_len(r), i;
	unsigned int bit;

	assert_int_equal(mhsm_seal_make(root, r, secret, out), 0);
	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			out[i] ^= (u8)(1 << bit);
			assert_int_equal(open_copy(root, out, len, opened), -EBADMSG);
			out[i] ^= (u8)(1 << bit);
		}
		assert_int_equal(open_copy(root, out, i, opened), -EBADMSG);
	}
	assert_int_equal(open_copy(root, out, len + 1, opened), -EBADMSG);
	for (i = 0; i < MHSM_SEAL_ROOT_LEN; i++) {
		u8 other[MHSM_SEAL_ROOT_LEN];

		memcpy(other, root, sizeof(other));
		other[i] ^= 1;
		assert_int_equal(open_copy(other, out, len, opened), -EBADMSG);
	}
	assert_memory_equal(opened, none, sizeof(none));
	assert_int_equal(open_copy(root, out, len, opened), 0);
}

static void test_every_byte(void **state)
{
	struct mhsm_record r = key_record();

	(void)state;
	every_byte(&r);
	r.use_limit = 9;
	r.uses = 3;
	every_byte(&r);
	r = domain_record(2);
	every_byte(&r);
}

/* What the layout forbids is refused also when it is authentic. */
static void refused(struct mhsm_record r)
{
	u8 out[4 * MHSM_RECORD_MAX], opened[MHSM_RECORD_SECRET_MAX];

	assert_int_equal(mhsm_seal_make(root, &r, secret, out), 0);
	assert_int_equal(open_copy(root, out, mhsm_record_len(&r), opened), -EBADMSG);
}

#define REFUSED(base, change)              \
	do {                               \
		struct mhsm_record r = base; \
		change;                    \
		refused(r);                \
	} while (0)

static void test_rules(void **state)
{
	unsigned int c;
	char odd[4];

	(void)state;
	REFUSED(key_record(), r.kind = 0);
	REFUSED(key_record(), r.kind = 3);
	REFUSED(key_record(), r.kind = MHSM_RECORD_DOMAIN);
	REFUSED(key_record(), r.state = 0);
	REFUSED(key_record(), r.state = 3);
	REFUSED(key_record(), r.state = MHSM_KEYSTATE_DELETED);
	REFUSED(key_record(), r.deleted = 1);
	REFUSED(key_record(), r.generation = 0);
	REFUSED(key_record(), r.uses = 1);
	REFUSED(key_record(), (r.use_limit = 7, r.uses = 8));
	REFUSED(key_record(), r.gcm_uses = MHSM_RECORD_GCM_MAX + 1);
	REFUSED(domain_record(1), r.use_limit = 1);
	REFUSED(domain_record(1), r.gcm_uses = 1);
	REFUSED(key_record(), r.secret_len = 0);
	REFUSED(key_record(), r.name_len = 0);
	REFUSED(key_record(), (r.name_len = 128, r.name = (const char *)memset(public, 'a', 128)));
	for (c = 0; c < 256; c++) {
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')
			continue;
		memcpy(odd, "abc", 4);
		odd[c % 3] = (char)c;
		REFUSED(key_record(), (r.name = odd, r.name_len = 3));
	}
	REFUSED(domain_record(1), r.kind = MHSM_RECORD_KEY);
	REFUSED(domain_record(1), r.state = 2);
	REFUSED(domain_record(1), r.secret_len = 1);
	REFUSED(domain_record(1), (r.name = "a", r.name_len = 1));
	REFUSED(domain_record(0), (void)0);
	REFUSED(domain_record(1), r.public_len = 9);
	REFUSED(domain_record(1), r.id[15] ^= 1);
	REFUSED(domain_record(1), r.version[0] = 1);
	REFUSED(domain_record(1), r.generation = 0);
}

/* Bytes that must be zero, and lengths that do not add up: of the header only, before any key is asked for */
static void test_header(void **state)
{
	static const struct {
		size_t offset;
		size_t size;
	} fields[] = { { 0, 8 }, { 8, 2 }, { 12, 4 }, { 136, 2 }, { 138, 2 }, { 140, 1 }, { 141, 3 }, { 160, 32 } };
	struct mhsm_record r = key_record(), got;
	u8 out[MHSM_RECORD_MAX] = { 0 };
	size_t i, j;
	unsigned int v;

	(void)state;
	mhsm_record_encode(&r, out);
	assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), 0);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		for (j = fields[i].offset; j < fields[i].offset + fields[i].size; j++)
			for (v = 1; v < 256; v++) {
				out[j] ^= (u8)v;
				assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), -EBADMSG);
				out[j] ^= (u8)v;
			}
	/* Counts in version 1, version 2 without any, and what follows them */
	r.gcm_uses = 1;
	mhsm_record_encode(&r, out);
	assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), 0);
	for (v = 0; v < 256; v++) {
		out[8] = (u8)v;
		assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), v == 2 ? 0 : -EBADMSG);
	}
	out[8] = 2;
	for (j = 184; j < 192; j++) {
		out[j] = 1;
		assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), -EBADMSG);
		out[j] = 0;
	}
	out[176] = 0;
	assert_int_equal(mhsm_record_decode(&got, out, mhsm_record_len(&r)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),	   cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_sealed_as_documented), cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_layout_counts), cmocka_unit_test(test_rules),	   cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
