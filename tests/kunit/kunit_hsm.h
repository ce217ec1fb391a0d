/* SPDX-License-Identifier: GPL-2.0-only */
/* An HSM for the suites: the module's own domain, active, and keys in it that no store knows. */
#ifndef _KUNIT_HSM_H
#define _KUNIT_HSM_H

#include <kunit/test.h>

#include "kmod/domain.h"
#include "kmod/key.h"

/* A new domain, active, uid 0 (as whom suites run) its administrator. Ends with kunit_hsm_stop(). */
struct mhsm_domain *kunit_hsm_start(struct kunit *test);

/* Zeroizes it. */
void kunit_hsm_stop(struct mhsm_domain *domain);

/*
 * An enabled AES key of uid 0 with all operations, published under a name of its own, with the additional @flags
 * (MHSM_KEY_*). The reference ends with the test.
 */
struct mhsm_key *kunit_hsm_key(struct kunit *test, const u8 *material, size_t len, u32 flags);

/* Takes the key out of the table and kills it, as a purge does. */
void kunit_hsm_key_purge(struct mhsm_key *key);

#endif
