// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_private.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/mont_pow.c
 *	kmod/pk/pk_env.c
 */
/*
 * No branch and no address in the RSA private operation depends on the key, the
 * blinding or the input. (valgrind's processor has no ADX: see ct_rsa_adx.c.)
 */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"
#include "tests/ct/rsa_key.h"

static struct mhsm_rsa_private_scratch scratch;
static struct mhsm_rsa_scratch public_scratch;

static void test_private(const char *name, u8 fill)
{
	static const u8 e[] = { 1, 0, 1 };
	u8 in[256], out[256], back[256], rnd[32];
	char title[80];
	int ret;

	ct_fill(in, sizeof(in));
	in[0] = 0;
	memset(in + 1, fill, 128);
	ct_fill(rnd, sizeof(rnd));
	ct_secret(in, sizeof(in));
	ct_secret(rnd, sizeof(rnd));
	ret = mhsm_rsa_private(out, &ct_key, in, rnd, NULL, &scratch);
	snprintf(title, sizeof(title), "private, %s", name);
	ct_result(title, ret == 0 && ct_is_secret(out, sizeof(out)));

	/* what comes out is right, so the real path was taken */
	ret = mhsm_rsa_public(back, ct_n, sizeof(ct_n), e, sizeof(e), out, &public_scratch);
	ct_public(back, sizeof(back));
	ct_public(in, sizeof(in));
	snprintf(title, sizeof(title), "public undoes it, %s", name);
	ct_result(title, ret == 0 && memcmp(in, back, sizeof(in)) == 0);
}

static void test_refused(void)
{
	u8 in[256], out[256], rnd[32];

	ct_fill(rnd, sizeof(rnd));
	ct_secret(rnd, sizeof(rnd));
	memset(in, 0xff, sizeof(in));
	ct_secret(in, sizeof(in));
	ct_result("private, input not below n",
		  mhsm_rsa_private(out, &ct_key, in, rnd, NULL, &scratch) == -EINVAL);
	memset(in, 3, sizeof(in));
	ct_secret(in, sizeof(in));
	ct_dp[60] ^= 1;
	ct_result("private, a fault",
		  mhsm_rsa_private(out, &ct_key, in, rnd, NULL, &scratch) == -EIO);
	ct_dp[60] ^= 1;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	ct_key_secret();
	test_private("any input", 0x35);
	test_private("a short input", 0);
	test_private("a long input", 0xff);
	test_refused();
	ct_controls();
	return ct_finish();
}
