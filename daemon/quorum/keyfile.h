/* SPDX-License-Identifier: GPL-2.0-only */
/* A custodian's private key, read from a descriptor that he sent. What it yields is not trusted. */
#ifndef _MHSM_KEYFILE_H
#define _MHSM_KEYFILE_H

#include <stdbool.h>

#include "daemon/quorum/ceremony.h"

#define MHSM_KEYFILE_MAX 65536 /* bytes of PEM */
#define MHSM_PASSPHRASE_MAX 1024
#define MHSM_KEYFILE_ITERATIONS 4000000 /* most iterations of the passphrase's key derivation */

struct mhsm_keyfile {
	EVP_PKEY *key; /* RSA of 2048 to 4096 bits; the caller frees */
	bool has_x5t;
	u8 x5t[MHSM_SDFILE_X5T]; /* of the first certificate in the file, if there is one */
};

/**
 * mhsm_keyfile_read() - reads a key in PEM (PKCS#8, encrypted or not, or the traditional form)
 * @fd: a regular file or a pipe
 * @passphrase_fd: the same, or -1; one newline at the end is not part of the passphrase
 * @wait_ms: how long reading each of the two may take
 *
 * Both are read in locked memory, which is wiped. Neither is closed.
 */
enum mhsm_answer_code mhsm_keyfile_read(struct mhsm_keyfile *ret, int fd, int passphrase_fd,
					int wait_ms, struct mhsm_answer *a);

#endif
