// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * What a call copies from and to its caller: AES-GCM at every length around where short copies end, with each buffer up to
 * the last byte before unmapped memory, so at every alignment; and with each one byte further.
 */
#include "tests/kselftest/hsm/cipher.h"

#define LONGEST 130 /* short copies end at 64 */

enum where { IV, AAD, IN, OUT, TAG, BUFFERS };

static const char *const names[BUFFERS] = { "IV", "AAD", "input", "output", "tag" };

/* Each ends where memory does: the last page of each is not mapped. */
static uint8_t *ends[BUFFERS];

static uint8_t *last(enum where w, size_t len)
{
	return ends[w] - len;
}

static void map(void)
{
	for (int w = 0; w < BUFFERS; w++) {
		uint8_t *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || munmap(p + PAGE, PAGE))
			abort();
		ends[w] = p + PAGE;
	}
}

/* One call, with buffer @over, if it is not BUFFERS, one byte too far */
static long call(int key, bool encrypting, size_t aad_len, size_t len, enum where over)
{
	const size_t lens[BUFFERS] = { 12, aad_len, len, len, 16 };
	uint8_t *at[BUFFERS];
	long ret;

	for (int w = 0; w < BUFFERS; w++)
		at[w] = last((enum where)w, lens[w]) + (over == (enum where)w);
	if (over != IV)
		memcpy(at[IV], iv, 12);
	if (over != AAD)
		memcpy(at[AAD], aad, aad_len);
	RETRY(ret, encrypting ? mhsm_encrypt_iv(key, at[IV], at[AAD], aad_len, at[IN], len, at[OUT], at[TAG]) :
				mhsm_decrypt(key, at[IV], at[AAD], aad_len, at[IN], len, at[OUT], at[TAG]));
	return ret;
}

/* Before the buffer of @len bytes, nothing was written. */
static bool clean(enum where w, size_t len)
{
	return wrote(last(w, len + 16), NULL, 0, 16);
}

static void there_and_back(int key, size_t aad_len, size_t len)
{
	uint8_t tag[16];

	openssl(MHSM_ALG_AES_GCM, sizeof(raw), len, aad_len, tag);
	memset(last(OUT, PAGE), UNTOUCHED, PAGE);
	memset(last(TAG, PAGE), UNTOUCHED, PAGE);
	memcpy(last(IN, len), plain, len);
	cases_is(call(key, true, aad_len, len, BUFFERS), 0, "ENCRYPT of %zu", len);
	cases_is(memcmp(last(OUT, len), theirs, len) || memcmp(last(TAG, 16), tag, 16), 0, "%zu bytes as OpenSSL", len);
	cases_is(clean(OUT, len) && clean(TAG, 16), true, "%zu bytes, and not more", len);
	memset(last(OUT, PAGE), UNTOUCHED, PAGE);
	memcpy(last(IN, len), theirs, len);
	cases_is(call(key, false, aad_len, len, BUFFERS), 0, "DECRYPT of %zu", len);
	cases_is(memcmp(last(OUT, len), plain, len), 0, "%zu bytes are back", len);
	cases_is(clean(OUT, len), true, "%zu bytes back, and not more", len);
}

static void lengths(int key)
{
	cases_begin();
	for (size_t len = 0; len <= LONGEST; len++)
		there_and_back(key, 0, len);
	cases_end("messages of 0 to %d bytes", LONGEST);
	cases_begin();
	for (size_t len = 1; len <= LONGEST; len++)
		there_and_back(key, len, 20);
	cases_end("AAD of 1 to %d bytes", LONGEST);
}

static void too_far(int key)
{
	for (int w = 0; w < BUFFERS; w++) {
		cases_begin();
		for (size_t len = 1; len <= LONGEST; len++) {
			cases_is(call(key, true, len, len, (enum where)w), -EFAULT, "ENCRYPT of %zu", len);
			cases_is(call(key, false, len, len, (enum where)w), w == OUT ? -EBADMSG : -EFAULT, "DECRYPT of %zu", len);
		}
		cases_end("%s one byte into nothing", names[w]);
	}
}

int main(void)
{
	int err = start(), key;

	if (err)
		return tap_bail("an HSM", err);
	map();
	key = import(raw, sizeof(raw), BOTH);
	if (key < 0)
		return tap_bail("a key", key);
	lengths(key);
	too_far(key);
	close(key);
	return end();
}
