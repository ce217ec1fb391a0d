/* SPDX-License-Identifier: GPL-2.0-only */
/* Known-answer tests of the public-key algorithms; run by selftest.c, whose table has the answers. */
#ifndef _MHSM_SELFTEST_PK_H
#define _MHSM_SELFTEST_PK_H

#include <linux/types.h>

extern const u8 mhsm_kat_p384[32], mhsm_kat_p521[32], mhsm_kat_k256[32], mhsm_kat_ed25519[32], mhsm_kat_rsa[32];
extern const u8 mhsm_kat_rsaes[32];

/* Each does what its algorithm does, and every inverse; @out gets 32 bytes to compare with the answer. */
int mhsm_test_p384(u8 *out);
int mhsm_test_p521(u8 *out);
int mhsm_test_k256(u8 *out);
int mhsm_test_ed25519(u8 *out);
int mhsm_test_rsa(u8 *out);
int mhsm_test_rsa_ifma(u8 *out);
int mhsm_test_rsaes(u8 *out);

#endif
