/* SPDX-License-Identifier: GPL-2.0-only */
/* Known-answer tests of key agreement and key derivation; run by selftest.c, whose table has the answers. */
#ifndef _MHSM_SELFTEST_DERIVE_H
#define _MHSM_SELFTEST_DERIVE_H

#include <linux/types.h>

extern const u8 mhsm_kat_ecdh_p256[32], mhsm_kat_ecdh_p384[32], mhsm_kat_ecdh_p521[32], mhsm_kat_ecdh_k256[32];
extern const u8 mhsm_kat_x25519[32], mhsm_kat_hkdf_sha256[64], mhsm_kat_hkdf_sha384[64], mhsm_kat_hkdf_sha512[64];
extern const u8 mhsm_kat_kdf_sha256[64], mhsm_kat_kdf_sha384[64];

/* Each does what its algorithm does; @out gets as many bytes as the answer has. */
int mhsm_test_ecdh_p256(u8 *out);
int mhsm_test_ecdh_p384(u8 *out);
int mhsm_test_ecdh_p521(u8 *out);
int mhsm_test_ecdh_k256(u8 *out);
int mhsm_test_x25519(u8 *out);
int mhsm_test_hkdf_sha256(u8 *out);
int mhsm_test_hkdf_sha384(u8 *out);
int mhsm_test_hkdf_sha512(u8 *out);
int mhsm_test_kdf_sha256(u8 *out);
int mhsm_test_kdf_sha384(u8 *out);

#endif
