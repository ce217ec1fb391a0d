// SPDX-License-Identifier: GPL-2.0-only
/* EMSA-PSS. See pss.h. */
#include "pss.h"

static int check_sizes(size_t em_len, size_t salt_len, const struct mhsm_pk_hash *hash,
		       const struct mhsm_pk_hash *mgf)
{
	if (!hash->len || hash->len > MHSM_PK_HASH_MAX || !mgf->len ||
	    mgf->len > MHSM_PK_HASH_MAX)
		return -EINVAL;
	if (em_len > MHSM_PSS_MAX_BYTES || salt_len > MHSM_PSS_MAX_BYTES ||
	    em_len < hash->len + salt_len + 2)
		return -EINVAL;
	return 0;
}

/* H = Hash(eight zeros || digest || salt) */
static int hash_salted(u8 *h, const u8 *digest, const u8 *salt, size_t salt_len,
		       const struct mhsm_pk_hash *hash)
{
	/* hash and salt have at most MHSM_PSS_MAX_BYTES - 2 together */
	u8 in[8 + MHSM_PSS_MAX_BYTES - 2] = { 0 };
	int ret;

	memcpy(in + 8, digest, hash->len);
	if (salt_len)
		memcpy(in + 8 + hash->len, salt, salt_len);
	ret = mhsm_pk_hash(hash, in, 8 + hash->len + salt_len, h);
	memzero_explicit(in, sizeof(in));
	return ret;
}

/* db ^= MGF1(h), with the bit above emBits cleared */
static int mask(u8 *db, size_t db_len, const u8 *h, size_t h_len,
		const struct mhsm_pk_hash *mgf)
{
	u8 mgf_in[MHSM_PK_HASH_MAX + 4];
	int ret;

	memcpy(mgf_in, h, h_len);
	ret = mhsm_pk_mgf1(db, db_len, mgf_in, h_len, mgf);
	db[0] &= 0x7f;
	memzero_explicit(mgf_in, sizeof(mgf_in));
	return ret;
}

int mhsm_pss_encode(u8 *em, size_t em_len, const u8 *digest, const u8 *salt,
		    size_t salt_len, const struct mhsm_pk_hash *hash,
		    const struct mhsm_pk_hash *mgf)
{
	size_t db_len;
	u8 *h;
	int ret;

	ret = check_sizes(em_len, salt_len, hash, mgf);
	if (ret)
		return ret;
	db_len = em_len - hash->len - 1;
	h = em + db_len;

	/* EM = DB || H || bc, DB = 00 .. 00 01 || salt, masked */
	memset(em, 0, em_len);
	em[db_len - salt_len - 1] = 1;
	if (salt_len)
		memcpy(em + db_len - salt_len, salt, salt_len);
	em[em_len - 1] = 0xbc;
	ret = hash_salted(h, digest, salt, salt_len, hash);
	if (!ret)
		ret = mask(em, db_len, h, hash->len, mgf);
	if (ret)
		memzero_explicit(em, em_len);
	return ret;
}

int mhsm_pss_verify(u8 *em, size_t em_len, const u8 *digest, size_t salt_len,
		    const struct mhsm_pk_hash *hash, const struct mhsm_pk_hash *mgf)
{
	u8 want[MHSM_PK_HASH_MAX];
	size_t db_len, i;
	u8 *h;
	int ret;

	ret = check_sizes(em_len, salt_len, hash, mgf);
	if (ret)
		return ret;
	db_len = em_len - hash->len - 1;
	h = em + db_len;
	if (em[em_len - 1] != 0xbc || em[0] & 0x80)
		return -EBADMSG;
	ret = mask(em, db_len, h, hash->len, mgf);
	if (ret)
		return ret;
	for (i = 0; i < db_len - salt_len - 1; i++)
		if (em[i])
			return -EBADMSG;
	if (em[i] != 1)
		return -EBADMSG;
	ret = hash_salted(want, digest, em + i + 1, salt_len, hash);
	if (ret)
		return ret;
	return memcmp(want, h, hash->len) ? -EBADMSG : 0;
}
