// SPDX-License-Identifier: GPL-2.0-only
/* EME-OAEP. See oaep.h. */
#include "oaep.h"
#include "pk_limb.h"

/* The seed or the masked data block, and a counter: the longest has SHA-1. */
#define MGF_IN_BYTES (MHSM_OAEP_MAX_BYTES - 20 - 1 + 4)

static int check_sizes(size_t em_len, const struct mhsm_pk_hash *hash,
		       const struct mhsm_pk_hash *mgf)
{
	if (hash->len < 20 || hash->len > MHSM_PK_HASH_MAX || !mgf->len ||
	    mgf->len > MHSM_PK_HASH_MAX)
		return -EINVAL;
	if (em_len < 2 * hash->len + 2 || em_len > MHSM_OAEP_MAX_BYTES)
		return -EINVAL;
	return 0;
}

/* target ^= MGF1(seed); the seed is copied, to have room for the counter */
static int mask(u8 *target, size_t target_len, const u8 *seed, size_t seed_len,
		const struct mhsm_pk_hash *mgf)
{
	u8 mgf_in[MGF_IN_BYTES];
	int ret;

	memcpy(mgf_in, seed, seed_len);
	ret = mhsm_pk_mgf1(target, target_len, mgf_in, seed_len, mgf);
	memzero_explicit(mgf_in, sizeof(mgf_in));
	return ret;
}

/* The digest of the label, given or that of the empty one */
static int put_label(u8 *out, const u8 *label_hash, const struct mhsm_pk_hash *hash)
{
	u8 none = 0;

	if (!label_hash)
		return mhsm_pk_hash(hash, &none, 0, out);
	memcpy(out, label_hash, hash->len);
	return 0;
}

int mhsm_oaep_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
		     const u8 *seed, const u8 *label_hash,
		     const struct mhsm_pk_hash *hash, const struct mhsm_pk_hash *mgf)
{
	u8 *masked_seed, *db;
	size_t db_len;
	int ret;

	ret = check_sizes(em_len, hash, mgf);
	if (ret)
		return ret;
	if (msg_len > MHSM_OAEP_MAX_MESSAGE(em_len, hash->len))
		return -EMSGSIZE;
	masked_seed = em + 1;
	db = em + 1 + hash->len;
	db_len = em_len - 1 - hash->len;

	/* EM = 00 || seed || DB, DB = Hash(label) || 00 .. 00 01 || msg */
	memset(em, 0, em_len);
	memcpy(masked_seed, seed, hash->len);
	em[em_len - msg_len - 1] = 1;
	if (msg_len)
		memcpy(em + em_len - msg_len, msg, msg_len);

	ret = put_label(db, label_hash, hash);
	if (!ret)
		ret = mask(db, db_len, masked_seed, hash->len, mgf);
	if (!ret)
		ret = mask(masked_seed, hash->len, db, db_len, mgf);
	if (ret)
		memzero_explicit(em, em_len);
	return ret;
}

/*
 * Where the message begins in the data block; *good becomes 0 if there is none. All
 * of the block is looked at.
 */
static size_t find_message(const u8 *db, size_t db_len, const u8 *label_hash,
			   size_t hash_len, u64 *good)
{
	u64 searching = ~0ull, begin = 0, is_one, is_zero, wrong = 0;
	size_t i;

	for (i = 0; i < hash_len; i++)
		wrong |= db[i] ^ label_hash[i];
	for (i = hash_len; i < db_len; i++) {
		is_one = ct_eq(db[i], 1);
		is_zero = ct_is_zero(db[i]);
		begin |= (i + 1) & searching & is_one;
		wrong |= searching & ~is_one & ~is_zero;
		searching &= ~is_one;
	}
	*good &= ct_is_zero(wrong | searching);
	return (size_t)begin;
}

int mhsm_oaep_decode(u8 *msg, size_t *msg_len, u8 *em, size_t em_len,
		     const u8 *label_hash, const struct mhsm_pk_hash *hash,
		     const struct mhsm_pk_hash *mgf)
{
	u8 label[MHSM_PK_HASH_MAX], *seed, *db;
	size_t db_len, begin;
	u64 good;
	int ret;

	ret = check_sizes(em_len, hash, mgf);
	if (ret)
		return ret;
	seed = em + 1;
	db = em + 1 + hash->len;
	db_len = em_len - 1 - hash->len;

	ret = put_label(label, label_hash, hash);
	if (!ret)
		ret = mask(seed, hash->len, db, db_len, mgf);
	if (!ret)
		ret = mask(db, db_len, seed, hash->len, mgf);
	if (ret)
		goto out_wipe;

	good = ct_is_zero(em[0]);
	begin = find_message(db, db_len, label, hash->len, &good);
	mhsm_pk_declassify(&good, sizeof(good));
	if (!good) {
		ret = -EBADMSG;
		goto out_wipe;
	}
	mhsm_pk_declassify(&begin, sizeof(begin));
	*msg_len = db_len - begin;
	memcpy(msg, db + begin, db_len - begin);
out_wipe:
	memzero_explicit(em, em_len);
	return ret;
}
