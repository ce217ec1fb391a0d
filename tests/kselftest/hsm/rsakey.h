/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSA keys of OpenSSL's. The build made them (the Makefile says which), because an emulated processor takes seconds to
 * make one of 2048 bits, and a minute for one of 4096.
 */
#ifndef TESTS_RSAKEY_H
#define TESTS_RSAKEY_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

/* The @number-th key of @bits, from 1 on. NULL: there is none. */
static inline EVP_PKEY *rsa_key(unsigned int bits, unsigned int number)
{
	const char *build = getenv("MHSM_BUILD");
	EVP_PKEY *key = NULL;
	char path[1000];
	FILE *file;

	snprintf(path, sizeof(path), "%s/kselftest/rsa-%u-%u.pem", build ? build : "build", bits, number);
	file = fopen(path, "re");
	if (file) {
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	if (!key)
		fprintf(stderr, "%s: no key can be read\n", path);
	return key;
}

#endif
