// SPDX-License-Identifier: GPL-2.0-only
/* Operations with a key: see keyop.h */
#include "kmod/domain.h"
#include "kmod/keyop.h"
#include "kmod/mech.h"
#include "kmod/pk/pkcs1.h"

static int may_open(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct mhsm_key *key, u32 rights)
{
	if (READ_ONCE(key->state) != MHSM_KEYSTATE_ACTIVE || !(READ_ONCE(key->flags) & MHSM_KEY_ENABLED))
		return -EKEYREVOKED;
	if (rights & ~key->ops)
		return -EPERM;
	return mhsm_op_rights(domain, who, key, rights) == rights ? 0 : -EACCES;
}

int mhsm_keyop_open(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, const char *name,
		    const u8 *version, u32 rights, struct mhsm_key **ret_key)
{
	struct mhsm_key *key;
	int ret;

	ret = mhsm_op_begin(op, domain, who, MHSM_ACT_KEY_OPEN, NULL, name, 0, 0);
	if (ret)
		return ret;
	key = mhsm_keytab_find(&domain->keys, name, version);
	if (!key)
		return mhsm_op_end(op, -ENOENT, 0);
	mhsm_op_note_key(op, key);
	if (!mhsm_op_visible(domain, who, key)) {
		/* Who may not know of the key learns nothing; the record says what happened. */
		mhsm_op_end(op, -EACCES, 0);
		ret = -ENOENT;
		goto put;
	}
	ret = may_open(domain, who, key, rights);
	if (ret) {
		mhsm_op_end(op, ret, 0);
		goto put;
	}
	*ret_key = key;
	return 0;

put:
	mhsm_key_put(key);
	return ret;
}

int mhsm_keyop_open_found(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who,
			  struct mhsm_key *key, u32 rights)
{
	int ret = mhsm_op_begin(op, domain, who, MHSM_ACT_KEY_OPEN, key, NULL, 0, 0);

	if (ret)
		return ret;
	/* Who has no right is not told the key's state either. */
	ret = mhsm_op_rights(domain, who, key, rights) == rights ? may_open(domain, who, key, rights) : -EACCES;
	return ret ? mhsm_op_end(op, ret, 0) : 0;
}

int mhsm_keyop_sigalg(const struct mhsm_key *key, u32 alg, bool message, u32 in_len, const struct mhsm_sigalg **sigalg)
{
	const struct mhsm_sigalg *a = key->mech->sign ? mhsm_sigalg_find(alg, key->type, key->param) : NULL;

	if (!a)
		return -EOPNOTSUPP;
	*sigalg = a;
	if (!message && mhsm_sigalg_of_message(a))
		return -EINVAL;
	if (a->scheme == MHSM_SCHEME_RAW)
		return message || in_len > key->public_len - MHSM_PKCS1_OVERHEAD ? -EINVAL : 0;
	if (message ? in_len > MHSM_DATA_MAX : in_len != mhsm_prim_hash_len(a->hash))
		return -EINVAL;
	return 0;
}

int mhsm_keyop_sign(struct mhsm_op *op, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig, u64 bytes)
{
	return mhsm_op_end(op, op->key->mech->sign(op->key, alg, in, in_len, sig), bytes);
}

int mhsm_keyop_verify(struct mhsm_op *op, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, const u8 *sig,
		      u64 bytes)
{
	return mhsm_op_end(op, op->key->mech->verify(op->key, alg, in, in_len, sig), bytes);
}

static bool is_forward(u32 use)
{
	return use & (MHSM_OP_ENCRYPT | MHSM_OP_WRAP);
}

int mhsm_keyop_rsa_room(const struct mhsm_key *key, const struct mhsm_rsa_cryptalg *alg, u32 use, u32 in_len)
{
	if (!is_forward(use))
		return mhsm_rsa_plain_room(alg, key->public_len, in_len);
	if (in_len > mhsm_rsa_plain_max(alg, key->public_len) || (alg->padding == MHSM_RSA_AES_KWP && !in_len))
		return -EINVAL;
	return mhsm_rsa_cipher_len(alg, key->public_len, in_len);
}

int mhsm_keyop_rsa(struct mhsm_op *op, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d, u32 use)
{
	const struct mhsm_rsa_ref ref = {
		.n = op->key->public,
		.n_len = op->key->public_len,
		.secret = op->key->secret.data,
	};
	int ret;

	if (is_forward(use))
		ret = mhsm_rsa_encrypt(&ref, alg, d, &mhsm_rsa_random);
	else
		ret = mhsm_rsa_decrypt(&ref, alg, d);
	return mhsm_op_end(op, ret, d->in_len);
}
