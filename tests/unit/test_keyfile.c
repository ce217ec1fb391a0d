// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/sdexport.c kmod/hpke.c kmod/jwe.c kmod/kdf.c kmod/shamir.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/rsa.c
 * kmod/pk/p256.c kmod/pk/pk_env.c
 * daemon/quorum/prim.c daemon/quorum/sdfile.c daemon/quorum/jwe_open.c daemon/quorum/ceremony.c
 * daemon/quorum/keyfile.c daemon/quorum/channel.c daemon/quorum/serve.c daemon/quorum/lock.c
 * pkg:libseccomp -ljansson -lcrypto
 */
/* The key files that custodians send: every form that is taken, and what must be refused without harm. */
#include "tests/unit/quorum_run.h"
#include <openssl/pkcs12.h>

/* PKCS#8 with PBES2, written as PEM; takes @alg */
static int pkcs8_file(EVP_PKEY *key, const char *passphrase, X509_ALGOR *alg)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	BIO *bio = BIO_new(BIO_s_mem());
	X509_SIG *sig;

	assert_non_null(alg);
	sig = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, alg);
	assert_non_null(sig);
	PEM_write_bio_PKCS8(bio, sig);
	X509_SIG_free(sig);
	PKCS8_PRIV_KEY_INFO_free(info);
	return file_of_bio(bio);
}

static int encrypted(EVP_PKEY *key, const char *passphrase)
{
	return pkcs8_file(key, passphrase, PKCS5_pbe2_set(EVP_aes_256_cbc(), 2048, NULL, 0));
}

static int scrypt_file(EVP_PKEY *key, uint64_t n, uint64_t r, uint64_t p)
{
	return pkcs8_file(key, "s", PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, n, r, p));
}

/* One that says two thousand million iterations; what is encrypted does not matter */
static int costly_file(void)
{
	X509_ALGOR *alg = PKCS5_pbe2_set(EVP_aes_256_cbc(), 2000000000, NULL, 0), *to;
	X509_SIG *sig = X509_SIG_new();
	BIO *bio = BIO_new(BIO_s_mem());
	ASN1_OCTET_STRING *text;

	X509_SIG_getm(sig, &to, &text);
	assert_int_equal(X509_ALGOR_copy(to, alg), 1);
	ASN1_OCTET_STRING_set(text, (const unsigned char *)"0123456789abcdef", 16);
	PEM_write_bio_PKCS8(bio, sig);
	X509_ALGOR_free(alg);
	X509_SIG_free(sig);
	return file_of_bio(bio);
}

static int text_file(const char *text)
{
	return file_of(text, strlen(text));
}

static void test_passphrases(void **state)
{
	char *sd = custodian_sdfile(c, 3, 3, datum);
	static char long_passphrase[MHSM_PASSPHRASE_MAX + 10];
	BIO *bio = BIO_new(BIO_s_mem());
	int ends[2];

	(void)state;
	start(sd);
	try_files(encrypted(c[0].key, "secret"), -1, "BadPassphrase");
	try_files(encrypted(c[0].key, "secret"), text_file("Secret\n"), "BadPassphrase");
	try_files(encrypted(c[0].key, "secret"), text_file(""), "BadPassphrase");
	try_files(encrypted(c[0].key, "secret"), text_file("secret\n\n"), "BadPassphrase");
	try_files(costly_file(), text_file("secret"), "BadKeyFile");
	memset(long_passphrase, 'x', sizeof(long_passphrase) - 1);
	try_files(encrypted(c[0].key, "secret"), text_file(long_passphrase), "BadKeyFile");
	try_files(encrypted(c[0].key, "secret"), open("/", O_RDONLY), "BadKeyFile");
	try_files(encrypted(c[0].key, "secret"), text_file("secret\n"), "");
	expect_event("approved", 1);

	/* both through pipes; a passphrase without newline; scrypt */
	PEM_write_bio_PKCS8PrivateKey(bio, c[1].key, EVP_aes_128_cbc(), "a b", 3, NULL, NULL);
	char *p;
	long len = BIO_get_mem_data(bio, &p);
	int key_ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(key_ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "a b", 3), 3);
	assert_int_equal(write(key_ends[1], p, (size_t)len), len);
	close(ends[1]);
	close(key_ends[1]);
	try_files(key_ends[0], ends[0], "");
	BIO_free(bio);
	expect_event("approved", 2);

	/* the traditional form, encrypted */
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey_traditional(bio, c[2].key, EVP_aes_128_cbc(), (const unsigned char *)"old", 3, NULL, NULL);
	len = BIO_get_mem_data(bio, &p);
	try_files(file_of(p, (size_t)len), text_file("new"), "BadPassphrase");
	try_files(file_of(p, (size_t)len), -1, "BadPassphrase");
	BIO_free(bio);
	expect_end(MHSM_SERVE_STOPPED);
	free(sd);
}

