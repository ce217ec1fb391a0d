// SPDX-License-Identifier: GPL-2.0-only
/* See hpke.h. Names in capitals are those of RFC 9180. */
#include "kmod/hpke.h"
#include "kmod/pk/p256.h"

#define KEM_ID 0x0010
#define KDF_ID 0x0001
#define N_SECRET 32

static const u8 version[] = { 'H', 'P', 'K', 'E', '-', 'v', '1' };
static const u8 kem_suite[] = { 'K', 'E', 'M', KEM_ID >> 8, KEM_ID & 0xff };

/* LabeledExtract(), section 4 */
static int labeled_extract(u8 prk[MHSM_HPKE_NH], const u8 *salt, size_t salt_len,
			   struct mhsm_part suite, const char *label, const void *ikm,
			   size_t ikm_len)
{
	const struct mhsm_part parts[] = {
		{ version, sizeof(version) },
		suite,
		{ label, strlen(label) },
		{ ikm, ikm_len },
	};

	return mhsm_hkdf_extract(MHSM_SHA256, prk, salt, salt_len, parts, 4);
}

/* LabeledExpand(), section 4 */
static int labeled_expand(u8 *out, size_t len, const u8 prk[MHSM_HPKE_NH], struct mhsm_part suite,
			  const char *label, const void *info, size_t info_len)
{
	const u8 bytes[2] = { len >> 8 & 0xff, len & 0xff };
	const struct mhsm_part parts[] = {
		{ bytes, sizeof(bytes) }, { version, sizeof(version) }, suite,
		{ label, strlen(label) }, { info, info_len },
	};

	return mhsm_hkdf_expand(MHSM_SHA256, out, len, prk, parts, 5);
}

/* ExtractAndExpand(), section 4.1, of DH(@sk, @pk); kem_context = @enc || @pk_r */
static int shared_secret(u8 out[N_SECRET], const u8 sk[32], const u8 pk[MHSM_HPKE_ENC],
			 const u8 enc[MHSM_HPKE_ENC], const u8 pk_r[MHSM_HPKE_ENC])
{
	const struct mhsm_part suite = { kem_suite, sizeof(kem_suite) };
	u8 dh[32], blind[32], prk[MHSM_HPKE_NH], context[2 * MHSM_HPKE_ENC];
	int ret;

	if (pk[0] != 4 || enc[0] != 4 || pk_r[0] != 4)
		return -EINVAL;
	ret = mhsm_prim_random(blind, sizeof(blind));
	if (!ret)
		ret = mhsm_p256_ecdh(dh, sk, pk + 1, blind);
	memzero_explicit(blind, sizeof(blind));
	if (ret)
		return ret;
	memcpy(context, enc, MHSM_HPKE_ENC);
	memcpy(context + MHSM_HPKE_ENC, pk_r, MHSM_HPKE_ENC);
	ret = labeled_extract(prk, NULL, 0, suite, "eae_prk", dh, sizeof(dh));
	if (!ret)
		ret = labeled_expand(out, N_SECRET, prk, suite, "shared_secret", context,
				     sizeof(context));
	memzero_explicit(dh, sizeof(dh));
	memzero_explicit(prk, sizeof(prk));
	return ret;
}

/* KeySchedule(), section 5.1, in mode base */
static int key_schedule(struct mhsm_hpke *h, enum mhsm_hpke_aead aead, const u8 shared[N_SECRET],
			const void *info, size_t info_len)
{
	const u8 id[10] = { 'H', 'P', 'K', 'E', KEM_ID >> 8, KEM_ID & 0xff, KDF_ID >> 8,
			    KDF_ID & 0xff, 0, (u8)aead };
	const struct mhsm_part suite = { h->suite, sizeof(h->suite) };
	u8 context[1 + 2 * MHSM_HPKE_NH] = { 0 }, secret[MHSM_HPKE_NH];
	int ret;

	memcpy(h->suite, id, sizeof(id));
	h->key_len = aead == MHSM_HPKE_AES_128_GCM ? 16 : 32;
	ret = labeled_extract(context + 1, NULL, 0, suite, "psk_id_hash", NULL, 0);
	if (!ret)
		ret = labeled_extract(context + 1 + MHSM_HPKE_NH, NULL, 0, suite, "info_hash",
				      info, info_len);
	if (!ret)
		ret = labeled_extract(secret, shared, N_SECRET, suite, "secret", NULL, 0);
	if (!ret)
		ret = labeled_expand(h->key, h->key_len, secret, suite, "key", context,
				     sizeof(context));
	if (!ret)
		ret = labeled_expand(h->base_nonce, sizeof(h->base_nonce), secret, suite,
				     "base_nonce", context, sizeof(context));
	if (!ret)
		ret = labeled_expand(h->exporter, sizeof(h->exporter), secret, suite, "exp",
				     context, sizeof(context));
	memzero_explicit(secret, sizeof(secret));
	if (ret)
		mhsm_hpke_wipe(h);
	return ret;
}

static bool known(enum mhsm_hpke_aead aead)
{
	return aead == MHSM_HPKE_AES_128_GCM || aead == MHSM_HPKE_AES_256_GCM;
}

/* The sender's half, @enc being the public key of @sk_e */
static int send_to(struct mhsm_hpke *h, const u8 enc[MHSM_HPKE_ENC], enum mhsm_hpke_aead aead,
		   const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len,
		   const u8 sk_e[MHSM_HPKE_PRIVATE])
{
	u8 shared[N_SECRET];
	int ret;

	ret = shared_secret(shared, sk_e, pk_r, enc, pk_r);
	if (!ret)
		ret = key_schedule(h, aead, shared, info, info_len);
	memzero_explicit(shared, sizeof(shared));
	return ret;
}

