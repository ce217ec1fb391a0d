// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known-answer tests: see selftest.h. Built with -DMHSM_BREAKABLE (tests only), the module has a parameter break_selftest,
 * and the test of that name sees a wrong result.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/kdf.h"
#include "kmod/kw.h"
#include "kmod/pk/p256.h"
#include "kmod/prim.h"
#include "kmod/selftest.h"
#include "kmod/selftest_derive.h"
#include "kmod/selftest_pk.h"
#include "kmod/selftest_sym.h"

#ifdef MHSM_BREAKABLE
static char *break_selftest = "";
module_param(break_selftest, charp, 0);
#elif !defined(break_selftest)
#define break_selftest ""
#endif

static const u8 counting[32] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
};

/* SHA-256("sample"), also the digest that is signed below */
static const u8 sample_digest[32] = {
	0xaf, 0x2b, 0xdb, 0xe1, 0xaa, 0x9b, 0x6e, 0xc1, 0xe2, 0xad, 0xe1, 0xd6, 0x94, 0xf4, 0x1f, 0xc7,
	0x1a, 0x83, 0x1d, 0x02, 0x68, 0xe9, 0x89, 0x15, 0x62, 0x11, 0x3d, 0x8a, 0x62, 0xad, 0xd1, 0xbf,
};

static int test_sha256(u8 *out)
{
	const struct mhsm_part part = { "sample", 6 };

	return mhsm_prim_hash(MHSM_SHA256, &part, 1, out);
}

/* SP 800-108 over HMAC-SHA-512: the key derivation of Azure's security domain for "hsm_backup" */
static const u8 kdf_answer[64] = {
	0x2d, 0x34, 0xf5, 0x5a, 0x1d, 0xd6, 0x4e, 0x68, 0xd7, 0x93, 0xce, 0x19, 0x43, 0x9e, 0x03, 0x2e,
	0x91, 0x3b, 0xc2, 0xc8, 0x3a, 0x99, 0x23, 0x7a, 0x33, 0xc1, 0xbd, 0xe8, 0x88, 0xfb, 0x91, 0xda,
	0x91, 0x62, 0x6f, 0x37, 0xc7, 0x2a, 0xaf, 0xf2, 0xd7, 0x18, 0xd3, 0xe7, 0xa3, 0x7f, 0x0a, 0x39,
	0x41, 0x7a, 0x66, 0x83, 0x96, 0x69, 0xda, 0x3c, 0x76, 0xfe, 0x43, 0x36, 0xae, 0xc9, 0x74, 0x7c,
};

static int test_kdf(u8 *out)
{
	return mhsm_kdf_sp800108(MHSM_SHA512, out, 64, counting, sizeof(counting), "hsm_backup", 10, NULL, 0);
}

/* The GCM specification (McGrew, Viega), test case 14: ciphertext, tag */
static const u8 gcm_answer[32] = {
	0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
	0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
};

static int test_gcm(u8 *out)
{
	static const u8 zero[32];
	u8 back[16], tag[16];
	int ret;

	memset(out, 0, 16);
	ret = mhsm_prim_gcm_seal(zero, 32, zero, zero, 0, out, 16, out + 16);
	if (ret)
		return ret;
	memcpy(back, out, 16);
	memcpy(tag, out + 16, 16);
	ret = mhsm_prim_gcm_open(zero, 32, zero, zero, 0, back, 16, tag);
	if (ret || memchr_inv(back, 0, 16))
		return -EINVAL;
	memcpy(back, out, 16);
	tag[0] ^= 1;
	return mhsm_prim_gcm_open(zero, 32, zero, zero, 0, back, 16, tag) == -EBADMSG ? 0 : -EINVAL;
}

/* RFC 3394 section 4.6 */
static const u8 kw_answer[40] = {
	0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4, 0xcb, 0xcc, 0xb3, 0x5c, 0xfb, 0x87,
	0xf8, 0x26, 0x3f, 0x57, 0x86, 0xe2, 0xd8, 0x0e, 0xd3, 0x26, 0xcb, 0xc7, 0xf0, 0xe7,
	0x1a, 0x99, 0xf4, 0x3b, 0xfb, 0x98, 0x8b, 0x9b, 0x7a, 0x02, 0xdd, 0x21,
};

static int test_kw(u8 *out)
{
	static const u8 in[32] = {
		0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
		0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
	};
	struct mhsm_block *block;
	u8 back[32];
	int ret;

	ret = mhsm_prim_block_new(&block, counting, 32);
	if (ret)
		return ret;
	ret = mhsm_kw_wrap(block, out, in, 32);
	if (!ret)
		ret = mhsm_kw_unwrap(block, back, out, 40);
	if (!ret && memcmp(back, in, 32))
		ret = -EINVAL;
	mhsm_prim_block_free(block);
	return ret;
}

/* RFC 6979 section A.2.5, SHA-256, message "sample" */
static const u8 p256_private[32] = {
	0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
	0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21,
};

static const u8 p256_answer[64] = {
	0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6,
	0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16,
	0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65,
	0xf3, 0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8,
};

