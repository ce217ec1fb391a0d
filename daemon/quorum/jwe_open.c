// SPDX-License-Identifier: GPL-2.0-only
/* See jwe_open.h. */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <jansson.h>

#include "daemon/quorum/jwe_open.h"

/* 0 to 63, or ones in the upper bits; no table, no branch */
static u32 b64url_value(u32 c)
{
	u32 v = ~(u32)0;

/* v = value if low <= c <= high */
#define RANGE(low, high, value) \
	(v ^= (v ^ (value)) & ~mhsm_env_mask(c - (low)) & ~mhsm_env_mask((high) - c))
	RANGE('A', 'Z', c - 'A');
	RANGE('a', 'z', c - 'a' + 26);
	RANGE('0', '9', c - '0' + 52);
	RANGE('-', '-', 62);
	RANGE('_', '_', 63);
#undef RANGE
	return v;
}

int mhsm_b64url_decode(u8 *out, size_t room, size_t *out_len, const char *in, size_t len)
{
	size_t bytes = len / 4 * 3 + len % 4 * 3 / 4, done = 0, i;
	u32 v, acc = 0, bad = 0;
	unsigned int bits = 0;

	if (len % 4 == 1)
		return -EBADMSG;
	if (bytes > room)
		return -ERANGE;
	for (i = 0; i < len; i++) {
		v = b64url_value((u8)in[i]);
		bad |= v >> 6;
		acc = acc << 6 | (v & 63);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[done++] = acc >> bits & 0xff;
		}
	}
	bad |= acc & ((1u << bits) - 1); /* what is left over must be zero */
	mhsm_pk_declassify(&bad, sizeof(bad)); /* the caller learns it */
	if (bad) {
		OPENSSL_cleanse(out, done);
		return -EBADMSG;
	}
	*out_len = bytes;
	return 0;
}

static int parse_header(struct mhsm_jwe *jwe)
{
	static const char *const algs[] = { "dir", "RSA-OAEP-256", "RSA-OAEP" };
	const char *alg, *enc, *kid = "";
	u8 text[MHSM_JWE_HEADER_MAX];
	json_t *root;
	size_t len;
	unsigned int i;
	int ret;

	ret = mhsm_b64url_decode(text, sizeof(text), &len, jwe->aad, jwe->aad_len);
	if (ret)
		return -EBADMSG;
	root = json_loadb((char *)text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		return -EBADMSG;
	ret = -EBADMSG;
	if (json_unpack(root, "{s:s, s:s, s?s}", "alg", &alg, "enc", &enc, "kid", &kid))
		goto out_free;
	ret = -EOPNOTSUPP;
	if (strcmp(enc, "A256CBC-HS512") || strlen(kid) > MHSM_JWE_KID_MAX ||
	    json_object_get(root, "crit") || json_object_get(root, "zip"))
		goto out_free;
	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		if (strcmp(alg, algs[i]))
			continue;
		jwe->alg = (enum mhsm_jwe_alg)i;
		strcpy(jwe->kid, kid);
		ret = 0;
	}
out_free:
	json_decref(root);
	return ret;
}

int mhsm_jwe_parse(struct mhsm_jwe *jwe, const char *text, size_t len)
{
	const char *part[5], *end = text + len, *p = text;
	size_t part_len[5], iv_len, tag_len;
	unsigned int i;
	int ret;

	for (i = 0; i < 5; i++) {
		const char *dot = i < 4 ? memchr(p, '.', (size_t)(end - p)) : end;

		if (!dot)
			return -EBADMSG;
		part[i] = p;
		part_len[i] = (size_t)(dot - p);
		p = i < 4 ? dot + 1 : end;
	}
	memset(jwe, 0, sizeof(*jwe));
	jwe->aad = part[0];
	jwe->aad_len = part_len[0];
	ret = parse_header(jwe);
	if (ret)
		return ret;
	if (mhsm_b64url_decode(jwe->key, sizeof(jwe->key), &jwe->key_len, part[1], part_len[1]) ||
	    mhsm_b64url_decode(jwe->iv, sizeof(jwe->iv), &iv_len, part[2], part_len[2]) ||
	    mhsm_b64url_decode(jwe->ct, sizeof(jwe->ct), &jwe->ct_len, part[3], part_len[3]) ||
	    mhsm_b64url_decode(jwe->tag, sizeof(jwe->tag), &tag_len, part[4], part_len[4]))
		return -EBADMSG;
	if (iv_len != sizeof(jwe->iv) || tag_len != sizeof(jwe->tag) || jwe->ct_len == 0 ||
	    jwe->ct_len % 16 || (jwe->alg == MHSM_JWE_DIR) != (jwe->key_len == 0))
		return -EBADMSG;
	return 0;
}

int mhsm_jwe_open_key(const struct mhsm_jwe *jwe, EVP_PKEY *key, u8 cek[MHSM_JWE_CEK])
{
	const char *hash = jwe->alg == MHSM_JWE_RSA_OAEP_256 ? "SHA256" : "SHA1";
	u8 out[MHSM_JWE_KEY_MAX];
	size_t len = sizeof(out);
	EVP_PKEY_CTX *ctx;
	int ret = -EBADMSG;

	if (jwe->alg == MHSM_JWE_DIR || jwe->key_len != (size_t)EVP_PKEY_get_size(key))
		return -EBADMSG;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (ctx && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash, NULL) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, hash, NULL) == 1 &&
	    EVP_PKEY_decrypt(ctx, out, &len, jwe->key, jwe->key_len) == 1 &&
	    len == MHSM_JWE_CEK) {
		memcpy(cek, out, MHSM_JWE_CEK);
		ret = 0;
	}
	OPENSSL_cleanse(out, sizeof(out));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ret;
}

/* Bytes of PKCS#7 padding at the end of @len bytes, or 0; all blocks take the same time */
static u32 padding(const u8 *buf, size_t len)
{
	u32 pad = buf[len - 1], bad, i;

	bad = mhsm_env_mask(16 - pad) | mhsm_env_mask(pad - 1); /* not 1 to 16 */
	for (i = 0; i < 16; i++) /* the last pad bytes are all pad */
		bad |= (buf[len - 1 - i] ^ pad) & mhsm_env_mask(i - pad);
	mhsm_pk_declassify(&bad, sizeof(bad)); /* the caller learns both */
	mhsm_pk_declassify(&pad, sizeof(pad));
	return bad ? 0 : pad;
}

int mhsm_jwe_open_content(const struct mhsm_jwe *jwe, const u8 cek[MHSM_JWE_CEK], u8 *out,
			  size_t *out_len)
{
	u8 tag[MHSM_JWE_TAG];
	u32 pad = 0;
	int ret;

	ret = mhsm_jwe_content_tag(cek, jwe->iv, jwe->aad, jwe->aad_len, jwe->ct, jwe->ct_len, tag);
	if (ret)
		return ret;
	if (mhsm_prim_differ(tag, jwe->tag, sizeof(tag)))
		return -EBADMSG;
	memcpy(out, jwe->ct, jwe->ct_len);
	ret = mhsm_prim_cbc_decrypt(cek + 32, 32, jwe->iv, out, jwe->ct_len);
	if (!ret) {
		pad = padding(out, jwe->ct_len);
		ret = pad ? 0 : -EBADMSG;
	}
	if (ret)
		OPENSSL_cleanse(out, jwe->ct_len);
	else
		*out_len = jwe->ct_len - pad;
	return ret;
}
