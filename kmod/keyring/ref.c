// SPDX-License-Identifier: GPL-2.0-only
/* What keys in keyrings stand for: see ref.h */
#include <linux/err.h>
#include <linux/kernel.h> /* hex2bin() */
#include <linux/key.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/crypto_api/inner.h"
#include "kmod/domain.h"
#include "kmod/keyop.h"
#include "kmod/keyring/ref.h"
#include "kmod/random.h"
#include "kmod/token.h"

/*
 * The HSM's key ends: so does the keyring's. Under key->lock; key_revoke() takes the semaphore of @owner, under which
 * nothing of ours takes key->lock. What has begun to be destroyed waits for us in mhsm_key_detach().
 */
static void revoke(struct mhsm_consumer *consumer)
{
	struct mhsm_keyring_ref *ref = container_of(consumer, struct mhsm_keyring_ref, consumer);
	struct key *owner;

	mutex_lock(&ref->lock);
	ref->revoked = true;
	owner = ref->owner;
	mutex_unlock(&ref->lock);
	if (owner)
		key_revoke(owner);
}

static int attach(struct mhsm_keyring_ref *ref, struct mhsm_key *key)
{
	int ret = mhsm_key_attach(key, &ref->consumer);

	if (!ret)
		ref->key = mhsm_key_get(key);
	return ret;
}

/* The name and version of "NAME[/VERSION]"; @version is zero without one */
static int parse_name(const char *text, size_t len, char name[MHSM_NAME_MAX + 1], u8 version[MHSM_VERSION_LEN])
{
	const char *slash = memchr(text, '/', len);
	size_t name_len = slash ? slash - text : len;

	if (!mhsm_name_valid(text, name_len))
		return -EINVAL;
	memset(name, 0, MHSM_NAME_MAX + 1);
	memcpy(name, text, name_len);
	memset(version, 0, MHSM_VERSION_LEN);
	if (!slash)
		return 0;
	if (len - name_len - 1 != 2 * MHSM_VERSION_LEN || hex2bin(version, slash + 1, MHSM_VERSION_LEN))
		return -EINVAL;
	return memchr_inv(version, 0, MHSM_VERSION_LEN) ? 0 : -EINVAL;
}

static int take_key(struct mhsm_keyring_ref *ref, const char *text, size_t len, const struct mhsm_subject *who)
{
	char name[MHSM_NAME_MAX + 1];
	u8 version[MHSM_VERSION_LEN];
	struct mhsm_key *key;
	struct mhsm_op op;
	int ret;

	ret = parse_name(text, len, name, version);
	if (ret)
		return ret;
	ret = mhsm_keyop_open(&op, mhsm_domain_default(), who, name, version, 0, &key);
	if (ret)
		return ret;
	ret = mhsm_op_end(&op, key->public_len ? attach(ref, key) : -EOPNOTSUPP, 0);
	mhsm_key_put(key);
	return ret;
}

static int take_token(struct mhsm_keyring_ref *ref, const char *text, size_t len, const struct mhsm_subject *who)
{
	struct mhsm_key *kek;
	int ret;

	if (len != 2 * MHSM_TOKEN_LEN || hex2bin(ref->token, text, MHSM_TOKEN_LEN))
		return -EINVAL;
	ret = mhsm_token_open(mhsm_domain_default(), who, ref->token, MHSM_TOKEN_LEN, &ref->token_alg, &kek);
	if (ret)
		return ret;
	ret = attach(ref, kek);
	mhsm_key_put(kek);
	return ret;
}

/* A data key of @len bytes, which nobody has seen */
static int make_token(struct mhsm_keyring_ref *ref, struct mhsm_key *kek, size_t len, const struct mhsm_subject *who)
{
	struct mhsm_secret data_key = {};
	struct mhsm_op op;
	int ret;

	ret = mhsm_secret_alloc(&data_key, len);
	if (ret)
		return ret;
	ret = mhsm_random_bytes(data_key.data, data_key.len);
	if (!ret)
		ret = mhsm_op_begin(&op, kek->domain, who, MHSM_ACT_TOKEN_CREATE, kek, NULL, MHSM_OP_WRAP,
				    ref->token_alg);
	if (!ret)
		ret = mhsm_op_end(&op, mhsm_token_make(kek, ref->token_alg, data_key.data, data_key.len, ref->token), 0);
	mhsm_secret_free(&data_key);
	return ret;
}

