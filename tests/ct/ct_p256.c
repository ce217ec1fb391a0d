// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/p256_fe.c kmod/pk/p256_sc.c kmod/pk/p256_pt.c
 *	kmod/pk/p256_mul.c kmod/pk/pk_env.c
 */
/* No branch and no address in P-256 depends on a key, a nonce or a blinding. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#include "kmod/pk/p256.h"

static u8 pub[64], digest[32];

static void test_keygen(void)
{
	u8 priv[32], rnd[40];
	int ret;

	ct_fill(rnd, sizeof(rnd));
	ct_secret(rnd, sizeof(rnd));
	ret = mhsm_p256_keygen(priv, pub, rnd);
	ct_result("keygen", ret == 0 && ct_is_secret(priv, sizeof(priv)) &&
		  ct_is_secret(pub, sizeof(pub)));
	ct_public(pub, sizeof(pub));
	ct_result("keygen, its key is valid", mhsm_p256_check_public(pub) == 0);
}

/* priv: from a fill with its first byte set so, as the caller likes to have it */
static void test_private(const char *name, u8 first, int want)
{
	u8 priv[32], out[64], x[32], sig[64], k[40], blind[32], peer[64];
	char title[80];
	int ret;

	memcpy(peer, pub, sizeof(peer));
	ct_fill(priv, sizeof(priv));
	memset(priv, first, 8);
	ct_fill(k, sizeof(k));
	ct_fill(blind, sizeof(blind));
	ct_secret(priv, sizeof(priv));
	ct_secret(k, sizeof(k));
	ct_secret(blind, sizeof(blind));

	ret = mhsm_p256_public(out, priv);
	snprintf(title, sizeof(title), "public, %s", name);
	ct_result(title, ret == want && (want || ct_is_secret(out, sizeof(out))));

	ret = mhsm_p256_ecdh(x, priv, peer);
	snprintf(title, sizeof(title), "ecdh, %s", name);
	ct_result(title, ret == want && (want || ct_is_secret(x, sizeof(x))));

	ret = mhsm_p256_sign(sig, priv, digest, sizeof(digest), k, blind);
	snprintf(title, sizeof(title), "sign, %s", name);
	ct_result(title, ret == want && (want || ct_is_secret(sig, sizeof(sig))));

	/* what comes out is right, so the real path was taken */
	if (want == 0) {
		ct_public(out, sizeof(out));
		ct_public(sig, sizeof(sig));
		snprintf(title, sizeof(title), "verify, %s", name);
		ct_result(title, mhsm_p256_verify(out, digest, sizeof(digest), sig) == 0);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	ct_fill(digest, sizeof(digest));
	test_keygen();
	test_private("a key in the middle", 0x35, 0);
	test_private("a short key", 0, 0);
	test_private("a key out of range", 0xff, -EINVAL);
	ct_controls();
	return ct_finish();
}
