/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records as they lie in an audit batch (formats.md section 6): each whole, or, where it repeats all else of the one
 * before, as struct mhsm_audit_again. Used by the module, which packs, and by all that read batches. @records, like
 * every struct here, is little-endian.
 */
#ifndef _MHSM_AUDITPACK_H
#define _MHSM_AUDITPACK_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

#include "uapi/mhsm.h"

/* Whether bytes @from to before @to, whole words of 8, are equal in both */
static inline bool mhsm_audit_equal(const struct mhsm_audit_rec *a, const struct mhsm_audit_rec *b, size_t from,
				    size_t to)
{
	__u64 differ = 0, x, y;
	size_t i;

	for (i = from; i < to; i += sizeof(x)) {
		memcpy(&x, (const __u8 *)a + i, sizeof(x));
		memcpy(&y, (const __u8 *)b + i, sizeof(y));
		differ |= x ^ y;
	}
	return !differ;
}

/** mhsm_audit_pack() - writes @rec, which follows @before (NULL: none) in the batch, to @out; the bytes it takes */
static inline size_t mhsm_audit_pack(void *out, const struct mhsm_audit_rec *rec, const struct mhsm_audit_rec *before)
{
	struct mhsm_audit_again again;

	if (!before ||
	    !mhsm_audit_equal(rec, before, offsetof(struct mhsm_audit_rec, cpu), offsetof(struct mhsm_audit_rec, bytes)) ||
	    !mhsm_audit_equal(rec, before, offsetof(struct mhsm_audit_rec, key), sizeof(*rec))) {
		memcpy(out, rec, sizeof(*rec));
		return sizeof(*rec);
	}
	again.seq = rec->seq | MHSM_AUDIT_AGAIN;
	again.time = rec->time;
	again.duration = rec->duration;
	again.bytes = rec->bytes;
	memcpy(out, &again, sizeof(again));
	return sizeof(again);
}

/* Bytes that the record at @packed takes: its first 8 say it */
static inline size_t mhsm_audit_packed_len(const void *packed)
{
	return ((const __u8 *)packed)[7] & 0x80 ? sizeof(struct mhsm_audit_again) : sizeof(struct mhsm_audit_rec);
}

/**
 * mhsm_audit_unpack() - reads the record at @packed, all of which is there, into @rec, which holds the one before it;
 * the bytes it took
 */
static inline size_t mhsm_audit_unpack(const void *packed, struct mhsm_audit_rec *rec)
{
	struct mhsm_audit_again again;

	if (mhsm_audit_packed_len(packed) == sizeof(*rec)) {
		memcpy(rec, packed, sizeof(*rec));
		return sizeof(*rec);
	}
	memcpy(&again, packed, sizeof(again));
	rec->seq = again.seq & ~MHSM_AUDIT_AGAIN;
	rec->time = again.time;
	rec->duration = again.duration;
	rec->bytes = again.bytes;
	return sizeof(again);
}

/** mhsm_audit_unpack_all() - the @count records at @packed, all of them there, into @recs; the bytes */
static inline size_t mhsm_audit_unpack_all(const void *packed, __u32 count, struct mhsm_audit_rec *recs)
{
	const __u8 *p = packed;
	size_t at = 0;
	__u32 i;

	for (i = 0; i < count; i++) {
		if (i)
			recs[i] = recs[i - 1];
		at += mhsm_audit_unpack(p + at, &recs[i]);
	}
	return at;
}

/**
 * mhsm_audit_records_len() - the bytes that @count records at @packed take, of which @len are there
 *
 * Return: more than @len if they are cut off, 0 if they cannot be records (the first repeats nothing)
 */
static inline size_t mhsm_audit_records_len(const void *packed, size_t len, __u32 count)
{
	const __u8 *p = packed;
	size_t at = 0, one;
	__u32 i;

	for (i = 0; i < count; i++) {
		if (len - at < sizeof(__u64))
			return len + 1;
		one = mhsm_audit_packed_len(p + at);
		if (!i && one != sizeof(struct mhsm_audit_rec))
			return 0;
		if (len - at < one)
			return len + 1;
		at += one;
	}
	return at;
}

#endif
