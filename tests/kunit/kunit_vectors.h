/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vectors of tests/vectors as KUnit cases: a table of files for each kind of algorithm, a function that does one
 * case for each algorithm. To add a file, add a line to a table.
 */
#ifndef _KUNIT_VECTORS_H
#define _KUNIT_VECTORS_H

#include <kunit/test.h>

#include "kmod/key.h"
#include "kmod/prim.h"
#include "tests/unit/vectors.h"

/* A file in the image (vectors_text.S) */
struct kunit_vectors_text {
	const char *path; /* from the top of the tree */
	const char *text;
	unsigned long len;
};

extern const struct kunit_vectors_text kunit_vectors_text[], kunit_vectors_text_end[];

enum kunit_vectors_answer {
	KUNIT_VECTORS_REFUSED,
	KUNIT_VECTORS_ACCEPTED, /* and all outputs are those of the case */
	KUNIT_VECTORS_LEFT_OUT, /* what the module has no function for */
};

struct kunit_vectors_file;

typedef enum kunit_vectors_answer (*kunit_vectors_fn)(struct kunit *test, const struct kunit_vectors_file *f,
						      struct vectors *v);

struct kunit_vectors_file {
	const char *name; /* tests/vectors/NAME.txt */
	kunit_vectors_fn one;
	unsigned int count; /* cases in the file: none is to be missing */
	unsigned int valid; /* if the file has no results, all are */
	unsigned int left_out;
	u32 alg; /* what the function needs to know: of enum mhsm_alg, of enum mhsm_hash, or a curve */
	enum mhsm_hash hash;
};

#define KUNIT_VECTORS_ROOM 16384 /* HKDF gives the most */

/* Buffers for a file's cases: test->priv. Much of what the module takes may not be on a stack. */
struct kunit_vectors_work {
	u8 in[KUNIT_VECTORS_ROOM];
	u8 out[KUNIT_VECTORS_ROOM];
	u8 state[KUNIT_VECTORS_ROOM]; /* zero before the first case, and what is put there is left for the next */
};

/*
 * An open key that no table knows. @secret or @public may be empty. NULL if the module has no such keys. Ends with
 * kunit_vectors_key_end().
 */
struct mhsm_key *kunit_vectors_key(struct kunit *test, u32 type, u32 param, struct vectors_bytes secret,
				   struct vectors_bytes public);
void kunit_vectors_key_end(struct mhsm_key *key);

static inline bool kunit_vectors_equal(struct vectors_bytes want, const u8 *got, size_t len)
{
	return want.len == len && !memcmp(want.data, got, len);
}

static inline enum kunit_vectors_answer kunit_vectors_accepted(bool accepted)
{
	return accepted ? KUNIT_VECTORS_ACCEPTED : KUNIT_VECTORS_REFUSED;
}

/* A digest by its name in the files, also of those hashes that the module has no use for. Its length. */
size_t kunit_vectors_digest(struct kunit *test, const char *hash, struct vectors_bytes message, u8 out[MHSM_HASH_MAX]);

/* The tables, each ending with an empty line */
extern const struct kunit_vectors_file kunit_vectors_symmetric[];
extern const struct kunit_vectors_file kunit_vectors_ec[];
extern const struct kunit_vectors_file kunit_vectors_rsa[];

#endif
