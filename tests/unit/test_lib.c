// SPDX-License-Identifier: GPL-2.0-only
/* link: lib/call.c lib/crypt.c lib/error.c lib/key.c lib/list.c lib/session.c lib/sign.c lib/token.c lib/der.c -lcrypto */
/* libmhsm against a stand-in for the device: what goes into the structs, and what comes out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/fake_hsm.h"

static int reset(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static int open_fake(void)
{
	int session = mhsm_open("/dev/null");

	assert_true(session >= 0);
	return session;
}

static int make_key(int session, const char *name, uint32_t type, uint32_t param)
{
	struct mhsm_key_spec spec = { .name = name, .type = type, .param = param, .flags = MHSM_KEY_ENABLED };
	int key = mhsm_key_create(session, &spec);

	assert_true(key >= 0);
	return key;
}

static void test_open(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mhsm_open("/dev/no-such-device"), -ENODEV);
	assert_int_equal(mhsm_open("/dev/null/below"), -ENODEV);
	hsm.abi = MHSM_ABI + 1;
	assert_int_equal(mhsm_open("/dev/null"), -EPROTONOSUPPORT);
	hsm.abi = MHSM_ABI;
	fd = open_fake();
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
}

static void test_state_names(void **state)
{
	(void)state;
	assert_string_equal(mhsm_state_name(MHSM_STATE_UNPROVISIONED), "unprovisioned");
	assert_string_equal(mhsm_state_name(MHSM_STATE_LOCKED), "locked");
	assert_string_equal(mhsm_state_name(MHSM_STATE_ERROR), "error");
	assert_string_equal(mhsm_state_name(MHSM_STATE_ERROR + 1), "unknown");
	assert_string_equal(mhsm_state_name(UINT32_MAX), "unknown");
}

static void test_names(void **state)
{
	char longest[MHSM_NAME_MAX + 2];
	int session = open_fake(), key;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[MHSM_NAME_MAX + 1] = '\0';
	assert_int_equal(mhsm_key_open(session, longest, NULL, 0), -EINVAL);
	longest[MHSM_NAME_MAX] = '\0';
	assert_int_equal(mhsm_key_open(session, longest, NULL, 0), -ENOENT);
	hsm.calls = 0;
	assert_int_equal(mhsm_key_open(session, NULL, NULL, 0), -EINVAL);
	assert_int_equal(mhsm_key_open(session, "", NULL, 0), -EINVAL);
	assert_int_equal(mhsm_key_open(session, "a_b", NULL, 0), -EINVAL);
	assert_int_equal(mhsm_key_open(session, "a/b", NULL, 0), -EINVAL);
	assert_int_equal(mhsm_key_open(session, "a\303\244", NULL, 0), -EINVAL);
	assert_int_equal(mhsm_key_delete(session, "a b"), -EINVAL);
	assert_int_equal(hsm.calls, 0); /* none of these reached the device */

	key = make_key(session, "Az-09", MHSM_KEY_AES, 256);
	close(key);
	close(session);
}

static void test_versions(void **state)
{
	int session = open_fake(), first, key;
	struct mhsm_key_spec spec = { .name = "k", .type = MHSM_KEY_AES, .param = 256,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_NEW_VERSION };
	struct mhsm_key_info info, again;
	char hex[40] = "";

	(void)state;
	first = make_key(session, "k", MHSM_KEY_AES, 128);
	assert_int_equal(mhsm_key_info(first, &info), 0);
	for (int i = 0; i < MHSM_VERSION_LEN; i++)
		sprintf(hex + 2 * i, i % 2 ? "%02x" : "%02X", info.version[i]);
	assert_int_equal(mhsm_key_create(session, &(struct mhsm_key_spec){ .name = "k", .type = MHSM_KEY_AES,
									    .param = 256 }), -EEXIST);
	key = mhsm_key_create(session, &spec);
	assert_true(key >= 0);
	close(key);

	key = mhsm_key_open(session, "k", NULL, MHSM_OP_WRAP);
	assert_int_equal(mhsm_key_info(key, &again), 0);
	assert_int_equal(again.param, 256);
	assert_int_equal(again.rights, MHSM_OP_WRAP);
	close(key);
	key = mhsm_key_open(session, "k", hex, MHSM_OP_WRAP);
	assert_true(key >= 0);
	assert_int_equal(mhsm_key_info(key, &again), 0);
	assert_int_equal(again.param, 128);
	close(key);

	hex[0] = hex[0] == '0' ? '1' : '0';
	assert_int_equal(mhsm_key_open(session, "k", hex, 0), -ENOENT);
	hex[31] = '\0';
	assert_int_equal(mhsm_key_open(session, "k", hex, 0), -EINVAL);
	strcpy(hex, "0123456789abcdef0123456789abcdef0");
	assert_int_equal(mhsm_key_open(session, "k", hex, 0), -EINVAL);
	hex[32] = '\0';
	hex[7] = 'g';
	assert_int_equal(mhsm_key_open(session, "k", hex, 0), -EINVAL);
	assert_int_equal(mhsm_key_open(session, "k", "", 0), -EINVAL);
	close(first);
	close(session);
}

