// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ed25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c -lcrypto
 */
/* No branch and no address in Ed25519 depends on a key, a nonce or a blinding. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/ct/ct.h"

#include "tests/unit/ed25519_ossl.h"

static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };

static u8 message[100];

static void test_keygen(void)
{
	u8 priv[32], pub[32], rnd[32];
	int ret;

	ct_fill(rnd, sizeof(rnd));
	ct_secret(rnd, sizeof(rnd));
	ret = mhsm_ed25519_keygen(priv, pub, rnd, &hash);
	ct_result("keygen", ret == 0 && ct_is_secret(priv, sizeof(priv)) &&
		  ct_is_secret(pub, sizeof(pub)));
	ct_public(pub, sizeof(pub));
	ct_result("keygen, its key is valid", mhsm_ed25519_check_public(pub) == 0);
}

/* blinding: the byte that it consists of, or -1 for any */
static void test_sign(const char *name, int blinding)
{
	u8 priv[32], pub[32], sig[64], blind[32];
	char title[80];
	int ret;

	ct_fill(priv, sizeof(priv));
	ct_fill(blind, sizeof(blind));
	if (blinding >= 0)
		memset(blind, blinding, sizeof(blind));
	ct_secret(priv, sizeof(priv));
	ct_secret(blind, sizeof(blind));

	ret = mhsm_ed25519_public(pub, priv, &hash);
	snprintf(title, sizeof(title), "public, %s", name);
	ct_result(title, ret == 0 && ct_is_secret(pub, sizeof(pub)));
	ct_public(pub, sizeof(pub));

	ret = mhsm_ed25519_sign(sig, priv, pub, message, sizeof(message), blind, &hash);
	snprintf(title, sizeof(title), "sign, %s", name);
	ct_result(title, ret == 0 && ct_is_secret(sig, sizeof(sig)));

	/* what comes out is right, so the real path was taken */
	ct_public(sig, sizeof(sig));
	snprintf(title, sizeof(title), "verify, %s", name);
	ct_result(title, mhsm_ed25519_verify(pub, message, sizeof(message), sig, &hash) == 0);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	ct_fill(message, sizeof(message));
	test_keygen();
	test_sign("random blinding", -1);
	test_sign("blinding of zeros", 0);
	test_sign("blinding of ones", 0xff);
	ct_controls();
	return ct_finish();
}
