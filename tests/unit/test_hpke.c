// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/hpke.c kmod/kdf.c kmod/pk/p256.c kmod/pk/pk_env.c daemon/quorum/prim.c -lcrypto */
/* HPKE: RFC 9180 A.3.1 in both directions, and everything that must not open. */
#include "tests/unit/vec.h"
#include "kmod/hpke.h"
#include "kmod/pk/p256.h"

static struct {
	u8 info[32], sk_e[32], sk_r[32], pk_r[65], enc[65], key[32], nonce[12], exporter[32], pt[64];
	size_t info_len, pt_len, key_len;
	struct mhsm_hpke sender, receiver;
	unsigned int messages, exports;
} rfc;

static void setup(void)
{
	u8 enc[65];

	assert_int_equal(mhsm_hpke_sender_with(&rfc.sender, enc, MHSM_HPKE_AES_128_GCM, rfc.pk_r,
					       rfc.info, rfc.info_len, rfc.sk_e), 0);
	assert_memory_equal(enc, rfc.enc, 65);
	assert_int_equal(mhsm_hpke_receiver(&rfc.receiver, MHSM_HPKE_AES_128_GCM, rfc.enc, rfc.sk_r,
					    rfc.pk_r, rfc.info, rfc.info_len), 0);
	assert_memory_equal(&rfc.sender, &rfc.receiver, sizeof(rfc.sender));
	assert_int_equal(rfc.sender.key_len, rfc.key_len);
	assert_memory_equal(rfc.sender.key, rfc.key, rfc.key_len);
	assert_memory_equal(rfc.sender.base_nonce, rfc.nonce, 12);
	assert_memory_equal(rfc.sender.exporter, rfc.exporter, 32);
}

static void message(u64 seq, const char *hex)
{
	u8 want[80], buf[64], tag[16];
	char aad[32];
	size_t len = vec_hex(want, sizeof(want), hex);

	snprintf(aad, sizeof(aad), "Count-%llu", (unsigned long long)seq);
	assert_int_equal(len, rfc.pt_len + 16);
	memcpy(buf, rfc.pt, rfc.pt_len);
	assert_int_equal(mhsm_hpke_seal_at(&rfc.sender, seq, aad, strlen(aad), buf, rfc.pt_len, tag), 0);
	assert_memory_equal(buf, want, rfc.pt_len);
	assert_memory_equal(tag, want + rfc.pt_len, 16);
	assert_int_equal(mhsm_hpke_open_at(&rfc.receiver, seq, aad, strlen(aad), buf, rfc.pt_len, tag), 0);
	assert_memory_equal(buf, rfc.pt, rfc.pt_len);
	rfc.messages++;
}

static void rfc_line(char *const f[])
{
	static const struct {
		const char *name;
		void *to;
		size_t room, *len;
	} fields[] = {
		{ "info", rfc.info, sizeof(rfc.info), &rfc.info_len },
		{ "skEm", rfc.sk_e, 32, NULL },
		{ "skRm", rfc.sk_r, 32, NULL },
		{ "pkRm", rfc.pk_r, 65, NULL },
		{ "enc", rfc.enc, 65, NULL },
		{ "key", rfc.key, 32, &rfc.key_len },
		{ "base_nonce", rfc.nonce, 12, NULL },
		{ "exporter_secret", rfc.exporter, 32, NULL },
		{ "pt", rfc.pt, sizeof(rfc.pt), &rfc.pt_len },
	};
	u8 context[16], out[32], want[32];
	size_t n;
	unsigned int i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(f[0], fields[i].name))
			continue;
		n = vec_hex(fields[i].to, fields[i].room, f[1]);
		if (fields[i].len)
			*fields[i].len = n;
		else
			assert_int_equal(n, fields[i].room);
		if (fields[i].to == rfc.pt)
			setup();
		return;
	}
	if (!strncmp(f[0], "export:", 7)) {
		n = vec_hex(context, sizeof(context), f[0] + 7);
		assert_int_equal(vec_hex(want, 32, f[1]), 32);
		assert_int_equal(mhsm_hpke_export(&rfc.receiver, out, 32, context, n), 0);
		assert_memory_equal(out, want, 32);
		rfc.exports++;
		return;
	}
	message(strtoull(f[0], NULL, 10), f[1]);
}

static void test_rfc9180(void **state)
{
	(void)state;
	vec_each("tests/vectors/hpke_rfc9180.txt", 2, rfc_line);
	assert_int_equal(rfc.messages, 6);
	assert_int_equal(rfc.exports, 3);
}

