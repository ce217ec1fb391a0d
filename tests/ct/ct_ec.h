/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The constant-time test of a curve: ct_p256.c and its like include the curve's
 * header, define CURVE (p256), B (the order's length in bytes) and ORDER_TOP (the
 * order's first byte), and include this.
 */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include "tests/ct/ct.h"

#define API_NAME(curve, name) mhsm_##curve##_##name
#define API_OF(curve, name) API_NAME(curve, name)
#define API(name) API_OF(CURVE, name)

static u8 pub[2 * B], digest[B];

static void test_keygen(void)
{
	u8 priv[B], rnd[B + 8];
	int ret;

	ct_fill(rnd, sizeof(rnd));
	ct_secret(rnd, sizeof(rnd));
	ret = API(keygen)(priv, pub, rnd);
	/* of the first byte of P-521 only the lowest bit can be anything but zero */
	ct_result("keygen", ret == 0 && ct_is_secret(priv + 1, sizeof(priv) - 1) &&
		  ct_is_secret(pub + 1, B - 1) && ct_is_secret(pub + B + 1, B - 1));
	ct_public(pub, sizeof(pub));
	ct_result("keygen, its key is valid", API(check_public)(pub) == 0);
}

/* first: what the leftmost eight bytes of the private key are, all of a bad one */
static void test_private(const char *name, u8 first, int want)
{
	u8 priv[B], out[2 * B], x[B], sig[2 * B], k[B + 8], blind[B], peer[2 * B];
	char title[80];
	int ret;

	memcpy(peer, pub, sizeof(peer));
	ct_fill(priv, sizeof(priv));
	memset(priv, first, want ? B : 8);
	if (want == 0)
		priv[0] &= ORDER_TOP >> 1;
	ct_fill(k, sizeof(k));
	ct_fill(blind, sizeof(blind));
	ct_secret(priv, sizeof(priv));
	ct_secret(k, sizeof(k));
	ct_secret(blind, sizeof(blind));

	ret = API(public)(out, priv);
	snprintf(title, sizeof(title), "public, %s", name);
	ct_result(title, ret == want &&
		  (want || (ct_is_secret(out + 1, B - 1) && ct_is_secret(out + B + 1, B - 1))));

	ret = API(ecdh)(x, priv, peer, blind);
	snprintf(title, sizeof(title), "ecdh, %s", name);
	ct_result(title, ret == want && (want || ct_is_secret(x + 1, B - 1)));

	ret = API(sign)(sig, priv, digest, sizeof(digest), k, blind);
	snprintf(title, sizeof(title), "sign, %s", name);
	ct_result(title, ret == want &&
		  (want || (ct_is_secret(sig + 1, B - 1) && ct_is_secret(sig + B + 1, B - 1))));

	/* what comes out is right, so the real path was taken */
	if (want == 0) {
		ct_public(out, sizeof(out));
		ct_public(sig, sizeof(sig));
		snprintf(title, sizeof(title), "verify, %s", name);
		ct_result(title, API(verify)(out, digest, sizeof(digest), sig) == 0);
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
