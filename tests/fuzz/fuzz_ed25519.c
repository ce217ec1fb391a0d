// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/ed25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/pk_env.c kmod/pk/x25519.c -lcrypto
 * runs: 3000
 */
/*
 * Ed25519 verification against OpenSSL, validation of public keys against the model, and
 * X25519 with whatever public key against OpenSSL.
 *
 * The input is a mode byte, a public key, a signature, a private key, and the message. By
 * the mode, the key is taken as it is or is that of the private key, the signature is
 * taken as it is or made with that, and either is then exclusive-ored with what the input
 * had in its place, so that both what is random and what is almost right get compared.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/unit/ed25519_model.h"
#include "tests/unit/ed25519_ossl.h"
#include "kmod/pk/x25519.h"

#define VALID_KEY	1
#define VALID_SIG	2
#define BEND_KEY	4
#define BEND_R		8
#define BEND_S		16
#define ADD_ORDER	32	/* to S */

#define FIXED (1 + 32 + 64 + 32)

static const struct mhsm_ed25519_hash hash = { ossl_sha512, NULL };

static void must(int ok)
{
	if (!ok)
		__builtin_trap();
}

static void xor(u8 *to, const u8 *from, size_t len)
{
	while (len--)
		*to++ ^= *from++;
}

/* S + L, if that fits. */
static void add_order(u8 s[32])
{
	BIGNUM *x = BN_lebin2bn(s, 32, NULL);

	must(x && BN_add(x, x, model_l));
	if (BN_num_bits(x) <= 256)
		must(BN_bn2lebinpad(x, s, 32) == 32);
	BN_free(x);
}

static void check_x25519(const u8 priv[32], const u8 peer[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, priv, 32);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	u8 want[32], out[32];
	size_t len = 32;
	int ret;

	must(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, other) == 1);
	ret = EVP_PKEY_derive(ctx, want, &len) == 1 ? 0 : -EINVAL;
	must(mhsm_x25519_shared(out, priv, peer) == ret);
	must(ret || !memcmp(out, want, 32));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void check_verify(u8 mode, const u8 pub[32], const u8 sig[64], const u8 *msg, size_t len)
{
	int ret = mhsm_ed25519_verify(pub, msg, len, sig, &hash);
	int want = model_is_public(pub) ? 0 : -EINVAL;

	must(mhsm_ed25519_check_public(pub) == want);
	if (!want && !ossl_verify(pub, msg, len, sig))
		want = -EBADMSG;
	must(ret == want);
	/* made with this key and not bent: valid; with another S for the same: not */
	if ((mode & (VALID_KEY | VALID_SIG)) == (VALID_KEY | VALID_SIG) &&
	    !(mode & (BEND_KEY | BEND_R | BEND_S)))
		must(ret == (mode & ADD_ORDER ? -EBADMSG : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	u8 mode, pub[32], right[32], sig[64], data[FIXED] = { 0 };
	const u8 *priv = data + 97;
	const u8 *msg = bytes + FIXED;
	size_t len = size > FIXED ? size - FIXED : 0;

	if (!model_p)
		model_start();
	if (size)
		memcpy(data, bytes, size < FIXED ? size : FIXED);
	if (!len)
		msg = NULL;
	mode = data[0];
	memcpy(pub, data + 1, 32);
	memcpy(sig, data + 33, 64);

	if (mode & (VALID_KEY | VALID_SIG))
		must(mhsm_ed25519_public(right, priv, &hash) == 0);
	if (mode & VALID_KEY) {
		memcpy(pub, right, 32);
		if (mode & BEND_KEY)
			xor(pub, data + 1, 32);
	}
	if (mode & VALID_SIG) {
		must(mhsm_ed25519_sign(sig, priv, right, msg, len, data + 33, &hash) == 0);
		if (mode & BEND_R)
			xor(sig, data + 33, 32);
		if (mode & BEND_S)
			xor(sig + 32, data + 65, 32);
		if (mode & ADD_ORDER)
			add_order(sig + 32);
	}
	check_verify(mode, pub, sig, msg, len);
	check_x25519(priv, pub);
	return 0;
}
