// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 900
 *
 * AES-CBC, CBCPAD and CTR, and with GCM what is large: the vectors, and OpenSSL in both directions at every length where
 * something changes. Wrong inputs: badinput_cipher.c
 */
#include <pthread.h>

#include "tests/kselftest/hsm/cipher.h"
#include "tests/unit/vectors.h"

/* --- vectors ------------------------------------------------------------------------------------------------------ */

static long decrypt_error(uint32_t alg, size_t len)
{
	return len % 16 || (!len && alg == MHSM_ALG_AES_CBCPAD) ? -EINVAL : -EBADMSG;
}

static void vector(struct vectors *v, uint32_t alg)
{
	struct vectors_bytes key = vectors_bytes(v, "key"), in = vectors_bytes(v, "ciphertext");
	struct vectors_bytes message = vectors_bytes(v, "message");
	const char *where = vectors_where(v);
	int fd = import(key.data, key.len, BOTH);
	bool valid = vectors_valid(v);
	long want = valid ? 0 : decrypt_error(alg, in.len);
	size_t len = PAGE;

	cases_is(fd < 0 ? fd : 0, 0, "%s: KEY_IMPORT", where);
	memcpy(iv, vectors_bytes(v, "iv").data, sizeof(iv));
	memset(ours, UNTOUCHED, PAGE);
	cases_is(decrypt(fd, alg, in.data, in.len, ours, &len), want, "%s: DECRYPT", where);
	if (valid)
		cases_is((long)len, (long)message.len, "%s: length", where);
	cases_is(wrote(ours, message.data, valid ? message.len : 0, 100), true, "%s: what DECRYPT writes", where);
	memcpy(ours, in.data, in.len);
	len = PAGE;
	cases_is(decrypt(fd, alg, ours, in.len, ours, &len), want, "%s: DECRYPT in place", where);
	if (valid)
		cases_is(memcmp(ours, message.data, message.len), 0, "%s: in place", where);
	else
		cases_is(in.len && memcmp(ours, in.data, in.len), 0, "%s: in place, as it was", where);
	if (valid) {
		len = PAGE;
		memset(ours, UNTOUCHED, PAGE);
		cases_is(encrypt(fd, alg, message.data, message.len, ours, &len), 0, "%s: ENCRYPT", where);
		cases_is((long)len, (long)in.len, "%s: length", where);
		cases_is(wrote(ours, in.data, in.len, 100), true, "%s: what ENCRYPT writes", where);
	}
	close(fd);
}

static void vector_files(void)
{
	static const struct {
		const char *name;
		uint32_t alg;
		unsigned int count;
	} files[] = {
		{ "aes_cbc_sp800_38a", MHSM_ALG_AES_CBC, 3 },
		{ "aes_cbc_pkcs5_wycheproof", MHSM_ALG_AES_CBCPAD, 216 },
		{ "aes_ctr_sp800_38a", MHSM_ALG_AES_CTR, 3 },
	};
	char path[100];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct vectors *v;

		snprintf(path, sizeof(path), "tests/vectors/%s.txt", files[i].name);
		v = vectors_open(path);
		cases_begin();
		while (vectors_next(v))
			vector(v, files[i].alg);
		cases_is(vectors_count(v), files[i].count, "%s: cases", files[i].name);
		cases_end("%s", files[i].name);
		vectors_close(v);
	}
}

/* --- OpenSSL ------------------------------------------------------------------------------------------------------ */

/* A call works through a message in the same steps however many they are: of the longest, each way once is enough. */
static bool long_enough(size_t len)
{
	return len > 4 * MHSM_DATA_MAX;
}

