// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/pkcs8.c kmod/spki.c kmod/pk/pk_env.c -lcrypto */
/* Reading a private key in PKCS#8 looks at nothing of its numbers but what their lengths tell. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/pk"
#endif
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "kmod/pkcs8.h"
#include "tests/ct/ct.h"

static void hide(u8 *der, const struct mhsm_pkcs8_part *part)
{
	ct_secret(der + (part->p - der), part->len);
}

static void test(const char *name, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	struct mhsm_pkcs8 k, again;
	const struct mhsm_pkcs8_part *parts[] = { &k.private, &k.d, &k.p, &k.q, &k.dp, &k.dq, &k.qinv };
	u8 der[2048], *end = der;
	int len, ret;
	size_t i;

	len = i2d_PKCS8_PRIV_KEY_INFO(info, &end);
	ret = mhsm_pkcs8_parse(&k, der, (size_t)len);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i]->len)
			hide(der, parts[i]);
	ret |= mhsm_pkcs8_parse(&again, der, (size_t)len);
	ct_result(name, ret == 0 && !memcmp(&k, &again, sizeof(k)));
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
}

/* One of the keys that the build makes for the tests, if they are there: valgrind takes half a minute to make one. */
static EVP_PKEY *rsa_key(void)
{
	FILE *file = fopen("build/kselftest/rsa-2048-1.pem", "r");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return key ? key : EVP_RSA_gen(2048);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	test("P-256", EVP_EC_gen("P-256"));
	test("P-384", EVP_EC_gen("P-384"));
	test("P-521", EVP_EC_gen("P-521"));
	test("secp256k1", EVP_EC_gen("secp256k1"));
	test("Ed25519", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	test("RSA-2048", rsa_key());
	ct_controls();
	return ct_finish();
}