int mhsm_hpke_sender(struct mhsm_hpke *h, u8 enc[MHSM_HPKE_ENC], enum mhsm_hpke_aead aead,
		     const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len)
{
	u8 random[MHSM_P256_RANDOM_BYTES], sk_e[MHSM_HPKE_PRIVATE];
	int ret;

	if (!known(aead))
		return -EINVAL;
	ret = mhsm_prim_random(random, sizeof(random));
	if (!ret)
		ret = mhsm_p256_keygen(sk_e, enc + 1, random);
	enc[0] = 4;
	if (!ret)
		ret = send_to(h, enc, aead, pk_r, info, info_len, sk_e);
	memzero_explicit(random, sizeof(random));
	memzero_explicit(sk_e, sizeof(sk_e));
	return ret;
}

int mhsm_hpke_sender_with(struct mhsm_hpke *h, u8 enc[MHSM_HPKE_ENC], enum mhsm_hpke_aead aead,
			  const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len,
			  const u8 sk_e[MHSM_HPKE_PRIVATE])
{
	int ret;

	if (!known(aead))
		return -EINVAL;
	enc[0] = 4;
	ret = mhsm_p256_public(enc + 1, sk_e);
	if (!ret)
		ret = send_to(h, enc, aead, pk_r, info, info_len, sk_e);
	return ret;
}

int mhsm_hpke_receiver(struct mhsm_hpke *h, enum mhsm_hpke_aead aead, const u8 enc[MHSM_HPKE_ENC],
		       const u8 sk_r[MHSM_HPKE_PRIVATE], const u8 pk_r[MHSM_HPKE_ENC],
		       const void *info, size_t info_len)
{
	u8 shared[N_SECRET];
	int ret;

	if (!known(aead))
		return -EINVAL;
	ret = shared_secret(shared, sk_r, enc, enc, pk_r);
	if (!ret)
		ret = key_schedule(h, aead, shared, info, info_len);
	memzero_explicit(shared, sizeof(shared));
	return ret;
}

/* ComputeNonce(), section 5.2 */
static void compute_nonce(const struct mhsm_hpke *h, u64 seq, u8 nonce[12])
{
	unsigned int i;

	memcpy(nonce, h->base_nonce, 12);
	for (i = 0; i < 8; i++)
		nonce[11 - i] ^= seq >> 8 * i & 0xff;
}

int mhsm_hpke_seal_at(const struct mhsm_hpke *h, u64 seq, const void *aad, size_t aad_len, u8 *buf,
		      size_t len, u8 tag[MHSM_HPKE_TAG])
{
	u8 nonce[12];

	compute_nonce(h, seq, nonce);
	return mhsm_prim_gcm_seal(h->key, h->key_len, nonce, aad, aad_len, buf, len, tag);
}

int mhsm_hpke_open_at(const struct mhsm_hpke *h, u64 seq, const void *aad, size_t aad_len, u8 *buf,
		      size_t len, const u8 tag[MHSM_HPKE_TAG])
{
	u8 nonce[12];

	compute_nonce(h, seq, nonce);
	return mhsm_prim_gcm_open(h->key, h->key_len, nonce, aad, aad_len, buf, len, tag);
}

int mhsm_hpke_export(const struct mhsm_hpke *h, u8 *out, size_t len, const void *context,
		     size_t context_len)
{
	const struct mhsm_part suite = { h->suite, sizeof(h->suite) };

	return labeled_expand(out, len, h->exporter, suite, "sec", context, context_len);
}

void mhsm_hpke_wipe(struct mhsm_hpke *h)
{
	memzero_explicit(h, sizeof(*h));
}

int mhsm_hpke_seal(u8 enc[MHSM_HPKE_ENC], u8 *ct, enum mhsm_hpke_aead aead,
		   const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len, const void *aad,
		   size_t aad_len, const u8 *pt, size_t len)
{
	struct mhsm_hpke h;
	int ret;

	ret = mhsm_hpke_sender(&h, enc, aead, pk_r, info, info_len);
	if (ret)
		return ret;
	memmove(ct, pt, len);
	ret = mhsm_hpke_seal_at(&h, 0, aad, aad_len, ct, len, ct + len);
	if (ret)
		memzero_explicit(ct, len + MHSM_HPKE_TAG);
	mhsm_hpke_wipe(&h);
	return ret;
}

int mhsm_hpke_open(u8 *pt, enum mhsm_hpke_aead aead, const u8 enc[MHSM_HPKE_ENC],
		   const u8 sk_r[MHSM_HPKE_PRIVATE], const u8 pk_r[MHSM_HPKE_ENC], const void *info,
		   size_t info_len, const void *aad, size_t aad_len, const u8 *ct, size_t ct_len)
{
	u8 tag[MHSM_HPKE_TAG];
	struct mhsm_hpke h;
	size_t len;
	int ret;

	if (ct_len < MHSM_HPKE_TAG)
		return -EINVAL;
	len = ct_len - MHSM_HPKE_TAG;
	ret = mhsm_hpke_receiver(&h, aead, enc, sk_r, pk_r, info, info_len);
	if (ret)
		return ret;
	memcpy(tag, ct + len, sizeof(tag));
	memmove(pt, ct, len);
	ret = mhsm_hpke_open_at(&h, 0, aad, aad_len, pt, len, tag);
	if (ret && len)
		memzero_explicit(pt, len);
	mhsm_hpke_wipe(&h);
	return ret;
}
