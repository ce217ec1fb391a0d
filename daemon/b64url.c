// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/b64url.h"

#include <errno.h>

/* All ones if a <= x <= b, else zero; for values below 256. */
static int range_mask(int x, int a, int b)
{
	return ((a - 1 - x) & (x - b - 1)) >> 8;
}

static char encode_six(int v)
{
	int c = 0;

	c |= range_mask(v, 0, 25) & (v + 'A');
	c |= range_mask(v, 26, 51) & (v - 26 + 'a');
	c |= range_mask(v, 52, 61) & (v - 52 + '0');
	c |= range_mask(v, 62, 62) & '-';
	c |= range_mask(v, 63, 63) & '_';
	return (char)c;
}

/* The value, or -1. */
static int decode_six(unsigned char ch, int c62, int c63)
{
	int c = ch, v = -1;

	v += range_mask(c, 'A', 'Z') & (c - 'A' + 1);
	v += range_mask(c, 'a', 'z') & (c - 'a' + 27);
	v += range_mask(c, '0', '9') & (c - '0' + 53);
	v += range_mask(c, c62, c62) & 63;
	v += range_mask(c, c63, c63) & 64;
	return v;
}

void mhsm_b64url_encode(char *out, const uint8_t *in, size_t len)
{
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = encode_six(bits >> (have - 6) & 63);
	}
	if (have)
		*out++ = encode_six(bits << (6 - have) & 63);
	*out = '\0';
}

static int decode(uint8_t *out, size_t room, size_t *out_len, const char *in, size_t len, int c62, int c63)
{
	size_t want = len / 4 * 3 + (len % 4 ? len % 4 - 1 : 0);
	uint32_t bits = 0;
	int have = 0, bad = 0;

	if (len % 4 == 1)
		return -EBADMSG;
	if (want > room)
		return -ERANGE;
	for (size_t i = 0; i < len; i++) {
		int v = decode_six((unsigned char)in[i], c62, c63);

		bad |= v;
		bits = bits << 6 | (v & 63);
		have += 6;
		if (have >= 8) {
			have -= 8;
			*out++ = (uint8_t)(bits >> have);
		}
	}
	if (bad < 0 || (bits & ((1u << have) - 1)))
		return -EBADMSG;
	*out_len = want;
	return 0;
}

int mhsm_b64url_decode(uint8_t *out, size_t room, size_t *out_len, const char *in, size_t len)
{
	return decode(out, room, out_len, in, len, '-', '_');
}

int mhsm_b64_decode(uint8_t *out, size_t room, size_t *out_len, const char *in, size_t len)
{
	size_t pad = 0;

	if (len % 4)
		return -EBADMSG;
	while (pad < 2 && len && in[len - 1] == '=') {
		len--;
		pad++;
	}
	return decode(out, room, out_len, in, len, '+', '/');
}