#define BYTES_DIGITS 4 /* of the length of a data key, at most */
#define ALG_MAX 64 /* bytes of the name of an algorithm */

/* "BYTES[:ALG]" */
static int parse_data_key(const char *text, size_t len, size_t *bytes, u32 *alg)
{
	const struct mhsm_inner *inner;
	char name[ALG_MAX] = "xts(aes)", digits[BYTES_DIGITS + 1] = "";
	const char *colon = memchr(text, ':', len);
	size_t digits_len = colon ? colon - text : len, name_len = colon ? len - digits_len - 1 : 0;
	u16 number;

	if (digits_len > BYTES_DIGITS || name_len >= sizeof(name) || (colon && !name_len))
		return -EINVAL;
	memcpy(digits, text, digits_len);
	if (colon) {
		memcpy(name, colon + 1, name_len);
		name[name_len] = 0;
	}
	inner = mhsm_inner_find(name);
	*alg = inner ? inner->token_alg : MHSM_TOKEN_RAW;
	if (!inner && strcmp(name, "raw"))
		return -EOPNOTSUPP;
	if (kstrtou16(digits, 10, &number) || !mhsm_token_key_len_valid(*alg, number))
		return -EINVAL;
	*bytes = number;
	return 0;
}

static int take_new(struct mhsm_keyring_ref *ref, const char *text, size_t len, const struct mhsm_subject *who)
{
	const char *colon = memchr(text, ':', len);
	char name[MHSM_NAME_MAX + 1];
	u8 version[MHSM_VERSION_LEN];
	struct mhsm_key *kek;
	struct mhsm_op op;
	size_t bytes;
	int ret;

	if (!colon)
		return -EINVAL;
	ret = parse_name(text, colon - text, name, version);
	if (!ret)
		ret = parse_data_key(colon + 1, text + len - colon - 1, &bytes, &ref->token_alg);
	if (!ret)
		ret = mhsm_keyop_open(&op, mhsm_domain_default(), who, name, version, MHSM_OP_WRAP | MHSM_OP_UNWRAP, &kek);
	if (ret)
		return ret;
	ret = mhsm_op_end(&op, kek->type == MHSM_KEY_AES ? 0 : -EOPNOTSUPP, 0);
	if (!ret)
		ret = make_token(ref, kek, bytes, who);
	if (!ret)
		ret = attach(ref, kek);
	mhsm_key_put(kek);
	return ret;
}

/* Payloads, by how they begin */
static const struct {
	const char *prefix;
	int (*take)(struct mhsm_keyring_ref *ref, const char *text, size_t len, const struct mhsm_subject *who);
} forms[] = {
	{ "key:", take_key },
	{ "token:", take_token },
	{ "new:", take_new },
};

struct mhsm_keyring_ref *mhsm_keyring_ref_new(const char *payload, size_t len, const struct mhsm_subject *who)
{
	struct mhsm_keyring_ref *ref;
	size_t i, prefix = 0;
	int ret;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		prefix = strlen(forms[i].prefix);
		if (len > prefix && !memcmp(payload, forms[i].prefix, prefix))
			break;
	}
	if (i == ARRAY_SIZE(forms))
		return ERR_PTR(-EINVAL);
	if (!try_module_get(THIS_MODULE))
		return ERR_PTR(-ENOKEY);
	ret = -ENOMEM;
	ref = kzalloc(sizeof(*ref), GFP_KERNEL);
	if (!ref)
		goto put_module;
	mutex_init(&ref->lock);
	ref->consumer.revoke = revoke;
	ret = forms[i].take(ref, payload + prefix, len - prefix, who);
	if (!ret)
		return ref;
	kfree(ref);
put_module:
	module_put(THIS_MODULE);
	return ERR_PTR(ret);
}

int mhsm_keyring_ref_bind(struct mhsm_keyring_ref *ref, struct key *owner)
{
	int ret = -EKEYREVOKED;

	mutex_lock(&ref->lock);
	if (!ref->revoked) {
		ref->owner = owner;
		ret = 0;
	}
	mutex_unlock(&ref->lock);
	return ret;
}

void mhsm_keyring_ref_free(struct mhsm_keyring_ref *ref)
{
	mhsm_key_detach(ref->key, &ref->consumer);
	mhsm_key_put(ref->key);
	kfree(ref);
	module_put(THIS_MODULE);
}
