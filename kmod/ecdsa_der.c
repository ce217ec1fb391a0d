// SPDX-License-Identifier: GPL-2.0-only
/* See ecdsa_der.h. A signature is public: nothing here is constant time. */
#include "kmod/ecdsa_der.h"

#define INTEGER 0x02
#define SEQUENCE 0x30
#define LONG_FORM 0x81 /* of a length from 128 to 255 */

size_t mhsm_ecdsa_der_max(size_t half)
{
	size_t content = 2 * (2 + 1 + half);

	return content + (content < 0x80 ? 2 : 3);
}

/* Writes the number before @at, and returns where it begins now. */
static u8 *put_integer(u8 *at, const u8 *number, size_t len)
{
	u8 *end = at;

	for (; len > 1 && !*number; len--)
		number++;
	at -= len;
	memcpy(at, number, len);
	if (*at & 0x80)
		*--at = 0;
	at -= 2;
	at[0] = INTEGER;
	at[1] = end - at - 2;
	return at;
}

size_t mhsm_ecdsa_der_encode(u8 out[MHSM_ECDSA_DER_MAX], const u8 *rs, size_t half)
{
	u8 *const end = out + MHSM_ECDSA_DER_MAX;
	u8 *at = put_integer(put_integer(end, rs + half, half), rs, half);
	size_t len = end - at;

	*--at = len;
	if (len >= 0x80)
		*--at = LONG_FORM;
	*--at = SEQUENCE;
	len = end - at;
	memmove(out, at, len);
	return len;
}

/* Takes an INTEGER from the start of what is left into @half bytes. */
static int take_integer(u8 *to, size_t half, const u8 **at, size_t *left)
{
	const u8 *p = *at;
	size_t len;

	if (*left < 3 || p[0] != INTEGER || !p[1] || p[1] > *left - 2)
		return -EBADMSG;
	len = p[1];
	*at += 2 + len;
	*left -= 2 + len;
	p += 2;
	/* Not negative; a zero byte goes before a top bit that is set, and nowhere else */
	if (*p & 0x80)
		return -EBADMSG;
	if (!*p) {
		p++;
		len--;
		if (!len || !(*p & 0x80))
			return -EBADMSG;
	}
	if (len > half)
		return -EBADMSG;
	memset(to, 0, half - len);
	memcpy(to + half - len, p, len);
	return 0;
}

int mhsm_ecdsa_der_decode(u8 *rs, size_t half, const u8 *der, size_t len)
{
	size_t head = 2, content;

	if (len < 3 || der[0] != SEQUENCE)
		return -EBADMSG;
	if (der[1] == LONG_FORM)
		head = 3;
	content = der[head - 1];
	if ((content >= 0x80) != (head == 3) || content > len - head)
		return -EBADMSG;
	der += head;
	if (take_integer(rs, half, &der, &content) || take_integer(rs + half, half, &der, &content) || content)
		return -EBADMSG;
	return 0;
}
