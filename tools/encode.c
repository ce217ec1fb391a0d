// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/cli.h"

static char hex_digit(unsigned int nibble)
{
	/* 9 - nibble is negative for a..f: all ones after the shift; no table, no branch */
	return '0' + nibble + (((9 - (int)nibble) >> 8) & ('a' - '0' - 10));
}

char *encode_hex(const void *data, size_t len)
{
	const unsigned char *p = data;
	char *text = malloc(2 * len + 1);

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = hex_digit(p[i] >> 4);
		text[2 * i + 1] = hex_digit(p[i] & 15);
	}
	text[2 * len] = '\0';
	return text;
}

char *encode_base64(const void *data, size_t len)
{
	char *text;

	if (len > 64 << 20)
		return NULL;
	text = malloc((len + 2) / 3 * 4 + 1);
	if (text)
		EVP_EncodeBlock((unsigned char *)text, data, len);
	return text;
}

char *encode_base64url(const void *data, size_t len)
{
	char *text = encode_base64(data, len);

	for (char *p = text; p && *p; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = '\0';
	}
	return text;
}

int decode_base64(const char *text, void *out, size_t *len)
{
	size_t text_len = strlen(text), pad = 0, bytes;
	unsigned char *raw;
	char *again;
	int n;

	if (!text_len || text_len % 4 || text_len / 4 > *len / 3 + 1)
		return -EINVAL;
	while (pad < 2 && text[text_len - 1 - pad] == '=')
		pad++;
	bytes = text_len / 4 * 3 - pad;
	if (bytes > *len)
		return -EINVAL;
	raw = malloc(text_len / 4 * 3);
	if (!raw)
		return -ENOMEM;
	n = EVP_DecodeBlock(raw, (const unsigned char *)text, text_len);
	/* OpenSSL forgives white space and stray bits; one text for one value is simpler to reason about. */
	again = n < 0 ? NULL : encode_base64(raw, bytes);
	if (!again || strcmp(again, text)) {
		free(again);
		free(raw);
		return -EINVAL;
	}
	memcpy(out, raw, bytes);
	*len = bytes;
	free(again);
	free(raw);
	return 0;
}

int decode_time(const char *text, uint64_t *seconds)
{
	struct tm tm = { 0 }, check;
	const char *end;
	time_t t;

	if (*text && strspn(text, "0123456789") == strlen(text)) {
		if (strlen(text) > 12)
			return -EINVAL;
		*seconds = strtoull(text, NULL, 10);
		return 0;
	}
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (!end || *end)
		return -EINVAL;
	check = tm;
	t = timegm(&tm);
	/* 2030-02-31 is a mistake, not the 3rd of March */
	if (t < 0 || tm.tm_mday != check.tm_mday || tm.tm_mon != check.tm_mon)
		return -EINVAL;
	*seconds = t;
	return 0;
}
