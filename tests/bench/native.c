// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/p256_fe.c kmod/pk/p256_sc.c kmod/pk/p256_pt.c
 *	kmod/pk/p256_mul.c kmod/pk/pk_env.c kmod/pk/rsa.c kmod/pk/mont.c -lcrypto
 */
/*
 * The module's public-key arithmetic, built in user space, beside OpenSSL's.
 *
 * usage: native [--json] [--rounds N] [--ms N]
 *
 * Both run in this process and take turns, so that what else the machine does
 * falls on both alike. A figure is the median of the rounds, in operations per
 * second of processor time on one core. Each side draws its own random numbers,
 * from the same generator. --json prints one object a line.
 */
#include <getopt.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kmod/pk/p256.h"
#include "kmod/pk/rsa.h"

#define MAX_ROUNDS 101

/* ---- operands: one key pair, known to both sides --------------------------- */

static u8 priv[32], pub[64], peer_pub[64], digest[32], sig[64];
static u8 modulus[256], exponent[3], plain[256];
static u8 der_sig[80];
static size_t der_sig_len;
static EVP_PKEY_CTX *sign_ctx, *verify_ctx, *derive_ctx, *keygen_ctx, *encrypt_ctx;
static struct mhsm_rsa_scratch scratch;

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "native: %s failed\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

/* Key pairs of OpenSSL's making; ours is given the same numbers. */
static EVP_PKEY *make_ec_key(u8 d[32], u8 xy[64])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	u8 octets[65];
	BIGNUM *bn = NULL;
	size_t len;

	check(key, "EVP_EC_gen");
	check(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &bn) &&
	      BN_bn2binpad(bn, d, 32) == 32, "reading a private key");
	check(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets,
					      sizeof(octets), &len) && len == 65,
	      "reading a public key");
	memcpy(xy, octets + 1, 64);
	BN_clear_free(bn);
	return key;
}

static void set_up_ec(void)
{
	EVP_PKEY *key, *peer;
	u8 unused[32];

	key = make_ec_key(priv, pub);
	peer = make_ec_key(unused, peer_pub);
	check(RAND_bytes(digest, sizeof(digest)) == 1, "RAND_bytes");

	sign_ctx = EVP_PKEY_CTX_new(key, NULL);
	verify_ctx = EVP_PKEY_CTX_new(key, NULL);
	derive_ctx = EVP_PKEY_CTX_new(key, NULL);
	keygen_ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	check(EVP_PKEY_sign_init(sign_ctx) == 1, "EVP_PKEY_sign_init");
	check(EVP_PKEY_verify_init(verify_ctx) == 1, "EVP_PKEY_verify_init");
	check(EVP_PKEY_derive_init(derive_ctx) == 1 &&
	      EVP_PKEY_derive_set_peer(derive_ctx, peer) == 1, "EVP_PKEY_derive_init");
	check(EVP_PKEY_keygen_init(keygen_ctx) == 1 &&
	      EVP_PKEY_CTX_set_group_name(keygen_ctx, "P-256") == 1,
	      "EVP_PKEY_keygen_init");
	der_sig_len = sizeof(der_sig);
	check(EVP_PKEY_sign(sign_ctx, der_sig, &der_sig_len, digest, 32) == 1,
	      "EVP_PKEY_sign");
	EVP_PKEY_free(key);
	EVP_PKEY_free(peer);
}

static void set_up_rsa(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	BIGNUM *n = NULL;

	check(key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
	      BN_bn2binpad(n, modulus, sizeof(modulus)) == sizeof(modulus),
	      "making an RSA key");
	memcpy(exponent, "\x01\x00\x01", 3);
	check(RAND_bytes(plain, sizeof(plain)) == 1, "RAND_bytes");
	plain[0] = 0;
	encrypt_ctx = EVP_PKEY_CTX_new(key, NULL);
	check(EVP_PKEY_encrypt_init(encrypt_ctx) == 1 &&
	      EVP_PKEY_CTX_set_rsa_padding(encrypt_ctx, RSA_NO_PADDING) == 1,
	      "EVP_PKEY_encrypt_init");
	BN_free(n);
	EVP_PKEY_free(key);
}

/* ---- the operations -------------------------------------------------------- */

typedef bool operation(void);

static bool ours_sign(void)
{
	u8 rnd[MHSM_P256_RANDOM_BYTES + MHSM_P256_BLIND_BYTES];

	return RAND_bytes(rnd, sizeof(rnd)) == 1 &&
	       mhsm_p256_sign(sig, priv, digest, 32, rnd,
			      rnd + MHSM_P256_RANDOM_BYTES) == 0;
}

