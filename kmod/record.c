// SPDX-License-Identifier: GPL-2.0-only
/* The layout of a sealed record: see record.h */
#include "kmod/record.h"

#define MAGIC "MHSMREC1"
#define VERSION 1 /* of a record without counts */
#define VERSION_COUNTS 2
#define TAG 16

static void put16(u8 *p, u16 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static void put64(u8 *p, u64 v)
{
	put32(p, v);
	put32(p + 4, v >> 32);
}

static u16 get16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 get32(const u8 *p)
{
	return get16(p) | (u32)get16(p + 2) << 16;
}

static u64 get64(const u8 *p)
{
	return get32(p) | (u64)get32(p + 4) << 32;
}

static bool is_zero(const u8 *p, size_t n)
{
	u8 any = 0;

	while (n--)
		any |= *p++;
	return !any;
}

static size_t header_len(const struct mhsm_record *r)
{
	return MHSM_RECORD_FIXED + r->name_len + r->public_len;
}

size_t mhsm_record_len(const struct mhsm_record *r)
{
	return header_len(r) + r->secret_len + TAG;
}

/* Is there anything that version 1 cannot say? */
static bool counts(const struct mhsm_record *r)
{
	return r->use_limit || r->uses || r->gcm_uses;
}

size_t mhsm_record_encode(const struct mhsm_record *r, u8 *out)
{
	memset(out, 0, MHSM_RECORD_FIXED);
	memcpy(out, MAGIC, 8);
	put16(out + 8, counts(r) ? VERSION_COUNTS : VERSION);
	out[10] = r->kind;
	out[11] = r->state;
	put32(out + 12, header_len(r));
	memcpy(out + 16, r->domain, MHSM_ID_LEN);
	memcpy(out + 32, r->id, MHSM_ID_LEN);
	memcpy(out + 48, r->version, MHSM_VERSION_LEN);
	put64(out + 64, r->generation);
	put64(out + 72, r->created);
	put64(out + 80, r->updated);
	put64(out + 88, r->not_before);
	put64(out + 96, r->expires);
	put32(out + 104, r->type);
	put32(out + 108, r->param);
	put32(out + 112, r->ops);
	put32(out + 116, r->flags);
	put32(out + 120, r->owner_kind);
	put32(out + 124, r->owner);
	put64(out + 128, r->deleted);
	put16(out + 136, r->secret_len);
	put16(out + 138, r->public_len);
	out[140] = r->name_len;
	memcpy(out + 144, r->salt, sizeof(r->salt));
	put64(out + 160, r->use_limit);
	put64(out + 168, r->uses);
	put64(out + 176, r->gcm_uses);
	memcpy(out + MHSM_RECORD_FIXED, r->name, r->name_len);
	memcpy(out + MHSM_RECORD_FIXED + r->name_len, r->public, r->public_len);
	return header_len(r);
}

static bool name_valid(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'z') ||
		      (name[i] >= 'A' && name[i] <= 'Z') || name[i] == '-'))
			return false;
	return true;
}

static bool kind_valid(const struct mhsm_record *r)
{
	if (r->kind == MHSM_RECORD_DOMAIN)
		return r->state == MHSM_KEYSTATE_ACTIVE && !r->name_len && !r->secret_len && r->public_len &&
		       r->public_len % 8 == 0 && !counts(r) && !memcmp(r->id, r->domain, MHSM_ID_LEN) &&
		       is_zero(r->version, MHSM_VERSION_LEN);
	return r->kind == MHSM_RECORD_KEY && r->name_len && r->name_len <= MHSM_NAME_MAX && r->secret_len &&
	       (r->state == MHSM_KEYSTATE_ACTIVE ? !r->deleted :
						   r->state == MHSM_KEYSTATE_DELETED && r->deleted);
}

/* Version 2 is written only for what version 1 cannot say. */
static bool counts_valid(const struct mhsm_record *r, u16 version)
{
	return counts(r) == (version == VERSION_COUNTS) && r->uses <= r->use_limit && r->gcm_uses <= MHSM_RECORD_GCM_MAX;
}

int mhsm_record_decode(struct mhsm_record *r, const u8 *in, size_t len)
{
	u16 version;

	memset(r, 0, sizeof(*r));
	if (len < MHSM_RECORD_FIXED + TAG || len > MHSM_RECORD_MAX || memcmp(in, MAGIC, 8))
		return -EBADMSG;
	version = get16(in + 8);
	if (version != VERSION && version != VERSION_COUNTS)
		return -EBADMSG;
	r->kind = in[10];
	r->state = in[11];
	memcpy(r->domain, in + 16, MHSM_ID_LEN);
	memcpy(r->id, in + 32, MHSM_ID_LEN);
	memcpy(r->version, in + 48, MHSM_VERSION_LEN);
	r->generation = get64(in + 64);
	r->created = get64(in + 72);
	r->updated = get64(in + 80);
	r->not_before = get64(in + 88);
	r->expires = get64(in + 96);
	r->type = get32(in + 104);
	r->param = get32(in + 108);
	r->ops = get32(in + 112);
	r->flags = get32(in + 116);
	r->owner_kind = get32(in + 120);
	r->owner = get32(in + 124);
	r->deleted = get64(in + 128);
	r->secret_len = get16(in + 136);
	r->public_len = get16(in + 138);
	r->name_len = in[140];
	memcpy(r->salt, in + 144, sizeof(r->salt));
	r->use_limit = get64(in + 160);
	r->uses = get64(in + 168);
	r->gcm_uses = get64(in + 176);
	r->header_len = header_len(r);
	if (r->secret_len > MHSM_RECORD_SECRET_MAX || r->public_len > MHSM_RECORD_PUBLIC_MAX ||
	    get32(in + 12) != r->header_len || len != mhsm_record_len(r) || !is_zero(in + 141, 3) ||
	    !is_zero(in + 184, 8) || !counts_valid(r, version) || !r->generation)
		return -EBADMSG;
	r->name = (const char *)in + MHSM_RECORD_FIXED;
	r->public = in + MHSM_RECORD_FIXED + r->name_len;
	return kind_valid(r) && name_valid(r->name, r->name_len) ? 0 : -EBADMSG;
}
