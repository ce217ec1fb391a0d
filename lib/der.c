// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 section 2.2.3), in DER (X.690).
 * A signature is public: nothing here needs to be constant time.
 */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

#define HALF_MAX 66 /* bytes of a P-521 integer */
#define TAG_INTEGER 0x02
#define TAG_SEQUENCE 0x30

/* The length of the contents of the INTEGER of a big-endian number of `len` bytes; *skip: leading zero bytes. */
static size_t integer_len(const uint8_t *n, size_t len, size_t *skip)
{
	size_t i = 0;

	while (i < len - 1 && !n[i])
		i++;
	*skip = i;
	return len - i + (n[i] >> 7); /* a set top bit would make it negative: a zero byte goes before it */
}

static uint8_t *integer_write(uint8_t *p, const uint8_t *n, size_t len)
{
	size_t skip, body = integer_len(n, len, &skip);

	*p++ = TAG_INTEGER;
	*p++ = body; /* at most 67 */
	if (body > len - skip)
		*p++ = 0;
	memcpy(p, n + skip, len - skip);
	return p + len - skip;
}

int mhsm_signature_to_der(const void *raw, size_t raw_len, void *der, size_t *der_len)
{
	const uint8_t *r = raw;
	size_t half = raw_len / 2, body, need, skip;
	uint8_t *p = der;

	if (!raw || !der_len || (*der_len && !der) || raw_len % 2 || !half || half > HALF_MAX)
		return -EINVAL;
	body = 4 + integer_len(r, half, &skip) + integer_len(r + half, half, &skip);
	need = body + (body < 128 ? 2 : 3);
	if (*der_len < need) {
		*der_len = need;
		return -ERANGE;
	}
	*der_len = need;
	*p++ = TAG_SEQUENCE;
	if (body >= 128)
		*p++ = 0x81;
	*p++ = body;
	p = integer_write(p, r, half);
	integer_write(p, r + half, half);
	return 0;
}

/* Reads one INTEGER from the *len bytes at *p, advances both, and right-aligns it in `n`. */
static int integer_read(const uint8_t **p, size_t *len, uint8_t *n, size_t n_len)
{
	const uint8_t *q = *p;
	size_t body;

	if (*len < 3 || q[0] != TAG_INTEGER || q[1] == 0 || q[1] > 127 || q[1] > *len - 2)
		return -EBADMSG;
	body = q[1];
	q += 2;
	if (q[0] & 0x80)
		return -EBADMSG; /* negative */
	if (body > 1 && !q[0] && !(q[1] & 0x80))
		return -EBADMSG; /* not the shortest form */
	*p = q + body;
	*len -= 2 + body;
	if (!q[0]) {
		q++;
		body--;
	}
	if (!body || body > n_len)
		return -EBADMSG; /* zero, or too large for the curve */
	memset(n, 0, n_len - body);
	memcpy(n + n_len - body, q, body);
	return 0;
}

int mhsm_signature_from_der(const void *der, size_t der_len, void *raw, size_t raw_len)
{
	uint8_t out[2 * HALF_MAX];
	const uint8_t *p = der;
	size_t half = raw_len / 2, len = der_len, body;

	if (!der || !raw || raw_len % 2 || !half || half > HALF_MAX)
		return -EINVAL;
	if (len < 2 || p[0] != TAG_SEQUENCE)
		return -EBADMSG;
	if (p[1] < 128) {
		body = p[1];
		p += 2;
		len -= 2;
	} else {
		if (len < 3 || p[1] != 0x81 || p[2] < 128)
			return -EBADMSG;
		body = p[2];
		p += 3;
		len -= 3;
	}
	if (body != len)
		return -EBADMSG;
	if (integer_read(&p, &len, out, half) || integer_read(&p, &len, out + half, half) || len)
		return -EBADMSG;
	memcpy(raw, out, raw_len);
	return 0;
}
