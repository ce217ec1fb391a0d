// SPDX-License-Identifier: GPL-2.0-only
/* Custodians for tests: see hsm.h. Formats: doc/formats.md sections 3 and 4. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/rsakey.h"
#include "uapi/mhsm_genl.h"

#define CEK_LEN 64
#define SHARE_LEN 64
#define MASTER_LEN 32
#define DATUM_LEN 72
#define JWE_MAX 1024

struct custodian {
	EVP_PKEY *key;
};

struct custodian *custodian_new(unsigned int number)
{
	struct custodian *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->key = rsa_key(2048, number);
	if (!c->key) {
		free(c);
		return NULL;
	}
	return c;
}

void custodian_free(struct custodian *c)
{
	if (c)
		EVP_PKEY_free(c->key);
	free(c);
}

static int get_number(const EVP_PKEY *key, const char *name, uint8_t *out, int len)
{
	BIGNUM *bn = NULL;
	int ret = -EINVAL;

	if (EVP_PKEY_get_bn_param(key, name, &bn) && BN_bn2binpad(bn, out, len) == len)
		ret = 0;
	BN_free(bn);
	return ret;
}

int custodian_public(const struct custodian *c, uint8_t n[256], uint8_t e[3])
{
	int ret = get_number(c->key, OSSL_PKEY_PARAM_RSA_N, n, 256);

	return ret ? ret : get_number(c->key, OSSL_PKEY_PARAM_RSA_E, e, 3);
}

/* --- compact JWE (RFC 7516), A256CBC-HS512 (RFC 7518 section 5.2.5) ------------------------------------------------- */

/* base64url without padding: the number of bytes, or -1 */
static int b64url_decode(uint8_t *out, size_t room, const char *in, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *at = memchr(alphabet, in[i], 64);

		if (!at)
			return -1;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (n == room)
			return -1;
		out[n++] = (uint8_t)(bits >> have);
	}
	return (int)n;
}

struct jwe {
	const char *header; /* as it stands, which is what is authenticated */
	size_t header_len;
	uint8_t part[4][JWE_MAX]; /* encrypted key, IV, ciphertext, tag */
	int len[4];
};

static int jwe_parse(struct jwe *jwe, const char *text)
{
	const char *dot = strchr(text, '.');

	if (!dot)
		return -EBADMSG;
	jwe->header = text;
	jwe->header_len = (size_t)(dot - text);
	for (int i = 0; i < 4; i++) {
		const char *from = dot + 1;
		size_t len;

		dot = i < 3 ? strchr(from, '.') : from + strlen(from);
		if (!dot)
			return -EBADMSG;
		len = (size_t)(dot - from);
		jwe->len[i] = b64url_decode(jwe->part[i], JWE_MAX, from, len);
		if (jwe->len[i] < 0)
			return -EBADMSG;
	}
	return jwe->len[1] == 16 && jwe->len[3] == 32 ? 0 : -EBADMSG;
}

static int jwe_content(const struct jwe *jwe, const uint8_t cek[CEK_LEN], uint8_t *out, int want)
{
	uint8_t mac[64], bits[8] = {}, plain[JWE_MAX + 16], data[3 * JWE_MAX];
	uint64_t header_bits = 8 * (uint64_t)jwe->header_len;
	size_t n = 0;
	EVP_CIPHER_CTX *ctx;
	int len = 0, last = 0, ret = -EBADMSG;

	for (int i = 0; i < 8; i++)
		bits[i] = (uint8_t)(header_bits >> (56 - 8 * i));
	if (jwe->header_len > JWE_MAX)
		return -EBADMSG;
	memcpy(data, jwe->header, jwe->header_len);
	n = jwe->header_len;
	memcpy(data + n, jwe->part[1], 16);
	n += 16;
	memcpy(data + n, jwe->part[2], (size_t)jwe->len[2]);
	n += (size_t)jwe->len[2];
	memcpy(data + n, bits, 8);
	n += 8;
	if (!HMAC(EVP_sha512(), cek, 32, data, n, mac, NULL) || memcmp(mac, jwe->part[3], 32))
		return -EBADMSG;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, cek + 32, jwe->part[1]) &&
	    EVP_DecryptUpdate(ctx, plain, &len, jwe->part[2], jwe->len[2]) &&
	    EVP_DecryptFinal_ex(ctx, plain + len, &last) && len + last == want) {
		memcpy(out, plain, (size_t)want);
		ret = 0;
	}
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

