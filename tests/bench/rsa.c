// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm -lcrypto */
/*
 * RSA-2048 signatures (PKCS#1 v1.5, SHA-256, of a digest) through a key fd beside the kernel's own: pkcs1pad(rsa,sha256)
 * behind keyctl(KEYCTL_PKEY_SIGN) of an asymmetric key. In a guest, with an active HSM, as an administrator:
 *
 * usage: rsa [ROUNDS [MILLISECONDS]]
 *
 * Each side has a key of its own; a signature of each is verified by OpenSSL before they are timed. Needs pkcs8_key_parser.
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"

#define SIG 256

static int key_fd;
static long serial;
static uint8_t digest[MHSM_SHA256_LEN], sig[SIG];
static double seconds;

static void ours(void)
{
	size_t len = sizeof(sig);
	int ret;

	while ((ret = mhsm_sign(key_fd, MHSM_ALG_RS256, 0, digest, sizeof(digest), sig, &len)) == -ENOBUFS)
		sched_yield();
	bench_check(ret, "signing with the key fd");
}

static void theirs(void)
{
	const struct keyctl_pkey_params params = { .key_id = (int32_t)serial, .in_len = sizeof(digest), .out_len = SIG };
	long n = syscall(SYS_keyctl, KEYCTL_PKEY_SIGN, &params, "enc=pkcs1 hash=sha256", digest, sig);

	bench_check(n < 0 ? -errno : n == SIG ? 0 : -EIO, "KEYCTL_PKEY_SIGN");
}

static double run(int side, void *context)
{
	double start = bench_now(), passed;
	long count = 0;

	(void)context;
	do {
		if (side)
			theirs();
		else
			ours();
		count++;
		passed = bench_now() - start;
	} while (passed < seconds);
	return (double)count / passed;
}

static void check(EVP_PKEY *key, const char *what)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	if (!key || !ctx || EVP_PKEY_verify_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) <= 0 ||
	    EVP_PKEY_verify(ctx, sig, sizeof(sig), digest, sizeof(digest)) != 1)
		bench_check(-EILSEQ, what);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void set_up_ours(void)
{
	const struct mhsm_key_spec spec = {
		.type = MHSM_KEY_RSA, .param = 2048, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};
	int session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	uint8_t spki[1024];
	const uint8_t *at = spki;
	size_t len = sizeof(spki);

	key_fd = bench_check(mhsm_key_create(session, &spec), "generating a session key");
	close(session);
	bench_check(mhsm_public_key(key_fd, spki, &len), "the public key");
	ours();
	check(d2i_PUBKEY(NULL, &at, (long)len), "verifying our signature");
}

static void set_up_theirs(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
	uint8_t *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	bench_check(len > 0 ? 0 : -EIO, "generating an RSA key");
	serial = syscall(SYS_add_key, "asymmetric", "bench", der, (size_t)len, KEY_SPEC_PROCESS_KEYRING);
	bench_check(serial < 0 ? -errno : 0, "adding a key to the keyring (modprobe pkcs8_key_parser)");
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	theirs();
	check(key, "verifying the kernel's signature");
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 11;

	seconds = (argc > 2 ? atoi(argv[2]) : 500) / 1000.0;
	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX || seconds <= 0) {
		fprintf(stderr, "usage: rsa [ROUNDS [MILLISECONDS]], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	bench_bind(0);
	memset(digest, 0x5a, sizeof(digest));
	set_up_ours();
	set_up_theirs();
	bench_versus("guest/rsa2048-sign/ioctl", "op/s", "pkcs1pad(rsa)", rounds, run, NULL);
	return 0;
}
