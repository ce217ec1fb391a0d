// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/jwe.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/pk_env.c daemon/quorum/prim.c -ljansson -lcrypto
 * runs: 30000
 */
/*
 * JWE: arbitrary text, which must not open; and what we write, bent at one place, which must open if and only if it is not
 * bent. The first byte chooses, the next four say where and how.
 */
#include <stdlib.h>
#include "daemon/quorum/jwe_open.c"

static const u8 cek[MHSM_JWE_CEK] = { 1, 2, 3 };

static void arbitrary(const char *text, size_t len)
{
	static u8 out[MHSM_JWE_PADDED(MHSM_JWE_CONTENT_MAX)];
	static struct mhsm_jwe jwe;
	size_t n;

	if (!mhsm_jwe_parse(&jwe, text, len) && !mhsm_jwe_open_content(&jwe, cek, out, &n))
		abort();
	if (!mhsm_b64url_decode(out, sizeof(out), &n, text, len)) {
		char *again = malloc(MHSM_B64URL_LEN(n) + 1);

		mhsm_b64url_encode(again, out, n);
		if (strlen(again) != len || memcmp(again, text, len))
			abort(); /* an encoding that is not the only one */
		free(again);
	}
}

static void bent(const u8 *data, size_t len)
{
	size_t at = (size_t)data[0] << 8 | data[1], n;
	static u8 out[MHSM_JWE_PADDED(MHSM_JWE_CONTENT_MAX)];
	static struct mhsm_jwe jwe;
	size_t room;
	char *text;
	int ret;

	if (len - 4 > MHSM_JWE_CONTENT_MAX)
		return;
	room = MHSM_JWE_DIR_SIZE(1, len - 4);
	text = malloc(room);
	if (mhsm_jwe_dir(text, room, "k", cek, data + 4, len - 4))
		abort();
	at %= room - 1;
	text[at] ^= (char)data[2];
	ret = mhsm_jwe_parse(&jwe, text, room - 1);
	if (!ret)
		ret = mhsm_jwe_open_content(&jwe, cek, out, &n);
	if (!ret != !data[2] || (!ret && (n != len - 4 || memcmp(out, data + 4, n))))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	if (len > 0 && data[0] & 1 && len >= 5)
		bent(data + 1, len - 1);
	else if (len > 0)
		arbitrary((const char *)data + 1, len - 1);
	return 0;
}
