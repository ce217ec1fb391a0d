// SPDX-License-Identifier: GPL-2.0-only
/* Octet key pairs (RFC 8037): Ed25519, X25519 */
#include <linux/string.h>

#include "kmod/mech.h"
#include "kmod/pk/ed25519.h"
#include "kmod/pk/x25519.h"
#include "kmod/pkcs8.h"
#include "kmod/prim.h"

static int sha512(void *ctx, const struct mhsm_part *parts, unsigned int count, u8 out[64])
{
	return mhsm_prim_hash(MHSM_SHA512, parts, count, out);
}

/* For the self-test too */
const struct mhsm_ed25519_hash mhsm_okp_hash = { .sha512 = sha512 };

static size_t ed25519_secret_len(u32 param)
{
	return param == MHSM_CURVE_ED25519 ? MHSM_ED25519_PRIVATE_BYTES : 0;
}

static size_t ed25519_sig_len(const struct mhsm_key *key, const struct mhsm_sigalg *alg)
{
	return MHSM_ED25519_SIG_BYTES;
}

static int ed25519_sign(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len, u8 *sig)
{
	u8 blind[MHSM_ED25519_BLIND_BYTES];
	int ret;

	ret = mhsm_prim_random(blind, sizeof(blind));
	if (!ret)
		ret = mhsm_ed25519_sign(sig, key->secret.data, key->public, message, len, blind, &mhsm_okp_hash);
	memzero_explicit(blind, sizeof(blind));
	if (ret)
		return ret;
	/* Deterministic: a second signature of the message that went wrong would give the key away. */
	ret = mhsm_ed25519_verify(key->public, message, len, sig, &mhsm_okp_hash);
	if (ret)
		memzero_explicit(sig, MHSM_ED25519_SIG_BYTES);
	return ret ? -EIO : 0;
}

static int ed25519_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len, const u8 *sig)
{
	return mhsm_ed25519_verify(key->public, message, len, sig, &mhsm_okp_hash);
}

static int ed25519_generate(struct mhsm_key *key)
{
	u8 rnd[MHSM_ED25519_RANDOM_BYTES], public[MHSM_ED25519_PUBLIC_BYTES];
	int ret;

	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_ed25519_keygen(key->secret.data, public, rnd, &mhsm_okp_hash);
	memzero_explicit(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_key_set_public(key, public, sizeof(public));
	return ret ? ret : mhsm_mech_pairwise_test(key, MHSM_ALG_EDDSA);
}

static int ed25519_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	u8 public[MHSM_ED25519_PUBLIC_BYTES];
	struct mhsm_pkcs8 k;
	int ret;

	ret = mhsm_mech_pkcs8(key, &k, material, len);
	if (ret)
		return ret;
	memcpy(key->secret.data, k.private.p, k.private.len);
	ret = mhsm_ed25519_public(public, key->secret.data, &mhsm_okp_hash);
	if (!ret && k.public.len && memcmp(public, k.public.p, sizeof(public)))
		ret = -EKEYREJECTED;
	if (!ret)
		ret = mhsm_key_set_public(key, public, sizeof(public));
	return ret ? ret : mhsm_mech_pairwise_test(key, MHSM_ALG_EDDSA);
}

static int ed25519_check(struct mhsm_key *key)
{
	u8 public[MHSM_ED25519_PUBLIC_BYTES];

	if (key->public_len != sizeof(public) || mhsm_ed25519_public(public, key->secret.data, &mhsm_okp_hash) ||
	    memcmp(public, key->public, sizeof(public)))
		return -EBADMSG;
	return 0;
}

const struct mhsm_mech mhsm_mech_ed25519 = {
	.type = MHSM_KEY_OKP,
	.ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.default_ops = MHSM_OP_SIGN | MHSM_OP_VERIFY,
	.secret_len = ed25519_secret_len,
	.generate = ed25519_generate,
	.import = ed25519_import,
	.check = ed25519_check,
	.sig_len = ed25519_sig_len,
	.sign = ed25519_sign,
	.verify = ed25519_verify,
};

static size_t x25519_secret_len(u32 param)
{
	return param == MHSM_CURVE_X25519 ? MHSM_X25519_PRIVATE_BYTES : 0;
}

static int x25519_agree(struct mhsm_key *key, const u8 *peer, u8 *shared)
{
	return mhsm_x25519_shared(shared, key->secret.data, peer) ? -EBADMSG : 0;
}

/* A second pair, and both secrets: ours with its public key, its own with ours (FIPS 140-3 IG 10.3.A) */
static int x25519_pairwise_test(struct mhsm_key *key)
{
	u8 rnd[MHSM_X25519_RANDOM_BYTES], private[MHSM_X25519_PRIVATE_BYTES], public[MHSM_X25519_PUBLIC_BYTES];
	u8 ours[MHSM_X25519_SHARED_BYTES], theirs[MHSM_X25519_SHARED_BYTES];
	int ret;

	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_x25519_keygen(private, public, rnd);
	if (!ret)
		ret = mhsm_x25519_shared(ours, key->secret.data, public);
	if (!ret)
		ret = mhsm_x25519_shared(theirs, private, key->public);
	if (!ret && mhsm_prim_differ(ours, theirs, sizeof(ours)))
		ret = -EIO;
	memzero_explicit(rnd, sizeof(rnd));
	memzero_explicit(private, sizeof(private));
	memzero_explicit(ours, sizeof(ours));
	memzero_explicit(theirs, sizeof(theirs));
	return mhsm_mech_pairwise_result(key, ret);
}

static int x25519_generate(struct mhsm_key *key)
{
	u8 rnd[MHSM_X25519_RANDOM_BYTES], public[MHSM_X25519_PUBLIC_BYTES];
	int ret;

	ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_x25519_keygen(key->secret.data, public, rnd);
	memzero_explicit(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_key_set_public(key, public, sizeof(public));
	return ret ? ret : x25519_pairwise_test(key);
}

static int x25519_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	u8 public[MHSM_X25519_PUBLIC_BYTES];
	struct mhsm_pkcs8 k;
	int ret;

	ret = mhsm_mech_pkcs8(key, &k, material, len);
	if (ret)
		return ret;
	memcpy(key->secret.data, k.private.p, k.private.len);
	if (mhsm_x25519_public(public, key->secret.data) ||
	    (k.public.len && memcmp(public, k.public.p, sizeof(public))))
		return -EKEYREJECTED;
	ret = mhsm_key_set_public(key, public, sizeof(public));
	return ret ? ret : x25519_pairwise_test(key);
}

static int x25519_check(struct mhsm_key *key)
{
	u8 public[MHSM_X25519_PUBLIC_BYTES];

	if (key->public_len != sizeof(public) || mhsm_x25519_public(public, key->secret.data) ||
	    memcmp(public, key->public, sizeof(public)))
		return -EBADMSG;
	return 0;
}

const struct mhsm_mech mhsm_mech_x25519 = {
	.type = MHSM_KEY_OKP,
	.ops = MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS,
	.default_ops = MHSM_OP_DERIVE,
	.secret_len = x25519_secret_len,
	.generate = x25519_generate,
	.import = x25519_import,
	.check = x25519_check,
	.agree = x25519_agree,
};
