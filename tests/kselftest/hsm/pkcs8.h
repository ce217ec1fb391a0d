/* SPDX-License-Identifier: GPL-2.0-only */
/* PKCS#8 of private keys that vectors have: without the public half, which they say of EC and OKP, but need not */
#ifndef TESTS_PKCS8_H
#define TESTS_PKCS8_H

#include "tests/unit/der_build.h"
#include "tests/unit/vectors.h"
#include "uapi/mhsm.h"

/* The content of an AlgorithmIdentifier (RFC 5480, 8410), or NULL */
static inline const void *pkcs8_algorithm(uint32_t type, uint32_t param, size_t *len)
{
	static const struct {
		uint32_t type, param;
		const char *oids;
		size_t len;
	} algorithms[] = {
		{ MHSM_KEY_EC, MHSM_CURVE_P256, "\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07", 19 },
		{ MHSM_KEY_EC, MHSM_CURVE_P384, "\x06\x07*\x86H\xce=\x02\x01\x06\x05+\x81\x04\x00\x22", 16 },
		{ MHSM_KEY_EC, MHSM_CURVE_P521, "\x06\x07*\x86H\xce=\x02\x01\x06\x05+\x81\x04\x00\x23", 16 },
		{ MHSM_KEY_EC, MHSM_CURVE_P256K, "\x06\x07*\x86H\xce=\x02\x01\x06\x05+\x81\x04\x00\x0a", 16 },
		{ MHSM_KEY_OKP, MHSM_CURVE_ED25519, "\x06\x03+ep", 5 },
		{ MHSM_KEY_OKP, MHSM_CURVE_X25519, "\x06\x03+en", 5 },
	};

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].type == type && algorithms[i].param == param) {
			*len = algorithms[i].len;
			return algorithms[i].oids;
		}
	return NULL;
}

/* EC: ECPrivateKey (RFC 5915); OKP: CurvePrivateKey (RFC 8410) */
static inline void pkcs8_curve(struct der_build *d, uint32_t type, uint32_t param, struct vectors_bytes private)
{
	const void *algorithm;
	size_t from, len = 0;

	d->len = 0;
	der_put(d, 0x02, "", 1);
	algorithm = pkcs8_algorithm(type, param, &len);
	der_put(d, 0x30, algorithm, len);
	from = d->len;
	if (type == MHSM_KEY_EC)
		der_put(d, 0x02, "\1", 1);
	der_put(d, 0x04, private.data, private.len);
	if (type == MHSM_KEY_EC)
		der_wrap(d, from, 0x30);
	der_wrap(d, from, 0x04);
	der_wrap(d, 0, 0x30);
}

/* RSAPrivateKey (RFC 8017 appendix A.1.2) of the fields n, e, d, p, q, dp, dq, qinv of the present case */
static inline void pkcs8_rsa(struct der_build *d, struct vectors *v)
{
	static const char *const numbers[] = { "n", "e", "d", "p", "q", "dp", "dq", "qinv" };
	struct vectors_bytes b;
	size_t from;

	d->len = 0;
	der_put(d, 0x02, "", 1);
	der_put(d, 0x30, "\x06\x09*\x86H\x86\xf7\x0d\x01\x01\x01\x05\x00", 13);
	from = d->len;
	der_put(d, 0x02, "", 1);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		b = vectors_bytes(v, numbers[i]);
		der_number(d, b.data, b.len);
	}
	der_wrap(d, from, 0x30);
	der_wrap(d, from, 0x04);
	der_wrap(d, 0, 0x30);
}

#endif
