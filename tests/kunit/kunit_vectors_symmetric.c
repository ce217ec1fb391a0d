// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vectors for symmetric algorithms: kmod/mech_aes.c, kmod/mech_hmac.c, kmod/padding.c, kmod/kw.c, kmod/kdf.c,
 * kmod/hpke.c, kmod/prim.c
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/hpke.h"
#include "kmod/kdf.h"
#include "kmod/mech.h"
#include "kmod/mech_aes.h"
#include "kmod/padding.h"
#include "tests/kunit/kunit_vectors.h"

static const struct vectors_bytes none;

/* The case's AES key, or NULL if there are none of its size */
static struct mhsm_key *aes_key(struct kunit *test, struct vectors *v)
{
	struct vectors_bytes key = vectors_bytes(v, "key");

	return kunit_vectors_key(test, MHSM_KEY_AES, 8 * key.len, key, none);
}

/* --- AES-GCM ------------------------------------------------------------------------------------------------------ */

/* @in in work->out, and the tag in work->state */
static int gcm_run(struct kunit *test, struct mhsm_key *key, bool encrypt, struct vectors *v, struct vectors_bytes in)
{
	struct vectors_bytes iv = vectors_bytes(v, "iv"), aad = vectors_bytes(v, "aad"), tag = vectors_bytes(v, "tag");
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_gcm g = {
		.scratch = kunit_kmalloc(test, mhsm_aes_gcm_scratch(key), GFP_KERNEL),
		.iv = work->state,
		.tag = work->state + MHSM_GCM_IV,
		.aad = { .p = work->in, .len = aad.len },
		.in = { .p = work->out, .len = in.len },
		.in_place = true,
	};
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, g.scratch);
	KUNIT_ASSERT_TRUE(test, aad.len <= sizeof(work->in) && in.len <= sizeof(work->out) && tag.len == MHSM_GCM_TAG);
	memcpy(g.iv, iv.data, MHSM_GCM_IV);
	memcpy(g.tag, tag.data, MHSM_GCM_TAG);
	if (encrypt)
		memset(g.tag, 0, MHSM_GCM_TAG);
	memcpy(work->in, aad.data, aad.len);
	memcpy(work->out, in.data, in.len);
	ret = mhsm_aes_gcm(key, encrypt, &g);
	kunit_kfree(test, g.scratch);
	return ret;
}

static enum kunit_vectors_answer gcm(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), ciphertext = vectors_bytes(v, "ciphertext");
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_key *key;
	bool same;
	int ret;

	if (vectors_bytes(v, "iv").len != MHSM_GCM_IV)
		return KUNIT_VECTORS_LEFT_OUT;
	key = aes_key(test, v);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_EQ(test, gcm_run(test, key, true, v, message), 0);
	same = kunit_vectors_equal(ciphertext, work->out, message.len) &&
	       kunit_vectors_equal(vectors_bytes(v, "tag"), work->state + MHSM_GCM_IV, MHSM_GCM_TAG);
	ret = gcm_run(test, key, false, v, ciphertext);
	KUNIT_EXPECT_EQ_MSG(test, ret, same ? 0 : -EBADMSG, "%s", vectors_where(v));
	if (!ret)
		KUNIT_EXPECT_TRUE_MSG(test, kunit_vectors_equal(message, work->out, ciphertext.len), "%s",
				      vectors_where(v));
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(!ret);
}

/* --- AES-CBC, CBCPAD, CTR: f->alg --------------------------------------------------------------------------------- */

/* The @len bytes of work->out, in place */
static void mode_run(struct kunit *test, struct mhsm_key *key, u32 alg, bool encrypt, struct vectors_bytes iv,
		     size_t len)
{
	enum mhsm_mode mode = alg == MHSM_ALG_AES_CTR ? MHSM_MODE_CTR : MHSM_MODE_CBC;
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_cipher_call c = {
		.iv = work->state,
		.in = { .p = work->out, .len = len },
		.in_place = true,
	};
	size_t scratch;

	KUNIT_ASSERT_EQ(test, iv.len, MHSM_CIPHER_IV);
	KUNIT_ASSERT_EQ(test, mhsm_aes_mode_prepare(key, mode, &scratch), 0);
	c.scratch = kunit_kmalloc(test, scratch, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c.scratch);
	memcpy(c.iv, iv.data, iv.len);
	KUNIT_EXPECT_EQ(test, mhsm_aes_mode(key, mode, encrypt, &c), 0);
	kunit_kfree(test, c.scratch);
}

