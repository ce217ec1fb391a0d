/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmhsm: the kernel HSM for C programs.
 *
 * A session and a key are file descriptors, and are closed with close(2). A session is an open /dev/mhsm: it acts for
 * the effective uid that opened it. A key fd carries the rights that were granted when the key was opened; it survives
 * fork, is closed by exec, and may be handed to another process with SCM_RIGHTS, which hands over the rights. The
 * library keeps nothing behind a descriptor, so every function may be called from any thread, and on any descriptor
 * however it was come by.
 *
 * Functions that return int give 0 (or a descriptor) on success and a negative errno on failure; errno itself is not
 * meaningful. The errors of the HSM are listed in uapi/mhsm.h and libmhsm(3); mhsm_strerror() and mhsm_remedy() put
 * them in words. The library adds: -EINVAL for a NULL or over-long argument that could not reach the kernel as it is,
 * and what mhsm_open() says.
 *
 * Lengths are in bytes. The library copies no secret: the kernel reads and writes the caller's buffers.
 */
#ifndef _LIBMHSM_MHSM_H
#define _LIBMHSM_MHSM_H

#include <stddef.h>
#include <stdint.h>

/* In the source tree the module's header is in uapi/, installed it is <mhsm/mhsm.h>. */
#if __has_include("uapi/mhsm.h")
#include "uapi/mhsm.h"
#else
#include <mhsm/mhsm.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MHSM_GCM_IV_LEN 12
#define MHSM_GCM_TAG_LEN 16
#define MHSM_CIPHER_IV_LEN 16 /* of AES-CBC and AES-CTR */
#define MHSM_CIPHER_OVERHEAD 16 /* most bytes that AES-CBCPAD adds */
#define MHSM_SHA256_LEN 32
#define MHSM_ES256_LEN 64 /* a signature, r||s */
#define MHSM_DER_SIGNATURE_MAX 141 /* most bytes of an ECDSA-Sig-Value up to P-521 */
#define MHSM_WRAP_OVERHEAD 16 /* AES-KW adds 8 bytes, AES-KWP 9 to 15 */

/* --- session --------------------------------------------------------------------------------------------------- */

/*
 * Opens a session on `device`, or on /dev/mhsm if it is NULL. Returns the session, close-on-exec.
 * -ENODEV: there is no such device (the module is not loaded); -EACCES: its mode keeps the caller out;
 * -EPROTONOSUPPORT: it is not an mhsm device, or one of another ABI.
 */
int mhsm_open(const char *device);

/* The state of the HSM, never refused by it. */
int mhsm_info(int session, struct mhsm_ioc_info *info);

/* The name of a state: "active", "locked" ...; "unknown" for a number that is none. Static. */
const char *mhsm_state_name(uint32_t state);

/* Fills `out` with `len` bytes from the HSM's SP 800-90A generator, any length. On failure `out` is wiped. */
int mhsm_random(int session, void *out, size_t len);

/* --- keys by name ---------------------------------------------------------------------------------------------- */

/* What a new key is to be. Fields that are zero take the default. */
struct mhsm_key_spec {
	const char *name; /* NULL: none, for a session key only */
	uint32_t type; /* enum mhsm_key_type */
	uint32_t param; /* AES, RSA, HMAC: bits; EC, OKP: enum mhsm_curve */
	uint32_t ops; /* MHSM_OP_*; 0: what is usual for the type */
	uint32_t flags; /* MHSM_KEY_ENABLED | _SESSION | _CONSUMERS | _REVOKE_LIVE | _RELEASE | _NEW_VERSION */
	uint64_t not_before; /* seconds since 1970; 0: none */
	uint64_t expires; /* seconds since 1970; 0: never */
	uint64_t use_limit; /* how often it may be used (struct mhsm_ioc_key_create says what counts); 0: no limit */
};

/*
 * Opens a key for the operations `rights` (MHSM_OP_*; 0: only to read what is public of it). `version` is 32
 * hexadecimal digits, or NULL for the latest. All rights are granted or none (-EACCES). Returns the key fd.
 * -EINVAL: `name` is not a key name or `version` not a version.
 */
