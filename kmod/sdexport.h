/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes what a security domain consists of (doc/formats.md, section 3): the domain datum, encrypted under a key of a
 * fresh wrapping master, and a share of that master for each custodian, encrypted to his RSA key.
 */
#ifndef _MHSM_SDEXPORT_H
#define _MHSM_SDEXPORT_H

#include "kmod/env.h"
#include "kmod/jwe.h"
#include "kmod/kdf.h"
#include "kmod/shamir.h"

#define MHSM_SD_DATUM 72 /* bytes of the domain datum */
#define MHSM_SD_CUSTODIANS_MIN 3
#define MHSM_SD_CUSTODIANS_MAX 10
#define MHSM_SD_REQUIRED_MIN 2
#define MHSM_SD_TAG_MAX 32
#define MHSM_SD_RSA_MIN 256 /* bytes of a custodian's modulus */
#define MHSM_SD_RSA_MAX 512

/* A custodian's RSA public key, as mhsm_jwe_rsa_oaep() takes it */
struct mhsm_sd_custodian {
	const u8 *n;
	size_t n_len;
	const u8 *e;
	size_t e_len;
};

/* The result, about 10 KiB of strings; nothing in it is secret */
struct mhsm_sdexport {
	char datum[MHSM_JWE_DIR_SIZE(MHSM_SD_TAG_MAX, MHSM_SD_DATUM)];
	char share[MHSM_SD_CUSTODIANS_MAX][MHSM_JWE_RSA_SIZE(MHSM_SD_RSA_MAX, MHSM_SHAMIR_SHARE)];
};

/**
 * mhsm_sdexport_make() - draws a wrapping master, splits it, encrypts the datum and the shares
 * @ret: share[i] is that of custodian[i] and of x = i + 1; content undefined on error
 * @tag: of the datum, 1 to MHSM_SD_TAG_MAX characters: label of the key derivation and kid
 * @required: quorum, MHSM_SD_REQUIRED_MIN to @count
 * @count: MHSM_SD_CUSTODIANS_MIN to MHSM_SD_CUSTODIANS_MAX; no two with the same modulus
 *
 * Return: 0, -EINVAL for something out of these ranges, -ENOMEM, or an error of the primitives. May sleep.
 */
int mhsm_sdexport_make(struct mhsm_sdexport *ret, const u8 datum[MHSM_SD_DATUM], const char *tag,
		       unsigned int required, const struct mhsm_sd_custodian *custodian,
		       unsigned int count);

#endif