/* The ciphertext of work->out as the message is: whether it can be one, and is that of the case */
static bool mode_decrypt(struct kunit *test, struct mhsm_key *key, u32 alg, struct vectors *v)
{
	struct vectors_bytes in = vectors_bytes(v, "ciphertext");
	struct kunit_vectors_work *work = test->priv;
	u32 padding = 0;

	/* The length is the ioctl's to check. */
	if (alg != MHSM_ALG_AES_CTR && in.len % MHSM_PADDING_BLOCK)
		return false;
	memcpy(work->out, in.data, in.len);
	mode_run(test, key, alg, false, vectors_bytes(v, "iv"), in.len);
	if (alg == MHSM_ALG_AES_CBCPAD) {
		padding = in.len ? mhsm_padding_len(work->out + in.len - MHSM_PADDING_BLOCK) : 0;
		if (!padding)
			return false;
	}
	return kunit_vectors_equal(vectors_bytes(v, "message"), work->out, in.len - padding);
}

static bool mode_encrypt(struct kunit *test, struct mhsm_key *key, u32 alg, struct vectors *v)
{
	struct vectors_bytes in = vectors_bytes(v, "message");
	struct kunit_vectors_work *work = test->priv;
	size_t last = in.len % MHSM_PADDING_BLOCK, len = in.len;

	memcpy(work->out, in.data, in.len);
	if (alg == MHSM_ALG_AES_CBCPAD) {
		mhsm_padding_add(work->out + in.len - last, last);
		len += MHSM_PADDING_BLOCK - last;
	}
	mode_run(test, key, alg, true, vectors_bytes(v, "iv"), len);
	return kunit_vectors_equal(vectors_bytes(v, "ciphertext"), work->out, len);
}

static enum kunit_vectors_answer mode(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_key *key = aes_key(test, v);
	bool same;

	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_ASSERT_LE(test, vectors_bytes(v, "message").len + MHSM_PADDING_BLOCK, sizeof(work->out));
	KUNIT_ASSERT_LE(test, vectors_bytes(v, "ciphertext").len, sizeof(work->out));
	same = mode_decrypt(test, key, f->alg, v);
	if (same)
		KUNIT_EXPECT_TRUE_MSG(test, mode_encrypt(test, key, f->alg, v), "%s", vectors_where(v));
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(same);
}

/* --- AES-KW, AES-KWP: f->alg -------------------------------------------------------------------------------------- */

static enum kunit_vectors_answer wrapping(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), ciphertext = vectors_bytes(v, "ciphertext");
	struct kunit_vectors_work *work = test->priv;
	struct mhsm_key *key = aes_key(test, v);
	size_t len;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_ASSERT_TRUE(test, message.len + 16 <= sizeof(work->out) && ciphertext.len + 16 <= sizeof(work->out));
	ret = mhsm_aes_wrap(key, f->alg, false, work->out, &len, ciphertext.data, ciphertext.len);
	if (!ret) {
		KUNIT_EXPECT_TRUE_MSG(test, kunit_vectors_equal(message, work->out, len), "%s", vectors_where(v));
		KUNIT_EXPECT_EQ(test, mhsm_aes_wrap(key, f->alg, true, work->out, &len, message.data, message.len), 0);
		KUNIT_EXPECT_TRUE_MSG(test, kunit_vectors_equal(ciphertext, work->out, len), "%s", vectors_where(v));
	} else {
		KUNIT_EXPECT_TRUE_MSG(test, ret == -EBADMSG || ret == -EINVAL, "%s: %d", vectors_where(v), ret);
	}
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(!ret);
}

/* --- CMAC, HMAC: f->alg ------------------------------------------------------------------------------------------- */

