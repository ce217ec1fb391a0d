// SPDX-License-Identifier: GPL-2.0-only
/* keyctl's public-key operations: see pkey.h */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/domain.h"
#include "kmod/ecdsa_der.h"
#include "kmod/keyop.h"
#include "kmod/keyring/pkey.h"
#include "kmod/mech.h"
#include "kmod/pk/pkcs1.h"

static bool is(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

static const char *hash_name(enum mhsm_hash hash)
{
	static const char *const names[] = {
		[MHSM_SHA1] = "sha1",
		[MHSM_SHA256] = "sha256",
		[MHSM_SHA384] = "sha384",
		[MHSM_SHA512] = "sha512",
	};

	return names[hash];
}

/* A signature algorithm, as the parameters name it */
struct sig {
	const struct mhsm_sigalg *alg;
	bool der; /* r||s goes in and out in DER */
};

static bool sig_named(const struct mhsm_sigalg *a, const struct kernel_pkey_params *p)
{
	const char *enc = p->encoding, *hash = p->hash_algo;

	switch (a->scheme) {
	case MHSM_SCHEME_ECDSA: /* the curve has one hash, which need not be named */
		return (is(enc, "x962") || is(enc, "p1363") || is(enc, "raw")) && (!hash || is(hash, hash_name(a->hash)));
	case MHSM_SCHEME_EDDSA:
		return is(enc, "raw") && !hash;
	case MHSM_SCHEME_PKCS1:
		return is(enc, "pkcs1") && is(hash, hash_name(a->hash));
	case MHSM_SCHEME_PSS:
		return is(enc, "pss") && is(hash, hash_name(a->hash));
	case MHSM_SCHEME_RAW: /* what is signed is padded as it is: it names its hash itself, or has none */
		return is(enc, "pkcs1") && !hash;
	default:
		return false;
	}
}

static int sig_find(const struct mhsm_key *key, const struct kernel_pkey_params *p, struct sig *s)
{
	u32 alg;

	for (alg = 1; alg <= MHSM_ALG_MAX; alg++) {
		s->alg = mhsm_sigalg_find(alg, key->type, key->param);
		if (s->alg && sig_named(s->alg, p)) {
			s->der = is(p->encoding, "x962");
			return 0;
		}
	}
	return -EOPNOTSUPP;
}

/* Bytes of the longest signature */
static size_t sig_max(const struct mhsm_key *key, const struct sig *s)
{
	size_t len = key->mech->sig_len(key, s->alg);

	return s->der ? mhsm_ecdsa_der_max(len / 2) : len;
}

static u32 sig_data_max(const struct mhsm_key *key, const struct sig *s)
{
	if (mhsm_sigalg_of_message(s->alg))
		return U16_MAX; /* the most that the answer can say */
	return s->alg->scheme == MHSM_SCHEME_RAW ? key->public_len - MHSM_PKCS1_OVERHEAD :
						   mhsm_prim_hash_len(s->alg->hash);
}

static int crypt_find(const struct mhsm_key *key, const struct kernel_pkey_params *p,
		      const struct mhsm_rsa_cryptalg **ret)
{
	const struct mhsm_rsa_cryptalg *a;
	u32 alg;

	for (alg = 1; key->type == MHSM_KEY_RSA && alg <= MHSM_ALG_MAX; alg++) {
		a = mhsm_rsa_cryptalg_find(alg);
		if (a && ((a->padding == MHSM_RSA_PKCS1 && is(p->encoding, "pkcs1")) ||
			  (a->padding == MHSM_RSA_OAEP && is(p->encoding, "oaep") && is(p->hash_algo, hash_name(a->hash))))) {
			*ret = a;
			return 0;
		}
	}
	return -EOPNOTSUPP;
}

static u32 supported(u32 ops, const struct sig *s, const struct mhsm_rsa_cryptalg *c)
{
	u32 can = 0;

	if (s && ops & MHSM_OP_SIGN)
		can |= KEYCTL_SUPPORTS_SIGN;
	if (s && ops & MHSM_OP_VERIFY)
		can |= KEYCTL_SUPPORTS_VERIFY;
	if (c && ops & MHSM_OP_ENCRYPT)
		can |= KEYCTL_SUPPORTS_ENCRYPT;
	if (c && ops & MHSM_OP_DECRYPT)
		can |= KEYCTL_SUPPORTS_DECRYPT;
	return can;
}

static u32 key_bits(const struct mhsm_key *key)
{
	if (key->type == MHSM_KEY_RSA)
		return key->param;
	return key->param == MHSM_CURVE_P521 ? 521 : 8 * (key->type == MHSM_KEY_EC ? key->public_len / 2 : key->public_len);
}

int mhsm_pkey_query(struct mhsm_key *key, const struct kernel_pkey_params *params, struct kernel_pkey_query *info)
{
	const struct mhsm_rsa_cryptalg *c = NULL;
	struct sig s;
	bool signs = !sig_find(key, params, &s);
	bool crypts = !crypt_find(key, params, &c);

	/* Without an encoding ("raw") whoever asks may just want to know the key. */
	if (!signs && !crypts && !is(params->encoding, "raw"))
		return -EOPNOTSUPP;
	memset(info, 0, sizeof(*info));
	info->key_size = key_bits(key);
	info->supported_ops = supported(key->ops, signs ? &s : NULL, crypts ? c : NULL);
	if (signs) {
		info->max_data_size = sig_data_max(key, &s);
		info->max_sig_size = sig_max(key, &s);
	}
	if (crypts) {
		/* Both: keyctl(1) takes each for the other (keyutils 1.6.3), as all keys of the kernel's own have them alike. */
		info->max_enc_size = key->public_len;
		info->max_dec_size = key->public_len;
	}
	return 0;
}

static int begin(struct mhsm_op *op, struct mhsm_subject *who, struct mhsm_key *key, u32 use, u32 alg)
{
	mhsm_subject_current(who, MHSM_VIA_KEYRING);
	return mhsm_op_begin(op, key->domain, who, mhsm_op_action(use), key, NULL, use, alg);
}

/* The algorithm, once @p names one that takes so many bytes */
static int sig_check(const struct mhsm_key *key, const struct kernel_pkey_params *p, struct sig *s)
{
	const struct mhsm_sigalg *alg;
	int ret = sig_find(key, p, s);

	return ret ? ret : mhsm_keyop_sigalg(key, s->alg->alg, mhsm_sigalg_of_message(s->alg), p->in_len, &alg);
}

static int sign(struct mhsm_key *key, const struct kernel_pkey_params *p, const u8 *in, u8 *out)
{
	struct mhsm_subject who;
	u8 sig[MHSM_SIG_MAX];
	struct mhsm_op op;
	struct sig s;
	size_t len;
	int ret;

	ret = sig_check(key, p, &s);
	if (ret)
		return ret;
	if (p->out_len < sig_max(key, &s))
		return -ERANGE;
	ret = begin(&op, &who, key, MHSM_OP_SIGN, s.alg->alg);
	if (!ret)
		ret = mhsm_keyop_sign(&op, s.alg, in, p->in_len, sig, p->in_len);
	if (ret)
		return ret;
	len = key->mech->sig_len(key, s.alg);
	if (s.der) {
		u8 der[MHSM_ECDSA_DER_MAX];

		len = mhsm_ecdsa_der_encode(der, sig, len / 2);
		memcpy(out, der, len);
	} else {
		memcpy(out, sig, len);
	}
	return len;
}

int mhsm_pkey_verify(struct mhsm_key *key, const struct kernel_pkey_params *p, const void *in, const void *sig)
{
	u8 rs[2 * MHSM_ECDSA_HALF_MAX];
	struct mhsm_subject who;
	struct mhsm_op op;
	struct sig s;
	size_t len;
	int ret;

	ret = sig_check(key, p, &s);
	if (ret)
		return ret;
	len = key->mech->sig_len(key, s.alg);
	if (!s.der && p->in2_len != len)
		return -EINVAL;
	ret = begin(&op, &who, key, MHSM_OP_VERIFY, s.alg->alg);
	if (ret)
		return ret;
	if (s.der) {
		if (mhsm_ecdsa_der_decode(rs, len / 2, sig, p->in2_len))
			return mhsm_op_end(&op, -EBADMSG, p->in_len);
		sig = rs;
	}
	return mhsm_keyop_verify(&op, s.alg, in, p->in_len, sig, p->in_len);
}

static int crypt(struct mhsm_key *key, const struct kernel_pkey_params *p, u32 use, const u8 *in, u8 *out)
{
	struct mhsm_rsa_data d = { .in = in, .in_len = p->in_len };
	const struct mhsm_rsa_cryptalg *alg;
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret, room;
	u8 *buf;

	ret = crypt_find(key, p, &alg);
	if (ret)
		return ret;
	room = mhsm_keyop_rsa_room(key, alg, use, p->in_len);
	if (room < 0)
		return room;
	if (p->out_len < room)
		return -ERANGE;
	/* Not at once to @out, which keyctl gives back to the allocator as it is, whatever was written there on the way */
	buf = kzalloc(room, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	d.out = buf;
	ret = begin(&op, &who, key, use, alg->alg);
	if (!ret)
		ret = mhsm_keyop_rsa(&op, alg, &d, use);
	if (!ret) {
		memcpy(out, buf, d.out_len);
		ret = d.out_len;
	}
	kfree_sensitive(buf);
	return ret;
}

int mhsm_pkey_do(struct mhsm_key *key, const struct kernel_pkey_params *params, const void *in, void *out)
{
	switch (params->op) {
	case kernel_pkey_encrypt:
		return crypt(key, params, MHSM_OP_ENCRYPT, in, out);
	case kernel_pkey_decrypt:
		return crypt(key, params, MHSM_OP_DECRYPT, in, out);
	case kernel_pkey_sign:
		return sign(key, params, in, out);
	default:
		return -EOPNOTSUPP;
	}
}
