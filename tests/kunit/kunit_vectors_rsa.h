/* SPDX-License-Identifier: GPL-2.0-only */
/* RSA keys of the vectors (kunit_vectors_rsakeys.c), and what is done with them (kunit_vectors_rsa.c) */
#ifndef _KUNIT_VECTORS_RSA_H
#define _KUNIT_VECTORS_RSA_H

#include "kmod/mech_rsa.h"
#include "kmod/pk/rsa_key.h"
#include "tests/kunit/kunit_vectors.h"

#define KUNIT_RSA_KEYS "tests/vectors/rsa_keys.txt"

/* In work->state: the key that was used last; cases with one key stand together. */
struct kunit_rsa_keys {
	struct vectors *file;
	char name[40];
	size_t n_len, e_len;
	u8 n[MHSM_RSA_MAX_BYTES], e[MHSM_RSA_MAX_E_BYTES], d[MHSM_RSA_MAX_BYTES];
	u8 secret[MHSM_RSA_SECRET_LEN(MHSM_RSA_MAX_BYTES)]; /* as mech_rsa.c stores it */
	bool private; /* there is one, and the module has keys like it: 65537, primes of one length */
	union {
		struct mhsm_rsa_private_scratch private;
		struct mhsm_rsa_key_scratch key;
		struct mhsm_rsa_scratch public;
	} *scratch;
};

/* A file's, without a key yet */
struct kunit_rsa_keys *kunit_rsa_keys(struct kunit *test);

/* The key @name of the file @path: always the same one */
struct kunit_rsa_keys *kunit_rsa_key(struct kunit *test, const char *path, const char *name);

/* Files of keys, and of numbers that are primes or not */
enum kunit_vectors_answer kunit_rsa_numbers(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v);
enum kunit_vectors_answer kunit_rsa_pkcs8(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v);
enum kunit_vectors_answer kunit_rsa_prime(struct kunit *test, const struct kunit_vectors_file *f, struct vectors *v);

#endif
