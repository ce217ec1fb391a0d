// SPDX-License-Identifier: GPL-2.0-only
/* kmod/prim.h over OpenSSL 3, for mhsm-quorum and the user-space tests. */
#include <stdbool.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "kmod/env.h"
#include "kmod/prim.h"

static const char *hash_name(enum mhsm_hash hash)
{
	switch (hash) {
	case MHSM_SHA1:
		return "SHA1";
	case MHSM_SHA256:
		return "SHA256";
	case MHSM_SHA384:
		return "SHA384";
	default:
		return "SHA512";
	}
}

int mhsm_prim_hash(enum mhsm_hash hash, const struct mhsm_part *parts, unsigned int count, u8 *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_MD *md = EVP_MD_fetch(NULL, hash_name(hash), NULL);
	unsigned int i;
	int ret = -ENOMEM;

	if (!ctx || !md || !EVP_DigestInit_ex(ctx, md, NULL))
		goto out_free;
	for (i = 0; i < count; i++)
		if (!EVP_DigestUpdate(ctx, parts[i].p, parts[i].n))
			goto out_free;
	if (EVP_DigestFinal_ex(ctx, out, NULL))
		ret = 0;
out_free:
	EVP_MD_free(md);
	EVP_MD_CTX_free(ctx);
	return ret;
}

int mhsm_prim_hmac(enum mhsm_hash hash, const u8 *key, size_t key_len, const struct mhsm_part *parts,
		   unsigned int count, u8 *out)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)hash_name(hash), 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	unsigned int i;
	size_t len;
	int ret = -ENOMEM;

	if (!ctx || !EVP_MAC_init(ctx, key_len ? key : (const u8 *)"", key_len, params))
		goto out_free;
	for (i = 0; i < count; i++)
		if (parts[i].n && !EVP_MAC_update(ctx, parts[i].p, parts[i].n))
			goto out_free;
	if (EVP_MAC_final(ctx, out, &len, mhsm_prim_hash_len(hash)))
		ret = 0;
out_free:
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ret;
}

/* AES with @key in @mode ("GCM", "CBC", "ECB"), ready to use, or NULL */
static EVP_CIPHER_CTX *cipher_new(const char *mode, const u8 *key, size_t key_len, const u8 *iv,
				  bool encrypt)
{
	char name[sizeof("AES-256-GCM")] = "AES-256-";
	EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *cipher;

	if (key_len == 16)
		memcpy(name + 4, "128", 3);
	else if (key_len != 32)
		return NULL;
	memcpy(name + 8, mode, 4);
	ctx = EVP_CIPHER_CTX_new();
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	if (!ctx || !cipher || !EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0)) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

/* OpenSSL counts in int */
static int cipher_update(EVP_CIPHER_CTX *ctx, u8 *out, const u8 *in, size_t len)
{
	int n;

	if (len > (1u << 30))
		return -EINVAL;
	return len == 0 || EVP_CipherUpdate(ctx, out, &n, in, (int)len) ? 0 : -ENOMEM;
}

int mhsm_prim_gcm_seal(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, u8 tag[16])
{
	EVP_CIPHER_CTX *ctx = cipher_new("GCM", key, key_len, iv, true);
	u8 last[16];
	int n, ret;

	if (!ctx)
		return -EINVAL;
	ret = cipher_update(ctx, NULL, aad, aad_len);
	if (!ret)
		ret = cipher_update(ctx, buf, buf, len);
	if (!ret && (!EVP_CipherFinal_ex(ctx, last, &n) ||
		     !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag)))
		ret = -ENOMEM;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

int mhsm_prim_gcm_open(const u8 *key, size_t key_len, const u8 iv[12], const u8 *aad, size_t aad_len, u8 *buf,
		       size_t len, const u8 tag[16])
{
	EVP_CIPHER_CTX *ctx = cipher_new("GCM", key, key_len, iv, false);
	u8 last[16];
	int n, ret;

	if (!ctx)
		return -EINVAL;
	ret = cipher_update(ctx, NULL, aad, aad_len);
	if (!ret)
		ret = cipher_update(ctx, buf, buf, len);
	if (!ret && !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, (void *)tag))
		ret = -ENOMEM;
	if (!ret && !EVP_CipherFinal_ex(ctx, last, &n))
		ret = -EBADMSG;
	if (ret && len)
		memzero_explicit(buf, len);
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

static int cbc(const u8 *key, size_t key_len, const u8 *iv, u8 *buf, size_t len, bool encrypt)
{
	EVP_CIPHER_CTX *ctx;
	int ret;

	if (len % 16)
		return -EINVAL;
	ctx = cipher_new("CBC", key, key_len, iv, encrypt);
	if (!ctx)
		return -EINVAL;
	ret = cipher_update(ctx, buf, buf, len);
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

int mhsm_prim_cbc_encrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	return cbc(key, key_len, iv, buf, len, true);
}

int mhsm_prim_cbc_decrypt(const u8 *key, size_t key_len, const u8 iv[16], u8 *buf, size_t len)
{
	return cbc(key, key_len, iv, buf, len, false);
}

struct mhsm_block {
	EVP_CIPHER_CTX *encrypt, *decrypt;
};

int mhsm_prim_block_new(struct mhsm_block **ret, const u8 *key, size_t key_len)
{
	struct mhsm_block *b;

	if (key_len != 16 && key_len != 32)
		return -EINVAL;
	b = mhsm_env_alloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->encrypt = cipher_new("ECB", key, key_len, NULL, true);
	b->decrypt = cipher_new("ECB", key, key_len, NULL, false);
	if (!b->encrypt || !b->decrypt) {
		mhsm_prim_block_free(b);
		return -ENOMEM;
	}
	*ret = b;
	return 0;
}

void mhsm_prim_block_free(struct mhsm_block *b)
{
	if (!b)
		return;
	EVP_CIPHER_CTX_free(b->encrypt);
	EVP_CIPHER_CTX_free(b->decrypt);
	mhsm_env_free(b, sizeof(*b));
}

int mhsm_prim_block_encrypt(struct mhsm_block *b, u8 block[16])
{
	return cipher_update(b->encrypt, block, block, 16);
}

int mhsm_prim_block_decrypt(struct mhsm_block *b, u8 block[16])
{
	return cipher_update(b->decrypt, block, block, 16);
}

int mhsm_prim_random(void *out, size_t len)
{
	if (len > (1u << 30))
		return -EINVAL;
	return len == 0 || RAND_priv_bytes(out, (int)len) == 1 ? 0 : -EIO;
}

bool mhsm_prim_differ(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) != 0;
}
