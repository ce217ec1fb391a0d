// SPDX-License-Identifier: GPL-2.0-only
/* PEM (RFC 7468): the private key in a file. Nothing of the key is copied, and no table is read by it. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tools/cli.h"

/* All ones if c is in the range, else zero */
static int in_range(int c, int first, int last)
{
	return ((first - 1 - c) & (c - last - 1)) >> 8;
}

/* The six bits that a character stands for, or -1 */
static int value_of(int c)
{
	return -1 + (in_range(c, 'A', 'Z') & (c - 'A' + 1)) + (in_range(c, 'a', 'z') & (c - 'a' + 27)) +
	       (in_range(c, '0', '9') & (c - '0' + 53)) + (in_range(c, '+', '+') & 63) + (in_range(c, '/', '/') & 64);
}

static bool is_space(int c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Decodes base64 in place; the length, or -EBADMSG. Only whole groups, and no bits that are thrown away. */
static int decode(unsigned char *p, size_t len)
{
	unsigned int bits = 0, have = 0, padding = 0;
	int wrong = 0, value;
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_space(p[i]))
			continue;
		if (p[i] == '=') {
			padding++;
			continue;
		}
		value = value_of(p[i]);
		wrong |= value | (padding ? -1 : 0);
		bits = bits << 6 | (value & 63);
		if (++have == 4) {
			p[out++] = bits >> 16 & 0xff;
			p[out++] = bits >> 8 & 0xff;
			p[out++] = bits & 0xff;
			bits = have = 0;
		}
	}
	if (have == 1 || padding != (4 - have) % 4)
		return -EBADMSG;
	if (have)
		wrong |= bits & (have == 2 ? 0xf : 3) ? -1 : 0;
	if (have > 1)
		p[out++] = bits >> (have == 2 ? 4 : 10) & 0xff;
	if (have > 2)
		p[out++] = bits >> 2 & 0xff;
	return wrong < 0 ? -EBADMSG : (int)out;
}

/* The place after @what, from @p on; NULL if it is not there */
static unsigned char *after(unsigned char *p, const unsigned char *end, const char *what)
{
	size_t len = strlen(what);

	p = memmem(p, (size_t)(end - p), what, len);
	return p ? p + len : NULL;
}

static bool is_label(const unsigned char *p, size_t len, const char *label)
{
	return len == strlen(label) && !memcmp(p, label, len);
}

int pem_private_key(unsigned char *text, size_t len, unsigned char **der, size_t *der_len)
{
	static const char key[] = "PRIVATE KEY";
	unsigned char *p = text, *end = text + len, *label, *body, *last;
	size_t label_len;
	int ret;

	/* There may be others before it: parameters, certificates. */
	for (;;) {
		label = after(p, end, "-----BEGIN ");
		body = label ? after(label, end, "-----") : NULL;
		if (!body)
			return -ENOENT;
		label_len = (size_t)(body - label) - 5;
		if (label_len >= sizeof(key) - 1 && !memcmp(body - 5 - (sizeof(key) - 1), key, sizeof(key) - 1))
			break;
		p = body;
	}
	if (is_label(label, label_len, "ENCRYPTED PRIVATE KEY"))
		return -EACCES;
	if (!is_label(label, label_len, key))
		return after(body, end, "ENCRYPTED") ? -EACCES : -EOPNOTSUPP;
	/* In what is decoded nothing is searched for that could be in it. */
	last = memchr(body, '-', (size_t)(end - body));
	if (!last || end - last < 8 || memcmp(last, "-----END", 8))
		return -EBADMSG;
	ret = decode(body, (size_t)(last - body));
	if (ret < 0)
		return ret;
	*der = body;
	*der_len = (size_t)ret;
	return 0;
}
