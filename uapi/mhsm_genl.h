/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mhsm: the management plane between mhsmd and the kernel HSM, generic netlink family "mhsm", version 1.
 *
 * Only the attached daemon may send commands other than STATUS (EPERM). A daemon attaches with a nonce that it got on
 * /dev/mhsm-daemon (MHSM_IOC_DAEMON_NONCE); it stays attached until its netlink socket closes. Nothing secret
 * crosses in clear: netlink buffers can be tapped and are not wiped.
 *
 * Where a command is done for somebody, PRINCIPAL_KIND, PRINCIPAL and PID name him; the kernel decides whether he may
 * (EACCES) and records the decision. Every command is answered by the usual netlink acknowledgement with a negative
 * errno, or by a message of the same command where a reply is listed. An attribute that a command does not list is
 * refused (EINVAL), a required one that is missing too, one of a wrong length or range by EINVAL or ERANGE.
 *
 * command           attributes                                             reply
 * ATTACH            NONCE[32], ABI u32                                     as STATUS
 * STATUS            -                                                      STATE u32, DOMAIN[16] (if any), KEYS u64,
 *                                                                          ATTACHED u32
 * DOMAIN_SET        DOMAIN[16]                                             -
 *     unprovisioned -> locked: what domain this machine's store is of.
 * DOMAIN_CREATE     principal, ADMINS binary: struct mhsm_genl_admin[1..64]
 *                                                                          DOMAIN[16], RECORD (the domain record)
 *     unprovisioned or zeroized -> provisioned. Any principal that is uid 0 may, because nobody has a role yet.
 * DOMAIN_EXPORT     principal, REQUIRED u32 (2..count), CUSTODIAN nest{ RSA_N binary (256..512, no leading zero),
 *                   RSA_E binary (1..8), X5T binary[32] } x 3..10          SHARE string (compact JWE) x count in the
 *                                                                          order given, DATUM string (compact JWE),
 *                                                                          DATUM_TAG string
 *     In state provisioned only. X5T must differ between custodians (EINVAL).
 * DOMAIN_ACTIVATE   principal                                              -
 *     provisioned -> active, after the security domain of the last EXPORT is durable and delivered (EPROTO before one).
 * DOMAIN_TRANSFER   principal                                              PUBLIC[65], DOMAIN[16]
 *     Opens a ceremony: a new one-time key pair (P-256); the one before it is gone. In state locked.
 * DOMAIN_UNLOCK     principal, ENC[65], CIPHERTEXT binary                  -
 *     HPKE (RFC 9180, mode base, KEM 0x0010, KDF 0x0001, AEAD 0x0002), info = "mhsm domain unlock v1" || DOMAIN, empty
 *     aad; plaintext: the domain datum (formats.md). locked -> restoring. EBADMSG if it does not open, EKEYREJECTED
 *     if it is another domain's; either ends the one-time key.
 * LOAD              RECORD binary x n (message up to 32 KiB)               LOADED u32, REJECTED nest{ INDEX u32,
 *                                                                          ERROR s32 } x m
 *     In state restoring. The domain record must be the first loaded. A rejected record does not stop the others.
 * LOAD_DONE         -                                                      -
 *     restoring -> active. ENODATA if the domain record was not loaded.
 * LOCK              principal                                              -
 *     active or restoring -> locked: every key is wiped, live ciphers too.
 * ZEROIZE           principal                                              -
 *     any -> zeroized: as LOCK, and the domain is forgotten. The daemon then destroys its store.
 * ACK               TXID u64, ERROR s32 (0: durable)                       -
 * DECIDE            principal, ACTION u32, NAME string (optional)          -
 *     Asks whether the principal may have the daemon do what it does by itself: MHSM_ACT_DOMAIN_DOWNLOAD,
 *     DOMAIN_UPLOAD, ZEROIZE, AUDIT_READ or AUDIT_VERIFY (EINVAL for others). 0 or EACCES, recorded as of
 *     MHSM_VIA_DAEMON.
 *
 * unicast to the daemon:
 * STORE             TXID u64, (RECORD binary | REMOVE binary[16]) x n
 *     Store these records, each under its object id (replacing an older generation), and remove those; all or
 *     nothing; then ACK. A TXID may come again after a new ATTACH: storing twice must be the same as once.
 *
 * multicast group "state" (CAP_SYS_ADMIN to join where the kernel can say so): STATE as the reply of STATUS.
 */
#ifndef _UAPI_MHSM_GENL_H
#define _UAPI_MHSM_GENL_H

#include <linux/types.h>

#define MHSM_GENL_NAME "mhsm"
#define MHSM_GENL_VERSION 1
#define MHSM_GENL_MCGRP_STATE "state"

#define MHSM_GENL_MESSAGE_MAX 32768
#define MHSM_GENL_UNLOCK_INFO "mhsm domain unlock v1"
#define MHSM_DATUM_TAG "mhsm_domain"

enum mhsm_genl_cmd {
	MHSM_CMD_UNSPEC,
	MHSM_CMD_ATTACH,
	MHSM_CMD_STATUS,
	MHSM_CMD_DOMAIN_SET,
	MHSM_CMD_DOMAIN_CREATE,
	MHSM_CMD_DOMAIN_EXPORT,
	MHSM_CMD_DOMAIN_ACTIVATE,
	MHSM_CMD_DOMAIN_TRANSFER,
	MHSM_CMD_DOMAIN_UNLOCK,
	MHSM_CMD_LOAD,
	MHSM_CMD_LOAD_DONE,
	MHSM_CMD_LOCK,
	MHSM_CMD_ZEROIZE,
	MHSM_CMD_ACK,
	MHSM_CMD_DECIDE,
	MHSM_CMD_STORE, /* kernel to daemon */
	MHSM_CMD_STATE, /* kernel to group "state" */
	__MHSM_CMD_MAX,
};
#define MHSM_CMD_MAX (__MHSM_CMD_MAX - 1)

enum mhsm_genl_attr {
	MHSM_A_UNSPEC,
	MHSM_A_PAD,
	MHSM_A_NONCE,
	MHSM_A_ABI,
	MHSM_A_STATE,
	MHSM_A_DOMAIN,
	MHSM_A_KEYS,
	MHSM_A_ATTACHED,
	MHSM_A_PRINCIPAL_KIND,
	MHSM_A_PRINCIPAL,
	MHSM_A_PID,
	MHSM_A_ADMINS,
	MHSM_A_REQUIRED,
	MHSM_A_CUSTODIAN,
	MHSM_A_RSA_N,
	MHSM_A_RSA_E,
	MHSM_A_X5T,
	MHSM_A_SHARE,
	MHSM_A_DATUM,
	MHSM_A_DATUM_TAG,
	MHSM_A_PUBLIC,
	MHSM_A_ENC,
	MHSM_A_CIPHERTEXT,
	MHSM_A_RECORD,
	MHSM_A_REMOVE,
	MHSM_A_LOADED,
	MHSM_A_REJECTED,
	MHSM_A_INDEX,
	MHSM_A_ERROR,
	MHSM_A_TXID,
	MHSM_A_ACTION,
	MHSM_A_NAME,
	__MHSM_A_MAX,
};
#define MHSM_A_MAX (__MHSM_A_MAX - 1)

struct mhsm_genl_admin {
	__u32 kind; /* enum mhsm_principal */
	__u32 id;
};

#endif
