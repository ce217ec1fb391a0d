// SPDX-License-Identifier: GPL-2.0-only
/* The encodings of PKCS #1 version 1.5. See pkcs1.h. */
#include "pkcs1.h"
#include "pk_limb.h"

/* ---- signatures -------------------------------------------------------------- */

int mhsm_pkcs1_info(u8 *info, size_t *info_len, const u8 *digest, size_t digest_len)
{
	/*
	 * SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }:
	 * hashes differ in the last number of the OID and in the lengths.
	 */
	static const u8 prefix[19] = {
		0x30, 0x11, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
		0x65, 0x03, 0x04, 0x02, 0x00, 0x05, 0x00, 0x04, 0x00,
	};
	u8 oid;

	switch (digest_len) {
	case 32:
		oid = 1;
		break;
	case 48:
		oid = 2;
		break;
	case 64:
		oid = 3;
		break;
	default:
		return -EINVAL;
	}
	memcpy(info, prefix, sizeof(prefix));
	info[1] = (u8)(info[1] + digest_len);
	info[14] = oid;
	info[18] = (u8)digest_len;
	memcpy(info + sizeof(prefix), digest, digest_len);
	*info_len = sizeof(prefix) + digest_len;
	return 0;
}

static int check_sizes(size_t em_len, size_t msg_len)
{
	if (em_len < MHSM_PKCS1_OVERHEAD || em_len > MHSM_PKCS1_MAX_BYTES)
		return -EINVAL;
	if (msg_len > em_len - MHSM_PKCS1_OVERHEAD)
		return -EMSGSIZE;
	return 0;
}

int mhsm_pkcs1_sign_encode(u8 *em, size_t em_len, const u8 *info, size_t info_len)
{
	int ret = check_sizes(em_len, info_len);

	if (ret)
		return ret;
	/* 00 01 ff .. ff 00 || info */
	memset(em, 0xff, em_len);
	em[0] = 0;
	em[1] = 1;
	em[em_len - info_len - 1] = 0;
	if (info_len)
		memcpy(em + em_len - info_len, info, info_len);
	return 0;
}

int mhsm_pkcs1_sign_check(const u8 *em, size_t em_len, const u8 *info, size_t info_len)
{
	int ret = check_sizes(em_len, info_len);
	size_t i;

	if (ret)
		return ret;
	if (em[0] != 0 || em[1] != 1 || em[em_len - info_len - 1] != 0)
		return -EBADMSG;
	for (i = 2; i < em_len - info_len - 1; i++)
		if (em[i] != 0xff)
			return -EBADMSG;
	if (info_len && memcmp(em + em_len - info_len, info, info_len))
		return -EBADMSG;
	return 0;
}

/* ---- encryption -------------------------------------------------------------- */

/* Fills with random bytes of which none is zero. */
static int fill_nonzero(u8 *out, size_t len, const struct mhsm_pk_random *random)
{
	size_t have = 0, i, k, draws;
	u8 drawn[64];
	u8 is_zero;
	int ret = 0;

	/* a generator that works never comes near the last of these */
	for (draws = 0; have < len && draws < 64; draws++) {
		ret = random->bytes(random->ctx, drawn, sizeof(drawn));
		if (ret)
			break;
		for (i = 0, k = have; i < sizeof(drawn) && k < len; i++) {
			is_zero = (u8)ct_is_zero(drawn[i]);
			mhsm_pk_declassify(&is_zero, sizeof(is_zero));
			if (!is_zero)
				out[k++] = drawn[i];
		}
		have = k;
	}
	memzero_explicit(drawn, sizeof(drawn));
	if (!ret && have < len)
		ret = -EIO;
	return ret;
}

int mhsm_pkcs1_encrypt_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
			      const struct mhsm_pk_random *random)
{
	int ret = check_sizes(em_len, msg_len);

	if (ret)
		return ret;
	/* 00 02 padding 00 || message */
	em[0] = 0;
	em[1] = 2;
	em[em_len - msg_len - 1] = 0;
	if (msg_len)
		memcpy(em + em_len - msg_len, msg, msg_len);
	ret = fill_nonzero(em + 2, em_len - msg_len - 3, random);
	if (ret)
		memzero_explicit(em, em_len);
	return ret;
}

/* ---- decryption -------------------------------------------------------------- */