static int test_p256(u8 *out)
{
	/* mhsm_p256_sign() adds one: the RFC's k less one, in the last 32 of 40 bytes */
	static const u8 k[40] = {
		0,    0,    0,	  0,	0,    0,    0,	  0,	0xa6, 0xe3, 0xc5, 0x7d, 0xd0, 0x1a,
		0xbe, 0x90, 0x08, 0x65, 0x38, 0x39, 0x83, 0x55, 0xdd, 0x4c, 0x3b, 0x17, 0xaa, 0x87,
		0x33, 0x82, 0xb0, 0xf2, 0x4d, 0x61, 0x29, 0x49, 0x3d, 0x8a, 0xad, 0x5f,
	};
	u8 public[64], bad[64];
	int ret;

	ret = mhsm_p256_sign(out, p256_private, sample_digest, 32, k, counting);
	if (!ret)
		ret = mhsm_p256_public(public, p256_private);
	if (!ret)
		ret = mhsm_p256_verify(public, sample_digest, 32, out);
	if (ret)
		return ret;
	memcpy(bad, out, 64);
	bad[40] ^= 1;
	return mhsm_p256_verify(public, sample_digest, 32, bad) == -EBADMSG ? 0 : -EINVAL;
}

static const struct {
	const char *name;
	int (*run)(u8 *out); /* does every inverse, and fails if it is not one */
	const u8 *answer;
	size_t len;
} tests[] = {
	{ "SHA-256", test_sha256, sample_digest, sizeof(sample_digest) },
	{ "SP800-108-HMAC-SHA-512", test_kdf, kdf_answer, sizeof(kdf_answer) },
	{ "AES-256-GCM", test_gcm, gcm_answer, sizeof(gcm_answer) },
	{ "AES-256-CBC", mhsm_test_cbc, mhsm_kat_cbc, sizeof(mhsm_kat_cbc) },
	{ "AES-256-CTR", mhsm_test_ctr, mhsm_kat_ctr, sizeof(mhsm_kat_ctr) },
	{ "PKCS7-padding", mhsm_test_padding, mhsm_kat_padding, sizeof(mhsm_kat_padding) },
	{ "AES-256-CMAC", mhsm_test_cmac, mhsm_kat_cmac, sizeof(mhsm_kat_cmac) },
	{ "HMAC-SHA-256", mhsm_test_hmac256, mhsm_kat_hmac256, sizeof(mhsm_kat_hmac256) },
	{ "HMAC-SHA-384", mhsm_test_hmac384, mhsm_kat_hmac384, sizeof(mhsm_kat_hmac384) },
	{ "HMAC-SHA-512", mhsm_test_hmac512, mhsm_kat_hmac512, sizeof(mhsm_kat_hmac512) },
	{ "AES-256-KW", test_kw, kw_answer, sizeof(kw_answer) },
	{ "ECDSA-P-256", test_p256, p256_answer, sizeof(p256_answer) },
	{ "ECDSA-P-384", mhsm_test_p384, mhsm_kat_p384, sizeof(mhsm_kat_p384) },
	{ "ECDSA-P-521", mhsm_test_p521, mhsm_kat_p521, sizeof(mhsm_kat_p521) },
	{ "ECDSA-P-256K", mhsm_test_k256, mhsm_kat_k256, sizeof(mhsm_kat_k256) },
	{ "Ed25519", mhsm_test_ed25519, mhsm_kat_ed25519, sizeof(mhsm_kat_ed25519) },
	{ "RSASSA-2048", mhsm_test_rsa, mhsm_kat_rsa, sizeof(mhsm_kat_rsa) },
	{ "RSASP1-2048-IFMA", mhsm_test_rsa_ifma, mhsm_kat_rsa, sizeof(mhsm_kat_rsa) },
	{ "RSAES-2048", mhsm_test_rsaes, mhsm_kat_rsaes, sizeof(mhsm_kat_rsaes) },
	{ "ECDH-P-256", mhsm_test_ecdh_p256, mhsm_kat_ecdh_p256, sizeof(mhsm_kat_ecdh_p256) },
	{ "ECDH-P-384", mhsm_test_ecdh_p384, mhsm_kat_ecdh_p384, sizeof(mhsm_kat_ecdh_p384) },
	{ "ECDH-P-521", mhsm_test_ecdh_p521, mhsm_kat_ecdh_p521, sizeof(mhsm_kat_ecdh_p521) },
	{ "ECDH-P-256K", mhsm_test_ecdh_k256, mhsm_kat_ecdh_k256, sizeof(mhsm_kat_ecdh_k256) },
	{ "X25519", mhsm_test_x25519, mhsm_kat_x25519, sizeof(mhsm_kat_x25519) },
	{ "HKDF-SHA-256", mhsm_test_hkdf_sha256, mhsm_kat_hkdf_sha256, sizeof(mhsm_kat_hkdf_sha256) },
	{ "HKDF-SHA-384", mhsm_test_hkdf_sha384, mhsm_kat_hkdf_sha384, sizeof(mhsm_kat_hkdf_sha384) },
	{ "HKDF-SHA-512", mhsm_test_hkdf_sha512, mhsm_kat_hkdf_sha512, sizeof(mhsm_kat_hkdf_sha512) },
	{ "SP800-108-HMAC-SHA-256", mhsm_test_kdf_sha256, mhsm_kat_kdf_sha256, sizeof(mhsm_kat_kdf_sha256) },
	{ "SP800-108-HMAC-SHA-384", mhsm_test_kdf_sha384, mhsm_kat_kdf_sha384, sizeof(mhsm_kat_kdf_sha384) },
};

int mhsm_selftest_run(void)
{
	u8 *out = kmalloc(64, GFP_KERNEL);
	unsigned int i;
	int ret = 0;

	if (!out)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		ret = tests[i].run(out);
		if (!strcmp(tests[i].name, break_selftest))
			out[0] ^= 1;
		if (ret || memcmp(out, tests[i].answer, tests[i].len)) {
			pr_crit("known-answer test failed: %s (%d): the module does not load\n", tests[i].name, ret);
			ret = -ELIBBAD;
			break;
		}
	}
	kfree_sensitive(out);
	return ret;
}
