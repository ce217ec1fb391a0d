/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done with an open key, in memory of the kernel's: what key fds (keyfd_*.c) and keys in keyrings
 * (keyring/pkey.c) have in common. The caller begins the operation (op.h) in its own way; these end it.
 */
#ifndef _MHSM_KEYOP_H
#define _MHSM_KEYOP_H

#include "kmod/alg.h"
#include "kmod/mech_rsa.h"
#include "kmod/op.h"

/**
 * mhsm_keyop_open() - finds a key for @who, as KEY_OPEN does: @version NULL or zero for the newest, @rights MHSM_OP_*
 * bits that must be granted.
 *
 * Return: 0 with a reference in *@key, and the operation is under way: mhsm_op_end() says what came of it; or, with all
 * recorded, -ENOENT (also for who may not know of the key), -EKEYREVOKED, -EPERM, -EACCES and those of mhsm_op_begin()
 */
int mhsm_keyop_open(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who, const char *name,
		    const u8 *version, u32 rights, struct mhsm_key **key);

/** mhsm_keyop_open_found() - the same for a key that was found otherwise than by its name; its caller keeps the reference */
int mhsm_keyop_open_found(struct mhsm_op *op, struct mhsm_domain *domain, const struct mhsm_subject *who,
			  struct mhsm_key *key, u32 rights);

/**
 * mhsm_keyop_sigalg() - the signature algorithm @alg (enum mhsm_alg), if @key can do it with @in_len bytes: of a digest,
 * or with @message of what is signed. -EOPNOTSUPP, -EINVAL
 */
int mhsm_keyop_sigalg(const struct mhsm_key *key, u32 alg, bool message, u32 in_len, const struct mhsm_sigalg **sigalg);

/** mhsm_keyop_sign(), _verify() - with op->key; @sig has mech->sig_len() bytes, @bytes are those of the caller's input */
int mhsm_keyop_sign(struct mhsm_op *op, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig,
		    u64 bytes);
int mhsm_keyop_verify(struct mhsm_op *op, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, const u8 *sig,
		      u64 bytes);

/**
 * mhsm_keyop_rsa_room() - bytes that the output of @use (MHSM_OP_ENCRYPT, _DECRYPT, _WRAP, _UNWRAP) of @in_len bytes
 * must have room for; -EINVAL if there are no such many to be encrypted, or decrypted
 */
int mhsm_keyop_rsa_room(const struct mhsm_key *key, const struct mhsm_rsa_cryptalg *alg, u32 use, u32 in_len);

/** mhsm_keyop_rsa() - @use with op->key, once mhsm_keyop_rsa_room() was positive and @d has as much */
int mhsm_keyop_rsa(struct mhsm_op *op, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d, u32 use);

#endif
