/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A curve against OpenSSL: ECDSA verification and validation of public keys, and
 * programs of field and scalar operations. fuzz_ec_p256.c and its like include
 * the curve's source, whose internal functions are called here, and define
 * CURVE_NID.
 *
 * The input is a mode byte and what it says:
 *  - a public key, a signature and a digest. By the mode, the key is taken as it
 *    is, or made valid (a private key in the place of its x, its other half then
 *    exclusive-ored on), and the signature is likewise taken as it is or made with
 *    that private key and then changed by exclusive or. So both what is random
 *    and what is almost right get compared.
 *  - PROGRAM: four numbers, then operations, a byte each, on four registers.
 *    Each result is compared, and is what later operations work on.
 * An input that is too short is continued with bytes computed from it.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#define B EC_BYTES

#define VALID_KEY	1
#define VALID_SIG	2
#define BEND_KEY	4
#define BEND_SIG	8
#define PROGRAM		16
#define SCALARS		32

#define SIG_INPUT (1 + 4 * B)
#define STEPS 256

static EC_GROUP *group;
static BN_CTX *bn_ctx;
static BIGNUM *prime, *order;

static void set_up(void)
{
	if (group)
		return;
	group = EC_GROUP_new_by_curve_name(CURVE_NID);
	bn_ctx = BN_CTX_new();
	prime = BN_new();
	EC_GROUP_get_curve(group, prime, NULL, NULL, bn_ctx);
	order = BN_dup(EC_GROUP_get0_order(group));
}

static EC_KEY *ossl_key(const u8 pub[2 * B])
{
	EC_KEY *key = EC_KEY_new();
	EC_POINT *p = EC_POINT_new(group);
	u8 octets[2 * B + 1] = { 4 };

	memcpy(octets + 1, pub, 2 * B);
	if (!EC_POINT_oct2point(group, p, octets, sizeof(octets), bn_ctx) ||
	    !EC_KEY_set_group(key, group) || !EC_KEY_set_public_key(key, p)) {
		EC_KEY_free(key);
		key = NULL;
	}
	EC_POINT_free(p);
	return key;
}

static int ossl_verify(EC_KEY *key, const u8 *digest, size_t len, const u8 sig[2 * B])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	int ok;

	ECDSA_SIG_set0(s, BN_bin2bn(sig, B, NULL), BN_bin2bn(sig + B, B, NULL));
	ok = ECDSA_do_verify(digest, (int)len, s, key) == 1;
	ECDSA_SIG_free(s);
	return ok;
}

static void xor(u8 *to, const u8 *from, size_t len)
{
	while (len--)
		*to++ ^= *from++;
}

static void stretch(u8 *to, size_t room, const u8 *data, size_t size)
{
	u64 h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ data[i]) * 0x100000001b3;
	for (i = 0; i < room; i++) {
		h ^= h << 13;
		h ^= h >> 7;
		h ^= h << 17;
		to[i] = i < size ? data[i] : (u8)(h >> 24);
	}
}

static void fuzz_signature(const u8 *data, size_t digest_len)
{
	u8 mode = data[0], pub[2 * B], made[2 * B], sig[2 * B], made_sig[2 * B] = { 0 };
	u8 k[B + 8] = { 0 };
	const u8 *digest = data + SIG_INPUT;
	EC_KEY *key;
	int ret, want;

	memcpy(pub, data + 1, 2 * B);
	memcpy(sig, data + 1 + 2 * B, 2 * B);
#if EC_BITS % 8
	if (mode & VALID_KEY)
		pub[0] &= (1 << EC_BITS % 8) - 1;
#endif
	if ((mode & VALID_KEY) && EC_API(public)(made, pub) == 0) {
		memcpy(k + 8, sig, B);
		if ((mode & VALID_SIG) &&
		    EC_API(sign)(made_sig, pub, digest, digest_len, k, sig + B) == 0) {
			if (mode & BEND_SIG)
				xor(made_sig + B, sig + B, B);
			memcpy(sig, made_sig, 2 * B);
		}
		if (mode & BEND_KEY)
			xor(made + B, pub + B, B);
		memcpy(pub, made, 2 * B);
	}

	key = ossl_key(pub);
	want = key ? 0 : -EINVAL;
	if (EC_API(check_public)(pub) != want)
		__builtin_trap();
	if (key && !ossl_verify(key, digest, digest_len, sig))
		want = -EBADMSG;
	ret = EC_API(verify)(pub, digest, digest_len, sig);
	if (ret != want)
		__builtin_trap();
	/* a signature that was not bent is valid */
	if (key && (mode & (VALID_KEY | VALID_SIG | BEND_KEY | BEND_SIG)) ==
	    (VALID_KEY | VALID_SIG) && !memcmp(sig, made_sig, 2 * B) && ret)
		__builtin_trap();
	EC_KEY_free(key);
}

