/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSA with a key as mech_rsa.c stores it: signatures (mech_rsa_sign.c), encryption (mech_rsa_crypt.c). All that takes a
 * secret sleeps, and takes a time that depends on lengths only. Errors of all: -ENOMEM; with a secret also -EIO (a fault
 * was found, nothing is output) and -EINTR (a fatal signal).
 */
#ifndef _MHSM_MECH_RSA_H
#define _MHSM_MECH_RSA_H

#include "kmod/alg.h"
#include "kmod/pk/pk_call.h"
#include "kmod/pk/pk_hash.h"
#include "kmod/pk/rsa_private.h"

#define MHSM_RSA_MAX 512 /* bytes of the longest modulus */
#define MHSM_RSA_AES_KEY 32 /* bytes of the key between, in RSA_AES_KW* */

/* Of a modulus of n_len bytes: p, q, dp, dq, qinv (struct mhsm_rsa_key), each half as long, one after the other */
#define MHSM_RSA_SECRET_LEN(n_len) (5 * (n_len) / 2)

/** mhsm_rsa_key_of() - where its numbers lie */
static inline struct mhsm_rsa_key mhsm_rsa_key_of(const u8 *n, size_t n_len, const u8 *secret)
{
	size_t half = n_len / 2;

	return (struct mhsm_rsa_key){
		.n_len = n_len,
		.n = n,
		.p = secret,
		.q = secret + half,
		.dp = secret + 2 * half,
		.dq = secret + 3 * half,
		.qinv = secret + 4 * half,
	};
}

/* A key where it lies */
struct mhsm_rsa_ref {
	const u8 *n;
	size_t n_len;
	const u8 *secret; /* NULL where only the public half is needed */
};

extern const u8 mhsm_rsa_exponent[3]; /* 65537 */
extern const struct mhsm_pk_relax mhsm_rsa_relax; /* reschedules; ends with -EINTR at a fatal signal */
extern const struct mhsm_pk_random mhsm_rsa_random; /* the SP 800-90A generator */

/** mhsm_rsa_hash() - the hash as kmod/pk takes it; *@hash lives as long */
struct mhsm_pk_hash mhsm_rsa_hash(enum mhsm_hash *hash);

/**
 * mhsm_rsa_power() - @io, n_len bytes below n, to the power of the private exponent, in place; -EINVAL if not below.
 * By what the module has chosen: see rsa_engine.h
 */
int mhsm_rsa_power(const struct mhsm_rsa_ref *key, u8 *io);

/** mhsm_rsa_public_power() - the same to that of the public one */
int mhsm_rsa_public_power(const struct mhsm_rsa_ref *key, u8 *io);

/* --- signatures ----------------------------------------------------------------------------------------------- */

/**
 * mhsm_rsa_sign() - signs @in, a digest of alg->hash, into @sig, n_len bytes. RSNULL pads the bytes themselves.
 * Return: 0, -EMSGSIZE (RSNULL: more than n_len - 11 bytes)
 */
int mhsm_rsa_sign(const struct mhsm_rsa_ref *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len, u8 *sig);

/** mhsm_rsa_verify() - 0, -EBADMSG, -EMSGSIZE as above */
int mhsm_rsa_verify(const struct mhsm_rsa_ref *key, const struct mhsm_sigalg *alg, const u8 *in, size_t in_len,
		    const u8 *sig);

/* --- encryption ----------------------------------------------------------------------------------------------- */

enum mhsm_rsa_padding {
	MHSM_RSA_PKCS1, /* RSAES-PKCS1-v1_5, RFC 8017 section 7.2 */
	MHSM_RSA_OAEP, /* RSAES-OAEP, section 7.1; MGF1 with the same hash */
	MHSM_RSA_AES_KWP, /* CKM_RSA_AES_KEY_WRAP: an AES key under OAEP, and the target under that with KWP */
};

struct mhsm_rsa_cryptalg {
	u32 alg; /* enum mhsm_alg */
	enum mhsm_rsa_padding padding;
	enum mhsm_hash hash; /* of OAEP */
};

/** mhsm_rsa_cryptalg_find() - NULL if @alg does not encrypt with RSA */
const struct mhsm_rsa_cryptalg *mhsm_rsa_cryptalg_find(u32 alg);

/** mhsm_rsa_plain_max() - bytes of the longest message under a modulus of @n_len; of RSA_AES_KW*, of the longest target */
size_t mhsm_rsa_plain_max(const struct mhsm_rsa_cryptalg *alg, size_t n_len);

/** mhsm_rsa_cipher_len() - bytes that encrypting @len makes */
size_t mhsm_rsa_cipher_len(const struct mhsm_rsa_cryptalg *alg, size_t n_len, size_t len);

/** mhsm_rsa_plain_room() - bytes that @len bytes of ciphertext may decrypt to; -EINVAL if none is of that length */
int mhsm_rsa_plain_room(const struct mhsm_rsa_cryptalg *alg, size_t n_len, size_t len);

/* What is encrypted or decrypted */
struct mhsm_rsa_data {
	const u8 *label; /* OAEP's; of the others, none */
	size_t label_len;
	const u8 *in;
	size_t in_len; /* up to mhsm_rsa_plain_max(); decrypting, one for which mhsm_rsa_plain_room() is not negative */
	u8 *out; /* as the two functions above say; does not overlap the others */
	size_t out_len; /* out */
};

/** mhsm_rsa_encrypt() - @random is where padding and keys come from */
int mhsm_rsa_encrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d,
		     const struct mhsm_pk_random *random);

/**
 * mhsm_rsa_decrypt() - the inverse
 *
 * -EBADMSG for whatever is wrong: a number that is not below n, padding, label, a wrapped target. All of it is gone
 * through in each case. Padding of RSA1_5 that is wrong is no error: bytes come out that depend on key and ciphertext
 * only and that nobody can tell from a message (pkcs1.h).
 */
int mhsm_rsa_decrypt(const struct mhsm_rsa_ref *key, const struct mhsm_rsa_cryptalg *alg, struct mhsm_rsa_data *d);

#endif
