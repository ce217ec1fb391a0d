// SPDX-License-Identifier: GPL-2.0-only
/* DERIVE on a key fd: see keyfd_call.h */
#include <linux/mm.h>
#include <linux/string.h>

#include "kmod/alg.h"
#include "kmod/create.h"
#include "kmod/kdf.h"
#include "kmod/keyfd_call.h"
#include "kmod/mech.h"
#include "kmod/scratch.h"
#include "kmod/usercopy.h"

#define PEER_MAX 132 /* bytes of a P-521 point */
#define SHARED_MAX 66

struct derivation {
	const struct mhsm_kdfalg *kdf; /* NULL: the secret itself */
	bool agree; /* the secret is shared with a peer; else it is the key */
	u8 *peer;
	u8 *salt;
	u8 *info;
	u8 *shared;
	u8 *out;
	size_t out_len;
};

static size_t scratch_len(const struct mhsm_ioc_derive *c)
{
	BUILD_BUG_ON(PEER_MAX + 2 * MHSM_DERIVE_PART_MAX + SHARED_MAX + MHSM_DERIVE_OUT_MAX > MHSM_SCRATCH_LEN);
	return c->peer_len + c->salt_len + c->info_len + SHARED_MAX + c->out_len;
}

static int derivation_alloc(struct derivation *d, const struct mhsm_ioc_derive *c)
{
	d->peer = mhsm_scratch_get(scratch_len(c));
	if (!d->peer)
		return -ENOMEM;
	d->salt = d->peer + c->peer_len;
	d->info = d->salt + c->salt_len;
	d->shared = d->info + c->info_len;
	d->out = d->shared + SHARED_MAX;
	d->out_len = c->out_len;
	return 0;
}

static void derivation_free(struct derivation *d, const struct mhsm_ioc_derive *c)
{
	memzero_explicit(d->peer, scratch_len(c));
	mhsm_scratch_put(d->peer, scratch_len(c));
}

static int derivation_copy_in(struct derivation *d, const struct mhsm_ioc_derive *c)
{
	if (mhsm_user_read(d->peer, c->peer, c->peer_len) ||
	    mhsm_user_read(d->salt, c->salt, c->salt_len) ||
	    mhsm_user_read(d->info, c->info, c->info_len))
		return -EFAULT;
	return 0;
}

static int hkdf(const struct derivation *d, const struct mhsm_ioc_derive *c, const u8 *secret, size_t len)
{
	const struct mhsm_part ikm = { secret, len }, info = { d->info, c->info_len };
	u8 prk[MHSM_HASH_MAX];
	int ret;

	ret = mhsm_hkdf_extract(d->kdf->hash, prk, d->salt, c->salt_len, &ikm, 1);
	if (!ret)
		ret = mhsm_hkdf_expand(d->kdf->hash, d->out, d->out_len, prk, &info, 1);
	memzero_explicit(prk, sizeof(prk));
	return ret;
}

/* d->out of the key, which is in use */
static int derive(struct mhsm_key *key, const struct derivation *d, const struct mhsm_ioc_derive *c)
{
	const u8 *secret = key->secret.data;
	size_t len = key->secret.len;
	int ret;

	if (d->agree) {
		ret = key->mech->agree(key, d->peer, d->shared);
		if (ret)
			return ret;
		secret = d->shared;
	}
	if (d->kdf && d->kdf->counter)
		return mhsm_kdf_sp800108(d->kdf->hash, d->out, d->out_len, secret, len, d->salt, c->salt_len, d->info,
					 c->info_len);
	if (d->kdf)
		return hkdf(d, c, secret, len);
	memcpy(d->out, secret, d->out_len);
	return 0;
}

static int derive_run(struct mhsm_keyfd *kf, const struct derivation *d, const struct mhsm_ioc_derive *c)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_keyfd_begin(kf, &op, &who, c->key ? MHSM_ACT_DERIVE : MHSM_ACT_DERIVE_BITS,
			       c->key ? MHSM_OP_DERIVE : MHSM_OP_DERIVE_BITS, c->alg);
	if (ret)
		return ret;
	return mhsm_op_end(&op, derive(kf->key, d, c), c->peer_len + c->salt_len + c->info_len);
}

static size_t shared_len(const struct mhsm_key *key)
{
	return key->mech->secret_len(key->param);
}

