// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/p256.c kmod/pk/pk_env.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/ed25519.c
 *	kmod/pk/rsa_private.c kmod/pk/rsa_ifma.c kmod/pk/mont52.c kmod/pk/rsa_key.c
 *	kmod/pk/mont_pow.c kmod/pk/prime.c kmod/pk/pkcs1.c
 *	kmod/pk/x25519.c kmod/pk/ge25519.c kmod/pk/ge25519_mul.c kmod/pk/fe25519.c
 *	kmod/pk/sc25519.c kmod/pk/p384.c kmod/pk/p521.c kmod/pk/k256.c -lcrypto
 */
/*
 * The module's public-key arithmetic, built in user space, beside OpenSSL's.
 *
 * usage: native [--json] [--rounds N] [--ms N] [NAME]...
 *
 * With names, figures that begin so, only.
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

#include "kmod/pk/ed25519.h"
#include "kmod/pk/rsa.h"
#include "kmod/pk/x25519.h"

#define MAX_ROUNDS 101

/* ---- operands, known to both sides ------------------------------------------ */

static u8 digest[32];
static u8 modulus[256], exponent[3], plain[256];
static EVP_PKEY_CTX *encrypt_ctx;
static struct mhsm_rsa_scratch scratch;

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "native: %s failed\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

#include "tests/bench/native_rsa.h"

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

/* ---- Ed25519 and X25519 ------------------------------------------------------ */

static u8 ed_priv[32], ed_pub[32], ed_sig[64], x_priv[32], x_peer[32];
static EVP_MD_CTX *ed_sign_ctx, *ed_verify_ctx, *ed_hash_ctx;
static EVP_PKEY_CTX *ed_keygen_ctx, *x_derive_ctx, *x_keygen_ctx;
static EVP_MD *ed_md;

static int ed_sha512(void *ctx, const struct mhsm_part *parts, unsigned int count, u8 out[64])
{
	int ok = EVP_DigestInit_ex2(ctx, ed_md, NULL);

	for (; count--; parts++)
		ok &= EVP_DigestUpdate(ctx, parts->p, parts->n);
	return ok & EVP_DigestFinal_ex(ctx, out, NULL) ? 0 : -EIO;
}

static struct mhsm_ed25519_hash ed_hash = { ed_sha512, NULL };

static void set_up_25519(void)
{
	EVP_PKEY *key, *peer;
	size_t len = 32;

	ed_md = EVP_MD_fetch(NULL, "SHA512", NULL);
	ed_hash_ctx = EVP_MD_CTX_new();
	ed_hash.ctx = ed_hash_ctx;
	ed_sign_ctx = EVP_MD_CTX_new();
	ed_verify_ctx = EVP_MD_CTX_new();
	check(ed_md && ed_hash_ctx && ed_sign_ctx && ed_verify_ctx, "EVP_MD_CTX_new");
	check(RAND_bytes(ed_priv, 32) == 1 && RAND_bytes(x_priv, 32) == 1 &&
	      RAND_bytes(x_peer, 32) == 1, "RAND_bytes");
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, ed_priv, 32);
	check(EVP_PKEY_get_raw_public_key(key, ed_pub, &len) == 1, "reading a public key");
	check(EVP_DigestSignInit(ed_sign_ctx, NULL, NULL, NULL, key) == 1, "EVP_DigestSignInit");
	check(EVP_DigestVerifyInit(ed_verify_ctx, NULL, NULL, NULL, key) == 1,
	      "EVP_DigestVerifyInit");
	ed_keygen_ctx = EVP_PKEY_CTX_new(key, NULL);
	check(EVP_PKEY_keygen_init(ed_keygen_ctx) == 1, "EVP_PKEY_keygen_init");
	EVP_PKEY_free(key);

	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, x_priv, 32);
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, x_peer, 32);
	x_derive_ctx = EVP_PKEY_CTX_new(key, NULL);
	check(EVP_PKEY_derive_init(x_derive_ctx) == 1 &&
	      EVP_PKEY_derive_set_peer(x_derive_ctx, peer) == 1, "EVP_PKEY_derive_init");
	x_keygen_ctx = EVP_PKEY_CTX_new(key, NULL);
	check(EVP_PKEY_keygen_init(x_keygen_ctx) == 1, "EVP_PKEY_keygen_init");
	EVP_PKEY_free(key);
	EVP_PKEY_free(peer);
}

static void clean_up_25519(void)
{
	EVP_MD_CTX_free(ed_sign_ctx);
	EVP_MD_CTX_free(ed_verify_ctx);
	EVP_MD_CTX_free(ed_hash_ctx);
	EVP_MD_free(ed_md);
	EVP_PKEY_CTX_free(ed_keygen_ctx);
	EVP_PKEY_CTX_free(x_derive_ctx);
	EVP_PKEY_CTX_free(x_keygen_ctx);
}

