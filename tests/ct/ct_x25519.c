// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/x25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c
 */
/* No branch and no address in X25519 depends on a private key or on the peer's key. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#include "kmod/pk/x25519.h"

static void test_keygen(u8 pub[32])
{
	u8 priv[32], rnd[32], made[32];
	int ret;

	ct_fill(rnd, sizeof(rnd));
	ct_secret(rnd, sizeof(rnd));
	ret = mhsm_x25519_keygen(priv, pub, rnd);
	ct_result("keygen", ret == 0 && ct_is_secret(priv, sizeof(priv)) &&
		  ct_is_secret(pub, 32));
	ret = mhsm_x25519_public(made, priv);
	ct_result("public", ret == 0 && ct_is_secret(made, sizeof(made)));
	ct_public(pub, 32);
	ct_public(made, 32);
	ct_result("public, the same", memcmp(pub, made, 32) == 0);
}

/* The peer's key may come out of an envelope, so it is a secret here, too. */
static void test_shared(const char *name, const u8 peer[32], int want)
{
	u8 priv[32], pub[32], out[32];
	char title[80];
	int ret;

	memcpy(pub, peer, 32);
	ct_fill(priv, sizeof(priv));
	ct_secret(priv, sizeof(priv));
	ct_secret(pub, sizeof(pub));
	ret = mhsm_x25519_shared(out, priv, pub);
	snprintf(title, sizeof(title), "shared, %s", name);
	ct_result(title, ret == want && (want || ct_is_secret(out, sizeof(out))));
}

int main(int argc, char **argv)
{
	u8 pub[32], one[32] = { 1 }, ones[32];

	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	memset(ones, 0xff, sizeof(ones));
	test_keygen(pub);
	test_shared("a public key", pub, 0);
	test_shared("a number above p", ones, 0);
	test_shared("a point of small order", one, -EINVAL);
	ct_controls();
	return ct_finish();
}