int mhsm_key_open(int session, const char *name, const char *version, uint32_t rights);

/*
 * Generates a key, or imports one of `len` bytes: of AES (16, 24 or 32) and HMAC (20 to 64) the key itself, spec->param
 * being 8 * len; of EC, OKP and RSA, PKCS#8 in DER, not encrypted (struct mhsm_ioc_key_create has its errors). When it
 * returns, the key is durable. Returns the key fd, with all rights that spec->ops allows. After -ETIMEDOUT or -EINTR the
 * outcome is not known: open the name to learn it. The caller wipes `material`.
 */
int mhsm_key_create(int session, const struct mhsm_key_spec *spec);
int mhsm_key_import(int session, const struct mhsm_key_spec *spec, const void *material, size_t len);

/* What mhsm_key_update() changes. */
struct mhsm_key_update {
	uint32_t what; /* MHSM_UPDATE_*: the fields that count */
	uint32_t flags; /* those of MHSM_KEY_ENABLED, _CONSUMERS, _REVOKE_LIVE that are named and are to be set */
	uint64_t not_before; /* seconds since 1970; 0: none */
	uint64_t expires; /* seconds since 1970; 0: never */
};

/*
 * Changes attributes of a key that is stored, of `version` (32 hexadecimal digits; NULL: the latest); durable when it
 * returns. struct mhsm_ioc_key_update says what the changes do to what runs.
 */
int mhsm_key_update(int session, const char *name, const char *version, const struct mhsm_key_update *update);

/* Soft-deletes the name with all its versions; takes that back; destroys a soft-deleted name for good. */
int mhsm_key_delete(int session, const char *name);
int mhsm_key_recover(int session, const char *name);
int mhsm_key_purge(int session, const char *name);

/*
 * Walks the keys that the session may see, in the order in which they were made: open, next until it does not return 1,
 * close. `name` limits it to the versions of one name, or is NULL; `flags` is 0 or MHSM_LIST_DELETED. A list reads pages
 * from the kernel as it goes, so a key made or deleted meanwhile may or may not be seen. One thread at a time.
 * mhsm_key_list_next() returns 1 with *info filled, 0 at the end, or a negative errno, after which only close is useful.
 */
struct mhsm_key_list;
int mhsm_key_list_open(int session, const char *name, uint32_t flags, struct mhsm_key_list **ret);
int mhsm_key_list_next(struct mhsm_key_list *list, struct mhsm_key_info *info);
void mhsm_key_list_close(struct mhsm_key_list *list);

/* --- a key fd -------------------------------------------------------------------------------------------------- */

int mhsm_key_info(int key, struct mhsm_key_info *info);

/*
 * Writes the SubjectPublicKeyInfo (DER; RFC 5480, 8017, 8410) of a key pair to `out`. *len: in, the room; out, the length, also with
 * -ERANGE. -EOPNOTSUPP: the key is a secret one.
 */
int mhsm_public_key(int key, void *out, size_t *len);

/*
 * AES-GCM (SP 800-38D). `in` is at most MHSM_BULK_MAX bytes, `aad` at most MHSM_AAD_MAX (NULL if aad_len is 0);
 * `out` has room for in_len bytes and may be `in`; otherwise the two do not overlap. mhsm_encrypt() has the HSM draw
 * the IV and writes it to `iv`; mhsm_encrypt_iv() takes the caller's, who must never use one twice with the same key.
 * mhsm_decrypt() returns -EBADMSG, and writes nothing, if the tag is wrong.
 */
int mhsm_encrypt(int key, void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len, void *out,
		 void *tag);
int mhsm_encrypt_iv(int key, const void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len,
		    void *out, void *tag);
int mhsm_decrypt(int key, const void *iv, const void *aad, size_t aad_len, const void *in, size_t in_len, void *out,
		 const void *tag);

