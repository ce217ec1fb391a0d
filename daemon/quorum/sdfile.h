/* SPDX-License-Identifier: GPL-2.0-only */
/* The security domain file (doc/formats.md, section 3): JSON around the JWEs. mhsmd writes it, mhsm-quorum reads it. */
#ifndef _MHSM_SDFILE_H
#define _MHSM_SDFILE_H

#include <stddef.h>
#include <stdint.h>

#define MHSM_SDFILE_SHARES_MIN 3
#define MHSM_SDFILE_SHARES_MAX 10
#define MHSM_SDFILE_MAX 65536 /* bytes of the whole file */
#define MHSM_SDFILE_X5T 32 /* SHA-256 of a certificate's DER */

struct mhsm_sdfile {
	unsigned int required; /* quorum: 2 to count */
	unsigned int count;
	struct {
		char *jwe;
		uint8_t x5t[MHSM_SDFILE_X5T];
	} share[MHSM_SDFILE_SHARES_MAX];
	char *datum; /* JWE */
	char *tag; /* of the datum */
};

/**
 * mhsm_sdfile_build() - makes the file
 * @json: malloc'ed string, the caller frees
 * @x5t: of custodian i's certificate, who opens share[i]
 *
 * Return: 0, -EINVAL if numbers are out of range, a thumbprint repeats or a string is not UTF-8, or -ENOMEM.
 */
int mhsm_sdfile_build(char **json, const char *const share[], const uint8_t x5t[][MHSM_SDFILE_X5T],
		      unsigned int count, unsigned int required, const char *datum, const char *tag);

/**
 * mhsm_sdfile_parse() - reads a file that is not trusted
 * @why: on -EBADMSG, a constant sentence that says what is wrong
 *
 * Nothing beyond the fields of the format is accepted. The JWEs are only copied, not looked into.
 *
 * Return: 0 (mhsm_sdfile_free() frees what @ret holds), -EBADMSG or -ENOMEM.
 */
int mhsm_sdfile_parse(struct mhsm_sdfile *ret, const char *json, size_t len, const char **why);

void mhsm_sdfile_free(struct mhsm_sdfile *sd);

#endif
