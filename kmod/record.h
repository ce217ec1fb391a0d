/* SPDX-License-Identifier: GPL-2.0-only */
/* The layout of a sealed record (formats.md section 2): bytes to fields and back. Pure; also built in user space. */
#ifndef _MHSM_RECORD_H
#define _MHSM_RECORD_H

#include "kmod/env.h"
#include "uapi/mhsm.h"

#define MHSM_RECORD_FIXED 192 /* bytes of the header before the name */
#define MHSM_RECORD_SECRET_MAX 2048
#define MHSM_RECORD_PUBLIC_MAX 1024
#define MHSM_RECORD_MAX (MHSM_RECORD_FIXED + MHSM_NAME_MAX + MHSM_RECORD_PUBLIC_MAX + MHSM_RECORD_SECRET_MAX + 16)

#define MHSM_RECORD_GCM_MAX (1ULL << 32)

enum mhsm_record_kind { MHSM_RECORD_KEY = 1, MHSM_RECORD_DOMAIN = 2 };

struct mhsm_record {
	u8 kind;
	u8 state;
	u8 domain[MHSM_ID_LEN];
	u8 id[MHSM_ID_LEN];
	u8 version[MHSM_VERSION_LEN];
	u64 generation;
	u64 created;
	u64 updated;
	u64 not_before;
	u64 expires;
	u64 deleted;
	u32 type;
	u32 param;
	u32 ops;
	u32 flags;
	u32 owner_kind;
	u32 owner;
	u16 secret_len;
	u16 public_len;
	u8 name_len;
	u8 salt[16];
	u64 use_limit;
	u64 uses; /* reserved, of use_limit */
	u64 gcm_uses; /* reserved, of MHSM_RECORD_GCM_MAX */
	const char *name; /* name_len bytes; decoding: points into the record */
	const u8 *public; /* public_len bytes; the same */
	u32 header_len; /* decoding: H, the offset of the encrypted secret part */
};

/** mhsm_record_len() - bytes of the whole record */
size_t mhsm_record_len(const struct mhsm_record *r);

/** mhsm_record_encode() - writes the header (H bytes) into @out, which has room for mhsm_record_len(); returns H */
size_t mhsm_record_encode(const struct mhsm_record *r, u8 *out);

/**
 * mhsm_record_decode() - reads a header and checks every rule of the layout that does not need a key.
 * Return: 0 or -EBADMSG
 */
int mhsm_record_decode(struct mhsm_record *r, const u8 *in, size_t len);

#endif