static bool theirs_sign(void)
{
	u8 out[80];
	size_t len = sizeof(out);

	return EVP_PKEY_sign(sign_ctx, out, &len, digest, 32) == 1;
}

static bool ours_verify(void)
{
	return mhsm_p256_verify(pub, digest, 32, sig) == 0;
}

static bool theirs_verify(void)
{
	return EVP_PKEY_verify(verify_ctx, der_sig, der_sig_len, digest, 32) == 1;
}

static bool ours_ecdh(void)
{
	u8 x[32];

	return mhsm_p256_ecdh(x, priv, peer_pub) == 0;
}

static bool theirs_ecdh(void)
{
	u8 x[32];
	size_t len = sizeof(x);

	return EVP_PKEY_derive(derive_ctx, x, &len) == 1;
}

static bool ours_keygen(void)
{
	u8 rnd[MHSM_P256_RANDOM_BYTES], d[32], xy[64];

	return RAND_bytes(rnd, sizeof(rnd)) == 1 && mhsm_p256_keygen(d, xy, rnd) == 0;
}

static bool theirs_keygen(void)
{
	EVP_PKEY *key = NULL;
	bool ok = EVP_PKEY_keygen(keygen_ctx, &key) == 1;

	EVP_PKEY_free(key);
	return ok;
}

static bool ours_rsa(void)
{
	u8 out[256];

	return mhsm_rsa_public(out, modulus, sizeof(modulus), exponent, 3, plain,
			       &scratch) == 0;
}

static bool theirs_rsa(void)
{
	u8 out[256];
	size_t len = sizeof(out);

	return EVP_PKEY_encrypt(encrypt_ctx, out, &len, plain, sizeof(plain)) == 1;
}

/* The order matters: verify uses what sign has left. */
static const struct figure {
	const char *name;
	operation *ours, *theirs;
} figures[] = {
	{ "native/p256/sign", ours_sign, theirs_sign },
	{ "native/p256/verify", ours_verify, theirs_verify },
	{ "native/p256/ecdh", ours_ecdh, theirs_ecdh },
	{ "native/p256/keygen", ours_keygen, theirs_keygen },
	{ "native/rsa2048/public", ours_rsa, theirs_rsa },
};

/* ---- measuring -------------------------------------------------------------- */

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Operations per second over at least 'seconds'. */
static double rate(operation *op, double seconds, const char *what)
{
	double start = cpu_seconds(), passed;
	unsigned int i, count = 0;

	do {
		for (i = 0; i < 16; i++)
			check(op(), what);
		count += 16;
		passed = cpu_seconds() - start;
	} while (passed < seconds);
	return count / passed;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] :
			   (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void measure(const struct figure *f, int rounds, double seconds, bool json)
{
	double ours[MAX_ROUNDS], theirs[MAX_ROUNDS], mine, peer;
	int i;

	/* once for the caches and the processor's clock */
	rate(f->ours, seconds / 4, f->name);
	rate(f->theirs, seconds / 4, f->name);
	for (i = 0; i < rounds; i++) {
		ours[i] = rate(f->ours, seconds, f->name);
		theirs[i] = rate(f->theirs, seconds, f->name);
	}
	mine = median(ours, rounds);
	peer = median(theirs, rounds);
	if (json)
		printf("{\"name\": \"%s\", \"unit\": \"op/s\", \"ours\": %.0f, "
		       "\"peer\": \"openssl\", \"theirs\": %.0f, \"ratio\": %.3f}\n",
		       f->name, mine, peer, mine / peer);
	else
		printf("%-24s %10.0f %10.0f %7.2f\n", f->name, mine, peer, mine / peer);
	fflush(stdout);
}

static int number(const char *text, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > max) {
		fprintf(stderr, "native: %s: not a number in 1..%d\n", text, max);
		exit(2);
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "ms", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, rounds = 11, ms = 50;
	bool json = false;
	size_t i;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = true;
			break;
		case 'r':
			rounds = number(optarg, MAX_ROUNDS);
			break;
		case 'm':
			ms = number(optarg, 60000);
			break;
		default:
			fprintf(stderr, "usage: native [--json] [--rounds N] [--ms N]\n");
			return 2;
		}
	}

	set_up_ec();
	set_up_rsa();
	if (!json)
		printf("%-24s %10s %10s %7s\n", "op/s", "ours", "openssl", "ratio");
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		measure(&figures[i], rounds, ms / 1000.0, json);
	EVP_PKEY_CTX_free(sign_ctx);
	EVP_PKEY_CTX_free(verify_ctx);
	EVP_PKEY_CTX_free(derive_ctx);
	EVP_PKEY_CTX_free(keygen_ctx);
	EVP_PKEY_CTX_free(encrypt_ctx);
	return 0;
}
