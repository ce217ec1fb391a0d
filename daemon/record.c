// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/record.h"

#include <errno.h>
#include <string.h>

#define FIXED_LEN 192
#define TAG_LEN 16

static uint64_t get_le(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

int mhsm_record_parse(const void *data, size_t len, struct mhsm_record *out)
{
	const uint8_t *p = data;
	size_t header, secret, public, name;

	if (len < FIXED_LEN + TAG_LEN || len > MHSM_RECORD_MAX || memcmp(p, "MHSMREC1", 8))
		return -EINVAL;
	if (get_le(p + 8, 2) != 1 && get_le(p + 8, 2) != 2)
		return -EINVAL;
	header = get_le(p + 12, 4);
	secret = get_le(p + 136, 2);
	public = get_le(p + 138, 2);
	name = p[140];
	if (header != FIXED_LEN + name + public || len != header + secret + TAG_LEN)
		return -EINVAL;
	out->kind = p[10];
	out->state = p[11];
	memcpy(out->domain, p + 16, MHSM_ID_LEN);
	memcpy(out->id, p + 32, MHSM_ID_LEN);
	out->generation = get_le(p + 64, 8);
	if (out->kind != MHSM_RECORD_KEY && out->kind != MHSM_RECORD_DOMAIN)
		return -EINVAL;
	if (out->kind == MHSM_RECORD_DOMAIN && memcmp(out->id, out->domain, MHSM_ID_LEN))
		return -EINVAL;
	/* SQLite's integers are signed; 2^63 changes of a record do not happen. */
	if (out->generation == 0 || out->generation > INT64_MAX)
		return -EINVAL;
	return 0;
}