/*
 * RSA (RFC 8017 section 7). `alg` is MHSM_ALG_RSA_OAEP, _256, _384 or _512, or MHSM_ALG_RSA1_5, of which uapi/mhsm.h has
 * the lengths. `label` is OAEP's, to MHSM_AAD_MAX bytes (NULL if label_len is 0, which it is for RSA1_5). *out_len: in,
 * the room: for decryption, that of the longest message (MHSM_PUBLIC_MAX is enough for both); out, the length, also with
 * -ERANGE. mhsm_rsa_decrypt() returns -EBADMSG if anything is wrong; but with MHSM_ALG_RSA1_5 it then gives bytes that are
 * no message and cannot be told from one.
 */
int mhsm_rsa_encrypt(int key, uint32_t alg, const void *label, size_t label_len, const void *in, size_t in_len,
		     void *out, size_t *out_len);
int mhsm_rsa_decrypt(int key, uint32_t alg, const void *label, size_t label_len, const void *in, size_t in_len,
		     void *out, size_t *out_len);

/*
 * AES in a mode that only encrypts (SP 800-38A): `alg` is MHSM_ALG_AES_CBC (in_len a multiple of 16), _AES_CBCPAD
 * (PKCS #7) or MHSM_ALG_AES_CTR, for keys that encrypt and decrypt and do nothing else (-EOPNOTSUPP). in_len is at most
 * MHSM_BULK_MAX; `out` may be `in`, otherwise the two do not overlap. `iv` is MHSM_CIPHER_IV_LEN bytes, for CTR the
 * first counter block; mhsm_cipher_encrypt() has the HSM draw it, mhsm_cipher_encrypt_iv() takes the caller's. *out_len:
 * in, the room; out, the length, also with -ERANGE. The room wanted is in_len, of CBCPAD the next multiple of 16 (at most
 * MHSM_CIPHER_OVERHEAD more), and in_len - 1 to decrypt that. -EBADMSG: the padding is wrong. None of these modes tells
 * whether a message was altered, and who learns of wrong paddings can decrypt with them: uapi/mhsm.h says how. If nothing
 * else is prescribed, use AES-GCM.
 */
int mhsm_cipher_encrypt(int key, uint32_t alg, void *iv, const void *in, size_t in_len, void *out, size_t *out_len);
int mhsm_cipher_encrypt_iv(int key, uint32_t alg, const void *iv, const void *in, size_t in_len, void *out,
			   size_t *out_len);
int mhsm_cipher_decrypt(int key, uint32_t alg, const void *iv, const void *in, size_t in_len, void *out,
			size_t *out_len);

/*
 * Wraps and unwraps a key that the caller holds. `alg` is MHSM_ALG_AES_KW (RFC 3394; in_len a multiple of 8, from 16) or
 * MHSM_ALG_AES_KWP (RFC 5649; any length from 1), to 4096 bytes; with an RSA key it is one of mhsm_rsa_encrypt() (there is
 * no label), or MHSM_ALG_RSA_AES_KW, _256 or _384 (1 to 4096 bytes; MHSM_PUBLIC_MAX + MHSM_WRAP_OVERHEAD are added).
 * *out_len: in, the room; out, the length, also with -ERANGE. -EBADMSG: what is unwrapped was not wrapped under this key,
 * or was altered.
 */
int mhsm_wrap(int key, uint32_t alg, const void *in, size_t in_len, void *out, size_t *out_len);
int mhsm_unwrap(int key, uint32_t alg, const void *in, size_t in_len, void *out, size_t *out_len);

/*
 * Signs with an algorithm of the key's type (enum mhsm_alg says which, and what the signature looks like): `in` is the
 * digest, of the algorithm's length, or with MHSM_SIGN_MESSAGE in `flags` the message, to MHSM_DATA_MAX bytes;
 * MHSM_ALG_EDDSA, MHSM_ALG_AES_CMAC and MHSM_ALG_HS256 to _HS512 take a message only; the last four make a code that
 * the same key verifies. MHSM_ALG_RSNULL takes bytes that it pads as they are. *sig_len: in, the room (MHSM_SIG_MAX is
 * enough); out, the length, also with
 * -ERANGE. mhsm_verify() returns -EBADMSG if the signature is wrong.
 */
