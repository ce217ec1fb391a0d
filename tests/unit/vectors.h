/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the files of tests/vectors by the names of their fields, which are in the last comment before the cases. For
 * unit tests, for programs in guests and for KUnit alike, so it takes nothing from cmocka: what is wrong with a file or
 * with the name of a field is said on standard error and ends the program; in the kernel it fails and ends the KUnit
 * case, and the files are those that the image holds.
 *
 *	v = vectors_open("tests/vectors/aes_gcm_wycheproof.txt");
 *	while (vectors_next(v)) {
 *		key = vectors_bytes(v, "key");
 *		...
 *	}
 *	vectors_close(v);
 */
#ifndef _TESTS_UNIT_VECTORS_H
#define _TESTS_UNIT_VECTORS_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

struct vectors;

struct vectors_bytes {
	const uint8_t *data; /* never NULL */
	size_t len;
};

/* @path is from the top of the tree, where programs run */
struct vectors *vectors_open(const char *path);
void vectors_close(struct vectors *v);

/* Goes to the next case, from the last to none (false) and then to the first again. */
bool vectors_next(struct vectors *v);

/* Goes to the case whose @field is @word, from wherever it is: for rsa_keys.txt */
bool vectors_find(struct vectors *v, const char *field, const char *word);

/* Cases read so far, one read twice counted twice */
unsigned int vectors_count(const struct vectors *v);

bool vectors_has(const struct vectors *v, const char *field);

/* Of the present case, until the next one is gone to: a field as it stands, "" for an empty one */
const char *vectors_word(const struct vectors *v, const char *field);
/* ... its bytes */
struct vectors_bytes vectors_bytes(struct vectors *v, const char *field);
/* ... a decimal number */
unsigned int vectors_number(const struct vectors *v, const char *field);
/* Is the result "valid"? Anything but that and "invalid" is wrong with the file. */
bool vectors_valid(const struct vectors *v);
/* Is @word one of the flags? */
bool vectors_flag(const struct vectors *v, const char *word);

/* "FILE: case ID", for messages; static */
const char *vectors_where(const struct vectors *v);

#endif
