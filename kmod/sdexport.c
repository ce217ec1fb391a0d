// SPDX-License-Identifier: GPL-2.0-only
/* See sdexport.h. */
#include "kmod/sdexport.h"

static int check(const char *tag, unsigned int required, const struct mhsm_sd_custodian *custodian,
		 unsigned int count)
{
	size_t tag_len = strlen(tag);
	unsigned int i, j;

	if (count < MHSM_SD_CUSTODIANS_MIN || count > MHSM_SD_CUSTODIANS_MAX ||
	    required < MHSM_SD_REQUIRED_MIN || required > count || tag_len == 0 ||
	    tag_len > MHSM_SD_TAG_MAX)
		return -EINVAL;
	/* one key with two shares would be a quorum of fewer people than was asked for */
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			if (custodian[i].n_len == custodian[j].n_len &&
			    !memcmp(custodian[i].n, custodian[j].n, custodian[i].n_len))
				return -EINVAL;
	return 0;
}

int mhsm_sdexport_make(struct mhsm_sdexport *ret, const u8 datum[MHSM_SD_DATUM], const char *tag,
		       unsigned int required, const struct mhsm_sd_custodian *custodian,
		       unsigned int count)
{
	struct {
		u8 master[MHSM_SHAMIR_SECRET];
		u8 cek[MHSM_JWE_CEK];
		u8 share[MHSM_SD_CUSTODIANS_MAX * MHSM_SHAMIR_SHARE];
	} *tmp;
	unsigned int i;
	int err;

	err = check(tag, required, custodian, count);
	if (err)
		return err;
	tmp = mhsm_env_alloc(sizeof(*tmp));
	if (!tmp)
		return -ENOMEM;
	err = mhsm_prim_random(tmp->master, sizeof(tmp->master));
	if (!err)
		err = mhsm_kdf_sp800108(MHSM_SHA512, tmp->cek, sizeof(tmp->cek), tmp->master,
					sizeof(tmp->master), tag, strlen(tag), NULL, 0);
	if (!err)
		err = mhsm_jwe_dir(ret->datum, sizeof(ret->datum), tag, tmp->cek, datum,
				   MHSM_SD_DATUM);
	if (!err)
		err = mhsm_shamir_split(tmp->share, count, required, tmp->master);
	for (i = 0; !err && i < count; i++)
		err = mhsm_jwe_rsa_oaep(ret->share[i], sizeof(ret->share[i]), custodian[i].n,
					custodian[i].n_len, custodian[i].e, custodian[i].e_len,
					tmp->share + i * MHSM_SHAMIR_SHARE, MHSM_SHAMIR_SHARE);
	mhsm_env_free(tmp, sizeof(*tmp));
	return err;
}
