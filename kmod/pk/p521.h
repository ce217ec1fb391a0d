/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ECDSA and ECDH on NIST P-521 (FIPS 186-5, SP 800-56A, SP 800-186).
 *
 * Byte strings are big-endian and of fixed length, as in SEC 1 and RFC 7518: a
 * private key is 66 bytes, a public key x || y and a signature r || s are 132.
 * Random bytes and digests come from the caller; nothing here draws or hashes.
 *
 * All functions return 0 or a negative errno. On an error the outputs are not
 * written. Except where the operands are public (check_public, verify), the time
 * taken and the addresses used depend on no operand; that a private key is out
 * of range, or that a signature must be tried again, is public. Outputs may
 * overlap inputs. None sleeps; the deepest uses about 6 KiB of stack.
 */
#ifndef MHSM_P521_H
#define MHSM_P521_H

#include "pk_env.h"

#define MHSM_P521_PRIVATE_BYTES	66
#define MHSM_P521_PUBLIC_BYTES	132
#define MHSM_P521_SIG_BYTES	132
#define MHSM_P521_SHARED_BYTES	66
#define MHSM_P521_RANDOM_BYTES	74	/* 592 bits: 521 and the 64 extra ones, or more */
#define MHSM_P521_BLIND_BYTES	66

/**
 * mhsm_p521_keygen() - make a key pair out of random bytes
 * @priv: the private key
 * @pub: the public key
 * @rnd: 74 bytes from an approved generator, wiped by the caller: all 592 bits
 *	count, 71 more than the order has
 *
 * FIPS 186-5 A.2.1 (extra random bits): priv = (rnd mod (n - 1)) + 1. Every rnd
 * gives a valid pair.
 *
 * Return: 0.
 */
int mhsm_p521_keygen(u8 priv[66], u8 pub[132], const u8 rnd[74]);

/**
 * mhsm_p521_public() - the public key of a private key
 * @pub: the public key
 * @priv: the private key
 *
 * Return: 0, or -EINVAL if priv is not in 1..n-1.
 */
int mhsm_p521_public(u8 pub[132], const u8 priv[66]);

/**
 * mhsm_p521_check_public() - full validation of a public key
 * @pub: the public key
 *
 * SP 800-56A rev. 3, 5.6.2.3.3: both coordinates below p and the point on the
 * curve. The cofactor is 1, so that such a point has order n. (The point at
 * infinity has no x || y form; x = y = 0 is not on the curve.)
 *
 * Return: 0 or -EINVAL.
 */
int mhsm_p521_check_public(const u8 pub[132]);

/**
 * mhsm_p521_ecdh() - the shared secret Z of SP 800-56A rev. 3, 5.7.1.2
 * @x: the x coordinate of priv * pub; a secret
 * @priv: our private key
 * @pub: the peer's public key, validated here
 * @blind: 66 random bytes, fresh for each call, which hide the key from an observer of
 *	power or timing (projective coordinates) and have no effect on the result. Any
 *	value works.
 *
 * Return: 0, or -EINVAL if priv is not in 1..n-1 or pub is not valid.
 */
int mhsm_p521_ecdh(u8 x[66], const u8 priv[66], const u8 pub[132],
		    const u8 blind[66]);

/**
 * mhsm_p521_sign() - ECDSA signature of a digest
 * @sig: the signature
 * @priv: the private key
 * @digest: the digest; of one longer than 65 bytes the first 521 bits count
 * @digest_len: its length in bytes, at least 1
 * @k: 74 random bytes; the nonce is (k mod (n - 1)) + 1, FIPS 186-5 A.3.1. Must
 *	be secret, and never the same for two digests. A nonce chosen by other
 *	means (RFC 6979) is passed as 8 zero bytes and nonce - 1.
 * @blind: 66 random bytes, independent of k and fresh for each call; they hide
 *	the nonce and the key from an observer of power or timing (projective
 *	coordinates, inversion, multiplication by the key), and have no effect on
 *	the result. Any value works.
 *
 * FIPS 186-5, 6.4.1. The signature is not checked against a faulty computation.
 *
 * Return: 0; -EINVAL if priv is not in 1..n-1 or the digest is empty; -EAGAIN if r
 * or s came out as 0 (probability 2^-520): call again with another k.
 */
int mhsm_p521_sign(u8 sig[132], const u8 priv[66], const u8 *digest,
		   size_t digest_len, const u8 k[74], const u8 blind[66]);

/**
 * mhsm_p521_verify() - verify an ECDSA signature
 * @pub: the public key, validated here
 * @digest: the digest; of one longer than 65 bytes the first 521 bits count
 * @digest_len: its length in bytes, at least 1
 * @sig: the signature
 *
 * FIPS 186-5, 6.4.2. Variable time: all operands are public.
 *
 * Return: 0 if the signature is valid; -EBADMSG if it is not (r or s out of
 * 1..n-1 included); -EINVAL if pub is not valid or the digest is empty.
 */
int mhsm_p521_verify(const u8 pub[132], const u8 *digest, size_t digest_len,
		     const u8 sig[132]);

#endif
