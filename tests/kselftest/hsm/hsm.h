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
 * Functions return 0 or a negative errno; what the kernel answered, where it was asked. They act for uid 0, who is the
 * administrator of the domain.
 */
#ifndef TESTS_HSM_H
#define TESTS_HSM_H

#include <stddef.h>
#include <stdint.h>

#include "uapi/mhsm.h"

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
int hsm_zeroize(struct hsm *hsm);

/* From now on the store answers with @error (a negative errno) and stores nothing; 0: works again */
void hsm_fail_store(struct hsm *hsm, int error);

/* Records in the store, that of the domain included */
size_t hsm_records(struct hsm *hsm);

/* Audit records so far with this action and result; those of the last operations may still be under way */
size_t hsm_audit_count(struct hsm *hsm, uint32_t action, int32_t result);
/* Waits at most @seconds until there are @count. Returns 0 or -ETIMEDOUT. */
int hsm_audit_wait(struct hsm *hsm, uint32_t action, int32_t result, size_t count, unsigned int seconds);

/* --- ceremony.c: custodians. Another implementation, over OpenSSL, of what the kernel does -------------------------- */

struct custodian; /* an RSA key */

/* The @number-th, from 1 on; NULL on failure */
struct custodian *custodian_new(unsigned int number);
void custodian_free(struct custodian *c);
/* Modulus and exponent, big-endian; 2048 bits and 65537 */
int custodian_public(const struct custodian *c, uint8_t n[256], uint8_t e[3]);

/*
 * From @count custodians' shares (compact JWEs) and the datum's JWE to the unlock message: opens the shares, combines
 * them, opens the datum, and encrypts it to the kernel's one-time key.
 */
int ceremony_unlock(const struct custodian *const *custodians, const char *const *shares, size_t count,
		    const char *datum, const char *tag, const uint8_t domain[MHSM_ID_LEN], const uint8_t transfer[65],
		    uint8_t enc[65], uint8_t ct[88]);

#endif