static int share_open(const struct custodian *c, const char *text, uint8_t share[SHARE_LEN])
{
	struct jwe *jwe = malloc(sizeof(*jwe));
	uint8_t cek[256];
	size_t len = sizeof(cek);
	EVP_PKEY_CTX *ctx = NULL;
	int ret = -ENOMEM;

	if (!jwe)
		return ret;
	ret = jwe_parse(jwe, text);
	if (ret)
		goto out;
	ret = -EBADMSG;
	ctx = EVP_PKEY_CTX_new(c->key, NULL);
	if (ctx && EVP_PKEY_decrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_decrypt(ctx, cek, &len, jwe->part[0], (size_t)jwe->len[0]) > 0 && len == CEK_LEN)
		ret = jwe_content(jwe, cek, share, SHARE_LEN);
out:
	EVP_PKEY_CTX_free(ctx);
	free(jwe);
	return ret;
}

/* --- Shamir over GF(257) ------------------------------------------------------------------------------------------ */

#define P 257u

static unsigned int inverse(unsigned int a)
{
	unsigned int r = 1;

	for (unsigned int e = P - 2; e; e >>= 1, a = a * a % P)
		if (e & 1)
			r = r * a % P;
	return r;
}

/* Word @i of a share: its x, and through @y its value */
static unsigned int share_word(const uint8_t share[SHARE_LEN], size_t i, unsigned int *y)
{
	unsigned int word = share[2 * i] | (unsigned int)share[2 * i + 1] << 8;

	*y = word & 0x1ff;
	return word >> 9;
}

static int combine(uint8_t master[MASTER_LEN], uint8_t (*shares)[SHARE_LEN], size_t count)
{
	for (size_t i = 0; i < MASTER_LEN; i++) {
		unsigned int sum = 0;

		for (size_t j = 0; j < count; j++) {
			unsigned int yj, ym, xj = share_word(shares[j], i, &yj), num = yj, den = 1;

			for (size_t m = 0; m < count; m++) {
				unsigned int xm = share_word(shares[m], i, &ym);

				if (m == j)
					continue;
				num = num * xm % P;
				den = den * (P + xm - xj) % P;
			}
			sum = (sum + num * inverse(den)) % P;
		}
		if (sum > 255)
			return -EBADMSG;
		master[i] = (uint8_t)sum;
	}
	return 0;
}

static int datum_open(const uint8_t master[MASTER_LEN], const char *text, const char *tag, uint8_t datum[DATUM_LEN])
{
	struct jwe *jwe = malloc(sizeof(*jwe));
	uint8_t input[128] = { 0, 0, 0, 1 }, cek[CEK_LEN];
	size_t n = strlen(tag);
	int ret = -EINVAL;

	if (!jwe || n > 64)
		goto out;
	/* BE32(1) || label || 0 || BE32(512) */
	memcpy(input + 4, tag, n);
	n += 4;
	memcpy(input + n, "\0\0\0\x02\0", 5);
	if (!HMAC(EVP_sha512(), master, MASTER_LEN, input, n + 5, cek, NULL))
		goto out;
	ret = jwe_parse(jwe, text);
	if (!ret)
		ret = jwe_content(jwe, cek, datum, DATUM_LEN);
out:
	free(jwe);
	return ret;
}

/* --- HPKE (RFC 9180): base mode, P-256, HKDF-SHA256, AES-256-GCM --------------------------------------------------- */

struct suite {
	const char *id;
	size_t len;
};

static const struct suite kem = { "KEM\x00\x10", 5 };
static const struct suite hpke = { "HPKE\x00\x10\x00\x01\x00\x02", 10 };

static size_t put(uint8_t *buf, size_t at, const void *p, size_t n)
{
	if (n)
		memcpy(buf + at, p, n);
	return at + n;
}

static void labeled_extract(uint8_t prk[32], const void *salt, int salt_len, const struct suite *s, const char *label,
			    const void *ikm, size_t ikm_len)
{
	uint8_t buf[512];
	size_t n = put(buf, 0, "HPKE-v1", 7);

	n = put(buf, n, s->id, s->len);
	n = put(buf, n, label, strlen(label));
	n = put(buf, n, ikm, ikm_len);
	HMAC(EVP_sha256(), salt_len ? salt : "", salt_len, buf, n, prk, NULL);
}