static void test_key_files(void **state)
{
	char *sd = custodian_sdfile(c, 3, 3, datum), *text;
	EVP_PKEY *ec = EVP_EC_gen("P-256"), *small = EVP_RSA_gen(1024);
	static char large[MHSM_KEYFILE_MAX + 1];
	BIO *bio = BIO_new(BIO_s_mem());
	int ends[2], fd;
	size_t n;
	long len;

	(void)state;
	start(sd);
	try_files(pem(ec), -1, "BadKeyFile");
	try_files(pem(small), -1, "BadKeyFile");
	try_files(text_file(""), -1, "BadKeyFile");
	try_files(text_file("no PEM at all\n"), -1, "BadKeyFile");
	PEM_write_bio_PUBKEY(bio, c[0].key);
	PEM_write_bio_X509(bio, c[0].cert);
	try_files(file_of_bio(bio), -1, "BadKeyFile");
	memset(large, '\n', sizeof(large));
	try_files(file_of(large, sizeof(large)), -1, "BadKeyFile");
	try_files(open("/", O_RDONLY), -1, "BadKeyFile");
	try_files(open("/dev/zero", O_RDONLY), -1, "BadKeyFile");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	try_files(ends[0], -1, "BadKeyFile");
	close(ends[1]);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]); /* or it would be waited for, as for any pipe */
	try_files(ends[1], -1, "BadKeyFile"); /* not for reading */
	try_files(scrypt_file(c[0].key, 1024, 8, 500), -1, "BadKeyFile");

	/* truncated at every 50th byte */
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, c[0].key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(bio, &text);
	for (n = 0; n < (size_t)len - 20; n += 50)
		try_files(file_of(text, n), -1, "BadKeyFile");
	BIO_free(bio);

	/* good ones: the traditional form; scrypt; one whose offset is at its end */
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey_traditional(bio, c[0].key, NULL, NULL, 0, NULL, NULL);
	try_files(file_of_bio(bio), -1, "");
	expect_event("approved", 1);
	try_files(scrypt_file(c[1].key, 1024, 8, 1), text_file("s"), "");
	expect_event("approved", 2);
	fd = pem(c[1].key);
	lseek(fd, 0, SEEK_END);
	try_files(fd, -1, "AlreadyApproved");
	expect_end(MHSM_SERVE_STOPPED);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(small);
	free(sd);
}

/* A pipe that never ends keeps the others out for so long only */
static void test_endless_pipe(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	int ends[2];

	(void)state;
	client_ms = 3000;
	start(sd);
	client_ms = PATIENCE;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "-----BEGIN", 10), 10);
	try_files(ends[0], -1, "BadKeyFile");
	close(ends[1]);
	approve_ok(0, 1, "waiting");
	expect_end(MHSM_SERVE_STOPPED);
	free(sd);
}

/* A key whose prime has many thousand bits would keep the process at work for days; it must be refused at once */
static void test_monstrous_key(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	static u8 big[5000];
	BIGNUM *n = NULL, *e = NULL, *d = NULL, *p, *q = NULL, *dp = NULL, *dq = NULL, *qi = NULL;
	RSA *rsa;
	BIO *bio = BIO_new(BIO_s_mem());

	(void)state;
	memset(big, 0xff, sizeof(big));
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_N, &n);
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_E, &e);
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_D, &d);
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_FACTOR2, &q);
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_EXPONENT2, &dq);
	EVP_PKEY_get_bn_param(c[0].key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &qi);
	p = BN_bin2bn(big, sizeof(big), NULL);
	dp = BN_dup(p);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	rsa = RSA_new();
	RSA_set0_key(rsa, n, e, d);
	RSA_set0_factors(rsa, p, q);
	RSA_set0_crt_params(rsa, dp, dq, qi);
	PEM_write_bio_RSAPrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL);
	RSA_free(rsa);
#pragma GCC diagnostic pop
	start(sd);
	try_files(file_of_bio(bio), -1, "BadKeyFile");
	approve_ok(0, 1, "waiting");
	expect_end(MHSM_SERVE_STOPPED);
	free(sd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passphrases),
		cmocka_unit_test(test_key_files),
		cmocka_unit_test(test_endless_pipe),
		cmocka_unit_test(test_monstrous_key),
	};

	return cmocka_run_group_tests(tests, quorum_setup, quorum_teardown);
}
