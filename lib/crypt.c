// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "lib/internal.h"

/* What a 32-bit field of the kernel's cannot say must not reach it cut down to something that it can. */
static int fits(size_t len)
{
	return len <= UINT32_MAX;
}

static int gcm(int key, unsigned long request, uint32_t flags, const void *iv, const void *aad, size_t aad_len,
	       const void *in, size_t in_len, void *out, const void *tag)
{
	struct mhsm_ioc_crypt io = {
		.size = sizeof(io),
		.alg = MHSM_ALG_AES_GCM,
		.flags = flags,
		.iv_len = MHSM_GCM_IV_LEN,
		.tag_len = MHSM_GCM_TAG_LEN,
		.aad_len = aad_len,
		.in_len = in_len,
		.out_len = in_len,
		.iv = mhsm_ptr(iv),
		.tag = mhsm_ptr(tag),
		.aad = mhsm_ptr(aad),
		.in = mhsm_ptr(in),
		.out = mhsm_ptr(out),
	};

	if (!iv || !tag || (!aad && aad_len) || (in_len && (!in || !out)) || !fits(aad_len) || !fits(in_len))
		return -EINVAL;
	return mhsm_call(key, request, &io);
}

int mhsm_encrypt(int key, void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len, void *out,
		 void *tag)
{
	return gcm(key, MHSM_IOC_ENCRYPT, MHSM_CRYPT_MAKE_IV, iv, aad, aad_len, in, in_len, out, tag);
}

int mhsm_encrypt_iv(int key, const void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len,
		    void *out, void *tag)
{
	return gcm(key, MHSM_IOC_ENCRYPT, 0, iv, aad, aad_len, in, in_len, out, tag);
}

int mhsm_decrypt(int key, const void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len, void *out,
		 const void *tag)
{
	return gcm(key, MHSM_IOC_DECRYPT, 0, iv, aad, aad_len, in, in_len, out, tag);
}

/* The call, once @io has what is particular to its algorithm */
static int run(int key, unsigned long request, struct mhsm_ioc_crypt *io, const void *in, size_t in_len, void *out,
	       size_t *out_len)
{
	int ret;

	io->in_len = in_len;
	io->in = mhsm_ptr(in);
	io->out_len = fits(*out_len) ? *out_len : UINT32_MAX;
	io->out = mhsm_ptr(out);
	ret = mhsm_call(key, request, io);
	if (!ret || ret == -ERANGE)
		*out_len = io->out_len;
	return ret;
}

static int cipher(int key, unsigned long request, uint32_t alg, uint32_t flags, const void *iv, const void *in,
		  size_t in_len, void *out, size_t *out_len)
{
	struct mhsm_ioc_crypt io = { .size = sizeof(io), .alg = alg, .flags = flags, .iv_len = MHSM_CIPHER_IV_LEN };

	if (!iv || !out_len || (in_len && !in) || (*out_len && !out) || !fits(in_len))
		return -EINVAL;
	io.iv = mhsm_ptr(iv);
	return run(key, request, &io, in, in_len, out, out_len);
}

int mhsm_cipher_encrypt(int key, uint32_t alg, void *iv, const void *in, size_t in_len, void *out, size_t *out_len)
{
	return cipher(key, MHSM_IOC_ENCRYPT, alg, MHSM_CRYPT_MAKE_IV, iv, in, in_len, out, out_len);
}

int mhsm_cipher_encrypt_iv(int key, uint32_t alg, const void *iv, const void *in, size_t in_len, void *out,
			   size_t *out_len)
{
	return cipher(key, MHSM_IOC_ENCRYPT, alg, 0, iv, in, in_len, out, out_len);
}

int mhsm_cipher_decrypt(int key, uint32_t alg, const void *iv, const void *in, size_t in_len, void *out,
			size_t *out_len)
{
	return cipher(key, MHSM_IOC_DECRYPT, alg, 0, iv, in, in_len, out, out_len);
}

static int wrap(int key, unsigned long request, uint32_t alg, const void *in, size_t in_len, void *out,
		size_t *out_len)
{
	struct mhsm_ioc_crypt io = { .size = sizeof(io), .alg = alg };

	if (!in || !out_len || (*out_len && !out) || !fits(in_len))
		return -EINVAL;
	return run(key, request, &io, in, in_len, out, out_len);
}

int mhsm_wrap(int key, uint32_t alg, const void *in, size_t in_len, void *out, size_t *out_len)
{
	return wrap(key, MHSM_IOC_WRAP, alg, in, in_len, out, out_len);
}

int mhsm_unwrap(int key, uint32_t alg, const void *in, size_t in_len, void *out, size_t *out_len)
{
	return wrap(key, MHSM_IOC_UNWRAP, alg, in, in_len, out, out_len);
}

static int rsa(int key, unsigned long request, uint32_t alg, const void *label, size_t label_len, const void *in,
	       size_t in_len, void *out, size_t *out_len)
{
	struct mhsm_ioc_crypt io = { .size = sizeof(io), .alg = alg };

	if ((!label && label_len) || (!in && in_len) || !out_len || (*out_len && !out) || !fits(label_len) ||
	    !fits(in_len))
		return -EINVAL;
	io.aad_len = label_len;
	io.aad = label_len ? mhsm_ptr(label) : 0;
	return run(key, request, &io, in, in_len, out, out_len);
}

int mhsm_rsa_encrypt(int key, uint32_t alg, const void *label, size_t label_len, const void *in, size_t in_len,
		     void *out, size_t *out_len)
{
	return rsa(key, MHSM_IOC_ENCRYPT, alg, label, label_len, in, in_len, out, out_len);
}

int mhsm_rsa_decrypt(int key, uint32_t alg, const void *label, size_t label_len, const void *in, size_t in_len,
		     void *out, size_t *out_len)
{
	return rsa(key, MHSM_IOC_DECRYPT, alg, label, label_len, in, in_len, out, out_len);
}