/* Both directions, between buffers that lie askew, and in place */
static void compare(int fd, uint32_t alg, size_t key_len, size_t len, size_t askew)
{
	size_t want = openssl(alg, key_len, len, 0, NULL), out;

	memset(ours + askew, UNTOUCHED, want + 32);
	memcpy(back, plain, len);
	out = want;
	cases_is(encrypt(fd, alg, back, len, ours + askew, &out), 0, "alg %u: ENCRYPT of %zu", alg, len);
	cases_is((long)out, (long)want, "length");
	cases_is(wrote(ours + askew, theirs, want, 32), true, "alg %u: ENCRYPT of %zu writes", alg, len);
	memset(back, UNTOUCHED, len + 32);
	out = alg == MHSM_ALG_AES_CBCPAD ? want - 1 : want;
	cases_is(decrypt(fd, alg, ours + askew, want, back, &out), 0, "alg %u: DECRYPT of %zu", alg, want);
	cases_is((long)out, (long)len, "length");
	cases_is(wrote(back, plain, len, 32), true, "alg %u: DECRYPT of %zu writes", alg, want);
	if (long_enough(len))
		return;
	memcpy(ours + askew, plain, len);
	out = want;
	cases_is(encrypt(fd, alg, ours + askew, len, ours + askew, &out), 0, "alg %u: in place, %zu", alg, len);
	cases_is(memcmp(ours + askew, theirs, want), 0, "alg %u: ENCRYPT of %zu in place", alg, len);
	out = want;
	cases_is(decrypt(fd, alg, ours + askew, want, ours + askew, &out), 0, "alg %u: in place, %zu", alg, want);
	cases_is(len && memcmp(ours + askew, plain, len), 0, "alg %u: DECRYPT of %zu in place", alg, want);
}

static const size_t small[] = { 0, 1, 15, 16, 17, 31, 32, 33, 255, 4079, 4080, 4095, 4096, 4097, 4112, 8191, 8192, 8193,
				65541 };
static const size_t large[] = { MHSM_DATA_MAX - 16, MHSM_DATA_MAX - 1, MHSM_DATA_MAX, MHSM_DATA_MAX + 1,
				MHSM_DATA_MAX + 15, MHSM_DATA_MAX + 16, MHSM_DATA_MAX + 17, 3 * MHSM_DATA_MAX + 4099,
				MHSM_BULK_MAX };

static void compare_mode(uint32_t alg)
{
	size_t key_len, i;
	int fd;

	cases_begin();
	for (key_len = 16; key_len <= 32; key_len += 8) {
		fd = import(raw, key_len, BOTH);
		cases_is(fd < 0 ? fd : 0, 0, "a key of %zu", key_len);
		for (i = 0; i < COUNT(small); i++)
			if (alg != MHSM_ALG_AES_CBC || small[i] % 16 == 0)
				compare(fd, alg, key_len, small[i], i * 7 % 64);
		for (i = 0; key_len == 32 && i < COUNT(large); i++)
			if (alg != MHSM_ALG_AES_CBC || large[i] % 16 == 0)
				compare(fd, alg, key_len, large[i], i % 2 ? 0 : 4093);
		close(fd);
	}
	cases_end("OpenSSL makes and takes the same with algorithm %u", alg);
}

/* The counter has 128 bits, and carries through all of them. */
static void compare_counters(void)
{
	int fd = import(raw, 32, BOTH), bytes;

	cases_begin();
	for (bytes = 0; bytes <= 16; bytes++) {
		RAND_bytes(iv, sizeof(iv));
		memset(iv + 16 - bytes, 0xff, (size_t)bytes);
		compare(fd, MHSM_ALG_AES_CTR, 32, 100, 0);
	}
	memset(iv, 0xff, sizeof(iv));
	iv[15] = 0x80;
	compare(fd, MHSM_ALG_AES_CTR, 32, 3 * PAGE + 1, 1);
	iv[13] = 0x00; /* comes to carry within a large message */
	compare(fd, MHSM_ALG_AES_CTR, 32, MHSM_DATA_MAX + 9 * PAGE, 5);
	RAND_bytes(iv, sizeof(iv));
	close(fd);
	cases_end("the counter of CTR");
}

