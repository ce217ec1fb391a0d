// SPDX-License-Identifier: GPL-2.0-only
/*
 * A custodian's JSON Web Key: what is accepted is an RSA key in bounds. Input beginning with '{' is JSON, any other is
 * the DER of a certificate, which gets its JSON here.
 *
 * link: daemon/x509.c daemon/b64url.c pkg:jansson -lcrypto
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mhsm_custodian custodian;
	const char *why = NULL;
	json_t *jwk;

	if (size && data[0] == '{') {
		jwk = json_loadb((const char *)data, size, 0, NULL);
	} else {
		char *text = calloc(1, size * 2 + 8);

		if (!text)
			abort();
		if (size)
			EVP_EncodeBlock((unsigned char *)text, data, (int)size);
		jwk = json_pack("{s:[s]}", "x5c", text);
		free(text);
	}
	if (!jwk)
		return 0;
	if (mhsm_x509_custodian(jwk, &custodian, &why)) {
		if (custodian.n_len < 256 || custodian.n_len > 512 || !custodian.n[0] || !custodian.e_len ||
		    custodian.e_len > 8 || !custodian.e[0])
			abort();
	} else if (!why) {
		abort();
	}
	json_decref(jwk);
	return 0;
}