/* All but what depends on where the result goes */
static int derive_check(const struct mhsm_key *key, const struct mhsm_ioc_derive *c, struct derivation *d)
{
	/* A key that is nothing but a secret, and derives at all */
	bool secret = key->mech->raw && key->mech->ops & MHSM_OP_DERIVE;

	if (c->flags || !c->out == !c->key)
		return -EINVAL;
	d->agree = c->alg == MHSM_ALG_ECDH;
	d->kdf = mhsm_kdfalg_find(d->agree ? c->kdf : c->alg);
	if (d->agree ? !key->mech->agree : !secret || !d->kdf)
		return -EOPNOTSUPP;
	if (d->agree && c->kdf && !d->kdf)
		return -EOPNOTSUPP;
	if (!d->agree && (c->kdf || c->peer))
		return -EINVAL;
	if (c->peer_len != (d->agree ? key->public_len : 0))
		return -EINVAL;
	if (!d->kdf && (c->salt || c->salt_len || c->info || c->info_len))
		return -EINVAL;
	return c->salt_len > MHSM_DERIVE_PART_MAX || c->info_len > MHSM_DERIVE_PART_MAX ? -EINVAL : 0;
}

static int derive_bits(struct mhsm_keyfd *kf, struct mhsm_ioc_derive *c, struct derivation *d)
{
	int ret;

	if (!d->kdf && c->out_len < shared_len(kf->key)) {
		c->out_len = shared_len(kf->key);
		return -ERANGE;
	}
	if (!c->out_len || c->out_len > (d->kdf ? MHSM_DERIVE_OUT_MAX : shared_len(kf->key)))
		return -EINVAL;
	ret = derivation_alloc(d, c);
	if (ret)
		return ret;
	ret = derivation_copy_in(d, c);
	if (!ret)
		ret = derive_run(kf, d, c);
	if (!ret && mhsm_user_write(c->out, d->out, d->out_len))
		ret = -EFAULT;
	derivation_free(d, c);
	return ret;
}

/* Into @material, which the caller frees */
static int derive_material(struct mhsm_keyfd *kf, const struct mhsm_ioc_derive *c, struct derivation *d,
			   struct mhsm_secret *material)
{
	int ret;

	ret = derivation_alloc(d, c);
	if (ret)
		return ret;
	d->out = material->data;
	d->out_len = material->len;
	ret = derivation_copy_in(d, c);
	if (!ret)
		ret = derive_run(kf, d, c);
	derivation_free(d, c);
	return ret;
}

static int derive_key(struct mhsm_keyfd *kf, const struct mhsm_ioc_derive *c, struct derivation *d,
		      struct mhsm_ioctl_file *made)
{
	void __user *user = u64_to_user_ptr(c->key);
	struct mhsm_ioc_key_create create;
	struct mhsm_secret material = {};
	const struct mhsm_mech *mech;
	struct mhsm_session session;
	int ret;

	if (c->out_len)
		return -EINVAL;
	ret = mhsm_ioctl_copy(&create, sizeof(create), MHSM_CREATE_FIRST, user);
	if (!ret)
		ret = mhsm_create_check(&create);
	if (ret || create.material || create.material_len)
		return ret ? ret : -EINVAL;
	mech = mhsm_mech_find(create.type, create.param);
	if (!mech || !mech->raw)
		return -EOPNOTSUPP;
	if (!d->kdf && mech->secret_len(create.param) != shared_len(kf->key))
		return -EINVAL;
	mhsm_session_caller(&session, &kf->session);
	ret = mhsm_create_may(&session, &create, MHSM_ACT_KEY_CREATE);
	if (!ret)
		ret = mhsm_ioctl_reserve(made);
	if (!ret)
		ret = mhsm_secret_alloc(&material, mech->secret_len(create.param));
	if (!ret)
		ret = derive_material(kf, c, d, &material);
	if (!ret)
		ret = mhsm_create(&session, &create, &material, MHSM_ACT_KEY_CREATE, made);
	if (!ret && mhsm_ioctl_copy_back(user, &create, sizeof(create)))
		ret = -EFAULT;
	mhsm_secret_free(&material);
	return ret;
}

int mhsm_keyfd_derive(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_keyfd *kf = filp->private_data;
	struct mhsm_ioc_derive *c = arg;
	struct derivation d;
	int ret;

	ret = derive_check(kf->key, c, &d);
	if (ret)
		return ret;
	return c->key ? derive_key(kf, c, &d, made) : derive_bits(kf, c, &d);
}