int mhsm_sign(int key, uint32_t alg, uint32_t flags, const void *in, size_t in_len, void *sig, size_t *sig_len);
int mhsm_verify(int key, uint32_t alg, uint32_t flags, const void *in, size_t in_len, const void *sig,
		size_t sig_len);

/* How a secret is derived; fields that are zero are not used. uapi/mhsm.h, "DERIVE", has the standards. */
struct mhsm_derivation {
	uint32_t alg; /* MHSM_ALG_ECDH (EC keys, X25519); MHSM_ALG_HKDF_* or MHSM_ALG_KDF_CTR_* of a generic secret */
	uint32_t kdf; /* ECDH: one of the latter, applied to the shared secret; 0: the shared secret itself */
	const void *peer; /* ECDH: the peer's public key, x||y or u */
	size_t peer_len;
	const void *salt; /* HKDF: the salt; KDF_CTR: the label. To MHSM_DERIVE_PART_MAX bytes */
	size_t salt_len;
	const void *info; /* HKDF: the info; KDF_CTR: the context */
	size_t info_len;
};

/*
 * Derives a secret from a key. mhsm_derive_bits() writes *out_len bytes of it, 1 to MHSM_DERIVE_OUT_MAX, to `out`, and needs
 * MHSM_OP_DERIVE_BITS; of a shared secret itself *out_len is its length (-ERANGE and the right one in it if less).
 * mhsm_derive_key() makes it a key of the HSM, as mhsm_key_create() does, of a symmetric type, which it then has the
 * length of; it returns that key's fd, and needs MHSM_OP_DERIVE and the right to create keys. -EBADMSG: the peer's public
 * key is none.
 */
int mhsm_derive_bits(int key, const struct mhsm_derivation *how, void *out, size_t *out_len);
int mhsm_derive_key(int key, const struct mhsm_derivation *how, const struct mhsm_key_spec *spec);

/*
 * Between r||s (RFC 7518, PKCS#11) and the DER Ecdsa-Sig-Value of RFC 3279 that OpenSSL and X.509 use. raw_len is even,
 * 2 to 132. *out_len: in, the room; out, the length (also with -ERANGE). From DER, raw_len is the length wanted and
 * the integers are padded to half of it; -EBADMSG: not the strict DER of two positive integers that fit.
 */
int mhsm_signature_to_der(const void *raw, size_t raw_len, void *der, size_t *der_len);
int mhsm_signature_from_der(const void *der, size_t der_len, void *raw, size_t raw_len);

/*
 * Makes a volume token under an AES-256 key that was opened with MHSM_OP_WRAP: a data key of `len` bytes for the kernel
 * cipher `alg` (enum mhsm_token_alg), wrapped; new and random, or the caller's. The ciphers mhsm(...) and ...(paes) take
 * the token where a key goes. A token is no secret, and is useless without this HSM and the unwrap right.
 */
int mhsm_token_create(int key, uint32_t alg, size_t len, uint8_t token[MHSM_TOKEN_LEN]);
int mhsm_token_import(int key, uint32_t alg, const void *material, size_t len, uint8_t token[MHSM_TOKEN_LEN]);

/*
 * Wraps the data key of a token anew, under another key or version, opened with MHSM_OP_WRAP. The caller also needs the
 * unwrap right on the key of `old`, which stays as good as it was. -EKEYREJECTED: that is no token of this HSM;
 * -EBADMSG: it is none at all. `token` may be `old`.
 */
int mhsm_token_rewrap(int key, const uint8_t old[MHSM_TOKEN_LEN], uint8_t token[MHSM_TOKEN_LEN]);

/* What a token says of itself. It is not verified: only the HSM can. -EBADMSG: it is no token. */
struct mhsm_token_info {
	uint32_t alg; /* enum mhsm_token_alg */
	uint32_t key_len; /* bytes of the data key */
	uint8_t domain[MHSM_ID_LEN]; /* of the HSM that made it: `domain` of mhsm_info() */
	uint8_t kek[MHSM_ID_LEN]; /* `id` of mhsm_key_info(), of one version of a key */
};
int mhsm_token_info(const uint8_t token[MHSM_TOKEN_LEN], struct mhsm_token_info *info);

