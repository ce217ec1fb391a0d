// SPDX-License-Identifier: GPL-2.0-only
/* Volume tokens: see token.h */
#include <crypto/algapi.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/domain.h"
#include "kmod/keyop.h"
#include "kmod/kw.h"
#include "kmod/op.h"
#include "kmod/token.h"

/* formats.md section 5 */
#define VERSION 1
#define AT_VERSION 4
#define AT_ALG 5
#define AT_LEN 6
#define AT_DOMAIN 8
#define AT_KEK 24
#define AT_WRAPPED 40
#define AT_MAC 112
#define MAC_LEN (MHSM_TOKEN_LEN - AT_MAC)

static const u8 magic[4] = { 'm', 'h', 'T', '1' };
static const char mac_label[] = "mhsm volume token";

#define KEK_LEN 32

static bool key_is_kek(const struct mhsm_key *key)
{
	return key->type == MHSM_KEY_AES && key->param == 256 && key->secret.len == KEK_LEN;
}

/* Bytes of a data key: one of two lengths, or any from the first to the second */
static const struct {
	u8 small, large;
	bool between;
} key_lens[MHSM_TOKEN_ALG_MAX + 1] = {
	[MHSM_TOKEN_XTS_AES] = { 32, 64 },
	[MHSM_TOKEN_CBC_AES] = { 16, 32 },
	[MHSM_TOKEN_CTR_AES] = { 16, 32 },
	[MHSM_TOKEN_GCM_AES] = { 16, 32 },
	[MHSM_TOKEN_CCM_AES] = { 16, 32 },
	[MHSM_TOKEN_RFC4106_GCM_AES] = { 20, 36 },
	[MHSM_TOKEN_HMAC_SHA256] = { 16, 64, true },
	[MHSM_TOKEN_HMAC_SHA384] = { 16, 64, true },
	[MHSM_TOKEN_HMAC_SHA512] = { 16, 64, true },
	[MHSM_TOKEN_CMAC_AES] = { 16, 32 },
	[MHSM_TOKEN_ADIANTUM_XCHACHA12] = { 32, 32 },
	[MHSM_TOKEN_ADIANTUM_XCHACHA20] = { 32, 32 },
	[MHSM_TOKEN_RAW] = { 16, 64, true },
};

bool mhsm_token_alg_valid(u32 alg)
{
	return alg < ARRAY_SIZE(key_lens) && key_lens[alg].large;
}

bool mhsm_token_key_len_valid(u32 alg, size_t len)
{
	if (!mhsm_token_alg_valid(alg))
		return false;
	if (key_lens[alg].between)
		return len >= key_lens[alg].small && len <= key_lens[alg].large;
	return len == key_lens[alg].small || len == key_lens[alg].large;
}

/* KW is for multiples of 8 bytes, and KWP for all else. The lengths are the same, as if KW rounded up. */
static size_t wrapped_len(size_t len)
{
	return mhsm_kwp_wrapped_len(len);
}

static int wrap(struct mhsm_block *block, u8 *out, const u8 *in, size_t len)
{
	return len % 8 ? mhsm_kwp_wrap(block, out, in, len) : mhsm_kw_wrap(block, out, in, len);
}

/* @out is a secret's: it has room for @len rounded up to 8. */
static int unwrap(struct mhsm_block *block, u8 *out, size_t len, const u8 *in)
{
	size_t found = len;
	int ret;

	if (len % 8 == 0)
		return mhsm_kw_unwrap(block, out, in, wrapped_len(len));
	ret = mhsm_kwp_unwrap(block, out, &found, in, wrapped_len(len));
	return ret ? ret : found == len ? 0 : -EBADMSG;
}

/*
 * The MAC key of the tokens of one KEK, and the domain's id. -EKEYREJECTED when there is no domain to ask: a reason why
 * a token is refused like any other.
 */