static bool ours_ed25519_sign(void)
{
	u8 blind[32];

	return RAND_bytes(blind, 32) == 1 &&
	       mhsm_ed25519_sign(ed_sig, ed_priv, ed_pub, digest, 32, blind, &ed_hash) == 0;
}

static bool theirs_ed25519_sign(void)
{
	u8 out[64];
	size_t len = sizeof(out);

	return EVP_DigestSign(ed_sign_ctx, out, &len, digest, 32) == 1;
}

static bool ours_ed25519_verify(void)
{
	return mhsm_ed25519_verify(ed_pub, digest, 32, ed_sig, &ed_hash) == 0;
}

static bool theirs_ed25519_verify(void)
{
	return EVP_DigestVerify(ed_verify_ctx, ed_sig, 64, digest, 32) == 1;
}

static bool ours_ed25519_keygen(void)
{
	u8 rnd[32], d[32], out[32];

	return RAND_bytes(rnd, 32) == 1 && mhsm_ed25519_keygen(d, out, rnd, &ed_hash) == 0;
}

static bool ossl_keygen(EVP_PKEY_CTX *ctx)
{
	EVP_PKEY *key = NULL;
	bool ok = EVP_PKEY_keygen(ctx, &key) == 1;

	EVP_PKEY_free(key);
	return ok;
}

static bool theirs_ed25519_keygen(void)
{
	return ossl_keygen(ed_keygen_ctx);
}

static bool ours_x25519(void)
{
	u8 out[32];

	return mhsm_x25519_shared(out, x_priv, x_peer) == 0;
}

static bool theirs_x25519(void)
{
	u8 out[32];
	size_t len = sizeof(out);

	return EVP_PKEY_derive(x_derive_ctx, out, &len) == 1;
}

static bool ours_x25519_keygen(void)
{
	u8 rnd[32], d[32], out[32];

	return RAND_bytes(rnd, 32) == 1 && mhsm_x25519_keygen(d, out, rnd) == 0;
}

static bool theirs_x25519_keygen(void)
{
	return ossl_keygen(x_keygen_ctx);
}

#include "tests/bench/native_ec.h"

/* The order matters: verify uses what sign has left. */
static const struct figure {
	const char *name;
	operation *ours, *theirs;
} figures[] = {
	EC_FIGURES(p256),
	{ "native/rsa2048/public", ours_rsa, theirs_rsa },
	RSA_FIGURES,
	{ "native/ed25519/sign", ours_ed25519_sign, theirs_ed25519_sign },
	{ "native/ed25519/verify", ours_ed25519_verify, theirs_ed25519_verify },
	{ "native/ed25519/keygen", ours_ed25519_keygen, theirs_ed25519_keygen },
	{ "native/x25519/derive", ours_x25519, theirs_x25519 },
	{ "native/x25519/keygen", ours_x25519_keygen, theirs_x25519_keygen },
	EC_FIGURES(p384),
	EC_FIGURES(p521),
	EC_FIGURES(k256),
};

static const struct figure ifma_figures[] = { RSA_IFMA_FIGURES };

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
	unsigned int i, count = 0, batch = 1;

	do {
		for (i = 0; i < batch; i++)
			check(op(), what);
		count += batch;
		passed = cpu_seconds() - start;
		if (batch < 16 && passed < seconds / 16)
			batch *= 2;
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

/* Is the figure one of those that are asked for? None means all. */
static bool is_chosen(const struct figure *f, char *const names[])
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strncmp(f->name, *names, strlen(*names)))
			return true;
	return false;
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
			fprintf(stderr, "usage: native [--json] [--rounds N] [--ms N] [NAME]...\n");
			return 2;
		}
	}

	check(RAND_bytes(digest, sizeof(digest)) == 1, "RAND_bytes");
	set_up_curves();
	set_up_rsa();
	rsa_set_up(&rsa_2048);
	rsa_set_up(&rsa_3072);
	rsa_set_up(&rsa_4096);
	set_up_25519();
	if (!json)
		printf("%-24s %10s %10s %7s\n", "op/s", "ours", "openssl", "ratio");
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (is_chosen(&figures[i], argv + optind))
			measure(&figures[i], rounds, ms / 1000.0, json);
	for (i = 0; mhsm_mont52_available() && i < sizeof(ifma_figures) / sizeof(*ifma_figures); i++)
		if (is_chosen(&ifma_figures[i], argv + optind))
			measure(&ifma_figures[i], rounds, ms / 1000.0, json);
	tear_down_curves();
	EVP_PKEY_CTX_free(encrypt_ctx);
	rsa_tear_down(&rsa_2048);
	rsa_tear_down(&rsa_3072);
	rsa_tear_down(&rsa_4096);
	clean_up_25519();
	return 0;
}
