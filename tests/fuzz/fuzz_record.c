// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/record.c kmod/seal.c kmod/kdf.c daemon/quorum/prim.c -lcrypto
 * runs: 20000
 */
/*
 * Sealed records. The first byte chooses how much of the rest is made right, so that what lies behind the first checks is
 * reached too: its length (continued with bytes computed from it), the constants and lengths of the header, the kind and
 * the name. What is read must be within the
 * input, must obey the layout, and must come out the same when it is written again; what is sealed must open.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kmod/record.h"
#include "kmod/seal.h"

#define LENGTHEN 1
#define STRAIGHTEN 2
#define KEY 4

static const u8 root[MHSM_SEAL_ROOT_LEN] = { 1 };

static void check(int ok)
{
	if (!ok)
		abort();
}

static void read_record(const u8 *in, size_t len)
{
	u8 again[MHSM_RECORD_MAX], secret[MHSM_RECORD_SECRET_MAX];
	struct mhsm_record r, sealed, got;
	int ret = mhsm_record_decode(&r, in, len);
	u8 out[MHSM_RECORD_MAX];

	check(ret == 0 || ret == -EBADMSG);
	/* Nobody knows the key of anything that is made up. */
	check(mhsm_seal_open(root, in, len, &got, secret) == -EBADMSG);
	if (ret)
		return;
	check(mhsm_record_len(&r) == len && r.header_len + r.secret_len + 16u == len);
	check((const u8 *)r.name + r.name_len == r.public && r.public + r.public_len == in + r.header_len);
	check(r.kind == MHSM_RECORD_DOMAIN ? !r.name_len && !r.secret_len : r.name_len && r.secret_len);
	check(mhsm_record_encode(&r, again) == r.header_len);
	check(!memcmp(again, in, r.header_len));
	sealed = r;
	memset(secret, 0x5a, sizeof(secret));
	check(mhsm_seal_make(root, &sealed, secret, out) == 0);
	memset(secret, 0, sizeof(secret));
	check(mhsm_seal_open(root, out, len, &got, secret) == 0);
	check(!got.secret_len || (secret[0] == 0x5a && secret[got.secret_len - 1] == 0x5a));
	out[in[in[0] % len] % len] ^= 1;
	check(mhsm_seal_open(root, out, len, &got, secret) == -EBADMSG);
}

/* Makes a header of the right form from what there is. */
static size_t straighten(u8 *p, size_t len, bool key)
{
	size_t name_len, public_len, secret_len;

	if (len < MHSM_RECORD_FIXED)
		return len;
	memcpy(p, "MHSMREC1\1", 10);
	p[8] = 1 + (key && p[128] & 2);
	p[9] = 0;
	name_len = p[140] % 128;
	for (size_t i = 0; key && i < name_len && MHSM_RECORD_FIXED + i < len; i++)
		p[MHSM_RECORD_FIXED + i] = 'a' + p[MHSM_RECORD_FIXED + i] % 26;
	if (key) {
		p[10] = 1;
		p[11] = 1 + (p[128] & 1);
	}
	public_len = (p[138] | p[139] << 8) % 1025;
	secret_len = (p[136] | p[137] << 8) % 513;
	if (MHSM_RECORD_FIXED + name_len + public_len + secret_len + 16 > len)
		return len;
	p[140] = (u8)name_len;
	p[138] = public_len & 0xff;
	p[139] = (u8)(public_len >> 8);
	p[136] = secret_len & 0xff;
	p[137] = (u8)(secret_len >> 8);
	memset(p + 12, 0, 4);
	p[12] = (MHSM_RECORD_FIXED + name_len + public_len) & 0xff;
	p[13] = (u8)((MHSM_RECORD_FIXED + name_len + public_len) >> 8);
	memset(p + 141, 0, 3);
	/* Version 2: a limit with its high half, fewer uses, and at most 2^32 invocations of GCM */
	if (p[8] == 1)
		memset(p + 160, 0, 24);
	p[167] |= p[8] == 2 ? 0x80 : 0;
	p[175] &= 0x7f;
	memset(p + 180, 0, 12);
	return MHSM_RECORD_FIXED + name_len + public_len + secret_len + 16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	u8 *copy;

	if (!size)
		return 0;
	len = size - 1;
	if (len > MHSM_RECORD_MAX + 1)
		return 0;
	copy = malloc(MHSM_RECORD_MAX + 1);
	check(copy != NULL);
	memcpy(copy, data + 1, len);
	if (data[0] & LENGTHEN)
		for (; len < MHSM_RECORD_MAX; len++)
			copy[len] = (u8)(len * 167 + (len ? copy[len - 1] : 0) * 13 + data[len % size]);
	if (data[0] & STRAIGHTEN)
		len = straighten(copy, len, data[0] & KEY);
	if (len) {
		u8 *exact = malloc(len);

		check(exact != NULL);
		memcpy(exact, copy, len);
		read_record(exact, len);
		free(exact);
	}
	free(copy);
	return 0;
}
