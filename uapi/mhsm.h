/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mhsm: the data plane of the kernel HSM, /dev/mhsm.
 *
 * A key is opened like a file. /dev/mhsm (the device) is opened for a session; the session's principal is the
 * effective uid of the opener. On the device:
 *
 *   INFO          state of the HSM, never refused
 *   KEY_OPEN      name, version, rights wanted -> a key fd (the ioctl's return value)
 *   KEY_CREATE    generate a key -> a key fd; durable when it returns, unless MHSM_KEY_SESSION
 *   KEY_IMPORT    the same from key material of the caller
 *   KEY_LIST      keys, a page at a time
 *   KEY_UPDATE    enable or disable a version of a key, move its time window, change its switches
 *   KEY_DELETE    soft-delete a name with all its versions; KEY_RECOVER undoes it; KEY_PURGE destroys it
 *   RANDOM        bytes from the SP 800-90A DRBG
 *   RELEASE       a data key to a keyring of the kernel's, for those of its users that know no token
 *   BATCH         many calls on key fds in one
 *   TRANSFER_KEY  public half of the one-time key to which a security domain is to be encrypted (HPKE)
 *   SESSION_BIND, AUDIT_VERIFY   below
 *
 * /dev/mhsm-daemon (mode 0600, owned by mhsmd's user) takes DAEMON_NONCE, AUDIT_DRAIN, AUDIT_ACK and AUDIT_VERIFY:
 * who can open it can be mhsmd, and mhsmd needs no capability besides.
 *
 * On a key fd: INFO, PUBLIC, ENCRYPT, DECRYPT, WRAP, UNWRAP, SIGN, VERIFY, DERIVE, TOKEN. ENCRYPT to VERIFY are data
 * calls: they can be part of a BATCH, and be io_uring commands (struct mhsm_uring_cmd).
 *
 * Rights are decided when the key is opened, are carried by the fd, survive fork, pass with SCM_RIGHTS, and are
 * decided anew when the policy changes. Every well-formed call that uses a key, changes one or looks for one, draws
 * random bytes, or changes or audits the HSM leaves one audit record. INFO, TRANSFER_KEY and SESSION_BIND, which
 * give out what is public or only name who asks, leave none, nor do the daemon's AUDIT_DRAIN and AUDIT_ACK.
 *
 * Every struct begins with its own size in bytes: a shorter one than the first published is refused (EINVAL), a longer
 * one is accepted if the unknown tail is zero (E2BIG otherwise). Pointers are __u64. Padding and unknown flags must
 * be zero (EINVAL). Numbers are in the machine's byte order. No struct differs between 32 and 64 bit callers. A call is
 * known by the number in its ioctl code; the size in the code is not looked at, so that a struct can grow.
 *
 * Errors common to all calls (the ioctl fails with -1 and errno):
 *   EFAULT           a pointer is bad
 *   EINVAL           a field is out of range, padding or an unknown flag is set
 *   E2BIG            the struct is longer than this kernel knows and its tail is not zero
 *   ENOTTY           not a call of this fd
 *   ENODATA          the HSM is not provisioned:           mhsm provision
 *   ENOKEY           the HSM is locked:                    mhsm security-domain approve
 *   ESHUTDOWN        the HSM was zeroized:                 mhsm provision
 *   ENOTRECOVERABLE  a self-test failed, the HSM refuses service until the module is reloaded
 *   ENOBUFS          the audit ring is full: mhsmd is not draining it
 *   EACCES           the principal has no right to this action
 *   ENOENT           no such key (or none that the principal may know of)
 *   EKEYREVOKED      the key is disabled, deleted, purged, or the HSM was locked since the fd was opened
 *   EKEYEXPIRED      now is outside the key's not-before/expires window
 *   EPERM            the key's allowed operations, or the rights of the fd, do not include the operation
 *   EOPNOTSUPP       the algorithm is unknown or is not one for this key's type
 *   ERANGE           the output does not fit; the needed length is in the struct, nothing was computed
 *   EBADMSG          a tag, integrity check, padding or signature is wrong, or a peer's public key; nothing was output
 *   EDQUOT           the key's use limit is reached (of AES-GCM every key has one: 2^32 encryptions)
 *   EKEYREJECTED     what is to be imported is not a key (KEY_IMPORT), or to be wrapped anew not a token (TOKEN)
 * of calls that store (KEY_CREATE, DERIVE into a stored key, KEY_IMPORT, KEY_UPDATE, KEY_DELETE, KEY_RECOVER, KEY_PURGE;
 * and a use that counts, see struct mhsm_ioc_key_create, when the block of uses that is stored is used up):
 *   EUNATCH          no mhsmd is attached: systemctl start mhsmd
 *   EEXIST           the name is in use (also by a soft-deleted key)
 *   EBUSY            an earlier change of the key, whose caller did not wait, is still on its way to mhsmd
 *   EAGAIN           mhsmd is behind with more changes than it is sent at once: try again
 *   ENOSPC, EIO      mhsmd could not store the record; nothing was changed
 *   ETIMEDOUT        mhsmd went away between being asked and answering: the outcome is not known; look again later
 */
#ifndef _UAPI_MHSM_H
#define _UAPI_MHSM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MHSM_ABI 1

#define MHSM_DEVICE "/dev/mhsm"
#define MHSM_DAEMON_DEVICE "/dev/mhsm-daemon"

#define MHSM_NAME_MAX 127 /* ^[0-9a-zA-Z-]{1,127}$ */
#define MHSM_ID_LEN 16
#define MHSM_VERSION_LEN 16 /* written as 32 hexadecimal digits */
#define MHSM_DATA_MAX (1u << 20) /* most bytes of one call's in, out, where no other number is named */
#define MHSM_AAD_MAX (1u << 16) /* most bytes of additional authenticated data */
#define MHSM_VERSIONS_MAX 64 /* versions of one name */
#define MHSM_TOKEN_LEN 128
#define MHSM_DESCRIPTION_MAX 255 /* bytes of the description of a key in a keyring */
#define MHSM_MATERIAL_MAX 4096 /* bytes of a key to be imported */
#define MHSM_PUBLIC_MAX 512 /* bytes of a public key: the modulus of RSA-4096 */
#define MHSM_SIG_MAX 512 /* bytes of a signature */
#define MHSM_DERIVE_PART_MAX 2048 /* most bytes of a derivation's salt, and of its info */
#define MHSM_DERIVE_OUT_MAX 1024 /* most bytes of a derivation's result */

/* States of the HSM */
enum mhsm_state {
	MHSM_STATE_UNPROVISIONED = 0, /* no domain is known */
	MHSM_STATE_PROVISIONED = 1, /* a domain was made, its security domain is not downloaded yet */
	MHSM_STATE_ACTIVE = 2, /* ready */
	MHSM_STATE_LOCKED = 3, /* a domain is known, its master is not here */
	MHSM_STATE_RESTORING = 4, /* the master is here, records are being loaded */
	MHSM_STATE_ZEROIZED = 5,
	MHSM_STATE_ERROR = 6, /* a self-test failed */
};

/* Key types, and what `param` of a type means */
enum mhsm_key_type {
	MHSM_KEY_AES = 1, /* oct-HSM; param: 128, 192 or 256, the size in bits */
	MHSM_KEY_EC = 2, /* EC-HSM; param: MHSM_CURVE_P256 to _P256K */
	MHSM_KEY_RSA = 3, /* RSA-HSM; param: 2048, 3072 or 4096, the size of the modulus in bits; e is 65537 */
	MHSM_KEY_OKP = 4, /* OKP-HSM (RFC 8037); param: MHSM_CURVE_ED25519, _X25519 */
	MHSM_KEY_HMAC = 5, /* HMAC-HSM, a generic secret; param: its size in bits, 160 to 512, a multiple of 8 */
};

/* SP 800-186, SEC 2 */
enum mhsm_curve {
	MHSM_CURVE_P256 = 1,
	MHSM_CURVE_P384 = 2,
	MHSM_CURVE_P521 = 3,
	MHSM_CURVE_P256K = 4, /* secp256k1 */
	MHSM_CURVE_ED25519 = 5,
	MHSM_CURVE_X25519 = 6,
};

/* Operations that a key allows (`ops`), rights of an fd (`rights`); names as in RFC 7517 section 4.3 */
#define MHSM_OP_ENCRYPT (1u << 0)
#define MHSM_OP_DECRYPT (1u << 1)
#define MHSM_OP_SIGN (1u << 2)
#define MHSM_OP_VERIFY (1u << 3)
#define MHSM_OP_WRAP (1u << 4)
#define MHSM_OP_UNWRAP (1u << 5)
#define MHSM_OP_DERIVE (1u << 6) /* deriveKey: the result becomes a key of the HSM */
#define MHSM_OP_DERIVE_BITS (1u << 7) /* deriveBits: the result leaves as bytes */
#define MHSM_OP_ALL 0xffu
#define MHSM_RIGHT_READ (1u << 31) /* INFO and PUBLIC; part of every fd */

/* Key flags */
#define MHSM_KEY_ENABLED (1u << 0)
#define MHSM_KEY_SESSION (1u << 1) /* not stored: ends with its last fd */
#define MHSM_KEY_CONSUMERS (1u << 2) /* tokens of this KEK may be redeemed by the kernel's own ciphers */
#define MHSM_KEY_IMPORTED (1u << 3) /* reported only: the material came from outside */
#define MHSM_KEY_NEW_VERSION (1u << 4) /* asked only: if the name exists, make a new version of it */
#define MHSM_KEY_RELEASE (1u << 5) /* data keys under this KEK, of MHSM_TOKEN_RAW, may leave the HSM by RELEASE */
#define MHSM_KEY_REVOKE_LIVE (1u << 6) /* when it is disabled, soft-deleted or expires, live ciphers end, too */

/* Key states */
enum mhsm_key_state {
	MHSM_KEYSTATE_ACTIVE = 1,
	MHSM_KEYSTATE_DELETED = 2, /* soft-deleted: can be recovered or purged */
};

/* Algorithms; names of RFC 7518 or PKCS#11 in the comment */
enum mhsm_alg {
	MHSM_ALG_AES_GCM = 1, /* A128GCM, A192GCM, A256GCM; CKM_AES_GCM: SP 800-38D, 12 byte IV, 16 byte tag */
	MHSM_ALG_AES_KW = 2, /* A128KW, A192KW, A256KW; CKM_AES_KEY_WRAP: RFC 3394, SP 800-38F KW */
	MHSM_ALG_AES_KWP = 3, /* CKM_AES_KEY_WRAP_KWP: RFC 5649, SP 800-38F KWP */
	MHSM_ALG_ES256 = 4, /* ES256; CKM_ECDSA: FIPS 186-5 on P-256 with SHA-256; r||s of 32 bytes each */
	MHSM_ALG_ES384 = 5, /* ES384; CKM_ECDSA: on P-384 with SHA-384; of 48 bytes each */
	MHSM_ALG_ES512 = 6, /* ES512; CKM_ECDSA: on P-521 with SHA-512; of 66 bytes each */
	MHSM_ALG_ES256K = 7, /* ES256K (RFC 8812); CKM_ECDSA: on secp256k1 with SHA-256; of 32 bytes each */
	MHSM_ALG_EDDSA = 8, /* EdDSA (RFC 8037); CKM_EDDSA: Ed25519, RFC 8032; 64 bytes. Of a message only */
	MHSM_ALG_RS256 = 9, /* RS256; CKM_SHA256_RSA_PKCS: RSASSA-PKCS1-v1_5, RFC 8017 section 8.2; as long as n */
	MHSM_ALG_RS384 = 10,
	MHSM_ALG_RS512 = 11,
	MHSM_ALG_PS256 = 12, /* PS256; CKM_SHA256_RSA_PKCS_PSS: RSASSA-PSS, section 8.1, salt as long as the digest */
	MHSM_ALG_PS384 = 13,
	MHSM_ALG_PS512 = 14,
	MHSM_ALG_RSNULL = 15, /* RSNULL (Azure); CKM_RSA_PKCS: as RS256, but of bytes of the caller's, which are padded as they are */
	MHSM_ALG_RSA1_5 = 16, /* RSA1_5; CKM_RSA_PKCS: RSAES-PKCS1-v1_5, section 7.2 */
	MHSM_ALG_RSA_OAEP = 17, /* RSA-OAEP; CKM_RSA_PKCS_OAEP: RSAES-OAEP, section 7.1, SHA-1, MGF1 with the same hash */
	MHSM_ALG_RSA_OAEP_256 = 18, /* RSA-OAEP-256, _384, _512: with SHA-256, SHA-384, SHA-512 */
	MHSM_ALG_RSA_OAEP_384 = 19,
	MHSM_ALG_RSA_OAEP_512 = 20,
	MHSM_ALG_AES_CBC = 21, /* A128CBC, A192CBC, A256CBC; CKM_AES_CBC: SP 800-38A section 6.2, no padding */
	MHSM_ALG_AES_CBCPAD = 22, /* A128CBCPAD ...; CKM_AES_CBC_PAD: the same, padded by PKCS #7 (RFC 5652 section 6.3) */
	MHSM_ALG_AES_CTR = 23, /* A128CTR ... (RFC 9459); CKM_AES_CTR: SP 800-38A section 6.5 */
	MHSM_ALG_AES_CMAC = 24, /* CKM_AES_CMAC: SP 800-38B, RFC 4493; 16 bytes. Of a message only */
	MHSM_ALG_HS256 = 25, /* HS256; CKM_SHA256_HMAC: FIPS 198-1 with SHA-256; 32 bytes. Of a message only */
	MHSM_ALG_HS384 = 26, /* with SHA-384; 48 bytes */
	MHSM_ALG_HS512 = 27, /* with SHA-512; 64 bytes */
	MHSM_ALG_ECDH = 28, /* ECDH-ES (without its KDF); CKM_ECDH1_COFACTOR_DERIVE; X25519 on an OKP key (RFC 7748) */
	MHSM_ALG_HKDF_SHA256 = 29, /* CKM_HKDF_DERIVE: RFC 5869, extract and expand */
	MHSM_ALG_HKDF_SHA384 = 30,
	MHSM_ALG_HKDF_SHA512 = 31,
	MHSM_ALG_KDF_CTR_SHA256 = 32, /* CKM_SP800_108_COUNTER_KDF: SP 800-108 section 4.1 with HMAC, 32-bit counter and L */
	MHSM_ALG_KDF_CTR_SHA384 = 33,
	MHSM_ALG_KDF_CTR_SHA512 = 34,
	MHSM_ALG_RSA_AES_KW = 35, /* CKM_RSA_AES_KEY_WRAP: a fresh AES-256 key by RSA_OAEP, and by that the target, by AES_KWP */
	MHSM_ALG_RSA_AES_KW_256 = 36, /* RSA_AES_KEY_WRAP_256, _384 (Azure): the same by RSA_OAEP_256, _384 */
	MHSM_ALG_RSA_AES_KW_384 = 37,
	MHSM_ALG_MAX = 37,
};

/* What a volume token is for: the crypto API algorithm its data key is bound to */
enum mhsm_token_alg {
	MHSM_TOKEN_XTS_AES = 1, /* data key of 32 or 64 bytes: two AES keys */
	MHSM_TOKEN_CBC_AES = 2, /* 16 or 32 bytes */
	MHSM_TOKEN_CTR_AES = 3, /* 16 or 32 bytes */
	MHSM_TOKEN_GCM_AES = 4, /* 16 or 32 bytes */
	MHSM_TOKEN_CCM_AES = 5, /* 16 or 32 bytes */
	MHSM_TOKEN_RFC4106_GCM_AES = 6, /* 20 or 36 bytes: an AES key and four bytes of salt (RFC 4106 section 8.1) */
	MHSM_TOKEN_HMAC_SHA256 = 7, /* 16 to 64 bytes */
	MHSM_TOKEN_HMAC_SHA384 = 8, /* 16 to 64 bytes */
	MHSM_TOKEN_HMAC_SHA512 = 9, /* 16 to 64 bytes */
	MHSM_TOKEN_CMAC_AES = 10, /* 16 or 32 bytes */
	MHSM_TOKEN_ADIANTUM_XCHACHA12 = 11, /* 32 bytes: adiantum(xchacha12,aes) */
	MHSM_TOKEN_ADIANTUM_XCHACHA20 = 12, /* 32 bytes: adiantum(xchacha20,aes) */
	MHSM_TOKEN_RAW = 13, /* 16 to 64 bytes: no cipher's of ours, but to be placed in a keyring by RELEASE */
	MHSM_TOKEN_ALG_MAX = 13,
};

/* INFO on the device */
struct mhsm_ioc_info {
	__u32 size;
	__u32 abi; /* out: MHSM_ABI */
	__u32 state; /* out: enum mhsm_state */
	__u32 daemon; /* out: 1 if an mhsmd is attached */
	__u8 domain[MHSM_ID_LEN]; /* out: zero if none */
	__u64 keys; /* out: keys (versions) loaded */
	__u64 audit_lost; /* out: what was denied, in a locked HSM or too often, and only this counter records */
	__u64 audit_batch; /* out: batches acknowledged in this domain's chain */
	__u32 lockdown; /* out: 1 if the kernel keeps its memory from root (lockdown=confidentiality) */
	__u32 pad;
};

/* KEY_OPEN: returns the fd, opened close-on-exec */
struct mhsm_ioc_key_open {
	__u32 size;
	__u32 rights; /* MHSM_OP_*: all must be granted or the call fails with EACCES */
	__u8 version[MHSM_VERSION_LEN]; /* zero: the latest */
	char name[MHSM_NAME_MAX + 1]; /* ends with NUL, zero after it */
};

/*
 * KEY_CREATE and KEY_IMPORT: return the fd, with all rights that the new key's ops allow.
 *
 * The material of AES is the key itself. That of EC, OKP and RSA is a PKCS#8 PrivateKeyInfo or OneAsymmetricKey in DER
 * (RFC 5208, 5958; with the key as in RFC 5915, 8410 or 8017 appendix A.1.2), not encrypted, of a key of `type` and
 * `param`: EINVAL if it is of another, EBADMSG if it is no such DER, EOPNOTSUPP for keys that there are not here (other
 * algorithms, curves, sizes; a curve that is spelled out, a compressed point, an exponent that is not 65537, more than two
 * primes), and EKEYREJECTED if its numbers are not a key: a private key out of range, a public key that is not its, primes
 * that are none, too near to each other or not half as long as the modulus, a product or exponents that do not belong to
 * them. To test primes takes up to a second.
 */
struct mhsm_ioc_key_create {
	__u32 size;
	__u32 type; /* enum mhsm_key_type */
	__u32 param;
	__u32 ops; /* MHSM_OP_*; 0: what is usual for the type (AES: not SIGN, VERIFY) */
	__u32 flags; /* MHSM_KEY_ENABLED | _SESSION | _CONSUMERS | _RELEASE | _REVOKE_LIVE | _NEW_VERSION */
	__u32 material_len; /* KEY_IMPORT: bytes at material, to MHSM_MATERIAL_MAX (AES, HMAC: param / 8); KEY_CREATE: 0 */
	__u64 material; /* KEY_IMPORT: pointer to it; KEY_CREATE: 0 */
	__u64 not_before; /* seconds since 1970, 0: none */
	__u64 expires; /* seconds since 1970, 0: never; must be after not_before */
	__u8 id[MHSM_ID_LEN]; /* out */
	__u8 version[MHSM_VERSION_LEN]; /* out */
	char name[MHSM_NAME_MAX + 1]; /* a session key may have none */
	/*
	 * How often this version of the key may be used, to 2^63 - 1; 0: as often as one likes. Every operation that is
	 * begun with the secret or the private half counts, whatever comes of it: all but VERIFY, and ENCRYPT and WRAP
	 * with a public half. Uses are written into the key's record in blocks, before they are made: after a restart
	 * what is left of a block counts as used, at most 1/16 of what was left of the limit. EINVAL with
	 * MHSM_KEY_CONSUMERS: a kernel cipher's setkey cannot wait for the store.
	 * With or without a limit a key encrypts at most 2^32 messages with AES-GCM (SP 800-38D section 8.3), counted
	 * in the same way.
	 */
	__u64 use_limit;
};

/* What is public of a key */
struct mhsm_key_info {
	__u64 serial; /* place in the listing */
	__u8 id[MHSM_ID_LEN];
	__u8 version[MHSM_VERSION_LEN];
	__u32 type;
	__u32 param;
	__u32 ops;
	__u32 flags;
	__u32 state; /* enum mhsm_key_state */
	__u32 rights; /* INFO on a key fd: rights of the fd; listing: 0 */
	__u32 owner_kind; /* enum mhsm_principal */
	__u32 owner;
	__u64 generation; /* counts changes of the record */
	__u64 created; /* seconds since 1970 */
	__u64 updated;
	__u64 not_before;
	__u64 expires;
	__u64 deleted; /* time of the soft-delete, 0: not deleted */
	__u32 public_len; /* EC: x||y, coordinates of full length; RSA: n; OKP: RFC 8032 section 5.1.2; AES, HMAC: 0 */
	__u32 pad;
	__u8 pub[MHSM_PUBLIC_MAX]; /* big-endian numbers */
	char name[MHSM_NAME_MAX + 1];
	__u64 use_limit; /* 0: none */
	__u64 uses; /* of use_limit; 0 without one: they are not counted */
	__u64 gcm_uses; /* messages that an AES key encrypted with AES-GCM, or lost the right to */
};

enum mhsm_principal {
	MHSM_PRINCIPAL_UID = 1,
	MHSM_PRINCIPAL_GID = 2,
};

/* INFO on a key fd */
struct mhsm_ioc_key_info {
	__u32 size;
	__u32 pad;
	struct mhsm_key_info info; /* out */
};

/*
 * KEY_LIST: keys that the principal may see, in order of serial, from the one after `after`. `count` goes in as the
 * room at `infos` (1 to 1024) and comes out as the number written; 0 is the end.
 */
struct mhsm_ioc_key_list {
	__u32 size;
	__u32 count;
	__u64 after; /* 0, or the serial of the last entry of the page before */
	__u64 infos; /* pointer to struct mhsm_key_info[count] */
	__u32 flags; /* MHSM_LIST_DELETED: the soft-deleted ones instead */
	__u32 info_size; /* sizeof(struct mhsm_key_info): that of the caller's header, if older, cuts each entry */
	char name[MHSM_NAME_MAX + 1]; /* only versions of this name; empty: all */
};
#define MHSM_LIST_DELETED (1u << 0)

/*
 * KEY_UPDATE: changes what `what` names of one version of a stored key that is not deleted (ENOENT), and nothing else of
 * it; durable when it returns. What runs with the key ends as it began, and what begins after it is decided anew. Live
 * ciphers of the kernel go on, unless the key, as it is after the change, has MHSM_KEY_REVOKE_LIVE and is disabled or out
 * of its window: they have ended when the call returns, for good. EINVAL if `expires` would not be after `not_before`, and
 * for MHSM_KEY_CONSUMERS of a key with a use limit.
 */
struct mhsm_ioc_key_update {
	__u32 size;
	__u32 what; /* MHSM_UPDATE_*, at least one */
	__u32 flags; /* those of MHSM_KEY_ENABLED, _CONSUMERS, _REVOKE_LIVE that are named and are to be set */
	__u32 pad;
	__u64 not_before; /* 0, unless it is named: seconds since 1970, 0: none */
	__u64 expires; /* 0, unless it is named: seconds since 1970, 0: never */
	__u8 version[MHSM_VERSION_LEN]; /* zero: the latest */
	char name[MHSM_NAME_MAX + 1];
};
#define MHSM_UPDATE_ENABLED (1u << 0)
#define MHSM_UPDATE_CONSUMERS (1u << 1)
#define MHSM_UPDATE_REVOKE_LIVE (1u << 2)
#define MHSM_UPDATE_NOT_BEFORE (1u << 3)
#define MHSM_UPDATE_EXPIRES (1u << 4)
#define MHSM_UPDATE_ALL 0x1fu

/* KEY_DELETE, KEY_RECOVER, KEY_PURGE */
struct mhsm_ioc_key_name {
	__u32 size;
	__u32 flags; /* 0 */
	char name[MHSM_NAME_MAX + 1];
};

/* RANDOM: 1 to MHSM_RANDOM_MAX bytes */
struct mhsm_ioc_random {
	__u32 size;
	__u32 len;
	__u64 out;
};
#define MHSM_RANDOM_MAX 65536

/*
 * BATCH: does the data calls of up to MHSM_BATCH_OPS_MAX entries, one after the other, as if each had been called by
 * itself: each has its own result and its own audit record, and one that fails has no effect on the others. An entry is
 * read once. An fd that is the same as that of the entry before is not looked up again, so what it stood for then counts.
 *
 * `done` comes out as the number of entries that were tried, from the first; of the others nothing is known but that they
 * were not begun. It is less than `count` if entries could not be read or results not be written (EFAULT if it is the
 * first), or if the process is being killed.
 *
 * An entry's result is 0 or a negative errno of its call, or -EBADF (fd is not open), -ENOTTY (fd is not a key fd, or call
 * not a data call), -EINVAL (pad is not zero).
 */
struct mhsm_batch_op {
	__s32 fd; /* a key fd */
	__u32 call; /* MHSM_CALL_NR() of MHSM_IOC_ENCRYPT, _DECRYPT, _WRAP, _UNWRAP, _SIGN or _VERIFY */
	__u64 arg; /* pointer to the call's own struct, which is written as by the call */
	__s32 result; /* out */
	__u32 pad;
	__u64 user_data; /* the caller's; not looked at */
};

struct mhsm_ioc_batch {
	__u32 size;
	__u32 count; /* 1 to MHSM_BATCH_OPS_MAX */
	__u32 flags; /* 0 */
	__u32 done; /* out */
	__u64 ops; /* pointer to struct mhsm_batch_op[count] */
};
#define MHSM_BATCH_OPS_MAX 1024
#define MHSM_CALL_NR(code) ((code) & 0xff) /* the number of a call, from its ioctl code */

/*
 * A data call as an io_uring command (IORING_OP_URING_CMD): the SQE's fd is the key fd, its cmd_op MHSM_CALL_NR() of the
 * call, its uring_cmd_flags 0, and its command area, 16 bytes that need no large SQE, this struct. The CQE's res is 0 or
 * a negative errno: the call's, -ENOTTY (not a data call), -EINVAL (pad, uring_cmd_flags). What arg points to must stay
 * until the CQE is there.
 *
 * Short operations are done while the SQE is submitted: with secret keys, of up to MHSM_URING_INLINE bytes. The others are
 * done by worker threads of the ring. io_uring starts a second worker for what only computes if the SQE says IOSQE_ASYNC:
 * so say it with the signatures that are to be made in parallel.
 */
struct mhsm_uring_cmd {
	__u64 arg; /* pointer to the call's struct */
	__u64 pad;
};
#define MHSM_URING_INLINE 16384

/* TRANSFER_KEY: EINVAL state errors as above; ENOTCONN when no ceremony is open */
struct mhsm_ioc_transfer_key {
	__u32 size;
	__u32 pad;
	__u8 domain[MHSM_ID_LEN]; /* out */
	__u8 pub[65]; /* out: SEC1 uncompressed P-256 point */
	__u8 pad2[7];
};

/* PUBLIC on a key fd: the SubjectPublicKeyInfo in DER (RFC 5480, 8017, 8410); EOPNOTSUPP for a secret key */
struct mhsm_ioc_public {
	__u32 size;
	__u32 len; /* in: room; out: length */
	__u64 out;
};

/*
 * ENCRYPT, DECRYPT (AES_GCM, AES_CBC, AES_CBCPAD, AES_CTR, RSA1_5, RSA_OAEP*) and WRAP, UNWRAP (AES_KW, AES_KWP, RSA1_5,
 * RSA_OAEP*, RSA_AES_KW*) on a key fd.
 *
 * AES_GCM: iv_len 12, tag_len 16. ENCRYPT with MHSM_CRYPT_MAKE_IV draws the IV from the DRBG and writes it to iv: the
 * right choice unless a protocol dictates the IV; without it the caller answers for never repeating one. in_len 0 is
 * allowed.
 * AES_CBC, AES_CBCPAD, AES_CTR: iv_len 16, MHSM_CRYPT_MAKE_IV as above; tag and aad unused. For CTR, iv is the first
 * counter block, a big-endian number of 128 bits that counts up by one for each block of the message: neither it nor
 * one that another message came to may be used again. in_len 0 is allowed, of CBC a multiple of 16. CBCPAD adds 1 to 16
 * bytes; DECRYPT takes a multiple of 16, from 16, wants room for in_len - 1, and is EBADMSG if the padding is wrong.
 * None of these tells whether a message was altered. CBCPAD moreover says whether the padding was right: who can have
 * messages of his choice decrypted, and learns that, can decrypt any message, a byte in at most 256 calls. Only decrypt
 * what a MAC over IV and ciphertext has shown to be genuine; or use AES_GCM.
 * As they give raw use of the block cipher, they are for keys whose ops are ENCRYPT, DECRYPT or both and no other
 * (EOPNOTSUPP): on a key that wraps as well, who may decrypt could unwrap. And who may decrypt with CTR can encrypt.
 * in_len is at most MHSM_BULK_MAX (CBCPAD: of the plaintext). out may be in. Of more than MHSM_DATA_MAX bytes, in and
 * out are otherwise apart (EINVAL), in memory of the system (EFAULT for that of a device), and nobody writes to them
 * meanwhile, or the result is undefined. After EBADMSG, out is as it was.
 * AES_KW: in_len a multiple of 8, 16 to 4096 (WRAP), out is 8 longer. AES_KWP: in_len 1 to 4096. iv, aad, tag unused.
 *
 * RSA, n_len being the bytes of the modulus and h_len those of the digest. iv, tag unused; aad is the label of
 * RSA_OAEP*, and empty for the others. in_len of ENCRYPT and WRAP: RSA1_5, to n_len - 11; RSA_OAEP*, to n_len - 2 h_len
 * - 2; out is n_len long. Of DECRYPT and UNWRAP: n_len; out must have room for the longest message, whatever its length
 * turns out to be. RSA_AES_KW* (WRAP and UNWRAP only): in_len 1 to 4096, out is n_len + 8 longer than that rounded up to
 * 8; UNWRAP must have room for n_len + 8 bytes fewer than in_len.
 * Of RSA_OAEP* and RSA_AES_KW* all that can be wrong is one EBADMSG, and takes one time. RSA1_5 that is wrong does NOT
 * fail: DECRYPT and UNWRAP then give bytes of a length of their own, which depend on the key and on `in` only and which
 * nobody can tell from a message (implicit rejection, draft-irtf-cfrg-rsa-guidance). Only `in` that is not below the
 * modulus is EBADMSG. Use RSA_OAEP* for what is new.
 *
 * out_len: in, the room; out, the bytes written (or needed, with ERANGE).
 */
struct mhsm_ioc_crypt {
	__u32 size;
	__u32 alg;
	__u32 flags; /* MHSM_CRYPT_* */
	__u32 iv_len;
	__u32 tag_len;
	__u32 aad_len;
	__u32 in_len;
	__u32 out_len;
	__u64 iv;
	__u64 tag;
	__u64 aad;
	__u64 in;
	__u64 out;
};
#define MHSM_CRYPT_MAKE_IV (1u << 0)
#define MHSM_BULK_MAX (16u << 20) /* most bytes that one call encrypts or decrypts */

/*
 * SIGN, VERIFY on a key fd. in is the digest, of the algorithm's length, or with MHSM_SIGN_MESSAGE the message (to
 * MHSM_DATA_MAX), which the kernel hashes; EDDSA, AES_CMAC and HS256 to HS512 take a message only (EINVAL), and RSNULL
 * only what it pads (without MHSM_SIGN_MESSAGE; to 11 bytes fewer than the modulus has). AES_CMAC and HS256 to HS512
 * make a MAC, of its full length, which the one key makes and verifies; AES_CMAC is for AES keys that were made with
 * MHSM_OP_SIGN, MHSM_OP_VERIFY. The signature has the form and length
 * that enum mhsm_alg says; sig_len: in, the room or length; out, the length. VERIFY: EBADMSG if it does not verify.
 */
struct mhsm_ioc_sign {
	__u32 size;
	__u32 alg;
	__u32 flags;
	__u32 in_len;
	__u32 sig_len;
	__u32 pad;
	__u64 in;
	__u64 sig;
};
#define MHSM_SIGN_MESSAGE (1u << 0)

/*
 * DERIVE on a key fd: a secret out of this key, as bytes or as another key of the HSM.
 *
 * alg: MHSM_ALG_ECDH, of an EC key or an X25519 one: the secret shared with who has the public key `peer`, which has the
 * form and length of this key's own (x||y, coordinates of full length; X25519: u, RFC 7748 section 5, any value). The
 * secret is the x coordinate (SP 800-56A section 5.7.1.2; all these curves' cofactor is 1), or u. EBADMSG for a peer
 * that is no point of the curve, or has a coordinate not below p; for X25519 if the result is zero (a point of small
 * order). kdf: 0, the secret itself; or an algorithm below, which is given the secret in the place of a key.
 *
 * alg or kdf: MHSM_ALG_HKDF_*: RFC 5869, the input keying material, salt, and info. MHSM_ALG_KDF_CTR_*: SP 800-108r1
 * section 4.1, [i] || salt || 0x00 || info || [L] with i and L (in bits) of 32 bits, big-endian; the label is `salt`, the
 * context `info`. Both are 0 to MHSM_DERIVE_PART_MAX bytes; none, and peer_len 0, where they have no meaning (EINVAL).
 *
 * Exactly one of out, key is set. out: the result leaves as out_len bytes, 1 to MHSM_DERIVE_OUT_MAX; for the shared
 * secret itself exactly its length (ERANGE and the needed length if shorter). Needs MHSM_OP_DERIVE_BITS.
 * key: points to a struct mhsm_ioc_key_create, out_len is 0; the result becomes that key, of a symmetric type (EOPNOTSUPP
 * for others), which is otherwise made as by KEY_CREATE, with its errors, and whose fd the call returns. The shared
 * secret itself must have the key's length (EINVAL). Needs MHSM_OP_DERIVE; and the right to create keys, which is the
 * calling process's own, as the new key will be, wherever the fd came from.
 *
 * The use of this key is one audit record (MHSM_ACT_DERIVE, _DERIVE_BITS), the creation of another key a second
 * (MHSM_ACT_KEY_CREATE), which says whether it was made.
 */
struct mhsm_ioc_derive {
	__u32 size;
	__u32 alg;
	__u32 kdf; /* 0, or enum mhsm_alg */
	__u32 flags; /* 0 */
	__u32 peer_len;
	__u32 salt_len;
	__u32 info_len;
	__u32 out_len;
	__u64 peer;
	__u64 salt;
	__u64 info;
	__u64 out;
	__u64 key; /* pointer to struct mhsm_ioc_key_create */
};

/*
 * TOKEN on a key fd with the wrap right: wraps a data key (new and random, or imported from `material`) under this
 * AES-256 key into a volume token, MHSM_TOKEN_LEN bytes, which the kernel's algorithms mhsm(...), ...(paes) and phmac(...)
 * take as their key (formats.md, "Volume token"). The data key itself is never output. A token is redeemed by the id of its key, under which
 * a session key is not found: make tokens of stored keys. Soft-deleting or disabling the key stops new redemptions; live
 * ciphers end when it is purged, or the HSM is locked or zeroized; with MHSM_KEY_REVOKE_LIVE also when it is soft-deleted,
 * disabled or expires.
 *
 * MHSM_TOKEN_REWRAP: `material` is a token, and its data key is wrapped under this key, without being seen. The caller
 * needs the unwrap right on the key of the old token, as if a cipher redeemed it (it is recorded as TOKEN_REDEEM); the old
 * token stays as good as it was. EKEYREJECTED: it is no token of this HSM for `alg`.
 */
struct mhsm_ioc_token {
	__u32 size;
	__u32 alg; /* enum mhsm_token_alg */
	__u32 flags; /* MHSM_TOKEN_REWRAP */
	__u32 key_len; /* bytes of the data key; of a token: MHSM_TOKEN_LEN */
	__u64 material; /* 0: make a new random data key; else pointer to key_len bytes */
	__u8 token[MHSM_TOKEN_LEN]; /* out */
};
#define MHSM_TOKEN_REWRAP (1u << 0)

/*
 * RELEASE (on /dev/mhsm): unwraps the data key of a token of MHSM_TOKEN_RAW and places it, from kernel to kernel, in a key
 * of the kind `form`, whose payload no process can read. It is out of the HSM then: it is in ordinary kernel memory, and
 * neither a lock nor the end of its KEK reaches it. So only if the KEK was made with MHSM_KEY_RELEASE (EACCES), for the
 * calling process, which needs the unwrap right, whoever opened the session; and it is recorded as an export
 * (MHSM_ACT_KEY_RELEASE). If the KEK expires, so does the key then. A key with this description in the keyring is replaced.
 *
 * EKEYREJECTED: this is no token of MHSM_TOKEN_RAW of this HSM. EINVAL: the description is not one of the form's; a data
 * key that is shorter than the form takes. Those of add_key(2) for the keyring: ENOKEY, EACCES, ENOTDIR, EDQUOT. ENODEV:
 * this kernel has no keys of this kind. Of an error after the record the data key is wiped, and nothing was placed.
 */
enum mhsm_release_form {
	MHSM_RELEASE_LOGON = 1, /* type logon, the data key as it is; description PREFIX:TEXT */
	/*
	 * type fscrypt-provisioning, for FS_IOC_ADD_ENCRYPTION_KEY with its key_id and FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER
	 * (policies of version 2); from 32 bytes for AES-256-XTS
	 */
	MHSM_RELEASE_FSCRYPT = 2,
	/* type logon, struct fscrypt_key; description fscrypt:DESCRIPTOR, 16 hexadecimal digits (policies of version 1) */
	MHSM_RELEASE_FSCRYPT_V1 = 3,
};

struct mhsm_ioc_release {
	__u32 size;
	__u32 form; /* enum mhsm_release_form */
	__u32 flags; /* 0 */
	__s32 keyring; /* serial number, or KEY_SPEC_*_KEYRING */
	__s32 serial; /* out: of the key */
	__u32 pad;
	__u8 token[MHSM_TOKEN_LEN];
	char description[MHSM_DESCRIPTION_MAX + 1]; /* ends with NUL, zero after it */
};

/* --- for mhsmd ------------------------------------------------------------------------------------------------ */

/*
 * DAEMON_NONCE (on /dev/mhsm-daemon): a one-time value that the netlink command ATTACH must bring back within a minute;
 * it ties the netlink socket to this session (uapi/mhsm_genl.h). EBUSY if another daemon is attached.
 */
struct mhsm_ioc_daemon_nonce {
	__u32 size;
	__u32 pad;
	__u8 nonce[32]; /* out */
};

/*
 * SESSION_BIND (on /dev/mhsm): gives this fresh session the principal for whom mhsmd acts. `daemon_fd` must be the
 * session of /dev/mhsm-daemon whose nonce attached the daemon (EPERM otherwise). The audit names both. Once per session
 * (EALREADY).
 */
struct mhsm_ioc_session_bind {
	__u32 size;
	__s32 daemon_fd;
	__u32 principal_kind; /* MHSM_PRINCIPAL_UID */
	__u32 principal;
	__u32 pid; /* of the caller, for the record */
	__u32 pad;
};

/* How a use of a key reached the kernel */
enum mhsm_via {
	MHSM_VIA_IOCTL = 1,
	MHSM_VIA_CRYPTO_API = 2,
	MHSM_VIA_NETLINK = 3, /* mhsmd, for the principal */
	MHSM_VIA_KERNEL = 4,
	MHSM_VIA_DAEMON = 5, /* what mhsmd does by itself, after asking: the record is of the decision, on mhsmd's word */
	MHSM_VIA_KEYRING = 6, /* a key of type "mhsm" in a keyring (keyctl(1)) */
};

/* Actions, as decided and recorded */
enum mhsm_action {
	MHSM_ACT_KEY_OPEN = 1,
	MHSM_ACT_KEY_CREATE = 2,
	MHSM_ACT_KEY_IMPORT = 3,
	MHSM_ACT_KEY_LIST = 4,
	MHSM_ACT_KEY_READ = 5,
	MHSM_ACT_KEY_DELETE = 6,
	MHSM_ACT_KEY_RECOVER = 7,
	MHSM_ACT_KEY_PURGE = 8,
	MHSM_ACT_ENCRYPT = 9,
	MHSM_ACT_DECRYPT = 10,
	MHSM_ACT_SIGN = 11,
	MHSM_ACT_VERIFY = 12,
	MHSM_ACT_WRAP = 13,
	MHSM_ACT_UNWRAP = 14,
	MHSM_ACT_TOKEN_CREATE = 15,
	MHSM_ACT_TOKEN_REDEEM = 16, /* setkey of a kernel cipher */
	MHSM_ACT_RANDOM = 17,
	MHSM_ACT_PROVISION = 18,
	MHSM_ACT_DOMAIN_DOWNLOAD = 19,
	MHSM_ACT_DOMAIN_UPLOAD = 20, /* transfer key, unlock */
	MHSM_ACT_LOCK = 21,
	MHSM_ACT_ZEROIZE = 22,
	MHSM_ACT_AUDIT_READ = 23,
	MHSM_ACT_AUDIT_VERIFY = 24,
	MHSM_ACT_DAEMON_ATTACH = 25,
	MHSM_ACT_DERIVE = 26,
	MHSM_ACT_DERIVE_BITS = 27,
	MHSM_ACT_KEY_RELEASE = 28, /* a data key leaves the HSM */
	MHSM_ACT_KEY_UPDATE = 29,
	MHSM_ACT_MAX = 29,
};

/* One audit record, 128 bytes */
struct mhsm_audit_rec {
	__u64 seq; /* of this CPU since boot, from 0, no gap */
	__u64 time; /* nanoseconds since 1970 when the operation began */
	__u64 duration; /* nanoseconds */
	__u32 cpu;
	__u32 action; /* enum mhsm_action */
	__u32 via; /* enum mhsm_via */
	__u32 alg; /* enum mhsm_alg, or mhsm_token_alg for tokens; 0: none */
	__u32 principal_kind;
	__u32 principal;
	__u32 uid; /* effective uid of the process; for mhsmd's calls, mhsmd's */
	__u32 pid; /* of the caller */
	__s32 result; /* 0 or a negative errno */
	__u32 pad;
	__u64 bytes; /* of input */
	__u8 key[MHSM_ID_LEN]; /* zero: none */
	char name[40]; /* key name, cut to 40 bytes, NUL-padded */
};

/*
 * A batch: header, `count` records, a MAC of 32 bytes. mac = HMAC-SHA-256(audit key of the domain, header || records).
 * `prev` is the mac of batch number - 1; zero in batch 0.
 *
 * A record is a byte 0 and a struct mhsm_audit_rec; or, if it is the next of the same CPU and repeats the one before it
 * in all but time, duration and bytes, a byte with MHSM_AUDIT_AGAIN, time less that of the one before (modulo 2^64),
 * duration, and with MHSM_AUDIT_AGAIN_BYTES also bytes, which repeat otherwise. Time and duration take as many bytes, 1
 * to 8, as the first byte says, least significant first; bytes takes 8.
 *
 * Earlier versions: with the magic "MHSMAUD2" records have no such byte; the second kind is a struct mhsm_audit_again
 * (also for a seq that is not the next). With "MHSMAUD1" there is no second kind.
 */
#define MHSM_AUDIT_AGAIN 0x80
#define MHSM_AUDIT_AGAIN_BYTES 0x40
#define MHSM_AUDIT_AGAIN_TIME(tag) (((tag) >> 3 & 7) + 1)
#define MHSM_AUDIT_AGAIN_DURATION(tag) (((tag) & 7) + 1)

struct mhsm_audit_again {
	__u64 seq; /* with bit 63, which a whole record has not */
	__u64 time;
	__u64 duration;
	__u64 bytes;
};

struct mhsm_audit_batch {
	char magic[8]; /* "MHSMAUD3" */
	__u64 number;
	__u8 domain[MHSM_ID_LEN];
	__u8 boot[16]; /* random, one per load of the module: sequences restart with it */
	__u32 count;
	__u32 cpus; /* CPUs that ever recorded since boot */
	__u8 prev[32];
};

#define MHSM_AUDIT_BATCH_MAX 512 /* records */
/* Bytes that a batch of so many records takes at most, none of them repeating another */
#define MHSM_AUDIT_BATCH_BYTES(count) \
	(sizeof(struct mhsm_audit_batch) + (count) * (1 + sizeof(struct mhsm_audit_rec)) + 32)

/*
 * AUDIT_DRAIN (on the attached daemon's session only, EPERM otherwise; the HSM must be active or restoring): the next
 * batch. Waits up to wait_ms (at most 10,000)
 * for a record that someone waits for, or for a quarter of a ring; returns 0 with len 0 if there is nothing. The same
 * batch is returned until AUDIT_ACK names it. len: in, the room (at least MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX),
 * ERANGE); out, the bytes.
 */
struct mhsm_ioc_audit_drain {
	__u32 size;
	__u32 wait_ms;
	__u32 len;
	__u32 pad;
	__u64 out;
};

/* AUDIT_ACK: batch `number` is on durable storage. EINVAL if it is not the one outstanding. */
struct mhsm_ioc_audit_ack {
	__u32 size;
	__u32 pad;
	__u64 number;
};

/*
 * AUDIT_VERIFY (an administrator on /dev/mhsm, or the daemon): checks one batch's MAC: 0, EBADMSG, or EINVAL if it is
 * none. With MHSM_AUDIT_RESUME (attached daemon only, before the first drain of this boot) the chain continues after
 * this batch.
 */
struct mhsm_ioc_audit_verify {
	__u32 size;
	__u32 flags;
	__u32 len;
	__u32 pad;
	__u64 batch;
};
#define MHSM_AUDIT_RESUME (1u << 0)

#define MHSM_IOC 0xb7
/* device */
#define MHSM_IOC_INFO _IOWR(MHSM_IOC, 0x00, struct mhsm_ioc_info)
#define MHSM_IOC_KEY_OPEN _IOWR(MHSM_IOC, 0x01, struct mhsm_ioc_key_open)
#define MHSM_IOC_KEY_CREATE _IOWR(MHSM_IOC, 0x02, struct mhsm_ioc_key_create)
#define MHSM_IOC_KEY_IMPORT _IOWR(MHSM_IOC, 0x03, struct mhsm_ioc_key_create)
#define MHSM_IOC_KEY_LIST _IOWR(MHSM_IOC, 0x04, struct mhsm_ioc_key_list)
#define MHSM_IOC_KEY_DELETE _IOWR(MHSM_IOC, 0x05, struct mhsm_ioc_key_name)
#define MHSM_IOC_KEY_RECOVER _IOWR(MHSM_IOC, 0x06, struct mhsm_ioc_key_name)
#define MHSM_IOC_KEY_PURGE _IOWR(MHSM_IOC, 0x07, struct mhsm_ioc_key_name)
#define MHSM_IOC_RANDOM _IOWR(MHSM_IOC, 0x08, struct mhsm_ioc_random)
#define MHSM_IOC_TRANSFER_KEY _IOWR(MHSM_IOC, 0x09, struct mhsm_ioc_transfer_key)
#define MHSM_IOC_BATCH _IOWR(MHSM_IOC, 0x0a, struct mhsm_ioc_batch)
#define MHSM_IOC_RELEASE _IOWR(MHSM_IOC, 0x0b, struct mhsm_ioc_release)
#define MHSM_IOC_KEY_UPDATE _IOWR(MHSM_IOC, 0x0c, struct mhsm_ioc_key_update)
#define MHSM_IOC_DAEMON_NONCE _IOWR(MHSM_IOC, 0x40, struct mhsm_ioc_daemon_nonce)
#define MHSM_IOC_SESSION_BIND _IOWR(MHSM_IOC, 0x41, struct mhsm_ioc_session_bind)
#define MHSM_IOC_AUDIT_DRAIN _IOWR(MHSM_IOC, 0x42, struct mhsm_ioc_audit_drain)
#define MHSM_IOC_AUDIT_ACK _IOWR(MHSM_IOC, 0x43, struct mhsm_ioc_audit_ack)
#define MHSM_IOC_AUDIT_VERIFY _IOWR(MHSM_IOC, 0x44, struct mhsm_ioc_audit_verify)
/* key fd */
#define MHSM_IOC_KEY_INFO _IOWR(MHSM_IOC, 0x80, struct mhsm_ioc_key_info)
#define MHSM_IOC_PUBLIC _IOWR(MHSM_IOC, 0x81, struct mhsm_ioc_public)
#define MHSM_IOC_ENCRYPT _IOWR(MHSM_IOC, 0x82, struct mhsm_ioc_crypt)
#define MHSM_IOC_DECRYPT _IOWR(MHSM_IOC, 0x83, struct mhsm_ioc_crypt)
#define MHSM_IOC_WRAP _IOWR(MHSM_IOC, 0x84, struct mhsm_ioc_crypt)
#define MHSM_IOC_UNWRAP _IOWR(MHSM_IOC, 0x85, struct mhsm_ioc_crypt)
#define MHSM_IOC_SIGN _IOWR(MHSM_IOC, 0x86, struct mhsm_ioc_sign)
#define MHSM_IOC_VERIFY _IOWR(MHSM_IOC, 0x87, struct mhsm_ioc_sign)
#define MHSM_IOC_TOKEN _IOWR(MHSM_IOC, 0x88, struct mhsm_ioc_token)
#define MHSM_IOC_DERIVE _IOWR(MHSM_IOC, 0x89, struct mhsm_ioc_derive)

#endif