static int token_key(struct mhsm_domain *domain, const u8 kek[MHSM_ID_LEN], u8 k[MHSM_HASH_MAX], u8 id[MHSM_ID_LEN])
{
	const struct mhsm_part parts[] = { { mac_label, sizeof(mac_label) - 1 }, { kek, MHSM_ID_LEN } };
	int ret = -EKEYREJECTED;

	/* Whoever holds this lock waits for no process, and not for the users of a key: the caller may be one. */
	mhsm_mutex_lock(&domain->lock);
	if (domain->token.data) {
		memcpy(id, domain->id, MHSM_ID_LEN);
		ret = mhsm_prim_hmac(MHSM_SHA256, domain->token.data, domain->token.len, parts, ARRAY_SIZE(parts), k);
	}
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

static int token_mac(const u8 k[MHSM_HASH_MAX], const u8 *token, u8 mac[MHSM_HASH_MAX])
{
	const struct mhsm_part body = { token, AT_MAC };

	return mhsm_prim_hmac(MHSM_SHA256, k, mhsm_prim_hash_len(MHSM_SHA256), &body, 1, mac);
}

static bool token_well_formed(const u8 *token, size_t len, u32 alg)
{
	size_t end;

	if (len != MHSM_TOKEN_LEN || memcmp(token, magic, sizeof(magic)) || token[AT_VERSION] != VERSION ||
	    token[AT_ALG] != alg || token[AT_LEN + 1] || !mhsm_token_key_len_valid(alg, token[AT_LEN]))
		return false;
	end = AT_WRAPPED + wrapped_len(token[AT_LEN]);
	return !memchr_inv(token + end, 0, AT_MAC - end);
}

/*
 * 0 if a token, which is well formed, was made by this domain, else -EKEYREJECTED; or an error that says nothing about it.
 * Takes the same time for the one and the other.
 */
static int token_check(struct mhsm_domain *domain, const u8 *token)
{
	u8 k[MHSM_HASH_MAX], mac[MHSM_HASH_MAX], id[MHSM_ID_LEN];
	unsigned long differs;
	int ret;

	ret = token_key(domain, token + AT_KEK, k, id);
	if (!ret)
		ret = token_mac(k, token, mac);
	if (!ret) {
		differs = crypto_memneq(mac, token + AT_MAC, MAC_LEN) | crypto_memneq(id, token + AT_DOMAIN, MHSM_ID_LEN);
		ret = -(int)(differs != 0) & -EKEYREJECTED; /* no branch */
	}
	memzero_explicit(k, sizeof(k));
	memzero_explicit(mac, sizeof(mac)); /* it would make a wrong token right */
	return ret;
}

static int token_unwrap(struct mhsm_key *kek, const u8 *token, struct mhsm_secret *data_key)
{
	struct mhsm_block *block;
	int ret;

	if (!key_is_kek(kek))
		return -EKEYREJECTED;
	ret = mhsm_secret_alloc(data_key, token[AT_LEN]);
	if (ret)
		return ret;
	ret = mhsm_prim_block_new(&block, kek->secret.data, kek->secret.len);
	if (ret)
		goto free_data_key;
	ret = unwrap(block, data_key->data, data_key->len, token + AT_WRAPPED);
	mhsm_prim_block_free(block);
	if (!ret)
		return 0;
	if (ret == -EBADMSG)
		ret = -EKEYREJECTED;
free_data_key:
	mhsm_secret_free(data_key);
	return ret;
}

/* What a KEK must allow. Tokens of the one kind never become those of the other: see mhsm_token_make(). */
static bool kek_allows(const struct mhsm_key *kek, u32 alg)
{
	return READ_ONCE(kek->flags) & (alg == MHSM_TOKEN_RAW ? MHSM_KEY_RELEASE : MHSM_KEY_CONSUMERS);
}

/* Records that what is no token was refused. There is nothing to ask the monitor about. */
static int token_refuse(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action, u32 alg, size_t len,
			int why)
{
	struct mhsm_op op;
	int ret;

	ret = mhsm_op_begin_granted(&op, domain, who, action, NULL, 0, true, alg);
	if (ret)
		return ret;
	return mhsm_op_end(&op, why, len);
}

/*
 * In the place of a KEK that is not here. Everything that is asked about a KEK is asked about this one, too: how long a
 * refusal takes must not tell a genuine token from another. Nobody has a right to it.
 */
static struct mhsm_key nobodys_key = {
	.ref = KREF_INIT(1),
	.ops = MHSM_OP_UNWRAP,
	.owner_kind = MHSM_PRINCIPAL_UID,
	.owner = U32_MAX, /* no uid */
	.flags = MHSM_KEY_ENABLED,
	.state = MHSM_KEYSTATE_ACTIVE,
};

/* What is found of a token before anybody is asked: is it genuine, and its KEK */
struct found {
	int verdict; /* 0, -EKEYREJECTED, or an error that says nothing about it */
	bool missing; /* the KEK is not here */
	struct mhsm_key *kek; /* with a reference: the KEK, or what is in its place */
};

static struct mhsm_key *find_kek(struct mhsm_domain *domain, const u8 *token, bool *missing)
{
	struct mhsm_key *kek = mhsm_keytab_find_id(&domain->keys, token + AT_KEK);

	*missing = !kek;
	if (!kek) {
		kek = &nobodys_key;
		kref_get(&kek->ref);
	}
	return kek;
}

/* Will this fail, and has @who failed so often that it should leave no record of its own? */
static bool too_often(struct mhsm_domain *domain, const struct mhsm_subject *who, const struct found *f)
{
	if (f->kek) {
		u32 unfit = mhsm_key_check(f->kek, MHSM_OP_UNWRAP);
		u32 denied = !mhsm_op_rights(domain, who, f->kek, MHSM_OP_UNWRAP);

		if (!((u32)f->verdict | unfit | denied))
			return false;
	}
	if (mhsm_domain_state_errno(domain) || mhsm_limit_fail(&domain->token_failures, who->uid, ktime_get_ns()))
		return false;
	mhsm_audit_lose(domain->audit);
	return true;
}

/* The key that decides about @who: of a KEK that is not here, none for him who may be told that, which is decided, too. */
static struct mhsm_key *decider(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action,
				const struct found *f)
{
	bool told = !mhsm_access_check(domain, who, action, NULL);

	return told & f->missing ? NULL : f->kek;
}

/*
 * Looks at a token. 0: it has the form of one, and @f says more, which is not to be told before the right was decided.
 * Otherwise it is refused, and @f->kek is NULL.
 */
static int token_look(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action, u32 alg, const u8 *token,
		      size_t len, struct found *f)
{
	bool formed = token_well_formed(token, len, alg);

	/* Anyone can tell what has the form of a token. */
	f->verdict = formed ? token_check(domain, token) : -EKEYREJECTED;
	f->missing = true;
	f->kek = formed ? find_kek(domain, token, &f->missing) : NULL;
	if (too_often(domain, who, f)) {
		mhsm_key_put(f->kek);
		f->kek = NULL;
		return -EAGAIN;
	}
	if (formed)
		return 0;
	/* Records of other actions name another kind of algorithm. */
	return token_refuse(domain, who, action, action == MHSM_ACT_KEY_OPEN ? 0 : alg, len, f->verdict);
}

static int redeem(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 action, u32 alg, const u8 *token,
		  size_t len, struct mhsm_secret *data_key, struct mhsm_key **ret_kek)
{
	struct mhsm_key *key;
	struct mhsm_op op;
	struct found f;
	int ret;

	ret = token_look(domain, who, action, alg, token, len, &f);
	if (ret)
		return ret;
	/* First the right: who has none is not told whether the token is genuine, or whether its KEK exists. */
	key = decider(domain, who, action, &f);
	ret = mhsm_op_begin(&op, domain, who, action, key, NULL, key ? MHSM_OP_UNWRAP : 0, alg);
	if (ret)
		goto put_kek;
	ret = f.verdict;
	if (!ret && f.missing)
		ret = -EKEYREJECTED;
	if (!ret && !kek_allows(f.kek, alg))
		ret = -EACCES;
	if (!ret)
		ret = mhsm_key_live(f.kek);
	if (!ret)
		ret = token_unwrap(f.kek, token, data_key);
	ret = mhsm_op_end(&op, ret, len);
	if (ret)
		goto put_kek;
	*ret_kek = f.kek;
	return 0;

put_kek:
	mhsm_key_put(f.kek);
	return ret;
}

int mhsm_token_redeem(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 alg, const u8 *token, size_t len,
		      struct mhsm_secret *data_key, struct mhsm_key **kek)
{
	return redeem(domain, who, MHSM_ACT_TOKEN_REDEEM, alg, token, len, data_key, kek);
}

int mhsm_token_release(struct mhsm_domain *domain, const struct mhsm_subject *who, const u8 *token, size_t len,
		       struct mhsm_secret *data_key, struct mhsm_key **kek)
{
	return redeem(domain, who, MHSM_ACT_KEY_RELEASE, MHSM_TOKEN_RAW, token, len, data_key, kek);
}

int mhsm_token_open(struct mhsm_domain *domain, const struct mhsm_subject *who, const u8 *token, size_t len, u32 *alg,
		    struct mhsm_key **ret_kek)
{
	struct mhsm_key *key;
	struct mhsm_op op;
	struct found f;
	int ret;

	*alg = len == MHSM_TOKEN_LEN ? token[AT_ALG] : 0;
	ret = token_look(domain, who, MHSM_ACT_KEY_OPEN, *alg, token, len, &f);
	if (ret)
		return ret;
	/* As in redeem() */
	key = decider(domain, who, MHSM_ACT_TOKEN_REDEEM, &f);
	ret = key ? mhsm_keyop_open_found(&op, domain, who, key, MHSM_OP_UNWRAP) :
		    mhsm_op_begin(&op, domain, who, MHSM_ACT_TOKEN_REDEEM, NULL, NULL, 0, *alg);
	if (!ret)
		ret = mhsm_op_end(&op, f.verdict ? f.verdict : f.missing ? -EKEYREJECTED : 0, len);
	if (ret)
		mhsm_key_put(f.kek);
	else
		*ret_kek = f.kek;
	return ret;
}

int mhsm_token_make(struct mhsm_key *kek, u32 alg, const u8 *data_key, size_t len, u8 token[MHSM_TOKEN_LEN])
{
	u8 k[MHSM_HASH_MAX], mac[MHSM_HASH_MAX];
	struct mhsm_block *block;
	int ret;

	if (!mhsm_token_key_len_valid(alg, len))
		return -EINVAL;
	if (!key_is_kek(kek))
		return -EOPNOTSUPP;
	/* Or the data key of a KEK that lets none out could go over to one that does. */
	if (alg == MHSM_TOKEN_RAW && !kek_allows(kek, alg))
		return -EACCES;
	memset(token, 0, MHSM_TOKEN_LEN);
	memcpy(token, magic, sizeof(magic));
	token[AT_VERSION] = VERSION;
	token[AT_ALG] = alg;
	token[AT_LEN] = len;
	memcpy(token + AT_KEK, kek->id, MHSM_ID_LEN);
	ret = token_key(kek->domain, kek->id, k, token + AT_DOMAIN);
	if (ret == -EKEYREJECTED) /* the HSM has just been locked or zeroized */
		ret = mhsm_domain_state_errno(kek->domain) ?: -EKEYREVOKED;
	if (ret)
		goto wipe;
	ret = mhsm_prim_block_new(&block, kek->secret.data, kek->secret.len);
	if (ret)
		goto wipe;
	ret = wrap(block, token + AT_WRAPPED, data_key, len);
	mhsm_prim_block_free(block);
	if (!ret)
		ret = token_mac(k, token, mac);
	if (!ret)
		memcpy(token + AT_MAC, mac, MAC_LEN);
wipe:
	memzero_explicit(k, sizeof(k));
	memzero_explicit(mac, sizeof(mac));
	if (ret)
		memzero_explicit(token, MHSM_TOKEN_LEN);
	return ret;
}