static void test_create_import(void **state)
{
	int session = open_fake(), key;
	struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .param = 128, .not_before = 5, .expires = 9 };
	struct mhsm_key_info info;
	unsigned char material[16] = "0123456789abcdef";

	(void)state;
	assert_int_equal(mhsm_key_create(session, NULL), -EINVAL);
	assert_int_equal(mhsm_key_create(session, &spec), -EINVAL); /* no name */
	spec.flags = MHSM_KEY_SESSION;
	key = mhsm_key_create(session, &spec);
	assert_true(key >= 0);
	close(key);
	spec.name = "imported";
	spec.flags = MHSM_KEY_ENABLED;
	assert_int_equal(mhsm_key_import(session, &spec, NULL, 16), -EINVAL);
	assert_int_equal(mhsm_key_import(session, &spec, material, 0), -EINVAL);
	assert_int_equal(mhsm_key_import(session, &spec, material, (size_t)1 << 32 | 16), -EINVAL);
	key = mhsm_key_import(session, &spec, material, 16);
	assert_true(key >= 0);
	assert_int_equal(mhsm_key_info(key, &info), 0);
	assert_int_equal(info.flags, MHSM_KEY_ENABLED | MHSM_KEY_IMPORTED);
	assert_int_equal(info.not_before, 5);
	assert_int_equal(info.expires, 9);
	assert_string_equal(info.name, "imported");
	assert_memory_equal(hsm.fds[key].key->aes, material, 16);
	close(key);
	close(session);
}

static void test_delete(void **state)
{
	int session = open_fake();

	(void)state;
	close(make_key(session, "k", MHSM_KEY_EC, MHSM_CURVE_P256));
	assert_int_equal(mhsm_key_purge(session, "k"), -ENOENT);
	assert_int_equal(mhsm_key_delete(session, "k"), 0);
	assert_int_equal(mhsm_key_delete(session, "k"), -ENOENT);
	assert_int_equal(mhsm_key_recover(session, "k"), 0);
	assert_int_equal(mhsm_key_delete(session, "k"), 0);
	assert_int_equal(mhsm_key_purge(session, "k"), 0);
	assert_int_equal(mhsm_key_recover(session, "k"), -ENOENT);
	close(session);
}

