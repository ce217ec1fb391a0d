/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The encodings of PKCS #1 version 1.5: EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) for
 * signatures, EME-PKCS1-v1_5 (section 7.2) for encryption.
 *
 * em_len is the length of the modulus in bytes, at most 512.
 */
#ifndef MHSM_PKCS1_H
#define MHSM_PKCS1_H

#include "pk_call.h"

#define MHSM_PKCS1_MAX_BYTES	512
/* What padding takes at least. */
#define MHSM_PKCS1_OVERHEAD	11
/* The longest DigestInfo, that of SHA-512. */
#define MHSM_PKCS1_INFO_MAX	83

/* HMAC-SHA-256 with a key of 32 bytes; 0 or a negative errno. */
struct mhsm_pk_hmac {
	int (*mac)(void *ctx, const u8 key[32], const u8 *in, size_t in_len, u8 out[32]);
	void *ctx;
};

/**
 * mhsm_pkcs1_info() - the DigestInfo of a digest
 * @info: room for MHSM_PKCS1_INFO_MAX bytes
 * @info_len: its length
 * @digest: a digest of SHA-256, SHA-384 or SHA-512
 * @digest_len: 32, 48 or 64
 *
 * Return: 0, or -EINVAL if it is of another length.
 */
int mhsm_pkcs1_info(u8 *info, size_t *info_len, const u8 *digest, size_t digest_len);

/**
 * mhsm_pkcs1_sign_encode() - pad a DigestInfo for mhsm_rsa_private()
 * @em: em_len bytes; must not overlap @info
 * @info: a DigestInfo, or what else is to be signed, as it is
 * @info_len: at most em_len - 11
 *
 * Return: 0; -EINVAL if em_len is out of range; -EMSGSIZE if @info is too long.
 */
int mhsm_pkcs1_sign_encode(u8 *em, size_t em_len, const u8 *info, size_t info_len);

/**
 * mhsm_pkcs1_sign_check() - is @em the encoding of @info?
 *
 * Compares with the one encoding there is (RFC 8017 section 8.2.2) and parses nothing.
 * Variable time: all operands are public. Return: 0; -EBADMSG if it is not; -EINVAL
 * and -EMSGSIZE as mhsm_pkcs1_sign_encode().
 */
int mhsm_pkcs1_sign_check(const u8 *em, size_t em_len, const u8 *info, size_t info_len);

/**
 * mhsm_pkcs1_encrypt_encode() - pad a message for mhsm_rsa_public()
 * @em: em_len bytes, a secret; must not overlap @msg
 * @msg: the message
 * @msg_len: its length: at most em_len - 11
 * @random: where the padding comes from
 *
 * Time depends on the lengths, and on how many zero bytes were drawn and drawn again.
 *
 * Return: 0; -EINVAL if em_len is out of range; -EMSGSIZE if the message is too long;
 * an error of @random, or -EIO if it gives hardly anything but zeros. After the last
 * two, @em is all zeros.
 */
int mhsm_pkcs1_encrypt_encode(u8 *em, size_t em_len, const u8 *msg, size_t msg_len,
			      const struct mhsm_pk_random *random);

/**
 * mhsm_pkcs1_decrypt_decode() - take the message out of what mhsm_rsa_private() gave
 * @msg: room for em_len - 11 bytes; not @em
 * @msg_len: the message's length
 * @em: the encoded message, em_len bytes; wiped
 * @em_len: the length of the modulus in bytes: 64 to 512
 * @d_hash: SHA-256 of the private exponent, big-endian in em_len bytes
 * @ciphertext: em_len bytes
 * @hmac: HMAC-SHA-256
 *
 * Rejects implicitly, as draft-irtf-cfrg-rsa-guidance has it: of an encoding that is
 * wrong, in whatever way, a message comes out all the same, whose content and length
 * are derived from the private key and the ciphertext. Nobody without the key can
 * tell the two apart, so that this is no oracle; whether it was right shows in what
 * the message is used for. Constant time but for the length that is returned.
 *
 * Return: 0; -EINVAL if em_len is out of range; an error of @hmac.
 */
int mhsm_pkcs1_decrypt_decode(u8 *msg, size_t *msg_len, u8 *em, size_t em_len,
			      const u8 d_hash[32], const u8 *ciphertext,
			      const struct mhsm_pk_hmac *hmac);

#endif
