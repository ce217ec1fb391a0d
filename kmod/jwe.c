// SPDX-License-Identifier: GPL-2.0-only
/* See jwe.h. */
#include "kmod/jwe.h"
#include "kmod/pk/oaep.h"
#include "kmod/pk/rsa.h"

/* The character of @v, 0 to 63, with no table to look into */
static char b64url_char(u32 v)
{
	u32 c = 'A' + v;

	c += 6 & mhsm_env_mask(25 - v); /* above 25: from 'a' */
	c -= 75 & mhsm_env_mask(51 - v); /* above 51: from '0' */
	c -= 13 & mhsm_env_mask(61 - v); /* 62: '-' */
	c += 49 & mhsm_env_mask(62 - v); /* 63: '_' */
	return (char)c;
}

void mhsm_b64url_encode(char *out, const u8 *in, size_t len)
{
	u32 v;

	for (; len >= 3; len -= 3, in += 3) {
		v = (u32)in[0] << 16 | (u32)in[1] << 8 | in[2];
		*out++ = b64url_char(v >> 18);
		*out++ = b64url_char(v >> 12 & 63);
		*out++ = b64url_char(v >> 6 & 63);
		*out++ = b64url_char(v & 63);
	}
	if (len) {
		v = (u32)in[0] << 16 | (len == 2 ? (u32)in[1] << 8 : 0);
		*out++ = b64url_char(v >> 18);
		*out++ = b64url_char(v >> 12 & 63);
		if (len == 2)
			*out++ = b64url_char(v >> 6 & 63);
	}
	*out = '\0';
}

int mhsm_jwe_content_tag(const u8 cek[MHSM_JWE_CEK], const u8 iv[MHSM_JWE_IV], const void *aad,
			 size_t aad_len, const u8 *ct, size_t len, u8 tag[MHSM_JWE_TAG])
{
	u8 bits[8], mac[MHSM_HASH_MAX];
	const struct mhsm_part parts[] = {
		{ aad, aad_len }, { iv, MHSM_JWE_IV }, { ct, len }, { bits, sizeof(bits) },
	};
	int ret;

	mhsm_env_put_be64(bits, (u64)aad_len * 8);
	ret = mhsm_prim_hmac(MHSM_SHA512, cek, 32, parts, 4, mac);
	memcpy(tag, mac, MHSM_JWE_TAG);
	memzero_explicit(mac, sizeof(mac));
	return ret;
}

int mhsm_jwe_seal_content(const u8 cek[MHSM_JWE_CEK], const u8 iv[MHSM_JWE_IV], const void *aad,
			  size_t aad_len, u8 *buf, size_t len, u8 tag[MHSM_JWE_TAG])
{
	size_t padded = MHSM_JWE_PADDED(len);
	int ret;

	memset(buf + len, (int)(padded - len), padded - len);
	ret = mhsm_prim_cbc_encrypt(cek + 32, 32, iv, buf, padded);
	if (!ret)
		ret = mhsm_jwe_content_tag(cek, iv, aad, aad_len, buf, padded, tag);
	if (ret)
		memzero_explicit(buf, padded);
	return ret;
}

/* Appends the base64url of @len bytes at @out, which has room; returns the end */
static char *put(char *out, const void *in, size_t len)
{
	mhsm_b64url_encode(out, in, len);
	return out + MHSM_B64URL_LEN(len);
}

static int seal(char *out, size_t room, const char *header, size_t header_len, const u8 *key,
		size_t key_len, const u8 cek[MHSM_JWE_CEK], const void *content, size_t len)
{
	size_t padded = MHSM_JWE_PADDED(len);
	u8 iv[MHSM_JWE_IV], tag[MHSM_JWE_TAG], *buf;
	char *end;
	int ret;

	if (len > MHSM_JWE_CONTENT_MAX)
		return -EINVAL;
	if (room < MHSM_JWE_SIZE(header_len, key_len, len))
		return -ERANGE;
	buf = mhsm_env_alloc(padded);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, content, len);
	ret = mhsm_prim_random(iv, sizeof(iv));
	if (ret)
		goto out_free;
	end = put(out, header, header_len);
	ret = mhsm_jwe_seal_content(cek, iv, out, (size_t)(end - out), buf, len, tag);
	if (ret)
		goto out_free;
	*end++ = '.';
	end = put(end, key, key_len);
	*end++ = '.';
	end = put(end, iv, sizeof(iv));
	*end++ = '.';
	end = put(end, buf, padded);
	*end++ = '.';
	put(end, tag, sizeof(tag));
out_free:
	mhsm_env_free(buf, padded);
	return ret;
}

int mhsm_jwe_dir(char *out, size_t room, const char *kid, const u8 cek[MHSM_JWE_CEK],
		 const void *content, size_t len)
{
	static const char begin[] = MHSM_JWE_HEADER_DIR_BEGIN, end[] = MHSM_JWE_HEADER_END;
	char header[sizeof(begin) + sizeof(end) + MHSM_JWE_KID_MAX];
	size_t kid_len = strlen(kid), i;

	if (kid_len == 0 || kid_len > MHSM_JWE_KID_MAX)
		return -EINVAL;
	for (i = 0; i < kid_len; i++)
		if (kid[i] < 0x20 || kid[i] > 0x7e || kid[i] == '"' || kid[i] == '\\')
			return -EINVAL;
	memcpy(header, begin, sizeof(begin) - 1);
	memcpy(header + sizeof(begin) - 1, kid, kid_len);
	memcpy(header + sizeof(begin) - 1 + kid_len, end, sizeof(end) - 1);
	return seal(out, room, header, sizeof(begin) - 1 + kid_len + sizeof(end) - 1, NULL, 0, cek,
		    content, len);
}

static int oaep_sha256(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	const struct mhsm_part part = { in, in_len };

	(void)ctx;
	return mhsm_prim_hash(MHSM_SHA256, &part, 1, out);
}

int mhsm_jwe_rsa_oaep(char *out, size_t room, const u8 *n, size_t n_len, const u8 *e, size_t e_len,
		      const void *content, size_t len)
{
	static const struct mhsm_pk_hash hash = { .len = 32, .digest = oaep_sha256 };
	static const char header[] = MHSM_JWE_HEADER_RSA;
	struct {
		struct mhsm_rsa_scratch rsa;
		u8 em[MHSM_RSA_MAX_BYTES];
		u8 seed[32];
		u8 cek[MHSM_JWE_CEK];
	} *tmp;
	int ret;

	if (n_len < MHSM_RSA_MIN_BYTES || n_len > MHSM_RSA_MAX_BYTES)
		return -EINVAL;
	tmp = mhsm_env_alloc(sizeof(*tmp));
	if (!tmp)
		return -ENOMEM;
	ret = mhsm_prim_random(tmp->cek, sizeof(tmp->cek));
	if (!ret)
		ret = mhsm_prim_random(tmp->seed, sizeof(tmp->seed));
	if (!ret)
		ret = mhsm_oaep_encode(tmp->em, n_len, tmp->cek, sizeof(tmp->cek), tmp->seed,
				       NULL, &hash, &hash);
	if (!ret)
		ret = mhsm_rsa_public(tmp->em, n, n_len, e, e_len, tmp->em, &tmp->rsa);
	if (!ret)
		ret = seal(out, room, header, sizeof(header) - 1, tmp->em, n_len, tmp->cek, content,
			   len);
	mhsm_env_free(tmp, sizeof(*tmp));
	return ret;
}