/* @len: at most 32, one block */
static void labeled_expand(uint8_t *out, size_t len, const uint8_t prk[32], const struct suite *s, const char *label,
			   const void *info, size_t info_len)
{
	uint8_t buf[512] = { 0, (uint8_t)len }, block[32];
	size_t n = put(buf, 2, "HPKE-v1", 7);

	n = put(buf, n, s->id, s->len);
	n = put(buf, n, label, strlen(label));
	n = put(buf, n, info, info_len);
	n = put(buf, n, "\x01", 1);
	HMAC(EVP_sha256(), prk, 32, buf, n, block, NULL);
	memcpy(out, block, len);
}

static EVP_PKEY *p256_public(const uint8_t point[65])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, 65),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* An ephemeral key: its public point, and the shared secret with @peer */
static int encap(const uint8_t peer[65], uint8_t enc[65], uint8_t dh[32])
{
	EVP_PKEY *ours = EVP_EC_gen("P-256"), *theirs = p256_public(peer);
	EVP_PKEY_CTX *ctx = ours ? EVP_PKEY_CTX_new(ours, NULL) : NULL;
	size_t len = 32, point = 0;
	int ret = -EINVAL;

	if (ctx && theirs &&
	    EVP_PKEY_get_octet_string_param(ours, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, enc, 65, &point) && point == 65 &&
	    EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, theirs) > 0 &&
	    EVP_PKEY_derive(ctx, dh, &len) > 0 && len == 32)
		ret = 0;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	return ret;
}

static int gcm_seal(const uint8_t key[32], const uint8_t iv[12], const uint8_t *in, int len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, ret = -EINVAL;

	if (ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv) &&
	    EVP_EncryptUpdate(ctx, out, &n, in, len) && EVP_EncryptFinal_ex(ctx, out + n, &n) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, out + len))
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

static int hpke_seal(const uint8_t peer[65], const void *info, size_t info_len, const uint8_t *in, int len,
		     uint8_t enc[65], uint8_t *out)
{
	uint8_t dh[32], prk[32], shared[32], context[130], schedule[65] = {}, secret[32], key[32], iv[12];
	int ret = encap(peer, enc, dh);

	if (ret)
		return ret;
	memcpy(context, enc, 65);
	memcpy(context + 65, peer, 65);
	labeled_extract(prk, NULL, 0, &kem, "eae_prk", dh, sizeof(dh));
	labeled_expand(shared, 32, prk, &kem, "shared_secret", context, sizeof(context));
	labeled_extract(schedule + 1, NULL, 0, &hpke, "psk_id_hash", NULL, 0);
	labeled_extract(schedule + 33, NULL, 0, &hpke, "info_hash", info, info_len);
	labeled_extract(secret, shared, 32, &hpke, "secret", NULL, 0);
	labeled_expand(key, 32, secret, &hpke, "key", schedule, sizeof(schedule));
	labeled_expand(iv, 12, secret, &hpke, "base_nonce", schedule, sizeof(schedule));
	return gcm_seal(key, iv, in, len, out);
}

int ceremony_datum(const struct custodian *const *custodians, const char *const *shares, size_t count,
		   const char *datum, const char *tag, uint8_t plain[DATUM_LEN])
{
	uint8_t opened[10][SHARE_LEN], master[MASTER_LEN];
	int ret = count <= 10 ? 0 : -EINVAL;

	for (size_t i = 0; !ret && i < count; i++)
		ret = share_open(custodians[i], shares[i], opened[i]);
	if (!ret)
		ret = combine(master, opened, count);
	return ret ? ret : datum_open(master, datum, tag, plain);
}

int ceremony_unlock(const uint8_t plain[DATUM_LEN], const uint8_t domain[MHSM_ID_LEN], const uint8_t transfer[65],
		    uint8_t enc[65], uint8_t ct[88])
{
	uint8_t info[sizeof(MHSM_GENL_UNLOCK_INFO) - 1 + MHSM_ID_LEN];

	memcpy(info, MHSM_GENL_UNLOCK_INFO, sizeof(info) - MHSM_ID_LEN);
	memcpy(info + sizeof(info) - MHSM_ID_LEN, domain, MHSM_ID_LEN);
	return hpke_seal(transfer, info, sizeof(info), plain, DATUM_LEN, enc, ct);
}
