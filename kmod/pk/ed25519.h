/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ed25519 signatures (RFC 8032 section 5.1, FIPS 186-5 section 7): EdDSA on
 * edwards25519 with SHA-512, without context or prehash.
 *
 * A private key is the 32 bytes that RFC 8032 starts from, a public key 32 bytes, a
 * signature R || S 64. Any 32 bytes are a private key. The scalar and the prefix that
 * are hashed out of it are made anew in each call and do not leave it.
 *
 * SHA-512 comes from the caller, random bytes too. All functions return 0 or a negative
 * errno; on an error the outputs are not written. Except where the operands are public
 * (check_public, verify), the time taken and the addresses used depend on no operand,
 * as far as that holds for the hash; lengths are public. Outputs may overlap inputs.
 * The deepest uses about 3 KiB of stack besides what the hash uses.
 */
#ifndef MHSM_ED25519_H
#define MHSM_ED25519_H

#include "pk_env.h"

#define MHSM_ED25519_PRIVATE_BYTES	32
#define MHSM_ED25519_PUBLIC_BYTES	32
#define MHSM_ED25519_SIG_BYTES		64
#define MHSM_ED25519_RANDOM_BYTES	32
#define MHSM_ED25519_BLIND_BYTES	32

/**
 * struct mhsm_ed25519_hash - SHA-512, as the caller has it
 * @sha512: writes the digest of the parts, at most three of them, put together. It must
 *	not keep what depends on them: they may be secret. Returns 0 or a negative errno.
 * @ctx: its own
 */
struct mhsm_ed25519_hash {
	int (*sha512)(void *ctx, const struct mhsm_part *parts, unsigned int count,
		      u8 out[64]);
	void *ctx;
};

/**
 * mhsm_ed25519_keygen() - make a key pair out of random bytes
 * @priv: the private key
 * @pub: the public key
 * @rnd: 32 bytes from an approved generator, wiped by the caller
 * @hash: SHA-512
 *
 * RFC 8032, 5.1.5: priv is rnd.
 *
 * Return: 0, or an error of the hash.
 */
int mhsm_ed25519_keygen(u8 priv[32], u8 pub[32], const u8 rnd[32],
			const struct mhsm_ed25519_hash *hash);

/**
 * mhsm_ed25519_public() - the public key of a private key
 * @pub: the public key
 * @priv: the private key
 * @hash: SHA-512
 *
 * Return: 0, or an error of the hash.
 */
int mhsm_ed25519_public(u8 pub[32], const u8 priv[32],
			const struct mhsm_ed25519_hash *hash);

/**
 * mhsm_ed25519_check_public() - validation of a public key
 * @pub: the public key
 *
 * It must be the encoding of a point as RFC 8032, 5.1.3 decodes it (y below p, no sign
 * on x = 0, on the curve), and not one of the eight whose order divides 8: with those,
 * one signature is valid for many messages. A point that is the sum of one of the
 * subgroup that keys are of and one of small order is let pass; nobody makes such a
 * key by accident, and a signature by it binds to the message as any other.
 *
 * Return: 0 or -EINVAL.
 */
int mhsm_ed25519_check_public(const u8 pub[32]);

/**
 * mhsm_ed25519_sign() - signature of a message
 * @sig: the signature
 * @priv: the private key
 * @pub: its public key. Must be that one and never somebody else's choice: two
 *	signatures of a message with two values of pub give the private key away.
 * @msg: the message; may be NULL if len is 0
 * @len: its length in bytes
 * @blind: 32 random bytes, fresh for each call; they hide the nonce and the key from
 *	an observer of power or radiation (projective coordinates; the key's scalar is
 *	split into two that are random), and have no effect on the result. Any value works.
 * @hash: SHA-512, called three times; reads the message twice
 *
 * RFC 8032, 5.1.6. The nonce is deterministic, as the standard has it, and so is the
 * signature. That makes it a target of fault attacks: a wrong signature beside the
 * right one of the same message gives the key away. The signature is not checked here.
 * A caller who cares either signs twice, with different blinding, and compares, or
 * verifies (which takes longer, but also finds a pub that is not the right one). The
 * message must not change during the call, for the same reason: hashed twice, it would
 * give two signatures' equations in one.
 *
 * Return: 0, or an error of the hash.
 */
int mhsm_ed25519_sign(u8 sig[64], const u8 priv[32], const u8 pub[32], const u8 *msg,
		      size_t len, const u8 blind[32], const struct mhsm_ed25519_hash *hash);

/**
 * mhsm_ed25519_verify() - verify a signature
 * @pub: the public key, validated here as by check_public
 * @msg: the message; may be NULL if len is 0
 * @len: its length in bytes
 * @sig: the signature
 * @hash: SHA-512
 *
 * FIPS 186-5, 7.7 and RFC 8032, 5.1.7, with the equation S B = R + k A itself, not
 * that multiplied by 8 (RFC 8032 allows either; this is the stricter, and what OpenSSL
 * does). S must be below L, R the encoding of a point that a decoder accepts; R may be
 * of small order. Variable time: all operands are public.
 *
 * Return: 0 if the signature is valid; -EBADMSG if it is not; -EINVAL if pub is not
 * valid; or an error of the hash.
 */
int mhsm_ed25519_verify(const u8 pub[32], const u8 *msg, size_t len, const u8 sig[64],
			const struct mhsm_ed25519_hash *hash);

#endif
