/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A daemon for tests of the kernel: attaches to the loaded module, keeps what it is told to store in memory, drains the
 * audit, holds custodian keys of the build, and so can provision, lock and unlock the HSM within one process. It never
 * waits for mhsmd and shares with it only the netlink client.
 *
 * A program that uses it says so in its first comment:
 *   link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c
 *         daemon/genl_command.c daemon/device.c daemon/log.c pkg:libnl-genl-3.0 -lcrypto
 *
 * Functions return 0 or a negative errno; what the kernel answered, where it was asked. They act for uid 0, who is
 * an administrator of the domain; HSM_ADMIN is another, who has no other privilege.
 */
#ifndef TESTS_HSM_H
#define TESTS_HSM_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/mhsm.h"

#define HSM_ADMIN 1001

struct hsm;

/* Attaches, ends whatever domain there is, provisions a new one, and activates it. */
int hsm_start(struct hsm **ret);

/* Detaches and forgets the store; the kernel stays as it is. NULL is allowed. */
void hsm_stop(struct hsm *hsm);

/* The parts of hsm_start(): an hsm with an empty store, attached; the rest of it */
int hsm_attach(struct hsm **ret);
int hsm_provision(struct hsm *hsm);

/* Detaches, as if the daemon had died, and attaches again, with the store that there was */
void hsm_drop(struct hsm *hsm);
int hsm_return(struct hsm *hsm);

int hsm_lock(struct hsm *hsm);
/* The whole ceremony, with the shares of two custodians, and loads the store */
int hsm_unlock(struct hsm *hsm);
/* Its parts: the ceremony; loads records of the store, by their places, that of the domain first; the end */
int hsm_unlock_begin(struct hsm *hsm);
int hsm_load(struct hsm *hsm, size_t from, size_t to);
int hsm_load_done(struct hsm *hsm);
int hsm_zeroize(struct hsm *hsm);

/* From now on the store answers with @error (a negative errno) and stores nothing; 0: works again */
void hsm_fail_store(struct hsm *hsm, int error);

/* The domain datum (formats.md section 3), which has the domain's master, as its custodians can have it */
int hsm_datum(struct hsm *hsm, uint8_t datum[72]);
/* Puts the sealed record of an object that is not there yet into the store of an HSM that is locked */
int hsm_put(struct hsm *hsm, const void *record, size_t len);

/* Records in the store, that of the domain included */
size_t hsm_records(struct hsm *hsm);

/* Audit records so far with this action and result; those of the last operations may still be under way */
size_t hsm_audit_count(struct hsm *hsm, uint32_t action, int32_t result);
/* The first @room records so far with action @action, in the order of the audit. Returns how many there are. */
size_t hsm_audit_records(struct hsm *hsm, uint32_t action, struct mhsm_audit_rec *out, size_t room);
/* Waits at most @seconds until there are @count. Returns 0 or -ETIMEDOUT. */
int hsm_audit_wait(struct hsm *hsm, uint32_t action, int32_t result, size_t count, unsigned int seconds);

/* --- ceremony.c: custodians. Another implementation, over OpenSSL, of what the kernel does -------------------------- */

struct custodian; /* an RSA key */

/* The @number-th, from 1 on; NULL on failure */
struct custodian *custodian_new(unsigned int number);
void custodian_free(struct custodian *c);
/* Modulus and exponent, big-endian; 2048 bits and 65537 */
int custodian_public(const struct custodian *c, uint8_t n[256], uint8_t e[3]);

/* From @count custodians' shares (compact JWEs) and the datum's JWE to the datum: opens the shares, combines them. */
int ceremony_datum(const struct custodian *const *custodians, const char *const *shares, size_t count,
		   const char *datum, const char *tag, uint8_t plain[72]);

/* From there to the unlock message: encrypts the datum to the kernel's one-time key. */
int ceremony_unlock(const uint8_t plain[72], const uint8_t domain[MHSM_ID_LEN], const uint8_t transfer[65],
		    uint8_t enc[65], uint8_t ct[88]);

#endif
