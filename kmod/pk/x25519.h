/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * X25519 key agreement (RFC 7748 sections 5 and 6.1).
 *
 * Keys and the shared secret are 32 bytes, little-endian. Any 32 bytes are a private
 * key: it is clamped (RFC 7748 section 5) where it is used, and kept as it was given.
 * Any 32 bytes are taken as a public key, as the RFC demands: their top bit is ignored,
 * and p + x means x.
 *
 * All functions return 0 or a negative errno; on an error the outputs are not written.
 * The time taken and the addresses used depend on no operand; that the result is zero
 * is public. Outputs may overlap inputs. The deepest uses about 2 KiB of stack.
 */
#ifndef MHSM_X25519_H
#define MHSM_X25519_H

#include "pk_env.h"

#define MHSM_X25519_PRIVATE_BYTES	32
#define MHSM_X25519_PUBLIC_BYTES	32
#define MHSM_X25519_SHARED_BYTES	32
#define MHSM_X25519_RANDOM_BYTES	32

/**
 * mhsm_x25519_keygen() - make a key pair out of random bytes
 * @priv: the private key: rnd, clamped
 * @pub: the public key
 * @rnd: 32 bytes from an approved generator, wiped by the caller
 *
 * Return: 0.
 */
int mhsm_x25519_keygen(u8 priv[32], u8 pub[32], const u8 rnd[32]);

/**
 * mhsm_x25519_public() - the public key of a private key
 * @pub: the public key
 * @priv: the private key
 *
 * RFC 7748, 6.1: X25519(priv, 9).
 *
 * Return: 0.
 */
int mhsm_x25519_public(u8 pub[32], const u8 priv[32]);

/**
 * mhsm_x25519_shared() - the shared secret
 * @out: X25519(priv, pub); a secret
 * @priv: our private key
 * @pub: the peer's public key
 *
 * Return: 0, or -EINVAL if the result is all zero, which it is for each private key if
 * pub is a point of small order (RFC 7748, 6.1; SP 800-56A, 5.7.1.2 step 2 likewise).
 */
int mhsm_x25519_shared(u8 out[32], const u8 priv[32], const u8 pub[32]);

#endif
