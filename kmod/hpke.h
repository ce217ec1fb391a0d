/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hybrid public key encryption (RFC 9180): mode base, DHKEM(P-256, HKDF-SHA256) (0x0010), HKDF-SHA256 (0x0001), and
 * AES-GCM with a key of 128 or 256 bits. Public keys and `enc` are uncompressed SEC 1 points, 65 bytes; they are fully
 * validated here. Where an output buffer is named beside an input, they may be the same.
 */
#ifndef _MHSM_HPKE_H
#define _MHSM_HPKE_H

#include "kmod/env.h"
#include "kmod/kdf.h"
#include "kmod/prim.h"

#define MHSM_HPKE_ENC 65
#define MHSM_HPKE_PRIVATE 32
#define MHSM_HPKE_TAG 16
#define MHSM_HPKE_NH 32 /* Nh of RFC 9180: bytes of an HKDF-SHA256 digest */
#define MHSM_HPKE_EXPORT_MAX (255 * MHSM_HPKE_NH)

/* The AEAD, by its number in RFC 9180 section 7.3 */
enum mhsm_hpke_aead {
	MHSM_HPKE_AES_128_GCM = 1,
	MHSM_HPKE_AES_256_GCM = 2,
};

/* One direction between two parties: secret; mhsm_hpke_wipe() ends it */
struct mhsm_hpke {
	u8 key[32];
	size_t key_len;
	u8 base_nonce[12];
	u8 exporter[MHSM_HPKE_NH];
	u8 suite[10];
};

/** mhsm_hpke_sender() - SetupBaseS() with a fresh ephemeral key; -EINVAL if @pk_r is no valid public key */
int mhsm_hpke_sender(struct mhsm_hpke *h, u8 enc[MHSM_HPKE_ENC], enum mhsm_hpke_aead aead,
		     const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len);

/** mhsm_hpke_sender_with() - the same with the ephemeral key given; for known answers only */
int mhsm_hpke_sender_with(struct mhsm_hpke *h, u8 enc[MHSM_HPKE_ENC], enum mhsm_hpke_aead aead,
			  const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len,
			  const u8 sk_e[MHSM_HPKE_PRIVATE]);

/** mhsm_hpke_receiver() - SetupBaseR(); -EINVAL if @enc is no valid public key; @pk_r belongs to @sk_r */
int mhsm_hpke_receiver(struct mhsm_hpke *h, enum mhsm_hpke_aead aead, const u8 enc[MHSM_HPKE_ENC],
		       const u8 sk_r[MHSM_HPKE_PRIVATE], const u8 pk_r[MHSM_HPKE_ENC],
		       const void *info, size_t info_len);

/** mhsm_hpke_seal_at() - encrypts @buf in place as message number @seq, from 0, never twice the same */
int mhsm_hpke_seal_at(const struct mhsm_hpke *h, u64 seq, const void *aad, size_t aad_len, u8 *buf,
		      size_t len, u8 tag[MHSM_HPKE_TAG]);

/** mhsm_hpke_open_at() - the inverse; -EBADMSG if the tag is wrong, @buf then holds no plaintext */
int mhsm_hpke_open_at(const struct mhsm_hpke *h, u64 seq, const void *aad, size_t aad_len, u8 *buf,
		      size_t len, const u8 tag[MHSM_HPKE_TAG]);

/** mhsm_hpke_export() - Context.Export(): @len secret bytes, 1 to MHSM_HPKE_EXPORT_MAX, for @context */
int mhsm_hpke_export(const struct mhsm_hpke *h, u8 *out, size_t len, const void *context,
		     size_t context_len);

void mhsm_hpke_wipe(struct mhsm_hpke *h);

/**
 * mhsm_hpke_seal() - single-shot SealBase(), section 6.1
 * @ct: @len + MHSM_HPKE_TAG bytes; wiped on error; may be @pt
 */
int mhsm_hpke_seal(u8 enc[MHSM_HPKE_ENC], u8 *ct, enum mhsm_hpke_aead aead,
		   const u8 pk_r[MHSM_HPKE_ENC], const void *info, size_t info_len, const void *aad,
		   size_t aad_len, const u8 *pt, size_t len);

/**
 * mhsm_hpke_open() - single-shot OpenBase()
 * @pt: @ct_len - MHSM_HPKE_TAG bytes; wiped on error; may be @ct
 *
 * Return: 0; -EINVAL if @ct is shorter than a tag or @enc is no valid public key; -EBADMSG if it does not open.
 */
int mhsm_hpke_open(u8 *pt, enum mhsm_hpke_aead aead, const u8 enc[MHSM_HPKE_ENC],
		   const u8 sk_r[MHSM_HPKE_PRIVATE], const u8 pk_r[MHSM_HPKE_ENC], const void *info,
		   size_t info_len, const void *aad, size_t aad_len, const u8 *ct, size_t ct_len);

#endif
