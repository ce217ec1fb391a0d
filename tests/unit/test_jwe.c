// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/jwe.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/pk_env.c daemon/quorum/jwe_open.c
 * daemon/quorum/prim.c -ljansson -lcrypto
 */
/* JWE both ways: the RFC's answer, OpenSSL as the other side, every truncation and every changed character. */
#include "tests/unit/vec.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include "daemon/quorum/jwe_open.h"

static void test_base64url(void **state)
{
	/* RFC 4648 section 10, without padding; and both characters that differ from plain base64 */
	static const char *const pairs[][2] = {
		{ "", "" },	    { "f", "Zg" },	  { "fo", "Zm8" },	 { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "-_-_" },
	};
	static const char *const bad[] = { "Z", "Zm9vY", "Zh", "Zm9", "Zg==", "Zm+v", "Zm/v", "Zm v", "Zm9v\n",
					   "Zm\x80v", "Z\xffg" };
	u8 in[3], back[6];
	char out[9];
	unsigned int i;
	size_t len;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		len = strlen(pairs[i][0]);
		mhsm_b64url_encode(out, (const u8 *)pairs[i][0], len);
		assert_string_equal(out, pairs[i][1]);
		assert_int_equal(MHSM_B64URL_LEN(len), strlen(out));
		assert_int_equal(mhsm_b64url_decode(back, len, &len, out, strlen(out)), 0);
		assert_int_equal(len, strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], len);
		if (len)
			assert_int_equal(mhsm_b64url_decode(back, len - 1, &len, out, strlen(out)), -ERANGE);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mhsm_b64url_decode(back, sizeof(back), &len, bad[i], strlen(bad[i])), -EBADMSG);
	/* every group of three bytes with one value, and every single character */
	for (i = 0; i < 256; i++) {
		memset(in, (int)i, 3);
		mhsm_b64url_encode(out, in, 3);
		assert_int_equal(mhsm_b64url_decode(back, 3, &len, out, 4), 0);
		assert_memory_equal(back, in, 3);
		memcpy(out, "AAA", 3);
		out[3] = (char)i;
		assert_int_equal(mhsm_b64url_decode(back, 3, &len, out, 4),
				 i && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", (int)i) ?
				 0 : -EBADMSG);
	}
}

/* RFC 7518 appendix B.3 */
static void test_rfc7518(void **state)
{
	static const char text[] = "A cipher system must not be required to be secret, and it must be able to "
				   "fall into the hands of the enemy without inconvenience";
	static const char aad[] = "The second principle of Auguste Kerckhoffs";
	u8 cek[64], iv[16], tag[32], want_tag[32], want[144], buf[144];
	unsigned int i;

	(void)state;
	for (i = 0; i < 64; i++)
		cek[i] = (u8)i;
	vec_hex(iv, 16, "1af38c2dc2b96ffdd86694092341bc04");
	vec_hex(want, 144,
		"4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6");
	vec_hex(want_tag, 32, "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5");
	memcpy(buf, text, sizeof(text) - 1);
	assert_int_equal(MHSM_JWE_PADDED(sizeof(text) - 1), 144);
	assert_int_equal(mhsm_jwe_seal_content(cek, iv, aad, sizeof(aad) - 1, buf, sizeof(text) - 1, tag), 0);
	assert_memory_equal(buf, want, 144);
	assert_memory_equal(tag, want_tag, 32);
}

static char *dir(const u8 *cek, const void *content, size_t len)
{
	size_t room = MHSM_JWE_DIR_SIZE(11, len);
	char *jwe = malloc(room);

	assert_int_equal(mhsm_jwe_dir(jwe, room, "mhsm_domain", cek, content, len), 0);
	assert_int_equal(strlen(jwe), room - 1);
	return jwe;
}

static int open_dir(const char *jwe, size_t len, const u8 *cek, u8 *out, size_t *out_len)
{
	static struct mhsm_jwe parsed;
	char *copy = malloc(len + 1); /* of exactly this size, so that a read beyond it is seen */
	int ret;

	memcpy(copy, jwe, len);
	copy = realloc(copy, len ? len : 1);
	ret = mhsm_jwe_parse(&parsed, copy, len);
	if (!ret)
		ret = mhsm_jwe_open_content(&parsed, cek, out, out_len);
	free(copy);
	return ret;
}

static void test_dir_lengths(void **state)
{
	u8 cek[64], content[MHSM_JWE_CONTENT_MAX + 1], out[MHSM_JWE_PADDED(MHSM_JWE_CONTENT_MAX)];
	static char small[MHSM_JWE_DIR_SIZE(64, 72)];
	size_t len, got;
	char *jwe;

	(void)state;
	vec_noise(cek, sizeof(cek));
	vec_noise(content, sizeof(content));
	for (len = 0; len <= MHSM_JWE_CONTENT_MAX; len += len < 100 ? 1 : 333) {
		jwe = dir(cek, content, len);
		assert_int_equal(open_dir(jwe, strlen(jwe), cek, out, &got), 0);
		assert_int_equal(got, len);
		assert_memory_equal(out, content, len);
		free(jwe);
	}
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "k", cek, content, sizeof(content)), -EINVAL);
	assert_int_equal(mhsm_jwe_dir(small, MHSM_JWE_DIR_SIZE(1, 72) - 1, "k", cek, content, 72), -ERANGE);
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "", cek, content, 72), -EINVAL);
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "a\"b", cek, content, 72), -EINVAL);
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "a\\b", cek, content, 72), -EINVAL);
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "a\nb", cek, content, 72), -EINVAL);
	assert_int_equal(mhsm_jwe_dir(small, sizeof(small), "\xc3\xa4", cek, content, 72), -EINVAL);
}

