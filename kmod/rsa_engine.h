/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What computes RSA's private operation. The scalar code is the reference, and always there; AVX-512 IFMA takes less
 * than half its time. Both blind, verify, and let others run every 100 us or sooner.
 */
#ifndef _MHSM_RSA_ENGINE_H
#define _MHSM_RSA_ENGINE_H

#include "kmod/mech_rsa.h"

enum mhsm_rsa_engine {
	MHSM_RSA_SCALAR,
	MHSM_RSA_IFMA,
};

/** mhsm_rsa_engine_choose() - the one that mhsm_rsa_power() has from now on, and the log names; after the self-tests */
void mhsm_rsa_engine_choose(void);

/** mhsm_rsa_engine_power() - mhsm_rsa_power() with this one; where it cannot be used, with the scalar code */
int mhsm_rsa_engine_power(enum mhsm_rsa_engine engine, const struct mhsm_rsa_ref *key, u8 *io);

#endif
