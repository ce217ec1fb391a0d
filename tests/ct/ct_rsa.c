// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/pk_env.c */
/* No branch and no address in OAEP and RSA depends on what is encrypted. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#include "kmod/pk/oaep.h"
#include "kmod/pk/rsa.h"

static struct mhsm_rsa_scratch scratch;

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

static const struct mhsm_pk_hash hash = { 32, spread, NULL };

static void test_size(size_t n_len)
{
	static const u8 e[] = { 1, 0, 1 };
	u8 n[512], em[512], out[512], msg[32], seed[32];
	char title[80];
	int ret;

	ct_fill(n, n_len);
	n[0] |= 0x80;
	n[n_len - 1] |= 1;
	ct_fill(msg, sizeof(msg));
	ct_fill(seed, sizeof(seed));
	ct_secret(msg, sizeof(msg));
	ct_secret(seed, sizeof(seed));

	ret = mhsm_oaep_encode(em, n_len, msg, sizeof(msg), seed, NULL, &hash, &hash);
	snprintf(title, sizeof(title), "oaep, %zu bytes", n_len);
	ct_result(title, ret == 0 && ct_is_secret(em + 1, n_len - 1));

	/* some of the encoded bytes are constants: all are secrets from here on */
	ct_secret(em, n_len);
	ret = mhsm_rsa_public(out, n, n_len, e, sizeof(e), em, &scratch);
	snprintf(title, sizeof(title), "rsa, %zu bytes", n_len);
	ct_result(title, ret == 0 && ct_is_secret(out, n_len));

	/* out of range: only that is told */
	memset(em, 0xff, n_len);
	ct_secret(em, n_len);
	ret = mhsm_rsa_public(out, n, n_len, e, sizeof(e), em, &scratch);
	snprintf(title, sizeof(title), "rsa, %zu bytes, input not below n", n_len);
	ct_result(title, ret == -EINVAL);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	test_size(256);
	test_size(301);
	test_size(384);
	test_size(512);
	ct_controls();
	return ct_finish();
}
