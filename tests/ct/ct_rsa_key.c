// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_key.c kmod/pk/prime.c kmod/pk/rsa_private.c kmod/pk/rsa.c
 *	kmod/pk/mont.c kmod/pk/mont_pow.c kmod/pk/pk_env.c
 */
/*
 * No branch and no address in checking and completing an RSA key depends on it, and
 * in generating one only on the candidates that are thrown away.
 */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"
#include "tests/ct/rsa_key.h"

#include "kmod/pk/rsa_key.h"

static struct mhsm_rsa_key_scratch scratch;

static int draw(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	ct_fill(out, len);
	ct_secret(out, len);
	return 0;
}

/* The test's primes among candidates, so that none has to be looked for. */
static int draw_known(void *ctx, u8 *out, size_t len)
{
	unsigned int *count = ctx;

	ct_fill(out, len);
	if (*count == 2 || *count == 20)
		memcpy(out, *count == 2 ? ct_p : ct_q, len);
	++*count;
	ct_secret(out, len);
	return 0;
}

static const struct mhsm_pk_random random_bytes = { draw, NULL };

static void test_check(void)
{
	struct mhsm_rsa_numbers k;
	u8 d[256];
	int ret;

	ret = mhsm_rsa_key_check(&ct_key, 2, &random_bytes, NULL, &scratch);
	ct_result("check", ret == 0);
	ret = mhsm_rsa_key_fits(&ct_key, &scratch);
	ct_result("fits", ret == 0);
	ct_qinv[80] ^= 1;
	ret = mhsm_rsa_key_fits(&ct_key, &scratch);
	ct_result("fits, not a key", ret == -EINVAL);
	ret = mhsm_rsa_key_check(&ct_key, 2, &random_bytes, NULL, &scratch);
	ct_result("check, not a key", ret == -EINVAL);
	ct_qinv[80] ^= 1;
	ret = mhsm_rsa_key_complete(&k, 256, ct_p, ct_q, &scratch);
	ct_result("complete", ret == 0 && ct_is_secret(k.dp, 128) && ct_is_secret(k.dq, 128) &&
		  ct_is_secret(k.qinv, 128) && ct_is_secret(k.n, 256));
	ret = mhsm_rsa_key_exponent(d, &ct_key, &scratch);
	ct_result("exponent", ret == 0 && ct_is_secret(d, 256));
	ret = mhsm_rsa_key_check_exponent(&ct_key, d, 256, &scratch);
	ct_result("check exponent", ret == 0);
	ct_public(k.n, sizeof(k.n));
	ct_result("complete, n", memcmp(k.n, ct_n, 256) == 0);
}

/* 2^22 divides this prime less one, which may not show either. */
static void test_twos(void)
{
	u8 p[64] = {
		0x88, 0x3f, 0x41, 0xbe, 0x7d, 0xb4, 0x9c, 0x8c, 0x92, 0x18, 0x20, 0xc7,
		0xbc, 0x87, 0x34, 0x30, 0x54, 0x49, 0x60, 0x5c, 0x3e, 0x79, 0xb8, 0x14,
		0xfd, 0xd9, 0xd7, 0xaf, 0x8e, 0xde, 0x15, 0xcd, 0xe5, 0xd2, 0xa0, 0x1d,
		0x51, 0x91, 0x89, 0xcc, 0x50, 0x5e, 0xa8, 0xa1, 0xab, 0x14, 0x55, 0x3b,
		0xd7, 0xee, 0xb0, 0x35, 0xd5, 0xec, 0x15, 0xf0, 0x58, 0x9f, 0x3d, 0xff,
		0x3d, 0xc0, 0x00, 0x01,
	};

	ct_secret(p + 1, sizeof(p) - 1);
	ct_result("prime, 2^22 divides it less one",
		  mhsm_prime_test(p, sizeof(p), 2, &random_bytes, NULL, &scratch.prime) == 1 &&
		  ct_is_secret(p + 1, sizeof(p) - 1));
}

static void test_generate(void)
{
	unsigned int count = 0;
	const struct mhsm_pk_random known = { draw_known, &count };
	struct mhsm_rsa_numbers k;
	int ret;

	ret = mhsm_rsa_generate(&k, 256, &known, NULL, &scratch);
	ct_result("generate", ret == 0 && ct_is_secret(k.p, 128) && ct_is_secret(k.dp, 128));
	ct_public(&k, sizeof(k));
	ct_public(ct_p, sizeof(ct_p));
	ct_result("generate, p", memcmp(k.p, ct_p, 128) == 0 || memcmp(k.q, ct_p, 128) == 0);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	ct_key_secret();
	test_check();
	test_twos();
	test_generate();
	ct_controls();
	return ct_finish();
}