/* The code that the key's mechanism makes is the case's if it should be, and only then it verifies. */
static bool code(struct kunit *test, struct mhsm_key *key, const struct kunit_vectors_file *f, struct vectors *v)
{
	const struct mhsm_sigalg *alg = mhsm_sigalg_find(f->alg, key->type, key->param);
	struct vectors_bytes message = vectors_bytes(v, "message"), tag = vectors_bytes(v, "tag");
	u8 out[MHSM_HASH_MAX];
	size_t len;
	bool same;

	KUNIT_ASSERT_NOT_NULL(test, alg);
	len = key->mech->sig_len(key, alg);
	KUNIT_ASSERT_TRUE(test, tag.len >= 16 && tag.len <= len && len <= sizeof(out));
	KUNIT_ASSERT_EQ(test, key->mech->sign(key, alg, message.data, message.len, out), 0);
	/* Some tags are the first half. */
	same = kunit_vectors_equal(tag, out, tag.len);
	if (tag.len == len)
		KUNIT_EXPECT_EQ_MSG(test, key->mech->verify(key, alg, message.data, message.len, tag.data),
				    same ? 0 : -EBADMSG, "%s", vectors_where(v));
	return same;
}

static enum kunit_vectors_answer cmac(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct mhsm_key *key = aes_key(test, v);
	bool same;

	/* The source's invalid ones have keys of other sizes, too. */
	if (!key)
		return KUNIT_VECTORS_REFUSED;
	same = code(test, key, f, v);
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(same);
}

/* Keys that the module has none of are for the function alone. */
static enum kunit_vectors_answer hmac(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes secret = vectors_bytes(v, "key"), message = vectors_bytes(v, "message");
	const struct mhsm_part part = { message.data, message.len };
	struct vectors_bytes tag = vectors_bytes(v, "tag");
	struct mhsm_key *key;
	u8 out[MHSM_HASH_MAX];
	bool same;

	KUNIT_ASSERT_TRUE(test, tag.len >= 16 && tag.len <= mhsm_prim_hash_len(f->hash));
	KUNIT_ASSERT_EQ(test, mhsm_prim_hmac(f->hash, secret.data, secret.len, &part, 1, out), 0);
	same = kunit_vectors_equal(tag, out, tag.len);
	if (!mhsm_mech_hmac.secret_len(8 * secret.len))
		return kunit_vectors_accepted(same);
	key = kunit_vectors_key(test, MHSM_KEY_HMAC, 8 * secret.len, secret, none);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_EQ_MSG(test, code(test, key, f, v), same, "%s", vectors_where(v));
	kunit_vectors_key_end(key);
	return kunit_vectors_accepted(same);
}

/* --- HKDF, KDF: f->hash ------------------------------------------------------------------------------------------- */

static enum kunit_vectors_answer hkdf(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes salt = vectors_bytes(v, "salt"), ikm = vectors_bytes(v, "ikm");
	struct vectors_bytes info = vectors_bytes(v, "info");
	const struct mhsm_part secret = { ikm.data, ikm.len }, purpose = { info.data, info.len };
	struct kunit_vectors_work *work = test->priv;
	size_t size = vectors_number(v, "size");
	u8 prk[MHSM_HASH_MAX];
	int ret;

	KUNIT_ASSERT_EQ(test, mhsm_hkdf_extract(f->hash, prk, salt.data, salt.len, &secret, 1), 0);
	if (vectors_has(v, "prk"))
		KUNIT_EXPECT_TRUE(test, kunit_vectors_equal(vectors_bytes(v, "prk"), prk, mhsm_prim_hash_len(f->hash)));
	KUNIT_ASSERT_LE(test, size, sizeof(work->out));
	ret = mhsm_hkdf_expand(f->hash, work->out, size, prk, &purpose, 1);
	if (ret)
		KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	return kunit_vectors_accepted(!ret && kunit_vectors_equal(vectors_bytes(v, "okm"), work->out, size));
}

static enum kunit_vectors_answer kbkdf(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct vectors_bytes label = vectors_bytes(v, "label"), context = vectors_bytes(v, "context");
	struct vectors_bytes key = vectors_bytes(v, "key"), okm = vectors_bytes(v, "okm");
	static const struct {
		const char *name;
		enum mhsm_hash hash;
	} macs[] = {
		{ "hmac-sha256", MHSM_SHA256 },
		{ "hmac-sha384", MHSM_SHA384 },
		{ "hmac-sha512", MHSM_SHA512 },
	};
	struct kunit_vectors_work *work = test->priv;
	size_t size = vectors_number(v, "size");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(macs) && strcmp(vectors_word(v, "mac"), macs[i].name); i++)
		;
	if (i == ARRAY_SIZE(macs))
		return KUNIT_VECTORS_LEFT_OUT;
	KUNIT_ASSERT_LE(test, size, sizeof(work->out));
	KUNIT_ASSERT_EQ(test, mhsm_kdf_sp800108(macs[i].hash, work->out, size, key.data, key.len, label.data, label.len,
						context.data, context.len), 0);
	return kunit_vectors_accepted(kunit_vectors_equal(okm, work->out, size));
}

