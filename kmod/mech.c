// SPDX-License-Identifier: GPL-2.0-only
/* The list of mechanisms, and what several of them do: see mech.h */
#include <linux/string.h>

#include "kmod/domain.h"
#include "kmod/mech.h"
#include "kmod/pkcs8.h"

static const struct mhsm_mech *const mechs[] = {
	&mhsm_mech_aes, &mhsm_mech_ec, &mhsm_mech_ed25519, &mhsm_mech_x25519, &mhsm_mech_rsa, &mhsm_mech_hmac,
};

const struct mhsm_mech *mhsm_mech_find(u32 type, u32 param)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mechs); i++)
		if (mechs[i]->type == type && mechs[i]->secret_len(param))
			return mechs[i];
	return NULL;
}

int mhsm_mech_pairwise_result(struct mhsm_key *key, int ret)
{
	if (!ret || ret == -ENOMEM || ret == -EINTR)
		return ret;
	mhsm_domain_fail(key->domain, "pairwise consistency of a new key");
	return -ENOTRECOVERABLE;
}

int mhsm_mech_raw_generate(struct mhsm_key *key)
{
	return mhsm_prim_random(key->secret.data, key->secret.len);
}

int mhsm_mech_raw_import(struct mhsm_key *key, const u8 *material, size_t len)
{
	if (len != key->secret.len)
		return -EINVAL;
	memcpy(key->secret.data, material, len);
	return 0;
}

int mhsm_mech_raw_check(struct mhsm_key *key)
{
	return key->public_len ? -EBADMSG : 0;
}

int mhsm_mech_mac_verify(struct mhsm_key *key, const struct mhsm_sigalg *alg, const u8 *message, size_t len,
			 const u8 *mac)
{
	u8 right[MHSM_HASH_MAX];
	int ret = key->mech->sign(key, alg, message, len, right);

	if (!ret && mhsm_prim_differ(right, mac, key->mech->sig_len(key, alg)))
		ret = -EBADMSG;
	memzero_explicit(right, sizeof(right));
	return ret;
}

int mhsm_mech_pkcs8(const struct mhsm_key *key, struct mhsm_pkcs8 *parts, const u8 *material, size_t len)
{
	int ret = mhsm_pkcs8_parse(parts, material, len);

	if (!ret && (parts->type != key->type || parts->param != key->param))
		ret = -EINVAL;
	return ret;
}

int mhsm_mech_pairwise_test(struct mhsm_key *key, u32 alg)
{
	const struct mhsm_sigalg *a = mhsm_sigalg_find(alg, key->type, key->param);
	static const u8 digest[MHSM_HASH_MAX] = { 1 };
	u8 sig[MHSM_SIG_MAX];
	int ret;

	ret = key->mech->sign(key, a, digest, mhsm_prim_hash_len(a->hash), sig);
	if (!ret)
		ret = key->mech->verify(key, a, digest, mhsm_prim_hash_len(a->hash), sig);
	return mhsm_mech_pairwise_result(key, ret);
}