static void test_dir_damage(void **state)
{
	static const char alphabet[] = "ABab01-_.+ ";
	u8 cek[64], content[72], out[256];
	size_t len, i, got;
	unsigned int k;
	char *jwe, keep;

	(void)state;
	vec_noise(cek, sizeof(cek));
	vec_noise(content, sizeof(content));
	jwe = dir(cek, content, sizeof(content));
	len = strlen(jwe);
	for (i = 0; i < len; i++)
		assert_true(open_dir(jwe, i, cek, out, &got) < 0);
	for (i = 0; i < len; i++) {
		keep = jwe[i];
		for (k = 0; k < sizeof(alphabet) - 1; k++) {
			if (alphabet[k] == keep)
				continue;
			jwe[i] = alphabet[k];
			assert_true(open_dir(jwe, len, cek, out, &got) < 0);
		}
		jwe[i] = keep;
	}
	assert_int_equal(open_dir(jwe, len, cek, out, &got), 0);
	cek[0] ^= 1; /* MAC key */
	assert_int_equal(open_dir(jwe, len, cek, out, &got), -EBADMSG);
	free(jwe);
}

/* A JWE by OpenSSL alone, so that header and padding can be anything */
static char *craft(const char *header, const u8 *cek, u8 *padded, size_t len)
{
	u8 iv[16], mac[64], bits[8] = { 0 }, *input;
	char *jwe = calloc(1, 4096), *p;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t aad;
	int n;

	vec_noise(iv, 16);
	mhsm_b64url_encode(jwe, (const u8 *)header, strlen(header));
	aad = strlen(jwe);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, cek + 32, iv), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_EncryptUpdate(ctx, padded, &n, padded, (int)len), 1);
	EVP_CIPHER_CTX_free(ctx);
	bits[6] = (u8)(aad * 8 >> 8);
	bits[7] = (u8)(aad * 8);
	input = malloc(aad + 16 + len + 8);
	memcpy(input, jwe, aad);
	memcpy(input + aad, iv, 16);
	memcpy(input + aad + 16, padded, len);
	memcpy(input + aad + 16 + len, bits, 8);
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA512", NULL, cek, 32, input, aad + 16 + len + 8, mac, 64,
				  NULL));
	free(input);
	p = jwe + aad;
	*p++ = '.';
	*p++ = '.';
	mhsm_b64url_encode(p, iv, 16);
	p += strlen(p);
	*p++ = '.';
	mhsm_b64url_encode(p, padded, len);
	p += strlen(p);
	*p++ = '.';
	mhsm_b64url_encode(p, mac, 32);
	return jwe;
}

static void test_padding(void **state)
{
	u8 cek[64], buf[32], out[32];
	unsigned int last, other;
	size_t len;
	char *jwe;
	int want;

	(void)state;
	vec_noise(cek, sizeof(cek));
	for (last = 0; last < 256; last += last < 40 ? 1 : 43) {
		for (other = 0; other < 2; other++) {
			memset(buf, 0x77, sizeof(buf));
			if (last >= 1 && last <= 16)
				memset(buf + 32 - last, (int)last, last);
			buf[31] = (u8)last;
			if (other && last >= 2 && last <= 16)
				buf[32 - last] ^= 1; /* the first byte of the padding */
			want = last < 1 || last > 16 || (other && last >= 2) ? -EBADMSG : 0;
			jwe = craft(MHSM_JWE_HEADER_DIR_BEGIN "x" MHSM_JWE_HEADER_END, cek, buf, sizeof(buf));
			assert_int_equal(open_dir(jwe, strlen(jwe), cek, out, &len), want);
			if (!want)
				assert_int_equal(len, 32 - last);
			free(jwe);
		}
	}
}

