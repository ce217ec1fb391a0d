// SPDX-License-Identifier: GPL-2.0-only
/* Data keys to keyrings: see release.h */
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/ktime.h>
#include <uapi/linux/fscrypt.h>

#include "kmod/domain.h"
#include "kmod/keyring/release.h"
#include "kmod/token.h"

static int fill_logon(struct mhsm_secret *payload, const struct mhsm_secret *data_key)
{
	return mhsm_secret_set(payload, data_key->data, data_key->len);
}

static int fill_fscrypt(struct mhsm_secret *payload, const struct mhsm_secret *data_key)
{
	struct fscrypt_provisioning_key_payload *p;
	int ret = mhsm_secret_alloc(payload, sizeof(*p) + data_key->len);

	if (ret)
		return ret;
	p = (void *)payload->data;
	p->type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	memcpy(p->raw, data_key->data, data_key->len);
	return 0;
}

static int fill_fscrypt_v1(struct mhsm_secret *payload, const struct mhsm_secret *data_key)
{
	struct fscrypt_key *p;
	int ret = mhsm_secret_alloc(payload, sizeof(*p));

	if (ret)
		return ret;
	p = (void *)payload->data;
	BUILD_BUG_ON(sizeof(p->raw) < 64); /* the longest data key */
	memcpy(p->raw, data_key->data, data_key->len);
	p->size = data_key->len;
	return 0;
}

#define V1_PREFIX "fscrypt:"

static const struct form {
	const char *type; /* of the key in the keyring */
	const char *prefix; /* of its description; NULL: any */
	int (*fill)(struct mhsm_secret *payload, const struct mhsm_secret *data_key);
} forms[] = {
	[MHSM_RELEASE_LOGON] = { "logon", NULL, fill_logon },
	[MHSM_RELEASE_FSCRYPT] = { "fscrypt-provisioning", NULL, fill_fscrypt },
	[MHSM_RELEASE_FSCRYPT_V1] = { "logon", V1_PREFIX, fill_fscrypt_v1 },
};

static int check(const struct mhsm_ioc_release *r, const struct form **form)
{
	size_t len = strnlen(r->description, sizeof(r->description));

	if (r->flags || r->pad || !r->form || r->form >= ARRAY_SIZE(forms))
		return -EINVAL;
	if (!len || len == sizeof(r->description) ||
	    memchr_inv(r->description + len, 0, sizeof(r->description) - len))
		return -EINVAL;
	*form = &forms[r->form];
	if ((*form)->prefix && strncmp(r->description, (*form)->prefix, strlen((*form)->prefix)))
		return -EINVAL;
	/* What the type logon asks of a description; said before the data key has left. */
	if (!strcmp((*form)->type, "logon") && (*r->description == ':' || !strchr(r->description, ':')))
		return -EINVAL;
	return 0;
}

/* As long as the KEK may be used */
static void limit(struct key *key, u64 expires)
{
	s64 left = expires - ktime_get_real_seconds();

	if (expires)
		key_set_timeout(key, clamp_t(s64, left, 1, U32_MAX));
}

static int place(key_ref_t keyring, const struct form *form, const char *description, const struct mhsm_secret *payload,
		 u64 expires)
{
	key_ref_t ref = key_create_or_update(keyring, form->type, description, payload->data, payload->len,
					     KEY_PERM_UNDEF, KEY_ALLOC_IN_QUOTA);
	int serial;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	limit(key_ref_to_ptr(ref), expires);
	serial = key_ref_to_ptr(ref)->serial;
	key_ref_put(ref);
	return serial;
}

int mhsm_release(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_secret data_key = {}, payload = {};
	struct mhsm_ioc_release *r = arg;
	const struct form *form;
	struct mhsm_subject who;
	struct mhsm_key *kek;
	key_ref_t keyring;
	int ret;

	ret = check(r, &form);
	if (ret)
		return ret;
	keyring = lookup_user_key(r->keyring, KEY_LOOKUP_CREATE, KEY_NEED_WRITE);
	if (IS_ERR(keyring))
		return PTR_ERR(keyring);
	ret = -ENOTDIR;
	if (key_ref_to_ptr(keyring)->type != &key_type_keyring)
		goto put_keyring;
	/* Not the session's principal: the keyring is the calling process's, and so must be the right. */
	mhsm_subject_current(&who, MHSM_VIA_KEYRING);
	ret = mhsm_token_release(mhsm_domain_default(), &who, r->token, sizeof(r->token), &data_key, &kek);
	if (ret)
		goto put_keyring;
	ret = form->fill(&payload, &data_key);
	mhsm_secret_free(&data_key);
	if (!ret)
		ret = place(keyring, form, r->description, &payload, READ_ONCE(kek->expires));
	if (ret > 0) {
		r->serial = ret;
		ret = 0;
	}
	mhsm_secret_free(&payload);
	mhsm_key_put(kek);
put_keyring:
	key_ref_put(keyring);
	return ret;
}
