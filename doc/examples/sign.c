// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signs a file with a key of the HSM.  Usage: sign KEY FILE SIGNATURE
 * cc -o signer sign.c $(pkg-config --cflags --libs libmhsm libcrypto)
 */
#include <mhsm.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

static int fail(const char *what, int error)
{
	fprintf(stderr, "sign: %s: %s\n", what, mhsm_strerror(error));
	if (mhsm_remedy(error))
		fprintf(stderr, "sign: %s\n", mhsm_remedy(error));
	return 1;
}

static int digest_file(const char *path, unsigned char digest[MHSM_SHA256_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	FILE *file = fopen(path, "rb");
	unsigned char data[4096];
	size_t n;
	int ok = ctx && file && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

	while (ok && (n = fread(data, 1, sizeof(data), file)) > 0)
		ok = EVP_DigestUpdate(ctx, data, n);
	return ok && !ferror(file) && EVP_DigestFinal_ex(ctx, digest, NULL);
}

int main(int argc, char **argv)
{
	unsigned char digest[MHSM_SHA256_LEN], raw[MHSM_ES256_LEN], der[MHSM_DER_SIGNATURE_MAX];
	size_t raw_len = sizeof(raw), der_len = sizeof(der);
	int session, key, ret;
	FILE *out;

	if (argc != 4 || !digest_file(argv[2], digest)) {
		fprintf(stderr, "usage: sign KEY FILE SIGNATURE (FILE must be readable)\n");
		return 2;
	}
	session = mhsm_open(NULL);
	if (session < 0)
		return fail(MHSM_DEVICE, session);
	key = mhsm_key_open(session, argv[1], NULL, MHSM_OP_SIGN); /* a key is opened like a file */
	if (key < 0)
		return fail(argv[1], key);
	ret = mhsm_sign(key, MHSM_ALG_ES256, 0, digest, sizeof(digest), raw, &raw_len);
	if (!ret)
		ret = mhsm_signature_to_der(raw, raw_len, der, &der_len);
	if (ret)
		return fail(argv[1], ret);
	close(key);
	close(session);
	out = fopen(argv[3], "wb");
	return !out || fwrite(der, 1, der_len, out) != der_len || fclose(out);
}