static void test_headers(void **state)
{
	static const struct {
		const char *header;
		int ret;
	} cases[] = {
		{ "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\"}", 0 },
		{ "{ \"kid\" : \"x\", \"enc\":\"A256CBC-HS512\", \"alg\":\"dir\", \"typ\":\"JWE\"}", 0 },
		{ "{\"alg\":\"none\",\"enc\":\"A256CBC-HS512\"}", -EOPNOTSUPP },
		{ "{\"alg\":\"RSA1_5\",\"enc\":\"A256CBC-HS512\"}", -EOPNOTSUPP },
		{ "{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\"}", -EOPNOTSUPP },
		{ "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\",\"zip\":\"DEF\"}", -EOPNOTSUPP },
		{ "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\",\"crit\":[\"x\"]}", -EOPNOTSUPP },
		{ "{\"alg\":\"dir\",\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\"}", -EBADMSG },
		{ "{\"alg\":1,\"enc\":\"A256CBC-HS512\"}", -EBADMSG },
		{ "{\"enc\":\"A256CBC-HS512\"}", -EBADMSG },
		{ "[]", -EBADMSG },
		{ "", -EBADMSG },
		/* an encrypted key must be there for RSA */
		{ "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\"}", -EBADMSG },
	};
	u8 cek[64] = { 1 }, buf[16], out[16];
	unsigned int i;
	size_t len;
	char *jwe;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(buf, 8, 16);
		jwe = craft(cases[i].header, cek, buf, 16);
		assert_int_equal(open_dir(jwe, strlen(jwe), cek, out, &len), cases[i].ret);
		free(jwe);
	}
}

static void rsa(unsigned int bits, unsigned int exponent)
{
	u8 n[512], e[4], content[64], out[MHSM_JWE_PADDED(64)], cek[64];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL, *other = EVP_RSA_gen(bits);
	BIGNUM *bn = NULL, *be = NULL;
	static struct mhsm_jwe jwe;
	char text[2000];
	size_t len;
	int e_len, i;

	assert_int_equal(EVP_PKEY_keygen_init(gen), 1);
	assert_int_equal(EVP_PKEY_CTX_set_params(gen, params), 1);
	assert_int_equal(EVP_PKEY_generate(gen, &key), 1);
	EVP_PKEY_CTX_free(gen);
	EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &bn);
	EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &be);
	assert_int_equal(BN_bn2binpad(bn, n, (int)bits / 8), bits / 8);
	e_len = BN_bn2bin(be, e);
	for (i = 0; i < 5; i++) {
		vec_noise(content, sizeof(content));
		assert_int_equal(mhsm_jwe_rsa_oaep(text, MHSM_JWE_RSA_SIZE(bits / 8, 64), n, bits / 8, e,
						   (size_t)e_len, content, 64), 0);
		assert_int_equal(strlen(text), MHSM_JWE_RSA_SIZE(bits / 8, 64) - 1);
		assert_int_equal(mhsm_jwe_parse(&jwe, text, strlen(text)), 0);
		assert_int_equal(jwe.alg, MHSM_JWE_RSA_OAEP_256);
		assert_string_equal(jwe.kid, "not used");
		assert_int_equal(mhsm_jwe_open_key(&jwe, other, cek), -EBADMSG);
		assert_int_equal(mhsm_jwe_open_key(&jwe, key, cek), 0);
		assert_int_equal(mhsm_jwe_open_content(&jwe, cek, out, &len), 0);
		assert_int_equal(len, 64);
		assert_memory_equal(out, content, 64);
		jwe.alg = MHSM_JWE_RSA_OAEP; /* SHA-1 instead: does not open */
		assert_int_equal(mhsm_jwe_open_key(&jwe, key, cek), -EBADMSG);
	}
	assert_int_equal(mhsm_jwe_rsa_oaep(text, MHSM_JWE_RSA_SIZE(bits / 8, 64) - 1, n, bits / 8, e,
					   (size_t)e_len, content, 64), -ERANGE);
	n[bits / 8 - 1] &= 0xfe;
	assert_int_equal(mhsm_jwe_rsa_oaep(text, sizeof(text), n, bits / 8, e, (size_t)e_len, content, 64), -EINVAL);
	assert_int_equal(mhsm_jwe_rsa_oaep(text, sizeof(text), n, 255, e, (size_t)e_len, content, 64), -EINVAL);
	assert_int_equal(mhsm_jwe_rsa_oaep(text, sizeof(text), n, 513, e, (size_t)e_len, content, 64), -EINVAL);
	BN_free(bn);
	BN_free(be);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void test_rsa(void **state)
{
	(void)state;
	rsa(2048, 65537);
	rsa(2048, 3);
	rsa(3072, 65537);
}

/* What other writers of the format may have used: OAEP with SHA-1 */
static void test_rsa_sha1(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	static struct mhsm_jwe jwe;
	u8 cek[64], got[64];

	(void)state;
	vec_noise(cek, 64);
	jwe.alg = MHSM_JWE_RSA_OAEP;
	jwe.key_len = sizeof(jwe.key);
	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_encrypt(ctx, jwe.key, &jwe.key_len, cek, 64), 1);
	assert_int_equal(mhsm_jwe_open_key(&jwe, key, got), 0);
	assert_memory_equal(got, cek, 64);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64url),  cmocka_unit_test(test_rfc7518),
		cmocka_unit_test(test_dir_lengths), cmocka_unit_test(test_dir_damage),
		cmocka_unit_test(test_padding),	   cmocka_unit_test(test_headers),
		cmocka_unit_test(test_rsa),	   cmocka_unit_test(test_rsa_sha1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