static void check(const u64 got[EC_LIMBS], const BIGNUM *want)
{
	u8 w[B], g[B];

	BN_bn2binpad(want, w, B);
	num_store(g, got);
	if (memcmp(g, w, B))
		__builtin_trap();
}

static void field_step(struct ec_fe reg[4], BIGNUM *bn[4], u8 op)
{
	unsigned int a = op & 3, b = op >> 2 & 3;
	struct ec_fe *r = &reg[a];
	u64 t[EC_LIMBS];

	switch (op >> 4) {
	case 0: case 1: case 2: case 3: case 4:
		fe_mul(r, r, &reg[b]);
		BN_mod_mul(bn[a], bn[a], bn[b], prime, bn_ctx);
		break;
	case 5: case 6: case 7:
		fe_sqr(r, &reg[b]);
		BN_mod_sqr(bn[a], bn[b], prime, bn_ctx);
		break;
	case 8: case 9:
		fe_add(r, r, &reg[b]);
		BN_mod_add(bn[a], bn[a], bn[b], prime, bn_ctx);
		break;
	case 10: case 11: case 12:
		fe_sub(r, &reg[b], r);
		BN_mod_sub(bn[a], bn[b], bn[a], prime, bn_ctx);
		break;
	case 13:
		fe_half(r, &reg[b]);
		BN_copy(bn[a], bn[b]);
		if (BN_is_odd(bn[a]))
			BN_add(bn[a], bn[a], prime);
		BN_rshift1(bn[a], bn[a]);
		break;
	case 14:
		fe_neg(r, r);
		BN_mod_sub(bn[a], prime, bn[a], prime, bn_ctx);
		break;
	default:
		if (b || BN_is_zero(bn[a]))
			break;
		fe_inv(r, r);
		BN_mod_inverse(bn[a], bn[a], prime, bn_ctx);
	}
	fe_to_int(t, r);
	check(t, bn[a]);
	if (fe_is_zero(r) != (BN_is_zero(bn[a]) ? ~(u64)0 : 0))
		__builtin_trap();
}

static void scalar_step(struct ec_sc reg[4], BIGNUM *bn[4], u8 op)
{
	unsigned int a = op & 3, b = op >> 2 & 3;
	struct ec_sc *r = &reg[a], t;

	switch (op >> 4) {
	case 0: case 1: case 2: case 3: case 4: case 5: case 6: case 7:
		sc_to_mont(&t, &reg[b]);
		sc_mul(r, r, &t);
		BN_mod_mul(bn[a], bn[a], bn[b], order, bn_ctx);
		break;
	case 8: case 9: case 10: case 11:
		sc_add(r, r, &reg[b]);
		BN_mod_add(bn[a], bn[a], bn[b], order, bn_ctx);
		break;
	case 12: case 13: case 14:
		sc_neg(r, &reg[b]);
		BN_mod_sub(bn[a], order, bn[b], order, bn_ctx);
		break;
	default:
		if (b || BN_is_zero(bn[a]))
			break;
		sc_inv(r, r);
		BN_mod_inverse(bn[a], bn[a], order, bn_ctx);
	}
	check(r->v, bn[a]);
}

static void fuzz_program(const u8 *data)
{
	const u8 *op = data + 1 + 4 * B;
	struct ec_fe fe[4];
	struct ec_sc sc[4];
	BIGNUM *bn[4];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		bn[i] = BN_bin2bn(data + 1 + i * B, B, NULL);
		BN_mask_bits(bn[i], EC_BITS);
		BN_nnmod(bn[i], bn[i], data[0] & SCALARS ? order : prime, bn_ctx);
		fe_load(&fe[i], data + 1 + i * B);
		sc_load(&sc[i], data + 1 + i * B);
	}
	for (i = 0; i < STEPS; i++) {
		if (data[0] & SCALARS)
			scalar_step(sc, bn, op[i]);
		else
			field_step(fe, bn, op[i]);
	}
	for (i = 0; i < 4; i++)
		BN_free(bn[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static u8 data[SIG_INPUT + STEPS];

	set_up();
	stretch(data, sizeof(data), bytes, size);
	if (data[0] & PROGRAM)
		fuzz_program(data);
	else
		fuzz_signature(data, size > SIG_INPUT && size < SIG_INPUT + B + 8 ?
				     size - SIG_INPUT : B);
	return 0;
}
