/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records as they lie in an audit batch: whole, or as what differs from the one before (struct mhsm_audit_batch,
 * formats.md section 6). Used by the module, which packs, and by all that read batches. A struct mhsm_audit_rec here is
 * little-endian, as in the module, which is for such machines only.
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

#define MHSM_AUDIT_MAGIC "MHSMAUD3" /* of what is made now */

/* What a batch is, by its magic: as versions 1 to 3 make them, or 0, none */
static inline unsigned int mhsm_audit_version(const char magic[8])
{
	return !memcmp(magic, "MHSMAUD", 7) && magic[7] >= '1' && magic[7] <= '3' ? magic[7] - '0' : 0;
}

/* The least significant bytes of @value that are needed, one at least, to @out; how many they are */
static inline size_t mhsm_audit_put(__u8 *out, __u64 value)
{
	size_t n = 0;

	do {
		out[n++] = value;
		value >>= 8;
	} while (value);
	return n;
}

static inline __u64 mhsm_audit_get(const __u8 *in, size_t n)
{
	__u64 value = 0;

	while (n)
		value = value << 8 | in[--n];
	return value;
}

/** mhsm_audit_pack() - writes @rec, which follows @before (NULL: none) in the batch, to @out; the bytes it takes */
static inline size_t mhsm_audit_pack(__u8 *out, const struct mhsm_audit_rec *rec, const struct mhsm_audit_rec *before)
{
	size_t time, duration, at;

	if (!before || rec->seq != before->seq + 1 ||
	    !mhsm_audit_equal(rec, before, offsetof(struct mhsm_audit_rec, cpu), offsetof(struct mhsm_audit_rec, bytes)) ||
	    !mhsm_audit_equal(rec, before, offsetof(struct mhsm_audit_rec, key), sizeof(*rec))) {
		*out = 0;
		memcpy(out + 1, rec, sizeof(*rec));
		return 1 + sizeof(*rec);
	}
	time = mhsm_audit_put(out + 1, rec->time - before->time);
	duration = mhsm_audit_put(out + 1 + time, rec->duration);
	at = 1 + time + duration;
	*out = MHSM_AUDIT_AGAIN | (time - 1) << 3 | (duration - 1);
	if (rec->bytes != before->bytes) {
		*out |= MHSM_AUDIT_AGAIN_BYTES;
		memcpy(out + at, &rec->bytes, sizeof(rec->bytes));
		at += sizeof(rec->bytes);
	}
	return at;
}

/* Bytes at the beginning of a record, of a batch as @version makes them, that say how long it is, and what kind */
static inline size_t mhsm_audit_tag_len(unsigned int version)
{
	return version < 3 ? sizeof(__u64) : 1;
}

/* Whether the record at @packed is as the one before it */
static inline bool mhsm_audit_repeats(unsigned int version, const __u8 *packed)
{
	return version < 3 ? packed[7] & 0x80 : *packed & MHSM_AUDIT_AGAIN;
}

/* Bytes that the record at @packed takes, as the first of them say; 0: that is no record */
static inline size_t mhsm_audit_packed_len(unsigned int version, const __u8 *packed)
{
	bool repeats = mhsm_audit_repeats(version, packed);

	if (version == 1)
		return repeats ? 0 : sizeof(struct mhsm_audit_rec);
	if (version == 2)
		return repeats ? sizeof(struct mhsm_audit_again) : sizeof(struct mhsm_audit_rec);
	if (!repeats)
		return *packed ? 0 : 1 + sizeof(struct mhsm_audit_rec);
	return 1 + MHSM_AUDIT_AGAIN_TIME(*packed) + MHSM_AUDIT_AGAIN_DURATION(*packed) +
	       (*packed & MHSM_AUDIT_AGAIN_BYTES ? sizeof(__u64) : 0);
}

/* What mhsm_audit_unpack() does for a record that repeats, as versions from 3 make them */
static inline void mhsm_audit_unpack_again(const __u8 *packed, struct mhsm_audit_rec *rec)
{
	size_t time = MHSM_AUDIT_AGAIN_TIME(*packed), duration = MHSM_AUDIT_AGAIN_DURATION(*packed);

	rec->seq++;
	rec->time += mhsm_audit_get(packed + 1, time);
	rec->duration = mhsm_audit_get(packed + 1 + time, duration);
	if (*packed & MHSM_AUDIT_AGAIN_BYTES)
		memcpy(&rec->bytes, packed + 1 + time + duration, sizeof(rec->bytes));
}

/**
 * mhsm_audit_unpack() - reads the record at @packed, all of which is there (mhsm_audit_records_len() says it), into
 * @rec, which holds the one before it; the bytes it took
 */
static inline size_t mhsm_audit_unpack(unsigned int version, const __u8 *packed, struct mhsm_audit_rec *rec)
{
	size_t len = mhsm_audit_packed_len(version, packed);
	struct mhsm_audit_again again;

	if (!mhsm_audit_repeats(version, packed)) {
		memcpy(rec, packed + len - sizeof(*rec), sizeof(*rec));
	} else if (version < 3) {
		memcpy(&again, packed, sizeof(again));
		rec->seq = again.seq & ~(1ULL << 63);
		rec->time = again.time;
		rec->duration = again.duration;
		rec->bytes = again.bytes;
	} else {
		mhsm_audit_unpack_again(packed, rec);
	}
	return len;
}

/** mhsm_audit_unpack_all() - the records of a whole batch into @recs, which has room for its count; the bytes they took */
static inline size_t mhsm_audit_unpack_all(const struct mhsm_audit_batch *batch, struct mhsm_audit_rec *recs)
{
	unsigned int version = mhsm_audit_version(batch->magic);
	const __u8 *p = (const __u8 *)(batch + 1);
	size_t at = 0;
	__u32 i;

	for (i = 0; i < batch->count; i++) {
		if (i)
			recs[i] = recs[i - 1];
		at += mhsm_audit_unpack(version, p + at, &recs[i]);
	}
	return at;
}

/**
 * mhsm_audit_records_len() - the bytes that @count records at @packed take, of which @len are there, in a batch as
 * @version makes them
 *
 * Return: more than @len if they are cut off, 0 if they cannot be records (the first repeats nothing)
 */
static inline size_t mhsm_audit_records_len(unsigned int version, const __u8 *packed, size_t len, __u32 count)
{
	size_t at = 0, one;
	__u32 i;

	for (i = 0; i < count; i++) {
		if (len - at < mhsm_audit_tag_len(version))
			return len + 1;
		one = mhsm_audit_packed_len(version, packed + at);
		if (!one || (!i && mhsm_audit_repeats(version, packed)))
			return 0;
		if (len - at < one)
			return len + 1;
		at += one;
	}
	return at;
}

#endif
