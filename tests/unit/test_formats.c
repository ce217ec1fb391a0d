// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/sdexport.c kmod/hpke.c kmod/jwe.c kmod/kdf.c kmod/kw.c kmod/record.c kmod/seal.c kmod/shamir.c kmod/pk/mont.c kmod/pk/oaep.c
 * kmod/pk/rsa.c kmod/pk/p256.c kmod/pk/pk_env.c daemon/quorum/prim.c daemon/quorum/sdfile.c daemon/quorum/jwe_open.c
 * daemon/quorum/ceremony.c -ljansson -lcrypto
 */
/*
 * The formats of doc/formats.md, byte by byte. tests/vectors/formats.json holds inputs and outputs; each output is computed
 * twice here, by our code and by OpenSSL with the layout written out anew, and both must be what the file says.
 * "test_formats --write" writes the outputs of this build into the file: after a change of a format only.
 */
#include "tests/unit/custodian.h"
#include "tests/unit/sd_reader.h"
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include "daemon/quorum/ceremony.h"
#include "kmod/auditpack.h"
#include "kmod/hpke.h"
#include "kmod/kw.h"
#include "kmod/pk/p256.h"
#include "kmod/seal.h"
#include "uapi/mhsm_genl.h"

#define FILE_NAME "tests/vectors/formats.json"

static json_t *vectors;
static bool writing;

/* --- the file --- */

static json_t *section(const char *name)
{
	json_t *s = json_object_get(vectors, name);

	assert_non_null(s);
	return s;
}

static size_t input(json_t *s, const char *name, u8 *out, size_t room)
{
	const char *text = json_string_value(json_object_get(s, name));

	assert_non_null(text);
	return vec_hex(out, room, text);
}

static void input_exactly(json_t *s, const char *name, u8 *out, size_t len)
{
	assert_int_equal(input(s, name, out, len), len);
}

static void output(json_t *s, const char *name, const u8 *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	text[2 * len] = '\0';
	if (writing)
		json_object_set_new(s, name, json_string(text));
	else if (!json_is_string(json_object_get(s, name)))
		fail_msg("%s has no \"%s\"", FILE_NAME, name);
	else
		assert_string_equal(json_string_value(json_object_get(s, name)), text);
	free(text);
}

/* --- layouts, written out --- */

static void le16(u8 *p, u16 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
}

static void le32(u8 *p, u32 v)
{
	le16(p, (u16)v);
	le16(p + 2, (u16)(v >> 16));
}

static void le64(u8 *p, u64 v)
{
	le32(p, (u32)v);
	le32(p + 4, (u32)(v >> 32));
}

static void openssl_hmac256(const u8 *key, const u8 *data, size_t len, u8 out[32])
{
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, 32, data, len, out, 32, NULL));
}

/* SP 800-108 with a context */
static void openssl_kdf(u8 *out, size_t len, const u8 key[32], const char *label, const u8 *context, size_t context_len)
{
	u8 input_bytes[256] = { 0, 0, 0, 1 }, mac[64];
	size_t n = 4;

	memcpy(input_bytes + n, label, strlen(label));
	n += strlen(label) + 1;
	if (context_len)
		memcpy(input_bytes + n, context, context_len);
	n += context_len;
	input_bytes[n + 2] = (u8)(len * 8 >> 8);
	input_bytes[n + 3] = (u8)(len * 8);
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA512", NULL, key, 32, input_bytes, n + 4, mac, 64, NULL));
	memcpy(out, mac, len);
}

