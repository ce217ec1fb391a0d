// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/oaep.c kmod/pk/pkcs1.c kmod/pk/pk_env.c */
/*
 * No branch and no address in what takes the padding off depends on what is below it:
 * of OAEP only that it is wrong is told, of PKCS#1 v1.5 not even that.
 */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"

/*
 * In the place of a hash: it only has to spread undefinedness from every byte of
 * the input to every byte of the output without looking at one.
 */
static int spread(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	u64 h = 0x9e3779b97f4a7c15;
	size_t i;

	(void)ctx;
	for (i = 0; i < in_len; i++)
		h = (h ^ in[i]) * 0x100000001b3;
	for (i = 0; i < 32; i++) {
		h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9;
		out[i] = (u8)(h >> 56);
	}
	return 0;
}

static int mac(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	u8 both[32 + 512];

	memcpy(both, key, 32);
	memcpy(both + 32, in, in_len);
	return spread(ctx, both, 32 + in_len, out);
}

static int draw(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	ct_fill(out, len);
	ct_secret(out, len);
	return 0;
}

static const struct mhsm_pk_hash hash = { 32, spread, NULL };
static const struct mhsm_pk_hmac hmac = { mac, NULL };
static const struct mhsm_pk_random random_bytes = { draw, NULL };

static void test_oaep(void)
{
	u8 em[256], bent[256], msg[256], seed[32], back[256];
	size_t len = 0;
	int ret, at;

	ct_fill(msg, sizeof(msg));
	ct_fill(seed, sizeof(seed));
	ret = mhsm_oaep_encode(em, 256, msg, 100, seed, NULL, &hash, &hash);
	memcpy(bent, em, sizeof(em));
	ct_secret(em, sizeof(em));
	ret |= mhsm_oaep_decode(back, &len, em, 256, NULL, &hash, &hash);
	ct_result("oaep, right", ret == 0 && len == 100 && ct_is_secret(back, len));
	ct_public(back, sizeof(back));
	ct_result("oaep, the message", memcmp(msg, back, 100) == 0);

	for (at = 0; at < 256; at += 51) {
		memcpy(em, bent, sizeof(em));
		em[at] ^= 1;
		ct_secret(em, sizeof(em));
		ret = mhsm_oaep_decode(back, &len, em, 256, NULL, &hash, &hash);
		ct_result("oaep, wrong", ret == -EBADMSG);
	}
}

static void test_pkcs1(void)
{
	u8 em[256], right[256], msg[256], back[256], d_hash[32], ciphertext[256];
	size_t len = 0;
	int ret, kind;

	ct_fill(msg, sizeof(msg));
	ct_fill(ciphertext, sizeof(ciphertext));
	ct_fill(d_hash, sizeof(d_hash));
	ct_secret(d_hash, sizeof(d_hash));
	ct_secret(msg, sizeof(msg));
	ret = mhsm_pkcs1_encrypt_encode(right, 256, msg, 100, &random_bytes);
	ct_result("pkcs1, encode", ret == 0 && ct_is_secret(right + 2, 153));
	ct_public(right, sizeof(right));
	ct_public(msg, sizeof(msg));
	for (kind = 0; kind < 5; kind++) {
		memcpy(em, right, sizeof(em));
		if (kind == 1)
			em[0] = 1;
		if (kind == 2)
			em[1] = 1;
		if (kind == 3)
			em[5] = 0;
		if (kind == 4)
			memset(em + 2, 1, sizeof(em) - 2);
		ct_secret(em, sizeof(em));
		ret = mhsm_pkcs1_decrypt_decode(back, &len, em, 256, d_hash, ciphertext,
						&hmac);
		ct_result(kind ? "pkcs1, wrong" : "pkcs1, right",
			  ret == 0 && (kind || len == 100) && ct_is_secret(back, len));
		ct_public(back, sizeof(back));
		ct_result(kind ? "pkcs1, another message" : "pkcs1, the message",
			  (len == 100 && memcmp(msg, back, 100) == 0) == (kind == 0));
	}
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	test_oaep();
	test_pkcs1();
	ct_controls();
	return ct_finish();
}