static void compare_gcm(void)
{
	static const size_t aads[] = { 0, 20, MHSM_AAD_MAX };
	uint8_t want[16], tag[16];
	int fd = import(raw, 32, BOTH);
	size_t i, len, a;
	long ret;

	cases_begin();
	for (i = 0; i < COUNT(large); i++) {
		len = large[i];
		a = aads[i % 3];
		openssl(MHSM_ALG_AES_GCM, 32, len, a, want);
		memset(ours, UNTOUCHED, len + 32);
		RETRY(ret, mhsm_encrypt_iv(fd, iv, aad, a, plain, len, ours, tag));
		cases_is(ret, 0, "GCM: ENCRYPT of %zu", len);
		cases_is(wrote(ours, theirs, len, 32) && !memcmp(tag, want, 16), true, "GCM: ENCRYPT of %zu writes", len);
		memset(back, UNTOUCHED, len + 32);
		tag[i] ^= 0x20;
		RETRY(ret, mhsm_decrypt(fd, iv, aad, a, ours, len, back + 3, tag));
		cases_is(ret, -EBADMSG, "GCM: DECRYPT of %zu, a wrong tag", len);
		tag[i] ^= 0x20;
		ours[len - 1] ^= 1;
		RETRY(ret, mhsm_decrypt(fd, iv, aad, a, ours, len, back + 3, tag));
		cases_is(ret, -EBADMSG, "GCM: DECRYPT of %zu, altered", len);
		ours[len - 1] ^= 1;
		cases_is(wrote(back, NULL, 0, len + 32), true, "GCM: nothing is written of %zu", len);
		RETRY(ret, mhsm_decrypt(fd, iv, aad, a, ours, len, back + 3, tag));
		cases_is(ret, 0, "GCM: DECRYPT of %zu", len);
		cases_is(wrote(back + 3, plain, len, 29), true, "GCM: DECRYPT of %zu writes", len);
		if (long_enough(len))
			continue;
		RETRY(ret, mhsm_decrypt(fd, iv, aad, a, ours, len, ours, tag));
		cases_is(ret ? ret : memcmp(ours, plain, len), 0, "GCM: DECRYPT of %zu in place", len);
		RETRY(ret, mhsm_encrypt_iv(fd, iv, aad, a, ours, len, ours, tag));
		cases_is(ret ? ret : memcmp(ours, theirs, len) || memcmp(tag, want, 16), 0, "GCM: ENCRYPT in place");
	}
	close(fd);
	cases_end("OpenSSL makes and takes the same large messages with GCM");
}

static void made_ivs(void)
{
	static const uint32_t algs[] = { MHSM_ALG_AES_CBC, MHSM_ALG_AES_CBCPAD, MHSM_ALG_AES_CTR };
	uint8_t first[16];
	int fd = import(raw, 32, BOTH);
	size_t i, len, want;
	long ret;

	cases_begin();
	for (i = 0; i < COUNT(algs); i++) {
		len = 256;
		memcpy(first, iv, 16);
		RETRY(ret, mhsm_cipher_encrypt(fd, algs[i], iv, plain, 224, ours, &len));
		cases_is(ret, 0, "an IV is made");
		cases_is(memcmp(first, iv, 16) == 0, 0, "a new one");
		want = openssl(algs[i], 32, 224, 0, NULL);
		cases_is(len == want && !memcmp(ours, theirs, want), true, "and used");
	}
	close(fd);
	cases_end("IVs that the HSM draws");
}