static void openssl_gcm(const u8 key[32], const u8 *aad, size_t aad_len, u8 *buf, size_t len, u8 tag[16])
{
	static const u8 iv[12];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len), 1);
	if (len)
		assert_int_equal(EVP_EncryptUpdate(ctx, buf, &n, buf, (int)len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, tag, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static void derive(const char *label, const u8 *context, size_t context_len, const u8 *from, u8 *out, size_t len)
{
	u8 other[64];

	assert_int_equal(mhsm_kdf_sp800108(MHSM_SHA512, out, len, from, 32, label, strlen(label), context, context_len), 0);
	openssl_kdf(other, len, from, label, context, context_len);
	assert_memory_equal(out, other, len);
}

static void master_key(u8 master[32])
{
	input_exactly(section("keys"), "master", master, 32);
}

/* --- sections of the document --- */

static void test_keys(void **state)
{
	static const char *const labels[] = { "mhsm domain id v1", "mhsm seal v1", "mhsm backup v1",
					      "mhsm audit v1", "mhsm token v1", "mhsm attest v1" };
	json_t *s = section("keys");
	u8 master[32], salt[16], out[32], seal[32];
	unsigned int i;

	(void)state;
	master_key(master);
	for (i = 0; i < 6; i++) {
		derive(labels[i], NULL, 0, master, out, i ? 32 : 16);
		output(s, labels[i], out, i ? 32 : 16);
		if (i == 1)
			memcpy(seal, out, 32);
	}
	input_exactly(s, "salt", salt, 16);
	derive("mhsm record v1", salt, 16, seal, out, 32);
	output(s, "mhsm record v1", out, 32);
}

/* Fields of a record that are not the same in both kinds */
struct record {
	u8 kind;
	u8 id[16], version[16], salt[16];
	u32 type, param, ops, flags;
	const char *name;
	u8 public[64];
	u16 public_len;
	u8 secret[32];
	u16 secret_len;
	u64 use_limit, uses, gcm_uses;
};

/* Our code opens the bytes, finds what was put in, encodes the same header again, and notices every change */
static void open_record(const u8 *bytes, size_t len, const u8 *root, const struct record *want)
{
	u8 *copy = malloc(len), header[1024], secret[MHSM_RECORD_SECRET_MAX];
	struct mhsm_record r;
	size_t i;

	memcpy(copy, bytes, len);
	assert_int_equal(mhsm_seal_open(root, copy, len, &r, secret), 0);
	assert_int_equal(r.kind, want->kind);
	assert_int_equal(r.type, want->type);
	assert_int_equal(r.ops, want->ops);
	assert_int_equal(r.flags, want->flags);
	assert_int_equal(r.generation, 3);
	assert_int_equal(r.updated, 1700000100);
	assert_int_equal(r.use_limit, want->use_limit);
	assert_int_equal(r.uses, want->uses);
	assert_int_equal(r.gcm_uses, want->gcm_uses);
	assert_int_equal(r.secret_len, want->secret_len);
	assert_memory_equal(secret, want->secret, want->secret_len);
	assert_int_equal(r.name_len, strlen(want->name));
	assert_int_equal(r.public_len, want->public_len);
	assert_int_equal(mhsm_record_len(&r), len);
	assert_int_equal(mhsm_record_encode(&r, header), r.header_len);
	assert_memory_equal(header, bytes, r.header_len);
	for (i = 0; i < len; i++) {
		copy[i] ^= 0x40;
		assert_int_equal(mhsm_seal_open(root, copy, len, &r, NULL), -EBADMSG);
		copy[i] ^= 0x40;
	}
	for (i = 0; i < len; i++)
		assert_int_equal(mhsm_seal_open(root, copy, i, &r, NULL), -EBADMSG);
	free(copy);
}

static void make_record(json_t *s, struct record *r)
{
	size_t name_len = strlen(r->name), header = 192 + name_len + r->public_len;
	u8 out[512] = { 0 }, other[512], master[32], domain[16], root[32], key[32];

	master_key(master);
	derive("mhsm domain id v1", NULL, 0, master, domain, 16);
	derive("mhsm seal v1", NULL, 0, master, root, 32);
	derive("mhsm record v1", r->salt, 16, root, key, 32);
	memcpy(out, "MHSMREC1", 8);
	le16(out + 8, r->use_limit ? 2 : 1);
	out[10] = r->kind;
	out[11] = 1;
	le32(out + 12, (u32)header);
	memcpy(out + 16, domain, 16);
	memcpy(out + 32, r->kind == 2 ? domain : r->id, 16);
	memcpy(out + 48, r->version, 16);
	le64(out + 64, 3);
	le64(out + 72, 1700000000);
	le64(out + 80, 1700000100);
	le64(out + 88, 0);
	le64(out + 96, r->kind == 1 ? 1900000000 : 0);
	le32(out + 104, r->type);
	le32(out + 108, r->param);
	le32(out + 112, r->ops);
	le32(out + 116, r->flags);
	le32(out + 120, r->kind == 1 ? MHSM_PRINCIPAL_UID : 0);
	le32(out + 124, r->kind == 1 ? 1000 : 0);
	le16(out + 136, r->secret_len);
	le16(out + 138, r->public_len);
	out[140] = (u8)name_len;
	memcpy(out + 144, r->salt, 16);
	le64(out + 160, r->use_limit);
	le64(out + 168, r->uses);
	le64(out + 176, r->gcm_uses);
	memcpy(out + 192, r->name, name_len);
	memcpy(out + 192 + name_len, r->public, r->public_len);
	memcpy(out + header, r->secret, r->secret_len);
	memcpy(other, out, sizeof(out));
	{
		static const u8 iv[12];

		assert_int_equal(mhsm_prim_gcm_seal(key, 32, iv, out, header, out + header, r->secret_len,
						    out + header + r->secret_len), 0);
	}
	openssl_gcm(key, other, header, other + header, r->secret_len, other + header + r->secret_len);
	assert_memory_equal(out, other, sizeof(out));
	output(s, "record", out, header + r->secret_len + 16);
	open_record(out, header + r->secret_len + 16, root, r);
}

static void test_key_record(void **state)
{
	json_t *s = section("key record");
	struct record r = {
		.kind = 1,
		.type = MHSM_KEY_EC,
		.param = MHSM_CURVE_P256,
		.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
		.flags = MHSM_KEY_ENABLED,
		.public_len = 64,
		.secret_len = 32,
	};
	EC_POINT *point;
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *d;
	u8 octets[65];

	(void)state;
	input_exactly(s, "id", r.id, 16);
	input_exactly(s, "version", r.version, 16);
	input_exactly(s, "salt", r.salt, 16);
	input_exactly(s, "secret", r.secret, 32);
	r.name = json_string_value(json_object_get(s, "name"));
	assert_int_equal(mhsm_p256_public(r.public, r.secret), 0);
	point = EC_POINT_new(group);
	d = BN_bin2bn(r.secret, 32, NULL);
	assert_int_equal(EC_POINT_mul(group, point, d, NULL, NULL, NULL), 1);
	assert_int_equal(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, 65, NULL), 65);
	assert_memory_equal(octets + 1, r.public, 64);
	BN_free(d);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	make_record(s, &r);

	s = section("AES key record");
	r = (struct record){ .kind = 1, .type = MHSM_KEY_AES, .param = 256, .ops = MHSM_OP_WRAP | MHSM_OP_UNWRAP,
			     .flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS | MHSM_KEY_IMPORTED, .secret_len = 32 };
	input_exactly(s, "id", r.id, 16);
	input_exactly(s, "version", r.version, 16);
	input_exactly(s, "salt", r.salt, 16);
	input_exactly(s, "secret", r.secret, 32);
	r.name = json_string_value(json_object_get(s, "name"));
	make_record(s, &r);
}

static void test_counted_record(void **state)
{
	json_t *s = section("AES key record with counts");
	struct record r = {
		.kind = 1,
		.type = MHSM_KEY_AES,
		.param = 256,
		.ops = MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT,
		.flags = MHSM_KEY_ENABLED,
		.secret_len = 32,
		.use_limit = 1000000,
		.uses = 12288,
		.gcm_uses = 4096,
	};

	(void)state;
	input_exactly(s, "id", r.id, 16);
	input_exactly(s, "version", r.version, 16);
	input_exactly(s, "salt", r.salt, 16);
	input_exactly(s, "secret", r.secret, 32);
	r.name = json_string_value(json_object_get(s, "name"));
	make_record(s, &r);
}

static void test_domain_record(void **state)
{
	json_t *s = section("domain record");
	struct record r = { .kind = 2, .name = "", .public_len = 16 };

	(void)state;
	input_exactly(s, "salt", r.salt, 16);
	le32(r.public, MHSM_PRINCIPAL_UID);
	le32(r.public + 4, 0);
	le32(r.public + 8, MHSM_PRINCIPAL_GID);
	le32(r.public + 12, 27);
	make_record(s, &r);
}

static void test_shares(void **state)
{
	json_t *s = section("shares");
	u8 secret[32], coeff_bytes[4 * 32], shares[5 * MHSM_SHAMIR_SHARE], back[32];
	u16 coeff[3], words[3][32];
	u32 value;
	unsigned int i, x;

	(void)state;
	input_exactly(s, "secret", secret, 32);
	input_exactly(s, "coefficients", coeff_bytes, sizeof(coeff_bytes));
	for (i = 0; i < 32; i++) {
		coeff[0] = secret[i];
		coeff[1] = mhsm_env_get_le16(coeff_bytes + 4 * i);
		coeff[2] = mhsm_env_get_le16(coeff_bytes + 4 * i + 2);
		assert_true(coeff[1] <= 256 && coeff[2] <= 256);
		for (x = 1; x <= 5; x++) {
			value = (coeff[0] + coeff[1] * x + coeff[2] * x * x) % 257;
			assert_int_equal(mhsm_shamir_word(coeff, 3, x), x << 9 | value);
			le16(shares + (x - 1) * MHSM_SHAMIR_SHARE + 2 * i, (u16)(x << 9 | value));
		}
	}
	output(s, "shares", shares, sizeof(shares));
	assert_int_equal(mhsm_shamir_combine(back, shares + 2 * MHSM_SHAMIR_SHARE, 3), 0);
	assert_memory_equal(back, secret, 32);
	for (x = 0; x < 3; x++)
		for (i = 0; i < 32; i++)
			words[x][i] = mhsm_env_get_le16(shares + 2 * x * MHSM_SHAMIR_SHARE + 2 * i);
	reader_combine(words, 3, back);
	assert_memory_equal(back, secret, 32);
}

static void make_datum(u8 datum[MHSM_SD_DATUM])
{
	u8 master[32];

	master_key(master);
	memset(datum, 0, MHSM_SD_DATUM);
	memcpy(datum, "MHSMDOM1", 8);
	derive("mhsm domain id v1", NULL, 0, master, datum + 8, 16);
	le64(datum + 24, 1700000000);
	memcpy(datum + 40, master, 32);
}

/* A security domain is different each time; --write makes another one, with other keys */
static void write_security_domain(json_t *s)
{
	json_t *keys = json_array();
	struct custodian c[3];
	u8 datum[MHSM_SD_DATUM];
	unsigned int i;
	char *pem, *sd;
	BIO *bio;
	long len;

	make_datum(datum);
	for (i = 0; i < 3; i++) {
		custodian_make(&c[i], 2048);
		bio = BIO_new(BIO_s_mem());
		PEM_write_bio_PrivateKey(bio, c[i].key, NULL, NULL, 0, NULL, NULL);
		len = BIO_get_mem_data(bio, &pem);
		json_array_append_new(keys, json_stringn(pem, (size_t)len));
		BIO_free(bio);
	}
	sd = custodian_sdfile(c, 3, 2, datum);
	json_object_set_new(s, "file", json_string(sd));
	json_object_set_new(s, "keys", keys);
	free(sd);
	for (i = 0; i < 3; i++)
		custodian_free(&c[i]);
}

static void test_security_domain(void **state)
{
	json_t *s = section("security domain");
	u8 datum[MHSM_SD_DATUM], got[128], sk[32], pk[65], enc[65], ct[MHSM_UNLOCK_CT], info[64], random[40] = { 9 };
	static const unsigned int pairs[3][2] = { { 0, 1 }, { 2, 0 }, { 1, 2 } };
	size_t info_len = strlen(MHSM_GENL_UNLOCK_INFO);
	const char *file, *pem, *why;
	struct mhsm_ceremony *c;
	struct mhsm_answer a;
	struct evp_pkey_st *keys[3];
	unsigned int i, which;
	BIO *bio;

	(void)state;
	if (writing)
		write_security_domain(s);
	make_datum(datum);
	output(s, "datum", datum, sizeof(datum));
	file = json_string_value(json_object_get(s, "file"));
	for (i = 0; i < 3; i++) {
		pem = json_string_value(json_array_get(json_object_get(s, "keys"), i));
		bio = BIO_new_mem_buf(pem, -1);
		keys[i] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		assert_non_null(keys[i]);
		BIO_free(bio);
	}
	pk[0] = 4;
	assert_int_equal(mhsm_p256_keygen(sk, pk + 1, random), 0);
	memcpy(info, MHSM_GENL_UNLOCK_INFO, info_len);
	memcpy(info + info_len, datum + 8, 16);
	for (i = 0; i < 3; i++) {
		assert_int_equal(reader_open(file, keys, pairs[i], got), MHSM_SD_DATUM);
		assert_memory_equal(got, datum, MHSM_SD_DATUM);

		assert_int_equal(mhsm_ceremony_new(&c, file, strlen(file), &why), 0);
		assert_int_equal(mhsm_ceremony_approve(c, keys[pairs[i][0]], NULL, &which, &a), MHSM_ANSWER_OK);
		assert_int_equal(mhsm_ceremony_approve(c, keys[pairs[i][1]], NULL, &which, &a), MHSM_ANSWER_OK);
		assert_int_equal(which, pairs[i][1]);
		assert_int_equal(mhsm_ceremony_unlock(c, datum + 8, pk, enc, ct, &a), MHSM_ANSWER_OK);
		assert_int_equal(mhsm_hpke_open(got, MHSM_HPKE_AES_256_GCM, enc, sk, pk, info, info_len + 16, NULL, 0,
						ct, sizeof(ct)), 0);
		assert_memory_equal(got, datum, MHSM_SD_DATUM);
		mhsm_ceremony_free(c);
	}
	for (i = 0; i < 3; i++)
		EVP_PKEY_free(keys[i]);
}

static void test_unlock(void **state)
{
	json_t *s = section("unlock message");
	u8 sk_r[32], sk_e[32], pk_r[65] = { 4 }, enc[65], datum[MHSM_SD_DATUM], out[MHSM_UNLOCK_CT], info[64];
	size_t info_len = strlen("mhsm domain unlock v1");
	u8 back[MHSM_SD_DATUM];
	struct mhsm_hpke h;

	(void)state;
	make_datum(datum);
	input_exactly(s, "skRm", sk_r, 32);
	input_exactly(s, "skEm", sk_e, 32);
	assert_int_equal(mhsm_p256_public(pk_r + 1, sk_r), 0);
	output(s, "pkRm", pk_r, 65);
	memcpy(info, "mhsm domain unlock v1", info_len);
	memcpy(info + info_len, datum + 8, 16);
	assert_int_equal(mhsm_hpke_sender_with(&h, enc, MHSM_HPKE_AES_256_GCM, pk_r, info, info_len + 16, sk_e), 0);
	memcpy(out, datum, sizeof(datum));
	assert_int_equal(mhsm_hpke_seal_at(&h, 0, NULL, 0, out, MHSM_SD_DATUM, out + MHSM_SD_DATUM), 0);
	output(s, "enc", enc, 65);
	output(s, "ciphertext", out, sizeof(out));
	reader_hpke_open(back, enc, sk_r, pk_r, info, info_len + 16, out, sizeof(out));
	assert_memory_equal(back, datum, sizeof(datum));
}

static void make_token(json_t *s)
{
	u8 master[32], root[32], kek_id[16], kek[32], data[64], token[128] = { 0 }, bound[33 + 16], k[32], mac[32];
	u8 wrapped[72];
	size_t len = input(s, "data key", data, sizeof(data));
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct mhsm_block *b;
	int n;

	master_key(master);
	derive("mhsm token v1", NULL, 0, master, root, 32);
	input_exactly(s, "kek", kek, 32);
	input_exactly(s, "kek id", kek_id, 16);
	memcpy(token, "mhT1", 4);
	token[4] = 1;
	token[5] = (u8)json_integer_value(json_object_get(s, "algorithm"));
	token[6] = (u8)len;
	derive("mhsm domain id v1", NULL, 0, master, token + 8, 16);
	memcpy(token + 24, kek_id, 16);
	assert_int_equal(mhsm_prim_block_new(&b, kek, 32), 0);
	assert_int_equal(len % 8 ? mhsm_kwp_wrap(b, token + 40, data, len) : mhsm_kw_wrap(b, token + 40, data, len), 0);
	mhsm_prim_block_free(b);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	assert_int_equal(EVP_EncryptInit_ex(ctx, len % 8 ? EVP_aes_256_wrap_pad() : EVP_aes_256_wrap(), NULL, kek, NULL),
			 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, wrapped, &n, data, (int)len), 1);
	EVP_CIPHER_CTX_free(ctx);
	assert_int_equal(n, (len + 7) / 8 * 8 + 8);
	assert_memory_equal(token + 40, wrapped, n);
	memcpy(bound, "mhsm volume token", 17);
	memcpy(bound + 17, kek_id, 16);
	openssl_hmac256(root, bound, 33, k);
	openssl_hmac256(k, token, 112, mac);
	memcpy(token + 112, mac, 16);
	{
		const struct mhsm_part parts[] = { { "mhsm volume token", 17 }, { kek_id, 16 } };
		const struct mhsm_part all = { token, 112 };

		assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, root, 32, parts, 2, k), 0);
		assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, k, 32, &all, 1, mac), 0);
		assert_memory_equal(token + 112, mac, 16);
	}
	output(s, "token", token, sizeof(token));
}