/* --- keyrings -------------------------------------------------------------------------------------------------- */

/*
 * Keys in the keyrings of the calling process (keyrings(7)). `keyring` is a serial number or a KEY_SPEC_*_KEYRING of
 * <linux/keyctl.h>. All return the serial number of the new key, or a negative errno, also those of add_key(2).
 *
 * mhsm_keyring_add_key() adds one of type "mhsm" that stands for a key of the HSM: `version` is 32 hexadecimal digits or
 * NULL for the newest. mhsm_keyring_add_token() adds one that stands for a data key, which needs the unwrap right.
 * mhsm_keyring_add_logon() adds the token itself as a key of type "logon", whose `description` is PREFIX:TEXT, for dm-crypt
 * with a cipher mhsm(...) or ...(paes). None of these hold a secret.
 *
 * mhsm_keyring_release() takes the data key of a token of MHSM_TOKEN_RAW out of the HSM, and places it, from kernel to
 * kernel, in a key that no process can read, for those who know no token: struct mhsm_ioc_release says what that means.
 */
int32_t mhsm_keyring_add_key(const char *description, const char *name, const char *version, int32_t keyring);
int32_t mhsm_keyring_add_token(const char *description, const uint8_t token[MHSM_TOKEN_LEN], int32_t keyring);
int32_t mhsm_keyring_add_logon(const char *description, const uint8_t token[MHSM_TOKEN_LEN], int32_t keyring);
int32_t mhsm_keyring_release(int session, uint32_t form, const char *description, const uint8_t token[MHSM_TOKEN_LEN],
			     int32_t keyring);

/* --- many at once ---------------------------------------------------------------------------------------------- */

/*
 * A batch: data calls on key fds, collected first and then done with one call of the kernel, each with its own result. It
 * pays where calls are short. One thread at a time; what a call points to must stay until the batch was run.
 *
 * mhsm_batch_new() makes one with room for 1 to MHSM_BATCH_OPS_MAX calls (-EINVAL, -ENOMEM); free takes NULL.
 * mhsm_batch_crypt() and mhsm_batch_sign() add a call with a copy of its struct (uapi/mhsm.h), whose size they set; `call`
 * is MHSM_IOC_ENCRYPT, _DECRYPT, _WRAP or _UNWRAP, and MHSM_IOC_SIGN or _VERIFY. They return the call's index, from 0;
 * -EINVAL: another call; -ENOSPC: there is no room.
 * mhsm_batch_run() does them in order and returns how many were tried: fewer than were added only if the process is being
 * killed; or a negative errno: nothing was done. Those that failed with -ENOBUFS can be added and run again once mhsmd has
 * drained the audit. mhsm_batch_result() returns the result of a call that was tried (-EINVAL: it was not), and in
 * *len, if that is not NULL, the length that came out: the struct's out_len or sig_len, also with -ERANGE.
 * mhsm_batch_clear() empties the batch for another round.
 */
struct mhsm_batch;
int mhsm_batch_new(size_t room, struct mhsm_batch **ret);
void mhsm_batch_free(struct mhsm_batch *batch);
int mhsm_batch_crypt(struct mhsm_batch *batch, int key, unsigned long call, const struct mhsm_ioc_crypt *io);
int mhsm_batch_sign(struct mhsm_batch *batch, int key, unsigned long call, const struct mhsm_ioc_sign *io);
int mhsm_batch_run(struct mhsm_batch *batch, int session);
int mhsm_batch_result(const struct mhsm_batch *batch, size_t index, size_t *len);
void mhsm_batch_clear(struct mhsm_batch *batch);

/* --- errors ---------------------------------------------------------------------------------------------------- */

/*
 * What an error of this library means, and what to do about it. `error` may be negative. mhsm_strerror() never returns
 * NULL; mhsm_remedy() returns NULL where there is nothing to advise. The strings are static, lower-case, without a full
 * stop.
 */
const char *mhsm_strerror(int error);
const char *mhsm_remedy(int error);

#ifdef __cplusplus
}
#endif

#endif
