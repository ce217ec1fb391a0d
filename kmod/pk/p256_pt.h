/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points of P-256: y^2 = x^3 - 3x + b.
 *
 * Jacobian coordinates: (X, Y, Z) stands for (X / Z^2, Y / Z^3), and Z = 0 for
 * the point at infinity. The curve's order n is prime, so that there is no point
 * with Y = 0, and doubling has no exception.
 */
#ifndef MHSM_P256_PT_H
#define MHSM_P256_PT_H

#include "p256_fe.h"
#include "p256_sc.h"

struct p256_affine {
	struct p256_fe x, y;
};

struct p256_jacobian {
	struct p256_fe x, y, z;
};

/* r = 2a, for every a; r may be a. */
void mhsm_p256_pt_double(struct p256_jacobian *r, const struct p256_jacobian *a);
/*
 * r = a + b, constant time. Wrong if a or b is infinity or a = b (then r->z is 0,
 * as it is, rightly, for a = -b): the callers prove that this does not happen or
 * handle it. r may be an operand.
 */
void mhsm_p256_pt_add(struct p256_jacobian *r, const struct p256_jacobian *a,
		      const struct p256_jacobian *b);
void mhsm_p256_pt_add_affine(struct p256_jacobian *r, const struct p256_jacobian *a,
			     const struct p256_affine *b);
/* Leaves Jacobian form; y may be NULL. a must not be infinity. */
void mhsm_p256_pt_to_affine(struct p256_fe *x, struct p256_fe *y,
			    const struct p256_jacobian *a);
/*
 * Reads x || y, big-endian. Returns all ones if both are below p and the point is
 * on the curve, else 0.
 */
u64 mhsm_p256_pt_load(struct p256_affine *r, const u8 b[64]);

/*
 * r = k * G. Constant time in k, which must be in 1..n-1, and in 'blind', a
 * non-zero field element by which the projective coordinates are scaled.
 */
void mhsm_p256_pt_mul_base(struct p256_jacobian *r, const struct p256_sc *k,
			   const struct p256_fe *blind);
/* r = k * p. Constant time in k, which must be in 1..n-1. */
void mhsm_p256_pt_mul(struct p256_jacobian *r, const struct p256_sc *k,
		      const struct p256_affine *p);
/*
 * r = u1 * G + u2 * p in variable time: for public values only. Correct for all
 * values, with r->z = 0 if the sum is infinity.
 */
void mhsm_p256_pt_mul_public(struct p256_jacobian *r, const struct p256_sc *u1,
			     const struct p256_sc *u2,
			     const struct p256_affine *p);

#endif