static void test_list(void **state)
{
	int session = open_fake(), n = 0, ret;
	struct mhsm_key_list *list = NULL;
	struct mhsm_key_info info;
	char name[16];

	(void)state;
	assert_int_equal(mhsm_key_list_open(session, "a b", 0, &list), -EINVAL);
	assert_null(list);
	assert_int_equal(mhsm_key_list_open(session, NULL, 0, &list), 0);
	assert_int_equal(mhsm_key_list_next(list, &info), 0);
	mhsm_key_list_close(list);

	for (int i = 0; i < 70; i++) { /* more than two pages */
		snprintf(name, sizeof(name), "k%d", i);
		close(make_key(session, name, MHSM_KEY_AES, 256));
	}
	assert_int_equal(mhsm_key_list_open(session, NULL, 0, &list), 0);
	while ((ret = mhsm_key_list_next(list, &info)) == 1) {
		snprintf(name, sizeof(name), "k%d", n++);
		assert_string_equal(info.name, name);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(n, 70);
	assert_int_equal(mhsm_key_list_next(list, &info), 0); /* the end stays the end */
	mhsm_key_list_close(list);

	assert_int_equal(mhsm_key_delete(session, "k7"), 0);
	assert_int_equal(mhsm_key_list_open(session, NULL, MHSM_LIST_DELETED, &list), 0);
	assert_int_equal(mhsm_key_list_next(list, &info), 1);
	assert_string_equal(info.name, "k7");
	assert_int_equal(mhsm_key_list_next(list, &info), 0);
	mhsm_key_list_close(list);

	assert_int_equal(mhsm_key_list_open(session, "k8", 0, &list), 0);
	hsm.error = EACCES;
	assert_int_equal(mhsm_key_list_next(list, &info), -EACCES);
	assert_int_equal(mhsm_key_list_next(list, &info), 1);
	assert_int_equal(mhsm_key_list_next(list, &info), 0);
	mhsm_key_list_close(list);
	mhsm_key_list_close(NULL);
	close(session);
}

static void test_random(void **state)
{
	static unsigned char out[3 * MHSM_RANDOM_MAX + 5];
	static const unsigned char zero[sizeof(out)];
	int session = open_fake();

	(void)state;
	assert_int_equal(mhsm_random(session, NULL, 0), 0);
	assert_int_equal(mhsm_random(session, NULL, 1), -EINVAL);
	hsm.calls = 0;
	assert_int_equal(mhsm_random(session, out, sizeof(out)), 0);
	assert_int_equal(hsm.calls, 4);
	assert_memory_not_equal(out + sizeof(out) - 5, zero, 5);
	hsm.error = ENOBUFS;
	assert_int_equal(mhsm_random(session, out, sizeof(out)), -ENOBUFS);
	assert_memory_equal(out, zero, sizeof(out)); /* nothing that a caller could take for random */
	close(session);
}

static void test_gcm(void **state)
{
	static const unsigned char zero[12];
	unsigned char iv[12] = { 0 }, own[12] = "own iv here", tag[16], in[100], out[100], back[100], aad[7] = "header";
	int session = open_fake(), key = make_key(session, "k", MHSM_KEY_AES, 256);

	(void)state;
	memset(in, 0x5a, sizeof(in));
	assert_int_equal(mhsm_encrypt(key, iv, aad, 7, in, 100, out, tag), 0);
	assert_memory_not_equal(iv, zero, 12);
	assert_int_equal(mhsm_decrypt(key, iv, aad, 7, out, 100, back, tag), 0);
	assert_memory_equal(back, in, 100);
	tag[15] ^= 1;
	assert_int_equal(mhsm_decrypt(key, iv, aad, 7, out, 100, back, tag), -EBADMSG);
	assert_int_equal(mhsm_encrypt_iv(key, own, NULL, 0, in, 100, in, tag), 0); /* in place */
	assert_string_equal(own, "own iv here");
	assert_int_equal(mhsm_decrypt(key, own, NULL, 0, in, 100, in, tag), 0);
	assert_int_equal(in[99], 0x5a);
	assert_int_equal(mhsm_encrypt(key, iv, NULL, 0, NULL, 0, NULL, tag), 0);
	assert_int_equal(mhsm_decrypt(key, iv, NULL, 0, NULL, 0, NULL, tag), 0);

	hsm.calls = 0;
	assert_int_equal(mhsm_encrypt(key, NULL, NULL, 0, in, 1, out, tag), -EINVAL);
	assert_int_equal(mhsm_encrypt(key, iv, NULL, 1, in, 1, out, tag), -EINVAL);
	assert_int_equal(mhsm_encrypt(key, iv, NULL, 0, in, (size_t)1 << 32 | 1, out, tag), -EINVAL);
	assert_int_equal(mhsm_encrypt(key, iv, in, (size_t)1 << 32 | 1, in, 1, out, tag), -EINVAL);
	assert_int_equal(mhsm_encrypt(key, iv, NULL, 0, in, 1, out, NULL), -EINVAL);
	assert_int_equal(hsm.calls, 0);
	close(key);
	close(session);
}

static void test_wrap(void **state)
{
	unsigned char in[33], out[64], back[64];
	size_t len = sizeof(out), back_len = sizeof(back);
	int session = open_fake(), key = make_key(session, "k", MHSM_KEY_AES, 256);

	(void)state;
	memset(in, 7, sizeof(in));
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KW, in, 32, out, &len), 0);
	assert_int_equal(len, 40);
	assert_int_equal(mhsm_unwrap(key, MHSM_ALG_AES_KW, out, len, back, &back_len), 0);
	assert_int_equal(back_len, 32);
	assert_memory_equal(back, in, 32);
	len = sizeof(out);
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KWP, in, 33, out, &len), 0);
	assert_int_equal(len, 48);
	len = 8;
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KW, in, 32, out, &len), -ERANGE);
	assert_int_equal(len, 40);
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KW, in, 32, out, NULL), -EINVAL);
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KW, in, (size_t)1 << 32, out, &len), -EINVAL);
	len = sizeof(out);
	back_len = sizeof(back);
	assert_int_equal(mhsm_wrap(key, MHSM_ALG_AES_KW, in, 32, out, &len), 0);
	out[3] ^= 0x10;
	assert_int_equal(mhsm_unwrap(key, MHSM_ALG_AES_KW, out, 40, back, &back_len), -EBADMSG);
	assert_int_equal(back_len, sizeof(back));
	close(key);
	close(session);
}