/* --- HPKE --------------------------------------------------------------------------------------------------------- */

/* What lines before have given: in work->state */
struct hpke_given {
	u8 info[64], sk_e[MHSM_HPKE_PRIVATE], sk_r[MHSM_HPKE_PRIVATE], pk_r[MHSM_HPKE_ENC], enc[MHSM_HPKE_ENC], pt[64];
	size_t info_len, pt_len;
	struct mhsm_hpke sender, receiver;
};

/* Both sides, when all is given: they have the same keys. */
static void hpke_setup(struct kunit *test, struct hpke_given *h)
{
	u8 enc[MHSM_HPKE_ENC];

	KUNIT_ASSERT_EQ(test, mhsm_hpke_sender_with(&h->sender, enc, MHSM_HPKE_AES_128_GCM, h->pk_r, h->info,
						    h->info_len, h->sk_e), 0);
	KUNIT_EXPECT_MEMEQ(test, enc, h->enc, sizeof(enc));
	KUNIT_ASSERT_EQ(test, mhsm_hpke_receiver(&h->receiver, MHSM_HPKE_AES_128_GCM, h->enc, h->sk_r, h->pk_r, h->info,
						 h->info_len), 0);
	KUNIT_EXPECT_MEMEQ(test, &h->sender, &h->receiver, sizeof(h->sender));
}

/* Message number @number: "Count-NUMBER" is what is authenticated with it */
static bool hpke_message(struct kunit *test, struct hpke_given *h, const char *number, struct vectors_bytes want)
{
	u8 buf[sizeof(h->pt)], tag[MHSM_HPKE_TAG];
	char aad[16];
	u64 seq;
	bool same;

	KUNIT_ASSERT_EQ(test, kstrtou64(number, 10, &seq), 0);
	KUNIT_ASSERT_EQ(test, want.len, h->pt_len + sizeof(tag));
	snprintf(aad, sizeof(aad), "Count-%s", number);
	memcpy(buf, h->pt, h->pt_len);
	KUNIT_ASSERT_EQ(test, mhsm_hpke_seal_at(&h->sender, seq, aad, strlen(aad), buf, h->pt_len, tag), 0);
	same = !memcmp(buf, want.data, h->pt_len) && !memcmp(tag, want.data + h->pt_len, sizeof(tag));
	KUNIT_EXPECT_EQ(test, mhsm_hpke_open_at(&h->receiver, seq, aad, strlen(aad), buf, h->pt_len, tag), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, h->pt, h->pt_len);
	return same;
}

/* What is exported for the context after "export:", in hexadecimal or "-" */
static bool hpke_exported(struct kunit *test, struct hpke_given *h, const char *context, struct vectors_bytes want)
{
	size_t len = strcmp(context, "-") ? strlen(context) / 2 : 0;
	u8 bytes[16], out[32];

	KUNIT_ASSERT_LE(test, len, sizeof(bytes));
	KUNIT_ASSERT_EQ(test, hex2bin(bytes, context, len), 0);
	KUNIT_ASSERT_EQ(test, mhsm_hpke_export(&h->receiver, out, sizeof(out), bytes, len), 0);
	return kunit_vectors_equal(want, out, sizeof(out));
}

/* Goes from line to line, as the file has them: what is given comes before what follows from it. */
static enum kunit_vectors_answer hpke(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v)
{
	struct kunit_vectors_work *work = test->priv;
	struct hpke_given *h = (struct hpke_given *)work->state;
	const struct {
		const char *name;
		u8 *to;
		size_t room;
		size_t *len;
	} given[] = {
		{ "info", h->info, sizeof(h->info), &h->info_len },
		{ "skEm", h->sk_e, sizeof(h->sk_e) },
		{ "skRm", h->sk_r, sizeof(h->sk_r) },
		{ "pkRm", h->pk_r, sizeof(h->pk_r) },
		{ "enc", h->enc, sizeof(h->enc) },
		{ "pt", h->pt, sizeof(h->pt), &h->pt_len },
	};
	const struct vectors_bytes value = vectors_bytes(v, "value");
	const char *name = vectors_word(v, "field");
	unsigned int i;

