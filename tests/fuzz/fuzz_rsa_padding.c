// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/oaep.c kmod/pk/pss.c kmod/pk/pkcs1.c -lcrypto
 * runs: 20000
 */
/*
 * What takes RSA's paddings off: accepts what it has made itself, and of what it
 * accepts, that alone; gives a message always where it rejects implicitly.
 *
 * The input is a byte for the decoder, one for what is done to a right encoding, and
 * the encoding or the change of it.
 */
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "kmod/pk/oaep.h"
#include "kmod/pk/pkcs1.h"
#include "kmod/pk/pss.h"

static void require(int ok)
{
	if (!ok)
		abort();
}

static int sha256(void *ctx, const u8 *in, size_t in_len, u8 *out)
{
	(void)ctx;
	SHA256(in, in_len, out);
	return 0;
}

static int mac(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32])
{
	(void)ctx;
	return HMAC(EVP_sha256(), key, 32, in, in_len, out, NULL) ? 0 : -EIO;
}

static const struct mhsm_pk_hash hash = { 32, sha256, NULL };
static const struct mhsm_pk_hmac hmac = { mac, NULL };

/* Takes the padding off and puts the same on again. */
static void try_oaep(u8 *em, size_t len)
{
	u8 copy[512], msg[512], again[512], seed[32];
	size_t msg_len = 0, i;
	int ret;

	memcpy(copy, em, len);
	ret = mhsm_oaep_decode(msg, &msg_len, em, len, NULL, &hash, &hash);
	require(ret == 0 || ret == -EBADMSG);
	for (i = 0; i < len; i++)
		require(em[i] == 0);
	if (ret)
		return;
	/* the seed is what the mask of the rest leaves of the first bytes */
	memcpy(em, copy + 33, len - 33);
	memcpy(seed, copy + 1, 32);
	require(mhsm_pk_mgf1(seed, 32, em, len - 33, &hash) == 0);
	require(mhsm_oaep_encode(again, len, msg, msg_len, seed, NULL, &hash, &hash) == 0);
	require(memcmp(again, copy, len) == 0);
}

static void try_pkcs1(u8 *em, size_t len)
{
	u8 copy[512], msg[512], key[32] = { 0 };
	size_t msg_len = 9999, i;
	int right;

	memcpy(copy, em, len);
	require(mhsm_pkcs1_decrypt_decode(msg, &msg_len, em, len, key, copy, &hmac) == 0);
	require(msg_len <= len - 11);
	for (i = 2; i < len && copy[i]; i++)
		;
	right = copy[0] == 0 && copy[1] == 2 && i >= 10 && i < len;
	if (right)
		require(msg_len == len - i - 1 && !memcmp(msg, copy + i + 1, msg_len));
}

static void try_signatures(u8 *em, size_t len, const u8 digest[32], u8 salt_len)
{
	u8 info[MHSM_PKCS1_INFO_MAX], again[512];
	size_t info_len;

	require(mhsm_pkcs1_info(info, &info_len, digest, 32) == 0);
	require(mhsm_pkcs1_sign_encode(again, len, info, info_len) == 0);
	require((mhsm_pkcs1_sign_check(em, len, info, info_len) == 0) ==
		(memcmp(em, again, len) == 0));
	mhsm_pss_verify(em, len, digest, salt_len, &hash, &hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u8 em[512] = { 0 }, digest[32] = { 1 };
	size_t len, i;
	u8 kind, how;

	if (size < 2)
		return 0;
	kind = data[0];
	how = data[1];
	data += 2;
	size -= 2;
	len = how & 0x40 ? 512 : how & 0x20 ? 200 : 128;
	if (how & 0x80) {
		/* right, with the input exclusive-ored on */
		if (kind % 3 == 0)
			mhsm_oaep_encode(em, len, digest, how & 0x1f, digest, NULL, &hash, &hash);
		else if (kind % 3 == 1)
			mhsm_pkcs1_sign_encode(em, len, digest, how & 0x1f);
		else
			mhsm_pss_encode(em, len, digest, digest, how & 0x1f, &hash, &hash);
		em[1] ^= kind % 3 == 1 ? 3 : 0;	/* from signing to encryption */
	}
	for (i = 0; i < size && i < len; i++)
		em[i] ^= data[i];
	if (kind % 3 == 0)
		try_oaep(em, len);
	else if (kind % 3 == 1)
		try_pkcs1(em, len);
	else
		try_signatures(em, len, digest, how & 0x1f);
	return 0;
}