static void test_sign(void **state)
{
	unsigned char sig[64], digest[32], spki[128];
	int session = open_fake(), key = make_key(session, "k", MHSM_KEY_EC, MHSM_CURVE_P256), other;
	size_t len = sizeof(sig), spki_len = 10;
	const unsigned char *p = spki;
	EVP_PKEY *public;

	(void)state;
	assert_int_equal(mhsm_sign(key, MHSM_ALG_ES256, MHSM_SIGN_MESSAGE, "abc", 3, sig, &len), 0);
	assert_int_equal(len, 64);
	EVP_Digest("abc", 3, digest, NULL, EVP_sha256(), NULL);
	assert_int_equal(mhsm_verify(key, MHSM_ALG_ES256, 0, digest, 32, sig, 64), 0);
	digest[0] ^= 1;
	assert_int_equal(mhsm_verify(key, MHSM_ALG_ES256, 0, digest, 32, sig, 64), -EBADMSG);
	len = 10;
	assert_int_equal(mhsm_sign(key, MHSM_ALG_ES256, 0, digest, 32, sig, &len), -ERANGE);
	assert_int_equal(len, 64);
	assert_int_equal(mhsm_sign(key, MHSM_ALG_ES256, 0, digest, (size_t)1 << 32 | 32, sig, &len), -EINVAL);
	assert_int_equal(mhsm_sign(key, 77, 0, digest, 32, sig, &len), -EOPNOTSUPP);
	other = mhsm_key_open(session, "k", NULL, MHSM_OP_VERIFY);
	assert_int_equal(mhsm_sign(other, MHSM_ALG_ES256, 0, digest, 32, sig, &len), -EPERM);
	close(other);

	assert_int_equal(mhsm_public_key(key, spki, &spki_len), -ERANGE);
	assert_int_equal(spki_len, 91);
	assert_int_equal(mhsm_public_key(key, spki, &spki_len), 0);
	public = d2i_PUBKEY(NULL, &p, spki_len);
	assert_non_null(public);
	assert_int_equal(EVP_PKEY_eq(public, hsm.fds[key].key->ec), 1);
	EVP_PKEY_free(public);
	close(key);
	key = make_key(session, "aes", MHSM_KEY_AES, 256);
	assert_int_equal(mhsm_public_key(key, spki, &spki_len), -EOPNOTSUPP);
	close(key);
	close(session);
}

static void test_token(void **state)
{
	int session = open_fake(), key = make_key(session, "k", MHSM_KEY_AES, 256);
	uint8_t token[MHSM_TOKEN_LEN], material[64] = { 1 };

	(void)state;
	assert_int_equal(mhsm_token_create(key, MHSM_TOKEN_XTS_AES, 64, token), 0);
	assert_memory_equal(token, "mhT1\1\1\100", 7);
	assert_int_equal(mhsm_token_create(key, MHSM_TOKEN_XTS_AES, (size_t)1 << 32 | 64, token), -EINVAL);
	assert_int_equal(mhsm_token_import(key, MHSM_TOKEN_CBC_AES, material, 32, token), 0);
	assert_int_equal(mhsm_token_import(key, MHSM_TOKEN_CBC_AES, NULL, 32, token), -EINVAL);
	close(key);
	close(session);
}

static void test_errors(void **state)
{
	static const int documented[] = { ENODATA, ENOKEY, ESHUTDOWN, ENOTRECOVERABLE, ENOBUFS, EACCES, ENOENT,
					  EKEYREVOKED, EKEYEXPIRED, EPERM, EOPNOTSUPP, ERANGE, EBADMSG, EUNATCH,
					  EEXIST, ENOSPC, EIO, ETIMEDOUT, ENODEV, EINVAL, E2BIG, ENOTTY };

	(void)state;
	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		/* in the HSM's words, not in the system's, and with either sign */
		assert_string_not_equal(mhsm_strerror(documented[i]), strerror(documented[i]));
		assert_ptr_equal(mhsm_strerror(documented[i]), mhsm_strerror(-documented[i]));
	}
	assert_non_null(strstr(mhsm_remedy(-ENOKEY), "mhsm security-domain approve"));
	assert_non_null(strstr(mhsm_remedy(ENODATA), "mhsm provision"));
	assert_null(mhsm_remedy(EBADMSG));
	assert_string_equal(mhsm_strerror(EMFILE), strerror(EMFILE));
	assert_non_null(mhsm_strerror(INT32_MIN));
	assert_non_null(mhsm_strerror(100000));
	assert_string_equal(mhsm_strerror(0), "no error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_open, reset),   cmocka_unit_test_setup(test_state_names, reset),
		cmocka_unit_test_setup(test_names, reset),  cmocka_unit_test_setup(test_versions, reset),
		cmocka_unit_test_setup(test_create_import, reset),
		cmocka_unit_test_setup(test_delete, reset), cmocka_unit_test_setup(test_list, reset),
		cmocka_unit_test_setup(test_random, reset), cmocka_unit_test_setup(test_gcm, reset),
		cmocka_unit_test_setup(test_wrap, reset),   cmocka_unit_test_setup(test_sign, reset),
		cmocka_unit_test_setup(test_token, reset),  cmocka_unit_test_setup(test_errors, reset),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	fake_reset();
	return ret;
}
