/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * edwards25519 and Curve25519 a second time, for tests to compare with: slow, in affine
 * coordinates over OpenSSL's integers, straight from the definitions in RFC 7748 and
 * RFC 8032. Any failure of OpenSSL ends the program.
 */
#ifndef TESTS_ED25519_MODEL_H
#define TESTS_ED25519_MODEL_H

#include <openssl/bn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_P "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"
#define MODEL_L "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"

struct model_point {
	BIGNUM *x, *y;
};

static BIGNUM *model_p, *model_l, *model_d, *model_one;
static BN_CTX *model_ctx;

static inline void model_must(int ok)
{
	if (!ok)
		abort();
}

static inline BIGNUM *model_new(void)
{
	BIGNUM *a = BN_new();

	model_must(a != NULL);
	return a;
}

static inline void model_start(void)
{
	BIGNUM *t = model_new();

	model_ctx = BN_CTX_new();
	model_one = model_new();
	model_d = model_new();
	model_must(model_ctx && BN_hex2bn(&model_p, MODEL_P) && BN_hex2bn(&model_l, MODEL_L) &&
		   BN_one(model_one));
	/* d = -121665 / 121666 */
	model_must(BN_set_word(t, 121666) && BN_mod_inverse(t, t, model_p, model_ctx) &&
		   BN_mul_word(t, 121665) && BN_sub(t, model_p, t) &&
		   BN_nnmod(model_d, t, model_p, model_ctx));
	BN_free(t);
}

static inline void model_stop(void)
{
	BN_free(model_p);
	BN_free(model_l);
	BN_free(model_d);
	BN_free(model_one);
	BN_CTX_free(model_ctx);
}

static inline void model_mul(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
	model_must(BN_mod_mul(r, a, b, model_p, model_ctx));
}

static inline void model_div(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
	BIGNUM *t = model_new();

	model_must(BN_mod_inverse(t, b, model_p, model_ctx) != NULL);
	model_mul(r, a, t);
	BN_free(t);
}

static inline void model_store(uint8_t b[32], const BIGNUM *a)
{
	model_must(BN_bn2lebinpad(a, b, 32) == 32);
}

static inline struct model_point model_point_new(void)
{
	struct model_point p = { model_new(), model_new() };

	return p;
}

static inline void model_point_free(struct model_point *p)
{
	BN_free(p->x);
	BN_free(p->y);
}

/* The neutral point. */
static inline void model_zero(struct model_point *p)
{
	BN_zero(p->x);
	model_must(BN_one(p->y));
}

/* r = a + b; r may be an operand */
static inline void model_add(struct model_point *r, const struct model_point *a,
			     const struct model_point *b)
{
	BIGNUM *x = model_new(), *y = model_new(), *t = model_new(), *k = model_new();

	model_mul(x, a->x, b->y);
	model_mul(t, b->x, a->y);
	model_must(BN_mod_add(x, x, t, model_p, model_ctx));
	model_mul(y, a->y, b->y);
	model_mul(t, a->x, b->x);
	model_must(BN_mod_add(y, y, t, model_p, model_ctx));
	model_mul(k, a->y, b->y);
	model_mul(k, k, t);
	model_mul(k, k, model_d);
	model_must(BN_mod_add(t, model_one, k, model_p, model_ctx));
	model_div(r->x, x, t);
	model_must(BN_mod_sub(t, model_one, k, model_p, model_ctx));
	model_div(r->y, y, t);
	BN_free(x);
	BN_free(y);
	BN_free(t);
	BN_free(k);
}

/* r = k * a; r must not be a */
static inline void model_scale(struct model_point *r, const BIGNUM *k,
			       const struct model_point *a)
{
	int i;

	model_zero(r);
	for (i = BN_num_bits(k) - 1; i >= 0; i--) {
		model_add(r, r, r);
		if (BN_is_bit_set(k, i))
			model_add(r, r, a);
	}
}

static inline int model_is_zero(const struct model_point *p)
{
	return BN_is_zero(p->x) && BN_is_one(p->y);
}

static inline void model_encode(uint8_t b[32], const struct model_point *p)
{
	model_store(b, p->y);
	b[31] |= (uint8_t)(BN_is_odd(p->x) << 7);
}

/* RFC 8032, 5.1.3: 1, or 0 if b is no encoding of a point. */
static inline int model_decode(struct model_point *p, const uint8_t b[32])
{
	BIGNUM *u = model_new(), *v = model_new();
	uint8_t y[32];
	int ok;

	memcpy(y, b, 32);
	y[31] &= 0x7f;
	model_must(BN_lebin2bn(y, 32, p->y) != NULL);
	ok = BN_cmp(p->y, model_p) < 0;
	model_mul(u, p->y, p->y);
	model_mul(v, u, model_d);
	model_must(BN_sub_word(u, 1) && BN_nnmod(u, u, model_p, model_ctx) &&
		   BN_add_word(v, 1));
	model_div(u, u, v);
	ok = ok && (BN_is_zero(u) || BN_kronecker(u, model_p, model_ctx) == 1);
	if (ok) {
		model_must(BN_mod_sqrt(p->x, u, model_p, model_ctx) != NULL);
		if (BN_is_odd(p->x) != b[31] >> 7) {
			ok = !BN_is_zero(p->x);
			model_must(BN_sub(p->x, model_p, p->x));
		}
	}
	BN_free(u);
	BN_free(v);
	return ok;
}

/* 1 if a point's order divides 8 */
static inline int model_is_small(const struct model_point *p)
{
	struct model_point t = model_point_new();
	int i, small;

	model_add(&t, p, p);
	for (i = 0; i < 2; i++)
		model_add(&t, &t, &t);
	small = model_is_zero(&t);
	model_point_free(&t);
	return small;
}

/* 1 if b is a public key as mhsm_ed25519_check_public() wants it */
static inline int model_is_public(const uint8_t b[32])
{
	struct model_point p = model_point_new();
	int ok = model_decode(&p, b) && !model_is_small(&p);

	model_point_free(&p);
	return ok;
}

/*
 * A point of order 8: L times any point has an order that divides 8, and half of all
 * points give one of order 8 itself.
 */
static inline void model_order8(struct model_point *r)
{
	struct model_point p = model_point_new(), t = model_point_new();
	uint8_t b[32] = { 0 };

	do {
		do
			b[0]++;
		while (!model_decode(&p, b));
		model_scale(r, model_l, &p);
		model_add(&t, r, r);
		model_add(&t, &t, &t);
	} while (model_is_zero(&t));
	model_point_free(&p);
	model_point_free(&t);
}

#endif
