/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points of edwards25519: -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 section 5.1).
 *
 * Extended coordinates: x = X / Z, y = Y / Z, x y = T / Z, Z never 0. As -1 is a
 * square modulo p and d is not, the addition formulas used are complete: right for
 * all pairs of points, equal, opposite or neutral. Nothing here has an exception.
 *
 * In a struct ge25519 all coordinates are tight, or the fe_neg of a tight element.
 */
#ifndef MHSM_GE25519_H
#define MHSM_GE25519_H

#include "fe25519.h"
#include "sc25519.h"

struct ge25519 {
	struct fe25519 x, y, z, t;
};

/* A point to be added: Y + X, Y - X, Z, 2d T. */
struct ge25519_cached {
	struct fe25519 ypx, ymx, z, t2d;
};

/* The same with Z = 1, not stored. */
struct ge25519_affine {
	struct fe25519 ypx, ymx, t2d;
};

/*
 * r = 2a, a + b. T costs a product, and only a following addition uses it: with_t
 * says whether it is computed (else r->t is not changed); it is not secret. Constant
 * time. r may be a.
 */
void mhsm_ge25519_double(struct ge25519 *r, const struct ge25519 *a, int with_t);
void mhsm_ge25519_add(struct ge25519 *r, const struct ge25519 *a,
		      const struct ge25519_cached *b, int with_t);
void mhsm_ge25519_add_affine(struct ge25519 *r, const struct ge25519 *a,
			     const struct ge25519_affine *b, int with_t);
void mhsm_ge25519_to_cached(struct ge25519_cached *r, const struct ge25519 *a);
/* r = -a; r may be a */
void mhsm_ge25519_neg(struct ge25519 *r, const struct ge25519 *a);
/*
 * Decodes a point, RFC 8032 section 5.1.3. Returns all ones if b is the (only)
 * encoding of a point: y below p, on the curve, no sign on x = 0; else 0.
 */
u64 mhsm_ge25519_load(struct ge25519 *r, const u8 b[32]);
/* Encodes a point, RFC 8032 section 5.1.2. T is not used. */
void mhsm_ge25519_store(u8 b[32], const struct ge25519 *a);
/* All ones if the order of a divides 8, the cofactor. */
u64 mhsm_ge25519_is_small(const struct ge25519 *a);

/*
 * r = k * B, B the base point. Constant time in k and in 'blind', a non-zero field
 * element by which the projective coordinates are scaled. T is not computed.
 */
void mhsm_ge25519_mul_base(struct ge25519 *r, const struct sc25519 *k,
			   const struct fe25519 *blind);
/*
 * r = s * B + k * p in variable time: for public values only. T is not computed.
 */
void mhsm_ge25519_mul_public(struct ge25519 *r, const struct sc25519 *s,
			     const struct sc25519 *k, const struct ge25519 *p);

#endif
