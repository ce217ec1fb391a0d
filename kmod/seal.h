/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealing: encrypts a record's secret part and binds its header, under a key derived from the domain's seal root. */
#ifndef _MHSM_SEAL_H
#define _MHSM_SEAL_H

#include "kmod/record.h"

#define MHSM_SEAL_ROOT_LEN 32

/**
 * mhsm_seal_make() - seals @r (its salt is drawn here) with @secret (r->secret_len bytes)
 * @out: mhsm_record_len(r) bytes
 *
 * Return: 0, or an error of the primitives; @out is then unusable.
 */
int mhsm_seal_make(const u8 root[MHSM_SEAL_ROOT_LEN], struct mhsm_record *r, const u8 *secret, u8 *out);

/**
 * mhsm_seal_open() - opens a record
 * @r: out, the header; its name and public point into @in
 * @secret: room for MHSM_RECORD_SECRET_MAX bytes, or NULL to check only
 *
 * Return: 0; -EBADMSG if the layout or the tag is wrong; or an error of the primitives.
 */
int mhsm_seal_open(const u8 root[MHSM_SEAL_ROOT_LEN], const u8 *in, size_t len, struct mhsm_record *r, u8 *secret);

#endif
