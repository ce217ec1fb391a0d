// SPDX-License-Identifier: GPL-2.0-only
/* The RSA public operation. See rsa.h. */
#include "rsa.h"

static int check_key(const u8 *n, size_t n_len, const u8 *e, size_t e_len)
{
	size_t i;
	u8 high = 0;

	if (n_len < MHSM_RSA_MIN_BYTES || n_len > MHSM_RSA_MAX_BYTES)
		return -EINVAL;
	if (!(n[0] & 0x80) || !(n[n_len - 1] & 1))
		return -EINVAL;
	if (e_len < 1 || e_len > MHSM_RSA_MAX_E_BYTES || !(e[e_len - 1] & 1))
		return -EINVAL;
	for (i = 0; i + 1 < e_len; i++)
		high |= e[i];
	if (!high && e[e_len - 1] < 3)
		return -EINVAL;
	return 0;
}

static int get_bit(const u8 *e, size_t e_len, size_t bit)
{
	return e[e_len - 1 - bit / 8] >> (bit % 8) & 1;
}

int mhsm_rsa_public(u8 *out, const u8 *n, size_t n_len, const u8 *e, size_t e_len,
		    const u8 *in, struct mhsm_rsa_scratch *scratch)
{
	struct mhsm_mont *m = &scratch->mont;
	u64 below, *base = scratch->in, *acc = scratch->acc;
	size_t bit;
	int ret;

	ret = check_key(n, n_len, e, e_len);
	if (ret)
		return ret;

	mhsm_mont_init(m, n, n_len);
	mhsm_mont_load(base, m->limbs, in, n_len);
	below = mhsm_mont_is_less(base, m->n, m->limbs);
	mhsm_pk_declassify(&below, sizeof(below));
	if (!below) {
		ret = -EINVAL;
		goto out_wipe;
	}

	/*
	 * From the top bit down to the last but one in Montgomery form. The last
	 * bit is a one; to multiply by 'in' as it stands leaves that form.
	 */
	mhsm_mont_mul(m, acc, base, m->rr);
	memcpy(m->rr, acc, m->limbs * sizeof(*acc));
	bit = 8 * e_len - 1;
	while (!get_bit(e, e_len, bit))
		bit--;
	while (--bit > 0) {
		mhsm_mont_sqr(m, acc, acc);
		if (get_bit(e, e_len, bit))
			mhsm_mont_mul(m, acc, acc, m->rr);
	}
	mhsm_mont_sqr(m, acc, acc);
	mhsm_mont_mul(m, acc, acc, base);
	/* base is below n, which makes this below 2n */
	mhsm_mont_canon(m, acc);
	mhsm_mont_store(out, n_len, acc, m->limbs);
out_wipe:
	memzero_explicit(scratch, sizeof(*scratch));
	return ret;
}
