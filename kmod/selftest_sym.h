/* SPDX-License-Identifier: GPL-2.0-only */
/* Known-answer tests of the symmetric algorithms that keys do; run by selftest.c, whose table has the answers. */
#ifndef _MHSM_SELFTEST_SYM_H
#define _MHSM_SELFTEST_SYM_H

#include <linux/types.h>

extern const u8 mhsm_kat_cbc[32], mhsm_kat_ctr[32], mhsm_kat_padding[16], mhsm_kat_cmac[16];
extern const u8 mhsm_kat_hmac256[32], mhsm_kat_hmac384[48], mhsm_kat_hmac512[64];

/* Each does what its algorithm does, and every inverse; @out gets as many bytes as the answer has. */
int mhsm_test_cbc(u8 *out);
int mhsm_test_ctr(u8 *out);
int mhsm_test_padding(u8 *out);
int mhsm_test_cmac(u8 *out);
int mhsm_test_hmac256(u8 *out);
int mhsm_test_hmac384(u8 *out);
int mhsm_test_hmac512(u8 *out);

#endif
