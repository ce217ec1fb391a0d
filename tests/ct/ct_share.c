// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/kw.c kmod/shamir.c kmod/jwe.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/pk_env.c -ljansson -lcrypto */
/*
 * No branch and no address in key wrap, secret sharing, base64url and the padding of JWE depends on a key or share. The
 * primitives below them stand here as functions that only spread what is undefined.
 */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#include "daemon/quorum/jwe_open.c"
#include "kmod/kw.h"
#include "kmod/shamir.h"

/* --- in the place of kmod/prim.h --- */

struct mhsm_block {
	u64 key;
};

/* An invertible mixture of the two halves, every bit of which depends on all */
static void mix(u64 *a, u64 *b, u64 key)
{
	*a ^= (*b * 0x9e3779b97f4a7c15) ^ key;
	*b ^= (*a * 0xbf58476d1ce4e5b9) ^ (*a >> 31);
}

static void unmix(u64 *a, u64 *b, u64 key)
{
	*b ^= (*a * 0xbf58476d1ce4e5b9) ^ (*a >> 31);
	*a ^= (*b * 0x9e3779b97f4a7c15) ^ key;
}

int mhsm_prim_block_encrypt(struct mhsm_block *b, u8 block[16])
{
	u64 h[2];

	memcpy(h, block, 16);
	mix(&h[0], &h[1], b->key);
	memcpy(block, h, 16);
	return 0;
}

int mhsm_prim_block_decrypt(struct mhsm_block *b, u8 block[16])
{
	u64 h[2];

	memcpy(h, block, 16);
	unmix(&h[0], &h[1], b->key);
	memcpy(block, h, 16);
	return 0;
}

int mhsm_prim_random(void *out, size_t len)
{
	ct_fill(out, len);
	ct_secret(out, len);
	return 0;
}

bool mhsm_prim_differ(const void *a, const void *b, size_t len)
{
	const u8 *x = a, *y = b;
	u8 d = 0;

	while (len--)
		d |= *x++ ^ *y++;
	ct_public(&d, 1); /* the answer is what is asked for */
	return d;
}

int mhsm_prim_hash(enum mhsm_hash hash, const struct mhsm_part *parts, unsigned int count, u8 *out)
{
	(void)hash;
	(void)parts;
	(void)count;
	(void)out;
	return -EIO;
}

int mhsm_prim_hmac(enum mhsm_hash hash, const u8 *key, size_t key_len, const struct mhsm_part *parts, unsigned int count,
		   u8 *out)
{
	(void)hash;
	(void)key;
	(void)key_len;
	(void)parts;
	(void)count;
	(void)out;
	return -EIO;
}

int mhsm_prim_cbc_encrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	(void)key;
	(void)key_len;
	(void)iv;
	(void)buf;
	(void)len;
	return -EIO;
}

int mhsm_prim_cbc_decrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	return mhsm_prim_cbc_encrypt(key, key_len, iv, buf, len);
}

/* --- tests --- */

static void test_kw(void)
{
	u8 key[32], wrapped[48], back[40];
	struct mhsm_block b = { 0x0123456789abcdef };
	size_t n = 0;
	int ret;

	ct_secret(&b, sizeof(b));
	ct_fill(key, sizeof(key));
	ct_secret(key, sizeof(key));
	ret = mhsm_kw_wrap(&b, wrapped, key, 32);
	ct_result("kw wrap", ret == 0 && ct_is_secret(wrapped, 40));
	ret = mhsm_kw_unwrap(&b, back, wrapped, 40);
	ct_result("kw unwrap", ret == 0 && ct_is_secret(back, 32));
	wrapped[5] ^= 1;
	ret = mhsm_kw_unwrap(&b, back, wrapped, 40);
	ct_result("kw unwrap, refused", ret == -EBADMSG);

	ret = mhsm_kwp_wrap(&b, wrapped, key, 29);
	ct_result("kwp wrap", ret == 0 && ct_is_secret(wrapped, 40));
	ret = mhsm_kwp_unwrap(&b, back, &n, wrapped, 40);
	ct_public(&n, sizeof(n));
	ct_result("kwp unwrap", ret == 0 && n == 29 && ct_is_secret(back, 29));
	wrapped[39] ^= 1;
	ret = mhsm_kwp_unwrap(&b, back, &n, wrapped, 40);
	ct_result("kwp unwrap, refused", ret == -EBADMSG);
	ret = mhsm_kwp_wrap(&b, wrapped, key, 5);
	ct_result("kwp wrap, one block", ret == 0 && ct_is_secret(wrapped, 16));
	ret = mhsm_kwp_unwrap(&b, back, &n, wrapped, 16);
	ct_public(&n, sizeof(n));
	ct_result("kwp unwrap, one block", ret == 0 && n == 5);
}

static void test_shamir(void)
{
	u8 secret[32], shares[3 * MHSM_SHAMIR_SHARE], back[32];
	unsigned int i, same = 1;
	int ret;

	ct_fill(secret, sizeof(secret));
	ct_secret(secret, sizeof(secret));
	ret = mhsm_shamir_split(shares, 3, 3, secret);
	for (i = 0; i < sizeof(shares); i += 2) /* of the upper byte, seven bits are x */
		same = same && ct_is_secret(shares + i, 1);
	ct_result("shamir split", ret == 0 && same);
	ct_secret(shares, sizeof(shares));
	ret = mhsm_shamir_combine(back, shares, 3);
	same = ct_is_secret(back, 32);
	ct_public(back, 32);
	ct_public(secret, 32);
	ct_result("shamir combine", ret == 0 && same && !memcmp(back, secret, 32));
}

static void test_jwe(void)
{
	u8 bytes[64], back[64], block[16] = { 0 };
	char text[MHSM_B64URL_LEN(64) + 1];
	size_t n = 0;
	u32 pad;
	int ret;

	ct_fill(bytes, sizeof(bytes));
	ct_secret(bytes, sizeof(bytes));
	mhsm_b64url_encode(text, bytes, sizeof(bytes));
	ct_result("base64url encode", ct_is_secret(text, MHSM_B64URL_LEN(64)) && text[86] == '\0');
	ret = mhsm_b64url_decode(back, sizeof(back), &n, text, MHSM_B64URL_LEN(64));
	ct_result("base64url decode", ret == 0 && n == 64 && ct_is_secret(back, 64));
	memset(block + 10, 6, 6);
	ct_secret(block, sizeof(block));
	pad = padding(block, 16);
	ct_result("padding", pad == 6);
	block[12] ^= 1;
	pad = padding(block, 16);
	ct_result("padding, refused", pad == 0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	test_kw();
	test_shamir();
	test_jwe();
	ct_controls();
	return ct_finish();
}