static void make_pair(u8 sk[32], u8 pk[65])
{
	u8 random[MHSM_P256_RANDOM_BYTES];

	vec_noise(random, sizeof(random));
	pk[0] = 4;
	assert_int_equal(mhsm_p256_keygen(sk, pk + 1, random), 0);
}

static void test_single_shot(void **state)
{
	u8 sk[32], pk[65], sk2[32], pk2[65], enc[65], enc2[65], pt[100], ct[116], got[100], bad[116];
	static const u8 zero[100];
	size_t len, i;
	int aead, ret;

	(void)state;
	make_pair(sk, pk);
	make_pair(sk2, pk2);
	for (aead = 1; aead <= 2; aead++) {
		for (len = 0; len <= 100; len += 10) {
			vec_noise(pt, sizeof(pt));
			assert_int_equal(mhsm_hpke_seal(enc, ct, aead, pk, "i", 1, "a", 1, pt, len), 0);
			assert_int_equal(mhsm_hpke_open(got, aead, enc, sk, pk, "i", 1, "a", 1, ct, len + 16), 0);
			assert_memory_equal(got, pt, len);
			/* every changed byte, every truncation */
			for (i = 0; i < len + 16; i++) {
				memcpy(bad, ct, len + 16);
				bad[i] ^= 1;
				memset(got, 0xcc, sizeof(got));
				assert_int_equal(mhsm_hpke_open(got, aead, enc, sk, pk, "i", 1, "a", 1, bad,
								len + 16), -EBADMSG);
				assert_memory_equal(got, zero, len);
				ret = mhsm_hpke_open(got, aead, enc, sk, pk, "i", 1, "a", 1, ct, i);
				assert_int_equal(ret, i < 16 ? -EINVAL : -EBADMSG);
			}
			/* another info, aad, key, AEAD */
			assert_int_equal(mhsm_hpke_open(got, aead, enc, sk, pk, "j", 1, "a", 1, ct, len + 16), -EBADMSG);
			assert_int_equal(mhsm_hpke_open(got, aead, enc, sk, pk, "i", 1, "b", 1, ct, len + 16), -EBADMSG);
			assert_int_equal(mhsm_hpke_open(got, aead, enc, sk2, pk2, "i", 1, "a", 1, ct, len + 16), -EBADMSG);
			assert_int_equal(mhsm_hpke_open(got, aead, enc, sk, pk2, "i", 1, "a", 1, ct, len + 16), -EBADMSG);
			assert_int_equal(mhsm_hpke_open(got, 3 - aead, enc, sk, pk, "i", 1, "a", 1, ct, len + 16), -EBADMSG);
		}
	}
	/* in place; and an ephemeral key of its own each time */
	memcpy(ct, pt, 84);
	assert_int_equal(mhsm_hpke_seal(enc, ct, 2, pk, NULL, 0, NULL, 0, ct, 84), 0);
	assert_int_equal(mhsm_hpke_open(ct, 2, enc, sk, pk, NULL, 0, NULL, 0, ct, 100), 0);
	assert_memory_equal(ct, pt, 84);
	assert_int_equal(mhsm_hpke_seal(enc2, ct, 2, pk, NULL, 0, NULL, 0, pt, 84), 0);
	assert_memory_not_equal(enc, enc2, 65);
}

static void test_bad_keys(void **state)
{
	u8 sk[32], pk[65], bad[65], enc[65], ct[17] = { 0 };
	struct mhsm_hpke h;
	unsigned int i;

	(void)state;
	make_pair(sk, pk);
	for (i = 0; i < 65; i++) {
		memcpy(bad, pk, 65);
		bad[i] ^= 1;
		assert_int_equal(mhsm_hpke_seal(enc, ct, 2, bad, "", 0, "", 0, sk, 1), -EINVAL);
		assert_int_equal(mhsm_hpke_open(ct, 2, bad, sk, pk, "", 0, "", 0, ct, 17), -EINVAL);
	}
	memset(bad, 0, 65); /* the point at infinity, and (0, 0) */
	assert_int_equal(mhsm_hpke_seal(enc, ct, 2, bad, "", 0, "", 0, sk, 1), -EINVAL);
	bad[0] = 4;
	assert_int_equal(mhsm_hpke_seal(enc, ct, 2, bad, "", 0, "", 0, sk, 1), -EINVAL);
	assert_int_equal(mhsm_hpke_sender(&h, enc, 3, pk, "", 0), -EINVAL);
	assert_int_equal(mhsm_hpke_sender(&h, enc, 0, pk, "", 0), -EINVAL);
	memset(bad, 0, 32);
	assert_int_equal(mhsm_hpke_sender_with(&h, enc, 2, pk, "", 0, bad), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc9180),
		cmocka_unit_test(test_single_shot),
		cmocka_unit_test(test_bad_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
