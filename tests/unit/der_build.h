/* SPDX-License-Identifier: GPL-2.0-only */
/* DER for tests, right or wrong: elements are added at the end, and wrapped into others. */
#ifndef _TESTS_UNIT_DER_BUILD_H
#define _TESTS_UNIT_DER_BUILD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct der_build {
	size_t len;
	uint8_t data[8192];
};

__attribute__((unused)) static void der_raw(struct der_build *d, const void *p, size_t len)
{
	memcpy(d->data + d->len, p, len);
	d->len += len;
}

/* Puts tag and length before what was added since @from. */
__attribute__((unused)) static void der_wrap(struct der_build *d, size_t from, uint8_t tag)
{
	size_t len = d->len - from;
	uint8_t head[4] = { tag, (uint8_t)len };
	size_t n = 2;

	if (len > 0xff) {
		head[1] = 0x82;
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		n = 4;
	} else if (len > 0x7f) {
		head[1] = 0x81;
		head[2] = (uint8_t)len;
		n = 3;
	}
	memmove(d->data + from + n, d->data + from, len);
	memcpy(d->data + from, head, n);
	d->len += n;
}

__attribute__((unused)) static void der_put(struct der_build *d, uint8_t tag, const void *p, size_t len)
{
	size_t from = d->len;

	der_raw(d, p, len);
	der_wrap(d, from, tag);
}

/* An INTEGER of these big-endian bytes, in its shortest form */
__attribute__((unused)) static void der_number(struct der_build *d, const uint8_t *p, size_t len)
{
	size_t from = d->len;

	while (len > 1 && !*p) {
		p++;
		len--;
	}
	if (!len || *p & 0x80)
		der_raw(d, "", 1);
	der_raw(d, p, len);
	der_wrap(d, from, 0x02);
}

#endif