	BUILD_BUG_ON(sizeof(*h) > sizeof(work->state));
	for (i = 0; i < ARRAY_SIZE(given); i++) {
		if (strcmp(name, given[i].name))
			continue;
		KUNIT_ASSERT_TRUE(test, given[i].len ? value.len <= given[i].room : value.len == given[i].room);
		memcpy(given[i].to, value.data, value.len);
		if (given[i].len)
			*given[i].len = value.len;
		if (given[i].to == h->enc)
			hpke_setup(test, h);
		return KUNIT_VECTORS_ACCEPTED;
	}
	if (!strcmp(name, "key"))
		return kunit_vectors_accepted(kunit_vectors_equal(value, h->sender.key, h->sender.key_len));
	if (!strcmp(name, "base_nonce"))
		return kunit_vectors_accepted(kunit_vectors_equal(value, h->sender.base_nonce, 12));
	if (!strcmp(name, "exporter_secret"))
		return kunit_vectors_accepted(kunit_vectors_equal(value, h->sender.exporter, 32));
	if (!strncmp(name, "export:", 7))
		return kunit_vectors_accepted(hpke_exported(test, h, name + 7, value));
	return kunit_vectors_accepted(hpke_message(test, h, name, value));
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

const struct kunit_vectors_file kunit_vectors_symmetric[] = {
	{ "aes_gcm_wycheproof", gcm, 316, 229, 119 },
	{ "aes_wrap_wycheproof", wrapping, 110, 24, 0, MHSM_ALG_AES_KW },
	{ "aes_wrap_192_wycheproof", wrapping, 55, 12, 0, MHSM_ALG_AES_KW },
	{ "aes_kwp_wycheproof", wrapping, 169, 50, 0, MHSM_ALG_AES_KWP },
	{ "aes_kwp_192_wycheproof", wrapping, 85, 27, 0, MHSM_ALG_AES_KWP },
	{ "aes_cbc_pkcs5_wycheproof", mode, 216, 72, 0, MHSM_ALG_AES_CBCPAD },
	{ "aes_cbc_sp800_38a", mode, 3, 3, 0, MHSM_ALG_AES_CBC },
	{ "aes_ctr_sp800_38a", mode, 3, 3, 0, MHSM_ALG_AES_CTR },
	{ "aes_cmac_wycheproof", cmac, 311, 63, 0, MHSM_ALG_AES_CMAC },
	{ "aes_cmac_rfc4493", cmac, 12, 12, 0, MHSM_ALG_AES_CMAC },
	{ "hmac_sha256_wycheproof", hmac, 174, 66, 0, MHSM_ALG_HS256, MHSM_SHA256 },
	{ "hmac_sha384_wycheproof", hmac, 174, 66, 0, MHSM_ALG_HS384, MHSM_SHA384 },
	{ "hmac_sha512_wycheproof", hmac, 174, 66, 0, MHSM_ALG_HS512, MHSM_SHA512 },
	{ "hmac_sha256_rfc4231", hmac, 7, 7, 0, MHSM_ALG_HS256, MHSM_SHA256 },
	{ "hmac_sha384_rfc4231", hmac, 7, 7, 0, MHSM_ALG_HS384, MHSM_SHA384 },
	{ "hmac_sha512_rfc4231", hmac, 7, 7, 0, MHSM_ALG_HS512, MHSM_SHA512 },
	{ "hkdf_sha256_wycheproof", hkdf, 86, 83, 0, 0, MHSM_SHA256 },
	{ "hkdf_sha384_wycheproof", hkdf, 83, 80, 0, 0, MHSM_SHA384 },
	{ "hkdf_sha512_wycheproof", hkdf, 83, 80, 0, 0, MHSM_SHA512 },
	{ "hkdf_sha256_rfc5869", hkdf, 3, 3, 0, 0, MHSM_SHA256 },
	{ "kbkdf_sp800_108", kbkdf, 62, 62, 2 },
	{ "hpke_rfc9180", hpke, 18, 18, 0 },
	{}
};