static void test_token(void **state)
{
	(void)state;
	make_token(section("volume token of 64 bytes"));
	make_token(section("volume token of 36 bytes"));
	make_token(section("volume token of 32 bytes"));
	make_token(section("volume token of 16 bytes"));
}

#define RECORDS_END (88 + 2 * 129 + 6 + 12)

static void test_audit_batch(void **state)
{
	json_t *s = section("audit batch");
	u8 master[32], key[32], batch[RECORDS_END + 32] = { 0 }, *rec, *again, mac[32], packed[129];
	struct mhsm_part part = { batch, RECORDS_END };
	struct mhsm_audit_batch header;
	struct mhsm_audit_rec second, got[4];

	(void)state;
	assert_int_equal(sizeof(header), 88);
	assert_int_equal(sizeof(second), 128);
	master_key(master);
	derive("mhsm audit v1", NULL, 0, master, key, 32);
	memcpy(batch, "MHSMAUD3", 8);
	le64(batch + 8, 7);
	derive("mhsm domain id v1", NULL, 0, master, batch + 16, 16);
	input_exactly(s, "boot", batch + 32, 16);
	le32(batch + 48, 4);
	le32(batch + 52, 1);
	input_exactly(s, "prev", batch + 56, 32);
	rec = batch + 89; /* after its byte 0 */
	le64(rec, 41);
	le64(rec + 8, 1700000000123456789);
	le64(rec + 16, 52000);
	le32(rec + 28, MHSM_ACT_SIGN);
	le32(rec + 32, MHSM_VIA_IOCTL);
	le32(rec + 36, MHSM_ALG_ES256);
	le32(rec + 40, MHSM_PRINCIPAL_UID);
	le32(rec + 44, 1000);
	le32(rec + 48, 1000);
	le32(rec + 52, 4711);
	le64(rec + 64, 32);
	input_exactly(s, "key", rec + 72, 16);
	memcpy(rec + 88, "signing-key", 11);
	memcpy(rec + 129, rec, 128);
	rec += 129;
	le64(rec, 42);
	le32(rec + 28, MHSM_ACT_KEY_PURGE);
	le32(rec + 36, 0);
	le32(rec + 56, (u32)-13); /* EACCES */
	le64(rec + 64, 0);
	again = rec + 128; /* the same 543210 ns later, in 61000 ns */
	memcpy(again, "\x91\xea\x49\x08\x48\xee", 6);
	again += 6; /* 1000 ns later, in 255 ns, of 17 bytes */
	memcpy(again, "\xc8\xe8\x03\xff\x11", 5);
	memcpy(&header, batch, sizeof(header)); /* what uapi/mhsm.h makes of these bytes, on a little-endian machine */
	memcpy(&second, rec, sizeof(second));
	assert_int_equal(header.number, 7);
	assert_int_equal(header.count, 4);
	assert_int_equal(header.cpus, 1);
	assert_int_equal(second.seq, 42);
	assert_int_equal(second.action, MHSM_ACT_KEY_PURGE);
	assert_int_equal(second.pid, 4711);
	assert_int_equal(second.result, -13);
	assert_string_equal(second.name, "signing-key");
	assert_int_equal(mhsm_audit_records_len(3, batch + 88, sizeof(batch) - 88, 4), RECORDS_END - 88);
	assert_int_equal(mhsm_audit_unpack_all((const struct mhsm_audit_batch *)batch, got), RECORDS_END - 88);
	assert_memory_equal(&got[1], &second, sizeof(second));
	second.seq = 43;
	second.time += 543210;
	second.duration = 61000;
	assert_memory_equal(&got[2], &second, sizeof(second));
	second.seq = 44;
	second.time += 1000;
	second.duration = 255;
	second.bytes = 17;
	assert_memory_equal(&got[3], &second, sizeof(second));
	rec = batch + 88;
	for (int i = 0; i < 4; i++) {
		size_t len = mhsm_audit_pack(packed, &got[i], i ? &got[i - 1] : NULL);

		assert_memory_equal(packed, rec, len);
		rec += len;
	}
	assert_ptr_equal(rec, batch + RECORDS_END);
	openssl_hmac256(key, batch, RECORDS_END, mac);
	assert_int_equal(mhsm_prim_hmac(MHSM_SHA256, key, 32, &part, 1, batch + RECORDS_END), 0);
	assert_memory_equal(batch + RECORDS_END, mac, 32);
	output(s, "batch", batch, sizeof(batch));
}

static int setup(void **state)
{
	(void)state;
	vectors = json_load_file(FILE_NAME, 0, NULL);
	if (!vectors)
		print_error("%s cannot be read; run the tests at the top of the tree\n", FILE_NAME);
	return vectors ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	if (writing)
		json_dump_file(vectors, FILE_NAME, JSON_INDENT(1));
	json_decref(vectors);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	      cmocka_unit_test(test_key_record),
		cmocka_unit_test(test_counted_record),
		cmocka_unit_test(test_domain_record), cmocka_unit_test(test_shares),
		cmocka_unit_test(test_security_domain), cmocka_unit_test(test_unlock),
		cmocka_unit_test(test_token),	      cmocka_unit_test(test_audit_batch),
	};

	writing = argc == 2 && !strcmp(argv[1], "--write");
	return cmocka_run_group_tests(tests, setup, teardown);
}
