// SPDX-License-Identifier: GPL-2.0-only
/* The key type "mhsm": keys of the HSM in keyrings, for keyctl(1) and whoever takes keys from there */
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "kmod/crypto_api/inner.h"
#include "kmod/domain.h"
#include "kmod/keyring/keyring.h"
#include "kmod/keyring/pkey.h"
#include "kmod/keyring/ref.h"
#include "kmod/op.h"
#include "kmod/spki.h"

static struct mhsm_keyring_ref *ref_of(const struct key *key)
{
	return key->payload.data[0];
}

/* In the context of who adds the key, before any lock of the keyrings is taken */
static int preparse(struct key_preparsed_payload *prep)
{
	struct mhsm_subject who;
	struct mhsm_keyring_ref *ref;

	mhsm_subject_current(&who, MHSM_VIA_KEYRING);
	ref = mhsm_keyring_ref_new(prep->data, prep->datalen, &who);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	prep->payload.data[0] = ref;
	prep->quotalen = sizeof(*ref);
	return 0;
}

static void free_preparse(struct key_preparsed_payload *prep)
{
	struct mhsm_keyring_ref *ref = prep->payload.data[0];

	if (ref)
		mhsm_keyring_ref_free(ref);
}

static int instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	struct mhsm_keyring_ref *ref = prep->payload.data[0];
	int ret;

	ret = key_payload_reserve(key, prep->quotalen);
	if (!ret)
		ret = mhsm_keyring_ref_bind(ref, key);
	if (ret)
		return ret;
	key->payload.data[0] = ref;
	prep->payload.data[0] = NULL;
	return 0;
}

static void destroy(struct key *key)
{
	mhsm_keyring_ref_free(ref_of(key));
}

/* /proc/keys shows it, in atomic context: what is fixed, and known to who may view the key */
static void describe(const struct key *key, struct seq_file *m)
{
	const struct mhsm_keyring_ref *ref;
	const struct mhsm_inner *inner;

	seq_puts(m, key->description);
	if (!key_is_positive(key))
		return;
	ref = ref_of(key);
	if (ref->token_alg) {
		inner = mhsm_inner_by_token(ref->token_alg);
		seq_printf(m, ": token %s under", inner ? inner->name : "raw");
	} else {
		seq_puts(m, ": key");
	}
	seq_printf(m, " %s/%*phN", ref->key->name, MHSM_VERSION_LEN, ref->key->version);
}

/* The token; or the public half, a SubjectPublicKeyInfo in DER */
static size_t contents(const struct mhsm_keyring_ref *ref, u8 out[MHSM_SPKI_MAX])
{
	const struct mhsm_key *key = ref->key;

	BUILD_BUG_ON(MHSM_TOKEN_LEN > MHSM_SPKI_MAX);
	if (!ref->token_alg)
		return mhsm_spki_encode(out, key->type, key->param, key->public, key->public_len);
	memcpy(out, ref->token, MHSM_TOKEN_LEN);
	return MHSM_TOKEN_LEN;
}

static long read(const struct key *key, char *buffer, size_t len)
{
	struct mhsm_key *hsm_key = ref_of(key)->key;
	struct mhsm_subject who;
	u8 out[MHSM_SPKI_MAX];
	struct mhsm_op op;
	size_t need;
	int ret;

	mhsm_subject_current(&who, MHSM_VIA_KEYRING);
	ret = mhsm_op_begin(&op, hsm_key->domain, &who, MHSM_ACT_KEY_READ, hsm_key, NULL, 0, 0);
	if (ret)
		return ret;
	need = contents(ref_of(key), out);
	mhsm_op_end(&op, 0, 0);
	if (buffer && len >= need)
		memcpy(buffer, out, need);
	return need;
}

static int asym_query(const struct kernel_pkey_params *params, struct kernel_pkey_query *info)
{
	const struct mhsm_keyring_ref *ref = ref_of(params->key);

	/* It is asked before each of the other two. */
	return ref->token_alg ? -EOPNOTSUPP : mhsm_pkey_query(ref->key, params, info);
}

static int asym_eds_op(struct kernel_pkey_params *params, const void *in, void *out)
{
	return mhsm_pkey_do(ref_of(params->key)->key, params, in, out);
}

static int asym_verify_signature(struct kernel_pkey_params *params, const void *in, const void *in2)
{
	return mhsm_pkey_verify(ref_of(params->key)->key, params, in, in2);
}

/* There is no update: what a key stands for is fixed. Adding it again puts another in its place. */
static struct key_type type = {
	.name = "mhsm",
	.def_datalen = sizeof(struct mhsm_keyring_ref),
	.preparse = preparse,
	.free_preparse = free_preparse,
	.instantiate = instantiate,
	.destroy = destroy,
	.describe = describe,
	.read = read,
	.asym_query = asym_query,
	.asym_eds_op = asym_eds_op,
	.asym_verify_signature = asym_verify_signature,
};

int mhsm_keyring_init(void)
{
	return register_key_type(&type);
}

void mhsm_keyring_exit(void)
{
	unregister_key_type(&type);
}