/* Every last block that is no padding: the same error, and nothing written, in small messages and in large */
static void wrong_paddings(void)
{
	int fd = import(raw, 32, BOTH);
	uint32_t lens[] = { 16, 32, MHSM_DATA_MAX + 48 }, i, last;
	size_t len;

	cases_begin();
	for (i = 0; i < COUNT(lens); i++)
		for (last = 0; last < 256; last += i == 2 ? 51 : 1) {
			memcpy(back, plain, lens[i]);
			memset(back + lens[i] - 16, 0x30, 16);
			back[lens[i] - 1] = (uint8_t)last;
			len = lens[i];
			cases_is(encrypt(fd, MHSM_ALG_AES_CBC, back, len, theirs, &len), 0, "made");
			memset(ours, UNTOUCHED, lens[i]);
			cases_is(decrypt(fd, MHSM_ALG_AES_CBCPAD, theirs, lens[i], ours, &len), last == 1 ? 0 : -EBADMSG,
				 "%u bytes that end in %u", lens[i], last);
			cases_is(last == 1 ? memcmp(ours, plain, lens[i] - 16) != 0 : !wrote(ours, NULL, 0, lens[i]), 0,
				 "%u bytes that end in %u: what is written", lens[i], last);
		}
	close(fd);
	cases_end("wrong paddings");
}

/* --- many at a time ----------------------------------------------------------------------------------------------- */

#define THREADS 12
#define THREAD_LEN (MHSM_DATA_MAX + 12345)

static int shared;

static void *thread(void *arg)
{
	uint8_t *in = malloc(2 * THREAD_LEN), *out = in + THREAD_LEN, tag[16], fresh[16];
	size_t len = THREAD_LEN;
	long ret = in ? 0 : -ENOMEM;

	memcpy(in, plain, THREAD_LEN);
	if (!ret)
		RETRY(ret, mhsm_cipher_encrypt(shared, MHSM_ALG_AES_CTR, fresh, in, len, out, &len));
	if (!ret)
		RETRY(ret, mhsm_cipher_decrypt(shared, MHSM_ALG_AES_CTR, fresh, out, len, out, &len));
	if (!ret && memcmp(in, out, THREAD_LEN))
		ret = -EIO;
	if (!ret)
		RETRY(ret, mhsm_encrypt(shared, fresh, aad, 5, in, THREAD_LEN, out, tag));
	if (!ret)
		RETRY(ret, mhsm_decrypt(shared, fresh, aad, 5, out, THREAD_LEN, out, tag));
	if (!ret && memcmp(in, out, THREAD_LEN))
		ret = -EIO;
	free(in);
	*(long *)arg = ret;
	return NULL;
}

/* More than may decrypt at once, with one fd that has done nothing before */
static void together(void)
{
	pthread_t threads[THREADS];
	long rets[THREADS];
	size_t i;

	shared = import(raw, 32, BOTH);
	cases_begin();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread, &rets[i]))
			abort();
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		cases_is(rets[i], 0, "thread %zu", i);
	}
	close(shared);
	cases_end("large messages in %d threads", THREADS);
}

/* Until the daemon has what was recorded: a further record, and all before it */
static void settle(void)
{
	size_t n = hsm_audit_count(hsm, MHSM_ACT_RANDOM, 0);
	long ret;

	RETRY(ret, mhsm_random(session, back, 1));
	if (ret || hsm_audit_wait(hsm, MHSM_ACT_RANDOM, 0, n + 1, 20))
		tap_ok(0, "the audit is drained");
}

static void audited(void)
{
	int fd = import(raw, 32, BOTH);
	size_t before, len = 2 * MHSM_DATA_MAX;

	settle();
	before = hsm_audit_count(hsm, MHSM_ACT_ENCRYPT, 0);
	tap_is(encrypt(fd, MHSM_ALG_AES_CBC, plain, len, ours, &len), 0, "a large message");
	settle();
	tap_is((long)(hsm_audit_count(hsm, MHSM_ACT_ENCRYPT, 0) - before), 1, "is one record");
	close(fd);
}

int main(void)
{
	int err = start();

	if (err)
		return tap_bail("no HSM", err);
	vector_files();
	compare_mode(MHSM_ALG_AES_CBC);
	compare_mode(MHSM_ALG_AES_CBCPAD);
	compare_mode(MHSM_ALG_AES_CTR);
	compare_counters();
	compare_gcm();
	made_ivs();
	wrong_paddings();
	together();
	audited();
	return end();
}