/* All ones if a < b, for numbers of less than 63 bits. */
static u64 ct_less(u64 a, u64 b)
{
	return ct_hide((u64)0 - ((a - b) >> 63));
}

/* Block i of the PRF: HMAC(key, i || label || bits), both numbers of two bytes. */
static int prf_block(u8 out[32], const u8 key[32], unsigned int i, const char *label,
		     size_t label_len, size_t len, const struct mhsm_pk_hmac *hmac)
{
	size_t bits = 8 * len;
	u8 in[2 + 8 + 2];

	in[0] = (u8)(i >> 8);
	in[1] = (u8)i;
	memcpy(in + 2, label, label_len);
	in[2 + label_len] = (u8)(bits >> 8);
	in[3 + label_len] = (u8)bits;
	return hmac->mac(hmac->ctx, key, in, label_len + 4, out);
}

/* The message that is given in the place of none. */
static int make_message(u8 *msg, size_t len, const u8 key[32],
			const struct mhsm_pk_hmac *hmac)
{
	u8 block[32];
	size_t at;
	int ret = 0;

	for (at = 0; at < len && !ret; at += 32) {
		ret = prf_block(block, key, (unsigned int)(at / 32), "message", 7, len,
				hmac);
		memcpy(msg + at, block, len - at < 32 ? len - at : 32);
	}
	memzero_explicit(block, sizeof(block));
	return ret;
}

/*
 * Its length, at most 'longest': the last of 128 numbers of as many bits as that has
 * which is not longer; 0 in the case that all are (probability 2^-128 or less).
 */
static int make_length(u64 *len, size_t longest, const u8 key[32],
		       const struct mhsm_pk_hmac *hmac)
{
	u64 bits = longest, candidate;
	unsigned int i, k;
	u8 block[32];
	int ret = 0;

	bits |= bits >> 1;
	bits |= bits >> 2;
	bits |= bits >> 4;
	bits |= bits >> 8;
	*len = 0;
	for (i = 0; i < 8 && !ret; i++) {
		ret = prf_block(block, key, i, "length", 6, 256, hmac);
		for (k = 0; k < 32; k += 2) {
			candidate = ((u64)block[k] << 8 | block[k + 1]) & bits;
			*len = ct_select(ct_less(candidate, longest + 1), candidate, *len);
		}
	}
	memzero_explicit(block, sizeof(block));
	return ret;
}

/* Where the message begins in a right encoding; *good is all ones if it is right. */
static u64 find_message(const u8 *em, size_t em_len, u64 *good)
{
	u64 searching = ~0ull, begin = 0, is_zero;
	size_t i;

	for (i = 2; i < em_len; i++) {
		is_zero = ct_is_zero(em[i]);
		begin |= (i + 1) & searching & is_zero;
		searching &= ~is_zero;
	}
	*good = ct_is_zero(em[0]) & ct_eq(em[1], 2) & ~searching &
		~ct_less(begin, MHSM_PKCS1_OVERHEAD);
	return begin;
}

int mhsm_pkcs1_decrypt_decode(u8 *msg, size_t *msg_len, u8 *em, size_t em_len,
			      const u8 d_hash[32], const u8 *ciphertext,
			      const struct mhsm_pk_hmac *hmac)
{
	u8 other[MHSM_PKCS1_MAX_BYTES], key[32];
	u64 begin, other_len, good;
	size_t i;
	int ret;

	if (em_len < 64 || em_len > MHSM_PKCS1_MAX_BYTES)
		return -EINVAL;
	ret = hmac->mac(hmac->ctx, d_hash, ciphertext, em_len, key);
	if (!ret)
		ret = make_message(other, em_len, key, hmac);
	if (!ret)
		ret = make_length(&other_len, em_len - MHSM_PKCS1_OVERHEAD, key, hmac);
	if (ret)
		goto out_wipe;

	begin = find_message(em, em_len, &good);
	begin = ct_select(good, begin, em_len - other_len);
	for (i = 0; i < em_len; i++)
		em[i] = (u8)ct_select(good, em[i], other[i]);

	/* the length is public, which of the two it is of is not */
	mhsm_pk_declassify(&begin, sizeof(begin));
	*msg_len = em_len - (size_t)begin;
	memcpy(msg, em + begin, em_len - (size_t)begin);
out_wipe:
	memzero_explicit(other, sizeof(other));
	memzero_explicit(key, sizeof(key));
	memzero_explicit(em, em_len);
	return ret;
}
